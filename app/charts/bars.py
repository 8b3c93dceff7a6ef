"""Stacked bars with every value written beside its mark: nothing has to be read off a colour or an axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.charts.canvas import Canvas
from app.charts.look import Mark, Scheme

if TYPE_CHECKING:
    import altair as alt

_WIDTH, _BAR, _ROW = 680.0, 20.0, 70.0  # [px]
_TOTAL = 170.0  # room for the total at the end of the longest bar [px]
_LEAST = 16.0  # width of a segment that has room for its mark [px]


@dataclass(frozen=True)
class Bar:
    """One row: values of parts, and a word in place of a bar where there is none."""

    name: str
    parts: Mapping[str, float]
    instead: str = ""

    @property
    def total(self) -> float:
        return sum(self.parts.values())


def bars(
    rows: Sequence[Bar],
    marks: Mapping[str, Mark],
    write: Callable[[float], str],
    unit: str,
    scheme: Scheme,
    description: str,
) -> alt.LayerChart:
    """One bar below the other on one scale: its name above, its total at its end, its parts below.

    Parts are in the order of ``marks``; those that no row has are left out.
    """
    canvas = Canvas()
    used = {name: mark for name, mark in marks.items() if any(name in row.parts for row in rows)}
    longest = max((row.total for row in rows if not row.instead), default=0.0)
    scale = (_WIDTH - _TOTAL) / longest if longest > 0 else 0.0
    for number, row in enumerate(rows):
        y = number * _ROW
        canvas.text(0, y + 8, row.name, bold=True)
        if row.instead:
            canvas.text(0, y + 18 + _BAR / 2, row.instead)
            continue
        x = 0.0
        for name, mark in used.items():
            width = row.parts.get(name, 0.0) * scale
            if width > 0:
                canvas.box(x, y + 18, width, _BAR, mark, f"{row.name}, {name}: {write(row.parts[name])} {unit}")
                if width >= _LEAST:
                    canvas.mark(x + width / 2, y + 18 + _BAR / 2, mark)
            x += width
        canvas.text(x + 8 if x else 0, y + 18 + _BAR / 2, f"{write(row.total)} {unit}", bold=True)
        _parts(canvas, row, used, write, y + 18 + _BAR + 11)
    return canvas.chart(_WIDTH, max(len(rows), 1) * _ROW - 8, scheme, description)


def _parts(canvas: Canvas, row: Bar, marks: Mapping[str, Mark], write: Callable[[float], str], y: float) -> None:
    """Every part with its value, in columns; a part that the row does not have leaves its column empty."""
    for i, (name, mark) in enumerate(marks.items()):
        if name in row.parts:
            x = i * _WIDTH / max(len(marks), 4)
            canvas.mark(x + 6, y, mark)
            canvas.text(x + 16, y, f"{name} {write(row.parts[name])}")
