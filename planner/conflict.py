"""When no placement meets everything: which requirement stands in the way, and the least change of each that helps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from planner.contracts import Contracts, latency_path, solve
from planner.milp import Solution, uses
from planner.plans import Broken, Excluded, Relaxation
from planner.problem import OriginKey, Problem
from planner.reasons import excluded, heaviest
from planner.routes import Candidate
from planner.verification import search
from scenarios.pools import Count
from scenarios.scenario import Scenario
from scenarios.workloads import Latency

STEPS = 8
MORE_NODES = 8  # times the highest count that is tried


def broken_everywhere(problem: Problem) -> tuple[Excluded, ...]:
    """For every pool and hardware what the best route there breaks, by rule or by waiting at the highest count."""
    found: list[Excluded] = []
    for routes in problem.enumerated:
        key = routes.origin.key
        found += excluded(problem, key, None)
        for candidate in problem.candidates[key].values():
            step = heaviest(candidate)
            if step is not None:
                pool = problem.scenario.pool(step.pool)
                broken = tuple(_too_slow(problem, key, candidate))
                if broken:
                    found.append(Excluded(pool.name, pool.tier, step.variant.hardware, step.variant.name, broken))
    return tuple(found)


def _too_slow(problem: Problem, key: OriginKey, candidate: Candidate) -> Iterator[Broken]:
    """Limits that the route misses although it has all its pools to itself, each with as many nodes as it may have."""
    counts = {stock.key: stock.pool.count.high for stock in problem.stocks if uses(candidate, stock)}
    for limit in Contracts(problem, {key: candidate}, counts).limits():
        if limit.broken:
            needed = f"{limit.planned_s * 1e3:.3g} ms" if math.isfinite(limit.planned_s) else "without bound"
            nodes = ", ".join(f"{count} {pool}" for (pool, _, _), count in counts.items() if count)
            text = f"{limit.latency.of} waits: {needed} ({limit.latency.metric}) with {nodes}"
            yield Broken("latency", text, limit.planned_s, limit.latency.limit_s, "s", limit.path)


def relaxations(problem: Problem, *, seed: int) -> tuple[Relaxation, ...]:
    """Each requirement, and each bound on a count, relaxed alone to the least that makes a plan."""
    found: list[Relaxation] = []
    for workload in problem.scenario.workloads:
        for latency in workload.requires.latency:
            found += _latency(problem, workload.name, latency)
        found += _accuracy(problem, workload.name, seed)
    found += [*_rules(problem, seed), *_counts(problem), *_budget(problem)]
    return tuple(found)


def _latency(problem: Problem, workload: str, latency: Latency) -> Iterator[Relaxation]:
    path = latency_path(workload, latency)
    needed, usd, limit = None, None, 1e6
    for _ in range(STEPS):
        changed = problem.relax({path: limit})
        solved = solve(changed, [])
        if solved is None:
            break
        contracts = Contracts(changed, solved[0].candidates(changed), solved[0].counts)
        here = [one.planned_s for one in contracts.limits() if one.path == path]
        needed, usd = max(here), solved[0].usd_per_month
        limit = needed * (1 - 1e-6)
    if needed is not None:
        what = f"{latency.of} {latency.metric} limit"
        yield Relaxation(path, what, latency.limit_s, needed, "s", usd)


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
    for path, broken in rules.items():
        usd = _possible(problem.relax({path: None}), seed)
        if usd is not None:
            yield Relaxation(path, f"without: {broken.text}", broken.limit or 0.0, broken.found, broken.unit, usd)


def _possible(problem: Problem, seed: int) -> float | None:
    """Cost of a plan that the contracts promise, else of one that only the simulation shows [USD a month]."""
    solved = solve(problem, [])
    if solved is not None:
        return solved[0].usd_per_month
    found = search(problem, seed=seed, progress=lambda _: None).plan
    return found.solution.usd_per_month if found else None


def _counts(problem: Problem) -> Iterator[Relaxation]:
    """The highest count of each pool, one pool at a time: the fewest nodes that make a plan."""
    for pool in problem.scenario.pools:
        if pool.count.fixed or pool.dispatch == "own":
            continue
        solved = _with_count(problem, pool.name, pool.count.high * MORE_NODES)
        if solved is None:
            continue
        low, high = pool.count.high, max(n for key, n in solved.counts.items() if key[0] == pool.name)
        while high - low > 1:
            middle = (low + high) // 2
            found = _with_count(problem, pool.name, middle)
            if found is None:
                low = middle
            else:
                high, solved = middle, found
        per = f" per {pool.count.per}" if pool.count.per else ""
        yield Relaxation(
            f"pools.{pool.name}.count", f"{pool.name}{per}", pool.count.high, high, "nodes", solved.usd_per_month
        )


def _with_count(problem: Problem, name: str, high: int) -> Solution | None:
    stocks = tuple(
        replace(s, pool=replace(s.pool, count=Count(s.pool.count.low, high, s.pool.count.per)))
        if s.pool.name == name
        else s
        for s in problem.stocks
    )
    solved = solve(replace(problem, stocks=stocks), [])
    return solved[0] if solved else None


def _budget(problem: Problem) -> Iterator[Relaxation]:
    scenario: Scenario = problem.scenario
    if scenario.budget_usd_per_month is not None:
        solved = solve(problem.relax({"limits.budget": None}), [])
        if solved is not None:
            usd = solved[0].usd_per_month
            yield Relaxation("limits.budget", "budget", scenario.budget_usd_per_month, usd, "USD", usd)
