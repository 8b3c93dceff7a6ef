"""Admissible routes of each workload at each kind of site, and what every other one breaks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hardware_profiles.faults import Fault, NotSupported
from planner.flows import Flow, Origin, flows
from planner.formats import short_percent
from planner.latency import answer_accuracy, percentile
from planner.plans import Broken
from scenarios.figures import Variant
from scenarios.journey import NoPath, legs
from scenarios.placement import Route, Step
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from scenarios.variants import variants, why_no_variant
from scenarios.workloads import Batch, Task

MOST_ROUTES = 200_000
QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class Candidate:
    """A route with everything about it that does not depend on what else is placed.

    ``broken`` is empty for an admissible one.
    """

    origin: Origin
    route: Route
    flows: tuple[Flow, ...]
    accuracy: float | None
    broken: tuple[Broken, ...]

    @property
    def choices(self) -> dict[str, str]:
        """Hardware or offer of each pool it uses."""
        return {step.pool: step.variant.hardware for step in self.route.steps}


@dataclass(frozen=True)
class Option:
    """One task on one pool in one variant, and what that alone breaks."""

    pool: Pool
    variant: Variant
    broken: tuple[Broken, ...]


@dataclass(frozen=True)
class NoOption:
    """A pool on which a task cannot run at all."""

    task: str
    pool: Pool
    choice: str
    broken: Broken


@dataclass(frozen=True)
class Routes:
    """Everything enumerated for one origin: candidates, admissible or not, and what cannot run at all."""

    origin: Origin
    candidates: tuple[Candidate, ...]
    impossible: tuple[NoOption, ...]


def enumerate_routes(scenario: Scenario, origin: Origin, *, fixed: dict[str, str], forbidden: frozenset[str]) -> Routes:
    """All routes of one workload at one kind of site.

    ``fixed`` holds tasks that must run on a pool (``--fix TASK=POOL``), ``forbidden`` pools that nobody may use.
    """
    impossible: list[NoOption] = []
    per_task: list[list[Option]] = []
    tasks = [task for task in origin.workload.tasks if task.store_at is None]
    for task in tasks:
        options = list(_options(scenario, origin, task, impossible))
        if task.name in fixed:
            options = [option for option in options if option.pool.name == fixed[task.name]]
        per_task.append([option for option in options if option.pool.name not in forbidden])
    number = 1
    for options in per_task:
        number *= len(options)
    if number > MOST_ROUTES:
        raise NotSupported(
            Fault(f"workloads.{origin.workload.name}.tasks", f"{number:,} possible routes", f"at most {MOST_ROUTES:,}")
        )
    candidates = (_candidate(scenario, origin, tasks, chosen) for chosen in itertools.product(*per_task))
    return Routes(origin, tuple(c for c in candidates if c is not None), tuple(impossible))


def _options(scenario: Scenario, origin: Origin, task: Task, impossible: list[NoOption]) -> Iterator[Option]:
    for pool in scenario.pools:
        if pool.local and (origin.group is None or pool.at != origin.group.site):
            continue
        if pool.dispatch == "own" and pool.name != origin.workload.source:
            continue  # such nodes serve only what they generate themselves
        if task.pools is not None and pool.name not in task.pools:
            continue
        for choice in choices(pool, origin.group):
            found = variants(scenario, origin.workload, task, pool, choice, origin.group)
            if not found:
                why = why_no_variant(scenario, origin.workload, task, pool, choice, origin.group)
                impossible.append(NoOption(task.name, pool, choice, Broken("profile", why)))
            broken = tuple(_rules(origin, task, pool))
            judged = origin.workload.requires.accuracy_at_least is not None
            for variant in _fastest(found, judged):
                yield Option(pool, variant, broken)


def choices(pool: Pool, group: Group | None) -> tuple[str, ...]:
    """Hardware or offers to choose from at the sites of the group, which may state its own."""
    if group is not None and pool.local and pool.name in group.hardware:
        given = group.hardware[pool.name]
        return (given,) if given is not None else ()
    return pool.choices


def _fastest(found: tuple[Variant, ...], judged: bool) -> list[Variant]:
    """Variants that no other one beats on time and, where a floor asks for it, on accuracy."""

    def key(variant: Variant) -> tuple[float, ...]:
        accuracy = variant.accuracy.value if variant.accuracy and judged else -1.0
        times = [variant.service.mean_s, *(variant.service.quantile(p) for p in QUANTILES)]
        return (*times, -accuracy)

    keys = [key(variant) for variant in found]
    kept = []
    for i, mine in enumerate(keys):
        beaten = any(
            all(a <= b for a, b in zip(other, mine, strict=True)) and (other != mine or j < i)
            for j, other in enumerate(keys)
            if j != i
        )
        if not beaten:
            kept.append(found[i])
    return kept


def _rules(origin: Origin, task: Task, pool: Pool) -> Iterator[Broken]:
    requires, path = origin.workload.requires, f"workloads.{origin.workload.name}"
    for tiers, where in ((task.tiers, f"{path}.tasks.{task.name}.tiers"), (requires.tiers, f"{path}.requires.tiers")):
        if tiers is not None and pool.tier not in tiers:
            yield Broken("tiers", f"{task.name} may run on {', '.join(tiers)} only", path=where)
    if requires.offline and task.name in requires.offline.keep and not pool.local:
        text = f"{task.name} must go on while the uplink is down"
        yield Broken("offline", text, path=f"{path}.requires.offline")


def _candidate(scenario: Scenario, origin: Origin, tasks: list[Task], chosen: tuple[Option, ...]) -> Candidate | None:
    hardware: dict[str, str] = {}
    for option in chosen:  # the planner picks one hardware for a pool
        if hardware.setdefault(option.pool.name, option.variant.hardware) != option.variant.hardware:
            return None
    steps = tuple(Step(task.name, option.pool.name, option.variant) for task, option in zip(tasks, chosen, strict=True))
    route = Route(origin.workload.name, origin.group.key if origin.group else "", steps)
    try:
        here = flows(scenario, origin, route)
    except NoPath:
        return None
    broken = [b for option in chosen for b in option.broken]
    broken += _privacy(scenario, origin, route)
    broken += _overload(here)
    accuracy = _accuracy(origin, route)
    broken += _inaccurate(origin, route, accuracy)
    broken += _late(scenario, origin, route)
    return Candidate(origin, route, here, accuracy, tuple(dict.fromkeys(broken)))


def _privacy(scenario: Scenario, origin: Origin, route: Route) -> Iterator[Broken]:
    """No byte of a data item may be seen at a place that it may not reach: links on the way included."""
    rules = {item.name: item.may_reach for item in scenario.data}
    for leg in legs(scenario, origin.workload, {step.task: step.pool for step in route.steps}):
        allowed = rules.get(leg.message.data) if leg.message.data else None
        if allowed is None:
            continue
        for hop in leg.hops:
            for place in hop.link.ends:
                if place not in allowed:
                    text = f"{leg.message.data} may not leave {origin.group.site if origin.group else 'its region'}"
                    yield Broken("privacy", text, path=f"data.{leg.message.data}.may_reach")


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


def _accuracy(origin: Origin, route: Route) -> float | None:
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
        if found > latency.limit_s:
            path = f"workloads.{workload.name}.requires.latency.{latency.of}.{latency.metric}"
            text = f"{latency.of} needs {found * 1e3:.3g} ms ({latency.metric})"
            yield Broken("latency", text, found, latency.limit_s, "s", path)


def transfer_s(scenario: Scenario, origin: Origin, route: Route) -> float:
    """Bytes of one batch ÷ bandwidth, the slowest link on each leg, legs one after another [s]."""
    whole = 0.0
    for leg in legs(scenario, origin.workload, {step.task: step.pool for step in route.steps}):
        rates = [b for hop in leg.hops if (b := hop.link.bandwidth_bps(hop.direction)) is not None]
        if rates:
            whole += leg.message.size_bytes * 8 / min(rates)
    return whole


def not_dominated(candidates: list[Candidate]) -> list[Candidate]:
    """Drops a route when another on the same pools and hardware is at least as good on every component."""
    groups: dict[tuple[tuple[str, str, str], ...], list[Candidate]] = {}
    for candidate in candidates:
        key = tuple((s.task, s.pool, s.variant.hardware) for s in candidate.route.steps)
        groups.setdefault(key, []).append(candidate)
    kept = []
    for alike in groups.values():
        keys = [tuple(x for s in c.route.steps for x in _times(s.variant)) for c in alike]
        kept += [c for i, c in enumerate(alike) if not any(_beats(keys, j, i) for j in range(len(alike)) if j != i)]
    return kept


def _times(variant: Variant) -> tuple[float, ...]:
    return (variant.service.mean_s, *(variant.service.quantile(p) for p in QUANTILES))


def _beats(keys: list[tuple[float, ...]], j: int, i: int) -> bool:
    no_worse = all(a <= b for a, b in zip(keys[j], keys[i], strict=True))
    return no_worse and (keys[j] != keys[i] or j < i)
