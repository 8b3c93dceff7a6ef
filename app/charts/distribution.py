"""A distribution of response times made ready for drawing: bars, lines and what has to be said beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.formats import duration, ms, number, percent
from sim.measures import Floats, Numbers, order_statistic

_BINS = 80  # at most, about
_TAIL = 0.999  # what is drawn; the last thousandth would squeeze everything else to the left
_FAR = 4.0  # times the slowest: a limit beyond is not drawn to scale, for the same reason


@dataclass(frozen=True)
class Line:
    """Across the distribution: a limit solid, a measured percentile dashed; ``far`` beyond the edge, only its text."""

    at_ms: float
    text: str
    dashed: bool
    far: bool = False


@dataclass(frozen=True)
class Distribution:
    """Bars of requests between ``from_ms`` and ``to_ms``.

    Attributes
    ----------
    bars
        Only those that hold something: ``from_ms``, ``to_ms``, ``percent`` of the requests and ``late``. A bar holds
        its right edge, as a limit does.
    right_ms
        Where the drawing ends.
    notes
        What is not drawn, in words.
    """

    requests: int
    bars: pd.DataFrame
    step_ms: float
    right_ms: float
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    within: float | None  # fraction within the limit

    @property
    def title(self) -> str:
        """Of the axis of response times."""
        return "response time [ms]" + (f" – {', '.join(self.notes)}" if self.notes else "")

    @property
    def told(self) -> str:
        """In words, for those who do not see it."""
        text = ", ".join([f"Response times of {number(self.requests)} requests", *(line.text for line in self.lines)])
        return text + ("." if self.within is None else f", {percent(self.within)} within the limit.")


def distribution(values_ms: Floats, numbers: Numbers, limit_ms: float | None, percentile: float | None) -> Distribution:
    """Of how many requests took how long [ms], increasing; what was never answered is infinite."""
    asked, finite = int(numbers.sum()), np.isfinite(values_ms)
    answered, upto = values_ms[finite], np.cumsum(numbers[finite])
    last = order_statistic(answered, upto, _TAIL) if len(answered) else 0.0
    far = limit_ms is not None and 0 < _FAR * last < limit_ms
    right = last * 1.5 if far else max(last * 1.05, (limit_ms or 0.0) * 1.1) or 1.0
    step = nice(right / _BINS)
    edges = _edges(right, step, limit_ms)
    right = float(edges[-1])
    found = None
    if percentile is not None and asked:
        found = order_statistic(values_ms, np.cumsum(numbers), percentile)
    return Distribution(
        requests=asked,
        bars=_bars(answered, numbers[finite], asked, edges, limit_ms),
        step_ms=step,
        right_ms=right,
        lines=tuple(_lines(found, percentile, limit_ms, right if far else None)),
        notes=tuple(_notes(answered, numbers[finite], asked, right)),
        within=None
        if limit_ms is None or not asked
        else _upto(answered, numbers[finite], np.array([limit_ms]))[0] / asked,
    )


def _upto(values: Floats, numbers: Numbers, edges: Floats) -> Numbers:
    """Requests within each edge, however that was rounded."""
    return np.append(0, np.cumsum(numbers))[np.searchsorted(values, edges * (1 + 1e-12), side="right")]


def nice(least: float) -> float:
    """The smallest of 1, 2, 5, 10 … that is not below ``least``.

    >>> nice(0.13), nice(7), nice(20)
    (0.2, 10.0, 20.0)
    """
    power = math.floor(math.log10(least))
    return next(found for one in (1, 2, 5, 10) if (found := float(f"{one}e{power}")) >= least * (1 - 1e-9))


def _edges(right: float, step: float, limit: float | None) -> Floats:
    """From zero to at least ``right``; the limit is one of them, so the first bar may be narrower."""
    anchor = limit if limit is not None and 0 < limit < right else 0.0
    before = math.floor(anchor / step + 1e-9)
    after = math.ceil((right - anchor) / step - 1e-9)
    edges = anchor + np.arange(-before, after + 1) * step
    kept = (edges > step * 1e-6) | (edges == anchor)  # what rounding left of zero is no edge, however near a limit is
    return np.append(0.0, edges[kept & (edges > 0)])


def _bars(answered: Floats, numbers: Numbers, asked: int, edges: Floats, limit: float | None) -> pd.DataFrame:
    upto = _upto(answered, numbers, edges)
    upto[0] = 0
    counts = np.diff(upto)
    late = np.zeros(len(counts), dtype=bool) if limit is None else edges[:-1] >= limit
    bars = {"from_ms": edges[:-1], "to_ms": edges[1:], "percent": counts * (100 / max(asked, 1)), "late": late}
    return pd.DataFrame(bars)[counts > 0].reset_index(drop=True)


def _lines(
    found: float | None, percentile: float | None, limit_ms: float | None, edge_ms: float | None
) -> Iterator[Line]:
    """The percentile, then the limit; beyond the edge where one is given."""
    if found is not None and percentile is not None and math.isfinite(found):
        yield Line(found, f"p{percentile * 100:g} {ms(found / 1e3)} ms", dashed=True)
    if limit_ms is not None:
        text = f"limit {duration(limit_ms / 1e3)}"
        if edge_ms is None:
            yield Line(limit_ms, text, dashed=False)
        else:
            yield Line(edge_ms, f"{text} →", dashed=False, far=True)


def _notes(answered: Floats, numbers: Numbers, asked: int, right: float) -> Iterator[str]:
    total = int(numbers.sum())
    beyond = total - int(_upto(answered, numbers, np.array([right]))[0])
    if beyond:
        yield f"{percent(beyond / asked, 2)} took longer than shown"
    if total < asked:
        yield f"{number(asked - total)} of {number(asked)} were never answered"
