"""Dispatch: which node serves a task, where each node of a (sub-)pool has a queue of its own.

- ``random``: any of them, each as likely, by a draw of the work; nothing is looked at.
- ``least_loaded``: that with the fewest services in progress and requests waiting, of equal ones the lowest number. It
  is looked at when the task comes, and not again.

Who has been sent to a node stays there; a node that is down is sent its part as well. What a pool passes on to itself
may come to another node, and crosses no link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.placement import Placement, Route
    from scenarios.places import Group
    from scenarios.scenario import Scenario
    from sim.control import Handle


def dispatched(
    scenario: Scenario, placement: Placement, route: Route, group: Group | None
) -> tuple[tuple[str, int], ...]:
    """Tasks of a route that are sent at random to one of so many nodes."""
    found = []
    for step in route.steps:
        pool = scenario.pool(step.pool)
        here = not pool.local or (group is not None and group.site == pool.at)  # else it is refused by name later
        if pool.dispatch == "random" and here:
            at = group if pool.local else None
            nodes = pool.nodes_per_queue(at, placement.nodes_of(pool.name, at.key if at else None).count)
            if nodes > 1:
                found.append((step.task, nodes))
    return tuple(found)


def least_loaded(station: Callable[[int], Handle], among: Sequence[int]) -> int:
    """Place in ``among`` of the queue with the least load; ``station`` gives that of the queue with a number."""
    loads = [one.busy + one.waiting for one in map(station, among)]
    return loads.index(min(loads))
