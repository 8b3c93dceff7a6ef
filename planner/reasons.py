"""Why each workload runs where it does: the next best route and tier, and what excludes the others."""

from __future__ import annotations

import math

from planner.contracts import Contracts, solve
from planner.milp import Cut, Solution, uses
from planner.plans import Alternative, Broken, Excluded, Reason
from planner.problem import OriginKey, Problem
from planner.routes import Candidate, Routes, choices
from scenarios.demand import reach
from scenarios.figures import Origin, Variant
from scenarios.placement import Step

PREFERENCE = (
    "latency",
    "accuracy",
    "uplink",
    "privacy",
    "offline",
    "tiers",
    "done_by",
    "path",
    "nodes",
    "profile",
    "place",
)


def heaviest(candidate: Candidate, other: Candidate | None = None) -> Step | None:
    """The step that keeps nodes busiest, models first: its tier is the tier of the route.

    Beside another candidate only of the steps that run elsewhere there, or otherwise.
    """
    workload = candidate.origin.workload
    reached = reach(workload)
    there = {_where(step) for step in other.route.steps} if other is not None else set()
    steps = [step for step in candidate.route.steps if _where(step) not in there]

    def busy(step: Step) -> float:
        return reached[step.task] * workload.task(step.task).copies * step.variant.service.mean_s

    return max(steps, key=lambda s: (s.variant.model is not None, busy(s)), default=None)


def _where(step: Step) -> tuple[str, str, str, str]:
    return step.task, step.pool, step.variant.hardware, step.variant.name


def reasons(problem: Problem, solution: Solution, cuts: list[Cut]) -> tuple[Reason, ...]:
    """One reason for each workload and group that runs something."""
    found = []
    for key, candidate in solution.candidates(problem).items():
        step = heaviest(candidate)
        if step is None:
            continue
        pool = problem.scenario.pool(step.pool)
        found.append(
            Reason(
                key[0],
                key[1],
                step.task,
                pool.name,
                pool.tier,
                step.variant.hardware,
                step.variant.name,
                _instead(problem.ban(key, frozenset({solution.chosen[key]})), candidate, solution, cuts, "route"),
                _instead(problem.ban(key, _same_tier(problem, key, step)), candidate, solution, cuts, "tier"),
                tuple(excluded(problem, key, step)),
                _possible_tiers(problem, key, step),
            )
        )
    return tuple(found)


def _same_tier(problem: Problem, key: OriginKey, step: Step) -> frozenset[int]:
    tier = problem.scenario.pool(step.pool).tier
    routes = next(r for r in problem.enumerated if r.origin.key == key)
    return frozenset(
        i for i, c in enumerate(routes.candidates) if problem.scenario.pool(c.route.step(step.task).pool).tier == tier
    )


def _instead(problem: Problem, chosen: Candidate, now: Solution, cuts: list[Cut], what: str) -> Alternative | None:
    found = solve(problem, list(cuts))
    if found is None:
        return None
    other, key = found[0], chosen.origin.key
    candidate = other.candidates(problem)[key]
    step = heaviest(candidate, chosen) or heaviest(candidate)
    assert step is not None
    pool = problem.scenario.pool(step.pool)
    stock = (pool.name, key[1] if pool.local else None, step.variant.hardware)
    return Alternative(
        what,
        pool.name,
        pool.tier,
        step.variant.hardware,
        other.counts.get(stock, 0),
        step.variant.name,
        other.usd_per_month - now.usd_per_month,
        *_origin(step.variant),
    )


def excluded(problem: Problem, key: OriginKey, step: Step | None) -> list[Excluded]:
    """For every other pool and hardware, what the best candidate there breaks; none where one would do.

    A candidate that no rule excludes may still be too slow by waiting, with as many nodes as the scenario allows.
    """
    routes = next(r for r in problem.enumerated if r.origin.key == key)
    task = step.task if step else _main_task(routes)
    found = []
    for pool in problem.scenario.pools:
        for choice in choices(pool, routes.origin.group):
            if step is not None and (pool.name, choice) == (step.pool, step.variant.hardware):
                continue
            here = [c for c in routes.candidates if _runs(c, task, pool.name, choice)]
            broken = {id(c): c.broken or too_slow(problem, key, c) for c in here}
            if not all(broken.values()):
                continue
            if here:
                best = min(here, key=lambda c: _distance(broken[id(c)]))
                variant = best.route.step(task).variant
                found.append(
                    Excluded(pool.name, pool.tier, choice, variant.name, _in_order(broken[id(best)]), *_origin(variant))
                )
            else:
                place = (pool.name, choice, task)
                never = tuple(n.broken for n in routes.impossible if (n.pool.name, n.choice, n.task) == place)
                if never:
                    found.append(Excluded(pool.name, pool.tier, choice, "", never))
    return found


def _main_task(routes: Routes) -> str:
    tasks = routes.origin.workload.tasks
    return next((task.name for task in tasks if task.models), tasks[0].name)


def _runs(candidate: Candidate, task: str, pool: str, choice: str) -> bool:
    return any(s.task == task and s.pool == pool and s.variant.hardware == choice for s in candidate.route.steps)


def _in_order(broken: tuple[Broken, ...]) -> tuple[Broken, ...]:
    return tuple(sorted(broken, key=lambda b: PREFERENCE.index(b.requirement)))


def _distance(broken: tuple[Broken, ...]) -> tuple[int, int, float]:
    """Fewest requirements broken first; then latency before accuracy (as asked, only late); then the least."""
    first = _in_order(broken)[0]
    over = abs(first.found - first.limit) if first.found is not None and first.limit is not None else 0.0
    return len({b.requirement for b in broken}), PREFERENCE.index(first.requirement), over


def _possible_tiers(problem: Problem, key: OriginKey, step: Step) -> tuple[str, ...]:
    """Tiers on which some candidate meets everything, whatever it costs."""
    pools = (
        problem.scenario.pool(candidate.route.step(step.task).pool)
        for candidate in problem.candidates[key].values()
        if not too_slow(problem, key, candidate)
    )
    return tuple(dict.fromkeys(pool.tier for pool in pools))


def too_slow(problem: Problem, key: OriginKey, candidate: Candidate) -> tuple[Broken, ...]:
    """Limits that an admissible route misses by waiting, alone on its pools with as many nodes as it may have."""
    counts = {stock.key: stock.pool.count.high for stock in problem.stocks if uses(candidate, stock)}
    found = []
    for limit in Contracts(problem, {key: candidate}, counts).limits():
        if limit.broken:
            needed = f"{limit.planned_s * 1e3:.3g} ms" if math.isfinite(limit.planned_s) else "without bound"
            nodes = ", ".join(f"{count} {pool}" for (pool, _, _), count in counts.items() if count)
            text = f"{limit.latency.of} waits: {needed} ({limit.latency.metric}) with {nodes}"
            found.append(Broken("latency", text, limit.planned_s, limit.latency.limit_s, "s", limit.path))
    return tuple(found)


def _origin(variant: Variant) -> tuple[str, str, Origin]:
    return variant.origin.source, variant.origin.date, variant.origin.kind
