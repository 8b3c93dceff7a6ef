"""What happened when: one strip of columns for each queue, each pool at work and each workload, on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from app.charts.canvas import Canvas
from app.charts.distribution import nice
from app.charts.look import PART, Mark, Scheme
from planner.formats import duration

if TYPE_CHECKING:
    import altair as alt

_WIDTH, _STRIP, _ROW = 740.0, 34.0, 66.0  # [px]
_MARK = {"waiting": PART["waiting"], "busy": PART["service"], "response": PART["network"]}
MOST_COLUMNS = 120
"""Of a strip; where there are more steps the largest of several stands for them."""


def timeline_chart(strips: pd.DataFrame, scheme: Scheme = "page") -> alt.LayerChart:
    """Every strip on a scale of its own, from zero; its name and its largest value are written above it.

    Parameters
    ----------
    strips
        ``strip`` (its name), ``kind`` (waiting, busy or response), ``t_s`` and ``step_s`` (begin and length of the
        step), ``value`` (``nan``: nothing to be measured) and ``largest`` (of the strip, as text).
    """
    canvas = Canvas()
    end = float((strips["t_s"] + strips["step_s"]).max()) if len(strips) else 1.0
    y = 0.0
    for name, rows in strips.groupby("strip", sort=False):
        mark, largest = _MARK[str(rows["kind"].iloc[0])], str(rows["largest"].iloc[0])
        canvas.mark(6, y + 8, mark)
        canvas.text(16, y + 8, f"{name}: at most {largest}", bold=True)
        _strip(canvas, rows, mark, _WIDTH / end, y + 20)
        y += _ROW
    if strips.empty:
        canvas.text(0, 8, "nothing happened")
        y += _ROW
    else:
        _axis(canvas, end, y)
    names = ", ".join(dict.fromkeys(strips["strip"]))
    return canvas.chart(_WIDTH, y + 24, scheme, f"Over {duration(end)}: {names or 'nothing'}.")


def _strip(canvas: Canvas, rows: pd.DataFrame, mark: Mark, scale: float, y: float) -> None:
    """Columns over a line."""
    finite = [value for value in rows["value"] if math.isfinite(value)]
    height = _STRIP / max(finite, default=0.0) if max(finite, default=0.0) > 0 else 0.0
    canvas.line(0, y + _STRIP, _WIDTH, y + _STRIP)
    for begin, length, value in _columns(rows):
        tall = _STRIP if math.isinf(value) else value * height
        if tall > 0:  # what is not a number neither
            tip = f"{duration(begin)}: {value:.4g}"
            canvas.box(begin * scale, y + _STRIP - tall, length * scale, tall, mark, tip)


def _columns(rows: pd.DataFrame) -> Sequence[tuple[float, float, float]]:
    """(begin, length, value) of as many as can be told apart."""
    together = math.ceil(len(rows) / MOST_COLUMNS)
    found = []
    for first in range(0, len(rows), together):
        some = rows.iloc[first : first + together]
        found.append((float(some["t_s"].iloc[0]), float(some["step_s"].sum()), float(some["value"].max())))
    return found


def _axis(canvas: Canvas, end: float, y: float) -> None:
    step = nice(end / 8)
    for number in range(math.floor(end / step * (1 + 1e-9)) + 1):
        last = number * step > 0.97 * end
        canvas.text(number * step / end * _WIDTH, y + 4, duration(number * step), align="right" if last else "left")
