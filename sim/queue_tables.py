"""What queues did: stations, links, nodes that come and go, and links that came back, as tables."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.draws import NS, nanoseconds
from sim.load import NEARLY_FULL, offered
from sim.network import Network
from sim.queues import Queue
from sim.replication import Played
from sim.scaling import provided, provided_area
from sim.usage import LinkKey, Usage

if TYPE_CHECKING:
    import pandas as pd

_RETURNS = ["replication", "link", "direction", "group", "site", "queue", "at_s", "waiting", "bytes", "drained_s"]
_STATIONS = ["pool", "group", "site", "queue", "servers", "mean_servers", "offered_load", "utilisation"]
_STATIONS += ["mean_busy_servers", "mean_queue_length", "visits", "cold_starts"]
_SCALING = ["replication", "pool", "group", "site", "queue", "at_s", "nodes"]
_LINKS = ["link", "direction", "group", "messages", "bytes", "busy_fraction", "busiest_fraction", "mean_queue_length"]


@dataclass(frozen=True)
class Queues:
    """All queues of a network over the replications that were ``played``."""

    network: Network
    played: tuple[Played, ...]
    span_s: float
    warm_up_s: float

    @cached_property
    def offered(self) -> tuple[float, ...]:
        """Load that is offered to each [erlang]."""
        return offered(self.network)

    def means(self, link: bool) -> Iterator[tuple[Queue, float, float, float, float, float]]:
        """Each queue with offered load, mean busy servers, mean queue length, visits and cold starts a replication."""
        span = self.span_s * NS
        means = np.mean([played.queues for played in self.played], axis=0) / (span, span, 1.0, 1.0)
        rows = zip(self.network.queues, self.offered, means.tolist(), strict=True)
        for queue, load, (busy, waiting, visits, cold_starts) in sorted(rows, key=lambda row: row[0].order):
            if queue.link == link:
                yield queue, load, busy, waiting, visits, cold_starts

    @cached_property
    def mean_nodes(self) -> dict[Queue, float]:
        """Nodes paid for over the measured span, of each queue of a pool that scales."""
        begin, span = nanoseconds(self.warm_up_s), nanoseconds(self.span_s)
        areas: dict[int, int] = defaultdict(int)
        for played in self.played:
            for number, changes in played.provided.items():
                areas[number] += provided_area(changes, begin, begin + span)
        return {self.network.queues[number]: area / (span * len(self.played)) for number, area in areas.items()}

    def mean_servers(self, queue: Queue) -> float:
        """Paid for over the measured span; ``nan`` where each request is paid for."""
        if queue in self.mean_nodes:
            return self.mean_nodes[queue] * self.network.slots(queue)
        return math.nan if queue.servers is None else float(queue.servers)

    @property
    def nearly_full(self) -> dict[str, float]:
        """Utilisation of the busiest queue of each pool where that is above 85 %."""
        found: dict[str, float] = {}
        for queue, _, busy, *_ in self.means(link=False):
            servers = self.mean_servers(queue)
            if servers and busy / servers > NEARLY_FULL:
                found[queue.name] = max(busy / servers, found.get(queue.name, 0.0))
        return found

    def stations(self) -> pd.DataFrame:
        """See ``Result.stations``."""
        rows = []
        for queue, load, busy, waiting, visits, cold_starts in self.means(link=False):
            servers = self.mean_servers(queue)
            rows.append(
                {
                    "pool": queue.name,
                    "group": queue.group or "",
                    "site": queue.site + 1,
                    "queue": queue.number + 1,
                    "servers": math.nan if queue.servers is None else queue.servers,
                    "mean_servers": servers,
                    "offered_load": load,
                    "utilisation": busy / servers if servers else 0.0,
                    "mean_busy_servers": busy,
                    "mean_queue_length": waiting,
                    "visits": visits,
                    "cold_starts": cold_starts,
                }
            )
        return _frame(rows, _STATIONS)

    def scaling(self) -> pd.DataFrame:
        """See ``Result.scaling``."""
        rows = []
        for number, played in enumerate(self.played, 1):
            named = ((self.network.queues[queue], changes) for queue, changes in played.provided.items())
            for queue, changes in sorted(named, key=lambda one: one[0].order):
                where = (number, queue.name, queue.group or "", queue.site + 1, queue.number + 1)
                rows += [(*where, instant / NS, nodes) for instant, nodes in provided(changes)]
        return _frame(rows, _SCALING)

    def returns(self) -> pd.DataFrame:
        """See ``Result.returns``."""
        rows = []
        for replication, played in enumerate(self.played):
            for number, some in played.returns.items():
                queue = self.network.queues[number]
                link, _, direction = queue.name.rpartition(".")
                where = (replication, link, direction, queue.group or "", queue.site + 1, queue.number + 1)
                for one in some:
                    drained = math.nan if one.emptied is None else (one.emptied - one.instant) / NS
                    rows.append((*where, one.instant / NS, one.waiting, one.size_bytes, drained))
        return _frame(rows, _RETURNS)

    def links(self, in_span: Usage) -> pd.DataFrame:
        """See ``Result.links``."""
        busy: dict[LinkKey, list[tuple[float, float]]] = defaultdict(list)
        for queue, _, fraction, waiting, *_ in self.means(link=True):
            link, direction = queue.name.rsplit(".", 1)
            busy[link, direction, queue.group].append((fraction, waiting))
        rows = []
        for link, direction, group in sorted(in_span.messages, key=lambda used: (*used[:2], used[2] or "")):
            shared = busy.get((link, direction, None), [(0.0, 0.0)])
            instances = busy.get((link, direction, group), shared)
            fractions, waits = zip(*instances, strict=True)
            rows.append(
                {
                    "link": link,
                    "direction": direction,
                    "group": group or "",
                    "messages": in_span.messages[link, direction, group],
                    "bytes": in_span.bytes[link, direction, group],
                    "busy_fraction": sum(fractions) / len(fractions),
                    "busiest_fraction": max(fractions),
                    "mean_queue_length": sum(waits) / len(waits),
                }
            )
        return _frame(rows, _LINKS)


def _frame(rows: Sequence[Any], columns: list[str]) -> pd.DataFrame:
    import pandas as pd  # half a second that those who only want a percentile need not wait

    return pd.DataFrame(rows, columns=columns)
