"""A network as arrays, for compiled code to read; nothing in here changes while a replication runs.

A *program* is what the requests of a flow do, once for all its sources; where they do it is *bound* source by source:
a program names a *slot*, and a source's row of ``bound`` says which station that is.

| array | a row is | columns |
|---|---|---|
| ``roots`` | a program | first and number of the ``exits`` by which a request leaves its source |
| ``hops`` | a service on the way: a task at its station, or a transmission over a link | see ``HOP`` |
| ``exits`` | a message after a service | task that must run for it (-1: none), first and number of its ``legs`` |
| ``legs`` | the way from one station to the next, for each node that may send | see ``LEG`` |
| ``runs`` | an outcome of the ``share`` draws | how many of its tasks answer; by task, whether it runs |
| ``sources`` | a source, then the background of a flow | see ``SOURCE`` |
| ``bound`` | a slot of a source's node, from ``BOUND`` on, ``SLOTS`` for each node | station |
| ``laws`` | a law that is drawn | as ``sim.draws.draw`` reads it |
| ``stations`` | a station | see ``STATION``: servers (-1: bought by the request), its queue (-1: none) and its level |

A hop is at a ``SLOT``; its time is drawn from a ``COLUMN`` or, where that is -1, ``LASTS`` [ns]; ``MESSAGES`` have to
come before a task starts. A leg takes a ``DELAY`` [ns] ``TO`` a hop or, where that is -1, to the consumer of a task.

The stations are the queues of the network; where a service is bought by the request nobody meets anybody, and each
program has a station of its own. The *level* of a station is the longest way to it from a source: who comes to a level
has left all lower ones. There are no levels (-1) where the stations lie in a circle, or where something takes no time:
what it leads to at the same instant would have to wait for others of that instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hardware_profiles.service_time import ServiceTime
from sim.background import merged
from sim.draws import CONSTANT, NS, Floats, Ints, law, table
from sim.flows import Flow, unpacked
from sim.journeys import Branch, Journey, Visit
from sim.network import Network
from sim.tally import answering
from sim.tally import runs as outcomes

HOP = SLOT, COLUMN, LASTS, HOP_RANK, TASK, NODE_SLOTS, MESSAGES, ANSWERS, EXIT, EXITS = range(10)
EXIT_ROW = NEEDS, FIRST_LEG, LEGS = range(3)
LEG = DELAY, LEG_RANK, TO, DELIVERS = range(4)
SOURCE = FLOW, PROGRAM, PROGRAM_STEP, RUNS, RUNS_STEP, PLACE, *_DRAWN = range(14)
SHARES, LAW, STREAM, COLUMNS, OF_NODES, BOUND, SLOTS, GAP = _DRAWN
STATION = SERVERS, QUEUE, LEVEL = range(3)


class Program(NamedTuple):
    """See the table above."""

    roots: Ints
    hops: Ints
    exits: Ints
    legs: Ints
    runs: Ints
    sources: Ints
    bound: Ints
    laws: Floats
    stations: Ints


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
        self._hops: list[list[int]] = []
        self._exits: list[list[int]] = []
        self._legs: list[list[int]] = []
        self._runs: list[list[int]] = []
        self._sources: list[tuple[int, ...]] = []
        self._bound: list[int] = []
        self._laws: list[Floats] = []
        self._streams = 0
        queues = [-1 if queue.servers is None else queue.servers for queue in network.queues]
        alone = -1  # takes what belongs to a single site that is not simulated in full
        self._stations = [(servers, number) for number, servers in enumerate([*queues, alone])]
        self._own: dict[tuple[int, int], int] = {}  # station of a program's slot where nobody meets anybody
        self._following: list[list[tuple[int, int]]] = []  # by program, slots that follow each other
        self._edges: set[tuple[int, int]] = set()  # stations that do

    def program(self) -> Program:
        network = self._network
        of_flow = {id(flow): self._flow(number, flow) for number, flow in enumerate(network.flows)}
        for number, source in enumerate(network.sources):
            flow = source.flow
            does, first, gap = of_flow[id(flow)]
            bound, nodes = len(self._bound), flow.sources.of_nodes
            for origin in range(nodes):
                self._bind(does.program, network.journey(number, origin, (1,) * flow.shares))
            where = (nodes, bound, (len(self._bound) - bound) // nodes)
            self._source(flow, does, first, where, gap, source.site * flow.sources.queues + source.sub_pool)
        for flow in network.background:
            does, first, _ = of_flow[id(flow)]
            self._background(flow, does.flow, first)
        hops, laws, stations = _table(self._hops, len(HOP)), table(self._laws), len(self._stations)
        level = levels(stations, self._edges) if _all_takes_time(hops, laws) else np.full(stations, -1)
        return Program(
            _table(self._roots, 2),
            hops,
            _table(self._exits, len(EXIT_ROW)),
            _table(self._legs, len(LEG)),
            _table(self._runs, self._tasks + 1),
            _table(self._sources, len(SOURCE)),
            np.array(self._bound, np.int64),
            laws,
            np.column_stack([_table(self._stations, 2), level]),
        )

    def _flow(self, number: int, flow: Flow) -> tuple[_Does, int, int]:
        """What the requests of a flow do, the first law of their draws, and the law between two births."""
        whole = self._network.journey(self._network.first_source(flow), 0, (1,) * flow.shares)
        runs, first = len(self._runs), len(self._laws)
        tasks, those = len(flow.names), answering(flow)
        for outcome in outcomes(flow)[:, :tasks].astype(int):
            self._runs.append([outcome[those].sum(), *outcome, *[0] * (self._tasks - tasks)])
        self._laws.extend(flow.laws)
        return _Does(number, self._journey(whole, 0), 0, runs, 1), first, self._gap(flow.sources.rate_per_s)

    def _background(self, flow: Flow, number: int, first: int) -> None:
        """A program for each outcome, since what nobody shares is left out of it; all that is left of it runs."""
        does = _Does(number, len(self._roots), 1, len(self._runs), 0)
        bound = len(self._bound)
        self._runs.append([1] * (self._tasks + 1))
        for bits in range(1 << flow.shares):
            journey = self._network.journey_beyond(flow, unpacked(bits, flow.shares))
            self._bind(self._journey(journey, len(self._bound) - bound), journey)
        many = merged(flow)
        where = (1, bound, len(self._bound) - bound)
        self._source(flow, does, first, where, self._gap(many.sources * many.rate_per_s), 0)

    def _gap(self, rate_per_s: float) -> int:
        self._laws.append(law(ServiceTime.exponential(1.0 / rate_per_s)))
        return len(self._laws) - 1

    def _source(self, flow: Flow, does: _Does, first: int, where: tuple[int, int, int], gap: int, place: int) -> None:
        columns = len(flow.columns)
        self._sources.append((*does, place, flow.shares, first, self._streams, columns, *where, gap))
        self._streams += columns

    def _bind(self, program: int, journey: Journey) -> None:
        """The stations of a journey, in the order in which its program numbers its slots."""
        stations = [
            queue if self._stations[queue][0] >= 0 else self._alone(program, slot, queue)
            for slot, queue in enumerate(_slots(journey))
        ]
        self._edges.update((stations[one], stations[other]) for one, other in self._following[program])
        self._bound += stations

    def _alone(self, program: int, slot: int, queue: int) -> int:
        if (program, slot) not in self._own:
            self._own[program, slot] = len(self._stations)
            self._stations.append((-1, queue))
        return self._own[program, slot]

    # journeys

    def _journey(self, journey: Journey, first_slot: int) -> int:
        """Number of the program written."""
        self._slot = self._first_slot = first_slot
        self._told: dict[int, tuple[int, int]] = {}  # hop and slot of a task
        program = len(self._roots)
        self._roots.append((0, 0))
        self._following.append([])
        self._roots[program] = self._messages(journey.roots, None)
        return program

    def _messages(self, branches: Sequence[Branch], sender: int | None) -> tuple[int, int]:
        """Exits that follow each other; then what each of them leads to. ``sender`` is the slot they come from."""
        first = len(self._exits)
        self._exits += [[-1, 0, 0] for _ in branches]
        ends = [self._ways(first + number, branch, sender) for number, branch in enumerate(branches)]
        for number, branch in enumerate(branches):
            if branch.visit is not None:
                self._exits[first + number][NEEDS] = branch.task
                hop = self._visit(branch.visit, {slot for _, slot in ends[number]})
                for leg, _ in ends[number]:
                    self._legs[leg][TO] = hop
        return first, len(branches)

    def _ways(self, number: int, branch: Branch, sender: int | None) -> list[tuple[int, int | None]]:
        """The last leg of each way of a message, and the slot from which it starts."""
        first = len(self._legs)
        self._exits[number][FIRST_LEG:] = first, len(branch.ways)
        self._legs += [[0, branch.rank, -1, branch.task] for _ in branch.ways]
        found = []
        for leg, way in enumerate(branch.ways, first):
            slot = sender
            for crossing in way:
                if crossing.queue >= 0:
                    slot = self._next_slot(slot)
                    self._legs[leg][TO] = len(self._hops)
                    leg = len(self._legs)
                    self._hops.append(
                        [slot, -1, crossing.transmission_ns, branch.rank, -1, 1, 1, 0, len(self._exits), 1]
                    )
                    self._exits.append([-1, leg, 1])
                    self._legs.append([0, branch.rank, -1, branch.task])
                self._legs[leg][DELAY] += crossing.propagation_ns
            found.append((leg, slot))
        return found

    def _visit(self, visit: Visit, coming: set[int | None]) -> int:
        if visit.task in self._told:
            number, slot = self._told[visit.task]
            self._follow(coming, slot)
            return number
        number, slot = self._told[visit.task] = len(self._hops), self._next_slot(None)
        self._follow(coming, slot)
        row = [slot, visit.column, 0, visit.rank, visit.task, visit.slots, visit.messages, int(visit.answers), 0, 0]
        self._hops.append(row)
        row[EXIT:] = self._messages(visit.branches, slot)
        return number

    def _next_slot(self, coming: int | None) -> int:
        self._slot += 1
        self._follow({coming}, self._slot - 1)
        return self._slot - 1

    def _follow(self, coming: set[int | None], slot: int) -> None:
        first = self._first_slot
        self._following[-1] += [(one - first, slot - first) for one in coming if one is not None]


class _Does(NamedTuple):
    """The first columns of a source."""

    flow: int
    program: int
    program_step: int
    runs: int
    runs_step: int


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


def levels(stations: int, edges: set[tuple[int, int]]) -> Ints:
    """Of each station the longest way to it over ``edges``; -1 everywhere where they close a circle."""
    found = np.zeros(stations, np.int64)
    if not edges:
        return found
    before, after = np.array(sorted(edges), np.int64).T
    graph = coo_array((np.ones(len(before), np.int8), (before, after)), shape=(stations, stations))
    circles = connected_components(graph, directed=True, connection="strong", return_labels=False)
    if circles < stations or (before == after).any():
        return found - 1
    while True:
        longer = found.copy()
        np.maximum.at(longer, after, found[before] + 1)
        if np.array_equal(longer, found):
            return found
        found = longer


def _all_takes_time(hops: Ints, laws: Floats) -> bool:
    """Whether every service and transmission lasts a nanosecond at least."""
    constant = laws[laws[:, 0] == CONSTANT]
    lasting = np.floor((constant[:, 1] + constant[:, 3]) * NS + 0.5)
    return bool((lasting > 0).all() and (hops[hops[:, COLUMN] < 0, LASTS] > 0).all())


def _table(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, np.int64).reshape(-1, columns)
