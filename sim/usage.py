"""What a month uses: counted, never priced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.draws import NS

if TYPE_CHECKING:
    from sim.flows import Flow
    from sim.measured import Measured
    from sim.network import Network

MONTH_S = 730 * 3600.0

PoolKey = tuple[str, str | None]  # pool, group; None in a region
LinkKey = tuple[str, str, str | None]  # link, direction, group; None between regions


@dataclass(frozen=True)
class Usage:
    """Usage in a month of 730 h, each of them an average one of the week; simulated or worked out beforehand.

    Attributes
    ----------
    requests
        Requests by (workload, group).
    busy_node_s
        Seconds at which nodes of a (pool, group) are at work [s]: server seconds divided by slots.
    calls
        Executions of tasks on a (pool, group).
    messages, bytes
        Messages and their size [B] over a (link, direction, group).
    node_s
        Seconds for which nodes of a (pool, group) that scales are paid [s]; of others their number says it.
    """

    requests: Mapping[tuple[str, str], float]
    busy_node_s: Mapping[PoolKey, float]
    calls: Mapping[PoolKey, float]
    messages: Mapping[LinkKey, float]
    bytes: Mapping[LinkKey, float]
    node_s: Mapping[PoolKey, float] = field(default_factory=dict)


NOTHING = Usage({}, {}, {}, {}, {})


def used(network: Network, measured: Iterable[Measured], times: Callable[[Flow], float]) -> Usage:
    """So many ``times`` what the measured requests of each flow used; each counts for its like at all sites.

    A message after a task is counted for that part of the requests of which the task was done.
    """
    requests: dict[tuple[str, str], float] = {}
    busy: dict[PoolKey, float] = defaultdict(float)
    calls: dict[PoolKey, float] = defaultdict(float)
    messages: dict[LinkKey, float] = defaultdict(float)
    size: dict[LinkKey, float] = defaultdict(float)
    for one in measured:
        flow, first, scale = one.flow, network.first_source(one.flow), times(one.flow) * one.flow.weight
        requests[flow.workload.name, flow.key] = int(one.whole.outcomes.sum()) * scale
        for happened, number in one.happened:
            for sender, branch in network.journey(first, 0, happened).sent():
                sent = number * scale * one.part_done(sender)
                for link, direction, group, size_bytes in branch.sendings:
                    messages[link, direction, group] += sent
                    size[link, direction, group] += sent * size_bytes
        visits = {b.visit for b in network.journey(first, 0, (1,) * flow.shares).branches() if b.visit}
        for visit in visits:  # of each copy of a task one; what its copies worked is added up
            queue, copies = network.queues[visit.queue], flow.workload.task(flow.names[visit.task]).copies
            calls[queue.name, queue.group] += one.whole.done[visit.task] * scale
            busy[queue.name, queue.group] += one.whole.sums[visit.task].work / NS / visit.slots / copies * scale
    return Usage(requests, dict(busy), dict(calls), dict(messages), dict(size))
