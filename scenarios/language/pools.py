"""Pools of identical nodes."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scenarios.language.quantities import (
    Counted,
    Joules,
    Number,
    PerTime,
    Seconds,
    Share,
    SomeNumber,
    SomeSeconds,
    SomeShare,
)
from scenarios.language.shape import Judged, Later, Names, Shape, fault
from scenarios.pools import Count

Tier = Literal["device", "gateway", "on_prem", "network_edge", "regional_cloud", "cloud"]


class PowerText(Shape):
    """What feeds a node."""

    battery: Annotated[Joules | None, Later("battery life")] = None
    """Energy of its battery."""


class ScalingText(Shape):
    """How the number of nodes follows the load, up to the count."""

    example: ClassVar[str] = "{target_utilisation: 60 %, start_up: 90 s}"

    target_utilisation: SomeShare | None = None
    """Share of the time that nodes shall be at work."""
    queue_depth: SomeNumber | None = None
    """Waiting requests for which there is a node more."""
    start_up: Seconds
    """From the order of a node until it serves."""
    cool_down: Seconds = 300.0
    """There are fewer nodes when none more were wanted for so long: 5 minutes."""
    at_least: Number = 1
    """Nodes that always stay; with 0 the first request that comes to an empty pool waits for one to start up."""
    every: SomeSeconds = 15.0
    """From one look at the load to the next: 15 seconds."""

    @model_validator(mode="after")
    def _followed(self) -> ScalingText:
        if self.target_utilisation is None and self.queue_depth is None:
            raise fault("neither target_utilisation nor queue_depth", "one of them, or both")
        if self.at_least == 0 and self.start_up == 0:
            raise fault("at_least: 0 and no time to start up", "a start_up above zero")
        return self


class SpotText(Shape):
    """How often the provider takes nodes back."""

    interruptions: PerTime | None = None
    notice: Seconds | None = None


class ColdStartText(Shape):
    """What a request pays that finds no instance ready."""

    example: ClassVar[str] = "{time: 800 ms, idle: 15 min}"

    time: SomeSeconds
    """On top of its service."""
    idle: Seconds
    """How long an instance stays ready after its last request."""


class LimitText(Shape):
    """What an offer allows at most."""

    concurrent: SomeNumber
    """Requests served at once; the others wait in one queue."""


class PoolText(Shape):
    """Identical nodes at one tier of a place, on hardware of one's own or an offer of a cloud."""

    tier: Tier
    """device, gateway, on_prem, network_edge, regional_cloud or cloud."""
    at: str
    """The kind of site, or the region, that it stands in."""
    hardware: Names | None = None
    """One or several to choose from; left out where the groups of the site say it."""
    offer: Names | None = None
    """One or several to choose from, such as ``azure NC4as_T4_v3``."""
    count: Counted = Count(1, 1)
    """Nodes per site (in a region: in all): ``3``, ``0..4``, ``2 per gate``, ``0..4 per line``."""
    spare: Number = 0
    """Nodes bought and powered beside the count."""
    owned: Literal["all", 0] = 0
    """``all``: they are there already, so there is no purchase; power and maintenance stay."""
    paid_by: Literal["user"] | None = None
    """``user``: on nobody's bill here."""
    dispatch: Literal["own", "shared_queue", "random", "least_loaded"] | None = None
    """Who serves what: each node its own (default at tier device), one queue for all, or each node has a queue and who
    comes is sent to any of them, or to the least loaded."""
    slots: Number = 1
    """Executions at once on one node."""
    pooled: Literal["site"] | None = None
    """``site``: one queue for a site although the nodes are counted per fact."""
    power: PowerText | None = None
    """A battery."""
    scaling: Annotated[ScalingText | None, Judged("autoscaling (planned and paid for at its full count)")] = None
    """How the number of nodes follows the load."""
    spot: Annotated[SpotText | None, Later("spot interruptions")] = None
    """Interruptions by the provider."""
    limit: Annotated[LimitText | None, Judged("limits of an offer")] = None
    """What the offer allows at most."""
    cold_start: Annotated[ColdStartText | None, Judged("cold starts (planned as if every instance were ready)")] = None
    """What a request pays at an offer priced by the request that finds no instance ready."""
    availability: Annotated[Share | None, Later("availability of nodes")] = None
    """Share of the time that a node is up."""
    thermal: Annotated[dict[str, Any] | None, Later("thermal throttling")] = Field(default=None)
    """How a node slows down when hot."""

    @model_validator(mode="after")
    def _one_kind(self) -> PoolText:
        if self.hardware is not None and self.offer is not None:
            raise fault("hardware and an offer", "one of them")
        if self.slots == 0:
            raise fault("slots: 0", "at least one slot")
        return self
