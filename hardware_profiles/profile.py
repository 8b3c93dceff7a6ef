"""Profiles: how long one execution of a model takes on a piece of hardware, as somebody measured it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist

from hardware_profiles.catalogue.accuracy import AccuracyRow, accuracies
from hardware_profiles.catalogue.devices import device
from hardware_profiles.catalogue.identity import canonical_model
from hardware_profiles.catalogue.measured import is_timed, measurements, newest_first, timed_pairs
from hardware_profiles.catalogue.models import usual_input_px
from hardware_profiles.measurement import Measurement
from hardware_profiles.service_time import ServiceTime

# Spread around a mean that was published without percentiles: an accelerator of one's own hardly varies, a processor
# shared with the operating system does, and a microcontroller has no operating system and nothing else to do.
_CV = {"GPU": 0.1, "NPU": 0.1, "TPU": 0.1, "FPGA": 0.1, "DSP": 0.1, "MCU": 0.05, "CPU": 0.25}
_CV_OF_UNKNOWN = 0.25

# Where an assumed tail is put; a distribution whose quantiles reach the first of them needs none.
_TAIL = (0.99, 0.999)

_z = NormalDist().inv_cdf


@dataclass(frozen=True, kw_only=True)
class Profile(Measurement):
    """A measurement that says how long one execution takes; ``kind`` is measured, listed, interpolated or estimated.

    Parameters
    ----------
    mean_ms
        The mean as published [ms]; that of ``service`` where only percentiles were.
    service
        Duration of one execution, of the whole batch, without pre- and post-processing.
    spread
        ``assumed cv 0.1`` where a mean or one percentile was published, ``assumed beyond p95`` where no more of the
        tail is known, else empty.
    accuracy
        The most applicable first; see `accuracies`.
    superseded
        Older measurements of the same configuration, the newest first.
    stands_for
        The precision and runtime that were asked for where this is the nearest other: ``fp16 tensorrt``.
    """

    mean_ms: float
    service: ServiceTime
    spread: str
    accuracy: tuple[AccuracyRow, ...]
    superseded: tuple[Profile, ...] = ()
    stands_for: str = ""


def profiles(model_name: str, hardware: str, *, batch: int = 1, input_px: int | None = None) -> tuple[Profile, ...]:
    """Every measured (precision, runtime, unit, threads) of a model on a piece of hardware, fastest first.

    Names may be aliases; a server counts as the card inside it. ``input_px`` defaults to the model's usual input,
    and another size is never used in its place, nor an unusual power mode, nor what was measured under load. The
    newest measurement of a configuration counts (of two of the same date the later row); the others are in its
    ``superseded``. Empty if nobody measured it.
    """
    ours, box = canonical_model(model_name), device(hardware)
    if ours is None or box is None:
        return ()
    size = usual_input_px(ours) if input_px is None else input_px
    found = (p for p in profiles_of(ours, box.profiled_as) if (p.batch, p.input_px) == (batch, size))
    return tuple(sorted(found, key=lambda p: p.mean_ms))


@cache
def profiles_of(model: str, hardware: str) -> tuple[Profile, ...]:
    """All configurations of a pair of canonical names in the usual power mode, each by its newest measurement."""
    timed = tuple(one for one in measurements(model, hardware) if is_timed(one) and not one.power_mode)
    return tuple(
        replace(profile_of(newest), superseded=tuple(map(profile_of, older))) for newest, *older in newest_first(timed)
    )


def every_profile() -> Iterator[Profile]:
    """All configurations of the catalogue in the usual power mode; thousands."""
    return (profile for model, places in timed_pairs().items() for at in places for profile in profiles_of(model, at))


def profile_of(measured: Measurement) -> Profile:
    """The profile of one measurement, from wherever it is.

    Raises
    ------
    ValueError
        Where it does not say how long an execution takes: see `is_timed`.
    """
    service, spread = _service_time(measured)
    values = {**vars(measured), "mean_ms": service.mean_s * 1e3 if measured.mean_ms is None else measured.mean_ms}
    known = accuracies(measured.model, measured.precision, measured.runtime, measured.hardware)
    return Profile(**values, service=service, spread=spread, accuracy=known)


def _service_time(measured: Measurement) -> tuple[ServiceTime, str]:
    """Through two or more quantiles, else log-normal with an assumed spread around what is known."""
    if not is_timed(measured):
        raise ValueError("this measurement does not say how long an execution takes")
    cv = _CV.get(measured.unit, _CV_OF_UNKNOWN)
    if len(measured.quantiles_ms) > 1:
        points = {p: ms / 1e3 for p, ms in measured.quantiles_ms}
        highest = max(points)
        if highest >= _TAIL[0]:
            return ServiceTime.through(points), ""
        mean_s = None if measured.mean_ms is None else measured.mean_ms / 1e3
        return _with_tail(points, mean_s, cv), f"assumed beyond p{100 * highest:g}"
    if measured.mean_ms is not None:
        return ServiceTime.lognormal(measured.mean_ms / 1e3, cv), f"assumed cv {cv}"
    ((p, ms),) = measured.quantiles_ms
    sigma2 = math.log1p(cv * cv)
    mean_ms = ms * math.exp(sigma2 / 2 - math.sqrt(sigma2) * _z(p))
    return ServiceTime.lognormal(mean_ms / 1e3, cv), f"assumed cv {cv}"


def _with_tail(points: Mapping[float, float], mean_s: float | None, cv: float) -> ServiceTime:
    """Through quantiles [s] that end below 0.99, and on as the log-normal through the median and the highest of them.

    A mean tells more of such a tail. Where it lies above what comes of that, some executions took far longer than any
    that the quantiles know of: the whole tail is so many times as long that the mean is met. Where it lies below, the
    highest quantile was such an execution already: the tail is less steep, down to that of the usual spread ``cv``.
    """
    highest = max(points)
    middle = min(points.keys() - {highest}, key=lambda p: (abs(p - 0.5), p))
    steep = math.log(points[highest] / points[middle]) / (_z(highest) - _z(middle))
    usual = min(steep, math.sqrt(math.log1p(cv * cv)))

    def tailed(length: float) -> ServiceTime:
        """From -1, the usual tail, over 0, the steep one, to those that many logarithms longer."""
        slope = steep + min(length, 0) * (steep - usual)
        tail = {p: points[highest] * math.exp(slope * (_z(p) - _z(highest)) + max(length, 0)) for p in _TAIL}
        return ServiceTime.through({**points, **tail})

    found = tailed(0 if mean_s is None else -1)
    if mean_s is None or found.mean_s >= mean_s:
        return found
    # At most so long that what lies beyond its last point gives the mean alone.
    low, high = -1.0, max(0.0, math.log(mean_s / tailed(0).quantile(_TAIL[-1]) / (1 - _TAIL[-1])))
    for _ in range(60):
        half = (low + high) / 2
        found = tailed(half)
        low, high = (low, half) if found.mean_s > mean_s else (half, high)
    return found
