"""Estimates with 95 % intervals from replications; requests of one replication are not independent of each other.

Every function takes the values of all measured requests and, beside them, the replication each belongs to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, stdtrit

Floats = npt.NDArray[np.float64]
Replications = npt.NDArray[np.intp]

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A value with the bounds of its 95 % interval: ``nan`` where none can be formed, ``inf`` where none is known."""

    value: float
    low: float
    high: float


NOTHING = Interval(math.nan, math.nan, math.nan)


def mean(values: Floats, replication: Replications, replications: int) -> Interval:
    """Mean over all requests."""
    if not len(values):
        return NOTHING
    if not np.isfinite(values).all():
        return Interval(math.inf, math.nan, math.nan)
    value = float(values.mean())
    half = _half_width(values, value, replication, replications)
    return Interval(value, value - half, value + half)


def attainment(values: Floats, replication: Replications, replications: int, limit: float) -> Interval:
    """Fraction of the requests with a value of at most ``limit``, counted exactly.

    The interval is that over replications, and never narrower than the exact binomial one (Clopper and Pearson 1934):
    a handful of requests without a miss does not prove that misses are rare.
    """
    if not len(values):
        return NOTHING
    fraction = mean((values <= limit).astype(np.float64), replication, replications)
    if math.isnan(fraction.low):
        return fraction
    low, high = _binomial(int(np.count_nonzero(values <= limit)), len(values))
    return Interval(fraction.value, max(0.0, min(fraction.low, low)), min(1.0, max(fraction.high, high)))


def quantile(values: Floats, replication: Replications, replications: int, p: float) -> Interval:
    """The smallest value that a fraction ``p`` of the requests does not exceed.

    The interval is that of the attainment at this value, carried back through the sample (Woodruff 1952).
    """
    if not len(values):
        return NOTHING
    ordered = np.sort(values)
    value = order_statistic(ordered, p)
    if replications < 2:
        return Interval(value, math.nan, math.nan)
    within = (values <= value).astype(np.float64)
    half = _half_width(within, float(within.mean()), replication, replications)
    low, high = _binomial(round(p * len(ordered)), len(ordered))
    below, above = min(p - half, low), max(p + half, high)
    beyond = _rank(len(ordered), above) >= len(ordered) and ordered[0] < ordered[-1]
    return Interval(value, order_statistic(ordered, below), math.inf if beyond else order_statistic(ordered, above))


def order_statistic(ordered: Floats, p: float) -> float:
    """Quantile of an increasing sample: its smallest value that a fraction ``p`` of it does not exceed."""
    return float(ordered[min(max(_rank(len(ordered), p), 1), len(ordered)) - 1])


def _rank(number: int, p: float) -> int:
    return math.ceil(p * number - 1e-9)  # 0.95 * 20 is 19, not 20


def _binomial(successes: int, number: int) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(successes, number - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, number - successes, 1 - tail)) if successes < number else 1.0
    return low, high


def _half_width(values: Floats, value: float, replication: Replications, replications: int) -> float:
    """Half the interval of a mean: the ratio of two sums over replications, each replication one observation."""
    if replications < 2:
        return math.nan
    sums = np.bincount(replication, values, replications)
    counts = np.bincount(replication, minlength=replications)
    residuals = sums - value * counts
    variance = replications / (replications - 1) * float(residuals @ residuals) / len(values) ** 2
    return float(stdtrit(replications - 1, (1 + LEVEL) / 2)) * math.sqrt(variance)
