"""Control processes: what changes stations and links at instants of its own, apart from the requests.

A control process is a generator function. It is handed the stations, yields the next instant [ns] at which it wants
to act, and acts when resumed: before every completion, arrival and birth of that instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol


class Handle(Protocol):
    """The verbs and gauges of a station."""

    def set_servers(self, servers: int) -> None: ...

    def set_up(self, up: bool) -> None: ...

    @property
    def up(self) -> bool: ...

    @property
    def servers(self) -> int | None: ...

    @property
    def busy(self) -> int: ...

    @property
    def waiting(self) -> int: ...


Handles = Mapping[str, Sequence[Handle]]
"""Stations by name (a pool, or ``uplink.up``), each in the order of group, site and queue."""


class Control(Protocol):
    def __call__(self, stations: Handles) -> Iterator[int]: ...
