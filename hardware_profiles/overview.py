"""What the catalogue holds: how much from where, and its models and devices with what is known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hardware_profiles.catalogue.devices import Device, device
from hardware_profiles.catalogue.identity import known_hardware, known_models
from hardware_profiles.catalogue.measured import counts_of
from hardware_profiles.catalogue.models import Model, model
from hardware_profiles.catalogue.tables import families, rows
from hardware_profiles.catalogue.vocabulary import DEVICE_KINDS
from hardware_profiles.matching import Part, readings


@dataclass(frozen=True)
class Family:
    """Measurements from one publisher: how many, what they are of, and under which licence."""

    name: str
    measurements: int
    about: str
    licence: str


@dataclass(frozen=True)
class Overview:
    """How many measurements, of how many models, on how many devices of each kind, from which families."""

    measurements: int
    models: int
    devices: dict[str, int]
    families: tuple[Family, ...]


def overview() -> Overview:
    """The whole catalogue in a few numbers; the largest family first, devices from the smallest kind."""
    by_name = {row["family"]: row for row in rows("families")}
    found = [
        Family(name, count, by_name[name]["about"], by_name[name]["licence"]) for name, count in families().items()
    ]
    kinds = Counter(box.kind for name in counts_of("hardware") if (box := device(name)))
    return Overview(
        sum(one.measurements for one in found),
        len(counts_of("model")),
        {kind: kinds[kind] for kind in DEVICE_KINDS if kinds[kind]},
        tuple(sorted(found, key=lambda one: -one.measurements)),
    )


def models_like(pattern: str = "") -> list[tuple[Model, int]]:
    """The models whose names, family or task hold the words, the best fit first, and how often each was measured."""
    counts = counts_of("model")
    found = (model(name) for name in _fitting(pattern, known_models(), Part.of_model))
    return [(one, counts.get(one.name, 0)) for one in found if one]


def devices_like(pattern: str = "") -> list[tuple[Device, int]]:
    """The devices whose names, kind or description hold the words, the best fit first, and how often each was
    measured."""
    counts = counts_of("hardware")
    found = (device(name) for name in _fitting(pattern, known_hardware(), Part.of_hardware))
    return [(one, counts.get(one.profiled_as, 0)) for one in found if one]


def _fitting(pattern: str, names: Sequence[str], fit: Callable[[Part, str], int | None]) -> list[str]:
    for parts in readings(pattern):
        fits = {name: [fit(part, name) for part in parts] for name in names}
        known = {name: sum(filter(None, some)) for name, some in fits.items() if None not in some}
        if known:
            return sorted(known, key=lambda name: (known[name], name))
    return []
