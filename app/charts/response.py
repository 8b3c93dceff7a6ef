"""The distribution of response times with its limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from app.charts.canvas import text_width
from app.charts.distribution import Distribution, Line, distribution, nice
from app.charts.look import LATE, SIZE, WITHIN, Scheme, themed
from planner.formats import number
from sim.measures import Floats, Numbers

if TYPE_CHECKING:
    import altair as alt

_WIDTH, _HEIGHT, _ROW = 640, 220, 18  # [px]


def response_chart(
    values_ms: Floats,
    numbers: Numbers,
    limit_ms: float | None = None,
    percentile: float | None = None,
    scheme: Scheme = "page",
) -> alt.LayerChart:
    """Distribution of response times with the limit and the measured percentile drawn; what is late stands out.

    Parameters
    ----------
    values_ms, numbers
        Response times [ms], increasing, and how many requests had each; what was never answered (infinite) is told
        in a note.
    limit_ms, percentile
        The requirement: this fraction of the requests within so many milliseconds; ``None`` without one.
    """
    import altair as alt

    found = distribution(values_ms, numbers, limit_ms, percentile)
    if found.bars.empty:
        return _nothing(found, scheme)
    x = alt.X("from_ms:Q").scale(domain=(0, found.right_ms), nice=False)
    x = x.axis(format=",~r", grid=False, tickCount=10).title(found.title)
    highest = float(found.bars["percent"].max())
    y = alt.Y("percent:Q").scale(domain=(0, highest * 1.3), nice=False)
    y = y.axis(format=",~r", values=_ticks(highest), domain=False, ticks=False)
    y = y.title(f"requests per {found.step_ms:g} ms [%]")
    tips = [
        alt.Tooltip("told:N", title="response"),
        alt.Tooltip("percent:Q", title="% of requests", format=".3~r"),
    ]
    bars = found.bars.assign(told=[f"{low:g}–{high:g} ms" for low, high in found.bars[["from_ms", "to_ms"]].to_numpy()])
    layers = [
        alt.Chart(rows).mark_rect(fill=mark.colour).encode(x=x, x2="to_ms:Q", y=y, y2=alt.datum(0), tooltip=tips)
        for mark, rows in ((WITHIN, bars[~bars["late"]]), (LATE, bars[bars["late"]]))
        if len(rows)
    ]
    layers += [layer for line in _placed(found.lines, found.right_ms) for layer in _drawn(line)]
    whole = alt.LayerChart(layer=layers).properties(width=_WIDTH, height=_HEIGHT, description=found.told)
    return themed(whole, scheme)


def _ticks(highest: float) -> list[float]:
    """From zero, none above what is drawn: the labels stand there."""
    step = nice(highest / 5)
    return [step * i for i in range(math.floor(highest / step + 1e-9) + 1)]


@dataclass(frozen=True)
class _Placed:
    """A line with its label in the first or the second row, right or left of it."""

    line: Line
    row: int
    leftwards: bool


def _placed(lines: Sequence[Line], right_ms: float) -> list[_Placed]:
    """No label leaves the picture, none crosses a line: who has the upper row has the longer line.

    Both to the right: the left one's label passes above the other's line. Where there is no room for that, the right
    one's label goes to the left, above the other's line, whose own label goes left too if it would run into it.
    """
    room = max((text_width(line.text, bold=True) for line in lines), default=0.0) + 10
    at = {line: line.at_ms / right_ms * _WIDTH for line in lines}
    ordered = sorted(lines, key=lambda line: line.at_ms)
    if len(ordered) < 2:
        return [_Placed(line, 0, at[line] + room > _WIDTH) for line in ordered]
    first, second = ordered
    if at[second] + room <= _WIDTH:
        return [_Placed(first, 0, False), _Placed(second, 1, False)]
    return [_Placed(first, 1, at[first] + room > at[second]), _Placed(second, 0, True)]


def _drawn(placed: _Placed) -> Iterator[alt.Chart]:
    import altair as alt

    line, y = placed.line, placed.row * _ROW
    at = alt.Chart(pd.DataFrame([{"from_ms": line.at_ms, "text": line.text}])).encode(x="from_ms:Q")
    rule = at.mark_rule(strokeWidth=1.6, strokeDash=[3, 3]) if line.dashed else at.mark_rule(strokeWidth=1.6)
    if not line.far:
        yield rule.encode(y=alt.value(y + 2), y2=alt.value(_HEIGHT))
    label = at.mark_text(
        align="right" if placed.leftwards else "left",
        dx=-5 if placed.leftwards else 5,
        baseline="middle",
        fontWeight="normal" if line.dashed else "bold",
    )
    yield label.encode(y=alt.value(y + _ROW / 2 + 1), text="text:N")


def _nothing(found: Distribution, scheme: Scheme) -> alt.LayerChart:
    import altair as alt

    told = f"none of {number(found.requests)} requests was answered"
    words = alt.Chart(pd.DataFrame([{"text": told}])).mark_text(fontSize=SIZE + 2).encode(text="text:N")
    return themed(
        alt.LayerChart(layer=[words]).properties(width=_WIDTH, height=_HEIGHT / 3, description=f"{told}."), scheme
    )
