"""Admissible routes of each workload at each kind of site, and what every other one breaks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hardware_profiles.faults import Fault, NotSupported
from planner.flows import Flow, Origin, flows
from planner.plans import Broken
from planner.rules import broken_rules, route_accuracy
from scenarios.figures import Variant
from scenarios.journey import NoPath
from scenarios.placement import Route, Step
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from scenarios.variants import variants, why_no_variant
from scenarios.workloads import Task

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
    """One task on one pool in one variant."""

    pool: Pool
    variant: Variant


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
    every = (_candidate(scenario, origin, tasks, chosen, impossible) for chosen in itertools.product(*per_task))
    candidates = tuple(candidate for candidate in every if candidate is not None)
    return Routes(origin, candidates, tuple(dict.fromkeys(impossible)))


def _options(scenario: Scenario, origin: Origin, task: Task, impossible: list[NoOption]) -> Iterator[Option]:
    for pool in scenario.pools:
        if pool.local and (origin.group is None or pool.at != origin.group.site):
            continue
        if pool.dispatch == "own" and pool.name != origin.workload.source:
            continue  # such nodes serve only what they generate themselves
        if task.pools is not None and pool.name not in task.pools:
            continue
        for choice in choices(pool, origin.group):
            if pool.count.high == 0:
                impossible.append(NoOption(task.name, pool, choice, Broken("nodes", f"{pool.name} may have no nodes")))
                continue
            found = variants(scenario, origin.workload, task, pool, choice, origin.group)
            if not found:
                why = why_no_variant(scenario, origin.workload, task, pool, choice, origin.group)
                impossible.append(NoOption(task.name, pool, choice, Broken("profile", why)))
            for variant in _fastest(found, origin):
                yield Option(pool, variant)


def choices(pool: Pool, group: Group | None) -> tuple[str, ...]:
    """Hardware or offers to choose from at the sites of the group, which may state its own."""
    if group is not None and pool.local and pool.name in group.hardware:
        given = group.hardware[pool.name]
        return (given,) if given is not None else ()
    return pool.choices


def _fastest(found: tuple[Variant, ...], origin: Origin) -> list[Variant]:
    """Variants that no other one beats on time and, where a floor asks for it, on accuracy in the floor's measure."""
    requires = origin.workload.requires

    def accuracy(variant: Variant) -> float:
        if variant.accuracy is None or requires.accuracy_at_least is None:
            return -1.0
        return variant.accuracy.value if requires.accuracy_measure in (None, variant.accuracy.measure) else -1.0

    def key(variant: Variant) -> tuple[float, ...]:
        return (*_times(variant), -accuracy(variant))

    return [found[i] for i in _undominated([key(variant) for variant in found])]


def _candidate(
    scenario: Scenario, origin: Origin, tasks: list[Task], chosen: tuple[Option, ...], impossible: list[NoOption]
) -> Candidate | None:
    hardware: dict[str, str] = {}
    for option in chosen:  # the planner picks one hardware for a pool
        if hardware.setdefault(option.pool.name, option.variant.hardware) != option.variant.hardware:
            return None
    steps = tuple(Step(task.name, option.pool.name, option.variant) for task, option in zip(tasks, chosen, strict=True))
    route = Route(origin.workload.name, origin.group.key if origin.group else "", steps)
    try:
        here = flows(scenario, origin, route)
    except NoPath as missing:
        impossible += [
            NoOption(s.task, scenario.pool(s.pool), s.variant.hardware, Broken("path", str(missing))) for s in steps
        ]
        if not steps:  # nothing runs: what the source sends is only stored
            task, source = origin.workload.tasks[0].name, scenario.pool(origin.workload.source)
            path = f"workloads.{origin.workload.name}.tasks.{task}"
            why = Broken("path", f"{origin.workload.name}.{task}: {missing}", path=path)
            impossible += [NoOption(task, source, choice, why) for choice in choices(source, origin.group)]
        return None
    accuracy = route_accuracy(origin, route)
    return Candidate(origin, route, here, accuracy, broken_rules(scenario, origin, route, here, accuracy))


def not_dominated(candidates: list[Candidate], *, lenient: bool) -> list[Candidate]:
    """Drops a route when another on the same pools and hardware is at least as good on every component.

    Where requirements are dropped (``lenient``) one that breaks less stays beside a faster one.
    """
    groups: dict[tuple[tuple[str, str, str], ...], list[Candidate]] = {}
    for candidate in candidates:
        key = tuple((s.task, s.pool, s.variant.hardware) for s in candidate.route.steps)
        groups.setdefault(key, []).append(candidate)
    kept = []
    for alike in groups.values():
        keys = [
            (len(c.broken) if lenient else 0, *(x for step in c.route.steps for x in _times(step.variant)))
            for c in alike
        ]
        kept += [alike[i] for i in _undominated(keys)]
    return kept


def _undominated(keys: list[tuple[float, ...]]) -> list[int]:
    """Positions that no other is at least as small as in every component; of equal ones the first."""

    def beaten(i: int) -> bool:
        return any(
            all(a <= b for a, b in zip(other, keys[i], strict=True)) and (other != keys[i] or j < i)
            for j, other in enumerate(keys)
            if j != i
        )

    return [i for i in range(len(keys)) if not beaten(i)]


def _times(variant: Variant) -> tuple[float, ...]:
    return (variant.service.mean_s, *(variant.service.quantile(p) for p in QUANTILES))
