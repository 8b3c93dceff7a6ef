"""The reference data plane: one SimPy process per request, one more for each branch that runs beside it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from itertools import count, islice

import numpy as np

from scenarios.workloads import Bursty, Periodic, Trace
from sim.arrivals import jitter_ns, jittered, periodic, poisson
from sim.background import merged
from sim.bursts import bursty, state_table
from sim.control import Control, handles
from sim.dispatch import least_loaded
from sim.draws import NS, Ints, Keys, draw_rows, nanoseconds
from sim.drops import DELIVERED, NO_LINE, SKIPPED, UNNEEDED
from sim.flows import Flow, unpacked
from sim.instances import Instances
from sim.journeys import COPY_BITS, DROP, TASK_BITS, Branch, Crossing, Journey, Visit
from sim.laned_station import Comer, LanedStation
from sim.network import Network
from sim.policies import Entry, Policy, choices
from sim.replication import Played, Replication
from sim.stations import Clock, Instant, Station, Unlimited, after
from sim.tally import Keep, Limits, tallied
from sim.traces import replayed
from sim.watching import Seen, Watch

# Rank of an event among those of one instant: kind, source, sequence, task, copy. All ranks of kinds are greater
# than SimPy's own NORMAL, so what the engine starts by itself goes on at once. A batch that has waited long enough
# takes along who comes at that very instant; who runs out of patience leaves last: to start just then is in time.
_SEQUENCE_BITS, _SOURCE_BITS = 40, 24
_SEQUENCE = TASK_BITS + COPY_BITS
_SOURCE = _SEQUENCE + _SEQUENCE_BITS
_KIND = _SOURCE + _SOURCE_BITS
CONTROL, COMPLETION, ARRIVAL, BIRTH, LAUNCH, EXPIRY = (kind << _KIND for kind in (1, 2, 3, 4, 5, 6))

_BLOCK, _LARGE_BLOCK = 64, 4096  # requests whose draws are made at once: of a source, and of many together

Process = Generator[Instant, object, None]


BIRTH_COLUMNS, VISIT_COLUMNS = 5, 12


def play(of: Replication, keep: Keep | None = None, policies: Mapping[str, Policy] | None = None) -> Played:
    """Play one replication.

    ``keep`` is given the rows of its measured requests; what is returned has none. ``policies`` are those of pools, by
    name.
    """
    return _Plane(of, policies or {}).run(of.limits, keep)


def watch(of: Replication, what: Watch, policies: Mapping[str, Policy] | None = None) -> None:
    """Play a replication again until the last of the requests watched has ended; ``what`` holds what was seen."""
    _Plane(of, policies or {}, what).go()


class _Request:
    """A request on its way."""

    __slots__ = (
        "born", "delivered", "dropped", "journey", "left_out", "measured", "missing", "number", "open", "rank", "row",
        "seen", "sequence",
    )  # fmt: skip

    def __init__(self, number: int, sequence: int, born: int, row: list[int], journey: Journey, measured: bool) -> None:
        self.number = number
        self.sequence = sequence
        self.born = born
        self.rank = (number << _SOURCE) + (sequence << _SEQUENCE)
        self.row = row
        self.missing = journey.joins.copy() if journey.joins else journey.joins
        self.journey = journey
        self.delivered: dict[int, list[tuple[int, ...]]] = {}  # copies of a task
        self.open = len(journey.roots)
        self.measured = measured
        self.dropped = False  # something of it
        self.left_out: set[int] = set()
        self.seen: Seen | None = None  # where it is watched


class _Plane:
    """The state of one replication; it dies with the run."""

    def __init__(self, of: Replication, policies: Mapping[str, Policy], watch: Watch | None = None) -> None:
        network, begin, end = of.network, of.begin, of.end
        self._network, self._streams = network, of.streams
        self._begin, self._end = begin, end
        self._watch, only = watch, watch.sources if watch else None
        self._env = env = Clock()
        self._queues = [
            Unlimited(env, begin, end)
            if queue.servers is None
            else LanedStation(env, queue.servers, lanes, begin, end)
            if (lanes := network.lanes_of(queue))
            else Station(env, queue.servers, begin, end)
            for queue in network.queues
        ]
        for queue, station in zip(network.queues, self._queues, strict=True):
            if cold := network.cold_start(queue):
                station.instances = Instances(cold, begin, end)
        alone = Unlimited(env)  # takes what belongs to a single site that is not simulated in full
        self._stations = [*self._queues, alone]
        self._choices = choices(policies, network.queues, self._station)
        self._births, self._visits = array("q"), array("q")
        self._inside = 0  # measured requests on their way
        self._ended = env.event()
        for number, control in enumerate(of.controls):
            env.process(self._control(CONTROL + 1 + number, control))
        for flow in network.flows:
            both = zip(self._births_of(flow), self._streams.work(flow), strict=True)
            for number, (births, streams) in enumerate(both, network.first_source(flow)):
                if only is None or number in only:
                    env.process(self._source(number, flow, births, streams))
        for number, flow in enumerate(network.background, len(network.sources)):
            if only is None or number in only:
                env.process(self._background(number, flow))
        env.process(self._tail())

    def go(self) -> None:
        """To the end of the last request that is waited for."""
        self._env.run(until=self._ended)

    def run(self, limits: Limits, keep: Keep | None) -> Played:
        self.go()
        for station in self._queues:
            station.close()
        areas = [(s.busy_area, s.queue_area, s.visits, s.cold_starts) for s in self._queues]
        queues = np.array(areas, np.int64).reshape(-1, 4)
        births, visits = _rows(self._births, BIRTH_COLUMNS), _rows(self._visits, VISIT_COLUMNS)
        if keep:
            keep(births, visits)
        each = ((number, tuple(s.provided)) for number, s in enumerate(self._queues) if isinstance(s, Station))
        provided = {number: changes for number, changes in each if changes}
        returns = {number: tuple(self._station(number).returns) for number in sorted(self._network.may_be_down)}
        tallies = tallied(self._network, births, visits, limits)
        return Played(tallies, queues, provided=provided, returns={n: some for n, some in returns.items() if some})

    def _tail(self) -> Process:
        """After the span, wait for the last measured request; give up when nothing has ended for very long."""
        yield after(self._env, self._end, CONTROL)
        patience = patience_ns(self._network, self._end)
        inside = None
        while self._inside and self._inside != inside:
            inside = self._inside
            yield after(self._env, patience, CONTROL)
        if not self._ended.triggered:
            self._ended.succeed()

    def _control(self, rank: int, control: Control) -> Process:
        for instant in control(handles(self._network.queues, self._station)):
            yield after(self._env, instant - self._env.now, rank)

    def _station(self, number: int) -> Station:
        station = self._queues[number]
        assert isinstance(station, Station)
        return station

    # births

    def _source(self, number: int, flow: Flow, instants: Iterator[int], streams: Keys) -> Process:
        env, births = self._env, self._births
        rank = BIRTH + (number << _SOURCE)
        shares, has_origin = flow.shares, flow.sources.of_nodes > 1
        journeys: dict[tuple[int, ...], Journey] = {}
        for sequence, (born, row) in enumerate(zip(instants, self._draws(flow, streams), strict=False)):
            yield after(env, born - env.now, rank + (sequence << _SEQUENCE))
            origin = row[flow.origin] if has_origin else 0
            drawn = (origin, *row[:shares])
            journey = journeys.get(drawn)
            if journey is None:
                journey = journeys[drawn] = self._network.journey(number, origin, drawn[1:])
            measured = self._begin <= born < self._end
            request = _Request(number, sequence, born, row, journey, measured)
            if self._watch:
                request.seen = self._watch.look(number, sequence, born, journey, measured)
            if measured:
                self._inside += bool(journey.roots)  # what sends nothing off has ended
                bits = sum(yes << i for i, yes in enumerate(row[:shares]))
                births.extend((number, sequence, born, origin, bits))
            for branch in journey.roots:
                env.process(self._follow(request, branch, 0, 0, 0, ()))

    def _background(self, number: int, flow: Flow) -> Process:
        """Requests of the sites that are not simulated in full: those that come to a shared queue, none measured."""
        env = self._env
        rank = BIRTH + (number << _SOURCE)
        streams, bits = self._streams.work_beyond(flow), 1 << np.arange(flow.shares)
        phases, arrivals = (self._streams.beyond(stream, flow) for stream in ("phase", "arrival"))
        many = merged(flow)
        births = many.births(phases, arrivals, _LARGE_BLOCK)
        if many.kind == "bursty":
            (process,) = self._streams.bursts_beyond(flow, many)
            births = bursty(process, state_table(many.states, many.rate_per_s), _LARGE_BLOCK)
        for first in count(0, _LARGE_BLOCK):
            sequence = first
            born = list(islice(births, _LARGE_BLOCK))
            if not born:
                return
            rows = draw_rows(flow.laws, streams[flow.keys], first, len(born))
            happened = rows[:, : flow.shares] @ bits
            journeys = {one: self._beyond(flow, one) for one in np.unique(happened).tolist()}
            coming = np.isin(happened, [one for one, journey in journeys.items() if journey.roots])
            for place in np.flatnonzero(coming).tolist():
                sequence = first + place
                yield after(env, born[place] - env.now, rank + (sequence << _SEQUENCE))
                journey = journeys[int(happened[place])]
                request = _Request(number, sequence, env.now, rows[place].tolist(), journey, False)
                for branch in journey.roots:
                    env.process(self._follow(request, branch, 0, 0, 0, ()))
            yield after(env, born[-1] - env.now, rank + (sequence << _SEQUENCE))

    def _beyond(self, flow: Flow, bits: int) -> Journey:
        return self._network.journey_beyond(flow, unpacked(bits, flow.shares))

    def _births_of(self, flow: Flow) -> Iterator[Iterator[int]]:
        """Of each source, the instants; only those of a trace have an end."""
        arrivals, rate, at_once = flow.workload.arrivals, flow.sources.rate_per_s, self._at_once(flow)
        streams = self._streams
        if isinstance(arrivals, Bursty):
            table = state_table(arrivals.states, rate)
            return (bursty(process, table, at_once) for process in streams.bursts(flow))
        if isinstance(arrivals, Trace):
            return (replayed(arrivals) for _ in flow.everywhere[0])
        if not isinstance(arrivals, Periodic):
            return (poisson(stream, rate, at_once) for stream in streams.births(flow))
        firsts, jitter = streams.first_births(flow).tolist(), jitter_ns(arrivals, rate)
        if jitter:
            both = zip(firsts, streams.lateness(flow), strict=True)
            return (jittered(first, rate, stream, jitter, at_once) for first, stream in both)
        return (periodic(first, rate, at_once) for first in firsts)

    def _draws(self, flow: Flow, streams: Keys) -> Iterator[list[int]]:
        """A row of draws for each request of a source, without end."""
        at_once = self._at_once(flow)
        for first in count(0, at_once):
            yield from draw_rows(flow.laws, streams[flow.keys], first, at_once).tolist()

    def _at_once(self, flow: Flow) -> int:
        """Requests of a source that are drawn at once: no more than it will need."""
        return min(_BLOCK, 2 + int(flow.sources.rate_per_s * self._end / NS))

    # requests

    def _follow(
        self, request: _Request, branch: Branch, node: int, waited: int, served: int, stamps: tuple[int, ...]
    ) -> Process:
        """Carry a message to its task, run it there, and go on with what it sends off, until nothing follows.

        ``node`` of the last queue sends the message (servers that a control process added use the ports of the
        nodes that are there); ``waited`` and ``served`` are the sums so far; ``stamps`` are the entry, start and
        completion of the task that sent it.
        """
        env, stations = self._env, self._stations
        while True:
            rank = request.rank + branch.rank
            for hop, crossing in enumerate(branch.ways[node % len(branch.ways)]):
                leave = None
                if crossing.without:
                    leave = partial(self._left, request, branch.task, crossing.without, env.now, waited, served)
                yield from self._crossed(request, branch, hop, crossing, rank, leave)
            visit = branch.visit
            if visit is None:
                self._record(request, branch.task, stamps, waited, served)
                break
            if visit.messages > 1:
                request.missing[visit.rank] -= 1
                if request.missing[visit.rank]:
                    break  # the last message to come goes on with the task
            entered = env.now
            rank = request.rank + visit.rank
            queue, chosen = self._queue(request, visit)
            station = stations[queue]
            if isinstance(station, LanedStation):
                assert visit.lane is not None
                comer = Comer(
                    request.number,
                    request.born,
                    visit.most,
                    partial(visit.lasts, request.row),
                    COMPLETION + rank,
                    LAUNCH + rank,
                    EXPIRY + rank,
                    partial(self._dropped, request, visit.task, entered, waited, served),
                )
                done = station.come(visit.lane, comer)
            else:
                done = station.serve(request.row[visit.column], COMPLETION + rank)
            yield done
            station.leave(done)
            completed, service = env.now, done.lasts
            if request.seen:
                request.seen.served(visit, self._network.queues[queue].name, queue, entered, service, completed)
            waited += completed - service - entered
            served += service
            stamps = (entered, completed - service, completed, service // done.together)
            if not visit.answers:
                self._record(request, visit.task, stamps, waited, served)
            if not visit.branches:
                break
            node = chosen if visit.among else done.server // visit.slots
            request.open += len(visit.branches) - 1
            for other in visit.branches[1:]:
                env.process(self._follow(request, other, node, waited, served, stamps))
            branch = visit.branches[0]
        self._closed(request)

    def _closed(self, request: _Request) -> None:
        """One of the ways of a request has come to its end."""
        request.open -= 1
        if request.seen and not request.open and self._watch and self._watch.ends() and not self._ended.triggered:
            self._ended.succeed()
        if request.measured and not request.open:
            self._inside -= 1
            if not self._inside and self._env.now >= self._end and not self._ended.triggered:
                self._ended.succeed()

    def _crossed(
        self, request: _Request, branch: Branch, hop: int, one: Crossing, rank: int, leave: Callable[[], None] | None
    ) -> Process:
        """A message is sent until it comes through, and travels to the end of the link."""
        env, row, came = self._env, request.row, self._env.now
        lost = row[one.loss] if one.loss >= 0 else 0
        travels = one.propagation_ns + (row[one.delay] if one.delay >= 0 else 0)
        if one.queue >= 0:
            link = self._stations[one.queue]
            for more in range(lost, -1, -1):
                sent = link.serve(one.transmission_ns, COMPLETION + rank, leave, one.size_bytes)
                yield sent
                link.leave(sent)
                if request.seen:
                    request.seen.crossed(branch, hop, one.queue, came, one.transmission_ns, env.now)
                came = env.now
                if more and one.again_ns:
                    yield after(env, one.again_ns, ARRIVAL + rank)
        else:
            travels += lost * one.again_ns
        if travels:
            yield after(env, travels, ARRIVAL + rank)
            if request.seen:
                pauses = 0 if one.queue >= 0 else lost * one.again_ns
                request.seen.travelled(branch, hop, one.queue, pauses, travels - pauses, env.now)

    def _queue(self, request: _Request, visit: Visit) -> tuple[int, int]:
        """Number of the queue that serves a task, and that of its node where each has its own."""
        queue, node = visit.queue, 0
        if visit.among:
            node = least_loaded(self._station, visit.among) if visit.pick is None else request.row[visit.pick]
            queue = visit.among[node]
        return (self._chosen(request, visit, queue) if queue in self._choices else queue), node

    def _chosen(self, request: _Request, visit: Visit, own: int) -> int:
        """Number of the queue that the policy of its pool chooses, instead of its ``own``."""
        sources, choice = self._network.sources, self._choices[own]
        number = request.number
        site = source = None
        if number < len(sources):
            one = sources[number]
            flow, site, source = one.flow, one.site + 1, one.number + 1
        else:
            flow = self._network.background[number - len(sources)]
        who = (flow.workload.name, flow.key, site, source, request.sequence, flow.names[visit.task])
        return choice.asked(Entry(*who, request.born, self._env.now, choice.index(own)))

    def _record(self, request: _Request, task: int, stamps: tuple[int, ...], waited: int, served: int) -> None:
        """A task was delivered; of several copies that is the last of them, with the work of all.

        Of copies delivered at one instant the last is that which waited longer on its way, or was served longer, or
        entered later, and so on: whatever the order in which they are told.
        """
        if not (request.measured or request.seen):
            return
        *times, work = stamps
        told, needed = [self._env.now, waited, served, *times], task in request.journey.needed
        if task in request.journey.copies:
            copies = request.delivered.setdefault(task, [])
            copies.append((*told, work))
            if len(copies) < request.journey.copies[task]:
                return
            *told, _ = max(copies)
            work = sum(copy[-1] for copy in copies)
        if request.seen and needed:
            request.seen.delivered[task] = told[0]
        if request.measured:
            delivered, waited, served, *times = told
            row = (task, *times, delivered, waited, served, request.born, work, DELIVERED if needed else UNNEEDED)
            self._visits.extend((request.number, request.sequence, *row))

    def _left(self, request: _Request, task: int, rule: int, entered: int, waited: int, served: int) -> None:
        """A message cannot wait for a link: the task that it leads to is dropped, or left out with all that follows."""
        if rule == DROP:
            self._dropped(request, task, entered, waited, served, NO_LINE)
            return
        if request.measured:
            now, flow = self._env.now, self._network.sources[request.number].flow
            for other in flow.left_out(task, request.row):
                if other not in request.left_out:
                    request.left_out.add(other)
                    times = (now, now, now, now, 0, 0, request.born, 0)
                    self._visits.extend((request.number, request.sequence, other, *times, SKIPPED))
        self._closed(request)

    def _dropped(self, request: _Request, task: int, entered: int, waited: int, served: int, cause: int) -> None:
        """A task will not be done, nor what comes after it; a request counts where that happens to it first."""
        now = self._env.now
        if request.seen:
            request.seen.lost(task, entered, now, cause)
        if request.measured and not request.dropped:
            times = (entered, now, now, now, waited + now - entered, served, request.born, 0)
            self._visits.extend((request.number, request.sequence, task, *times, cause))
        request.dropped = True
        self._closed(request)


def patience_ns(network: Network, end: int) -> int:
    """How long after ``end`` [ns] nothing may end before the run is given up."""
    steps = [step for flow in network.flows for step in flow.route.steps]
    slowest = max((step.variant.service.mean_s for step in steps), default=0.0)
    return 20 * (end + nanoseconds(slowest))


def _rows(flat: array[int], columns: int) -> Ints:
    return sorted_rows(np.array(flat, np.int64).reshape(-1, columns))


def sorted_rows(rows: Ints) -> Ints:
    """Rows in the order of their first three columns, which no two rows share."""
    return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
