"""What everybody would try first: everything in the cloud, everything at the edge; priced, with what it breaks."""

from __future__ import annotations

from collections.abc import Callable

from planner.bill import price, total
from planner.contracts import Contracts
from planner.flows import planned_usage
from planner.milp import Programme
from planner.plans import Baseline, Broken
from planner.problem import OriginKey, Problem
from planner.routes import Candidate
from scenarios.places import CLOUD_TIERS, EDGE_TIERS


def baselines(problem: Problem) -> tuple[Baseline, ...]:
    """The cheapest stable placement on some tiers with every other requirement dropped.

    A task that cannot run on those tiers at all stays wherever it can; an overloaded link is priced and listed.
    """
    return tuple(
        _baseline(problem, name, tiers) for name, tiers in (("all_cloud", CLOUD_TIERS), ("all_edge", EDGE_TIERS))
    )


def _baseline(problem: Problem, name: str, tiers: tuple[str, ...]) -> Baseline:
    free = problem.lenient_on(_only(problem, tiers))
    solution = Programme(free, []).solve()
    if solution is None:
        return Baseline(name, None, None, ())
    placement = solution.placement(free)
    chosen = solution.candidates(free)
    return Baseline(
        name,
        total(price(problem.scenario, placement, planned_usage(problem.scenario, placement))) + problem.standing_usd,
        placement,
        breaks(problem, chosen, Contracts(problem, chosen, solution.counts), solution.usd_per_month),
    )


def _only(problem: Problem, tiers: tuple[str, ...]) -> Callable[[Candidate], bool]:
    tier = {pool.name: pool.tier for pool in problem.scenario.pools}
    possible: dict[OriginKey, set[str]] = {}
    for routes in problem.enumerated:
        steps = (step for candidate in routes.candidates for step in candidate.route.steps)
        possible[routes.origin.key] = {step.task for step in steps if tier[step.pool] in tiers}

    def keep(candidate: Candidate) -> bool:
        bound = possible[candidate.origin.key]
        return all(tier[step.pool] in tiers for step in candidate.route.steps if step.task in bound)

    return keep


def breaks(
    problem: Problem, chosen: dict[OriginKey, Candidate], contracts: Contracts, usd_per_month: float
) -> tuple[Broken, ...]:
    """Every requirement that a placement breaks, by rule or by contract, once each."""
    found: dict[tuple[str, str], Broken] = {}
    for candidate in chosen.values():
        for broken in candidate.broken:
            found.setdefault((broken.requirement, broken.path), broken)
    for limit in contracts.limits():
        if limit.planned_s > limit.latency.limit_s:
            late = f"{limit.planned_s * 1e3:.3g} ms" if limit.planned_s < float("inf") else "without bound"
            text = f"{limit.latency.of} {limit.latency.metric} {late}"
            broken = Broken("latency", text, limit.planned_s, limit.latency.limit_s, "s", limit.path)
            found.setdefault(("latency", limit.path), broken)
    budget = problem.scenario.budget_usd_per_month
    if budget is not None and usd_per_month > budget:
        found["budget", ""] = Broken(
            "budget", f"{usd_per_month:,.0f} USD a month", usd_per_month, budget, "USD", "limits.budget"
        )
    return tuple(found.values())
