"""Single requests as waterfalls: one bar for each wait, link and service, below those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from app.charts.canvas import Canvas, text_width
from app.charts.look import PART, Scheme
from planner.formats import ms

if TYPE_CHECKING:
    import altair as alt

_WIDTH, _ROW, _BAR, _LABELS, _GAP = 740.0, 20.0, 13.0, 252.0, 14.0  # [px]
_VALUE = 64.0  # room for the time behind the longest bar [px]
_LEAST = 3.0  # width of the shortest bar [px]

_PART = {"wait": "waiting", "transmission": "network", "propagation": "network", "service": "service"}
_SAID = {"wait": "wait at", "transmission": "sent over", "propagation": "on", "service": ""}


def waterfall_chart(steps: pd.DataFrame, scheme: Scheme = "page") -> alt.LayerChart:
    """Each request under its name, on a scale of its own from its birth to its end; every time is written.

    Parameters
    ----------
    steps
        ``request``, ``task``, ``what`` (wait, transmission, propagation or service), ``where``, ``begin_ms`` and
        ``end_ms`` after the birth, in the order of drawing.
    """
    canvas = Canvas()
    y = _legend(canvas)
    for name, rows in steps.groupby("request", sort=False):
        y = _request(canvas, str(name), rows, y)
    if steps.empty:
        canvas.text(0, y + 8, "no request was answered")
        y += _ROW
    names = list(dict.fromkeys(steps["request"]))
    told = f"Waterfall of {'; '.join(names)}." if names else "No request was answered."
    return canvas.chart(_WIDTH, y, scheme, told)


def _legend(canvas: Canvas) -> float:
    x = 0.0
    for name, mark in PART.items():
        canvas.mark(x + 6, 8, mark)
        canvas.text(x + 16, 8, name)
        x += 34 + text_width(name)
    return 24.0


def _request(canvas: Canvas, name: str, rows: pd.DataFrame, y: float) -> float:
    """Where the next begins."""
    canvas.text(0, y + 8, name, bold=True)
    y += _ROW + 2
    whole = float(rows["end_ms"].max()) or 1.0
    scale = (_WIDTH - _LABELS - _VALUE) / whole
    canvas.line(_LABELS - 4, y - 4, _LABELS - 4, y + _ROW * len(rows) - 4)
    for row in rows.to_dict("records"):
        mark, took = PART[_PART[row["what"]]], f"{ms((row['end_ms'] - row['begin_ms']) / 1e3)} ms"
        said = " ".join(part for part in (_SAID[row["what"]], row["where"]) if part)
        x = _LABELS + row["begin_ms"] * scale
        width = max((row["end_ms"] - row["begin_ms"]) * scale, _LEAST)
        middle = y + _BAR / 2
        canvas.mark(6, middle, mark)
        canvas.text(16, middle, _fitting(f"{row['task']}: {said}"))
        canvas.box(x, y, width, _BAR, mark, f"{row['task']}, {row['what']}, {row['where']}: {took}")
        canvas.text(x + width + 5, middle, took)
        y += _ROW
    return y + _GAP


def _fitting(text: str) -> str:
    """As much of it as there is room for."""
    if text_width(text) <= _LABELS - 24:
        return text
    while text_width(text + "…") > _LABELS - 24:
        text = text[:-1]
    return text.rstrip() + "…"
