"""Instances of a service that is bought by the request, and their cold starts.

Who is served is served by an instance of its own: of those that are idle by the one that was at work last, if that was
no longer ago than ``idle``; else by a new one, whose start takes ``time`` on top of the service. An instance is idle
from the end of its service on, also for who comes at that very instant; to come when it has been idle for just so long
is in time. All tasks of a pool share its instances. There are never more at work than the ``limit`` of the pool allows,
and never more in all, since a new one starts only where none is idle.
"""

from __future__ import annotations

from scenarios.pools import ColdStart
from sim.draws import nanoseconds


class Instances:
    """Those of one pool in one replication; starts are counted within [begin, end) [ns]."""

    def __init__(self, of: ColdStart, begin: int, end: int) -> None:
        self._time, self._idle = nanoseconds(of.time_s), nanoseconds(of.idle_s)
        self._begin, self._end = begin, end
        self._since: list[int] = []  # when each that is idle became so, increasing
        self.cold_starts = 0

    def taken(self, now: int) -> int:
        """One goes to work; how much longer its service takes [ns]."""
        if self._since and now - self._since[-1] <= self._idle:
            self._since.pop()
            return 0
        self._since.clear()  # the others have been idle for even longer
        self.cold_starts += self._begin <= now < self._end
        return self._time

    def left(self, now: int) -> None:
        """One is idle."""
        self._since.append(now)
