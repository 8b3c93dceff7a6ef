"""What is drawn for a message on its way: how long each crossing of a link takes, and how often it is lost there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from hardware_profiles.service_time import ServiceTime
from scenarios.journey import Leg, legs
from scenarios.links import Hop
from scenarios.workloads import Workload
from sim.draws import Floats, law, losses

if TYPE_CHECKING:
    from scenarios.placement import Route
    from scenarios.scenario import Scenario

ANSWER = -1  # stands for the copy of an answer

Names = tuple[str, str, int, int, str]
"""Of a draw: stream, task, copy, attempt (0: what is lost and repeated is one draw), hop."""


class Drawn(NamedTuple):
    """A draw for a message at one hop: its propagation, or how often it is lost (with this probability a try)."""

    names: Names
    of: ServiceTime | float

    @property
    def law(self) -> Floats:
        return law(self.of) if isinstance(self.of, ServiceTime) else losses(self.of)


def drawn_on_the_way(scenario: Scenario, workload: Workload, route: Route) -> tuple[Drawn, ...]:
    """Every such draw of a request on a route of its workload; none for a hop whose delay is constant."""
    every = (_at(workload, leg, hop) for leg in legs(scenario, workload, route) for hop in leg.hops)
    return tuple(drawn for at_one in every for drawn in at_one)


def _at(workload: Workload, leg: Leg, hop: Hop) -> Iterator[Drawn]:
    if hop.link.loss:
        yield Drawn(names("loss", workload, leg, hop), hop.link.loss)
    if hop.link.rtt.kind != "constant":
        yield Drawn(names("delay", workload, leg, hop), hop.link.one_way)


def names(stream: str, workload: Workload, leg: Leg, hop: Hop) -> Names:
    """By the message and the hop alone, so that it is the same whatever else is placed where."""
    return (stream, leg.task, ANSWER if leg.answer else copy_of(workload, leg), 0, hop.name)


def copy_of(workload: Workload, leg: Leg) -> int:
    """Which of the messages to its task it is, by the names of those that send them."""
    after = workload.task(leg.task).after
    return sorted(after).index(leg.after) if leg.after in after else 0
