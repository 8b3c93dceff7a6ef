"""A scenario and a placement as queues, sources and journeys: what the data planes play."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from hardware_profiles.faults import Fault, NotSupported
from scenarios.demand import Sources
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.workloads import Task, Workload
from sim.draws import Floats, chance, choice, law, table

if TYPE_CHECKING:
    from scenarios.placement import Route

TASK_BITS, COPY_BITS = 8, 8


@dataclass(frozen=True)
class Queue:
    """One FIFO queue of a pool, or one direction of one instance of a link."""

    name: str  # the pool's, or ``uplink.up``
    link: bool
    group: str | None
    site: int
    number: int  # sub-pool at its site, or the node whose port it is
    servers: int | None  # None: bought by the request, nobody waits


class Crossing(NamedTuple):
    """One direction of one link on the way of a message."""

    queue: int  # -1: no transmission time
    transmission_ns: int
    propagation_ns: int


Way = tuple[Crossing, ...]


class Sending(NamedTuple):
    """Bytes over one direction of a link; ``group`` is ``None`` between regions."""

    link: str
    direction: str
    group: str | None
    size_bytes: float


@dataclass(frozen=True, slots=True)
class Branch:
    """A message on its way to a task, or (``visit`` is ``None``) an answer on its way to its consumer."""

    task: int
    rank: int  # task and copy, as they count in the order of events
    ways: tuple[Way, ...]  # by the node, within its queue, that sends it
    sendings: tuple[Sending, ...]
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One task at its queue, and what it sends off when it is done."""

    task: int
    rank: int
    queue: int
    column: int  # of its service time in a row of draws
    messages: int  # that must have come before it starts
    slots: int  # servers of one node
    answers: bool
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """What one request does: the messages that leave its source and all that follows."""

    roots: tuple[Branch, ...]
    joins: dict[int, int]  # task with several predecessors → messages that it waits for


@dataclass(frozen=True)
class Flow:
    """One workload at the sites of one group, with the laws of everything drawn for its requests.

    A row of draws holds, in the order of ``columns``, (``share``, task) for each task that may not run,
    (``service``, task) for each task, and (``origin``, "") where a source stands for several nodes.
    """

    workload: Workload
    group: Group | None
    source_pool: Pool
    route: Route
    sources: Sources

    @property
    def key(self) -> str:
        return self.group.key if self.group else ""

    @property
    def label(self) -> str:
        """The group, or the region of a source in a region."""
        return self.group.key if self.group else self.source_pool.at

    @property
    def sites(self) -> int:
        return self.group.count if self.group else 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Tasks by number: in the order of their names, which is their order among simultaneous events."""
        return tuple(sorted(task.name for task in self.workload.tasks))

    @cached_property
    def columns(self) -> tuple[tuple[str, str], ...]:
        shares = [("share", task.name) for task in self.workload.tasks if task.share < 1]
        services = [("service", task.name) for task in self.workload.tasks]
        return (*shares, *services, *([("origin", "")] if self.sources.of_nodes > 1 else []))

    @cached_property
    def shares(self) -> int:
        """How many of the columns, from the first, say whether a task runs."""
        return sum(stream == "share" for stream, _ in self.columns)

    @cached_property
    def laws(self) -> Floats:
        def one(stream: str, task: str) -> Floats:
            if stream == "share":
                return chance(self.workload.task(task).share)
            return law(self.route.step(task).variant.service) if stream == "service" else choice(self.sources.of_nodes)

        return table([one(*column) for column in self.columns])

    def ran(self, happened: tuple[int, ...]) -> tuple[Task, ...]:
        """The tasks that run, given the first ``shares`` draws: those whose predecessors all ran."""
        refused = {task for (_, task), yes in zip(self.columns, happened, strict=False) if not yes}
        found: dict[str, Task] = {}
        for task in self.workload.tasks:
            if task.name not in refused and all(name in found for name in task.after):
                found[task.name] = task
        return tuple(found.values())

    def probability(self, task: str) -> float:
        """That a request reaches a task: the shares of it and of all before it."""
        before: set[str] = set()
        todo = [task]
        while todo:
            name = todo.pop()
            if name not in before:
                before.add(name)
                todo.extend(self.workload.task(name).after)
        return math.prod(self.workload.task(name).share for name in before)

    def place(self, sub_pool: int, site: int) -> str:
        """``line 3``, with its site where there are several."""
        per = self.source_pool.count.per if self.sources.per == "node" else self.sources.per
        part = f"{per} {sub_pool + 1}" if self.sources.queues > 1 else ""
        where = f"{self.label} {site + 1}" if self.sites > 1 else self.label
        return f"{part} of {where}" if part else where


@dataclass(frozen=True)
class Source:
    """One source of a flow: a node, or a site or fact behind which several nodes stand."""

    flow: Flow
    site: int
    number: int

    @property
    def sub_pool(self) -> int:
        return self.number // self.flow.sources.per_queue

    @property
    def fraction(self) -> float:
        """Its share of a period, when the sources of its sub-pool are staggered."""
        return self.number % self.flow.sources.per_queue / self.flow.sources.per_queue

    def node(self, drawn: int) -> int:
        """The node, counted over the site, where a request starts."""
        return self.number * self.flow.sources.of_nodes + drawn


class Network:
    """Everything that replications share; it never changes while they run.

    Parameters
    ----------
    queues
        In the order of name, group, site and number.
    sources
        In the order in which simultaneous events count: workload, group, site, source.
    journeys
        For each source, by the node drawn and by the draws that say which tasks run.
    """

    def __init__(
        self, queues: tuple[Queue, ...], sources: tuple[Source, ...], journeys: dict[tuple[int, ...], Journey]
    ) -> None:
        self.queues = queues
        self.sources = sources
        self.journeys = journeys

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        return tuple({id(source.flow): source.flow for source in self.sources}.values())

    def one_journey(self, flow: Flow, happened: tuple[int, ...]) -> Journey:
        """The journey of a flow's first source; those of the others differ only in their queues."""
        number = next(i for i, source in enumerate(self.sources) if source.flow is flow)
        return self.journeys[(number, 0, *happened)]

    @cached_property
    def offered(self) -> tuple[float, ...]:
        """Offered load of each queue: the mean number of servers at work if there were enough."""
        load = [0.0] * len(self.queues)
        for number, source in enumerate(self.sources):
            flow = source.flow
            origins = flow.sources.of_nodes
            rate = flow.sources.rate_per_s / origins
            every = (1,) * flow.shares
            for origin in range(origins):
                for branch in branches(self.journeys[(number, origin, *every)]):
                    task = flow.names[branch.task]
                    reached = rate * flow.probability(task)
                    for way in branch.ways:
                        for crossing in way:
                            if crossing.queue >= 0:
                                load[crossing.queue] += reached * crossing.transmission_ns / 1e9 / len(branch.ways)
                    if branch.visit and branch.visit.messages * reached:
                        service = flow.route.step(task).variant.service.mean_s
                        load[branch.visit.queue] += reached * service / branch.visit.messages
        return tuple(load)

    @cached_property
    def overloaded(self) -> tuple[int, ...]:
        """Queues that are offered as much as they can serve, or more: they grow for as long as one looks."""
        return tuple(
            i
            for i, (queue, load) in enumerate(zip(self.queues, self.offered, strict=True))
            if queue.servers is not None and load >= queue.servers
        )


def branches(journey: Journey) -> Iterator[Branch]:
    """Every message of a journey once (a task that several messages start goes on once)."""
    todo = list(journey.roots)
    gone: set[int] = set()
    while todo:
        branch = todo.pop()
        yield branch
        if branch.visit and branch.visit.task not in gone:
            gone.add(branch.visit.task)
            todo.extend(branch.visit.branches)


def not_supported(path: str, found: str, expected: str) -> NotSupported:
    return NotSupported(Fault(path, found, expected))
