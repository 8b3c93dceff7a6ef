"""Pools of identical nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scenarios.places import Group

Dispatch = Literal["own", "shared_queue", "random", "least_loaded"]

SPREAD: tuple[Dispatch, ...] = ("random", "least_loaded")
"""Each node has a queue of its own, and who comes is sent to one of them."""


@dataclass(frozen=True)
class Count:
    """``low..high`` nodes for each ``per`` (a fact of the site); per site, or in all in a region, when ``None``."""

    low: int
    high: int
    per: str | None = None

    @property
    def fixed(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True)
class Scaling:
    """How the number of nodes follows the load; ``sim.scaling`` says what each part does.

    ``target_utilisation`` is a share, ``queue_depth`` the requests that wait for each node more; ``start_up_s``,
    ``cool_down_s`` and ``every_s`` are times [s].
    """

    target_utilisation: float | None
    queue_depth: int | None
    start_up_s: float
    cool_down_s: float = 300.0
    at_least: int = 1
    every_s: float = 15.0


@dataclass(frozen=True)
class ColdStart:
    """``time_s`` [s] more for who finds no instance that was at work within ``idle_s`` [s]: ``sim.instances``."""

    time_s: float
    idle_s: float


@dataclass(frozen=True)
class Pool:
    """Identical nodes at one tier of a place.

    Counted per fact (``2 per line``) it falls into sub-pools, each with a queue of its own, unless ``pooled``.
    """

    name: str
    tier: str
    at: str  # a site or a region
    local: bool  # at a site
    hardware: tuple[str, ...]  # choices; empty in favour of offers
    offers: tuple[str, ...]
    count: Count
    spare: int = (
        0  # nodes bought and powered beside the count, per queue's place (site or region), when the pool is used
    )
    owned: bool = False  # capex 0; power and maintenance in every plan
    paid_by_user: bool = False  # on nobody's bill here
    dispatch: Dispatch = "shared_queue"
    slots: int = 1
    pooled: bool = False
    scaling: Scaling | None = None  # ``count`` nodes are the most then
    concurrent: int | None = None  # requests that an offer priced by the request serves at once; None: any number
    cold_start: ColdStart | None = None  # of such an offer

    @property
    def choices(self) -> tuple[str, ...]:
        """The hardware or the offers that the planner picks one of."""
        return self.hardware or self.offers

    def queues(self, group: Group | None) -> int:
        """Sub-pools with a queue of their own at one site of the group (1 in a region)."""
        if self.count.per is None or self.pooled or group is None:
            return 1
        return group.facts[self.count.per]

    def nodes_per_queue(self, group: Group | None, count: int) -> int:
        """Nodes behind one queue when ``count`` is chosen (a pooled sub-pool count is multiplied out)."""
        if self.pooled and self.count.per is not None and group is not None:
            return count * group.facts[self.count.per]
        return count
