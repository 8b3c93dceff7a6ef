"""From single durations to the figures of a measurement, and from a cell to a number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TypedDict

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import quantiles_of

MS_PER = {"s": 1e3, "ms": 1.0, "us": 1e-3, "µs": 1e-3, "ns": 1e-6}


class Timed(TypedDict):
    """Fields of a `Measurement` that a sample of durations fills."""

    mean_ms: float
    quantiles_ms: tuple[tuple[float, float], ...]
    sample_ms: tuple[float, ...]
    runs: int


def timed(sample_ms: Sequence[float]) -> Timed:
    """Mean, quantiles and number of the durations [ms], as fields of a `Measurement`.

    A quantile that a coarse clock rounded to nothing is left out. Raises BadInput for an empty sample, a duration
    that is negative or not finite, and one that is nothing at all but zeros.
    """
    if not sample_ms:
        raise BadInput(Fault("", "no durations", "at least one"))
    for at, ms in enumerate(sample_ms, start=1):
        if not (math.isfinite(ms) and ms >= 0):
            raise BadInput(Fault(f"duration {at}", f"`{ms:g}` ms", "a duration of at least 0"))
    if not any(sample_ms):
        raise BadInput(Fault("", "durations that are all 0", "a clock that tells them from nothing"))
    quantiles = tuple((p, ms) for p, ms in quantiles_of(sample_ms) if ms > 0)
    return {
        "mean_ms": fmean(sample_ms),
        "quantiles_ms": quantiles,
        "sample_ms": tuple(sample_ms),
        "runs": len(sample_ms),
    }


def in_ms(value: float, unit: str) -> float:
    """A duration in another unit in ms: 0.0132156 s are 13.2156 ms, without a tail of binary digits."""
    return round(value * MS_PER[unit], 9)


def number(cell: str, path: str = "", line: int | None = None) -> float:
    """A cell as a finite number that is not negative, or BadInput that names the place."""
    try:
        value = float(cell)
    except (TypeError, ValueError):
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise BadInput(Fault(path, f"`{str(cell).strip()[:40]}`", "a number of at least 0", line=line))
    return value


def supported(points: Mapping[float, float], runs: int | None) -> tuple[tuple[float, float], ...]:
    """Printed quantiles, ``{probability: ms}``, as a `Measurement` has them.

    A tool prints the 99 % of ten runs too, which is their maximum: without one run beyond it a quantile is left out,
    as one is that was rounded to nothing.
    """
    kept = (p for p, ms in points.items() if ms > 0 and 0 < p < 1)
    return tuple((p, points[p]) for p in sorted(kept) if p == 0.5 or not runs or runs * min(p, 1 - p) >= 1 - 1e-9)
