"""What everybody would try first: everything in the cloud, everything at the edge; priced, with what it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from planner.bill import price, total
from planner.contracts import Contracts
from planner.flows import Queue, planned_usage
from planner.formats import short_percent
from planner.milp import Programme
from planner.plans import Baseline, Broken
from planner.problem import OriginKey, Problem
from planner.routes import Candidate
from scenarios.places import CLOUD_TIERS, EDGE_TIERS


def baselines(problem: Problem) -> tuple[Baseline, ...]:
    """The cheapest stable placement on some tiers with every other requirement dropped; of equal ones the one that
    breaks the fewest rules.

    A task that cannot run on those tiers at all stays wherever it can; an overloaded link is priced and listed.
    """
    return tuple(
        _baseline(problem, name, tiers) for name, tiers in (("all_cloud", CLOUD_TIERS), ("all_edge", EDGE_TIERS))
    )


def _baseline(problem: Problem, name: str, tiers: tuple[str, ...]) -> Baseline:
    possible = _possible(problem, tiers)
    free = problem.lenient_on(_only(problem, tiers, possible))
    broken = {(key, i): float(len(c.broken)) for key, some in free.candidates.items() for i, c in some.items()}
    solution = Programme(free, []).solve_with_least(broken) if any(possible.values()) else None
    if solution is None:
        return Baseline(name, None, None, ())
    chosen = solution.candidates(free)
    placement = solution.placement(free)
    usd = total(price(problem.scenario, placement, planned_usage(problem.scenario, placement))) + problem.standing_usd
    contracts = Contracts(problem, chosen, solution.counts)
    return Baseline(
        name, usd, placement, (*_elsewhere(problem, possible, name), *breaks(problem, chosen, contracts, usd))
    )


def _possible(problem: Problem, tiers: tuple[str, ...]) -> dict[OriginKey, set[str]]:
    """Tasks that can run on the tiers at all."""
    tier = {pool.name: pool.tier for pool in problem.scenario.pools}
    found: dict[OriginKey, set[str]] = {}
    for routes in problem.enumerated:
        steps = (step for candidate in routes.candidates for step in candidate.route.steps)
        found[routes.origin.key] = {step.task for step in steps if tier[step.pool] in tiers}
    return found


def _elsewhere(problem: Problem, possible: dict[OriginKey, set[str]], name: str) -> Iterator[Broken]:
    """Tasks that cannot run on the tiers: named, since the baseline is not what its name says."""
    for workload in problem.scenario.workloads:
        runs = set().union(*(tasks for key, tasks in possible.items() if key[0] == workload.name))
        for task in workload.tasks:
            if task.store_at is None and task.name not in runs:
                where = name.removeprefix("all_")
                yield Broken(
                    "place",
                    f"{task.name} cannot run in the {where}: it stays elsewhere",
                    path=f"{workload.name}.{task.name}",
                )


def _only(problem: Problem, tiers: tuple[str, ...], possible: dict[OriginKey, set[str]]) -> Callable[[Candidate], bool]:
    tier = {pool.name: pool.tier for pool in problem.scenario.pools}

    def keep(candidate: Candidate) -> bool:
        bound = possible[candidate.origin.key]
        return all(tier[step.pool] in tiers for step in candidate.route.steps if step.task in bound)

    return keep


def overloaded_links(chosen: Iterable[Candidate]) -> Iterator[Broken]:
    """Links that all origins together load beyond what they carry."""
    loads: dict[Queue, float] = {}
    for candidate in chosen:
        for flow in candidate.flows:
            if flow.queue.kind == "link" and flow.exact:
                loads[flow.queue] = loads.get(flow.queue, 0.0) + flow.load
    for queue, load in sorted(loads.items()):
        if load > 1:
            yield Broken(
                "uplink", f"{queue.name} would be loaded {short_percent(load)}", load, 1.0, "", f"links.{queue.name}"
            )


def breaks(
    problem: Problem, chosen: dict[OriginKey, Candidate], contracts: Contracts, usd_per_month: float
) -> tuple[Broken, ...]:
    """Every requirement that a placement breaks, by rule or by contract, once each."""
    found: dict[tuple[str, str], Broken] = {}
    for candidate in chosen.values():
        for broken in candidate.broken:
            found.setdefault((broken.requirement, broken.path), broken)
    for broken in overloaded_links(chosen.values()):
        found.setdefault((broken.requirement, broken.path), broken)
    for limit in contracts.limits():
        if limit.planned_s > limit.latency.limit_s:
            late = f"{limit.planned_s * 1e3:.3g} ms" if limit.planned_s < float("inf") else "without bound"
            text = f"{limit.latency.of} {limit.latency.metric} {late}"
            broken = Broken("latency", text, limit.planned_s, limit.latency.limit_s, "s", limit.path)
            slower = found.setdefault(("latency", limit.path), broken)
            if (slower.found or 0.0) < limit.planned_s:  # the rule says what it takes where nobody waits
                found["latency", limit.path] = broken
    budget = problem.scenario.budget_usd_per_month
    if budget is not None and usd_per_month > budget:
        found["budget", ""] = Broken(
            "budget", f"{usd_per_month:,.0f} USD a month", usd_per_month, budget, "USD", "limits.budget"
        )
    return tuple(found.values())
