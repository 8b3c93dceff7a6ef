"""What the sources of a network offer to its queues, from rates and mean times alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from sim.background import coming_tasks, merged
from sim.draws import NS
from sim.flows import Flow
from sim.journeys import Branch
from sim.network import Network

NEARLY_FULL = 0.85  # utilisation beyond which percentiles hang on a few per cent of the service times


def offered(network: Network) -> tuple[float, ...]:
    """Offered load of each queue: servers at work on average, if there were enough of them.

    Every site counts at shared queues, also those that are not simulated in full; nodes with queues of their own count
    for equal parts.
    """
    load = np.zeros(len(network.queues))
    for flow in network.flows:
        bound, nodes = network.bound(flow), flow.sources.of_nodes
        work: dict[int, float] = defaultdict(float)
        for branch in network.whole(flow).branches():
            for slot, servers in _work(flow, branch, flow.sources.rate_per_s / nodes):
                work[slot] += servers
        weight = np.where(network.shared, flow.weight, 1.0)
        for slot, servers in work.items():
            load += np.bincount(bound[:, slot], minlength=len(load)) * servers * weight
    return tuple(load.tolist())


def _work(flow: Flow, branch: Branch, rate_per_s: float) -> Iterator[tuple[int, float]]:
    """Slots that a message and the task that it starts come to, and what they bring there."""
    name = flow.names[branch.task]
    rate = rate_per_s * flow.reach[name]
    for way in branch.ways:  # which of the nodes sends it is not known beforehand: each alike
        for one in way:
            if one.queue >= 0:
                yield one.queue, rate / len(branch.ways) * one.tries * one.transmission_ns / NS
    if branch.visit:
        work, queues = rate / branch.visit.messages * flow.route.step(name).variant.service.mean_s, branch.visit.queues
        yield from ((slot, work / len(queues)) for slot in queues)


def overloaded(network: Network, load: tuple[float, ...]) -> tuple[str, ...]:
    """Pools and links with a queue that is offered all that it can serve, or more: it grows without end."""
    both = zip(network.queues, load, strict=True)
    return tuple(sorted({q.name for q, work in both if q.servers is not None and work >= q.servers}))


def background_per_s(network: Network) -> tuple[float, float]:
    """Requests of the background born in a second, and a bound on those of them that come to a shared queue."""
    born = coming = 0.0
    for flow in network.background:
        rate = merged(flow).births_per_s
        tasks = coming_tasks(network.journey_beyond(flow, (1,) * flow.shares), len(network.queues))
        born += rate
        coming += rate * min(1.0, sum(flow.reach[flow.names[task]] for task in tasks))
    return born, coming
