"""Placements that were simulated on the way to a plan, and why they are not the plan."""

from __future__ import annotations

from collections.abc import Iterator

from planner.contracts import Limit
from planner.milp import Solution, uses
from planner.plans import Tried
from planner.problem import Problem
from planner.verification import Outcome, Verified
from planner.wording import nodes_in_words
from sim.measures import Interval

CENT = 0.005


def tried(problem: Problem, outcome: Outcome) -> tuple[Tried, ...]:
    """Those cheaper than the plan, cheapest first; without a plan all of them."""
    most = outcome.plan.solution.usd_per_month - CENT if outcome.plan else float("inf")
    cheaper = [one for one in outcome.tried if one.solution.usd_per_month < most]
    return tuple(_tried(problem, one) for one in sorted(cheaper, key=lambda one: one.solution.usd_per_month))


def _tried(problem: Problem, verified: Verified) -> Tried:
    limit = max(verified.missed or verified.undecided, key=lambda one: _over(verified, one))
    seen = _seen(verified, limit)
    return Tried(
        verified.solution.usd_per_month,
        tuple(_nodes(problem, verified.solution)),
        limit.origin[0],
        limit.latency.of,
        limit.latency.metric,
        limit.origin[1],
        limit.latency.limit_s,
        seen.value,
        seen.low,
        seen.high,
        "missed" if verified.missed else "undecided",
        verified.result.replications,
    )


def _seen(verified: Verified, limit: Limit) -> Interval:
    return verified.result.percentile(limit.origin[0], limit.latency.of, limit.latency.percentile, limit.origin[1])


def _over(verified: Verified, limit: Limit) -> float:
    return _seen(verified, limit).value / limit.latency.limit_s


def _nodes(problem: Problem, solution: Solution) -> Iterator[str]:
    """Of every pool that runs something."""
    chosen = solution.candidates(problem).values()
    for stock in problem.stocks:
        if any(uses(candidate, stock) for candidate in chosen):
            yield nodes_in_words(problem.scenario, *stock.key, solution.counts.get(stock.key, 0))
