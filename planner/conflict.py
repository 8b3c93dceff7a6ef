"""When no placement meets everything: which requirement stands in the way, and the least change of each that helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from planner.baselines import overloaded_links
from planner.contracts import Contracts, latency_path, solve
from planner.milp import Solution
from planner.plans import Broken, Excluded, Relaxation
from planner.problem import Problem, Stock
from planner.reasons import excluded
from planner.routes import Candidate
from planner.verification import search, simulate
from scenarios.pools import Count
from scenarios.scenario import Scenario
from scenarios.workloads import Latency

STEPS = 8
MORE_NODES = 8  # times the highest count that is tried


def broken_everywhere(problem: Problem) -> tuple[Excluded, ...]:
    """For every pool and hardware what the best route there breaks, by rule or by waiting at the highest count."""
    return tuple(one for routes in problem.enumerated for one in excluded(problem, routes.origin.key, None))


def relaxations(problem: Problem, *, seed: int) -> tuple[Relaxation, ...]:
    """Each requirement, and each bound on a count, relaxed alone to the least that makes a plan."""
    found: list[Relaxation] = []
    for workload in problem.scenario.workloads:
        for latency in workload.requires.latency:
            found += _latency(problem, workload.name, latency, seed)
        found += _accuracy(problem, workload.name, seed)
    found += [*_rules(problem, seed), *_counts(problem, seed), *_budget(problem)]
    return tuple(found)


def _latency(problem: Problem, workload: str, latency: Latency, seed: int) -> Iterator[Relaxation]:
    """The least that the contracts promise, or what the simulation of that placement shows where it is more."""
    path = latency_path(workload, latency)
    needed, limit, least = None, 1e6, None
    for _ in range(STEPS):
        changed = problem.relax({path: limit})
        solved = solve(changed, [])
        if solved is None:
            break
        contracts = Contracts(changed, solved[0].candidates(changed), solved[0].counts)
        needed, least = max(one.planned_s for one in contracts.limits() if one.path == path), solved[0]
        limit = needed * (1 - 1e-6)
    if needed is not None and least is not None:
        changed = problem.relax({path: 1e6})
        result = simulate(changed, least, seed=seed).result
        seen = max(
            result.percentile(workload, latency.of, latency.percentile, key[1]).value
            for key in least.chosen
            if key[0] == workload
        )
        what = f"{latency.of} {latency.metric} limit"
        yield Relaxation(path, what, latency.limit_s, max(needed, seen), "s", least.usd_per_month)


def _accuracy(problem: Problem, workload: str, seed: int) -> Iterator[Relaxation]:
    floor = problem.scenario.workload(workload).requires.accuracy_at_least
    if floor is None:
        return
    path = f"workloads.{workload}.requires.accuracy.at_least"
    known = {c.accuracy for r in problem.enumerated for c in r.candidates if r.origin.workload.name == workload}
    for value in sorted((v for v in known if v is not None and v < floor), reverse=True):
        usd = _possible(problem.relax({path: value}), seed)
        if usd is not None:
            yield Relaxation(path, "accuracy floor", floor, value, "", usd)
            return


def _rules(problem: Problem, seed: int) -> Iterator[Relaxation]:
    """Rules that hold or not (privacy, offline, tiers), and links that are too small."""
    rules: dict[str, Broken] = {}
    for routes in problem.enumerated:
        for candidate in routes.candidates:
            for broken in candidate.broken:
                if broken.requirement not in ("latency", "accuracy") and broken.path:
                    rules.setdefault(broken.path, broken)
    for broken in overloaded_links(_least_loaded(problem)):
        rules.setdefault(broken.path, broken)
    for path, broken in rules.items():
        usd = _possible(problem.relax({path: None}), seed)
        if usd is not None:
            what = f"without: {broken.text}"
            yield Relaxation(path, what, broken.limit or 0.0, broken.found, broken.unit, usd)


def _least_loaded(problem: Problem) -> list[Candidate]:
    """Of each origin the admissible route that loads the links least."""
    every = (list(candidates.values()) for candidates in problem.candidates.values() if candidates)
    return [min(some, key=lambda c: sum(f.load for f in c.flows if f.queue.kind == "link")) for some in every]


def _possible(problem: Problem, seed: int) -> float | None:
    """Cost of a plan that the contracts promise, else of one that only the simulation shows [USD a month]."""
    solved = solve(problem, [])
    if solved is not None:
        return solved[0].usd_per_month
    found = search(problem, seed=seed, progress=lambda _: None).plan
    return found.solution.usd_per_month if found else None


def _counts(problem: Problem, seed: int) -> Iterator[Relaxation]:
    """The highest count of each pool, one pool at a time: the fewest nodes that make a plan, also when simulated."""
    for pool in problem.scenario.pools:
        if pool.count.fixed or pool.dispatch == "own":
            continue
        most = pool.count.high * MORE_NODES
        solved = _with_count(problem, pool.name, most)
        used = [n for key, n in solved[1].counts.items() if key[0] == pool.name] if solved else []
        low, high = pool.count.high, max(used, default=0)
        if solved is None or high <= low:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            found = _with_count(problem, pool.name, middle)
            low, high, solved = (middle, high, solved) if found is None else (low, middle, found)
        while solved is not None and simulate(*solved, seed=seed).missed:
            high += max(1, high // 4)
            solved = _with_count(problem, pool.name, high, at_least=high) if high <= most else None
        if solved is not None:
            per = f" per {pool.count.per}" if pool.count.per else ""
            usd = solved[1].usd_per_month
            yield Relaxation(f"pools.{pool.name}.count", f"{pool.name}{per}", pool.count.high, high, "nodes", usd)


def _with_count(problem: Problem, name: str, high: int, at_least: int | None = None) -> tuple[Problem, Solution] | None:
    def widened(stock: Stock) -> Stock:
        count = stock.pool.count
        low = count.low if at_least is None else at_least
        return replace(stock, pool=replace(stock.pool, count=Count(low, high, count.per)))

    stocks = tuple(widened(stock) if stock.pool.name == name else stock for stock in problem.stocks)
    changed = replace(problem, stocks=stocks)
    solved = solve(changed, [])
    return (changed, solved[0]) if solved else None


def _budget(problem: Problem) -> Iterator[Relaxation]:
    scenario: Scenario = problem.scenario
    if scenario.budget_usd_per_month is not None:
        solved = solve(problem.relax({"limits.budget": None}), [])
        if solved is not None:
            usd = solved[0].usd_per_month
            yield Relaxation("limits.budget", "budget", scenario.budget_usd_per_month, usd, "USD", usd)
