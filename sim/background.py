"""Identical sites beyond those that are simulated in full: arrivals at what all sites share, and nothing else.

Of a group with many identical sites the first are simulated in full. All the others together are one stream of
requests, the *background*, where the route of their workload comes to a queue that sites share: a pool in a region, a
link that is one for all. This is what is assumed of them:

- they are born by the same law of arrivals, merged over the sites: one Poisson process; bursty sources that each have
  a state of their own; the births of a trace, as many at once as there are sources; or the superposition of periodic
  sources with a random phase each (in-phase sources of a sub-pool stay in phase). Jitter is left out where phases are
  random, since births are as evenly random without it; where they are not, such sites have to be simulated in full;
- nobody waits at what belongs to a single site (its pools, its end of a link): a service or a transmission there is a
  delay;
- at shared queues they wait like everybody. They count in the areas of those, and are not measured themselves;
- what nobody shared follows is not played.

Waits at a site would spread the arrivals at a shared queue. With independent births that is little. In-phase sources
behind a slow line or pool of their own reach a shared queue one after the other, but those of the background all at
once: queues and waits there are then much too long (the mean queue by two thirds in a case measured). Such sites are
better all simulated in full.

Where a workload comes to no shared queue its other sites change nothing, and there is no background.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from hardware_profiles.faults import Fault, NotSupported
from scenarios.workloads import BurstState, Bursty, Periodic, Trace
from sim.arrivals import poisson, superposed
from sim.flows import Flow
from sim.journeys import Branch, Crossing, Journey, Visit, Way
from sim.traces import replayed

SITE = "background"  # stands for the number of the site in the keys of its draws


@dataclass(frozen=True)
class Merged:
    """The births of many equal sources as one stream.

    ``sources`` with random phases (or one Poisson process of their common rate, or bursty ones with ``states``, or one
    ``trace``), each of ``rate_per_s``, and ``together`` births at each of its instants.
    """

    kind: Literal["periodic", "poisson", "bursty", "trace"]
    sources: int
    rate_per_s: float
    together: int = 1
    states: tuple[BurstState, ...] = ()
    trace: Trace | None = None

    @property
    def births_per_s(self) -> float:
        return self.sources * self.rate_per_s * self.together

    def births(self, phases: np.uint64, arrivals: np.uint64, at_once: int) -> Iterator[int]:
        """Births [ns] that are not bursty, not decreasing; ``at_once`` of them are made together.

        Only a trace has an end.
        """
        if self.trace is not None:
            return replayed(self.trace, self.together)
        if self.kind == "poisson":
            return poisson(arrivals, self.sources * self.rate_per_s, at_once)
        instants = superposed(phases, self.sources, self.rate_per_s, at_once)
        return (born for born in instants for _ in range(self.together)) if self.together > 1 else instants


def refuse_unmerged(flow: Flow) -> None:
    """Refuse what cannot be said of many sources as one: jitter of those in known phases, windows of each.

    Raises
    ------
    NotSupported
    """
    arrivals = flow.workload.arrivals
    if isinstance(arrivals, Periodic) and arrivals.jitter_s > 0 and arrivals.phase != "random" and flow.group:
        found = f"jitter of {arrivals.phase} sources at {flow.others} sites that are not simulated in full"
        wanted = f"all of them: `study: {{simulate: {{sample: 100 % of {flow.key}}}}}`"
        raise NotSupported(Fault(f"workloads.{flow.workload.name}.arrivals.jitter", found, wanted))
    for task in flow.workload.tasks:
        if task.collects and flow.group:
            found = f"windows at {flow.others} sites that are not simulated in full"
            wanted = f"all of them: `study: {{simulate: {{sample: 100 % of {flow.key}}}}}`"
            raise NotSupported(Fault(f"workloads.{flow.workload.name}.tasks.{task.name}.collects", found, wanted))


def merged(flow: Flow) -> Merged:
    """Births at the sites of a flow that are not simulated in full."""
    arrivals, of = flow.workload.arrivals, flow.sources
    if isinstance(arrivals, Bursty):
        return Merged("bursty", flow.others * of.number, of.rate_per_s, states=arrivals.states)
    if isinstance(arrivals, Trace):
        return Merged("trace", 1, of.rate_per_s, flow.others * of.number, trace=arrivals)
    if not isinstance(arrivals, Periodic):
        return Merged("poisson", flow.others * of.number, of.rate_per_s)
    match arrivals.phase:
        case "random":
            return Merged("periodic", flow.others * of.number, of.rate_per_s)
        case "aligned":
            return Merged("periodic", flow.others * of.queues, of.rate_per_s, of.per_queue)
        case "staggered":  # evenly spread over a period: one source so many times as fast
            return Merged("periodic", flow.others * of.queues, of.rate_per_s * of.per_queue)


def coming_tasks(journey: Journey, alone: int) -> set[int]:
    """Tasks whose messages or work come to shared queues on a journey ``beyond_the_sites``."""
    return {
        branch.task
        for branch in journey.branches()
        if any(queue >= 0 for way in branch.ways for queue, *_ in way)
        or (branch.visit is not None and branch.visit.queue != alone)
    }


def beyond_the_sites(journey: Journey, shared: Sequence[bool], alone: int) -> Journey:
    """The part of a journey that leads to shared queues, for a request of a site that is not simulated in full.

    Parameters
    ----------
    shared
        Of each queue, whether all sites share it.
    alone
        Number of the station that takes what is served at a single site, where nobody waits.
    """
    told: dict[int, Visit | None] = {}  # what comes after several others is one visit

    def visit_of(visit: Visit) -> Visit | None:
        if visit.rank not in told:
            branches = tuple(found for branch in visit.branches if (found := branch_of(branch)))
            queue = visit.queue if shared[visit.queue] else alone
            needed = branches or shared[visit.queue]
            among = visit.among if shared[visit.queue] else ()
            one = replace(visit, queue=queue, among=among, branches=branches)
            told[visit.rank] = one if needed else None
        return told[visit.rank]

    def branch_of(branch: Branch) -> Branch | None:
        visit = visit_of(branch.visit) if branch.visit else None
        crosses = any(queue >= 0 and shared[queue] for queue, *_ in branch.ways[0])
        return replace(branch, ways=tuple(map(way_of, branch.ways)), visit=visit) if visit or crosses else None

    def way_of(way: Way) -> Way:
        return tuple(one if one.queue < 0 or shared[one.queue] else _alone(one) for one in way)

    roots = tuple(found for root in journey.roots if (found := branch_of(root)))
    joins = {rank: visit.messages for rank, visit in told.items() if visit and visit.messages > 1}
    return replace(journey, roots=roots, joins=joins)


def _alone(one: Crossing) -> Crossing:
    """Of a link where nobody waits: all of it is a delay."""
    sent = one.transmission_ns
    return one._replace(
        queue=-1, transmission_ns=0, propagation_ns=one.propagation_ns + sent, again_ns=one.again_ns + sent
    )
