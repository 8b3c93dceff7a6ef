"""Stations while they run: first come, first served, with servers that control processes may change."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple

import simpy
from simpy.events import EventPriority

from sim.control import Return
from sim.instances import Instances


class Clock(simpy.Environment):
    """SimPy's environment on whole nanoseconds."""

    _now: int

    @property
    def now(self) -> int:
        return self._now


class Instant(simpy.Event):
    """An event that is certain to happen once it is scheduled, with a rank among those of the same instant."""

    server: int  # who serves, once the service has started
    lasts: int  # how long that takes [ns]
    together = 1  # requests that are served at once
    leads = True  # whether it is the first of them

    def __init__(self, env: Clock) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None


def after(env: Clock, delay: int, rank: int) -> Instant:
    """An event ``delay`` nanoseconds from now."""
    event = Instant(env)
    env.schedule(event, priority=EventPriority(rank), delay=delay)
    return event


class _Waiter(NamedTuple):
    event: Instant
    rank: int  # of its completion
    leave: Callable[[], None] | None
    size_bytes: int


class _Areas:
    """Time integrals of busy servers and of waiting requests over the measured span [begin, end)."""

    def __init__(self, env: Clock, begin: int, end: int) -> None:
        self._env, self._since, self._end = env, begin, end
        self.busy_area = 0  # [ns]
        self.queue_area = 0  # [ns]
        self.visits = 0  # started within the span
        self.instances: Instances | None = None  # where a service may have to be started first
        self._begin = begin

    @property
    def cold_starts(self) -> int:
        return self.instances.cold_starts if self.instances else 0

    def _add(self, busy: int, queue: int) -> int:
        """Book the state that ends now; to be called before each change."""
        now = self._env.now
        until = now if now < self._end else self._end
        if until > self._since:
            self.busy_area += busy * (until - self._since)
            self.queue_area += queue * (until - self._since)
            self._since = until
        return now


class Station(_Areas):
    """A queue before ``servers`` equal servers; the free server with the lowest number serves next.

    What is in service when the station goes down, or when its server is taken away, is finished. Who cannot wait until
    it is up again leaves as soon as it comes, or as the station goes down.
    """

    def __init__(self, env: Clock, servers: int, begin: int = 0, end: int = 1 << 62) -> None:
        super().__init__(env, begin, end)
        self._servers = servers
        self._up = True
        self._busy: dict[int, int] = {}  # by server, when its service ends
        self._free = list(range(servers))  # a heap
        self._queue: deque[_Waiter] = deque()
        self._begun = 0  # services so far, each as a whole [ns]
        self._called: int | None = None
        self.provided: list[tuple[int, int]] = []  # instant, so many more nodes
        self.returns: list[Return] = []

    def serve(self, duration: int, rank: int, leave: Callable[[], None] | None = None, size_bytes: int = 0) -> Instant:
        """Join the queue; the event happens when the service of ``duration`` [ns] is complete.

        Who cannot wait while the station is down is told to ``leave``, at once; its event never happens.
        """
        event = Instant(self._env)
        event.lasts = duration
        if self._free and self._up:  # nobody waits then
            self._start(event, rank)
        elif leave is not None and not self._up:
            leave()
        else:
            self._book()
            self._call()
            self._queue.append(_Waiter(event, rank, leave, size_bytes))
        return event

    def _call(self) -> None:
        """Somebody comes; where there is no server that is noted."""
        if not self._servers and self._called is None:
            self._called = self._env.now

    def leave(self, event: Instant) -> None:
        """Free the server of a completed service."""
        self._book()
        server = event.server
        del self._busy[server]
        if self.instances:
            self.instances.left(self._env.now)
        if server < self._servers:
            heappush(self._free, server)
            self._start_waiting()

    def _start(self, event: Instant, rank: int) -> None:
        now = self._book()
        if self.instances:
            event.lasts += self.instances.taken(now)
        event.server = heappop(self._free)
        self._busy[event.server] = now + event.lasts
        self._begun += event.lasts
        self.visits += self._begin <= now < self._end
        self._env.schedule(event, priority=EventPriority(rank), delay=event.lasts)

    def _next(self) -> tuple[Instant, int]:
        """Whose turn it is, and the rank of its completion; it waits no longer."""
        one = self._queue.popleft()
        if not self._queue:
            self._empty()
        return one.event, one.rank

    def _empty(self) -> None:
        """Nobody waits any more; the first time since it is up again that is noted."""
        if self._up and self.returns and self.returns[-1].emptied is None:
            self.returns[-1] = self.returns[-1]._replace(emptied=self._env.now)

    def _book(self) -> int:
        return self._add(len(self._busy), self.waiting)

    # verbs

    def set_servers(self, servers: int) -> None:
        """From now on ``servers`` may be busy at once."""
        self._book()
        self._servers, self._called = servers, None
        self._free = [server for server in range(servers) if server not in self._busy]
        self._start_waiting()

    def set_up(self, up: bool) -> None:
        """Down: no service starts; up again: those who wait are served in their order."""
        self._book()
        returned, self._up = up and not self._up, up
        if returned:
            self.returns.append(Return(self._env.now, self.waiting, sum(one.size_bytes for one in self._queue), None))
            if not self.waiting:
                self._empty()
        if not up:
            waiting, self._queue = self._queue, deque(one for one in self._queue if one.leave is None)
            for one in waiting:
                if one.leave is not None:
                    one.leave()
        self._start_waiting()

    def provide(self, nodes: int, since: int) -> None:
        """So many more nodes are paid for from an instant [ns] on; fewer where it is negative."""
        self.provided.append((since, nodes))

    def _start_waiting(self) -> None:
        while self.waiting and self._free and self._up:
            self._book()
            self._start(*self._next())

    def close(self) -> None:
        """Book what is left of the span."""
        self._book()

    # gauges

    @property
    def up(self) -> bool:
        return self._up

    @property
    def servers(self) -> int | None:
        return self._servers

    @property
    def busy(self) -> int:
        """Servers at work."""
        return len(self._busy)

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._queue)

    @property
    def areas(self) -> tuple[int, int, int]:
        """Up to now."""
        self.close()
        return self.busy_area, self.queue_area, self.visits

    @property
    def worked(self) -> int:
        """How long servers have been at work so far, added up [ns]."""
        now = self._env.now
        return self._begun - sum(end - now for end in self._busy.values())

    @property
    def called(self) -> int | None:
        """When the first request came since the servers were set to none [ns]."""
        return self._called

    def busy_until(self, server: int) -> int:
        """When a server ends what it has [ns]: now where that is nothing."""
        return self._busy.get(server, self._env.now)


class Unlimited(_Areas):
    """A service bought by the request: everyone is served at once."""

    def __init__(self, env: Clock, begin: int = 0, end: int = 1 << 62) -> None:
        super().__init__(env, begin, end)
        self.busy = 0

    def serve(
        self,
        duration: int,
        rank: int,
        leave: Callable[[], None] | None = None,  # noqa: ARG002 - nobody waits
        size_bytes: int = 0,  # noqa: ARG002
    ) -> Instant:
        now = self._add(self.busy, 0)
        self.busy += 1
        self.visits += self._begin <= now < self._end
        lasts = duration + (self.instances.taken(now) if self.instances else 0)
        event = after(self._env, lasts, rank)
        event.server, event.lasts = 0, lasts
        return event

    def leave(self, event: Instant) -> None:  # noqa: ARG002 - the same verb as a station's
        now = self._add(self.busy, 0)
        self.busy -= 1
        if self.instances:
            self.instances.left(now)

    def close(self) -> None:
        self._add(self.busy, 0)
