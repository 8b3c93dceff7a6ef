"""What is known of a device apart from how fast it runs a model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hardware_profiles.identity import canonical_hardware
from hardware_profiles.tables import rows


@dataclass(frozen=True)
class Fact:
    """One number with its origin; the unit is in the name of the field that holds it."""

    value: float
    kind: str  # measured, listed or assumed
    source: str
    date: str
    conditions: str = ""


@dataclass(frozen=True)
class Device:
    """A device and its facts; None where no source says, which is never the same as zero.

    ``profiled_as`` is the hardware whose measurements count for it: its own, or the card inside a server.
    ``idle_w`` and ``busy_w`` are draws [W], ``price_usd`` is what one costs without installation [USD].
    """

    name: str
    kind: str
    about: str
    profiled_as: str
    price_usd: Fact | None = None
    idle_w: Fact | None = None
    busy_w: Fact | None = None
    memory_gb: Fact | None = None
    lifetime_years: Fact | None = None


def device(name: str) -> Device | None:
    """The device of a name or alias; of two values for one fact the newer counts. None if unknown."""
    canonical = canonical_hardware(name)
    return _device(canonical) if canonical else None


@lru_cache
def _device(name: str) -> Device:
    row = next(row for row in rows("devices") if row["name"] == name)
    oldest_first = sorted(rows("device_facts"), key=lambda fact: fact["date"])
    facts = {fact["fact"]: fact for fact in oldest_first if fact["device"] == name}
    return Device(
        name,
        row["kind"],
        row["about"],
        row["profiled_as"] or name,
        **{
            name: Fact(float(fact["value"]), fact["kind"], fact["source"], fact["date"], fact["conditions"])
            for name, fact in facts.items()
        },
    )
