"""Lanes: how those wait who come to a pool for different tasks.

Each task that comes to a pool has a lane there. The servers turn to the lane of the smallest priority number in which
somebody waits, of equal ones to that whose first has waited longest; within a lane it is first come, first served.
Where nothing else is said of any task of a pool, all its lanes together are one queue, first come, first served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scenarios.workloads import Task
from sim.draws import nanoseconds
from sim.flows import Flow

LAST = 1 << 20  # the priority of a task that names none
NEVER = -1


class Lane(NamedTuple):
    """The lane of one task at a pool.

    Attributes
    ----------
    priority
        1 is served first; who is in service is never interrupted.
    room
        Most that may wait here (``NEVER``: no limit): who comes when so many wait is dropped or, where ``latest`` are
        kept, the one that has waited longest.
    of_source
        Of each source only the latest waits: one that comes takes the place of the one before it.
    patience_ns
        Who has not started so long after its birth leaves the queue (``NEVER``: everyone stays); to start at that very
        instant is in time.
    together, wait_ns
        Whether several are executed at once, one after the other as they wait. They start as soon as there are as many
        as the first of them can be executed with, or the first has waited ``wait_ns``; who comes at that very instant
        is among them. It takes as long as so many are said to take, by the draw of the first.
    """

    workload: str
    task: str
    priority: int
    room: int
    latest: bool
    of_source: bool
    patience_ns: int
    together: bool
    wait_ns: int

    @property
    def plain(self) -> bool:
        """Whether whoever comes waits for as long as it takes."""
        return self.room == NEVER and not self.of_source and self.patience_ns == NEVER and not self.together


def lane(workload: str, task: Task) -> Lane:
    """The lane of a task, wherever it runs."""
    limit, patience = task.queue, task.drop_after_s
    room = NEVER if limit is None or limit.at_most is None else limit.at_most
    latest = limit is not None and limit.keep == "latest"
    return Lane(
        workload,
        task.name,
        LAST if task.priority is None else task.priority,
        room,
        latest,
        latest and room == NEVER,
        NEVER if patience is None else nanoseconds(patience),
        task.batching is not None,
        nanoseconds(task.batching.wait_s) if task.batching else 0,
    )


def lanes(flows: Iterable[Flow]) -> Mapping[str, tuple[Lane, ...]]:
    """The lanes of each pool, by workload and task; none where it is one queue, first come, first served."""
    found: dict[str, set[Lane]] = defaultdict(set)
    for flow in flows:
        for step in flow.route.steps:
            found[step.pool].add(lane(flow.workload.name, flow.workload.task(step.task)))
    return {pool: tuple(sorted(some)) for pool, some in found.items() if not _one_queue(some)}


def _one_queue(some: set[Lane]) -> bool:
    return len({one.priority for one in some}) == 1 and all(one.plain for one in some)
