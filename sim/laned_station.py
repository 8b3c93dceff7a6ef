"""Stations whose requests wait in lanes: by priority, in limited numbers, for a limited time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

from sim.drops import BLOCKED, DISPLACED, EXPIRED
from sim.lanes import NEVER, Lane
from sim.stations import Clock, Instant, Station, after


class Comer(NamedTuple):
    """Somebody who comes to a lane."""

    source: int
    born: int  # [ns]
    duration: int  # of its service [ns]
    completion: int  # rank of that event
    expiry: int  # rank of that event
    dropped: Callable[[int], None]  # told the cause, at once


_Waiting = dict[int, tuple[Comer, Instant]]  # by ticket, in the order in which they came


class LanedStation(Station):
    """Servers before lanes; see ``sim.lanes`` for whose turn it is and who leaves without a service."""

    def __init__(self, env: Clock, servers: int, lanes: Sequence[Lane], begin: int = 0, end: int = 1 << 62) -> None:
        super().__init__(env, servers, begin, end)
        self._lanes = tuple(lanes)
        self._in_lane: list[_Waiting] = [{} for _ in lanes]
        self._tickets = count()

    def come(self, number: int, comer: Comer) -> Instant:
        """Join a lane; the event happens when the service is complete, and never where it is dropped."""
        lane, waiting = self._lanes[number], self._in_lane[number]
        event = Instant(self._env)
        event.lasts = comer.duration
        expires = comer.born + lane.patience_ns
        if lane.patience_ns != NEVER and self._env.now > expires:
            comer.dropped(EXPIRED)
            return event
        ticket = next(self._tickets)
        self._book()
        self._call()
        waiting[ticket] = comer, event
        self._start_waiting()
        if ticket in waiting:
            self._limit(lane, waiting, ticket)
        if ticket in waiting and lane.patience_ns != NEVER:
            expiry = after(self._env, expires - self._env.now, comer.expiry)
            expiry.callbacks.append(lambda _: self._drop(waiting, ticket, EXPIRED))
        return event

    def _limit(self, lane: Lane, waiting: _Waiting, last: int) -> None:
        """One too many waits since the ``last`` has come."""
        if lane.of_source:
            source = waiting[last][0].source
            before = [ticket for ticket, (comer, _) in waiting.items() if comer.source == source and ticket != last]
            for ticket in before:
                self._drop(waiting, ticket, DISPLACED)
        elif lane.room != NEVER and len(waiting) > lane.room:
            if lane.latest and lane.room:
                self._drop(waiting, min(waiting), DISPLACED)
            else:
                self._drop(waiting, last, BLOCKED)

    def _drop(self, waiting: _Waiting, ticket: int, cause: int) -> None:
        if ticket in waiting:  # else its service has begun
            self._book()
            comer, _ = waiting.pop(ticket)
            comer.dropped(cause)

    def _next(self) -> tuple[Instant, int]:
        firsts = ((lane.priority, min(some)) for lane, some in zip(self._lanes, self._in_lane, strict=True) if some)
        _, ticket = min(firsts)
        comer, event = next(some for some in self._in_lane if ticket in some).pop(ticket)
        return event, comer.completion

    @property
    def waiting(self) -> int:
        return sum(map(len, self._in_lane))
