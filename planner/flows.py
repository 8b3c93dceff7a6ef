"""What a route sends where: rates, sources and loads of every queue it touches, and its usage in a month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from hardware_profiles.faults import Fault, NotSupported
from hardware_profiles.service_time import ServiceTime
from scenarios.demand import feeds_one_queue, reach, sources
from scenarios.journey import Leg, legs
from scenarios.placement import Placement, Route
from scenarios.places import Group
from scenarios.scenario import Scenario
from scenarios.workloads import Batch, Periodic, Trace, Workload
from sim.usage import MONTH_S, Usage
from sim.waiting import Stream

MANY = 1_000  # blocks of sources in phase that are told apart


@dataclass(frozen=True)
class Origin:
    """One workload at the identical sites of one group, or in its region."""

    workload: Workload
    group: Group | None

    @property
    def key(self) -> tuple[str, str | None]:
        return (self.workload.name, self.group.key if self.group else None)

    @property
    def sites(self) -> int:
        return self.group.count if self.group else 1


@dataclass(frozen=True, order=True)
class Queue:
    """A kind of queue: a pool's or a link's, at the sites of one group or shared by all.

    ``sender`` names the pool whose nodes' ports these are, for a link with a port per node.
    """

    kind: Literal["pool", "link"]
    name: str  # pool, or link.direction
    group: str  # Group.key, "" when shared
    sender: str = ""


@dataclass(frozen=True)
class Flow:
    """What one origin brings to one queue of a kind, for one task or message.

    ``streams`` hold every source that meets there; ``load`` is the offered load of that one queue [erlang]. Where
    ``exact`` is false they are those of all ports of a shared queue's nodes, of which each carries a part.
    """

    queue: Queue
    label: str  # task, or "task>" for its input and "task<" for its answer
    streams: tuple[Stream, ...]
    load: float
    exact: bool = True


def origins(scenario: Scenario) -> tuple[Origin, ...]:
    return tuple(
        Origin(workload, group)
        for workload in scenario.workloads
        for group in scenario.groups_of(scenario.pool(workload.source))
    )


def flows(scenario: Scenario, origin: Origin, route: Route) -> tuple[Flow, ...]:
    """Every queue that the route touches, with what arrives there.

    Raises
    ------
    NotSupported
        Where sources and pool are counted per different facts, so that no rule says which sub-pool serves.
    """
    workload, found = origin.workload, []
    reached = reach(workload)
    for step in route.steps:
        pool = scenario.pool(step.pool)
        meeting = feeds_one_queue(scenario, workload, origin.group, pool)
        if meeting == 0:
            raise NotSupported(
                Fault(
                    f"pools.{pool.name}.count",
                    f"sub-pools per {pool.count.per} for a source counted otherwise",
                    f"the source of {workload.name} counted per {pool.count.per}, or pooled: site",
                    scenario.file,
                )
            )
        own = pool.dispatch == "own"
        probability = reached[step.task]
        if own:
            probability /= sources(scenario, workload, origin.group).of_nodes
        group = origin.group.key if pool.local and origin.group else ""
        sites = 1 if pool.local else origin.sites
        found.append(
            _flow(
                scenario,
                origin,
                Queue("pool", pool.name, group),
                step.task,
                meeting,
                sites,
                probability,
                step.variant.service,
                workload.task(step.task).copies,
            )
        )
    for leg in legs(scenario, workload, route):
        found += _crossings(scenario, origin, leg, reached[leg.task])
    return tuple(flow for flow in found if flow.load > 0)


def message_label(leg: Leg) -> str:
    """``task>before`` for the input of a task, ``task<task`` for its answer."""
    return leg.task + ("<" if leg.answer else ">") + (leg.after or "")


def _crossings(scenario: Scenario, origin: Origin, leg: Leg, probability: float) -> list[Flow]:
    found = []
    stream = sources(scenario, origin.workload, origin.group)
    here = origin.group.key if origin.group else ""
    for hop in leg.hops:
        bandwidth = hop.link.bandwidth_bps(hop.direction)
        if bandwidth is None:
            continue
        occupied = ServiceTime.constant(hop.link.tries * leg.message.size_bytes * 8 / bandwidth)
        label, copies = message_label(leg), leg.copies
        local = origin.group is not None and origin.group.site in hop.link.ends
        match hop.link.each:
            case "node":
                source = leg.sender == origin.workload.source
                meeting = (
                    1 if source else feeds_one_queue(scenario, origin.workload, origin.group, scenario.pool(leg.sender))
                )
                thin = probability / stream.of_nodes if source else probability
                queue = Queue("link", hop.name, here, leg.sender)
                found.append(_flow(scenario, origin, queue, label, meeting, 1, thin, occupied, copies, exact=source))
            case _ if local and hop.link.each != "shared":
                queue = Queue("link", hop.name, here)
                found.append(_flow(scenario, origin, queue, label, stream.number, 1, probability, occupied, copies))
            case _:
                queue = Queue("link", hop.name, "")
                sites = origin.sites
                found.append(_flow(scenario, origin, queue, label, stream.number, sites, probability, occupied, copies))
    return found


def _flow(
    scenario: Scenario,
    origin: Origin,
    queue: Queue,
    label: str,
    meeting: int,
    sites: int,
    probability: float,
    service: ServiceTime,
    copies: int,
    *,
    exact: bool = True,
) -> Flow:
    """``meeting`` sources at each of ``sites`` sites; in-phase sources fall into one block for each sub-pool.

    Copies come all at once: so many in-phase sources in the place of each, whose blocks have random phases.

    More than ``MANY`` blocks, or a thousand times as many sources with random phases, are taken for a Poisson process
    of blocks (or of single births): regular sources wait no longer than that, and to tell each apart would take long.
    """
    stream = sources(scenario, origin.workload, origin.group)
    arrivals, number = origin.workload.arrivals, meeting * sites
    load = number * copies * stream.rate_per_s * probability * service.mean_s
    together = copies
    if isinstance(arrivals, Periodic):
        size, phase = number if arrivals.phase == "random" else min(meeting, stream.per_queue), arrivals.phase
        if copies > 1:
            size, phase = copies * (size if phase == "aligned" else 1), "aligned"
        one, blocks = Stream("periodic", size, stream.rate_per_s, service, phase, probability), number * copies // size
        if blocks <= MANY and (size <= MANY * MANY or phase != "random"):
            return Flow(queue, label, (one,) * blocks, load, exact)
        together = size if phase == "aligned" else 1
    elif isinstance(arrivals, Trace):
        together = number * copies  # all at once
    one = Stream("poisson", number * copies, stream.rate_per_s, service, "random", probability, together)
    return Flow(queue, label, (one,), load, exact)


def planned_usage(scenario: Scenario, placement: Placement) -> Usage:
    """Usage of a month from rates, shapes and shares alone; batches count once for each release."""
    totals: dict[str, defaultdict[tuple[str | None, ...], float]] = {
        name: defaultdict(float) for name in ("busy_node_s", "bytes", "messages", "calls", "requests")
    }
    for route in placement.routes:
        workload = scenario.workload(route.workload)
        group = scenario.group(route.group) if route.group else None
        here, sites = (group.key, group.count) if group else (None, 1)
        stream = sources(scenario, workload, group)
        rate = 1 / workload.arrivals.each_s if isinstance(workload.arrivals, Batch) else stream.rate_per_s
        born = MONTH_S * rate * stream.average * stream.number * sites
        totals["requests"][workload.name, here or scenario.pool(workload.source).at] += born
        reached = reach(workload)
        for step in route.steps:
            at = here if scenario.pool(step.pool).local else None
            calls = born * reached[step.task] * workload.task(step.task).copies
            busy = calls * step.variant.service.mean_s
            totals["busy_node_s"][step.pool, at] += busy / scenario.pool(step.pool).slots
            totals["calls"][step.pool, at] += calls
        for leg in legs(scenario, workload, route):
            sent = born * reached[leg.task] * leg.copies
            for hop in leg.hops:
                end = here if group and group.site in hop.link.ends else None
                size = hop.link.tries * leg.message.size_bytes
                totals["bytes"][hop.link.name, hop.direction, end] += sent * size
                totals["messages"][hop.link.name, hop.direction, end] += sent
    return Usage(**{name: dict(table) for name, table in totals.items()})  # type: ignore[arg-type]
