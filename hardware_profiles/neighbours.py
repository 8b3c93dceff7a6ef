"""What to say when nobody measured a model on a piece of hardware."""

from __future__ import annotations

import math
from collections.abc import Iterator
from difflib import SequenceMatcher
from heapq import nsmallest
from statistics import fmean

from hardware_profiles.catalogue.devices import device, profiled_as
from hardware_profiles.catalogue.identity import canonical_model
from hardware_profiles.catalogue.measured import timed_pairs
from hardware_profiles.catalogue.models import Model, model, usual_input_px
from hardware_profiles.catalogue.vocabulary import DEVICE_KINDS
from hardware_profiles.measurement import ran
from hardware_profiles.profile import Profile, profiles_of


def nearest(model_name: str, hardware: str, n: int = 3) -> tuple[Profile, ...]:
    """The ``n`` measured pairs of model and hardware nearest to one, each by its fastest configuration.

    First the pair itself with another input size or batch, then the same model on similar hardware, then a similar
    model on the same hardware, then the rest. Unknown names are compared as text.
    """
    ours = canonical_model(model_name) or model_name
    place = profiled_as(hardware)
    measured = timed_pairs()
    if len(measured.get(ours, ())) >= n:
        measured = {ours: measured[ours]}  # nearer than any other model
    of_hardware = {other: _hardware_distance(place, other) for other in {at for ats in measured.values() for at in ats}}

    def ranked() -> Iterator[tuple[tuple[int, float], str, str]]:
        for name, places in measured.items():
            of_model = _model_distance(ours, name)
            for at in places:
                # same model anywhere, then same hardware, then neither
                rank = 0 if of_model == 0 else 1 if of_hardware[at] == 0 else 2
                yield (rank, of_model + of_hardware[at]), name, at

    near = nsmallest(n, ranked(), key=lambda one: one[0])
    return tuple(min(profiles_of(name, at), key=_preference) for _, name, at in near)


def missing_profile_message(model_name: str, hardware: str, input_px: int | None = None) -> str:
    """Names the three nearest measured pairs and the ``figures:`` line to paste, over several lines.

    Where the pair was measured at other input sizes, the one asked for (by default the model's usual one) is named.
    """
    near = "\n".join(f"  {described(profile)}" for profile in nearest(model_name, hardware))
    pair = f"{model_name} on {hardware}{_at_size(model_name, hardware, input_px)}"
    return (
        f"nobody measured {pair}; the nearest that was measured:\n{near}\n"
        f"if you know or assume how long it takes, add to figures:\n"
        f"  - {{model: {model_name}, hardware: {hardware}, p50: … ms, p99: … ms, kind: assumed, why: …}}"
    )


def _at_size(model_name: str, hardware: str, input_px: int | None) -> str:
    ours, box = canonical_model(model_name), device(hardware)
    if ours is None or box is None or box.profiled_as not in timed_pairs().get(ours, ()):
        return ""
    size = input_px or usual_input_px(ours)
    return f" at {size} px" if size else ""


def described(profile: Profile) -> str:
    """One line: ``yolo11n on t4: 1.5 ms, fp16 tensorrt on the GPU (2024-09)``, input and batch where unusual."""
    unusual = [f"input_size: {profile.input_px} px"] if _unusual_size(profile) else []
    unusual += [f"batch {profile.batch}"] if profile.batch != 1 else []
    said = ran(profile.precision, profile.runtime, profile.unit)
    how = ", ".join([f"{profile.mean_ms:.4g} ms", *([said] if said else []), *unusual])
    return f"{profile.model} on {profile.hardware}: {how} ({profile.date})"


def _preference(profile: Profile) -> tuple[bool, bool, float]:
    return profile.batch != 1, _unusual_size(profile), profile.mean_ms


def _unusual_size(profile: Profile) -> bool:
    return profile.input_px != usual_input_px(profile.model)


def _model_distance(wanted: str, measured: str) -> float:
    if wanted == measured:
        return 0
    a, b = model(wanted), model(measured)
    if a is None or b is None:
        return _unlike(wanted, measured)
    return 0.1 + _size_distance(a, b) + 10 * (a.task != b.task)


def _size_distance(a: Model, b: Model) -> float:
    """Of what is known of both, parameters or multiply-accumulate operations: how many e-folds they differ by."""
    known = ((a.parameters, b.parameters), (a.macs, b.macs))
    folds = [abs(math.log(x.value / y.value)) for x, y in known if x and y]
    return fmean(folds) if folds else _unlike(a.name, b.name)


def _hardware_distance(wanted: str, measured: str) -> float:
    if wanted == measured:
        return 0
    a, b = device(wanted), device(measured)
    if a is None or b is None:
        return _unlike(wanted, measured)
    return abs(DEVICE_KINDS[a.kind] - DEVICE_KINDS[b.kind]) + _unlike(wanted, measured) / 2


def _unlike(one: str, other: str) -> float:
    """From 1 for the same name to 2 for one that has no letter in common."""
    return 2 - SequenceMatcher(None, one, other).ratio()
