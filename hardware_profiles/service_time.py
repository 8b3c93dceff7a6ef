"""How long one execution takes: a distribution that knows its own moments and quantiles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from hardware_profiles.recording import Recording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["constant", "exponential", "lognormal", "gamma", "uniform", "quantiles", "bag", "kept"]

_z = NormalDist().inv_cdf  # full double precision, and scipy would cost every command a third of a second


@dataclass(frozen=True)
class ServiceTime:
    """A service-time distribution, in seconds.

    Parameters
    ----------
    kind
        ``constant`` (``a`` = value), ``exponential`` (``a`` = mean), ``lognormal`` (``a`` = median, ``b`` = sigma
        of the logarithm), ``gamma`` (``a`` = mean, ``b`` = shape), ``uniform`` (``a`` = mean, ``b`` = half its width
        ÷ mean), ``quantiles`` (``points`` = (probability, seconds), joined by straight lines in the logarithm of
        the time and continued flat outside), ``bag`` (any of the times of a ``recording``, alike likely, ``a`` =
        factor) or ``kept`` (these times in their order: the n-th request of a source takes the n-th, and after the
        last the first again).
    a, b : float
        Parameters as above [s], [1].
    points
        Only for ``quantiles``: increasing (probability, seconds).
    offset_s : float
        A constant added to every draw [s]: the pre- and post-processing around a model.
    recording
        Only for ``bag`` and ``kept``.
    """

    kind: Kind
    a: float = 0.0
    b: float = 0.0
    points: tuple[tuple[float, float], ...] = ()
    offset_s: float = 0.0
    recording: Recording | None = None

    @staticmethod
    def recorded(recording: Recording, *, kept: bool) -> ServiceTime:
        """Times that were measured, in their order or as a bag."""
        return ServiceTime("kept" if kept else "bag", 1.0, recording=recording)

    @staticmethod
    def constant(seconds: float) -> ServiceTime:
        return ServiceTime("constant", seconds)

    @staticmethod
    def exponential(mean_s: float) -> ServiceTime:
        return ServiceTime("exponential", mean_s)

    @staticmethod
    def lognormal(mean_s: float, cv: float) -> ServiceTime:
        """Log-normal with the given mean [s] and coefficient of variation [1]."""
        sigma2 = math.log1p(cv * cv)
        return ServiceTime("lognormal", mean_s * math.exp(-sigma2 / 2), math.sqrt(sigma2))

    @staticmethod
    def gamma(mean_s: float, cv: float) -> ServiceTime:
        """Gamma with the given mean [s] and coefficient of variation [1]; an exponential one where that is 1."""
        return ServiceTime("gamma", mean_s, 1.0 / (cv * cv))

    @staticmethod
    def uniform(mean_s: float, half_width_s: float) -> ServiceTime:
        """Equally likely everywhere within ``half_width_s`` of the mean [s]; a constant where that is nothing.

        Raises ValueError where it would reach below 0.
        """
        if not 0 <= half_width_s <= mean_s:
            raise ValueError("half the width must lie between 0 and the mean")
        return ServiceTime("uniform", mean_s, half_width_s / mean_s) if half_width_s else ServiceTime.constant(mean_s)

    @staticmethod
    def through(points: Mapping[float, float]) -> ServiceTime:
        """Distribution through published quantiles, ``{probability: seconds}``.

        Two quantiles give a log-normal through both; one gives a constant; more are joined piecewise.
        Raises ValueError unless probabilities lie in (0, 1) and times are positive and do not decrease.
        """
        ordered = tuple(sorted(points.items()))
        if not ordered or any(not 0 < p < 1 for p, _ in ordered):
            raise ValueError("quantiles need at least one probability, each between 0 and 1")
        if ordered[0][1] <= 0 or any(x[1] > y[1] for x, y in pairwise(ordered)):
            raise ValueError("quantiles must be positive and must not decrease")
        if len(ordered) == 1:
            return ServiceTime.constant(ordered[0][1])
        if len(ordered) == 2:
            (p, s), (q, t) = ordered
            if s == t:
                return ServiceTime.constant(s)
            sigma = math.log(t / s) / (_z(q) - _z(p))
            return ServiceTime("lognormal", s * math.exp(-sigma * _z(p)), sigma)
        return ServiceTime("quantiles", points=ordered)

    def with_overhead(self, seconds: float) -> ServiceTime:
        return replace(self, offset_s=self.offset_s + seconds)

    def times(self, factor: float) -> ServiceTime:
        """So many times as long, its overhead apart."""
        return replace(self, a=self.a * factor, points=tuple((p, seconds * factor) for p, seconds in self.points))

    def condensed(self, most: int = 1000) -> ServiceTime:
        """The same with so many recorded times at most, and without their order."""
        if self.recording is None:
            return self
        return replace(self, kind="bag", recording=self.recording.condensed(most))

    @property
    def _recorded(self) -> Sequence[float]:
        """Increasing, before the factor."""
        assert self.recording is not None
        return self.recording.increasing

    def quantile(self, p: float) -> float:
        """Time [s] not exceeded with probability ``p`` in (0, 1)."""
        match self.kind:
            case "constant":
                value = self.a
            case "exponential":
                value = -self.a * math.log1p(-p)
            case "lognormal":
                value = self.a * math.exp(self.b * _z(p))
            case "gamma":
                from scipy.special import gammaincinv

                value = self.a / self.b * float(gammaincinv(self.b, p))
            case "uniform":
                value = self.a * (1.0 + self.b * (2.0 * p - 1.0))
            case "quantiles":
                value = self._between(p)
            case "bag" | "kept":
                value = self.a * self._recorded[min(int(p * len(self._recorded)), len(self._recorded) - 1)]
        return self.offset_s + value

    def cdf(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability that an execution takes at most ``seconds`` [s], element by element."""
        import numpy as np
        from scipy.special import gammainc, ndtr

        t = np.asarray(seconds, dtype=np.float64) - self.offset_s
        positive = np.maximum(t, np.finfo(np.float64).tiny)
        match self.kind:
            case "constant":
                return (t >= self.a).astype(np.float64)
            case "exponential":
                return np.asarray(-np.expm1(-np.maximum(t, 0.0) / self.a))
            case "lognormal":
                return np.asarray(np.where(t > 0, ndtr(np.log(positive / self.a) / self.b), 0.0))
            case "gamma":
                return np.asarray(gammainc(self.b, np.maximum(t, 0.0) * (self.b / self.a)))
            case "uniform":
                return np.clip(0.5 + 0.5 * (t / self.a - 1.0) / self.b, 0.0, 1.0)
            case "quantiles":
                probability, at = np.array(self.points).T
                inside = np.interp(np.log(positive), np.log(at), probability, left=0.0)
                return np.asarray(np.where(t >= at[-1], 1.0, inside))  # the flat end is an atom
            case "bag" | "kept":
                times = self.a * np.asarray(self._recorded)
                return np.asarray(np.searchsorted(times, t, side="right") / len(times))

    @cached_property
    def mean_s(self) -> float:
        """Mean [s]."""
        return self.offset_s + self._moment(1)

    @cached_property
    def variance_s2(self) -> float:
        """Variance [s²]."""
        return max(0.0, self._moment(2) - self._moment(1) ** 2)

    def _moment(self, k: int) -> float:
        """The first or the second [s, s²]."""
        match self.kind:
            case "constant":
                return self.a**k
            case "exponential":
                return math.factorial(k) * self.a**k
            case "lognormal":
                return self.a**k * math.exp(k * k * self.b * self.b / 2)
            case "gamma":
                return self.a**k * (1.0 if k == 1 else 1.0 + 1.0 / self.b)
            case "uniform":
                return self.a**k * (1.0 if k == 1 else 1.0 + self.b * self.b / 3.0)
            case "quantiles":
                return self._piecewise_moment(k)
            case "bag" | "kept":
                return self.a**k * math.fsum(seconds**k for seconds in self._recorded) / len(self._recorded)

    def _between(self, p: float) -> float:
        points = self.points
        if p <= points[0][0]:
            return points[0][1]
        for (p0, t0), (p1, t1) in pairwise(points):
            if p <= p1:
                return t0 * math.exp((p - p0) / (p1 - p0) * math.log(t1 / t0))
        return points[-1][1]

    def _piecewise_moment(self, k: int) -> float:
        points = self.points
        total = points[0][0] * points[0][1] ** k + (1 - points[-1][0]) * points[-1][1] ** k
        for (p0, t0), (p1, t1) in pairwise(points):
            slope = k * math.log(t1 / t0)
            total += (p1 - p0) * (t0**k if slope == 0 else t0**k * math.expm1(slope) / slope)
        return total
