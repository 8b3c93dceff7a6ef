"""What the requests of a flow do, wherever they start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hardware_profiles.faults import Fault, NotSupported
from scenarios.journey import Leg, legs, seen_at
from scenarios.links import Hop
from scenarios.places import Group
from scenarios.pools import SPREAD, Pool
from scenarios.workloads import Task
from sim.draws import nanoseconds
from sim.flows import Flow
from sim.journeys import COPY_BITS, DROP, SKIP, WAIT, Branch, Crossing, Journey, Sending, Visit, Way
from sim.lanes import NEVER, Lane
from sim.on_the_way import message_of, names
from sim.queues import Queue, Slot, Which

if TYPE_CHECKING:
    from scenarios.placement import Nodes, Placement
    from scenarios.scenario import Scenario


class PrivacyViolation(AssertionError):  # noqa: N818 - it names what happened
    """A data item would be seen at a place that it may not reach."""


class Itinerary:
    """The journeys of a flow; their queues are ``slots``, and each source has queues of its own there.

    Raises
    ------
    PrivacyViolation
        Where a message would be seen at a place that its data item may not reach.
    """

    def __init__(
        self,
        scenario: Scenario,
        placement: Placement,
        flow: Flow,
        lanes: Mapping[str, Sequence[Lane]],
        down: frozenset[str] = frozenset(),
    ) -> None:
        self._lanes, self._down = lanes, down
        self._scenario, self._placement, self.flow = scenario, placement, flow
        self._sites = {site.name for site in scenario.sites}
        self._legs = legs(scenario, flow.workload, flow.route)
        for leg in self._legs:
            self._assert_privacy(leg)
        self._slots: dict[Slot, int] = {}
        self._journeys: dict[tuple[int, ...], Journey] = {}

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Those of the full journey, which comes to every queue.

        Raises
        ------
        NotSupported
            Parts that are valid but not simulated yet, by name.
        """
        self.journey((1,) * self.flow.shares)
        return tuple(self._slots)

    def journey(self, happened: Sequence[int]) -> Journey:
        """Journey of a request, given its ``share`` draws."""
        key = tuple(happened)
        if key not in self._journeys:
            self._journeys[key] = self._build(key)
        return self._journeys[key]

    def _assert_privacy(self, leg: Leg) -> None:
        item = next((item for item in self._scenario.data if item.name == leg.message.data), None)
        if item is None or item.may_reach is None:
            return
        for place in sorted(seen_at(self._scenario, leg) - item.may_reach):
            raise PrivacyViolation(
                f"{self.flow.workload.name}.{leg.task}: {item.name} would be seen at {place}, "
                f"it may reach {', '.join(sorted(item.may_reach))}"
            )

    # journeys

    def _build(self, happened: Sequence[int]) -> Journey:
        flow = self.flow
        visits: dict[str, tuple[Visit, ...]] = {}
        running = flow.running(happened)
        for task in reversed(running):  # what comes later is built first
            visits[task.name] = tuple(self._visits(task, visits))
        every = (visit for copies in visits.values() for visit in copies)
        joins = {visit.rank: visit.messages for visit in every if visit.messages > 1}
        copies = {flow.names.index(task.name): task.copies for task in running if task.copies > 1}
        needed = frozenset(flow.names.index(task.name) for task in flow.needed(happened))
        return Journey(self._branches(None, 0, visits), joins, copies, needed)

    def _visits(self, task: Task, visits: Mapping[str, tuple[Visit, ...]]) -> Iterator[Visit]:
        """One for each copy of a task."""
        flow = self.flow
        pool = flow.route.step(task.name).pool
        slot, nodes = self._slot(pool)
        queues = [self._number(one) for one in self._queues(pool)]
        several, picked = len(queues) > 1, task.name in dict(flow.dispatched)
        number, messages = flow.names.index(task.name), sum(self._copies(before) for before in task.after) or 1
        for copy in range(task.copies):
            column = flow.service(task.name, copy)
            yield Visit(
                number,
                (number << COPY_BITS) + copy,
                queues[0],
                tuple(queues) if several else (),
                flow.columns.index(("dispatch", task.name, copy)) if picked else None,
                column,
                flow.batches(column),
                messages,
                (slot.queue.servers or 1) // (1 if several else nodes),
                *self._lane(task.name),
                task.answers,
                self._branches(task.name, copy, visits),
            )

    def _copies(self, task: str) -> int:
        return self.flow.workload.task(task).copies

    def _lane(self, task: str) -> tuple[int | None, int]:
        """Number of its lane at its pool, and its patience."""
        for number, lane in enumerate(self._lanes.get(self.flow.route.step(task).pool, ())):
            if (lane.workload, lane.task) == (self.flow.workload.name, task):
                return number, lane.patience_ns
        return None, NEVER

    def _branches(self, after: str | None, sender: int, visits: Mapping[str, tuple[Visit, ...]]) -> tuple[Branch, ...]:
        """Messages sent off at the source (``after`` is ``None``) or by a copy of a task, ordered by their ranks."""
        flow = self.flow
        found = []
        for leg in self._legs:
            if leg.after != after or not (leg.answer or leg.task in visits):
                continue
            number, sendings = flow.names.index(leg.task), self._sendings(leg)
            for copy, visit in enumerate([None] if leg.answer else visits[leg.task]):
                message = message_of(flow.workload, leg, sender, copy)
                rank = (number << COPY_BITS) + message
                found.append(Branch(number, rank, self._ways(leg, message), sendings, visit))
        return tuple(sorted(found, key=lambda branch: branch.rank))

    def _ways(self, leg: Leg, message: int) -> tuple[Way, ...]:
        """The links that a message of a leg crosses, for each node of the sending queue."""
        size = leg.message.size_bytes

        def way(sender: Which) -> Way:
            found = []
            for hop in leg.hops:
                bandwidth = hop.link.bandwidth_bps(hop.direction)
                queues = bandwidth is not None or hop.link.name in self._down
                slot = self._number(self._port(leg, hop, sender)) if queues else -1
                transmission = 0 if bandwidth is None else nanoseconds(size * 8 / bandwidth)
                found.append(self._crossing(leg, message, hop, slot, transmission))
            return tuple(found)

        if leg.after is None:
            return (way(Which(node=1)),)
        slot, nodes = self._slot(leg.sender)
        if not any(hop.link.each == "node" for hop in leg.hops):
            nodes = 1  # the same way from each
        return tuple(way(slot.number.one_of(nodes, node)) for node in range(nodes))

    def _crossing(self, leg: Leg, message: int, hop: Hop, slot: int, transmission_ns: int) -> Crossing:
        link, columns = hop.link, self.flow.columns
        delay, loss = (names(stream, leg, message, hop) for stream in ("delay", "loss"))
        varies = delay in columns
        constant_ns = 0 if varies else nanoseconds(link.one_way.quantile(0.5))
        return Crossing(
            slot,
            transmission_ns,
            constant_ns,
            columns.index(delay) if varies else -1,
            columns.index(loss) if loss in columns else -1,
            nanoseconds(link.again_after_s),
            link.tries,
            *self._without(leg, link.name),
        )

    def _without(self, leg: Leg, link: str) -> tuple[int, int]:
        """What becomes of a message while a link is down that may be, and its size; an answer always waits."""
        if link not in self._down:
            return WAIT, 0
        rule = "wait" if leg.answer else self.flow.workload.task(leg.task).without_line
        return {"wait": WAIT, "skip": SKIP, "drop": DROP}[rule], round(leg.message.size_bytes)

    def _port(self, leg: Leg, hop: Hop, sender: Which) -> Slot:
        """The instance of a link that a message crosses: of a node, of the site, or the only one."""
        source_pool = self.flow.source_pool
        if not self._touches(hop) or hop.link.each == "shared":
            return Slot(Queue(hop.name, True, None, 0, 0, 1))
        group = self._group
        if hop.link.each == "site":
            return Slot(Queue(hop.name, True, group, 0, 0, 1))
        if self._scenario.pool(leg.sender).at == source_pool.at:
            pool, node = leg.sender, sender
        else:  # down to the site: the node that receives it
            pool = leg.receiver
            to_source = pool == source_pool.name
            dispatch, link = self._scenario.pool(pool).dispatch, hop.link.name
            if dispatch in SPREAD and not (leg.answer and to_source):
                found = f"{dispatch} behind the ports of {link}: who comes has no node yet"
                raise _not_supported(f"pools.{pool}.dispatch", found, f"shared_queue, or `each: site` at {link}")
            node = Which(node=1) if to_source else self._slot(pool)[0].number
        return Slot(Queue(hop.name, True, group, 0, 0, 1, pool), node)

    def _touches(self, hop: Hop) -> bool:
        """Whether a link belongs to the place of the flow's sources; refuses links at sites of another kind."""
        here = self.flow.source_pool.at
        for place in hop.link.ends:
            if place in self._sites and place != here:
                raise _not_supported(
                    f"links.{hop.link.name}", f"a way from {here} over {place}", "links that join a site and regions"
                )
        return here in hop.link.ends

    def _sendings(self, leg: Leg) -> tuple[Sending, ...]:
        size = leg.message.size_bytes
        return tuple(
            Sending(hop.link.name, hop.direction, self._group if self._touches(hop) else None, hop.link.tries * size)
            for hop in leg.hops
        )

    @property
    def _group(self) -> str | None:
        return self.flow.group.key if self.flow.group else None

    # slots

    def _number(self, slot: Slot) -> int:
        return self._slots.setdefault(slot, len(self._slots))

    def _queues(self, name: str) -> tuple[Slot, ...]:
        """The queues of a pool, one of which serves a request."""
        slot, nodes = self._slot(name)
        if self._scenario.pool(name).dispatch not in SPREAD or slot.queue.servers is None:
            return (slot,)
        return tuple(slot._replace(number=slot.number.one_of(nodes, node)) for node in range(nodes))

    def _slot(self, name: str) -> tuple[Slot, int]:
        """Where a pool serves a request, and the nodes behind that; they share the queue, or each has its own."""
        flow, pool = self.flow, self._scenario.pool(name)
        group = flow.group if pool.local else None
        if pool.local and pool.at != flow.source_pool.at:
            raise _not_supported(
                f"pools.{name}", f"work from {flow.source_pool.at} at {pool.at}", "a pool at its own site"
            )
        chosen = self._nodes(pool, group)
        key = group.key if group else None
        if pool.offers and chosen.count == 0:
            return Slot(Queue(name, False, key, 0, 0, pool.concurrent)), 1
        match pool.dispatch:
            case "own" if pool.name == flow.source_pool.name:
                return Slot(Queue(name, False, key, 0, 0, pool.slots), Which(node=1)), 1
            case "shared_queue":
                nodes = pool.nodes_per_queue(group, chosen.count)
                return Slot(Queue(name, False, key, 0, 0, nodes * pool.slots), self._sub_pool(pool, group)), nodes
            case "own":
                raise _not_supported(
                    f"pools.{name}.dispatch", f"own, for requests of {flow.source_pool.name}", "shared_queue"
                )
            case _:
                nodes = pool.nodes_per_queue(group, chosen.count)
                return Slot(Queue(name, False, key, 0, 0, pool.slots), self._sub_pool(pool, group)), nodes

    def _nodes(self, pool: Pool, group: Group | None) -> Nodes:
        chosen = self._placement.nodes_of(pool.name, group.key if group else None)
        if chosen.count == 0 and not pool.offers:
            raise ValueError(f"the placement has a task on {pool.name} but no node there")
        return chosen

    def _sub_pool(self, pool: Pool, group: Group | None) -> Which:
        """A sub-pool serves the sources counted per the same fact; a single queue serves all."""
        if pool.queues(group) == 1:
            return Which()
        stream, origin_pool = self.flow.sources, self.flow.source_pool
        counted_per = stream.per if stream.per != "node" else None if origin_pool.pooled else origin_pool.count.per
        if pool.count.per != counted_per:
            raise _not_supported(
                f"pools.{pool.name}.count",
                f"per {pool.count.per}",
                f"per {counted_per}, as {origin_pool.name}, or pooled",
            )
        return Which(sub_pool=1)


def _not_supported(path: str, found: str, expected: str) -> NotSupported:
    return NotSupported(Fault(path, found, expected))
