"""What to say when nobody measured a model on a piece of hardware."""

from __future__ import annotations

import math
from difflib import SequenceMatcher

from hardware_profiles.devices import device
from hardware_profiles.identity import canonical_model, model
from hardware_profiles.profile import Profile, every_profile

# From the smallest to the largest; neighbours are similar.
_SIZES = ("board", "tpu_board", "npu_board", "phone", "edge_gpu", "server_cpu", "gpu")


def nearest(model_name: str, hardware: str, n: int = 3) -> tuple[Profile, ...]:
    """The ``n`` measured pairs of model and hardware nearest to one, each by its fastest configuration.

    First the pair itself with another input size or batch, then the same model on similar hardware, then a similar
    model on the same hardware, then the rest. Unknown names are compared as text.
    """
    best: dict[tuple[str, str], Profile] = {}
    for profile in every_profile():
        pair = (profile.model, profile.hardware)
        if pair not in best or _preference(profile) < _preference(best[pair]):
            best[pair] = profile
    ours = canonical_model(model_name) or model_name
    box = device(hardware)
    place = box.profiled_as if box else hardware

    def distance(profile: Profile) -> tuple[int, float]:
        other_model = _model_distance(ours, profile.model)
        other_place = _hardware_distance(place, profile.hardware)
        # same model anywhere, then same hardware, then neither
        rank = 0 if other_model == 0 else 1 if other_place == 0 else 2
        return rank, other_model + other_place

    return tuple(sorted(best.values(), key=distance)[:n])


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
    if ours is None or box is None:
        return ""
    measured = any((p.model, p.hardware) == (ours, box.profiled_as) for p in every_profile())
    return f" at {input_px or model(ours).input_px} px" if measured else ""


def described(profile: Profile) -> str:
    """One line: ``yolo11n on t4: 1.5 ms, fp16 tensorrt on the GPU (2024-09)``, input and batch where unusual."""
    unusual = [f"input_size: {profile.input_px} px"] if profile.input_px != model(profile.model).input_px else []
    unusual += [f"batch {profile.batch}"] if profile.batch != 1 else []
    how = ", ".join([f"{profile.precision} {profile.runtime} on the {profile.unit}", *unusual])
    return f"{profile.model} on {profile.hardware}: {profile.mean_ms:.4g} ms, {how} ({profile.date})"


def _preference(profile: Profile) -> tuple[bool, bool, float]:
    return profile.batch != 1, profile.input_px != model(profile.model).input_px, profile.mean_ms


def _model_distance(wanted: str, measured: str) -> float:
    if wanted == measured:
        return 0
    if canonical_model(wanted) is None:
        return 2 - SequenceMatcher(None, wanted, measured).ratio()
    a, b = model(wanted), model(measured)
    return 0.1 + abs(math.log(a.parameters / b.parameters)) + 10 * (a.task != b.task)


def _hardware_distance(wanted: str, measured: str) -> float:
    if wanted == measured:
        return 0
    a, b = device(wanted), device(measured)
    if a is None or b is None or a.kind not in _SIZES:
        return 2 - SequenceMatcher(None, wanted, measured).ratio()
    likeness = SequenceMatcher(None, wanted, measured).ratio()
    return 1 + abs(_SIZES.index(a.kind) - _SIZES.index(b.kind)) - likeness / 2
