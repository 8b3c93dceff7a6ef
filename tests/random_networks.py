"""Random scenarios under random placements, made so that simultaneous events are frequent: for two planes to agree on.

Times are small multiples of a *tick*. Where it is a nanosecond all draws are rounded to it, so that births of sources
that know nothing of each other, completions and arrivals fall on the same instants all the time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import accumulate, product
from typing import Any

import networkx as nx
from hypothesis import strategies as st
from sim_cases import MS, recording, scenario, task, trace, variant

from hardware_profiles.service_time import ServiceTime
from scenarios.links import Link
from scenarios.placement import Nodes, Placement, Route, Step
from scenarios.places import Group, Site
from scenarios.pools import SPREAD, ColdStart, Count, Dispatch, Pool, Scaling
from scenarios.scenario import Scenario
from scenarios.workloads import (
    Arrivals,
    Batching,
    BurstState,
    Bursty,
    Periodic,
    Poisson,
    QueueLimit,
    Task,
    Trace,
    Workload,
)
from sim import load
from sim.background import merged
from sim.control import Control
from sim.draws import NS
from sim.journeys import Branch
from sim.network import Network
from sim.scaling import scaling

# name, tier, place; what comes later is further from the source
POOLS = (
    ("camera", "device", "shop"),
    ("box", "gateway", "shop"),
    ("server", "on_prem", "shop"),
    ("meter", "device", "depot"),
    ("rack", "gateway", "depot"),
    ("feed", "network_edge", "west"),
    ("hub", "regional_cloud", "west"),
    ("core", "cloud", "west"),
    ("far", "cloud", "east"),
    ("api", "cloud", "east"),
)
OWN = ("camera", "meter", "feed")  # each node serves only what it generates
SOURCES = ("camera", "camera", "camera", "box", "meter", "feed")
SIZES = ((1, 1), (2, 1), (1, 2), (3, 1), (4, 1), (2, 2), (2, 3))  # nodes and slots
GAPS = (3, 5, 5, 10, 10, 20, 40, 200)  # [ticks] between the births of a source
SHARES = (1.0, 1.0, 1.0, 0.5, 0.5, 0.8, 0.1)
MOST_LOAD = 2.5  # times what a station can serve
MOST_SHARES = 3  # of a workload: each doubles the outcomes
RULES = ("wait", "skip", "skip", "drop", "drop")
WORKLOADS = ("m", "z", "a", "k")  # the order in which they count is another
TASKS = ("bdace", "abcde", "edcba")


class Case:
    def __init__(
        self, scenario: Scenario, placement: Placement, tick_ns: int, down: frozenset[str] = frozenset()
    ) -> None:
        self.scenario, self.placement, self.tick_ns, self.down = scenario, placement, tick_ns, down

    @cached_property
    def network(self) -> Network:
        return Network(self.scenario, self.placement, self.down)

    @cached_property
    def scalings(self) -> tuple[Control, ...]:
        return scaling(self.scenario, self.network)

    @property
    def births_per_tick(self) -> float:
        network = self.network
        per_s = sum(source.flow.sources.rate_per_s for source in network.sources)
        per_s += sum(merged(flow).births_per_s for flow in network.background)
        return per_s * self.tick_ns / NS

    def span(self, births: int) -> int:
        """Nanoseconds in which about so many requests are born: ten ticks at least, and fewer where they are rare."""
        return self.tick_ns * min(max(round(births / self.births_per_tick), 10), 12 * births)

    def __repr__(self) -> str:
        """What a reader needs to build it again."""
        this, lines = self.scenario, [f"tick {self.tick_ns} ns, sample {dict(self.scenario.study.sample)}"]
        lines += [f"{g.key}: {g.count} sites, {dict(g.facts)}" for g in this.groups]
        lines += [
            f"{p.name}: {p.count}, {p.slots} slots, {p.dispatch}, pooled {p.pooled}, {p.scaling}, limit {p.concurrent},"
            f" {p.cold_start}"
            for p in this.pools
        ]
        lines += [str(link) for link in this.links]
        for stream in this.workloads:
            lines += [f"{stream.name}: {stream.source} {stream.arrivals}", *(f"    {one}" for one in stream.tasks)]
        for route in self.placement.routes:
            steps = (f"{step.task} at {step.pool} {step.variant.service}" for step in route.steps)
            lines += [f"{route.workload} of {route.group}:", *(f"    {step}" for step in steps)]
        lines += [f"{n.pool} of {n.group}: {n.count} nodes" for n in self.placement.nodes]
        return "\n".join(("", *lines, ""))


@st.composite
def networks(draw: Any) -> Case:
    """One to four workloads at up to three groups of sites and two regions."""
    tick_ns = draw(_sampled(1, MS))
    maker = _Maker(draw, tick_ns / NS)
    names = WORKLOADS[: draw(_sampled(1, 1, 2, 2, 3, 4))]
    sources = [draw(_sampled(*SOURCES)) for _ in names]
    places = {place for name, _, place in POOLS if name in sources} | {"west", "east"}
    sites = maker.sites(places - {"west", "east"})
    pools = {name: maker.pool(name, tier, at) for name, tier, at in POOLS if at in places}
    streams = [maker.workload(name, pools[source], pools) for name, source in zip(names, sources, strict=True)]
    groups = [group for site in sites for group in site.groups]
    routes = []
    for stream in streams:
        at = pools[stream.source].at
        keys = [group.key for group in groups if group.site == at] or [at]
        first = maker.route(stream, keys[0], pools)
        alike = draw(st.booleans())
        rest = (replace(first, group=key) if alike else maker.route(stream, key, pools) for key in keys[1:])
        routes += [first, *rest]
    used = {step.pool for route in routes for step in route.steps}
    used |= {task.answer_to for stream in streams for task in stream.tasks} | set(sources)
    kept = [pool for name, pool in pools.items() if name in used]
    case = scenario(kept, streams, tuple(maker.links({pool.at for pool in kept})))
    sample = {} if any(map(_all_in_full, streams)) else maker.sample(groups)
    case = replace(case, sites=sites, study=replace(case.study, sample=sample))
    return _slowed(Case(case, Placement(tuple(routes), tuple(maker.nodes(case))), tick_ns, maker.down(case.links)))


def _all_in_full(stream: Workload) -> bool:
    """Jitter of known phases and windows are refused where sites are not all simulated in full."""
    arrivals = stream.arrivals
    if any(task.collects for task in stream.tasks):
        return True
    return isinstance(arrivals, Periodic) and arrivals.jitter_s > 0 and arrivals.phase != "random"


def _slowed(case: Case) -> Case:
    """The same with fewer births where a station is offered far more than it can serve: its queue would be endless."""
    both = zip(case.network.queues, load.offered(case.network), strict=True)
    factor = math.ceil(max((work / queue.servers for queue, work in both if queue.servers), default=0) / MOST_LOAD)
    if factor <= 1:
        return case
    slower = (replace(one, arrivals=_slower(one.arrivals, factor)) for one in case.scenario.workloads)
    return Case(replace(case.scenario, workloads=tuple(slower)), case.placement, case.tick_ns, case.down)


def _slower(arrivals: Arrivals, factor: int) -> Arrivals:
    if isinstance(arrivals, Trace):
        return trace([born * factor for born in arrivals.recording.values], arrivals.per)
    return replace(arrivals, rate_per_s=arrivals.rate_per_s / factor)  # type: ignore[call-arg]


@lru_cache(maxsize=None, typed=True)  # making one takes as long as drawing from it
def _sampled(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


class _Maker:
    """The parts of a case, drawn one after the other."""

    def __init__(self, draw: Any, tick_s: float) -> None:
        self._draw, self._tick_s = draw, tick_s
        self._at_once = self._one_of(False, False, False, True)  # constant times and sizes may be nothing
        self._breaks = self._one_of(False, False, True)  # links may be down
        self._spread: set[str] = set()  # places with nodes that have queues of their own
        self._in_lanes, self._in_full = self._one_of(False, True), self._one_of(False, False, True)
        self._lossy = self._one_of(False, False, False, True)

    def _one_of(self, *values: Any) -> Any:
        return self._draw(_sampled(*values))

    # places and pools

    def sites(self, names: set[str]) -> tuple[Site, ...]:
        return tuple(Site(name, "west", tuple(self._groups(name))) for name in sorted(names))

    def _groups(self, site: str) -> Iterator[Group]:
        several = site == "shop" and self._one_of(False, False, True)
        for name in ("small", "big")[: 1 + several]:
            facts = dict(zip(("line", "gate"), self._one_of((1, 1), (2, 1), (2, 2), (3, 2), (1, 2)), strict=True))
            yield Group(site, name, self._one_of(1, 1, 1, 2, 3, 8), facts)

    def sample(self, groups: Sequence[Group]) -> dict[str, int]:
        """Of many sites not more than two are played in full."""
        if self._in_full:
            return {}
        return {g.key: self._one_of(1, 1, 2 if g.count > 3 else g.count) for g in groups if g.count > 1}

    def pool(self, name: str, tier: str, at: str) -> Pool:
        local = at not in ("west", "east")
        if name == "api":
            limit, idle = self._one_of(None, None, 1, 3), self._one_of(None, None, 0, 3, 12)
            cold = None if idle is None else ColdStart(self._one_of(1, 5) * self._tick_s, idle * self._tick_s)
            return Pool(name, tier, at, False, (), ("api",), Count(0, 0), concurrent=limit, cold_start=cold)
        nodes, slots = self._one_of(*SIZES)
        fact, pooled = self._one_of((None, False), (None, False), ("line", False), ("line", True), ("gate", False))
        count = Count(nodes, nodes, fact if local and name != "server" else None)
        own = name in OWN and self._one_of(True, True, True, not local)
        others: tuple[Dispatch, ...] = ("shared_queue", "shared_queue", "shared_queue", "random", "least_loaded")
        dispatch: Dispatch = "own" if own else self._one_of(*others)
        if dispatch in SPREAD:
            self._spread.add(at)
        scaling = self._scaling() if dispatch == "shared_queue" else None
        how = {"dispatch": dispatch, "slots": slots, "pooled": pooled, "scaling": scaling}
        return Pool(name, tier, at, local, ("board",), (), count, **how)

    def _scaling(self) -> Scaling | None:
        target, depth = self._one_of(*((None, None),) * 4, (0.6, None), (0.9, None), (None, 2), (0.4, 1))
        if target is None and depth is None:
            return None
        start_up, cool_down, every = (self._one_of(*some) * self._tick_s for some in ((4, 25), (0, 30), (5, 7, 40)))
        return Scaling(target, depth, start_up, cool_down, self._one_of(0, 0, 1, 2), every)

    def nodes(self, case: Scenario) -> Iterator[Nodes]:
        """As many as the pool says, or others at some sites where they are not the sources."""
        sources = {stream.source for stream in case.workloads}
        for pool in case.pools:
            for group in case.groups_of(pool):
                fixed = pool.count.low == 0 or pool.name in sources
                count = pool.count.low if fixed else self._one_of(pool.count.low, pool.count.low, 1, 2)
                yield Nodes(pool.name, group.key if group else None, "board", count)

    def links(self, places: set[str]) -> Iterator[Link]:
        regions = places & {"west", "east"}
        direct = {"shop", "east"} <= places and self._one_of(True, False)
        pairs = [(place, place) for place in sorted(places) if self._one_of(True, False)]
        pairs += [("shop", "east")] * direct
        pairs += [(site, "west") for site in sorted(places - regions) if regions]
        pairs += [("west", "east")] * ("east" in regions)
        for ends in pairs:
            up, down = self._one_of((None, None), (None, None), (1, 1), (1, 2), (4, None), (None, 2), (0.5, 4))
            each = self._one_of("node", "site", "shared")
            if each == "node" and ends[0] != ends[1] and self._spread & set(ends):
                each = "site"  # who comes to their ports has no node yet
            loss, after = self._one_of((0.0, 0), (0.3, 0), (0.3, 3), (0.05, 10)) if self._lossy else (0.0, 0)
            more = {"loss": loss, "again_after_s": after * self._tick_s}
            yield Link("-".join(ends), ends, each, self._round_trip(), self._bps(up), self._bps(down), **more)

    def _round_trip(self) -> ServiceTime:
        tick_s = self._tick_s
        match self._one_of(0, 0, 2, 4, 10, 0.7, "gamma", "jitter", "quantiles"):
            case "gamma":
                return ServiceTime.gamma(4 * tick_s, 0.8)
            case "jitter":
                return ServiceTime.uniform(4 * tick_s, 4 * tick_s)
            case "quantiles":
                return ServiceTime.through({0.5: 2 * tick_s, 0.99: 8 * tick_s})
            case ticks:
                return ServiceTime.constant(ticks * tick_s)

    def _bps(self, per_tick: float | None) -> float | None:
        """Units of 125 bytes that are transmitted in a tick."""
        return None if per_tick is None else per_tick * 1000 / self._tick_s

    # workloads

    def workload(self, name: str, source: Pool, pools: dict[str, Pool]) -> Workload:
        arrivals = self._arrivals(source)
        consumers = [pool.name for pool in _reachable(source, arrivals, pools) if pool.name != "api"]
        number, names = self._one_of(1, 2, 2, 3, 3, 4, 5), self._one_of(*TASKS)
        shares, tasks = 0, list[Task]()
        for one in names[:number]:
            before = [other.name for other in tasks if not other.ahead_of]
            after = self._one_of((), *((each,) for each in before), tuple(before[-1:]), tuple(before[-2:]))
            share = self._one_of(*SHARES) if shares < MOST_SHARES else 1.0
            shares += share < 1
            bytes_ = ((125,), (250,), *((None, (0,)) if self._at_once else ()))
            sizes = {way: self._one_of(*bytes_) for way in ("input", "output")}
            answers = self._one_of(False, True)
            to = self._one_of("source", "source", *consumers) if answers else "source"
            collects = round(1 / share) if self._in_full and share < 0.8 else None
            ahead_of = None if collects else self._one_of(*before, *before, *[None] * 6)
            if ahead_of:
                after = next(other.after for other in tasks if other.name == ahead_of)
            more = {"answers": answers, "answer_to": to, "collects": collects, "ahead_of": ahead_of}
            more["copies"] = self._one_of(1, 1, 1, 1, 2, 3)
            tasks.append(task(one, after=after, share=share, **more, **sizes, **self._waits()))
            tasks[-1] = replace(tasks[-1], without_line=self._one_of(*RULES) if self._breaks else "wait")
        return Workload(name, source.name, arrivals, tuple(tasks))

    def down(self, links: Sequence[Link]) -> frozenset[str]:
        """Links that may be down."""
        return frozenset(link.name for link in links) if self._breaks else frozenset()

    def _waits(self) -> dict[str, Any]:
        """How those wait who come to a task, where some do otherwise than in one queue."""
        if not self._in_lanes:
            return {}
        limits = [QueueLimit("oldest", room) for room in (0, 1, 2)]
        limits += [QueueLimit("latest", room) for room in (1, 1, 1, 1, 2, 0)]
        of_source = [QueueLimit("latest", None)] * (2 * self._in_full)
        patience = self._one_of(*[None] * 8, 0, 1, 6, 20, 7.5)
        return {
            "priority": self._one_of(None, None, 1, 1, 2),
            "queue": self._one_of(None, *of_source, *limits),
            "drop_after_s": None if patience is None else patience * self._tick_s,
            "batching": self._batching(),
        }

    def _batching(self) -> Batching | None:
        if self._one_of(True, True, False):
            return None
        return Batching(self._one_of(2, 2, 3, 5), self._one_of(0, 0, 1, 4, 30) * self._tick_s, {})

    def _arrivals(self, source: Pool) -> Arrivals:
        facts = [source.count.per] if source.count.per else []
        per = self._one_of("node", "node", *facts, "site", "all")
        rate_per_s = 1 / (self._one_of(*GAPS[: 3 if self._in_lanes else None]) * self._tick_s)  # lanes are for crowds
        kinds = ("poisson", "random", "aligned", "aligned", "staggered", "jittered", "bursty", "trace")
        kind = self._one_of(*kinds, *(["aligned"] * 4 if self._in_lanes else []))
        if kind == "poisson":
            return Poisson(rate_per_s, per)
        if kind == "bursty":
            return Bursty(rate_per_s, per, self._states(1 / rate_per_s))
        if kind == "trace":
            return self._trace(1 / rate_per_s, per)
        if kind == "jittered":
            phase = self._one_of("random", "random", "aligned", "staggered")
            return Periodic(rate_per_s, per, phase, self._one_of(0.3, 1.0) / rate_per_s)
        return Periodic(rate_per_s, per, kind)

    def _trace(self, gap_s: float, per: str) -> Trace:
        gaps = self._one_of((1, 1, 1), (0, 0, 3), (2, 0, 1, 5), (0.4,)) * self._one_of(1, 5, 200)
        return trace(list(accumulate(gap * gap_s for gap in gaps)), per)

    def _states(self, gap_s: float) -> tuple[BurstState, ...]:
        """On and off, or more states; their mean is 1."""
        stated = self._one_of(((3, 10), (0, 20)), ((0.5, 10), (2, 1), (9, 1)), ((1, 3), (1, 3)))
        mean = sum(times * lasts for times, lasts in stated) / sum(lasts for _, lasts in stated)
        return tuple(BurstState(times / mean, lasts * gap_s) for times, lasts in stated)

    def route(self, stream: Workload, key: str, pools: dict[str, Pool]) -> Route:
        """Mostly away from the source, each task at a pool behind those before it; else anywhere."""
        onwards = self._one_of(True, True, True, False)
        reachable = [pool.name for pool in _reachable(pools[stream.source], stream.arrivals, pools)]
        at: dict[str, int] = {}
        for one in stream.tasks:
            first = max((at[before] + 1 for before in one.after), default=0) if onwards else 0
            last = len(reachable) - 1
            at[one.name] = self._one_of(*range(min(first, last), (min(first + 2, last) if onwards else last) + 1))
        together = {one.name: one.batching.at_most - 1 if one.batching else 0 for one in stream.tasks}
        steps = (
            Step(name, reachable[place], variant(self._service(), [self._service() for _ in range(together[name])]))
            for name, place in at.items()
        )
        return Route(stream.name, key, tuple(steps))

    def _service(self) -> ServiceTime:
        tick_s = self._tick_s
        drawn = ("exponential", "exponential", "lognormal", "quantiles", "offset", "bag", "kept")
        kind = self._one_of(0 if self._at_once else 1, 1, 2, 3, 5, 10, *drawn)
        match kind:
            case "exponential":
                return ServiceTime.exponential(self._one_of(1, 3, 8) * tick_s)
            case "lognormal":
                return ServiceTime.lognormal(2 * tick_s, 0.7)
            case "quantiles":
                return ServiceTime.through({0.5: tick_s, 0.9: 3 * tick_s, 0.99: 9 * tick_s})
            case "bag" | "kept":
                times = tuple(ticks * tick_s for ticks in self._one_of((1, 5, 2), (3,), (0, 1, 4, 2, 9)))
                return ServiceTime.recorded(recording(times), kept=kind == "kept")
            case "offset":
                return ServiceTime.exponential(tick_s).with_overhead(2 * tick_s)
            case ticks:
                return ServiceTime.constant(ticks * tick_s)


def _reachable(source: Pool, arrivals: Arrivals, pools: dict[str, Pool]) -> list[Pool]:
    """Pools at the place of a source and in regions that its requests may use, in their order."""
    counted_per = arrivals.per
    if arrivals.per in ("node", "all"):
        counted_per = source.count.per if source.count.per and not source.pooled else ""

    def fits(pool: Pool) -> bool:
        if pool.dispatch == "own":
            return pool.name == source.name
        return pool.at in (source.at, "west", "east") and (
            pool.count.per is None or pool.pooled or pool.count.per == counted_per
        )

    return [pool for pool in pools.values() if fits(pool)]


def station_graph(network: Network) -> nx.DiGraph[int]:
    """An edge from each queue to those that requests go to from there, whatever happens."""
    graph: nx.DiGraph[int] = nx.DiGraph()

    def follow(branch: Branch, before: tuple[int, ...]) -> None:
        for way in branch.ways:
            last = before
            stops = [(crossing.queue,) for crossing in way if crossing.queue >= 0]
            graph.add_edges_from((one.queue, one.queue) for one in way if one.loss >= 0 <= one.queue)  # again
            for stop in [*stops, *([branch.visit.queues] if branch.visit else [])]:
                graph.add_nodes_from(stop)
                graph.add_edges_from(product(last, stop))
                last = stop
        if branch.visit:
            for other in branch.visit.branches:
                follow(other, branch.visit.queues)

    for number, source in enumerate(network.sources):
        for origin in range(source.flow.sources.of_nodes):
            for root in network.journey(number, origin, (1,) * source.flow.shares).roots:
                follow(root, ())
    return graph


def acyclic(network: Network) -> bool:
    return bool(nx.is_directed_acyclic_graph(station_graph(network)))
