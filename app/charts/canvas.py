"""A drawing in pixels, made of Altair's marks: boxes, lines, shapes and words where no axis is wanted."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from app.charts.look import SIZE, TINT, Mark, Scheme, ink, themed

if TYPE_CHECKING:
    import altair as alt

Align = Literal["left", "right"]
Row = dict[str, Any]


def text_width(text: str, bold: bool = False) -> float:
    """About how wide a text of our type and size is [px], rather too wide than too narrow."""
    letters = sum(
        0.31 if c in "iljtfI.,:;·'|!()[]/ " else 0.87 if c in "mwMW%@×–" or c.isupper() else 0.57 for c in text
    )
    return letters * SIZE * (1.1 if bold else 1.03)


class Canvas:
    """Collects what is drawn; y grows downwards."""

    def __init__(self) -> None:
        self._layers: dict[tuple[str, Hashable], list[Row]] = {}

    def box(self, x: float, y: float, width: float, height: float, mark: Mark | None = None, tip: str = "") -> None:
        """Solid and tinted in the colour of ``mark``; dashed and empty without one."""
        row = {"x": x, "y": y, "x2": x + width, "y2": y + height, "tip": tip}
        self._add("box", mark.colour if mark else None, row)

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        self._add("frame", None, {"x": x, "y": y, "x2": x + width, "y2": y + height})

    def line(self, x: float, y: float, x2: float, y2: float, heavy: bool = False) -> None:
        self._add("line", heavy, {"x": x, "y": y, "x2": x2, "y2": y2})

    def mark(self, x: float, y: float, mark: Mark) -> None:
        self._add("mark", mark.shape, {"x": x, "y": y, "colour": mark.colour})

    def text(self, x: float, y: float, text: str, bold: bool = False, align: Align = "left") -> None:
        self._add("text", (bold, align), {"x": x, "y": y, "text": text})

    def _add(self, kind: str, style: Hashable, row: Row) -> None:
        rounded = {name: round(value, 1) if isinstance(value, float) else value for name, value in row.items()}
        self._layers.setdefault((kind, style), []).append(rounded)

    def chart(self, width: float, height: float, scheme: Scheme, description: str) -> alt.LayerChart:
        """Everything collected, below what: frames, boxes, lines, shapes, words."""
        import altair as alt

        width, height = math.ceil(width), math.ceil(height)
        order = ("frame", "box", "line", "mark", "text")
        layers = sorted(self._layers.items(), key=lambda layer: order.index(layer[0][0]))
        x = alt.X("x:Q").axis(None).scale(domain=(0, width), nice=False, zero=False)
        y = alt.Y("y:Q").axis(None).scale(domain=(0, height), nice=False, zero=False, reverse=True)
        drawn = [_layer(kind, style, rows, ink(scheme)).encode(x=x, y=y) for (kind, style), rows in layers]
        whole = alt.LayerChart(layer=drawn).properties(
            width=width,
            height=height,
            description=description,
            autosize=alt.AutoSizeParams(type="none"),
        )
        return themed(whole, scheme)


def _layer(kind: str, style: Any, rows: list[Row], ink: str) -> alt.Chart:
    import altair as alt

    drawn: alt.Chart = alt.Chart(pd.DataFrame(rows))
    if kind not in ("text", "mark"):
        drawn = drawn.encode(x2="x2:Q", y2="y2:Q")
    match kind:
        case "text":
            bold, align = style
            drawn = drawn.mark_text(align=align, baseline="middle", fontWeight="bold" if bold else "normal")
            drawn = drawn.encode(text="text:N")
        case "mark":
            drawn = drawn.mark_point(shape=style, filled=True, opacity=1, size=70)
            drawn = drawn.encode(color=alt.Color("colour:N").scale(None))
        case "line":
            drawn = drawn.mark_rule(strokeWidth=3 if style else 1.3)
        case "frame":
            drawn = drawn.mark_rect(filled=False, stroke=ink, strokeOpacity=0.45, cornerRadius=8)
        case _ if style is None:
            drawn = drawn.mark_rect(filled=False, stroke=ink, strokeDash=[4, 3], strokeOpacity=0.6, cornerRadius=4)
        case _:
            drawn = drawn.mark_rect(fill=style, fillOpacity=TINT, stroke=style, strokeWidth=1.5, cornerRadius=4)
            drawn = drawn.encode(tooltip=alt.Tooltip("tip:N", title=" "))
    return drawn
