"""Drills: links are down, or nodes of a pool are gone, from the beginning of the measured span to its end.

So what is measured is what was born during the break. The sources go on behind it until all of that has ended; what
waited for a link is sent when the link is back, and ``Result.returns`` tells how much that was and how long it took.
Where a pool loses nodes they finish what they have, and those that are left go on with the queue.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scenarios.demand import sources
from scenarios.disruptions import Drill
from scenarios.scenario import Scenario
from sim.control import Handles
from sim.draws import nanoseconds

MOST = 2_000_000  # requests born at the sites simulated in full, in one replication of a drill


@dataclass(frozen=True)
class Break:
    """The control process of a drill, from ``begin`` to ``end`` [ns]; each queue of a pool loses so many servers."""

    links: tuple[str, ...]
    pool: str | None
    servers: int
    begin: int
    end: int

    def __call__(self, stations: Handles) -> Iterator[int]:
        ways = [one for link in self.links for way in ("up", "down") for one in stations.get(f"{link}.{way}", ())]
        queues = stations.get(self.pool or "", ())
        yield self.begin
        for one in ways:
            one.set_up(False)
        for queue in queues:
            queue.set_servers(max((queue.servers or 0) - self.servers, 0))
        yield self.end
        for one in ways:
            one.set_up(True)
        for queue in queues:
            queue.set_servers((queue.servers or 0) + self.servers)


def break_of(scenario: Scenario, drill: Drill, warm_up_s: float, span_s: float) -> Break:
    """What a drill does in a run that measures ``span_s`` after ``warm_up_s``."""
    slots = scenario.pool(drill.pool).slots if drill.pool else 0
    begin = nanoseconds(warm_up_s)
    return Break(drill.links, drill.pool, drill.nodes * slots, begin, begin + nanoseconds(span_s))


def sampled(scenario: Scenario, drill: Drill) -> Scenario:
    """With fewer sites simulated in full where a long drill would bring more than ``MOST`` requests."""
    groups = {group.key: group for group in scenario.groups}
    rates = dict.fromkeys(groups, 0.0)
    for workload in scenario.workloads:
        for group in scenario.groups_of(scenario.pool(workload.source)):
            if group is not None:
                of = sources(scenario, workload, group, drill.at)
                rates[group.key] += of.number * of.rate_per_s
    born = drill.for_s * sum(rate * scenario.study.in_full(groups[key]) for key, rate in rates.items())
    if born <= MOST:
        return scenario
    sample = {key: max(math.floor(scenario.study.in_full(group) * MOST / born), 1) for key, group in groups.items()}
    return replace(scenario, study=replace(scenario.study, sample=sample))
