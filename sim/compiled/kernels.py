"""The two kernels as Python drives them: their memory, more of it when it is full, the verbs and gauges of stations."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from sim.compiled import arrays as a
from sim.compiled import heap, order, stages
from sim.compiled import memory as m
from sim.compiled.counting import counted
from sim.compiled.parts import births_per_s
from sim.control import Return
from sim.draws import NS, Ints
from sim.replication import Replication
from sim.tally import Keep, Tally

_BIRTHS = 128  # in a block: what they touch fits into a cache
_SOURCES = 128  # looked at for each of them at most
_ORDER = 16384


class Kernel(ABC):
    """What changes while one replication runs."""

    def __init__(self, of: Replication, part: Ints, keep: Keep | None) -> None:
        self._network, self._part, self._limits, self._keep = of.network, part, of.limits, keep
        layout = m.Layout(of, part, keep is not None)
        self.memory, self.laws, self.rates = layout.memory, layout.laws, layout.rates
        self._stations = layout.stations
        self._returns: dict[int, list[Return]] = {}

    @abstractmethod
    def _advance(self, until: int) -> None: ...

    @abstractmethod
    def _settle(self, station: int) -> bool: ...

    @abstractmethod
    def set_servers(self, number: int, servers: int, now: int) -> None: ...

    @abstractmethod
    def busy(self, number: int, now: int) -> int: ...

    @abstractmethod
    def areas(self, number: int, now: int) -> tuple[int, int, int]:
        """(busy area, queue area, services started) of a station up to ``now`` [ns]."""

    @abstractmethod
    def _services(self, number: int, now: int) -> Ints:
        """(end, server) of those in progress, also at servers that were taken away."""

    @abstractmethod
    def close(self, now: int) -> None:
        """Book what is left of the span."""

    def advance(self, until: int) -> None:
        """Let everything happen that lies strictly before ``until`` [ns]."""
        while not self.ended:
            self.memory[m.FULL] = 0
            self._advance(until)
            if not self.memory[m.FULL]:
                return
            self.grow()

    def set_up(self, number: int, up: bool, now: int) -> None:
        self._book(number, now)
        row = self.station(number)
        if up and not self.memory[row + m.UP] and number in self._network.may_be_down:
            size = self._size_waiting(number)
            self._returns.setdefault(number, []).append(Return(now, self.waiting(number), size, None))
            self.memory[row + m.EMPTIED] = -1 if self.waiting(number) else now
        self.memory[row + m.UP] = up
        if not up:
            self._note_emptied(number)
            self._abandon(number)
        self._start(number)

    def _note_emptied(self, number: int) -> None:
        """When nobody waited first, since a station is up."""
        emptied, returns = int(self.memory[self.station(number) + m.EMPTIED]), self._returns.get(number)
        if returns and emptied >= 0 and returns[-1].emptied is None:
            returns[-1] = returns[-1]._replace(emptied=emptied)

    def _size_waiting(self, number: int) -> int:
        """Of those who wait [B]; they have one where they wait for a link, and only there are they one chain."""
        if not self._network.queues[number].link:
            return 0
        row, found = self.station(number), 0
        message = int(self.memory[row + m.FIRST])
        for _ in range(self.waiting(number)):
            found += int(self.memory[self.memory[message + m.HOP] + a.BYTES])
            message = int(self.memory[message + m.BEHIND])
        return found

    @abstractmethod
    def _abandon(self, number: int) -> None:
        """Those leave who cannot wait until a station is up again."""

    def returns(self) -> dict[int, tuple[Return, ...]]:
        """By number of a link's queue that was down and is up again."""
        found = {}
        for number in sorted(self._returns):
            self._note_emptied(number)
            found[number] = tuple(self._returns[number])
        return found

    @abstractmethod
    def _book(self, number: int, now: int) -> None:
        """Add the state that ends now to a station's areas."""

    def _start(self, number: int) -> None:
        while not self._settle(self.station(number)):
            self.grow()

    @property
    def ended(self) -> bool:
        return bool(self.memory[m.ENDED])

    def end(self) -> None:
        """Nothing more is waited for."""
        self.memory[m.ENDED] = 1

    @property
    def inside(self) -> int:
        """Measured requests on their way."""
        return int(self.memory[m.INSIDE])

    def station(self, number: int) -> int:
        """Where a station's row begins."""
        return self._stations + number * m.STATION_SIZE

    def up(self, number: int) -> bool:
        return bool(self.memory[self.station(number) + m.UP])

    def servers(self, number: int) -> int:
        return int(self.memory[self.station(number) + m.SERVING])

    def waiting(self, number: int) -> int:
        return int(self.memory[self.station(number) + m.WAITING])

    def worked(self, number: int, now: int) -> int:
        left = self._services(number, now)[:, 0].sum() - now * self.busy(number, now)
        return int(self.memory[self.station(number) + m.BEGUN] - left)

    def called(self, number: int) -> int | None:
        instant = int(self.memory[self.station(number) + m.CALLED])
        return None if instant < 0 else instant

    def busy_until(self, number: int, server: int, now: int) -> int:
        services = self._services(number, now)
        return int(services[services[:, 1] == server, 0].max(initial=now))

    def tallies(self) -> tuple[Tally, ...]:
        return counted(self._network, self._limits, self.memory)

    def queues(self) -> Ints:
        """(busy area, queue area, services started, cold starts) of each queue [ns]."""
        stations = a.compiled(self._network).stations
        rows = self._station_rows()
        found = np.zeros((len(self._network.queues) + 1, 4), np.int64)
        np.add.at(found, stations[:, a.QUEUE], rows[:, [m.BUSY_AREA, m.QUEUE_AREA, m.STARTS, m.COLD_STARTS]])
        return found[:-1]

    def _station_rows(self) -> Ints:
        size = len(a.compiled(self._network).stations) * m.STATION_SIZE
        rows: Ints = self.memory[self._stations :][:size].reshape(-1, m.STATION_SIZE)
        return rows

    def give_rows(self) -> None:
        """Hand on the rows that were kept, and forget them."""
        if self._keep:
            births = self._rows(m.BIRTHS, m.BIRTH_ROWS, m.KEPT_BIRTH)
            self._keep(births, self._rows(m.VISITS, m.VISIT_ROWS, m.KEPT_VISIT))

    def _rows(self, where: int, number: int, width: int) -> Ints:
        begin, rows = self.memory[where], int(self.memory[number])
        self.memory[number] = 0
        found: Ints = self.memory[begin : begin + rows * width].reshape(-1, width).copy()
        found[:, 0] = self._part[(found[:, 0] - self.memory[m.SOURCES]) // self.memory[m.SOURCE_SIZE]]
        return found

    def grow(self) -> None:
        """More room of whatever is about to run out."""
        self.give_rows()
        if self.memory[m.TOP] > self.memory[m.MOST_TOP]:
            self.memory = m.aligned(self.memory, 2 * len(self.memory))

    def _widened(self, number: int, servers: int) -> None:
        """Room for more servers at a station than it ever had."""
        row = self.station(number)
        if servers <= self.memory[row + m.WIDTH]:
            return
        self.memory[row + m.BUSY_ROWS] = self._taken(servers * m.BUSY_ROW)
        self.memory[row + m.IDLE_ROWS] = self._taken(servers)
        self.memory[row + m.WIDTH] = servers

    def _taken(self, size: int) -> int:
        """A new row of whole lines of a cache, in more memory where there is no room."""
        size += -size % m.LINE
        while self.memory[m.TOP] + size > self.memory[m.MOST_TOP]:
            self.memory = m.aligned(self.memory, 2 * len(self.memory))
        return m.taken(self.memory, size)

    def _set_idle(self, number: int, servers: int, idle: Ints) -> None:
        row = self.station(number)
        self.memory[row + m.SERVING], self.memory[row + m.IDLE] = servers, len(idle)
        self.memory[row + m.CALLED] = -1
        first = self.memory[row + m.IDLE_ROWS]
        self.memory[first : first + len(idle)] = idle  # an ordered list is a heap


class Stages(Kernel):
    """Of stations without a circle; see `sim.compiled.stages`."""

    def __init__(self, of: Replication, part: Ints, keep: Keep | None) -> None:
        super().__init__(of, part, keep)
        self._levels()
        self.memory[m.BUCKETS] = self._taken(order.BUCKETS)
        self.memory[m.UPCOMING], self.memory[m.DUE] = (self._taken(len(part) + m.LINE) for _ in range(2))
        self.order = np.zeros((2, _ORDER, order.ROW), np.int64)
        rate = births_per_s(of.network)[part].sum()
        births = max(_BIRTHS, len(part) // _SOURCES)
        self.memory[m.BLOCK] = int(births / rate * NS) + 1 if rate else 1 << 60
        self._retired: dict[int, Ints] = {}  # services at servers that were taken away meanwhile
        stages.begin(self.memory, self.laws, self.rates)

    def _levels(self) -> None:
        """A row for each level, the consumers last, with room for those of its stations that have a queue."""
        number = a.compiled(self._network).stations[:, a.LEVEL]
        levels = int(number.max(initial=-1)) + 2
        queued, first = self._taken(len(number)), self._taken(levels * stages.LEVEL_SIZE)
        rows = self.memory[first:][: levels * stages.LEVEL_SIZE].reshape(levels, -1)
        rows[:, stages.POOL_LAST] = first + stages.LEVEL_SIZE * np.arange(levels)
        rows[:, stages.QUEUED] = queued + np.searchsorted(np.sort(number), np.arange(levels))
        self.memory[m.LEVELS], self.memory[m.LAST_LEVEL] = first, first + (levels - 1) * stages.LEVEL_SIZE
        self._station_rows()[:, m.STATION_LEVEL] = first + number * stages.LEVEL_SIZE

    def _advance(self, until: int) -> None:
        stages.advance(self.memory, self.laws, self.rates, self.order, until)

    def _settle(self, station: int) -> bool:
        return bool(stages.settle(self.memory, self.laws, station))

    def grow(self) -> None:
        super().grow()
        levels = range(self.memory[m.LEVELS], self.memory[m.LAST_LEVEL], stages.LEVEL_SIZE)
        most = max((int(self.memory[level + stages.POOLED]) for level in levels), default=0)
        if most > self.order.shape[1]:
            self.order = np.zeros((2, 2 * most, order.ROW), np.int64)

    def set_servers(self, number: int, servers: int, now: int) -> None:
        busy = np.concatenate([self._busy(number), self._retired.pop(number, self._busy(number)[:0])])
        busy = busy[busy[:, 0] >= now]  # who ends now has not left yet
        left = busy[:, 3] >= servers
        if left.any():
            self._retired[number] = busy[left]
        busy = busy[~left]
        self._widened(number, servers)
        self._set_idle(number, servers, np.setdiff1d(np.arange(servers), busy[:, 3]))
        row = self.station(number)
        first = self.memory[row + m.BUSY_ROWS]
        self.memory[row + m.BUSY] = len(busy)
        self.memory[first : first + busy.size] = busy[np.lexsort((busy[:, 2], busy[:, 1], busy[:, 0]))].ravel()
        self._start(number)

    def _abandon(self, number: int) -> None:
        """Where links may be down there are no stages; at pools everyone waits."""

    def _book(self, number: int, now: int) -> None:
        """Each service and wait is added as a whole."""

    def _busy(self, number: int) -> Ints:
        row = self.station(number)
        first, services = self.memory[row + m.BUSY_ROWS], self.memory[row + m.BUSY]
        found: Ints = self.memory[first : first + services * m.BUSY_ROW].reshape(-1, m.BUSY_ROW).copy()
        return found

    def _services(self, number: int, now: int) -> Ints:
        rows = np.concatenate([self._busy(number), self._retired.get(number, self._busy(number)[:0])])
        return rows[rows[:, 0] >= now][:, [0, 3]]

    def busy(self, number: int, now: int) -> int:
        return len(self._services(number, now))

    def areas(self, number: int, now: int) -> tuple[int, int, int]:
        """Services were added as a whole when they began, waits are when they end."""
        row, begin, end = self.station(number), int(self.memory[m.BEGIN]), int(self.memory[m.END])
        busy, queued, started = self.memory[row + np.array([m.BUSY_AREA, m.QUEUE_AREA, m.STARTS])].tolist()
        ends = np.concatenate([self._busy(number), self._retired.get(number, self._busy(number)[:0])])[:, 0]
        busy -= int(np.maximum(np.minimum(ends, end) - max(now, begin), 0).sum())
        message = self.memory[row + m.FIRST]
        for _ in range(self.memory[row + m.WAITING]):
            queued += max(min(now, end) - max(int(self.memory[message + m.INSTANT]), begin), 0)
            message = self.memory[message + m.BEHIND]
        return busy, queued, started

    def close(self, now: int) -> None:  # noqa: ARG002 - all who came before it are in the queues
        stages.close(self.memory)


class Heap(Kernel):
    """Of any stations; see `sim.compiled.heap`."""

    def __init__(self, of: Replication, part: Ints, keep: Keep | None) -> None:
        super().__init__(of, part, keep)
        self.events = np.zeros((len(part) + int(self.memory[m.MOST_EVENTS]) + 1024, 4), np.int64)
        heap.begin(self.memory, self.laws, self.rates, self.events)

    def _advance(self, until: int) -> None:
        heap.advance(self.memory, self.laws, self.rates, self.events, until)

    def _settle(self, station: int) -> bool:
        return bool(heap.settle(self.memory, self.laws, self.events, station))

    def grow(self) -> None:
        super().grow()
        if self.memory[m.EVENTS] + self.memory[m.MOST_EVENTS] > len(self.events):
            self.events = np.concatenate([self.events, np.zeros_like(self.events)])

    def set_servers(self, number: int, servers: int, now: int) -> None:
        self._book(number, now)
        at_work = self._services(number, now)[:, 1]
        self._widened(number, servers)
        self._set_idle(number, servers, np.setdiff1d(np.arange(servers), at_work))
        self._start(number)

    def _abandon(self, number: int) -> None:
        if self.memory[self.station(number) + m.LANES] == m.NOTHING:
            while not heap.abandon(self.memory, self.station(number)):
                self.grow()

    def _book(self, number: int, now: int) -> None:
        self.memory[m.NOW] = now
        heap.book(self.memory, self.station(number))

    def _services(self, number: int, now: int) -> Ints:  # noqa: ARG002 - all of its events are still to come
        rows = self.events[: int(self.memory[m.EVENTS])]
        rows = rows[rows[:, 1] < m.ARRIVAL]  # completions
        rows = rows[self.memory[rows[:, 3] + m.STATION] == self.station(number)]
        both = np.column_stack([rows[:, 0], self.memory[rows[:, 3] + m.SERVER] & heap.SERVER])
        return np.unique(both, axis=0)  # a batch has several completions

    def busy(self, number: int, now: int) -> int:  # noqa: ARG002 - events keep it
        return int(self.memory[self.station(number) + m.BUSY])

    def areas(self, number: int, now: int) -> tuple[int, int, int]:
        self._book(number, now)
        row = self.station(number)
        busy, queued, started = self.memory[row + np.array([m.BUSY_AREA, m.QUEUE_AREA, m.STARTS])].tolist()
        return busy, queued, started

    def close(self, now: int) -> None:
        latest = max(int(self.memory[m.NOW]), now)
        for number in range(len(a.compiled(self._network).stations)):
            self._book(number, latest)


def kernel(of: Replication, part: Ints, keep: Keep | None) -> Kernel:
    """The one that suits the network."""
    return Stages(of, part, keep) if a.staged(of.network) else Heap(of, part, keep)
