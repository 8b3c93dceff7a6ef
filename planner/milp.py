"""The mixed-integer linear programme: routes and node counts at least cost, over what the contracts allow.

========================  ============================================================================
x[origin, route]          1 where the sites of an origin take a route
h[pool, group, choice]    1 where a pool is built on a hardware or offer
n[pool, group, choice]    nodes bought, as the scenario counts them
e[stock, m]               1 only where at least m nodes of the stock are bought
========================  ============================================================================

Money is in USD a month, loads in erlang.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import pulp

from planner.problem import OriginKey, Problem, Stock, StockKey
from planner.routes import Candidate
from scenarios.placement import Nodes, Placement

SAME_USD = 1e-6  # a month: placements that differ by less cost the same


@dataclass(frozen=True)
class Cut:
    """While the origin takes one of ``routes`` and each of ``others`` one of theirs, one of ``need`` must hold.

    ``need`` lists pools with a number of nodes; empty where no number helps. ``by`` says who found it.
    """

    origin: OriginKey
    routes: frozenset[int]
    others: tuple[tuple[OriginKey, frozenset[int]], ...]
    need: tuple[tuple[StockKey, int], ...]
    by: Literal["contract", "simulation"]


@dataclass(frozen=True)
class Solution:
    """An optimum of the MILP, with the solver's proof."""

    chosen: dict[OriginKey, int]
    counts: dict[StockKey, int]  # every stock whose hardware was picked
    usd_per_month: float
    bound: float
    gap: float
    seconds: float

    def candidates(self, problem: Problem) -> dict[OriginKey, Candidate]:
        return {key: problem.candidates[key][number] for key, number in self.chosen.items()}

    def placement(self, problem: Problem) -> Placement:
        chosen = self.candidates(problem).values()
        nodes = []
        for stock in problem.stocks:
            count = self.counts.get(stock.key, 0)
            if count or any(stock.nodeless and uses(candidate, stock) for candidate in chosen):
                nodes.append(Nodes(*stock.key, count, stock.pool.spare if count else 0))
        return Placement(tuple(candidate.route for candidate in chosen), tuple(nodes))


class Programme:
    """Variables and rows of one solve."""

    def __init__(self, problem: Problem, cuts: Sequence[Cut]) -> None:
        self.problem = problem
        self.lp = pulp.LpProblem("placement", pulp.LpMinimize)
        self._names: set[str] = set()
        self.x = {
            (key, i): self._variable("x", *_words(key), i)
            for key, candidates in problem.candidates.items()
            for i in candidates
        }
        self.h = {stock.key: self._variable("h", *_words(stock.key)) for stock in problem.stocks}
        self.n = {
            stock.key: self._variable("n", *_words(stock.key), upper=stock.pool.count.high)
            for stock in problem.stocks
            if not stock.nodeless
        }
        self.e: dict[tuple[StockKey, int], pulp.LpVariable] = {}
        self._objective()
        for group in (one_route, one_hardware, hardware_of_routes, counts, pool_load, link_load, budget):
            group(self)
        at_least(self, cuts)

    def _variable(self, *words: object, upper: int = 1) -> pulp.LpVariable:
        return self.lp.add_variable(self._named("_".join(str(word) for word in words)), 0, upper, pulp.LpInteger)

    def _named(self, wanted: str) -> str:
        """A name that the LP format takes and that nothing else has (`site-a` and `site a` would collide)."""
        clean = name = re.sub(r"\W", "_", wanted)
        number = 1
        while name in self._names:
            number += 1
            name = f"{clean}_{number}"
        self._names.add(name)
        return name

    def row(self, name: str, terms: Iterable[tuple[pulp.LpVariable, float]], sense: int, right: float) -> None:
        self.lp += pulp.LpConstraint(pulp.LpAffineExpression(list(terms)), sense, self._named(name), right)

    def _objective(self) -> None:
        """min Σ route cost · x + Σ node cost · n + Σ spare cost · h"""
        problem = self.problem
        terms = [(x, problem.route_usd[key]) for key, x in self.x.items()]
        for stock in problem.stocks:
            if stock.key in self.n:
                terms += [(self.n[stock.key], problem.usd_each(stock)), (self.h[stock.key], problem.usd_spare(stock))]
        self.lp += pulp.LpAffineExpression(terms, constant=problem.standing_usd)

    def more_than(self, stock: StockKey, m: int) -> pulp.LpVariable:
        """e[stock, m], with its row m · e ≤ n."""
        if (stock, m) not in self.e:
            e = self.e[stock, m] = self._variable("e", *_words(stock), m)
            self.row(f"reaches_{'_'.join(_words(stock))}_{m}", [(e, m), (self.n[stock], -1)], pulp.LpConstraintLE, 0)
        return self.e[stock, m]

    def solve(self) -> Solution | None:
        """The optimum, or ``None`` where no placement satisfies the rows.

        Raises
        ------
        RuntimeError
            When the solver stops without a proof of either.
        """
        if any(not candidates for candidates in self.problem.candidates.values()):
            return None
        started = time.perf_counter()
        self.lp.solve(pulp.HiGHS(msg=False, gapRel=0.0, threads=1))
        seconds = time.perf_counter() - started
        solver: Any = self.lp.solverModel
        status = solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS stopped with {solver.modelStatusToString(status)}")
        chosen = {key: i for (key, i), x in self.x.items() if x.value() > 0.5}
        counts_ = {
            stock.key: round(self.n[stock.key].value()) if stock.key in self.n else 0
            for stock in self.problem.stocks
            if self.h[stock.key].value() > 0.5
        }
        info = solver.getInfo()
        cost = pulp.value(self.lp.objective)
        bound = info.mip_dual_bound if self.lp.isMIP() else cost
        return Solution(chosen, counts_, cost, bound + self.problem.standing_usd, max(0.0, info.mip_gap), seconds)

    def solve_with_least(self, weight: Mapping[tuple[OriginKey, int], float]) -> Solution | None:
        """Of all optima one with the least Σ weight · x; the proof is that of the cost. It uses the programme up."""
        cheapest = self.solve()
        if cheapest is None:
            return None
        right = cheapest.usd_per_month - self.lp.objective.constant + SAME_USD
        self.row("as_cheap", list(self.lp.objective.items()), pulp.LpConstraintLE, right)
        self.lp.setObjective(pulp.LpAffineExpression([(x, weight[key]) for key, x in self.x.items()]))
        least = self.solve()
        return replace(cheapest, chosen=least.chosen, counts=least.counts) if least else cheapest


def one_route(p: Programme) -> None:
    """Σ_r x[o, r] = 1 for every origin o."""
    for key, candidates in p.problem.candidates.items():
        p.row(f"one_route_{'_'.join(_words(key))}", [(p.x[key, i], 1) for i in candidates], pulp.LpConstraintEQ, 1)


def one_hardware(p: Programme) -> None:
    """Σ_k h[j, g, k] ≤ 1 for every pool j at group g; = 1 where the scenario always has the pool."""
    for (pool, group), stocks in _by_place(p.problem.stocks).items():
        sense = pulp.LpConstraintEQ if stocks[0].always else pulp.LpConstraintLE
        p.row(f"one_hardware_{pool}_{group or 'all'}", [(p.h[s.key], 1) for s in stocks], sense, 1)


def hardware_of_routes(p: Programme) -> None:
    """Σ_{r using j on k} x[o, r] ≤ h[j, g, k] for every origin o and stock (j, g, k)."""
    for key, candidates in p.problem.candidates.items():
        for stock in p.problem.stocks:
            using = [i for i, c in candidates.items() if uses(c, stock)]
            if using:
                terms = [*((p.x[key, i], 1.0) for i in using), (p.h[stock.key], -1.0)]
                p.row(f"needs_{'_'.join(_words(key))}_{stock.key[0]}_{stock.choice}", terms, pulp.LpConstraintLE, 0)


def counts(p: Programme) -> None:
    """low · h ≤ n ≤ high · h; a pool that is picked has at least one node."""
    for stock in p.problem.stocks:
        if stock.key in p.n:
            n, h, count = p.n[stock.key], p.h[stock.key], stock.pool.count
            words = "_".join(_words(stock.key))
            p.row(f"at_most_{words}", [(n, 1), (h, -count.high)], pulp.LpConstraintLE, 0)
            p.row(f"at_least_{words}", [(n, -1), (h, max(count.low, 1))], pulp.LpConstraintLE, 0)


def pool_load(p: Programme) -> None:
    """Σ load · x ≤ servers(n): the offered load of one queue never exceeds its servers (ρ ≤ 1)."""
    for stock in p.problem.stocks:
        if stock.key not in p.n:
            continue
        terms = []
        for key, candidates in p.problem.candidates.items():
            for i, candidate in candidates.items():
                load = sum(f.load for f in candidate.flows if uses(candidate, stock) and _at(f.queue, stock))
                if load:
                    terms.append((p.x[key, i], load))
        if terms:
            servers = stock.servers(1)
            n = p.h[stock.key] if stock.pool.dispatch == "own" else p.n[stock.key]
            p.row(f"load_{'_'.join(_words(stock.key))}", [*terms, (n, -servers)], pulp.LpConstraintLE, 0)


def link_load(p: Programme) -> None:
    """Σ load · x ≤ 1 for every instance of a link and direction."""
    loads: dict[Any, list[tuple[pulp.LpVariable, float]]] = {}
    for key, candidates in p.problem.candidates.items():
        for i, candidate in candidates.items():
            for flow in candidate.flows:
                if flow.queue.kind == "link" and flow.exact and not p.problem.wide(flow.queue.name):
                    loads.setdefault(flow.queue, []).append((p.x[key, i], flow.load))
    for queue, terms in sorted(loads.items()):
        merged: dict[pulp.LpVariable, float] = {}
        for x, load in terms:
            merged[x] = merged.get(x, 0.0) + load
        p.row(
            "_".join(["link", *(word for word in (queue.name, queue.group, queue.sender) if word)]),
            merged.items(),
            pulp.LpConstraintLE,
            1,
        )


def budget(p: Programme) -> None:
    """cost ≤ budget."""
    limit = p.problem.scenario.budget_usd_per_month
    if limit is not None:
        in_force = p.problem.limit("limits.budget", limit)
        if in_force is not None and p.lp.objective is not None:
            p.row("budget", list(p.lp.objective.items()), pulp.LpConstraintLE, in_force - p.problem.standing_usd)


def at_least(p: Programme, cuts: Sequence[Cut]) -> None:
    """Σ_{routes} x + Σ_others Σ x - Σ e[stock, m] ≤ number of others: the cuts of contracts and simulations."""
    for cut in cuts:
        terms = [(p.x[cut.origin, i], 1.0) for i in sorted(cut.routes) if (cut.origin, i) in p.x]
        if not terms:
            continue
        for other, routes in cut.others:
            terms += [(p.x[other, i], 1.0) for i in sorted(routes) if (other, i) in p.x]
        terms += [(p.more_than(stock, m), -1.0) for stock, m in cut.need]
        p.row(f"{cut.by}_{'_'.join(_words(cut.origin))}", terms, pulp.LpConstraintLE, len(cut.others))


def uses(candidate: Candidate, stock: Stock) -> bool:
    """Whether the route runs anything on these nodes."""
    group = candidate.origin.group
    here = stock.group is None or (group is not None and group.key == stock.group.key)
    return here and candidate.choices.get(stock.pool.name) == stock.choice


def _at(queue: Any, stock: Stock) -> bool:
    return bool(queue.kind == "pool" and queue.name == stock.pool.name)


def _by_place(stocks: Sequence[Stock]) -> dict[tuple[str, str | None], list[Stock]]:
    places: dict[tuple[str, str | None], list[Stock]] = {}
    for stock in stocks:
        places.setdefault(stock.key[:2], []).append(stock)
    return places


def _words(key: tuple[str | None, ...]) -> list[str]:
    return [word or "all" for word in key]
