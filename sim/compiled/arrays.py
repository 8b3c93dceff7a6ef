"""A network as arrays, for compiled code to read; nothing in here changes while a replication runs.

A *program* is what the requests of a flow do, once for all its sources; where they do it is *bound* source by source:
a program names a *slot*, and a source's row of ``bound`` says which queue that is.

| array | a row is | columns |
|---|---|---|
| ``roots`` | a program | first and number of the ``branches`` that leave the source |
| ``branches`` | a message | see ``BRANCH``; its ways follow each other in ``crossings``, all of one length |
| ``crossings`` | one link on a way | slot of its queue (-1: none), transmission and propagation [ns] |
| ``visits`` | a task where it is done | see ``VISIT``; ``messages`` have to come before it starts |
| ``runs`` | an outcome of the ``share`` draws | by task, whether it runs |
| ``sources`` | a source, then the background of a flow | see ``SOURCE`` |
| ``bound`` | a slot of a source's node, from ``BOUND`` on, ``SLOTS`` for each node | queue |
| ``laws`` | a law that is drawn | as ``sim.draws.draw`` reads it |
| ``servers`` | a queue, and behind them the station of what belongs to a single site | -1: bought by the request |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hardware_profiles.service_time import ServiceTime
from sim.background import merged
from sim.draws import Floats, Ints, law, table
from sim.flows import Flow, unpacked
from sim.journeys import Branch, Journey, Visit
from sim.network import Network

Flags = npt.NDArray[np.bool_]

BRANCH = BRANCH_TASK, BRANCH_RANK, WAY, WAYS, WAY_LENGTH, TO_VISIT = range(6)
VISIT = VISIT_TASK, VISIT_RANK, AT, COLUMN, MESSAGES, NODE_SLOTS, ANSWERS, NEXT, NEXTS = range(9)
SOURCE = PROGRAM, PROGRAM_STEP, RUNS, RUNS_STEP, SHARES, LAW, STREAM, COLUMNS, OF_NODES, BOUND, SLOTS, GAP = range(12)

NO_VISIT = -1


class Program(NamedTuple):
    """See the table above."""

    roots: Ints
    branches: Ints
    crossings: Ints
    visits: Ints
    runs: Flags
    sources: Ints
    bound: Ints
    laws: Floats
    servers: Ints


@lru_cache(maxsize=1)  # replications of one network follow each other
def compiled(network: Network) -> Program:
    """The arrays of a network; its journeys are walked once for each node of each source."""
    return _Writer(network).program()


class _Writer:
    """Collects rows; its order of walking a journey numbers the slots."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tasks = max((len(flow.names) for flow in network.flows), default=1)
        self._roots: list[tuple[int, int]] = []
        self._branches: list[list[int]] = []
        self._crossings: list[tuple[int, int, int]] = []
        self._visits: list[list[int]] = []
        self._runs: list[list[bool]] = []
        self._sources: list[tuple[int, ...]] = []
        self._bound: list[int] = []
        self._laws: list[Floats] = []
        self._streams = 0

    def program(self) -> Program:
        network = self._network
        of_flow = {id(flow): self._flow(flow) for flow in network.flows}
        for number, source in enumerate(network.sources):
            flow = source.flow
            program, runs, law_, gap = of_flow[id(flow)]
            bound, nodes = len(self._bound), flow.sources.of_nodes
            for origin in range(nodes):
                self._bound += _slots(network.journey(number, origin, (1,) * flow.shares))
            slots = (len(self._bound) - bound) // nodes
            self._source(flow, (program, 0, runs, 1), law_, (nodes, bound, slots), gap)
        for flow in network.background:
            self._background(flow, of_flow[id(flow)][2])
        return Program(
            _table(self._roots, 2),
            _table(self._branches, len(BRANCH)),
            _table(self._crossings, 3),
            _table(self._visits, len(VISIT)),
            np.array(self._runs, np.bool_).reshape(-1, self._tasks),
            _table(self._sources, len(SOURCE)),
            np.array(self._bound, np.int64),
            table(self._laws),
            np.array([*(-1 if q.servers is None else q.servers for q in network.queues), -1], np.int64),
        )

    def _flow(self, flow: Flow) -> tuple[int, int, int, int]:
        """Program, first row of ``runs``, first law of its draws and the law between two births of a flow."""
        whole = self._network.journey(self._network.first_source(flow), 0, (1,) * flow.shares)
        runs, first = len(self._runs), len(self._laws)
        for bits in range(1 << flow.shares):
            running = {task.name for task in flow.running(unpacked(bits, flow.shares))}
            self._runs.append([name in running for name in flow.names] + [False] * (self._tasks - len(flow.names)))
        self._laws.extend(flow.laws)
        return self._journey(whole, 0), runs, first, self._gap(flow.sources.rate_per_s)

    def _background(self, flow: Flow, first: int) -> None:
        """A program for each outcome, since what nobody shares is left out of it; all that is left of it runs."""
        programs, runs, bound = len(self._roots), len(self._runs), len(self._bound)
        self._runs.append([True] * self._tasks)
        for bits in range(1 << flow.shares):
            journey = self._network.journey_beyond(flow, unpacked(bits, flow.shares))
            self._journey(journey, len(self._bound) - bound)
            self._bound += _slots(journey)
        many = merged(flow)
        where = (1, bound, len(self._bound) - bound)
        self._source(flow, (programs, 1, runs, 0), first, where, self._gap(many.sources * many.rate_per_s))

    def _gap(self, rate_per_s: float) -> int:
        self._laws.append(law(ServiceTime.exponential(1.0 / rate_per_s)))
        return len(self._laws) - 1

    def _source(
        self, flow: Flow, does: tuple[int, int, int, int], first: int, where: tuple[int, int, int], gap: int
    ) -> None:
        columns = len(flow.columns)
        self._sources.append((*does, flow.shares, first, self._streams, columns, *where, gap))
        self._streams += columns

    # journeys

    def _journey(self, journey: Journey, first_slot: int) -> int:
        """Number of the program written."""
        self._slot = first_slot
        self._told: dict[int, int] = {}
        program = len(self._roots)
        self._roots.append((0, 0))
        self._roots[program] = self._messages(journey.roots)
        return program

    def _messages(self, branches: Sequence[Branch]) -> tuple[int, int]:
        """Rows that follow each other; then what each of them leads to."""
        first = len(self._branches)
        for branch in branches:
            length = len(branch.ways[0])
            row = [branch.task, branch.rank, len(self._crossings), len(branch.ways), length, NO_VISIT]
            self._branches.append(row)
            for way in branch.ways:
                for crossing in way:
                    slot = self._next_slot() if crossing.queue >= 0 else -1
                    self._crossings.append((slot, crossing.transmission_ns, crossing.propagation_ns))
        for number, branch in enumerate(branches, first):
            if branch.visit is not None:
                self._branches[number][TO_VISIT] = self._visit(branch.visit)
        return first, len(branches)

    def _visit(self, visit: Visit) -> int:
        if visit.task not in self._told:
            number = self._told[visit.task] = len(self._visits)
            row = [visit.task, visit.rank, self._next_slot(), visit.column, visit.messages, visit.slots]
            self._visits.append([*row, int(visit.answers), 0, 0])
            self._visits[number][NEXT:] = self._messages(visit.branches)
        return self._told[visit.task]

    def _next_slot(self) -> int:
        self._slot += 1
        return self._slot - 1


def _slots(journey: Journey) -> list[int]:
    """The queues of a journey, in the order in which a program numbers its slots."""
    told: set[int] = set()

    def walk(branches: Sequence[Branch]) -> Iterator[int]:
        for branch in branches:
            yield from (crossing.queue for way in branch.ways for crossing in way if crossing.queue >= 0)
        for branch in branches:
            if branch.visit is not None and branch.visit.task not in told:
                told.add(branch.visit.task)
                yield branch.visit.queue
                yield from walk(branch.visit.branches)

    return list(walk(journey.roots))


def _table(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, np.int64).reshape(-1, columns)
