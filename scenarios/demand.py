"""How many sources there are, how fast each is, and which queue it feeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.workloads import Batch, Workload

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

FEWEST = 20  # requests beyond a percentile that judge it


@dataclass(frozen=True)
class Sources:
    """The sources of one workload at one site of a group (or in a region).

    ``number`` of them send ``rate_per_s`` each. They lie in ``queues`` equal parts, one for each sub-pool of
    the source pool (or each ``per`` fact); ``of_nodes`` nodes stand behind one source where it is not a node itself.
    An ``average`` hour of the month brings so many times what an hour at this rate does: volumes of a month follow
    from it, and nothing else.
    """

    number: int
    rate_per_s: float
    per: str
    queues: int
    of_nodes: int = 1
    average: float = 1.0

    @property
    def per_queue(self) -> int:
        return self.number // self.queues


def nodes_at(pool: Pool, group: Group | None) -> int:
    """Nodes of a pool with a fixed count at one site of the group, or in its region."""
    return pool.queues(group) * pool.nodes_per_queue(group, pool.count.low)


def sources(scenario: Scenario, workload: Workload, group: Group | None, hour: int | None = None) -> Sources:
    """Sources at one site, in the busiest hour of the workload or in an ``hour`` of the week.

    A rate ``in all`` is shared evenly over all nodes of the source pool.
    """
    pool, arrivals = scenario.pool(workload.source), workload.arrivals
    cell = workload.week.at(hour)
    rate = 0.0 if isinstance(arrivals, Batch) else arrivals.rate_per_s * cell
    average = workload.week.mean / cell if cell else 0.0
    here, queues = nodes_at(pool, group), pool.queues(group)
    match arrivals.per:
        case "node":
            return Sources(here, rate, "node", queues, average=average)
        case "all":
            everywhere = sum((g.count if g else 1) * nodes_at(pool, g) for g in scenario.groups_of(pool))
            return Sources(here, rate / everywhere, "node", queues, average=average)
        case "site":
            return Sources(1, rate, "site", 1, here, average)
        case fact:
            number = group.facts[fact] if group else 1
            return Sources(number, rate, fact, number, max(1, here // number), average)


def feeds_one_queue(scenario: Scenario, workload: Workload, group: Group | None, pool: Pool) -> int:
    """Sources that feed one queue of ``pool`` from one site; 0 where no rule says which queue serves them.

    A sub-pool counted per the same fact serves its own sources; any other pool has one queue for all.
    """
    stream = sources(scenario, workload, group)
    if pool.name == workload.source and pool.dispatch == "own":
        return 1
    if pool.queues(group if pool.local else None) == 1:
        return stream.number
    source = scenario.pool(workload.source)
    same = pool.count.per in (source.count.per if stream.per == "node" and not source.pooled else None, stream.per)
    return stream.per_queue if same else 0


def sites_to_judge(scenario: Scenario, workload: Workload, group: Group) -> int:
    """Sites that bring ``FEWEST`` requests beyond each latency percentile, in twice the replications of the study.

    More than the group has where even all of them do not.
    """
    if isinstance(workload.arrivals, Batch):
        return 0
    stream, reached, study = sources(scenario, workload, group), {"answer": 1.0, **reach(workload)}, scenario.study
    of_a_site = stream.number * stream.rate_per_s * study.span_s * 2 * study.replications
    limits = [(1 - limit.percentile) * reached[workload.task_of(limit.of)] for limit in workload.requires.latency]
    return max((math.ceil(FEWEST / (beyond * of_a_site)) for beyond in limits if beyond * of_a_site > 0), default=0)


def sample_to_judge(scenario: Scenario, workload: Workload, group: Group) -> int:
    """A sample of a group's sites that judges the limits of a workload with some room, at most all of them."""
    return min(group.count, math.ceil(1.2 * sites_to_judge(scenario, workload, group)))


def reach(workload: Workload) -> dict[str, float]:
    """Probability that a request runs each task: the product of the shares of the task and of all before it.

    A speculative task runs as often as the one that it is ahead of.
    """
    share = {task.name: task.share for task in workload.tasks}
    last = {task.name: task.ahead_of or task.name for task in workload.tasks}
    return {name: math.prod(share[each] for each in sorted(workload.up_to(last[name]))) for name in share}
