"""Tiers, sites with their groups, and how many of everything there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TIERS = ("device", "gateway", "on_prem", "network_edge", "regional_cloud", "cloud")
EDGE_TIERS = ("device", "gateway", "on_prem")
CLOUD_TIERS = ("regional_cloud", "cloud")


@dataclass(frozen=True)
class Group:
    """Identical sites of one kind: one archetype for the planner."""

    site: str
    name: str
    count: int
    facts: Mapping[str, int] = field(default_factory=dict)  # whole numbers in the singular: {"line": 10}
    hardware: Mapping[str, str | None] = field(default_factory=dict)  # given per group: {"phone": "samsung-galaxy-s24"}

    @property
    def key(self) -> str:
        return f"{self.site}/{self.name}"


@dataclass(frozen=True)
class Site:
    """A kind of place in a region, in groups of identical ones."""

    name: str
    region: str
    groups: tuple[Group, ...]
    member_of: str | None = None
