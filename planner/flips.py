"""What would have to change for another tier to win: found by re-solving, confirmed on both sides."""

from __future__ import annotations

import math
from dataclasses import replace

from planner.contracts import Contracts, latency_path, solve
from planner.milp import Cut, Solution
from planner.plans import Flip
from planner.problem import OriginKey, Problem
from planner.reasons import heaviest
from scenarios.placement import Step

STEPS = 8  # plans tried along one axis


def flips(problem: Problem, solution: Solution, cuts: list[Cut]) -> tuple[Flip, ...]:
    """Limits, accuracy floors and assumed prices at which another tier takes over, each alone."""
    found = []
    for key, candidate in solution.candidates(problem).items():
        step = heaviest(candidate)
        if step is None:
            continue
        found += [*_limits(problem, key, step, cuts), *_floors(problem, key, step, cuts)]
    return (*found, *_prices(problem, solution, cuts))


def tier_of(problem: Problem, solution: Solution, key: OriginKey) -> tuple[str, Step]:
    step = heaviest(solution.candidates(problem)[key])
    assert step is not None
    return problem.scenario.pool(step.pool).tier, step


def _limits(problem: Problem, key: OriginKey, now: Step, cuts: list[Cut]) -> list[Flip]:
    """Loosen one latency limit without bound, then tighten it to just below what the winner needs, until the tier
    is the present one again: the last winner's need is the flip."""
    found = []
    workload = problem.scenario.workload(key[0])
    tier = problem.scenario.pool(now.pool).tier
    kept = [cut for cut in cuts if cut.origin != key]
    for latency in workload.requires.latency:
        path = latency_path(workload.name, latency)
        limit, at, winner = 1e6, None, None
        for _ in range(STEPS):
            changed = problem.relax({path: limit})
            solved = solve(changed, list(kept))
            if solved is None or tier_of(changed, solved[0], key)[0] == tier:
                break
            winner = tier_of(changed, solved[0], key)[1]
            contracts = Contracts(changed, solved[0].candidates(changed), solved[0].counts)
            at = contracts.planned(key, latency)
            limit = at * (1 - 1e-6)
        if at is not None and winner is not None and at > latency.limit_s:
            shown = math.ceil(at * 1e4) / 1e4
            found.append(
                Flip(
                    path,
                    f"{latency.of} {latency.metric} limit",
                    latency.limit_s,
                    at,
                    "s",
                    winner.pool,
                    problem.scenario.pool(winner.pool).tier,
                    winner.variant.hardware,
                    f"{path}='{shown * 1e3:g} ms'",
                )
            )
    return found


def _floors(problem: Problem, key: OriginKey, now: Step, cuts: list[Cut]) -> list[Flip]:
    """Lower the accuracy floor through every accuracy that a candidate has, until another tier wins."""
    workload = problem.scenario.workload(key[0])
    floor = workload.requires.accuracy_at_least
    if floor is None:
        return []
    path = f"workloads.{workload.name}.requires.accuracy.at_least"
    tier = problem.scenario.pool(now.pool).tier
    routes = next(r for r in problem.enumerated if r.origin.key == key)
    values = sorted(
        {c.accuracy for c in routes.candidates if c.accuracy is not None and c.accuracy < floor}, reverse=True
    )
    for value in values:
        changed = problem.relax({path: value})
        solved = solve(changed, [cut for cut in cuts if cut.origin != key])
        if solved is None:
            continue
        here, step = tier_of(changed, solved[0], key)
        if here != tier:
            shown = math.floor(value * 100)
            setting = f"{path}='{shown} %'"
            return [Flip(path, "accuracy floor", floor, value, "", step.pool, here, step.variant.hardware, setting)]
    return []


def _prices(problem: Problem, solution: Solution, cuts: list[Cut]) -> list[Flip]:
    """Hardware whose price is only assumed."""
    found = []
    for choice in dict.fromkeys(stock.choice for stock in problem.stocks if stock.pool.hardware and stock.priced_each):
        price = problem.scenario.prices.node(choice).price
        flip = price_flip(problem, solution, cuts, choice) if price is not None and price.kind == "assumed" else None
        if price is None or flip is None:
            continue
        factor, step = flip
        at = factor * price.value
        shown = math.ceil(at) if factor > 1 else math.floor(at)
        path = f"prices.{choice}.price"
        pool = problem.scenario.pool(step.pool)
        setting = f"{path}='{shown} USD'"
        found.append(
            Flip(
                path, f"price of {choice}", price.value, at, "USD", pool.name, pool.tier, step.variant.hardware, setting
            )
        )
    return found


def price_flip(problem: Problem, solution: Solution, cuts: list[Cut], choice: str) -> tuple[float, Step] | None:
    """The factor on the price of one hardware or offer at which another tier wins, and what wins or loses there.

    Costs are linear in the factor: the break-even with the plan met at one end is followed towards today's price
    until nothing else wins there.
    """
    tiers = {
        key: tier_of(problem, solution, key)[0] for key, c in solution.candidates(problem).items() if c.route.steps
    }
    dearer = any(stock[2] == choice and count for stock, count in solution.counts.items())
    factor = 1e4 if dearer else 0.0
    at: tuple[float, Step] | None = None
    for _ in range(STEPS):
        changed = replace(problem, scale={choice: factor})
        solved = solve(changed, list(cuts))
        if solved is None:
            return at
        other = next(
            (s for key, t in tiers.items() if (s := tier_of(changed, solved[0], key)[1]) and _moved(changed, s, t)),
            None,
        )
        if other is None:
            return at
        mine, theirs = _cost(problem, solution, choice), _cost(problem, solved[0], choice)
        if mine[1] == theirs[1]:
            return at
        even = (theirs[0] - mine[0]) / (mine[1] - theirs[1])
        at = (even, other)
        factor = even * (1 - 1e-6) if dearer else even * (1 + 1e-6)
    return at


def _moved(problem: Problem, step: Step, tier: str) -> bool:
    return problem.scenario.pool(step.pool).tier != tier


def _cost(problem: Problem, solution: Solution, choice: str) -> tuple[float, float]:
    """(what does not depend on the price of the choice, what is proportional to it) [USD a month]."""
    priced = sum(
        stock.priced_each * solution.counts[stock.key] + stock.priced_spare
        for stock in problem.stocks
        if stock.choice == choice and stock.key in solution.counts
    )
    routes = sum(problem.route_usd[item] for item in solution.chosen.items())
    nodes = sum(
        stock.usd_each * solution.counts[stock.key] + stock.usd_spare
        for stock in problem.stocks
        if stock.key in solution.counts
    )
    return routes + nodes - priced, priced
