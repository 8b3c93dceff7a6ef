"""The memory of one replication: one array of whole numbers, in which a thing is known by where its row begins.

So ``memory[message + INSTANT]`` is when a message comes to its station, and a compiled function takes one array instead
of forty, each of which would cost it as much as a small function does. Where nothing is meant a 0 stands: rows begin
behind the ``HEAD``. What a program's tables say (``sim.compiled.arrays``) is copied with its rows of other tables
turned into places. New rows are taken from ``TOP`` on; messages and requests that have ended are chained and used
again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios.workloads import BurstState, Bursty, Periodic, Trace
from sim.arrivals import jitter_ns
from sim.background import merged
from sim.bins import PER_OCTAVE
from sim.bursts import state_table
from sim.compiled import arrays as a
from sim.draws import Floats, Ints
from sim.drops import CAUSES
from sim.flows import Flow
from sim.jit import inlined
from sim.network import Network
from sim.replication import Replication
from sim.streams import Streams
from sim.tally import Limits, answering
from sim.traces import instants

# The head: what there is one of; at NOTHING is 0, for where a 0 of its own would be compiled for
NOTHING, NOW, BEGIN, END, MEASURABLE, INSIDE, ENDED, TOP, ROOM, FULL = range(10)
FREE_MESSAGE, FREE_REQUEST, REQUEST_SIZE, JOINS_END, SOURCES, SOURCE_SIZE, NUMBER_OF_SOURCES = range(10, 17)
FLOWS, BIRTHS, BIRTH_ROWS, VISITS, VISIT_ROWS = range(17, 22)  # rows that are kept
FAN_OUT, LAW_SIZE, MOST_TOP = range(22, 25)  # most that a step can add; beyond it is no room for steps
FROM, UNTIL, BLOCK, UPCOMING, DUE, LEVELS, LAST_LEVEL, LEVEL, AT, SORTED, BUCKETS = range(25, 36)  # of the stages
EVENTS, TICKETS, MOST_EVENTS, MOST_TOGETHER = range(36, 40)  # of the heap; in lanes, in a step, in a batch
MESSAGE_SIZE = 40
HEAD = 48

# A message: on its way to a ``STATION`` or, without a ``HOP``, with a ``TASK`` to its consumer, or there. It is brought
# by an event of its request, so that kind and rank tell the source and the sequence as well. Times are in nanoseconds
BEHIND, REQUEST, HOP, STATION, INSTANT, RANK, KIND, LASTS = range(8)
TASK = STATION
WHERE, WAITED, SERVED, WORK, ENTERED, STARTED, COMPLETED, SERVER = range(8, 16)  # sums; of the last task
LOSSES = 16  # that are still to come on a link; there is room for it where links lose messages
MESSAGE = 16

# a request; behind it, by join, how many messages have come to it and which of them is the last; then its gatherings
NEXT_FREE, OPEN, MEASURED, BORN, ITS_PLACE, OUTCOME, UNANSWERED = range(7)
LATEST, DECIDING, ITS_WAITED, ITS_SERVED = range(7, 11)  # the last of its answer
DROPPED, LEFT_OUT = 11, 12  # something of it; tasks, a bit for each
REQUEST_HEAD = 13
JOIN_SIZE = 2
# of the copies of a task how many were delivered; of the last of them when that was, and the columns of its message
GATHERED, LATEST_COPY, ITS_COLUMNS = range(3)
GATHERING_SIZE = 8

# a station
SERVING, UP, WAITING, FIRST, LAST, STATION_LEVEL, LISTED, BUSY, BUSY_ROWS, IDLE, IDLE_ROWS = range(11)
BEGUN, SINCE, BUSY_AREA, QUEUE_AREA, STARTS = range(11, 16)  # services as a whole [ns]; the areas
WIDTH, CALLED = range(16, 18)  # most servers; the first to come where there is none
EMPTIED = 18  # when nobody waited first since it is up again, -1 as long as somebody does
COLD, COLD_IDLE, INSTANCES, INSTANCES_FREE, COLD_STARTS = range(19, 24)  # a cold start, and idle instances
LANES, LANES_END = STATION_LEVEL, LISTED  # of the heap instead; NOTHING where it is one queue
STATION_SIZE = 24
BUSY_ROW = 4  # of a service: end, kind and rank of that event, server

# a lane of a station; it begins as a message does, so that it can be the one before its first
LANE_FIRST, LANE_PRIORITY, LANE_ROOM, LANE_LATEST, LANE_OF_SOURCE, LANE_WAIT, LANE_WAITING, LANE_LAST = range(8)
LANE_SIZE = 8

# what the sources of a flow have in common, and a source; behind it the keys of its streams, by column
FLOW, PROGRAM, PROGRAM_STEP, OUTCOMES, OUTCOMES_STEP, SHARES, LAW, COLUMNS, NODES, SLOTS, GAP = range(11)
OF_KIND, MERGED, TOGETHER, RATE = range(11, 15)
STATES = MERGED  # of bursty sources, whose rates are rows of their own
FLEET_SIZE = 15
PERIODIC, POISSON, SUPERPOSED, JITTERED, BURSTY, TRACE = range(6)
RATE_PER_S, BEYOND = range(2)  # columns of the rates
FLEET, PLACE, BOUND, NUMBER, BORN_FROM, KEYS = range(6)  # from the first birth, a stream, or a row with what follows
FIRST_BIRTH, LATENESS, JITTER = range(3)  # or a process of `sim.bursts`; or the births of a trace, then no more

# a flow, a task of it or its answer, and a limit; each with what was counted
FLOW_TASKS, FLOW_ANSWER, FLOW_OUTCOMES, FLOW_COMPLETED = range(4)
FLOW_SIZE = 4
ANSWERS, LIMITS, LIMITS_END, DIRECTORY, DONE, RESPONSES, _, WAITS, _, SERVICES, _, WORKS, _ = range(13)
OF, ANSWER, DROPS = range(13, 16)  # number of the task in its flow, row of the flow's answer and of what was not done
COPIES, GATHERING = range(16, 18)  # how many there are of a task; where a request gathers them
SKIPS, FOLLOWING, DROPS_SIZE = len(CAUSES), len(CAUSES) + 1, len(CAUSES) + 2  # behind the numbers by cause; bits
COUNTED_SIZE = 24
NEVER, WITH_OTHERS, ALONE = range(3)  # answers
IN_COPIES, IF_NEEDED = 4, 8  # beside these where a task has several copies, is speculative
KIND_OF_ANSWER = IN_COPIES - 1
ONLY_LEG = -1  # instead of a number of exits: by a single one, always, on this leg
LIMIT, WITHIN = range(2)
OCTAVES = 64  # a row of a directory, one for each place; says where the chunk of an octave is
CHUNK = 2 * PER_OCTAVE  # by bin: number, largest

# Kinds of events in the order in which they count at one instant; below them the source.
COMPLETION, ARRIVAL, BIRTH, LAUNCH, EXPIRY = (kind << 48 for kind in (2, 3, 4, 5, 6))
SOURCE_MASK = (1 << 48) - 1
SEQUENCE_SHIFT = 16  # above the bits of task and copy in a rank
SEQUENCE_MASK = -1 << SEQUENCE_SHIFT

KEPT_BIRTH, KEPT_VISIT = 5, 12
NO_MORE = 1 << 62  # births of a source
LINE = 8  # numbers in a line of a cache
STEPS = 16  # for which there is room, or none is made
_KEPT = 1 << 14  # rows, and those of some steps more
_FREE = 1 << 17


@inlined
def taken(memory: Ints, size: int) -> int:
    """A new row of zeros; there must be room."""
    row = memory[TOP]
    memory[TOP] = row + size
    return int(row)


@inlined
def source_of(memory: Ints, message: int) -> int:
    """The source of its request."""
    return int(memory[message + KIND] & SOURCE_MASK)


@inlined
def sequence_of(memory: Ints, message: int) -> int:
    """The sequence of its request."""
    return int(memory[message + RANK] >> SEQUENCE_SHIFT)


@inlined
def full(memory: Ints) -> bool:
    """Whether ``STEPS`` more could need rows that are not there."""
    if memory[TOP] > memory[MOST_TOP] or memory[VISIT_ROWS] > _KEPT or memory[BIRTH_ROWS] > _KEPT:
        memory[FULL] = 1
        return True
    return False


class Layout:
    """Where the tables of a network lie, and the memory at the beginning of a replication.

    ``part`` holds the numbers of the sources (and behind them of the background) that it is for, increasing.

    Attributes
    ----------
    stations
        Place of the first of them; those of the network's queues come first, in their order.
    rates
        (rate per second, state) of the births of each fleet; then (births, departures) in each state of bursty ones.
    """

    def __init__(self, of: Replication, part: Ints, keep: bool) -> None:
        network, begin, end = of.network, of.begin, of.end
        self._parts: list[Ints] = []
        self._size = HEAD
        program = a.compiled(network)
        self.laws, self._law_size = program.laws, program.laws.shape[1]
        self.stations = self._stations(program, begin)
        flows, counted = self._flows(network, of.limits, gatherings_at(program))
        roots, outcomes, bound = self._program(program, counted)
        fleets, self.rates = self._fleets(program, network, flows, roots, outcomes)
        sources, source_size = self._sources(program, network, of.streams, part, fleets, bound)
        head = np.zeros(HEAD, np.int64)
        fan_out = int(program.roots[:, 1].max(initial=0)) + int(program.hops[:, a.EXITS].max(initial=0)) + 2
        if network.down:
            fan_out += program.runs.shape[1]  # a row for each task that is left out
        head[MOST_TOGETHER] = most = int(program.hops[:, a.MOST].max(initial=1))
        head[MOST_EVENTS] = fan_out * (2 + most)  # each may launch a batch, or wait for others and for its expiry
        if keep:
            births = self._zeros(KEPT_BIRTH * (_KEPT + STEPS))
            head[BIRTHS], head[VISITS] = births, self._zeros(KEPT_VISIT * (_KEPT + STEPS * fan_out))
        head[JOINS_END] = gatherings_at(program) + GATHERING_SIZE * max(map(_copied_tasks, network.flows), default=0)
        head[REQUEST_SIZE] = head[JOINS_END] + -head[JOINS_END] % LINE
        head[MESSAGE_SIZE] = MESSAGE + LINE * bool((program.hops[:, a.AGAIN] >= 0).any())
        head[ROOM] = STEPS * (head[REQUEST_SIZE] + LINE + fan_out * (head[MESSAGE_SIZE] + 2 * CHUNK))
        head[BEGIN], head[END], head[FLOWS] = begin, end, flows
        head[SOURCES], head[SOURCE_SIZE], head[NUMBER_OF_SOURCES] = sources, source_size, len(part)
        head[MEASURABLE] = sources + int((part < len(network.sources)).sum()) * source_size
        head[FAN_OUT], head[LAW_SIZE] = fan_out, self._law_size
        self._zeros(-self._size % LINE)
        head[TOP] = self._size
        self.memory = aligned(np.concatenate([head, *self._parts]), self._size + _FREE + int(head[ROOM]))

    def _zeros(self, size: int) -> int:
        return self._place(np.zeros(size, np.int64))

    def _place(self, table: Ints) -> int:
        where = self._size
        self._parts.append(np.asarray(table, np.int64).ravel())
        self._size += table.size
        return where

    def _stations(self, program: a.Program, begin: int) -> int:
        table = np.zeros((len(program.stations), STATION_SIZE), np.int64)
        servers = program.stations[:, a.SERVERS]
        table[:, SERVING], table[:, UP], table[:, SINCE], table[:, CALLED] = servers, 1, begin, -1
        table[:, [COLD, COLD_IDLE]] = program.stations[:, [a.COLD, a.COLD_IDLE]]
        wide = np.maximum(servers, 1)
        before = np.cumsum(wide) - wide
        table[:, WIDTH], table[:, IDLE] = wide, np.maximum(servers, 0)
        table[:, BUSY_ROWS] = self._zeros(BUSY_ROW * int(wide.sum())) + BUSY_ROW * before
        table[:, IDLE_ROWS] = self._place(np.arange(wide.sum()) - np.repeat(before, wide)) + before
        self._lanes(program, table)
        return self._place(table)

    def _lanes(self, program: a.Program, table: Ints) -> None:
        """Each station has lanes of its own, as its pool describes them."""
        first, number = program.stations[:, a.FIRST_LANE], program.stations[:, a.LANES]
        if not number.any():
            return
        before = np.cumsum(number) - number
        of = np.arange(number.sum()) + np.repeat(first - before, number)
        rows = np.zeros((len(of), LANE_SIZE), np.int64)
        rows[:, LANE_PRIORITY : LANE_PRIORITY + program.lanes.shape[1]] = program.lanes[of]
        self._zeros(-self._size % LINE)
        rows[:, LANE_LAST] = self._size + LANE_SIZE * np.arange(len(rows))
        where = self._place(rows)
        table[:, LANES] = np.where(number > 0, where + LANE_SIZE * before, NOTHING)
        table[:, LANES_END] = table[:, LANES] + LANE_SIZE * number

    def _program(self, program: a.Program, counted: int) -> tuple[int, int, int]:
        """Places of the roots, the outcomes and the bound slots."""
        hops, exits, legs = program.hops.copy(), program.exits.copy(), program.legs.copy()
        hops_at, exits_at = self._size, self._size + hops.size
        legs_at = exits_at + exits.size
        drawn = hops[:, a.COLUMN] >= 0
        hops[drawn, a.TIME] *= self._law_size
        hops[:, a.BATCHES] *= self._law_size
        sent = hops[:, a.TASK] < 0
        hops[:, a.JOIN] = REQUEST_HEAD + JOIN_SIZE * hops[:, a.JOIN]
        hops[sent, a.FOR] = counted + hops[sent, a.FOR] * COUNTED_SIZE
        hops[:, a.TASK] = np.where(sent, NOTHING, counted + hops[:, a.TASK] * COUNTED_SIZE)
        draws = program.draws.copy()
        draws[:, a.DRAW_LAW] *= self._law_size
        legs[:, a.FIRST_DRAW] = legs_at + legs.size + legs[:, a.FIRST_DRAW] * len(a.DRAW)
        exits[:, a.FIRST_LEG] = legs_at + exits[:, a.FIRST_LEG] * len(a.LEG)
        legs[:, a.TO] = np.where(legs[:, a.TO] < 0, NOTHING, hops_at + legs[:, a.TO] * len(a.HOP))
        roots = program.roots.copy()
        for left in (hops[:, a.EXIT : a.EXITS + 1], roots):
            only = np.flatnonzero(left[:, 1] == 1)
            only = only[(exits[left[only, 0], a.NEEDS] < 0) & (exits[left[only, 0], a.LEGS] == 1)]
            legs_of_them = exits[left[only, 0], a.FIRST_LEG]
            left[:, 0] = exits_at + left[:, 0] * len(a.EXIT_ROW)
            left[only] = np.column_stack([legs_of_them, np.full(len(only), ONLY_LEG)])
        legs[:, a.DELIVERS] = counted + legs[:, a.DELIVERS] * COUNTED_SIZE
        for table in (hops, exits, legs, draws):
            self._place(table)
        return self._place(roots), self._place(program.runs), self._place(self.stations + program.bound * STATION_SIZE)

    def _flows(self, network: Network, limits: Limits, gatherings: int) -> tuple[int, int]:
        """Places of the flows, and of what is counted of their tasks and answers."""
        flows, counted, rows_before = [], [np.empty((0, COUNTED_SIZE), np.int64)], 0
        for flow, its in zip(network.flows, limits, strict=True):
            tasks, those = len(flow.names) + 1, answering(flow)
            first = self._place(np.array([(limit, 0) for _, limit in its], np.int64))
            rows = np.zeros((tasks, COUNTED_SIZE), np.int64)
            ahead = [flow.workload.task(name).ahead_of is not None for name in flow.names]
            speculative = np.array([*ahead, False])
            rows[those, ANSWERS] = ALONE if len(those) == 1 and not speculative[those].any() else WITH_OTHERS
            rows[:, ANSWERS] += IF_NEEDED * speculative
            copies = np.array([flow.workload.task(name).copies for name in flow.names] + [1])
            rows[:, ANSWERS] += IN_COPIES * (copies > 1)
            rows[:, COPIES] = copies
            rows[:, GATHERING] = gatherings + GATHERING_SIZE * (np.cumsum(copies > 1) - 1)
            asked = [of for of, _ in its]  # increasing
            rows[:, LIMITS] = first + 2 * np.searchsorted(asked, np.arange(tasks))
            rows[:, LIMITS_END] = first + 2 * np.searchsorted(asked, np.arange(tasks), side="right")
            places = flow.sites * flow.sources.queues
            rows[:, DIRECTORY] = self._zeros(tasks * places * OCTAVES) + np.arange(tasks) * places * OCTAVES
            rows[:, OF], rows[:, ANSWER] = np.arange(tasks), rows_before + tasks - 1
            not_done = np.zeros((tasks, DROPS_SIZE), np.int64)
            not_done[:-1, FOLLOWING] = flow.following
            rows[:, DROPS] = self._place(not_done) + np.arange(tasks) * DROPS_SIZE
            flows.append((rows_before, rows_before + tasks - 1, self._zeros(1 << flow.shares), 0))
            counted.append(rows)
            rows_before += tasks
        self._zeros(-self._size % LINE)
        all_rows, table = np.concatenate(counted), np.array(flows, np.int64).reshape(-1, FLOW_SIZE)
        all_rows[:, ANSWER] = self._size + all_rows[:, ANSWER] * COUNTED_SIZE
        table[:, : FLOW_ANSWER + 1] = self._size + table[:, : FLOW_ANSWER + 1] * COUNTED_SIZE
        first = self._place(all_rows)
        return self._place(table), first

    def _fleets(
        self, program: a.Program, network: Network, flows: int, roots: int, outcomes: int
    ) -> tuple[int, Floats]:
        """Place of the first, and their rates."""
        given, width = program.fleets, program.runs.shape[1]
        table, rates = np.zeros((len(given), FLEET_SIZE), np.int64), np.zeros((len(given), 2))
        table[:, : len(a.FLEET)] = given
        table[:, FLOW] = flows + given[:, a.FLOW] * FLOW_SIZE
        table[:, PROGRAM], table[:, PROGRAM_STEP] = roots + given[:, a.PROGRAM] * 2, given[:, a.PROGRAM_STEP] * 2
        table[:, OUTCOMES], table[:, OUTCOMES_STEP] = outcomes + given[:, a.RUNS] * width, given[:, a.RUNS_STEP] * width
        table[:, LAW], table[:, GAP] = given[:, a.LAW] * self._law_size, given[:, a.GAP] * self._law_size
        table[:, RATE] = np.arange(len(given)) * rates.shape[1]
        own, more = len(network.flows), [rates]

        def add_states(row: Ints, states: Sequence[BurstState], rate_per_s: float) -> None:
            row[STATES], row[RATE] = len(states), rates.shape[1] * sum(map(len, more))
            more.append(state_table(states, rate_per_s))

        for row, rate, flow in zip(table[:own], rates[:own], network.flows, strict=True):
            row[OF_KIND], row[TOGETHER], rate[RATE_PER_S] = _kind(flow), 1, flow.sources.rate_per_s
            if isinstance(flow.workload.arrivals, Bursty):
                add_states(row, flow.workload.arrivals.states, flow.sources.rate_per_s)
        for row, rate, flow in zip(table[own:], rates[own:], network.background, strict=True):
            many = merged(flow)
            row[OF_KIND] = {"poisson": POISSON, "periodic": SUPERPOSED, "bursty": BURSTY, "trace": TRACE}[many.kind]
            row[MERGED], row[TOGETHER], rate[RATE_PER_S] = many.sources, many.together, many.rate_per_s
            if many.kind == "bursty":
                add_states(row, many.states, many.rate_per_s)
        return self._place(table), np.concatenate(more)

    def _sources(
        self, program: a.Program, network: Network, streams: Streams, part: Ints, fleets: int, bound: int
    ) -> tuple[int, int]:
        """Place of the first, and the size of their rows."""
        given = program.sources
        size = KEYS + int(program.fleets[:, a.COLUMNS].max(initial=0))
        table = np.zeros((len(given), size + -size % LINE), np.int64)
        table[:, FLEET], table[:, PLACE] = fleets + given[:, a.ITS_FLEET] * FLEET_SIZE, given[:, a.PLACE]
        table[:, BOUND] = bound + given[:, a.BOUND]
        for flow in network.flows:
            work, first = streams.work(flow), network.first_source(flow)
            rows = table[first : first + len(work)]
            rows[:, BORN_FROM] = self._born_from(flow, streams)
            rows[:, KEYS : KEYS + work.shape[1]] = work.astype(np.int64)
        for number, flow in enumerate(network.background, len(network.sources)):
            work, many = streams.work_beyond(flow), merged(flow)
            if many.kind == "bursty":
                table[number, BORN_FROM] = self._place(streams.bursts_beyond(flow, many))
            elif many.trace is not None:
                table[number, BORN_FROM] = self._place(_to_the_end(many.trace))
            else:
                stream = "arrival" if many.kind == "poisson" else "phase"
                table[number, BORN_FROM] = streams.beyond(stream, flow).astype(np.int64)
            table[number, KEYS : KEYS + len(work)] = work.astype(np.int64)
        self._zeros(-self._size % LINE)
        return self._place(table[part]), table.shape[1]

    def _born_from(self, flow: Flow, streams: Streams) -> Ints:
        """Of each source of a flow: what its births follow from, or the place of it."""
        arrivals = flow.workload.arrivals
        if isinstance(arrivals, Bursty):
            return self._places(streams.bursts(flow))
        if isinstance(arrivals, Trace):
            return np.full(len(flow.everywhere[0]), self._place(_to_the_end(arrivals)))
        if not isinstance(arrivals, Periodic):
            return streams.births(flow).astype(np.int64)
        firsts, jitter = streams.first_births(flow), jitter_ns(arrivals, flow.sources.rate_per_s)
        if not jitter:
            return firsts
        late = streams.lateness(flow).astype(np.int64)
        return self._places(np.column_stack([firsts, late, np.full(len(firsts), jitter)]))

    def _places(self, table: Ints) -> Ints:
        """Place of each row."""
        first = self._place(table)
        return np.arange(first, first + table.size, table.shape[1])


def _kind(flow: Flow) -> int:
    arrivals = flow.workload.arrivals
    if isinstance(arrivals, Periodic):
        return JITTERED if jitter_ns(arrivals, flow.sources.rate_per_s) else PERIODIC
    return BURSTY if isinstance(arrivals, Bursty) else TRACE if isinstance(arrivals, Trace) else POISSON


def _to_the_end(trace: Trace) -> Ints:
    return np.append(instants(trace), NO_MORE)


def gatherings_at(program: a.Program) -> int:
    """Where the gatherings of a request begin, behind its joins."""
    several = program.hops[:, a.MESSAGES] > 1
    return REQUEST_HEAD + JOIN_SIZE * (int(program.hops[several, a.JOIN].max(initial=-1)) + 1)


def _copied_tasks(flow: Flow) -> int:
    return sum(task.copies > 1 for task in flow.workload.tasks)


def aligned(memory: Ints, size: int) -> Ints:
    """A copy of ``size`` numbers that begins with a line of a cache; 0 behind what is copied."""
    room = np.zeros(size + LINE, np.int64)
    first = -room.ctypes.data // room.itemsize % LINE
    found = room[first : first + size]
    found[: len(memory)] = memory
    found[MOST_TOP] = size - found[ROOM]
    return found
