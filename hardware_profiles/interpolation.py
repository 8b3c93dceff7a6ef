"""A profile at a batch that nobody measured, between two that somebody did."""

from __future__ import annotations

from itertools import accumulate

from hardware_profiles.profile import Profile
from hardware_profiles.service_time import ServiceTime

_PUBLISHED = (0.5, 0.9, 0.99)


def between(low: Profile, high: Profile, batch: int) -> Profile:
    """The configuration of two profiles at a batch between theirs.

    Mean and every quantile are linear in the batch: an execution costs so much to start and so much per input. Where
    both are a mean with the same assumed spread the result is too; else its quantiles are those that either has, an
    assumed tail's included.

    Raises
    ------
    ValueError
        Unless ``low.batch < batch < high.batch``.
    """
    if not low.batch < batch < high.batch:
        raise ValueError(f"batch {batch} does not lie between {low.batch} and {high.batch}")
    share = (batch - low.batch) / (high.batch - low.batch)

    def at(one: float, other: float) -> float:
        return (1 - share) * one + share * other

    mean_ms = at(low.mean_ms, high.mean_ms)
    apart = ", ".join(f"{one.spread} at batch {one.batch}" for one in (low, high) if one.spread)
    spread = low.spread if low.spread == high.spread else apart
    quantiles: tuple[tuple[float, float], ...] = ()
    if spread and spread != apart and low.service.kind == high.service.kind == "lognormal":
        mean_s, variance_s2 = low.service.mean_s, low.service.variance_s2
        service = ServiceTime.lognormal(at(mean_s, high.service.mean_s), variance_s2**0.5 / mean_s)
    else:
        points = (one.service.points or one.quantiles_ms for one in (low, high))
        known = sorted({p for ones in points for p, _ in ones} or _PUBLISHED)
        seconds = (at(low.service.quantile(p), high.service.quantile(p)) for p in known)
        rising = accumulate(seconds, max)  # equal ones may differ in the last digit
        quantiles = tuple((p, s * 1e3) for p, s in zip(known, rising, strict=True))
        service = ServiceTime.through({p: ms / 1e3 for p, ms in quantiles})
    return Profile(
        model=low.model,
        hardware=low.hardware,
        precision=low.precision,
        runtime=low.runtime,
        unit=low.unit,
        batch=batch,
        input_px=low.input_px,
        threads=low.threads,
        mean_ms=mean_ms,
        quantiles_ms=quantiles,
        kind="interpolated",
        conditions=f"between {_point(low)} and {_point(high)}",
        source=_both(low.source, high.source),
        date=_both(low.date, high.date),
        service=service,
        spread=spread,
        accuracy=low.accuracy,
    )


def _point(profile: Profile) -> str:
    load = ", a query of as many samples" if profile.load == "multi_stream" else ""
    return f"batch {profile.batch} ({profile.mean_ms:.4g} ms, {profile.date}{load})"


def _both(one: str, other: str) -> str:
    return one if one == other else f"{one} and {other}"
