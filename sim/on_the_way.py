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

ANSWER = -1  # stands for the copy of an answer; that of the next copy of its task is one less

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
    every = ((leg, message) for leg in legs(scenario, workload, route) for message in _messages(workload, leg))
    return tuple(drawn for leg, message in every for hop in leg.hops for drawn in _at(leg, message, hop))


def _at(leg: Leg, message: int, hop: Hop) -> Iterator[Drawn]:
    if hop.link.loss:
        yield Drawn(names("loss", leg, message, hop), hop.link.loss)
    if hop.link.rtt.kind != "constant":
        yield Drawn(names("delay", leg, message, hop), hop.link.one_way)


def names(stream: str, leg: Leg, message: int, hop: Hop) -> Names:
    """By the message and the hop alone, so that it is the same whatever else is placed where."""
    return (stream, leg.task, ANSWER - message if leg.answer else message, 0, hop.name)


def message_of(workload: Workload, leg: Leg, sender: int, receiver: int) -> int:
    """Which of the messages to its task it is, or of its answers, given the copies that send and that receive it.

    They are told apart by the copy that they start, then by the name of the task that sends them, then by its copy.
    """
    copies = {name: workload.task(name).copies for name in sorted(workload.task(leg.task).after)}
    if leg.answer or leg.after is None:
        return sender + receiver
    before = sum(number for name, number in copies.items() if name < leg.after)
    return receiver * sum(copies.values()) + before + sender


def _messages(workload: Workload, leg: Leg) -> Iterator[int]:
    """All of a leg."""
    senders = workload.task(leg.after).copies if leg.after else 1
    for receiver in range(leg.copies // senders):
        for sender in range(senders):
            yield message_of(workload, leg, sender, receiver)
