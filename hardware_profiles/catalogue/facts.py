"""One number with its origin, about a device or about a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hardware_profiles.catalogue.tables import rows_of


@dataclass(frozen=True)
class Fact:
    """One number with its origin; the unit is in the name of the field that holds it."""

    value: float
    kind: str  # measured, listed or assumed
    source: str
    date: str
    conditions: str = ""


def facts_of(what: str, name: str) -> Mapping[str, Fact]:
    """The facts of a ``device`` or a ``model`` of that canonical name; of two values the newer, then the later row."""
    oldest_first = sorted(rows_of(f"{what}_facts", what).get((name,), ()), key=lambda row: row["date"])
    return {
        row["fact"]: Fact(float(row["value"]), row["kind"], row["source"], row["date"], row["conditions"])
        for row in oldest_first
    }
