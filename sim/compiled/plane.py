"""One replication in the compiled plane: SimPy keeps the clock and all control, compiled code advances in between."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

import numpy as np

from scenarios.workloads import Periodic
from sim.background import merged
from sim.compiled import heap as h
from sim.compiled.arrays import Program, compiled
from sim.control import Control, handles
from sim.draws import Floats, Ints, Keys
from sim.network import Network
from sim.requests import BIRTH_COLUMNS, CONTROL, VISIT_COLUMNS, Played, patience_ns, sorted_rows
from sim.stations import Clock, Instant, after
from sim.streams import Streams

Process = Generator[Instant, object, None]

_ROWS = 1024


def play(
    network: Network, seed: int, replication: int, begin: int, end: int, controls: Sequence[Control] = ()
) -> Played:
    """As `sim.requests.play`, and with the same outcome."""
    return _Plane(network, seed, replication, begin, end, controls).run()


class _Plane:
    """The state of one replication; it dies with the run."""

    def __init__(
        self, network: Network, seed: int, replication: int, begin: int, end: int, controls: Sequence[Control]
    ) -> None:
        self._network, self._streams = network, Streams(seed, replication)
        self._begin, self._end = begin, end
        self._program: Program = compiled(network)
        self._room = 2 * (len(self._program.branches) + 2)
        self.state = self._new_state()
        self._env = env = Clock()
        for number, control in enumerate(controls):
            env.process(self._control(CONTROL + 1 + number, control))
        env.process(self._tail())
        for source in range(len(self._program.sources)):
            h.schedule_birth(self._program, self.state, source)

    def run(self) -> Played:
        whole = self.state.whole
        while not whole[h.ENDED]:
            self._advance(self._env.peek())
            if not whole[h.ENDED]:
                self._env.step()
        queues = len(self._network.queues)
        whole[h.NOW] = max(whole[h.NOW], self._env.now)
        for station in range(queues):
            h.book(self.state, station)
        columns = [h.BUSY_AREA, h.QUEUE_AREA, h.STARTS]
        return Played(
            sorted_rows(self.state.born[: whole[h.BORN]]),
            sorted_rows(self.state.visited[: whole[h.VISITED]]),
            self.state.stations[:queues, columns].copy(),
        )

    def _advance(self, until: float) -> None:
        instant = 1 << 62 if math.isinf(until) else int(until)
        while True:
            h.advance(self._program, self.state, instant, self._room)
            if not self.state.whole[h.FULL]:
                return
            self.state = _grown(self.state, self._room)

    # control

    def _tail(self) -> Process:
        """As in the reference: wait for the last measured request, but not for ever."""
        yield after(self._env, self._end, CONTROL)
        patience = patience_ns(self._network, self._end)
        inside = None
        while self.inside and self.inside != inside:
            inside = self.inside
            yield after(self._env, patience, CONTROL)
        self.state.whole[h.ENDED] = 1

    @property
    def inside(self) -> int:
        return int(self.state.whole[h.INSIDE])

    def _control(self, rank: int, control: Control) -> Process:
        for instant in control(handles(self._network.queues, lambda number: _Handle(self, number))):
            yield after(self._env, instant - self._env.now, rank)

    def station(self, number: int) -> Ints:
        """A station's row, at this instant."""
        self.state.whole[h.NOW] = self._env.now
        row: Ints = self.state.stations[number]
        return row

    def set_servers(self, number: int, servers: int) -> None:
        row = self.station(number)
        h.book(self.state, number)
        busy = set(self._servers_at_work(number))
        idle = np.array([server for server in range(servers) if server not in busy], np.int64)
        if len(idle) + row[h.BUSY] > self._capacity(number) or servers > self._capacity(number):
            self._widen(number, servers + int(row[h.BUSY]))
            row = self.state.stations[number]
        row[h.SERVERS], row[h.IDLES] = servers, len(idle)
        self.state.idle[row[h.IDLE] : row[h.IDLE] + len(idle)] = idle
        h.settle(self.state, number)

    def set_up(self, number: int, up: bool) -> None:
        self.station(number)[h.UP] = up
        h.settle(self.state, number)

    def _servers_at_work(self, number: int) -> list[int]:
        """Which servers of a station are busy: those of the completions still to come."""
        rows = self.state.events[: int(self.state.whole[h.EVENTS])]
        tokens = rows[rows[:, h.KIND] // h.ARRIVAL == 0, h.ABOUT]
        here = tokens[self.state.tokens[tokens, h.STATION] == number]
        return [int(server) for server in self.state.tokens[here, h.SERVER]]

    def _capacity(self, number: int) -> int:
        row = self.state.stations[number]
        later = self.state.stations[:, h.IDLE]
        beyond = later[later > row[h.IDLE]]
        return int((beyond.min() if len(beyond) else len(self.state.idle)) - row[h.IDLE])

    def _widen(self, number: int, servers: int) -> None:
        """A new place for a station's idle servers, behind all others."""
        row = self.state.stations[number]
        row[h.IDLE] = len(self.state.idle)
        self.state = self.state._replace(idle=np.concatenate([self.state.idle, np.zeros(2 * servers, np.int64)]))

    # the beginning

    def _new_state(self) -> h.State:
        program = self._program
        servers = program.servers
        stations = np.zeros((len(servers), h.STATION_COLUMNS), np.int64)
        stations[:, h.SERVERS], stations[:, h.UP], stations[:, h.SINCE] = servers, 1, self._begin
        wide = np.maximum(servers, 1)
        stations[:, h.IDLE], stations[:, h.IDLES] = np.cumsum(wide) - wide, np.maximum(servers, 0)
        rows = _ROWS + self._room
        whole = np.zeros(h.WHOLE, np.int64)
        whole[h.TOKENS], whole[h.REQUESTS] = rows, rows
        whole[h.BEGIN], whole[h.END], whole[h.MEASURABLE] = self._begin, self._end, len(self._network.sources)
        tokens = np.zeros((rows, h.TOKEN), np.int64)
        requests = np.zeros((rows, h.REQUEST_HEAD + program.runs.shape[1]), np.int64)
        tokens[:, h.BEHIND] = requests[:, h.NEXT_FREE] = np.arange(1, rows + 1)
        births, rates, streams = self._births()
        return h.State(
            whole,
            np.zeros((len(program.sources) + rows, 4), np.int64),
            tokens,
            requests,
            stations,
            np.concatenate([np.arange(width) for width in wide]),
            births,
            rates,
            streams,
            np.zeros((rows, BIRTH_COLUMNS), np.int64),
            np.zeros((rows, VISIT_COLUMNS), np.int64),
        )

    def _births(self) -> tuple[Ints, Floats, Keys]:
        """State of every source's births, their rates, and the streams of all draws: of requests, then of births."""
        rows: list[tuple[int, int, int, int, int]] = []
        rates, streams, own = [], [], []
        for source in self._network.sources:
            streams += self._streams.work(source).tolist()
            own.append(self._streams.births(source))
            rates.append(source.flow.sources.rate_per_s)
            if isinstance(source.flow.workload.arrivals, Periodic):
                rows.append((h.PERIODIC, self._streams.first_birth(source), 1, 1, 0))
            else:
                rows.append((h.POISSON, 0, 1, 1, 0))
        for flow in self._network.background:
            streams += self._streams.work_beyond(flow).tolist()
            many = merged(flow)
            poisson = many.kind == "poisson"
            rates.append(many.rate_per_s)
            rows.append((h.POISSON, 0, 1, 1, 0) if poisson else (h.SUPERPOSED, 0, many.sources, many.together, 0))
            own.append(self._streams.beyond("arrival" if poisson else "phase", flow))
        births = np.array([(*row, len(streams) + number) for number, row in enumerate(rows)], np.int64).reshape(-1, 6)
        beyond = np.stack([np.array(rates), np.zeros(len(rates))], axis=1)
        return births, beyond, np.array([*streams, *own], np.uint64)


class _Handle:
    """The verbs and gauges of a station."""

    def __init__(self, plane: _Plane, number: int) -> None:
        self._plane, self._number = plane, number

    def set_servers(self, servers: int) -> None:
        self._plane.set_servers(self._number, servers)

    def set_up(self, up: bool) -> None:
        self._plane.set_up(self._number, up)

    @property
    def up(self) -> bool:
        return bool(self._plane.station(self._number)[h.UP])

    @property
    def servers(self) -> int | None:
        return int(self._plane.station(self._number)[h.SERVERS])

    @property
    def busy(self) -> int:
        return int(self._plane.station(self._number)[h.BUSY])

    @property
    def waiting(self) -> int:
        return int(self._plane.station(self._number)[h.WAITING])


def _grown(state: h.State, room: int) -> h.State:
    """Twice as many rows of whatever is about to run out."""
    whole = state.whole

    def longer(rows: Ints, left: int) -> Ints:
        return rows if left > room else np.concatenate([rows, np.zeros_like(rows)])

    def chained(rows: Ints, column: int, free: int, left: int) -> Ints:
        found, before = longer(rows, int(whole[left])), len(rows)
        if len(found) > before:
            found[before:, column] = np.arange(before + 1, 2 * before + 1)
            found[-1, column] = whole[free]
            whole[free] = before
            whole[left] += before
        return found

    return state._replace(
        events=longer(state.events, len(state.events) - int(whole[h.EVENTS])),
        tokens=chained(state.tokens, h.BEHIND, h.FREE_TOKEN, h.TOKENS),
        requests=chained(state.requests, h.NEXT_FREE, h.FREE_REQUEST, h.REQUESTS),
        born=longer(state.born, len(state.born) - int(whole[h.BORN])),
        visited=longer(state.visited, len(state.visited) - int(whole[h.VISITED])),
    )
