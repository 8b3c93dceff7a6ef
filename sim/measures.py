"""Estimates with 95 % intervals from replications; requests of one replication are not independent of each other.

Every function takes counts by part and replication. Parts are groups that are sampled differently: ``weights`` say for
how many of their like the requests of each stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

LEVEL = 0.95
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
ROUNDING = 1e-12  # relative: 0.95 * 20 is 19, not 20

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


@dataclass(frozen=True)
class Counts:
    """How many requests had which value.

    Attributes
    ----------
    lowest, values
        Of each bin in increasing order: a bound on its values from below, and the largest of them, which stands for
        all; ``inf`` for what never ended.
    numbers
        (parts, replications, bins); no bin is empty.
    weights
        (parts,).
    """

    lowest: Floats
    values: Floats
    numbers: Numbers
    weights: Floats

    @property
    def totals(self) -> Numbers:
        """(parts, replications)."""
        return np.asarray(self.numbers.sum(axis=2))

    @cached_property
    def upto(self) -> Floats:
        """Weight of the requests in each bin and those below."""
        return np.asarray(np.cumsum(self.weights @ self.numbers.sum(axis=1)))

    def order_statistic(self, p: float) -> float:
        return order_statistic(self.values, self.upto, p)

    def settles(self, limit: float) -> bool:
        """Whether it is known how many values are at most ``limit``: no bin is on both sides of it."""
        return not np.any((self.lowest <= limit) & (limit < self.values))

    def split(self, limit: float, within: Numbers) -> Counts:
        """With a bin that ends at ``limit``; (parts, replications) requests are known to be ``within`` it."""
        bins = np.flatnonzero((self.lowest <= limit) & (limit < self.values))
        if not len(bins):
            return self
        at = int(bins[0])
        below = within - self.numbers[:, :, :at].sum(axis=2)
        numbers = np.insert(self.numbers, at, below, axis=2)
        numbers[:, :, at + 1] -= below
        lowest = np.insert(self.lowest, at + 1, np.nextafter(limit, math.inf))
        values = np.insert(self.values, at, limit)
        some = numbers.any(axis=(0, 1))
        return Counts(lowest[some], values[some], numbers[:, :, some], self.weights)


def mean(sums: Floats | Numbers, numbers: Numbers, weights: Floats) -> Interval:
    """Mean over all requests, from the (parts, replications) sums and numbers of requests."""
    total = float(weights @ numbers.sum(axis=1))
    if not total:
        return NOTHING
    if not np.isfinite(sums).all():
        return Interval(math.inf, math.nan, math.nan)
    value = float(weights @ sums.sum(axis=1)) / total
    half = _half_width(sums, numbers, weights, value)
    return Interval(value, value - half, value + half)


def attainment(counts: Counts, limit: float) -> Interval:
    """Fraction of the requests with a value of at most ``limit``, counted exactly.

    The interval is that over replications, and never narrower than the exact binomial one (Clopper and Pearson 1934):
    a handful of requests without a miss does not prove that misses are rare. The counts must settle the limit.
    """
    assert counts.settles(limit)
    totals = counts.totals
    found = mean(counts.numbers[:, :, counts.values <= limit].sum(axis=2), totals, counts.weights)
    if math.isnan(found.low):
        return found
    number = _number(totals, counts.weights)
    low, high = _binomial(number * found.value, number)
    return Interval(found.value, max(0.0, min(found.low, low)), min(1.0, max(found.high, high)))


def quantile(counts: Counts, p: float) -> Interval:
    """The smallest value that a fraction ``p`` of the requests does not exceed.

    The interval is that of the attainment at this value, carried back through the sample (Woodruff 1952).
    """
    totals = counts.totals
    if not totals.any():
        return NOTHING
    value = counts.order_statistic(p)
    if totals.shape[1] < 2:
        return Interval(value, math.nan, math.nan)
    within = np.asarray(counts.numbers[:, :, counts.values <= value].sum(axis=2))
    whole = counts.upto[-1]
    fraction = float(counts.weights @ within.sum(axis=1)) / whole
    half = _half_width(within, totals, counts.weights, fraction)
    number = _number(totals, counts.weights)
    alike = len(set(counts.weights)) == 1
    low, high = _binomial(round(p * number) if alike else p * number, number)
    below, above = counts.order_statistic(min(p - half, low)), max(p + half, high)
    # the largest of all has nothing beyond it that could bound it
    last = counts.weights[counts.numbers[:, :, -1].any(axis=1)].min()
    beyond = above * whole * (1 - ROUNDING) > whole - last and counts.values[0] < counts.values[-1]
    return Interval(value, below, math.inf if beyond else counts.order_statistic(above))


def predictability(intervals: Mapping[str, Interval]) -> float:
    """p99 ÷ p50 of response times: 1 where all take equally long; ``nan`` where there is no number or no time."""
    low, high = intervals["p50"].value, intervals["p99"].value
    return high / low if low and math.isfinite(low) else math.nan


def verdict(attained: Interval, percentile: Interval, p: float, limit: float) -> Verdict:
    """Whether a fraction ``p`` keeps a limit: met or missed where the intervals are clear of it, else undecided."""
    if attained.low >= p and percentile.high <= limit:
        return "met"
    return "missed" if attained.high < p else "undecided"


def order_statistic(values: Floats, upto: Floats | Numbers, p: float) -> float:
    """The smallest of increasing values that a fraction ``p`` does not exceed; ``upto`` of them are at most each."""
    place = int(np.searchsorted(upto, p * upto[-1] * (1 - ROUNDING)))
    return float(values[min(place, len(values) - 1)])


def _number(totals: Numbers, weights: Floats) -> float:
    """Requests; where weights differ the number of equal ones that would tell as much (Kish 1965)."""
    requests = totals.sum(axis=1)
    return float((weights @ requests) ** 2 / (weights**2 @ requests))


def _binomial(successes: float, number: float) -> tuple[float, float]:
    from scipy.special import betaincinv  # a seventh of a second that those who only play need not wait

    tail = (1 - LEVEL) / 2
    low = float(betaincinv(successes, number - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, number - successes, 1 - tail)) if successes < number else 1.0
    return low, high


def _half_width(sums: Floats | Numbers, numbers: Numbers, weights: Floats, value: float) -> float:
    """Half the interval of a mean: the ratio of two sums over replications, each replication one observation."""
    from scipy.special import stdtrit

    replications = numbers.shape[1]
    if replications < 2:
        return math.nan
    counts = weights @ numbers
    residuals = weights @ sums - value * counts
    variance = replications / (replications - 1) * float(residuals @ residuals) / float(counts.sum()) ** 2
    return float(stdtrit(replications - 1, (1 + LEVEL) / 2)) * math.sqrt(variance)
