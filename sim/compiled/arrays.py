"""A network as arrays, for compiled code to read; nothing in here changes while a replication runs.

A *program* is what the requests of a flow do, once for all its sources; where they do it is *bound* source by source:
a program names a *slot*, and a source's row of ``bound`` says which station that is.

| array | a row is | columns |
|---|---|---|
| ``roots`` | a program | first and number of the ``exits`` by which a request leaves its source |
| ``hops`` | a service on the way: a task at its station, or a transmission over a link | see ``HOP`` |
| ``exits`` | a message after a service | task that must run for it (-1: none), first and number of its ``legs`` |
| ``legs`` | the way from one station to the next, for each node that may send | see ``LEG`` |
| ``draws`` | what is drawn for a message on a leg | see ``DRAW`` |
| ``runs`` | an outcome of the ``share`` draws | how many of its tasks answer; by task, ``RUNS_IT`` and ``NEEDED`` |
| ``fleets`` | all sources of a flow, then its background | see ``FLEET`` |
| ``sources`` | a source, then the background of a flow | see ``SOURCE`` |
| ``bound`` | a slot of a node of those sources that are ``BOUND`` alike, ``SLOTS`` for each node | station |
| ``laws`` | a law that is drawn | as ``sim.draws.draw`` reads it |
| ``stations`` | a station | see ``STATION``: servers (-1: bought by the request), queue (-1: none), ``lanes``, time |
| | | of a cold start (0: none) and for how long an instance is idle [ns], level |
| ``lanes`` | a lane of a pool | see ``LANE_ROW`` and ``sim.lanes`` |

A hop is at a ``SLOT``; its ``TIME`` is the number of a law, drawn from a ``COLUMN`` of the source's streams, or [ns]
where that is -1; ``MESSAGES`` have to come before its ``TASK`` starts (-1: a transmission), and where these are several
it is a ``JOIN``, by number within the program. A transmission that is lost comes again ``AGAIN`` [ns] later (-1: none
is). A leg takes a ``DELAY`` [ns] ``TO`` a hop or, where that is -1, to the consumer of a task. These tasks are counted
through all flows, each of which has its answer behind them.

So many ``DRAWN`` are drawn on a leg, from ``FIRST_DRAW`` on, each by a column of the source's streams and a law: how
much longer it takes or, where it is ``LOST_THERE``, how often the message is lost at the hop that the leg leads to.

A hop to a station with lanes is to a ``LANE`` of it, with a ``PATIENCE`` [ns] (-1: any); at ``MOST`` so many are
executed together, 2 of them by the law ``BATCHES``, 3 by the next, and so on. Where each of several nodes has a queue
of its own it is to one of ``AMONG`` stations that follow each other, from that at its slot on: by a draw of the column
``PICK``, or to that with the least load where that is -1. A transmission tells ``FOR`` which task it is, what becomes
of it ``WITHOUT`` its link (``sim.journeys``), and its ``BYTES``.

The stations are the queues of the network; where a service is bought by the request, and none has to be started first,
nobody meets anybody, and each program has a station of its own. The *level* of a station is the longest way to it from
a source: who comes to a level has left all lower ones. There are no levels (-1) where the stations lie in a circle, as
a link that loses messages does by itself; where something takes no time, since what it leads to at the same instant
would have to wait for others of that instant; where there are lanes; where links may be down; where a node is chosen by
its load; and where instances have to be started.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from hardware_profiles.service_time import ServiceTime
from scenarios.pools import ColdStart
from sim.background import merged
from sim.draws import CONSTANT, NS, Floats, Ints, as_long, law, nanoseconds, table
from sim.flows import Flow, unpacked
from sim.journeys import WAIT, Branch, Crossing, Journey, Visit
from sim.lanes import Lane
from sim.network import Network
from sim.tally import answering, needed, place_of
from sim.tally import runs as outcomes

HOP = SLOT, COLUMN, TIME, HOP_RANK, TASK, NODE_SLOTS, MESSAGES, ANSWERS, LANE, PATIENCE, MOST, BATCHES, *_ = range(20)
AMONG, PICK, JOIN, EXIT, EXITS, AGAIN, WITHOUT, BYTES = range(12, 20)
FOR = ANSWERS  # of a transmission
EXIT_ROW = NEEDS, FIRST_LEG, LEGS = range(3)
LEG = DELAY, LEG_RANK, TO, DELIVERS, FIRST_DRAW, DRAWN = range(6)
DRAW = DRAW_COLUMN, DRAW_LAW, LOST_THERE = range(3)
FLEET = FLOW, PROGRAM, PROGRAM_STEP, RUNS, RUNS_STEP, SHARES, LAW, COLUMNS, OF_NODES, SLOTS, GAP = range(11)
SOURCE = ITS_FLEET, PLACE, BOUND = range(3)
STATION = SERVERS, QUEUE, FIRST_LANE, LANES, COLD, COLD_IDLE, LEVEL = range(7)
RUNS_IT, NEEDED = 1, 2  # of a task, added up
LANE_ROW = PRIORITY, ROOM, LATEST, OF_SOURCE, WAIT_NS = range(5)

Slots = tuple[int, ...]

_BITS = 32  # of a station, in a number for two
_NONE = np.empty(0, np.int64)
_ALONE = (-1, -1, 1, 0, 1, -1)  # in no lane, one by one, at one station


class Program(NamedTuple):
    """See the table above."""

    roots: Ints
    hops: Ints
    exits: Ints
    legs: Ints
    draws: Ints
    runs: Ints
    fleets: Ints
    sources: Ints
    bound: Ints
    laws: Floats
    stations: Ints
    lanes: Ints


@lru_cache(maxsize=1)  # replications of one network follow each other
def compiled(network: Network) -> Program:
    """The arrays of a network."""
    return _Writer(network).program()


def staged(network: Network) -> bool:
    """Whether the stations have levels."""
    return bool((compiled(network).stations[:, LEVEL] >= 0).all())


class _Writer:
    """Collects rows; the slots of a program are those of the network and, behind them, what it has for itself."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tasks = max((len(flow.names) for flow in network.flows), default=1)
        self._first_task = np.cumsum([0, *(len(flow.names) + 1 for flow in network.flows)]).tolist()
        self._roots: list[tuple[int, int]] = []
        self._hops: list[list[int]] = []
        self._exits: list[list[int]] = []
        self._legs: list[list[int]] = []
        self._draws: list[tuple[int, int, int]] = []
        self._runs: list[list[int]] = []
        self._fleets: list[tuple[int, ...]] = []
        self._sources: list[Ints] = [np.empty((0, len(SOURCE)), np.int64)]
        self._bound: list[Ints] = [_NONE]
        self._laws: list[Floats] = []
        self._law = self._task = 0  # the first of the flow
        self._slots = 0
        first_lane, lanes = 0, dict[str, int]()
        for pool, its in network.lanes.items():
            lanes[pool] = first_lane
            first_lane += len(its)
        self._stations = [
            (-1 if queue.servers is None else queue.servers, number, lanes.get(queue.name, 0), len(its), *_cold(cold))
            for number, queue in enumerate(network.queues)
            for its, cold in [(network.lanes_of(queue), network.cold_start(queue))]
        ]
        self._stations.append((-1, len(network.queues), 0, 0, 0, 0))  # what belongs to a site not simulated in full
        self._columns: list[Ints] = []  # of the program: the stations of each slot
        self._following: set[tuple[int, int]] = set()  # slots of it that follow each other
        self._edges: list[Ints] = [_NONE]  # stations that do, both in one number

    def program(self) -> Program:
        network = self._network
        laws = [self._flow(number, flow) for number, flow in enumerate(network.flows)]
        for flow in network.background:
            number = network.flows.index(flow)
            self._background(number, flow, laws[number])
        hops, laws_table, stations = _table(self._hops, len(HOP)), table(self._laws), len(self._stations)
        level = np.full(stations, -1)
        by_load = ((hops[:, AMONG] > 1) & (hops[:, PICK] < 0)).any()
        starting = any(station[COLD] for station in self._stations)
        depends = network.lanes or network.down or by_load or starting  # on who is where
        if not depends and _all_takes_time(hops, laws_table):
            level = levels(stations, *np.divmod(np.unique(np.concatenate(self._edges)), 1 << _BITS))
        return Program(
            _table(self._roots, 2),
            hops,
            _table(self._exits, len(EXIT_ROW)),
            _table(self._legs, len(LEG)),
            _table(self._draws, len(DRAW)),
            _table(self._runs, self._tasks + 1),
            _table(self._fleets, len(FLEET)),
            np.concatenate(self._sources),
            np.concatenate(self._bound),
            laws_table,
            np.column_stack([_table(self._stations, LEVEL), level]),
            _table([_lane(lane) for its in network.lanes.values() for lane in its], len(LANE_ROW)),
        )

    def _flow(self, number: int, flow: Flow) -> int:
        """What the requests of a flow do; returns the first law of their draws."""
        runs, self._law, self._task = len(self._runs), len(self._laws), self._first_task[number]
        tasks, those = len(flow.names), answering(flow)
        for runs_them, needs in zip(outcomes(flow)[:, :tasks].astype(int), needed(flow).astype(int), strict=True):
            row = RUNS_IT * runs_them + NEEDED * needs
            self._runs.append([needs[those].sum(), *row, *[0] * (self._tasks - tasks)])
        self._laws.extend(flow.laws)
        self._columns = list(self._network.bound(flow).T)
        does = (number, self._journey(self._network.whole(flow)), 0, runs, 1)
        places = place_of(flow, np.arange(flow.sites * flow.sources.number))
        self._add_sources(flow, does, places, flow.sources.of_nodes, flow.sources.rate_per_s)
        return self._law

    def _background(self, number: int, flow: Flow, first: int) -> None:
        """A program for each outcome, since what nobody shares is left out of it; all that is left of it runs."""
        happened = (unpacked(bits, flow.shares) for bits in range(1 << flow.shares))
        journeys = [self._network.journey_beyond(flow, one) for one in happened]
        does = (number, len(self._roots), 1, len(self._runs), 0)
        self._law, self._task = first, self._first_task[number]
        self._runs.append([1] + [RUNS_IT + NEEDED] * self._tasks)
        slots = {queue: slot for slot, queue in enumerate(sorted({q for one in journeys for q in one.queues()}))}
        self._columns = [np.array([queue]) for queue in slots]
        for journey in journeys:
            self._journey(journey.at(slots))
        many = merged(flow)
        self._add_sources(flow, does, np.zeros(1, np.int64), 1, many.sources * many.rate_per_s)

    def _add_sources(self, flow: Flow, does: tuple[int, ...], places: Ints, nodes: int, rate_per_s: float) -> None:
        """Sources at ``places``, with the stations of the program's slots."""
        self._laws.append(law(ServiceTime.exponential(1.0 / rate_per_s)))
        slots, bound = len(self._columns), np.column_stack(self._columns).reshape(len(places), -1)
        other = np.append(True, (bound[1:] != bound[:-1]).any(axis=1))[: len(places)]  # than the source before
        self._fleets.append((*does, flow.shares, self._law, len(flow.columns), nodes, slots, len(self._laws) - 1))
        fleet, row = np.full(len(places), len(self._fleets) - 1), np.cumsum(other) - 1
        self._sources.append(np.column_stack([fleet, places, self._slots + bound.shape[1] * row]))
        self._bound.append(bound[other].ravel())
        self._slots += self._bound[-1].size

    # journeys

    def _journey(self, journey: Journey) -> int:
        """Number of the program written."""
        self._told: dict[int, tuple[int, Slots]] = {}  # hop and slots of a visit, by its rank
        self._joins = 0
        self._following = set()
        program = len(self._roots)
        self._roots.append((0, 0))
        self._roots[program] = self._messages(journey.roots, ())
        self._edges += [(self._columns[one] << _BITS) + self._columns[other] for one, other in self._following]
        return program

    def _messages(self, branches: Sequence[Branch], sender: Slots) -> tuple[int, int]:
        """Exits that follow each other; then what each of them leads to. ``sender`` is one of these slots."""
        first = len(self._exits)
        self._exits += [[-1, 0, 0] for _ in branches]
        ends = [self._ways(first + number, branch, sender) for number, branch in enumerate(branches)]
        for number, branch in enumerate(branches):
            if branch.visit is not None:
                self._exits[first + number][NEEDS] = branch.task
                hop = self._visit(branch.visit, {slot for _, slots in ends[number] for slot in slots})
                for leg, _ in ends[number]:
                    self._legs[leg][TO] = hop
        return first, len(branches)

    def _ways(self, number: int, branch: Branch, sender: Slots) -> list[tuple[int, Slots]]:
        """The last leg of each way of a message, and the slots from one of which it starts."""
        first = len(self._legs)
        self._exits[number][FIRST_LEG:] = first, len(branch.ways)
        self._legs += [self._leg(branch) for _ in branch.ways]
        found = []
        for leg, way in enumerate(branch.ways, first):
            slots = sender
            for crossing in way:
                if crossing.queue >= 0:
                    self._follow(slots, crossing.queue)
                    slot = crossing.queue
                    slots = (slot,)
                    self._legs[leg][TO] = len(self._hops)
                    again = -1
                    if crossing.loss >= 0:
                        again = crossing.again_ns
                        self._draw(self._legs[leg], crossing.loss, self._law + crossing.loss, 1)
                        self._follow({slot}, slot)
                    leg = len(self._legs)
                    self._hops.append(
                        [
                            *(slot, -1, crossing.transmission_ns, branch.rank, -1, 1, 1, self._task + branch.task),
                            *(*_ALONE, 0, len(self._exits), 1, again, crossing.without, crossing.size_bytes),
                        ]
                    )
                    self._exits.append([-1, leg, 1])
                    self._legs.append(self._leg(branch))
                self._delay(self._legs[leg], crossing)
            found.append((leg, slots))
        return found

    def _leg(self, branch: Branch) -> list[int]:
        return [0, branch.rank, -1, self._task + branch.task, 0, 0]

    def _delay(self, leg: list[int], crossing: Crossing) -> None:
        """Add what a crossing takes beside transmissions to the leg that it is on."""
        leg[DELAY] += crossing.propagation_ns
        if crossing.queue < 0 and crossing.loss >= 0:
            self._laws.append(as_long(self._laws[self._law + crossing.loss], crossing.again_ns))
            self._draw(leg, crossing.loss, len(self._laws) - 1, 0)
        if crossing.delay >= 0:
            self._draw(leg, crossing.delay, self._law + crossing.delay, 0)

    def _draw(self, leg: list[int], column: int, law: int, lost_there: int) -> None:
        """One more draw of a leg; none of another come in between."""
        if not leg[DRAWN]:
            leg[FIRST_DRAW] = len(self._draws)
        leg[DRAWN] += 1
        self._draws.append((column, law, lost_there))

    def _visit(self, visit: Visit, coming: Collection[int]) -> int:
        if visit.rank in self._told:
            number, slots = self._told[visit.rank]
            self._follow(coming, *slots)
            return number
        number, slots = self._told[visit.rank] = len(self._hops), self._slots_of(visit)
        self._follow(coming, *slots)
        column, task, answers = visit.column, self._task + visit.task, int(visit.answers)
        row = [slots[0], column, self._law + column, visit.rank, task, visit.slots, visit.messages, answers]
        row += [-1 if visit.lane is None else visit.lane, visit.patience_ns, visit.most]
        row += [self._law + visit.batches[0] if visit.batches else 0]
        row += [len(slots), -1 if visit.pick is None or len(slots) == 1 else visit.pick]
        row += [self._joins, 0, 0, -1, WAIT, 0]
        self._joins += visit.messages > 1
        self._hops.append(row)
        row[EXIT : EXITS + 1] = self._messages(visit.branches, slots)
        return number

    def _slots_of(self, visit: Visit) -> Slots:
        """Of the nodes with queues of their own, whose stations follow each other; else of its only queue."""
        for one, following in pairwise(visit.among):
            assert (self._columns[following] == self._columns[one] + 1).all()
        return visit.among or (self._slot(visit.queue),)

    def _slot(self, slot: int) -> int:
        """Where service is bought by the request nobody meets anybody: there the program has stations of its own."""
        station = self._stations[self._columns[slot][0]]
        if station[SERVERS] >= 0 or station[COLD] > 0:
            return slot
        queues, of = np.unique(self._columns[slot], return_inverse=True)
        self._columns.append(len(self._stations) + of)
        self._stations += [(-1, queue, 0, 0, 0, 0) for queue in queues.tolist()]
        return len(self._columns) - 1

    def _follow(self, coming: Collection[int], *slots: int) -> None:
        self._following |= {(one, slot) for one in coming for slot in slots}


def _cold(of: ColdStart | None) -> tuple[int, int]:
    return (nanoseconds(of.time_s), nanoseconds(of.idle_s)) if of else (0, 0)


def _lane(lane: Lane) -> list[int]:
    return [lane.priority, lane.room, int(lane.latest), int(lane.of_source), lane.wait_ns]


def levels(stations: int, before: Ints, after: Ints) -> Ints:
    """Of each station the longest way to it from ``before`` to ``after``; -1 everywhere where these close a circle.

    Layer by layer those that nothing is left before (Kahn 1962).
    """
    found = np.full(stations, -1)
    left = np.bincount(after, minlength=stations)
    layer = left == 0
    for level in range(stations):
        if not layer.any():
            break
        found[layer] = level
        gone = layer[before]
        left -= np.bincount(after[gone], minlength=stations)
        before, after = before[~gone], after[~gone]
        layer = (left == 0) & (found < 0)
    return found if (found >= 0).all() else np.full(stations, -1)


def _all_takes_time(hops: Ints, laws: Floats) -> bool:
    """Whether every service and transmission lasts a nanosecond at least."""
    constant = laws[laws[:, 0] == CONSTANT]
    lasting = np.floor((constant[:, 1] + constant[:, 3]) * NS + 0.5)
    return bool((lasting > 0).all() and (hops[hops[:, COLUMN] < 0, TIME] > 0).all())


def _table(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, np.int64).reshape(-1, columns)
