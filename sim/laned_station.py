"""Stations whose requests wait in lanes: by priority, in limited numbers, for a limited time, for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop
from itertools import count
from typing import NamedTuple

from simpy.events import EventPriority

from sim.drops import BLOCKED, DISPLACED, EXPIRED
from sim.lanes import NEVER, Lane
from sim.stations import Clock, Instant, Station, after


class Comer(NamedTuple):
    """Somebody who comes to a lane."""

    source: int
    born: int  # [ns]
    most: int  # that are executed together where it is the first of them
    duration: Callable[[int], int]  # of the service of so many [ns]
    completion: int  # rank of that event
    launch: int  # of that by which it has waited long enough for others
    expiry: int  # of that by which it has waited too long
    dropped: Callable[[int], None]  # told the cause, at once


class _Waiter(NamedTuple):
    comer: Comer
    entered: int
    event: Instant


_Waiting = dict[int, _Waiter]  # by ticket, in the order in which they came


class LanedStation(Station):
    """Servers before lanes; see ``sim.lanes`` for whose turn it is and who leaves without a service."""

    def __init__(self, env: Clock, servers: int, lanes: Sequence[Lane], begin: int = 0, end: int = 1 << 62) -> None:
        super().__init__(env, servers, begin, end)
        self._lanes: tuple[tuple[Lane, _Waiting], ...] = tuple((lane, {}) for lane in lanes)
        self._tickets = count()

    def come(self, number: int, comer: Comer) -> Instant:
        """Join a lane; the event happens when the service is complete, and never where it is dropped."""
        env, event = self._env, Instant(self._env)
        lane, waiting = self._lanes[number]
        expires = comer.born + lane.patience_ns
        if lane.patience_ns != NEVER and env.now > expires:
            comer.dropped(EXPIRED)
            return event
        self._book()
        self._call()
        ticket = next(self._tickets)
        waiting[ticket] = _Waiter(comer, env.now, event)
        self._start_waiting()
        if ticket in waiting:
            self._limit(lane, waiting, ticket)
        if ticket in waiting and comer.most > 1 and lane.wait_ns:
            after(env, lane.wait_ns, comer.launch).callbacks.append(lambda _: self._start_waiting())
        if ticket in waiting and lane.patience_ns != NEVER:
            expiry = after(env, expires - env.now, comer.expiry)
            expiry.callbacks.append(lambda _: self._drop(waiting, ticket, EXPIRED))
        return event

    def _limit(self, lane: Lane, waiting: _Waiting, last: int) -> None:
        """There may be one too many since the ``last`` has come."""
        if lane.of_source:
            its = [ticket for ticket, one in waiting.items() if one.comer.source == waiting[last].comer.source]
            if len(its) > 1:
                self._drop(waiting, its[0], DISPLACED)
        elif lane.room != NEVER and len(waiting) > lane.room:
            if lane.latest and lane.room:
                self._drop(waiting, next(iter(waiting)), DISPLACED)
            else:
                self._drop(waiting, last, BLOCKED)

    def _drop(self, waiting: _Waiting, ticket: int, cause: int) -> None:
        if ticket in waiting:  # else its service has begun, or it was dropped already
            self._book()
            waiting.pop(ticket).comer.dropped(cause)

    def _start_waiting(self) -> None:
        while self._free and self._up and (waiting := self._turn()):
            self._launch(waiting)

    def _turn(self) -> _Waiting | None:
        """The lane to which a free server turns."""
        ready = [
            (lane.priority, next(iter(waiting)), number)
            for number, (lane, waiting) in enumerate(self._lanes)
            if waiting and self._ready(lane, waiting)
        ]
        return self._lanes[min(ready)[-1]][1] if ready else None

    def _ready(self, lane: Lane, waiting: _Waiting) -> bool:
        """Whether those who are executed together are all there, or the first has waited for them long enough."""
        first = next(iter(waiting.values()))
        return len(waiting) >= first.comer.most or self._env.now - first.entered >= lane.wait_ns

    def _launch(self, waiting: _Waiting) -> None:
        """One service of the first, and of as many behind it as are executed together."""
        now = self._book()
        most = next(iter(waiting.values())).comer.most
        together = [waiting.pop(ticket) for ticket in list(waiting)[:most]]
        if not self.waiting:
            self._empty()
        lasts, server = together[0].comer.duration(len(together)), heappop(self._free)
        if self.instances:
            lasts += self.instances.taken(now)
        self._busy[server] = now + lasts
        self._begun += lasts
        self.visits += len(together) * (self._begin <= now < self._end)
        for one in together:
            event = one.event
            event.server, event.lasts, event.together = server, lasts, len(together)
            event.leads = one is together[0]
            self._env.schedule(event, priority=EventPriority(one.comer.completion), delay=lasts)

    def leave(self, event: Instant) -> None:
        """Free the server with the first of those who were executed together."""
        if event.leads:
            super().leave(event)

    @property
    def waiting(self) -> int:
        """Requests in the lanes."""
        return sum(len(waiting) for _, waiting in self._lanes)
