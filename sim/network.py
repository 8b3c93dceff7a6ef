"""A scenario and a placement as queues, sources and journeys: what a data plane plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from hardware_profiles.faults import Fault, NotSupported
from scenarios.demand import sources as sources_at
from scenarios.journey import Leg, legs, seen_at
from scenarios.links import Hop
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.workloads import Batch, Workload
from sim.background import beyond_the_sites
from sim.draws import nanoseconds
from sim.flows import Flow, Source
from sim.journeys import COPY_BITS, Branch, Crossing, Journey, Sending, Visit, Way

if TYPE_CHECKING:
    from scenarios.placement import Nodes, Placement, Route
    from scenarios.scenario import Scenario

MOST_SOURCES = 1_000_000  # each is a process


class PrivacyViolation(AssertionError):  # noqa: N818 - it names what happened
    """A data item would be seen at a place that it may not reach."""


@dataclass(frozen=True)
class Queue:
    """One FIFO queue of a pool, or one direction of one instance of a link."""

    name: str  # the pool, or ``uplink.up``
    link: bool
    group: str | None  # None: in a region, or between regions
    site: int
    number: int  # the sub-pool, or the node that it belongs to
    servers: int | None  # None: bought by the request, nobody waits
    pool: str = ""  # of the node that a link's port belongs to

    @property
    def shared(self) -> bool:
        """Whether requests of several sites meet here."""
        return self.group is None

    @property
    def order(self) -> tuple[str, str, int, str, int]:
        return (self.name, self.group or "", self.site, self.pool, self.number)


class Network:
    """Everything that replications share; it does not change while they run.

    Attributes
    ----------
    flows, sources
        Sources stand in the order in which simultaneous events count: workload, group, site, source. They are those
        of the sites that are simulated in full.
    background
        Flows whose other sites come to shared queues; they count behind all sources.
    queues, shared
        Every queue that a request can come to, and whether sites share it.

    Raises
    ------
    NotSupported
        Parts that are valid but not simulated yet, by name.
    PrivacyViolation
        Where a message would be seen at a place that its data item may not reach.
    """

    def __init__(self, scenario: Scenario, placement: Placement) -> None:
        self._scenario = scenario
        self._placement = placement
        self._sites = {site.name for site in scenario.sites}
        self._numbers: dict[Queue, int] = {}
        self._journeys: dict[tuple[int, ...], Journey] = {}
        self._beyond: dict[tuple[int, ...], Journey] = {}
        self.flows = tuple(sorted(self._all_flows(), key=lambda flow: (flow.workload.name, flow.key)))
        self._legs = {(flow.workload.name, flow.key): self._legs_of(flow) for flow in self.flows}
        self._refuse_too_many()
        self.sources = tuple(
            Source(flow, site, number)
            for flow in self.flows
            for site in range(flow.sites)
            for number in range(flow.sources.number)
        )
        for number, source in enumerate(self.sources):  # the full journeys come to every queue
            for origin in range(source.flow.sources.of_nodes):
                self.journey(number, origin, (1,) * source.flow.shares)
        self.queues = tuple(self._numbers)
        self.shared = [queue.shared for queue in self.queues]
        self.background = tuple(
            flow for flow in self.flows if flow.others and self.journey_beyond(flow, (1,) * flow.shares).roots
        )

    def journey(self, number: int, origin: int, happened: Sequence[int]) -> Journey:
        """Journey of a request of source ``number`` from its ``origin``-th node, given its ``share`` draws."""
        key = (number, origin, *happened)
        if key not in self._journeys:
            self._journeys[key] = self._build(self.sources[number], origin, happened)
        return self._journeys[key]

    def journey_beyond(self, flow: Flow, happened: Sequence[int]) -> Journey:
        """What a request of a site that is not simulated in full does at shared queues, given its ``share`` draws.

        Services and transmissions at its site are given to a station behind all ``queues``.
        """
        key = (self.flows.index(flow), *happened)
        if key not in self._beyond:
            whole = self.journey(self.first_source(flow), 0, happened)
            self._beyond[key] = beyond_the_sites(whole, self.shared, len(self.queues))
        return self._beyond[key]

    def first_source(self, flow: Flow) -> int:
        return next(number for number, source in enumerate(self.sources) if source.flow is flow)

    @cached_property
    def sampled(self) -> dict[str, tuple[int, int]]:
        """(sites simulated in full, sites) of each group where these differ."""
        groups = {flow.group.key: (flow.sites, flow.group.count) for flow in self.flows if flow.group and flow.others}
        return dict(sorted(groups.items()))

    # flows

    def _all_flows(self) -> list[Flow]:
        found = []
        for workload in self._scenario.workloads:
            if isinstance(workload.arrivals, Batch):  # its bytes are checked by formula
                continue
            pool = self._scenario.pool(workload.source)
            for group in self._scenario.groups_of(pool):
                stream = sources_at(self._scenario, workload, group)
                sites = self._scenario.study.in_full(group) if group else 1
                found.append(Flow(workload, group, pool, self._route(workload, group), stream, sites))
        return found

    def _refuse_too_many(self) -> None:
        number = sum(flow.sites * flow.sources.number for flow in self.flows)
        if number > MOST_SOURCES:
            raise _not_supported(
                "study.simulate.sample",
                f"{number} sources at the sites simulated in full",
                f"at most {MOST_SOURCES}: a smaller sample, such as `20 of {self._scenario.sites[0].name}`",
            )

    def _route(self, workload: Workload, group: Group | None) -> Route:
        if group is not None:
            return self._placement.route(workload.name, group.key)
        return next(route for route in self._placement.routes if route.workload == workload.name)

    def _legs_of(self, flow: Flow) -> tuple[Leg, ...]:
        found = legs(self._scenario, flow.workload, flow.route)
        for leg in found:
            self._assert_privacy(flow, leg)
        return found

    def _assert_privacy(self, flow: Flow, leg: Leg) -> None:
        item = next((item for item in self._scenario.data if item.name == leg.message.data), None)
        if item is None or item.may_reach is None:
            return
        for place in sorted(seen_at(self._scenario, leg) - item.may_reach):
            raise PrivacyViolation(
                f"{flow.workload.name}.{leg.task}: {item.name} would be seen at {place}, "
                f"it may reach {', '.join(sorted(item.may_reach))}"
            )

    # journeys

    def _build(self, source: Source, origin: int, happened: Sequence[int]) -> Journey:
        flow = source.flow
        tasks = flow.running(happened)
        visits: dict[str, Visit] = {}
        for task in reversed(tasks):  # what comes later is built first
            queue, nodes = self._queue(source, origin, flow.route.step(task.name).pool)
            branches = self._branches(source, origin, task.name, visits)
            number = flow.names.index(task.name)
            visits[task.name] = Visit(
                number,
                number << COPY_BITS,
                self._number(queue),
                flow.columns.index(("service", task.name)),
                len(task.after) or 1,
                (queue.servers or 1) // nodes,
                task.answers,
                branches,
            )
        joins = {visit.task: visit.messages for visit in visits.values() if visit.messages > 1}
        return Journey(self._branches(source, origin, None, visits), joins)

    def _branches(self, source: Source, origin: int, after: str | None, visits: dict[str, Visit]) -> tuple[Branch, ...]:
        """Messages sent off at the source (``after`` is ``None``) or by a task, in the order of their ranks."""
        flow = source.flow
        found = []
        for leg in self._legs[flow.workload.name, flow.key]:
            if leg.after == after and (leg.answer or leg.task in visits):
                task = flow.workload.task(leg.task)
                copy = sorted(task.after).index(after) if after in task.after else 0
                number = flow.names.index(leg.task)
                ways = self._ways(source, origin, leg)
                visit = None if leg.answer else visits[leg.task]
                found.append(Branch(number, (number << COPY_BITS) + copy, ways, self._sendings(flow, leg), visit))
        return tuple(sorted(found, key=lambda branch: branch.rank))

    def _ways(self, source: Source, origin: int, leg: Leg) -> tuple[Way, ...]:
        """The links that a message crosses, for each node of the sending queue."""
        size = leg.message.size_bytes

        def way(sender: int) -> Way:
            found = []
            for hop in leg.hops:
                bandwidth = hop.link.bandwidth_bps(hop.direction)
                queue = -1 if bandwidth is None else self._number(self._port(source, origin, leg, hop, sender))
                transmission = 0 if bandwidth is None else nanoseconds(size * 8 / bandwidth)
                found.append(Crossing(queue, transmission, nanoseconds(hop.link.rtt_s / 2)))
            return tuple(found)

        if leg.after is None:
            return (way(source.node(origin)),)
        queue, nodes = self._queue(source, origin, leg.sender)
        if not any(hop.link.each == "node" for hop in leg.hops):
            nodes = 1  # the same way from each
        own = self._scenario.pool(leg.sender).dispatch == "own"
        first = queue.number if own else queue.number * nodes
        return tuple(way(first + node) for node in range(nodes))

    def _port(self, source: Source, origin: int, leg: Leg, hop: Hop, sender: int) -> Queue:
        """The instance of a link that a message crosses: of a node, of the site, or the only one."""
        flow = source.flow
        here = flow.source_pool.at
        if not self._touches(flow, hop) or hop.link.each == "shared":
            return Queue(hop.name, True, None, 0, 0, 1)
        if hop.link.each == "site":
            return Queue(hop.name, True, flow.key if flow.group else None, source.site, 0, 1)
        if self._scenario.pool(leg.sender).at == here:
            pool, node = leg.sender, sender
        else:  # down to the site: the node that receives it
            pool = leg.receiver
            node = source.node(origin) if pool == flow.source_pool.name else self._queue(source, origin, pool)[0].number
        return Queue(hop.name, True, flow.key if flow.group else None, source.site, node, 1, pool)

    def _touches(self, flow: Flow, hop: Hop) -> bool:
        """Whether a link belongs to the place of the flow's sources; refuses links at sites of another kind."""
        here = flow.source_pool.at
        for place in hop.link.ends:
            if place in self._sites and place != here:
                raise _not_supported(
                    f"links.{hop.link.name}", f"a way from {here} over {place}", "links that join a site and regions"
                )
        return here in hop.link.ends

    def _sendings(self, flow: Flow, leg: Leg) -> tuple[Sending, ...]:
        group = flow.group.key if flow.group else None
        return tuple(
            Sending(hop.link.name, hop.direction, group if self._touches(flow, hop) else None, leg.message.size_bytes)
            for hop in leg.hops
        )

    # queues

    def _number(self, queue: Queue) -> int:
        return self._numbers.setdefault(queue, len(self._numbers))

    def _queue(self, source: Source, origin: int, name: str) -> tuple[Queue, int]:
        """The queue of a pool that serves a request, and the nodes behind it."""
        flow, pool = source.flow, self._scenario.pool(name)
        group = flow.group if pool.local else None
        if pool.local and pool.at != flow.source_pool.at:
            raise _not_supported(
                f"pools.{name}", f"work from {flow.source_pool.at} at {pool.at}", "a pool at its own site"
            )
        chosen = self._nodes(pool, group)
        site = source.site if pool.local else 0
        key = group.key if group else None
        if pool.offers and chosen.count == 0:
            return Queue(name, False, key, site, 0, None), 1
        match pool.dispatch:
            case "own" if pool.name == flow.source_pool.name:
                return Queue(name, False, key, site, source.node(origin), pool.slots), 1
            case "shared_queue":
                nodes = pool.nodes_per_queue(group, chosen.count)
                number = self._sub_pool(source, pool, group)
                return Queue(name, False, key, site, number, nodes * pool.slots), nodes
            case "own":
                raise _not_supported(
                    f"pools.{name}.dispatch", f"own, for requests of {flow.source_pool.name}", "shared_queue"
                )
            case other:
                raise _not_supported(f"pools.{name}.dispatch", other, "own or shared_queue")

    def _nodes(self, pool: Pool, group: Group | None) -> Nodes:
        chosen = self._placement.nodes_of(pool.name, group.key if group else None)
        if chosen.count == 0 and not pool.offers:
            raise ValueError(f"the placement has a task on {pool.name} but no node there")
        return chosen

    def _sub_pool(self, source: Source, pool: Pool, group: Group | None) -> int:
        """A sub-pool serves the sources counted per the same fact; a single queue serves all."""
        if pool.queues(group) == 1:
            return 0
        stream, origin_pool = source.flow.sources, source.flow.source_pool
        counted_per = stream.per if stream.per != "node" else None if origin_pool.pooled else origin_pool.count.per
        if pool.count.per != counted_per:
            raise _not_supported(
                f"pools.{pool.name}.count",
                f"per {pool.count.per}",
                f"per {counted_per}, as {origin_pool.name}, or pooled",
            )
        return source.sub_pool


def _not_supported(path: str, found: str, expected: str) -> NotSupported:
    return NotSupported(Fault(path, found, expected))
