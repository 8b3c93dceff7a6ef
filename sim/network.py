"""A scenario and a placement as queues, sources and journeys: what a data plane plays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from hardware_profiles.faults import Fault, NotSupported
from scenarios.demand import sources as sources_at
from scenarios.places import Group
from scenarios.pools import ColdStart
from scenarios.workloads import Batch, Workload
from sim.background import beyond_the_sites, refuse_unmerged
from sim.dispatch import dispatched
from sim.draws import Ints
from sim.flows import Flow, Source
from sim.itinerary import Itinerary
from sim.journeys import Journey
from sim.lanes import Lane, lane, lanes
from sim.on_the_way import drawn_on_the_way
from sim.queues import Queue, numbered

if TYPE_CHECKING:
    from scenarios.placement import Placement, Route
    from scenarios.scenario import Scenario

MOST_SOURCES = 1_000_000  # each is a process


class Network:
    """Everything that replications share; it does not change while they run.

    It is that of an ``hour`` of the week, in which some workloads may send nothing, or of the busiest of each workload.

    Attributes
    ----------
    flows, sources
        Sources stand in the order in which simultaneous events count: workload, group, site, source. They are those
        of the sites that are simulated in full.
    background
        Flows whose other sites come to shared queues; they count behind all sources.
    queues, shared
        Every queue that a request can come to, and whether sites share it.
    lanes
        Of each pool where some wait otherwise than in one queue, first come, first served.
    down
        Links that may be down: a message has a station there even where it takes no transmission time.

    Raises
    ------
    NotSupported
        Parts that are valid but not simulated yet, by name.
    PrivacyViolation
        Where a message would be seen at a place that its data item may not reach.
    """

    def __init__(
        self,
        scenario: Scenario,
        placement: Placement,
        down: frozenset[str] = frozenset(),
        hour: int | None = None,
    ) -> None:
        self._scenario = scenario
        self.hour = hour
        self._placement = placement
        self.flows = tuple(sorted(self._all_flows(), key=lambda flow: (flow.workload.name, flow.key)))
        self._number = {(flow.workload.name, flow.key): number for number, flow in enumerate(self.flows)}
        self.lanes = lanes(self.flows)
        self.down = down
        self._itineraries = [Itinerary(scenario, placement, flow, self.lanes, down) for flow in self.flows]
        self._first = list(accumulate((flow.sites * flow.sources.number for flow in self.flows), initial=0))
        self._refuse_too_many()
        self.sources = tuple(
            Source(flow, site, number)
            for flow in self.flows
            for site in range(flow.sites)
            for number in range(flow.sources.number)
        )
        self.queues, self._bound = numbered([(one.flow, one.slots) for one in self._itineraries])
        self.shared = [queue.shared for queue in self.queues]
        self._journeys: dict[tuple[int, ...], Journey] = {}
        self._beyond: dict[tuple[int, ...], Journey] = {}
        self.background = tuple(
            flow for flow in self.flows if flow.others and self.journey_beyond(flow, (1,) * flow.shares).roots
        )
        self._refuse_sources_beyond()
        for flow in self.background:
            refuse_unmerged(flow)

    @cached_property
    def may_be_down(self) -> frozenset[int]:
        """Numbers of the queues of links that may be down."""
        named = ((number, queue.name.rpartition(".")[0]) for number, queue in enumerate(self.queues) if queue.link)
        return frozenset(number for number, link in named if link in self.down)

    def lanes_of(self, queue: Queue) -> tuple[Lane, ...]:
        """Those of a pool's queue; none where it is first come, first served."""
        return () if queue.link or queue.servers is None else self.lanes.get(queue.name, ())

    @property
    def scenario(self) -> Scenario:
        return self._scenario

    def cold_start(self, queue: Queue) -> ColdStart | None:
        """That of a pool bought by the request."""
        return None if queue.link else self._scenario.pool(queue.name).cold_start

    def whole(self, flow: Flow) -> Journey:
        """Journey of a request for which everything happens; its queues are slots, the columns of ``bound``."""
        return self._itineraries[self._of(flow)].journey((1,) * flow.shares)

    def bound(self, flow: Flow) -> Ints:
        """Queues of the flow's slots: a row for each node of each source, as `Flow.origins`."""
        return self._bound[self._of(flow)]

    def journey(self, number: int, origin: int, happened: Sequence[int]) -> Journey:
        """Journey of a request of source ``number`` from its ``origin``-th node, given its ``share`` draws."""
        key = (number, origin, *happened)
        if key not in self._journeys:
            flow = self.sources[number].flow
            of = self._of(flow)
            row = (number - self._first[of]) * flow.sources.of_nodes + origin
            self._journeys[key] = self._itineraries[of].journey(happened).at(self._bound[of][row].tolist())
        return self._journeys[key]

    def journey_beyond(self, flow: Flow, happened: Sequence[int]) -> Journey:
        """What a request of a site that is not simulated in full does at shared queues, given its ``share`` draws.

        Services and transmissions at its site are given to a station behind all ``queues``.
        """
        key = (self._of(flow), *happened)
        if key not in self._beyond:
            whole = self.journey(self.first_source(flow), 0, happened)
            self._beyond[key] = beyond_the_sites(whole, self.shared, len(self.queues))
        return self._beyond[key]

    def slots(self, queue: Queue) -> int:
        """Executions at once on a node of a pool's queue."""
        return self._scenario.pool(queue.name).slots

    def first_source(self, flow: Flow) -> int:
        return self._first[self._of(flow)]

    @cached_property
    def sampled(self) -> dict[str, tuple[int, int]]:
        """(sites simulated in full, sites) of each group where these differ."""
        groups = {flow.group.key: (flow.sites, flow.group.count) for flow in self.flows if flow.group and flow.others}
        return dict(sorted(groups.items()))

    def _of(self, flow: Flow) -> int:
        return self._number[flow.workload.name, flow.key]

    # flows

    def _all_flows(self) -> list[Flow]:
        found = []
        for workload in self._scenario.workloads:
            if isinstance(workload.arrivals, Batch):  # its bytes are checked by formula
                continue
            pool = self._scenario.pool(workload.source)
            for group in self._scenario.groups_of(pool):
                stream = sources_at(self._scenario, workload, group, self.hour)
                if stream.rate_per_s == 0:
                    continue
                sites = self._scenario.study.in_full(group) if group else 1
                route = self._route(workload, group)
                drawn = drawn_on_the_way(self._scenario, workload, route)
                chosen = dispatched(self._scenario, self._placement, route, group)
                found.append(Flow(workload, group, pool, route, stream, sites, drawn, chosen))
        return found

    def _refuse_too_many(self) -> None:
        number = self._first[-1]
        if number > MOST_SOURCES:
            found = f"{number} sources at the sites simulated in full"
            wanted = f"at most {MOST_SOURCES}: a smaller sample, such as `20 of {self._scenario.sites[0].name}`"
            raise NotSupported(Fault("study.simulate.sample", found, wanted))

    def _refuse_sources_beyond(self) -> None:
        """The background is one stream: from which source something in it is nobody knows."""
        for flow in self.background:
            for task in self._done_beyond(flow):
                one = lane(flow.workload.name, flow.workload.task(task))
                if one.of_source:
                    path = f"workloads.{one.workload}.tasks.{task}.queue"
                    found = "the latest of each source, at a queue to which sites come that are not simulated in full"
                    wanted = f"a number (at_most), or `study: {{simulate: {{sample: 100 % of {flow.source_pool.at}}}}}`"
                    raise NotSupported(Fault(path, found, wanted))

    def _done_beyond(self, flow: Flow) -> list[str]:
        """Tasks that shared queues do for sites that are not simulated in full."""
        journey = self.journey_beyond(flow, (1,) * flow.shares)
        visits = [branch.visit for branch in journey.branches() if branch.visit]
        return sorted({flow.names[one.task] for one in visits if one.queue < len(self.queues)})

    def _route(self, workload: Workload, group: Group | None) -> Route:
        if group is not None:
            return self._placement.route(workload.name, group.key)
        return next(route for route in self._placement.routes if route.workload == workload.name)
