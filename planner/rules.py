"""What a route breaks by itself, whatever else is placed: each broken requirement with its amount."""

from __future__ import annotations

from collections.abc import Iterator

from planner.flows import Flow, Origin
from planner.formats import short_percent
from planner.latency import answer_accuracy, percentile
from planner.plans import Broken
from scenarios.demand import sources
from scenarios.journey import legs, seen_at
from scenarios.placement import Route
from scenarios.scenario import Scenario
from scenarios.workloads import Batch

GRID = 0.003  # a lower bound worked out on a grid may be so much too high


def broken_rules(
    scenario: Scenario, origin: Origin, route: Route, here: tuple[Flow, ...], accuracy: float | None
) -> tuple[Broken, ...]:
    """Everything, each once; empty for an admissible route."""
    found = [*_tiers(scenario, origin, route), *_offline(scenario, origin, route), *_privacy(scenario, origin, route)]
    found += [*_overload(here), *_inaccurate(origin, route, accuracy), *_late(scenario, origin, route)]
    return tuple(dict.fromkeys(found))


def _tiers(scenario: Scenario, origin: Origin, route: Route) -> Iterator[Broken]:
    workload, path = origin.workload, f"workloads.{origin.workload.name}"
    for step in route.steps:
        own = workload.task(step.task).tiers
        for tiers, where in (
            (own, f"{path}.tasks.{step.task}.tiers"),
            (workload.requires.tiers, f"{path}.requires.tiers"),
        ):
            if tiers is not None and scenario.pool(step.pool).tier not in tiers:
                yield Broken("tiers", f"{step.task} may run on {', '.join(tiers)} only", path=where)


def _offline(scenario: Scenario, origin: Origin, route: Route) -> Iterator[Broken]:
    """A kept task, all that must run before it and every message of theirs stay within the site."""
    workload = origin.workload
    if workload.requires.offline is None:
        return
    for kept in workload.requires.offline.keep:
        needed = workload.up_to(kept)
        away = any(not scenario.pool(step.pool).local for step in route.steps if step.task in needed)
        sent = any(
            not hop.link.within
            for leg in legs(scenario, workload, route)
            for hop in leg.hops
            if leg.task in needed and (not leg.answer or leg.task == kept)
        )
        if away or sent:
            text = f"{kept} must go on while the uplink is down"
            yield Broken("offline", text, path=f"workloads.{workload.name}.requires.offline")


def _privacy(scenario: Scenario, origin: Origin, route: Route) -> Iterator[Broken]:
    """No byte of a data item may be seen at a place that it may not reach: links on the way included."""
    rules = {item.name: item.may_reach for item in scenario.data}
    for leg in legs(scenario, origin.workload, route):
        allowed = rules.get(leg.message.data) if leg.message.data else None
        if allowed is not None and seen_at(scenario, leg) - allowed:
            home = origin.group.site if origin.group else ""
            forbidden = ", ".join(sorted(seen_at(scenario, leg) - allowed))
            text = f"may not leave {home}" if home in allowed else f"may not be seen at {forbidden}"
            yield Broken("privacy", f"{leg.message.data} {text}", path=f"data.{leg.message.data}.may_reach")


def _overload(here: tuple[Flow, ...]) -> Iterator[Broken]:
    load: dict[str, float] = {}
    for flow in here:
        if flow.queue.kind == "link" and flow.exact:
            load[flow.queue.name] = load.get(flow.queue.name, 0.0) + flow.load
    for name, value in load.items():
        if value > 1:
            link, direction = name.rsplit(".", 1)
            yield Broken(
                "uplink", f"{name} would be loaded {short_percent(value)}", value, 1.0, "", f"links.{link}.{direction}"
            )


def route_accuracy(origin: Origin, route: Route) -> float | None:
    """Expected accuracy of the final answers; ``None`` where it is not known."""
    values = {step.task: step.variant.accuracy.value if step.variant.accuracy else None for step in route.steps}
    return answer_accuracy(origin.workload, values)


def _inaccurate(origin: Origin, route: Route, accuracy: float | None) -> Iterator[Broken]:
    requires = origin.workload.requires
    if requires.accuracy_at_least is None:
        return
    path = f"workloads.{origin.workload.name}.requires.accuracy.at_least"
    if accuracy is None:
        unknown = next((s.variant.name for s in route.steps if s.variant.model and not s.variant.accuracy), "the model")
        yield Broken("accuracy", f"no accuracy is known for {unknown}", None, requires.accuracy_at_least, "", path)
        return
    measures = {s.variant.accuracy.measure for s in route.steps if s.variant.accuracy}
    wanted = requires.accuracy_measure
    if wanted is not None and any(measure != wanted for measure in measures):
        text = f"accuracy is known as {', '.join(sorted(measures))}, the floor is in {wanted}"
        yield Broken("accuracy", text, None, requires.accuracy_at_least, "", path)
    elif accuracy < requires.accuracy_at_least - 1e-12:
        yield Broken("accuracy", f"accuracy {short_percent(accuracy)}", accuracy, requires.accuracy_at_least, "", path)


def _late(scenario: Scenario, origin: Origin, route: Route) -> Iterator[Broken]:
    """Late although nobody waits: no number of nodes helps."""
    workload = origin.workload
    if isinstance(workload.arrivals, Batch):
        if workload.requires.done_within_s is not None:
            needed = transfer_s(scenario, origin, route)
            if needed > workload.requires.done_within_s:
                path = f"workloads.{workload.name}.requires.done_by"
                yield Broken("done_by", f"{needed:,.0f} s to send", needed, workload.requires.done_within_s, "s", path)
        return
    for latency in workload.requires.latency:
        found = percentile(scenario, workload, route, latency, None)
        if found * (1 - GRID) > latency.limit_s:
            path = f"workloads.{workload.name}.requires.latency.{latency.of}.{latency.metric}"
            text = f"{latency.of} needs {found * 1e3:.3g} ms ({latency.metric})"
            yield Broken("latency", text, found, latency.limit_s, "s", path)


def transfer_s(scenario: Scenario, origin: Origin, route: Route) -> float:
    """Seconds until the batches of all sources that meet on a link are through it, legs one after another.

    Bytes ÷ bandwidth of the slowest link of each leg, alone on it: what else the link carries at that hour is not
    known here.
    """
    whole = 0.0
    number = sources(scenario, origin.workload, origin.group).number
    for leg in legs(scenario, origin.workload, route):
        times = [0.0]
        for hop in leg.hops:
            bandwidth = hop.link.bandwidth_bps(hop.direction)
            if bandwidth is not None:
                local = origin.group is not None and origin.group.site in hop.link.ends and hop.link.each != "shared"
                meeting = number * (1 if local else origin.sites)
                size = leg.copies * hop.link.tries * leg.message.size_bytes
                times.append(meeting * size * 8 / bandwidth)
        whole += max(times)
    return whole
