"""Small scenarios for the tests of the engine, in code: a shop with a few sources, a box and a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hardware_profiles.recording import Recording
from hardware_profiles.service_time import ServiceTime
from scenarios.figures import Figure, Variant
from scenarios.links import Link
from scenarios.placement import Nodes, Placement, Route, Step
from scenarios.places import Group, Site
from scenarios.pools import Count, Pool
from scenarios.scenario import NotYet, Scenario, Study
from scenarios.workloads import Arrivals, DataItem, Message, Periodic, Poisson, Requirements, Task, Trace, Workload
from sim.draws import source_keys
from sim.measures import Counts, Floats
from sim.replication import Played
from sim.result import Result
from sim.tally import Tally

MS = 1_000_000
SHOP = Group("shop", "all", 1, {"line": 2})


def pool(name: str, tier: str = "gateway", at: str = "shop", count: int = 1, **more: Any) -> Pool:
    per = more.pop("per", None)
    more.setdefault("dispatch", "own" if tier == "device" else "shared_queue")
    hardware = () if "offers" in more else ("board",)
    offers = more.pop("offers", ())
    return Pool(name, tier, at, at == "shop", hardware, offers, Count(count, count, per), **more)


def task(name: str, **more: Any) -> Task:
    more.setdefault("after", ())
    size_in, size_out = more.pop("input", None), more.pop("output", None)
    return Task(
        name,
        more.pop("after"),
        more.pop("share", 1.0),
        (),
        {},
        None,
        Message(*size_in) if size_in else None,
        Message(*size_out) if size_out else None,
        more.pop("answers", False),
        **more,
    )


def link(
    name: str,
    ends: tuple[str, str],
    bps: float | None = None,
    rtt_s: float | ServiceTime = 0.0,
    each: Any = "site",
    **more: Any,
) -> Link:
    rtt = ServiceTime.constant(rtt_s) if isinstance(rtt_s, int | float) else rtt_s
    return Link(name, ends, each, rtt, bps, bps, **more)


def periodic(rate_per_s: float, phase: Any = "random", per: str = "node") -> Periodic:
    return Periodic(rate_per_s, per, phase)


def poisson(rate_per_s: float, per: str = "node") -> Poisson:
    return Poisson(rate_per_s, per)


def recording(values: Sequence[float]) -> Recording:
    return Recording("run.csv", "t_s", repr(values), values)


def trace(instants: Sequence[float], per: str = "node") -> Trace:
    return Trace(len(instants) / instants[-1], per, recording(instants))


def workload(name: str, arrivals: Arrivals, tasks: Sequence[Task], source: str = "camera", **more: Any) -> Workload:
    return Workload(name, source, arrivals, tuple(tasks), more.pop("requires", Requirements()), **more)


def scenario(
    pools: Sequence[Pool],
    workloads: Sequence[Workload],
    links: Sequence[Link] = (),
    groups: Sequence[Group] = (SHOP,),
    data: Sequence[DataItem] = (),
    not_yet: Sequence[NotYet] = (),
) -> Scenario:
    nothing: Any = None
    return Scenario(
        name="case",
        about="",
        patterns=(),
        currency="USD",
        usd_per_currency=1.0,
        exchange_date="",
        sites=(Site("shop", "west", tuple(groups)),),
        pools=tuple(pools),
        links=tuple(links),
        data=tuple(data),
        workloads=tuple(workloads),
        budget_usd_per_month=None,
        study=Study(span_s=1.0, warm_up_s=0.0, replications=1),
        prices=nothing,
        figures=(),
        sources={},
        what_ifs=(),
        not_yet=tuple(not_yet),
        changes=(),
        document={},
        file="case.yaml",
    )


def variant(service: ServiceTime | float, batches: Sequence[ServiceTime | float] = ()) -> Variant:
    """One that takes so long; of 2, 3 … together as long as ``batches`` say."""
    time, *together = (
        ServiceTime.constant(one) if isinstance(one, int | float) else one for one in (service, *batches)
    )
    origin = Figure(time.mean_s, "s", "assumed", "test")
    return Variant(None, "board", "", "", "", time, origin, batches=tuple(together))


def together(placed: Placement, *batches: ServiceTime | float) -> Placement:
    """The same, with every task taking so long for 2, 3 … that are executed together."""
    times = variant(0.0, batches).batches

    def of(route: Route) -> Route:
        steps = (replace(step, variant=replace(step.variant, batches=times)) for step in route.steps)
        return replace(route, steps=tuple(steps))

    return replace(placed, routes=tuple(map(of, placed.routes)))


def placement(
    case: Scenario, on: Mapping[str, tuple[str, ServiceTime | float]], without_nodes: Sequence[str] = ()
) -> Placement:
    """Every task on the named pool with the given service time [s]; node counts as the scenario says."""
    routes = []
    for stream in case.workloads:
        source = case.pool(stream.source)
        for group in case.groups_of(source):
            steps = tuple(Step(t.name, on[t.name][0], variant(on[t.name][1])) for t in stream.tasks)
            routes.append(Route(stream.name, group.key if group else source.at, steps))
    nodes = [
        Nodes(p.name, g.key if g else None, "board", 0 if p.name in without_nodes else p.count.low)
        for p in case.pools
        for g in case.groups_of(p)
    ]
    return Placement(tuple(routes), tuple(nodes))


def source_key(name: np.uint64, site: int, source: int) -> np.uint64:
    """Of one source."""
    found: np.uint64 = source_keys(np.array([name]), np.array([site]), np.array([source]))[0, 0]
    return found


def counts(values: Sequence[float] | Floats, replication: Any = 0, replications: int = 1) -> Counts:
    """Every value as it is, in a bin of its own."""
    every, at = np.unique(np.asarray(values, float), return_inverse=True)
    numbers = np.zeros((1, replications, len(every)), np.int64)
    np.add.at(numbers, (0, np.broadcast_to(replication, at.shape), at), 1)
    return Counts(every, every, numbers, np.ones(1))


def responses(result: Result, workload: str, of: str, group: str | None = None) -> Floats:
    """Of every request [s], increasing, as far as bins tell."""
    return np.repeat(*result.distribution(workload, of, group))


def same_tally(one: Tally, other: Tally) -> bool:
    """To the last byte."""
    arrays = all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in ("outcomes", "dropped", "skipped", "counts")
    )
    numbers = ("completed", "done", "sums", "within")
    return arrays and all(getattr(one, name) == getattr(other, name) for name in numbers)


def same_play(one: Played, other: Played) -> bool:
    """What two replications leave behind; the rows too, where they were kept."""
    tallies = (same_tally(*both) for both in zip(one.tallies, other.tallies, strict=True))
    rows = (x.tobytes() == y.tobytes() for x, y in zip(one.rows or (), other.rows or (), strict=True))
    return all(tallies) and one.queues.tobytes() == other.queues.tobytes() and all(rows)
