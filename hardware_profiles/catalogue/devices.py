"""What is known of a device apart from how fast it runs a model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hardware_profiles.catalogue.facts import Fact, facts_of
from hardware_profiles.catalogue.identity import canonical_hardware
from hardware_profiles.catalogue.tables import rows_of

__all__ = ["Device", "Fact", "device"]


@dataclass(frozen=True)
class Device:
    """A device and its facts; None where no source says, which is never the same as zero.

    ``profiled_as`` is the hardware whose measurements count for it: its own, or the card inside a server.
    ``idle_w``, ``busy_w`` and ``peak_w`` are draws [W]: doing nothing, typically while computing, and at most;
    ``price_usd`` is what one costs without installation [USD].
    """

    name: str
    kind: str
    about: str
    profiled_as: str
    price_usd: Fact | None = None
    idle_w: Fact | None = None
    busy_w: Fact | None = None
    peak_w: Fact | None = None
    memory_gb: Fact | None = None
    lifetime_years: Fact | None = None


def device(name: str) -> Device | None:
    """The device of a name or alias; of two values for one fact the newer counts. None if unknown."""
    canonical = canonical_hardware(name)
    return _device(canonical) if canonical else None


def profiled_as(hardware: str) -> str:
    """The hardware whose measurements count for a name: its own, or the card inside; unknown names as they are."""
    box = device(hardware)
    return box.profiled_as if box else hardware


@cache
def _device(name: str) -> Device:
    (row,) = rows_of("devices", "name")[(name,)]
    return Device(name, row["kind"], row["about"], row["profiled_as"] or name, **facts_of("device", name))
