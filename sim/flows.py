"""The streams of requests: a workload at the sites of a group, and each of its sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from hardware_profiles.service_time import ServiceTime
from scenarios.demand import Sources, reach
from scenarios.placement import Route
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.workloads import Task, Workload
from sim.draws import Floats, Ints, chance, choice, law, table, window
from sim.on_the_way import Drawn


@dataclass(frozen=True)
class Flow:
    """One workload at the sites of one group, or in a region, with the laws of all that is drawn for a request.

    Attributes
    ----------
    sites
        That are simulated in full; a region is one.
    drawn
        What is drawn for its messages on their way.
    dispatched
        Tasks that are sent to one of so many nodes by a draw.
    """

    workload: Workload
    group: Group | None
    source_pool: Pool
    route: Route
    sources: Sources
    sites: int
    drawn: tuple[Drawn, ...] = ()
    dispatched: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> str:
        """The group; a source in a region has its place instead."""
        return self.group.key if self.group else self.source_pool.at

    @property
    def others(self) -> int:
        """Sites of the group that are not simulated in full."""
        return self.group.count - self.sites if self.group else 0

    @property
    def weight(self) -> float:
        """Sites of the group for each that is simulated in full."""
        return (self.sites + self.others) / self.sites

    @cached_property
    def everywhere(self) -> tuple[Ints, Ints]:
        """Site of each source, and its number there."""
        return np.divmod(np.arange(self.sites * self.sources.number), self.sources.number)

    @property
    def origins(self) -> tuple[Ints, Ints, Ints]:
        """Site, sub-pool and node, counted over the site, of each node of each source."""
        nodes = self.sources.of_nodes
        site, number = (np.repeat(of, nodes) for of in self.everywhere)
        return site, number // self.sources.per_queue, number * nodes + np.arange(len(number)) % nodes

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Tasks by number: sorted by name, as they count among simultaneous events."""
        return tuple(sorted(task.name for task in self.workload.tasks))

    @cached_property
    def columns(self) -> tuple[tuple[str | int, ...], ...]:
        """(stream, task, copy) of each draw for one request; of those on the way all their names.

        First ``share`` for each task that may not run, then ``service`` for each copy of each task, then ``dispatch``
        for each copy of those that are ``dispatched``, then ``delay`` and ``loss`` of messages, then ``origin`` where
        a source stands for several nodes.
        """
        shares = [("share", task.name, 0) for task in self.workload.tasks if task.share < 1]
        services = [("service", task.name, copy) for task in self.workload.tasks for copy in range(task.copies)]
        several = {task.name: range(task.copies) for task in self.workload.tasks}
        dispatched = [("dispatch", task, copy) for task, _ in self.dispatched for copy in several[task]]
        way = [drawn.names for drawn in self.drawn]
        return (*shares, *services, *dispatched, *way, *([("origin", "", 0)] if self.sources.of_nodes > 1 else []))

    @cached_property
    def shares(self) -> int:
        """How many of the columns, from the first, say whether a task runs."""
        return sum(stream == "share" for stream, *_ in self.columns)

    @property
    def origin(self) -> int:
        """The column of the ``origin``, where a source stands for several nodes."""
        return self.columns.index(("origin", "", 0))

    @cached_property
    def _batched(self) -> tuple[tuple[int, ServiceTime], ...]:
        """Column and time of each number of requests that are executed together, beyond one."""
        services = ((number, str(column[1])) for number, column in enumerate(self.columns) if column[0] == "service")
        return tuple((column, time) for column, task in services for time in self.route.step(task).variant.batches)

    def service(self, task: str, copy: int) -> int:
        """The column of the service time of a copy of a task."""
        return self.columns.index(("service", task, copy))

    def batches(self, column: int) -> tuple[int, ...]:
        """Where the times of 2, 3 … together, by the first of which they are drawn, stand behind the columns."""
        return tuple(len(self.columns) + number for number, (of, _) in enumerate(self._batched) if of == column)

    @cached_property
    def keys(self) -> Ints:
        """The column by whose stream each of the ``laws`` is drawn: those of batches by that of their task."""
        return np.array([*range(len(self.columns)), *(column for column, _ in self._batched)], np.int64)

    @cached_property
    def laws(self) -> Floats:
        """Of the columns, then of the batches."""
        way = {drawn.names: drawn for drawn in self.drawn}

        def one(column: tuple[str | int, ...]) -> Floats:
            match column:
                case ("share", str(task), _):
                    collects = self.workload.task(task).collects
                    return window(collects) if collects else chance(self.workload.task(task).share)
                case ("service", str(task), _):
                    return law(self.route.step(task).variant.service)
                case ("dispatch", str(task), _):
                    return choice(dict(self.dispatched)[task])
                case ("origin", _, _):
                    return choice(self.sources.of_nodes)
                case _:
                    return way[column].law  # type: ignore[index]

        return table([*map(one, self.columns), *(law(time) for _, time in self._batched)])

    def running(self, happened: Sequence[int]) -> tuple[Task, ...]:
        """Tasks that run, given the ``share`` draws: those not held back and whose predecessors all run.

        A speculative task runs where the one does that it is ahead of, whether it is needed or not.
        """
        held_back, found = self._held_back(happened), dict[str, Task]()
        for task in self.workload.tasks:
            runs = task.ahead_of in found if task.ahead_of else task.name not in held_back
            if runs and all(name in found for name in task.after):
                found[task.name] = task
        return tuple(found.values())

    def needed(self, happened: Sequence[int]) -> tuple[Task, ...]:
        """Those of the tasks that run which are not held back: the answers of the others do not count."""
        held_back = self._held_back(happened)
        return tuple(task for task in self.running(happened) if task.name not in held_back)

    def _held_back(self, happened: Sequence[int]) -> set[str | int]:
        return {task for (_, task, *_), yes in zip(self.columns, happened, strict=False) if not yes}

    @cached_property
    def following(self) -> tuple[int, ...]:
        """Of each task, by number, those that can only follow from it, and itself: a bit for each."""
        masks: dict[str, int] = {name: 1 << number for number, name in enumerate(self.names)}
        for task in reversed(self.workload.tasks):
            for before in task.after:
                masks[before] |= masks[task.name]
        return tuple(masks[name] for name in self.names)

    def left_out(self, task: int, row: Sequence[int]) -> list[int]:
        """Tasks of a request, by number, that are not done where one is left out; its draws say which it runs."""
        running = {self.names.index(one.name) for one in self.running(row[: self.shares])}
        return [number for number in sorted(running) if self.following[task] >> number & 1]

    @cached_property
    def reach(self) -> dict[str, float]:
        """Probability that a request runs each task."""
        return reach(self.workload)

    def place(self, site: int, sub_pool: int) -> str:
        """Where a request came from: ``line 3 of plant/all``, with the number of the site where there are several."""
        where = f"{self.key} {site + 1}" if self.sites + self.others > 1 else self.key
        if self.sources.queues == 1:
            return where
        fact = self.source_pool.count.per if self.sources.per == "node" else self.sources.per
        return f"{fact} {sub_pool + 1} of {where}"


class Source(NamedTuple):
    """One source of a flow: a node, or a fact or a whole site behind which several nodes stand."""

    flow: Flow
    site: int
    number: int

    @property
    def sub_pool(self) -> int:
        return self.number // self.flow.sources.per_queue


def unpacked(bits: int, shares: int) -> tuple[int, ...]:
    """Outcome of each ``share`` draw, from its bit."""
    return tuple(bits >> i & 1 for i in range(shares))
