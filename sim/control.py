"""Control processes: what changes stations and links at instants of its own, apart from the requests.

A control process is a generator function. It is handed the stations, yields the next instant [ns] at which it wants
to act, and acts when resumed: before every completion, arrival and birth of that instant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from sim.queues import Queue


class Return(NamedTuple):
    """A station is up again.

    Attributes
    ----------
    instant
        When [ns].
    waiting, size_bytes
        Who waited for it, and their size.
    emptied
        When nobody waited for the first time after it [ns].
    """

    instant: int
    waiting: int
    size_bytes: int
    emptied: int | None


class Handle(Protocol):
    """The verbs and gauges of a station; `sim.stations.Station` says what each means."""

    def set_servers(self, servers: int) -> None: ...

    def set_up(self, up: bool) -> None: ...

    def provide(self, nodes: int, since: int) -> None: ...

    @property
    def up(self) -> bool: ...

    @property
    def servers(self) -> int | None: ...

    @property
    def busy(self) -> int: ...

    @property
    def waiting(self) -> int: ...

    @property
    def areas(self) -> tuple[int, int, int]:
        """So far, within the measured span: busy area and queue area [ns], and services started."""
        ...

    @property
    def worked(self) -> int: ...

    @property
    def called(self) -> int | None: ...

    def busy_until(self, server: int) -> int: ...


Handles = Mapping[str, Sequence[Handle]]
"""Stations by name (a pool, or ``uplink.up``), each in the order of group, site and queue."""


class Control(Protocol):
    def __call__(self, stations: Handles) -> Iterator[int]: ...


def handles(queues: Sequence[Queue], of: Callable[[int], Handle]) -> Handles:
    """The stations of all queues that have servers; ``of`` gives that of the queue with a number."""
    found: dict[str, list[Handle]] = defaultdict(list)
    for number, queue in sorted(enumerate(queues), key=lambda one: one[1].order):
        if queue.servers is not None:
            found[queue.name].append(of(number))
    return found
