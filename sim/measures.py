"""Estimates with 95 % intervals from replications; requests of one replication are not independent of each other.

Every function takes the values of all measured requests and, beside them, the replication each belongs to. Where
requests stand for different numbers of their like (groups sampled differently), ``weights`` say for how many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, stdtrit

Floats = npt.NDArray[np.float64]
Replications = npt.NDArray[np.intp]

LEVEL = 0.95
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}

Verdict = Literal["met", "missed", "undecided"]


@dataclass(frozen=True)
class Interval:
    """A value with the bounds of its 95 % interval: ``nan`` where none can be formed, ``inf`` where none is known."""

    value: float
    low: float
    high: float

    @property
    def precision(self) -> float:
        """Half the width as a fraction of the value; ``inf`` where no bounds are known."""
        half = (self.high - self.low) / 2
        if half == 0:
            return 0.0
        return half / abs(self.value) if math.isfinite(half) and math.isfinite(self.value) and self.value else math.inf


NOTHING = Interval(math.nan, math.nan, math.nan)


def mean(values: Floats, replication: Replications, replications: int, *, weights: Floats | None = None) -> Interval:
    """Mean over all requests."""
    if not len(values):
        return NOTHING
    if not np.isfinite(values).all():
        return Interval(math.inf, math.nan, math.nan)
    value = float(np.average(values, weights=weights))
    half = _half_width(values, value, replication, replications, weights)
    return Interval(value, value - half, value + half)


def attainment(
    values: Floats, replication: Replications, replications: int, limit: float, *, weights: Floats | None = None
) -> Interval:
    """Fraction of the requests with a value of at most ``limit``, counted exactly.

    The interval is that over replications, and never narrower than the exact binomial one (Clopper and Pearson 1934):
    a handful of requests without a miss does not prove that misses are rare.
    """
    if not len(values):
        return NOTHING
    fraction = mean((values <= limit).astype(np.float64), replication, replications, weights=weights)
    if math.isnan(fraction.low):
        return fraction
    low, high = _binomial(*_successes(values <= limit, weights))
    return Interval(fraction.value, max(0.0, min(fraction.low, low)), min(1.0, max(fraction.high, high)))


def quantile(
    values: Floats, replication: Replications, replications: int, p: float, *, weights: Floats | None = None
) -> Interval:
    """The smallest value that a fraction ``p`` of the requests does not exceed.

    The interval is that of the attainment at this value, carried back through the sample (Woodruff 1952).
    """
    if not len(values):
        return NOTHING
    order = np.argsort(values, kind="stable")
    ordered, up_to = values[order], None if weights is None else np.cumsum(weights[order]) / weights.sum()

    def place(q: float) -> int:
        rank = _rank(len(ordered), q) if up_to is None else int(np.searchsorted(up_to, q - 1e-12)) + 1
        return min(max(rank, 1), len(ordered)) - 1

    value = float(ordered[place(p)])
    if replications < 2:
        return Interval(value, math.nan, math.nan)
    within = (values <= value).astype(np.float64)
    half = _half_width(within, float(np.average(within, weights=weights)), replication, replications, weights)
    _, number = _successes(within, weights)
    low, high = _binomial(round(p * number) if weights is None else p * number, number)
    below, above = place(min(p - half, low)), place(max(p + half, high))
    beyond = above == len(ordered) - 1 and ordered[0] < ordered[-1]
    return Interval(value, float(ordered[below]), math.inf if beyond else float(ordered[above]))


def verdict(attained: Interval, percentile: Interval, p: float, limit: float) -> Verdict:
    """Whether a fraction ``p`` keeps a limit: met or missed where the intervals are clear of it, else undecided."""
    if attained.low >= p and percentile.high <= limit:
        return "met"
    return "missed" if attained.high < p else "undecided"


def order_statistic(ordered: Floats, p: float) -> float:
    """Quantile of an increasing sample: its smallest value that a fraction ``p`` of it does not exceed."""
    return float(ordered[min(max(_rank(len(ordered), p), 1), len(ordered)) - 1])


def _rank(number: int, p: float) -> int:
    return math.ceil(p * number - 1e-9)  # 0.95 * 20 is 19, not 20


def _successes(within: npt.NDArray[Any], weights: Floats | None) -> tuple[float, float]:
    """Successes and trials; with weights, the number of equal ones that would tell as much (Kish 1965)."""
    if weights is None:
        return int(np.count_nonzero(within)), len(within)
    number = float(weights.sum() ** 2 / (weights @ weights))
    return number * float(np.average(within, weights=weights)), number


def _binomial(successes: float, number: float) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(successes, number - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, number - successes, 1 - tail)) if successes < number else 1.0
    return low, high


def _half_width(
    values: Floats, value: float, replication: Replications, replications: int, weights: Floats | None
) -> float:
    """Half the interval of a mean: the ratio of two sums over replications, each replication one observation."""
    if replications < 2:
        return math.nan
    sums = np.bincount(replication, values if weights is None else values * weights, replications)
    counts = np.bincount(replication, weights, replications)
    residuals = sums - value * counts
    variance = replications / (replications - 1) * float(residuals @ residuals) / float(counts.sum()) ** 2
    return float(stdtrit(replications - 1, (1 + LEVEL) / 2)) * math.sqrt(variance)
