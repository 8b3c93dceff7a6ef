"""What would have to change for another tier to win: found by re-solving, confirmed on both sides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from planner.contracts import Contracts, latency_path, solve
from planner.milp import Cut, Solution
from planner.plans import Flip
from planner.problem import OriginKey, Problem, Stock
from planner.reasons import heaviest
from planner.wording import SLACK
from scenarios.figures import Figure
from scenarios.placement import Step
from scenarios.scenario import Scenario

STEPS = 8  # plans tried along one axis
FREE_S = 1e6  # a latency limit that binds nobody


def flips(problem: Problem, solution: Solution, cuts: list[Cut]) -> tuple[Flip, ...]:
    """Limits, accuracy floors and assumed prices at which another tier takes over, each alone."""
    found = []
    for key, candidate in solution.candidates(problem).items():
        step = heaviest(candidate)
        if step is None:
            continue
        found += [*_limits(problem, key, step, cuts), *_floors(problem, key, step, cuts)]
    found += _prices(problem, solution, cuts)
    alike = {(flip.path, flip.at, flip.pool): flip for flip in reversed(found)}  # groups that flip together
    return tuple(reversed(alike.values()))


def tier_of(problem: Problem, solution: Solution, key: OriginKey) -> tuple[str, Step]:
    step = heaviest(solution.candidates(problem)[key])
    assert step is not None
    return problem.scenario.pool(step.pool).tier, step


def _limits(problem: Problem, key: OriginKey, now: Step, cuts: list[Cut]) -> Iterator[Flip]:
    """Loosen one latency limit without bound, then tighten it to just below what the winner needs, until the tier
    is the present one again: the last winner's need, rounded up, is the flip."""
    workload = problem.scenario.workload(key[0])
    kept = _of_others(cuts, key)
    for latency in workload.requires.latency:
        path = latency_path(workload.name, latency)
        limit, at = FREE_S, None
        for _ in range(STEPS):
            changed = problem.relax({path: limit})
            solved = _other_tier(changed, key, now, kept)
            if solved is None:
                break
            at = Contracts(changed, solved[0].candidates(changed), solved[0].counts).planned(key, latency)
            limit = at * (1 - 1e-6)
        if at is None or at <= latency.limit_s:
            continue
        shown = _rounded_up(at)
        solved = _other_tier(problem.relax({path: shown}), key, now, kept)
        if solved is not None:
            setting = f"{path}='{_rounded_up(shown * SLACK) * 1e3:g} ms'"
            yield _flip(
                problem, path, f"{latency.of} {latency.metric} limit", latency.limit_s, shown, "s", solved[1], setting
            )


def _floors(problem: Problem, key: OriginKey, now: Step, cuts: list[Cut]) -> Iterator[Flip]:
    """Lower the accuracy floor through every accuracy that a candidate has, until another tier wins."""
    workload = problem.scenario.workload(key[0])
    floor = workload.requires.accuracy_at_least
    if floor is None:
        return
    path = f"workloads.{workload.name}.requires.accuracy.at_least"
    routes = next(r for r in problem.enumerated if r.origin.key == key)
    known = {c.accuracy for c in routes.candidates if c.accuracy is not None and c.accuracy < floor}
    for value in sorted(known, reverse=True):
        shown = math.floor(value * 1000 + 1e-9) / 1000
        solved = _other_tier(problem.relax({path: shown}), key, now, _of_others(cuts, key))
        if solved is not None:
            yield _flip(problem, path, "accuracy floor", floor, shown, "", solved[1], f"{path}='{shown * 100:g} %'")
            return


def _prices(problem: Problem, solution: Solution, cuts: list[Cut]) -> Iterator[Flip]:
    """Hardware whose price is only assumed."""
    for choice, price in assumed_prices(problem.scenario, problem.stocks).items():
        found = price_flip(problem, solution, cuts, choice)
        if found is None:
            continue
        at = found[0] * price.value
        shown = math.ceil(at) if found[0] > 1 else math.floor(at)
        path = price_path(choice)
        yield _flip(problem, path, f"price of {choice}", price.value, shown, "USD", found[1], f"{path}='{shown} USD'")


def assumed_prices(scenario: Scenario, among: Iterable[Stock]) -> dict[str, Figure]:
    """By hardware: the prices that are tried, those that nobody has seen and that are on a bill."""
    tried = {}
    for choice in dict.fromkeys(stock.choice for stock in among if stock.pool.hardware and stock.priced_each):
        price = scenario.prices.node(choice).price
        if price is not None and price.kind == "assumed":
            tried[choice] = price
    return tried


def price_path(choice: str) -> str:
    """Where the price of a hardware is changed."""
    return f"prices.{choice}.price"


def _flip(problem: Problem, path: str, what: str, now: float, at: float, unit: str, winner: Step, setting: str) -> Flip:
    tier = problem.scenario.pool(winner.pool).tier
    return Flip(path, what, now, at, unit, winner.pool, tier, winner.variant.hardware, setting)


def _other_tier(problem: Problem, key: OriginKey, now: Step, cuts: list[Cut]) -> tuple[Solution, Step] | None:
    """The plan of a changed problem, if another tier wins there."""
    solved = solve(problem, list(cuts))
    if solved is None:
        return None
    tier, step = tier_of(problem, solved[0], key)
    return None if tier == problem.scenario.pool(now.pool).tier else (solved[0], step)


def _of_others(cuts: list[Cut], key: OriginKey) -> list[Cut]:
    """Cuts that still hold when a requirement of a workload changes, at whatever sites."""
    return [cut for cut in cuts if cut.origin[0] != key[0]]


def _rounded_up(seconds: float) -> float:
    """To three digits, never down."""
    digits = 2 - math.floor(math.log10(seconds))
    return float(round(math.ceil(seconds * 10**digits - 1e-6) / 10**digits, digits))


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
