"""What a route sends over which links: one leg for each message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenarios.links import Hop, Link, path, usable
from scenarios.places import TIERS
from scenarios.pools import Pool
from scenarios.workloads import Message, Task, Workload

if TYPE_CHECKING:
    from scenarios.placement import Route
    from scenarios.scenario import Scenario

NOTHING = Message(0.0)


@dataclass(frozen=True)
class Leg:
    """One message of a route: the input of ``task``, or its answer on the way to the consumer.

    ``after`` is the task whose output travels; ``None`` at the source. ``receiver`` is a pool, or the place
    at which the data is stored. ``copies`` of it are sent: each copy of the sending task sends one to each copy of the
    task that it starts.
    """

    task: str
    answer: bool
    after: str | None
    sender: str
    receiver: str
    hops: tuple[Hop, ...]
    message: Message
    copies: int = 1


class NoPath(Exception):  # noqa: N818 - it names what is missing
    """Two pools that no link joins."""

    def __init__(self, sender: Pool, place: str) -> None:
        super().__init__(f"no link leads from {sender.at} ({sender.name}) to {place}")


def hops(links: Sequence[Link], sender: Pool, receiver: Pool) -> tuple[Hop, ...]:
    """Links that a message crosses from one pool to another.

    At one place it is the link within that place, if there is one, up towards the higher tier; between places
    the path with the fewest links. Of several links those that are only for one of the two pools go first.

    Raises
    ------
    NoPath
        Where no link joins the two places.
    """
    if sender.name == receiver.name:
        return ()
    if sender.at == receiver.at:
        here = usable(links, sender.name, receiver.name)
        within = next((link for link in here if link.ends == (sender.at, sender.at)), None)
        upwards = TIERS.index(receiver.tier) >= TIERS.index(sender.tier)
        return (Hop(within, "up" if upwards else "down"),) if within else ()
    found = path(links, sender.at, receiver.at, sender.name, receiver.name)
    if found is None:
        raise NoPath(sender, receiver.at)
    return found


def seen_at(scenario: Scenario, leg: Leg) -> frozenset[str]:
    """Every place that sees the message of a leg: where it arrives, and both ends of every link on the way."""
    pools = {pool.name: pool.at for pool in scenario.pools}
    ends = (place for hop in leg.hops for place in hop.link.ends)
    return frozenset((pools.get(leg.receiver, leg.receiver), *ends))


def input_message(workload: Workload, task: Task, after: str | None) -> Message:
    """What travels to ``task`` from one predecessor: its stated input, else that predecessor's output.

    With several predecessors the stated input comes from the first, the others send their outputs.
    """
    if task.input is not None and (after is None or after == task.after[0]):
        return task.input
    return (workload.task(after).output if after else None) or NOTHING


def stored(scenario: Scenario, route: Route) -> list[Leg]:
    """The messages of a route that are moved to a place and kept there."""
    workload = scenario.workload(route.workload)
    return [leg for leg in legs(scenario, workload, route) if workload.task(leg.task).store_at is not None]


def legs(scenario: Scenario, workload: Workload, route: Route) -> tuple[Leg, ...]:
    """Every message of a request on a route of its workload, tasks in topological order."""
    pools = {step.task: step.pool for step in route.steps}
    found = []
    for task in workload.tasks:
        if task.store_at is not None:
            found.append(_to_storage(scenario, workload, task, pools))
            continue
        here = scenario.pool(pools[task.name])
        for after in task.after or (None,):
            sender = scenario.pool(pools[after] if after else workload.source)
            way = hops(scenario.links, sender, here)
            copies = task.copies * (workload.task(after).copies if after else 1)
            message = input_message(workload, task, after)
            found.append(Leg(task.name, False, after, sender.name, here.name, way, message, copies))
        if task.answers:
            consumer = scenario.pool(workload.source if task.answer_to == "source" else task.answer_to)
            way = hops(scenario.links, here, consumer)
            answer = task.output or NOTHING
            found.append(Leg(task.name, True, task.name, here.name, consumer.name, way, answer, task.copies))
    return tuple(found)


def _to_storage(scenario: Scenario, workload: Workload, task: Task, pools: dict[str, str]) -> Leg:
    assert task.store_at is not None
    after = task.after[0] if task.after else None
    sender = scenario.pool(pools[after] if after else workload.source)
    way = path(scenario.links, sender.at, task.store_at, sender.name)
    if way is None:
        raise NoPath(sender, task.store_at)
    copies = workload.task(after).copies if after else 1
    return Leg(task.name, False, after, sender.name, task.store_at, way, input_message(workload, task, after), copies)
