"""How long a model would probably take where nobody measured it, and how far off that may be."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from statistics import median

from hardware_profiles.catalogue.devices import device
from hardware_profiles.catalogue.identity import (
    canonical_model,
    canonical_precision,
    canonical_runtime,
    known_hardware,
    known_models,
)
from hardware_profiles.catalogue.measured import timed_pairs
from hardware_profiles.catalogue.models import model, usual_input_px
from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.measurement import Measurement, ran
from hardware_profiles.profile import Profile, profile_of, profiles_of
from hardware_profiles.rooflines import (
    FEWEST,
    Configuration,
    Roofline,
    Work,
    configuration_of,
    kind_of,
    rooflines,
    work_of,
)

_SHOWN = 3  # similar models named
_NEAR = 0.1  # unlikeness below which a model counts as the same
_COMPARED = 1000  # left-out measurements from which the error bar is read
_WITHIN = 0.9
_ENOUGH = 9  # models without which there is no such share: 0.9 (n + 1) must not exceed n

# What a model's own time elsewhere tells of it here: less in another precision, on another unit, in another runtime.
_OTHER_PRECISION, _OTHER_UNIT, _OTHER_RUNTIME = 0.3, 0.3, 0.5
_DOUBT = 0.5  # as if so much had been found that says nothing
_WITNESSED = 1.0  # with less than one time in the same configuration elsewhere, the bar is that of none


@dataclass(frozen=True, kw_only=True)
class Estimate(Profile):
    """A profile that nobody measured; ``kind`` is ``estimated``.

    Parameters
    ----------
    low_ms, high_ms
        The error bar [ms]: nine of ten measurements left out and estimated alike lay within as much of their estimate.
    method
        How it was made, in a sentence.
    similar
        The profiles on the same hardware that count most.
    """

    low_ms: float
    high_ms: float
    method: str
    similar: tuple[Profile, ...]


def estimate(
    model_name: str,
    hardware: str,
    *,
    precision: str | None = None,
    runtime: str | None = None,
    input_px: int | None = None,
    macs: float | None = None,
) -> Estimate:
    """The time of one execution at batch 1, from what the hardware was measured to achieve on similar models.

    Where the model was measured on other hardware, or on this in another precision or runtime, it is put right by how
    far off the same reckoning is there.

    Parameters
    ----------
    model_name, hardware
        Any spelling; a model that the catalogue does not know needs ``macs``.
    precision, runtime
        None: any; of the configurations in which a model of the same family was measured (of all, where there is
        none) the one that is fastest at the far end of its error bar, so that none is taken for an error in its favour.
    input_px
        Edge of the square input [px], by default the model's usual one. Work grows with its area.
    macs
        Multiply-accumulate operations of one execution, where the catalogue has none or other ones are meant.

    Raises
    ------
    BadInput
        Where the work of the model is not known and cannot be told from measurements of it elsewhere, where too
        little was measured on the hardware to compare with, or on its kind of compute unit to give an error bar.
    """
    box = device(hardware)
    if box is None:
        raise _fault(hardware, "hardware of the catalogue, to compare with", closest(hardware, known_hardware()))
    asked = _asked(model_name, input_px, macs)
    wanted = (
        precision and (canonical_precision(precision) or precision),
        runtime and (canonical_runtime(runtime) or runtime),
    )
    places = [
        roofline
        for how, roofline in rooflines().items()
        if how.hardware == box.profiled_as
        and wanted[0] in (None, how.precision)
        and wanted[1] in (None, how.runtime)
        and roofline.tells_of(asked.work, asked.name)
    ]
    akin = [roofline for roofline in places if roofline.knows_family(asked.work, asked.name)]
    found = [_estimate(asked, roofline) for roofline in akin or places]
    if not found:
        what = " ".join(word for word in wanted if word)
        in_words = f"{model_name} in {what}" if what else model_name
        raise _fault(
            f"{in_words} on {hardware}", f"hardware on which {FEWEST} models of known work were measured like that"
        )
    return min(found, key=lambda one: one.high_ms)


_Timed = tuple[Profile, Roofline]


@dataclass(frozen=True)
class _Asked:
    """A model at a size of input, with its work, whence that is known, and its own times anywhere."""

    name: str
    input_px: int | None
    work: Work
    work_from: str
    own: tuple[_Timed, ...] = ()


def _asked(name: str, input_px: int | None, macs: float | None) -> _Asked:
    ours = canonical_model(name)
    known = model(name)
    if macs is not None and not 0 < macs < math.inf:
        raise _fault(f"macs: {macs:g}", "a number of operations such as 4.35e9")
    if known is None or ours is None:
        if macs is None:
            raise _fault(name, "a model of the catalogue, or macs: 4.35e9", closest(name, known_models()))
        return _Asked(name, input_px, Work(macs), "as stated")
    size = input_px or usual_input_px(ours)
    own = tuple(_timed(ours, size, kind_of(known)))
    if macs is not None:
        return _Asked(ours, size, replace(kind_of(known), macs=macs), "as stated", own)
    work = work_of(known, size)
    if work is not None:
        return _Asked(ours, size, work, "as published", own)
    work = _told_elsewhere(ours, own, kind_of(known))
    if work is None:
        raise _fault(name, "a model of known work, or macs: 4.35e9, its multiply-accumulate operations")
    return _Asked(ours, size, work, "told from its times elsewhere", own)


def _told_elsewhere(name: str, own: Sequence[_Timed], kind: Work) -> Work | None:
    """The work with which the reckoning meets the model's own times, in the middle of all that there are."""
    found = [
        _work_that_takes(math.log(profile.mean_ms), roofline, replace(kind, parameters=None), name)
        for profile, roofline in own
    ]
    return replace(kind, macs=median(found)) if found else None


def _work_that_takes(log_ms: float, roofline: Roofline, kind: Work, name: str) -> float:
    """MACs at which a roofline gives a time: one of several where, between unlike models, more work takes less."""
    least, most = 0.0, 40.0  # logarithms
    for _ in range(40):
        middle = (least + most) / 2
        (given,), _ = roofline.log_ms([replace(kind, macs=math.exp(middle))], [name])
        least, most = (middle, most) if given < log_ms else (least, middle)
    return math.exp(least)


def _timed(name: str, input_px: int | None, kind: Work) -> Iterator[_Timed]:
    """The model's own measurements at a size of input, with what else was measured in the same configuration."""
    for hardware in timed_pairs().get(name, ()):
        for profile in profiles_of(name, hardware):
            roofline = rooflines().get(configuration_of(profile))
            if (profile.batch, profile.input_px) == (1, input_px) and roofline and roofline.tells_of(kind, name):
                yield profile, roofline


def _estimate(asked: _Asked, roofline: Roofline) -> Estimate:
    (log_ms,), (unlike,) = roofline.log_ms([asked.work], [asked.name])
    how = roofline.configuration
    known = [(profile, at) for profile, at in asked.own if at.configuration != how]
    off = [at.log_ms([asked.work], [asked.name])[0][0] - math.log(profile.mean_ms) for profile, at in known]
    weights = [_weight(how, at.configuration) for _, at in known]
    log_ms -= sum(w * e for w, e in zip(weights, off, strict=True)) / (sum(weights) + _DOUBT)
    compared = left_out(without_family=not roofline.knows_family(asked.work, asked.name))
    times = math.exp(error_bar(compared, how.unit, unlike, put_right=sum(weights) >= _WITNESSED))
    mean_ms = math.exp(log_ms)
    similar = roofline.alike(asked.work, asked.name, _SHOWN)
    method = _method(asked, roofline, similar, [profile for profile, _ in known])
    measured = Measurement(
        model=asked.name,
        hardware=how.hardware,
        precision=how.precision,
        runtime=how.runtime,
        unit=how.unit,
        input_px=asked.input_px,
        threads=how.threads,
        mean_ms=mean_ms,
        kind="estimated",
        conditions=f"within a factor of {times:.2f}, nine times in ten",
        source=method,
        date=max(profile.date for profile in similar),
    )
    return Estimate(
        **vars(profile_of(measured)), low_ms=mean_ms / times, high_ms=mean_ms * times, method=method, similar=similar
    )


def _method(asked: _Asked, roofline: Roofline, similar: Sequence[Profile], own: Sequence[Profile]) -> str:
    how = roofline.configuration
    others = ", ".join(f"{profile.model} {in_ms(profile.mean_ms)}" for profile in similar)
    places = {profile.hardware for profile in own}
    others_too = len(places - {how.hardware})
    where = [f"on {others_too} other device{'s' if others_too > 1 else ''}"] if others_too else []
    where += ["here in another configuration"] if how.hardware in places else []
    right = f", corrected by its times {' and '.join(where)}" if where else ""
    work = f"{asked.work.macs / 1e9:.3g} G multiply-accumulates, {asked.work_from}"
    return f"estimated from {others} on {how.hardware} in {ran(how.precision, how.runtime, how.unit)} ({work}){right}"


def in_ms(milliseconds: float) -> str:
    """With three digits that count: ``3 300 ms``, ``0.812 ms``."""
    value = float(f"{milliseconds:.3g}")
    return f"{value:,.0f} ms".replace(",", " ") if value >= 1000 else f"{value:g} ms"


def _weight(here: Configuration, there: Configuration) -> float:
    """How much an error in one configuration tells of that in another."""
    weight = 1.0 if here.precision == there.precision else _OTHER_PRECISION
    weight *= 1.0 if here.unit == there.unit else _OTHER_UNIT
    return weight * (1.0 if here.runtime == there.runtime else _OTHER_RUNTIME)


@dataclass(frozen=True)
class LeftOut:
    """A measurement estimated as if it did not exist; errors are logarithms of estimate over measurement.

    ``error`` is that of the roofline alone, ``put_right`` that after looking at the model's times on other hardware
    (None: there are none).
    """

    profile: Profile
    unlike: float
    error: float
    put_right: float | None


@cache
def left_out(*, without_family: bool = False) -> tuple[LeftOut, ...]:
    """Every measurement of a model of known work, each estimated without that model, or without its whole family."""
    known: dict[str, list[tuple[Profile, float, float]]] = {}
    for roofline in rooflines().values():
        names = [profile.model for profile in roofline.profiles]
        given, unlike = roofline.log_ms(roofline.works, names, leave_family=without_family)
        rows = zip(roofline.profiles, roofline.works, given - roofline.log_measured, unlike, strict=True)
        for profile, work, error, far in rows:
            if roofline.tells_of(work, profile.model) and math.isfinite(far):
                known.setdefault(profile.model, []).append((profile, float(far), float(error)))
    return tuple(one for same in known.values() for one in _put_right(same))


def _put_right(same: Sequence[tuple[Profile, float, float]]) -> Iterator[LeftOut]:
    for profile, unlike, error in same:
        here = configuration_of(profile)
        # One run printed for two pieces of hardware is no second witness.
        others = [
            (_weight(here, configuration_of(other)), off)
            for other, _, off in same
            if other.hardware != profile.hardware and other.mean_ms != profile.mean_ms
        ]
        total = sum(weight for weight, _ in others)
        right = error - sum(weight * off for weight, off in others) / (total + _DOUBT) if others else None
        yield LeftOut(profile, unlike, error, right)


def error_bar(known: Sequence[LeftOut], unit: str, unlike: float, *, put_right: bool) -> float:
    """What nine of ten left-out measurements were off by at most: those with as near a model to compare with.

    Errors of one model on much hardware go together, so that every model counts once however often it was measured.
    They are those on the same compute unit, unless too few models were measured on it for nine in ten to be told.
    """
    errors = [(one, error) for one in known if (error := one.put_right if put_right else one.error) is not None]
    alike = [(one, error) for one, error in errors if one.profile.unit == unit]
    if len({one.profile.model for one, _ in alike}) < _ENOUGH:
        alike = errors
    near = sorted(
        (abs(math.log(max(one.unlike, _NEAR) / max(unlike, _NEAR))), one.profile.model, abs(error))
        for one, error in alike
    )[:_COMPARED]
    times = Counter(model for _, model, _ in near)
    # With one more model that was off by everything: what holds for those seen need not hold for the next.
    least = _WITHIN * (len(times) + 1)
    compared = sorted((error, 1 / times[model]) for _, model, error in near)
    reached = accumulate(weight for _, weight in compared)
    return next((error for (error, _), sum_ in zip(compared, reached, strict=True) if sum_ >= least), compared[-1][0])


def _fault(found: str, expected: str, near: str = "") -> BadInput:
    return BadInput(Fault("", found, expected, nearest=near))
