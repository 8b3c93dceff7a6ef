"""Everything linear, worked out before the MILP: candidates, what may be bought, and what each costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from planner.bill import node_total, price, standing, total
from planner.flows import Origin, origins, planned_usage
from planner.plans import Broken
from planner.routes import Candidate, Routes, choices, enumerate_routes, not_dominated
from scenarios.placement import Nodes, Placement
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from sim.usage import NOTHING

OriginKey = tuple[str, str | None]
StockKey = tuple[str, str | None, str]  # pool, group, hardware or offer


@dataclass(frozen=True)
class Stock:
    """Nodes that may be bought for a pool at the sites of one group (or in its region), on one hardware or offer."""

    pool: Pool
    group: Group | None
    choice: str
    usd_each: float  # a month, for one more in the count (over all facts and sites of the group)
    usd_spare: float  # a month, once the pool is used
    priced_each: float  # the part of usd_each that is proportional to the price of the hardware or offer
    priced_spare: float
    nodeless: bool = False  # a per-request service

    @property
    def key(self) -> StockKey:
        return (self.pool.name, self.group.key if self.group else None, self.choice)

    @property
    def always(self) -> bool:
        return self.pool.count.low > 0

    def servers(self, count: int) -> int:
        """Servers behind one queue."""
        nodes = 1 if self.pool.dispatch == "own" else self.pool.nodes_per_queue(self.group, count)
        return nodes * self.pool.slots


@dataclass(frozen=True)
class Problem:
    """A scenario ready for the solver.

    ``relaxed`` maps the path of a requirement to another limit, or to ``None`` where it is dropped;
    ``lenient`` drops all of them. ``banned`` holds routes that may not be taken and ``scale`` multiplies prices of
    stock by hardware or offer: for explanations and baselines.
    """

    scenario: Scenario
    enumerated: tuple[Routes, ...]
    stocks: tuple[Stock, ...]
    standing_usd: float
    route_usd: Mapping[tuple[OriginKey, int], float]
    relaxed: Mapping[str, float | None] = field(default_factory=dict)
    lenient: bool = False
    banned: Mapping[OriginKey, frozenset[int]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def candidates(self) -> dict[OriginKey, dict[int, Candidate]]:
        """Admissible candidates of each origin under the relaxations, by their number."""
        found = {}
        for routes in self.enumerated:
            key = routes.origin.key
            banned = self.banned.get(key, frozenset())
            passing = [i for i, c in enumerate(routes.candidates) if i not in banned and self.passes(c.broken)]
            kept = not_dominated([routes.candidates[i] for i in passing], lenient=self.lenient)
            found[key] = {i: routes.candidates[i] for i in passing if any(routes.candidates[i] is k for k in kept)}
        return found

    def passes(self, broken: tuple[Broken, ...]) -> bool:
        return self.lenient or all(self._waived(one) for one in broken)

    def _waived(self, broken: Broken) -> bool:
        if broken.path not in self.relaxed:
            return False
        limit = self.relaxed[broken.path]
        if limit is None:
            return True
        if broken.found is None:
            return False
        return broken.found >= limit if broken.requirement == "accuracy" else broken.found <= limit

    def limit(self, path: str, stated: float) -> float | None:
        """The limit in force for a requirement: the relaxed one, or ``None`` where it is dropped."""
        return None if self.lenient else self.relaxed.get(path, stated)

    def wide(self, link: str) -> bool:
        """Whether the capacity of a link's direction is dropped."""
        return self.lenient or self.relaxed.get(f"links.{link}", 1.0) is None

    @property
    def origins(self) -> tuple[Origin, ...]:
        return tuple(routes.origin for routes in self.enumerated)

    def usd_each(self, stock: Stock) -> float:
        return stock.usd_each + (self.scale.get(stock.choice, 1.0) - 1) * stock.priced_each

    def usd_spare(self, stock: Stock) -> float:
        return stock.usd_spare + (self.scale.get(stock.choice, 1.0) - 1) * stock.priced_spare

    def lenient_on(self, keep: Callable[[Candidate], bool]) -> Problem:
        """Every requirement dropped, over the routes that ``keep`` accepts."""
        free = replace(self, lenient=True, relaxed={}, banned={})
        for routes in self.enumerated:
            free = free.ban(routes.origin.key, frozenset(i for i, c in enumerate(routes.candidates) if not keep(c)))
        return free

    def relax(self, changes: Mapping[str, float | None]) -> Problem:
        return replace(self, relaxed={**self.relaxed, **changes})

    def ban(self, key: OriginKey, routes: frozenset[int]) -> Problem:
        return replace(self, banned={**self.banned, key: self.banned.get(key, frozenset()) | routes})


def pose(
    scenario: Scenario, *, fixed: Mapping[str, str] | None = None, forbidden: frozenset[str] = frozenset()
) -> Problem:
    """Enumerate routes and price every part with the one function that prices."""
    enumerated = tuple(
        enumerate_routes(scenario, origin, fixed=dict(fixed or {}), forbidden=forbidden) for origin in origins(scenario)
    )
    route_usd = {
        (routes.origin.key, i): _route_usd(scenario, candidate)
        for routes in enumerated
        for i, candidate in enumerate(routes.candidates)
    }
    return Problem(scenario, enumerated, tuple(stocks(scenario)), total(standing(scenario)), route_usd)


def _route_usd(scenario: Scenario, candidate: Candidate) -> float:
    origin = candidate.origin
    here = origin.group.key if origin.group else None
    pools = {step.pool: step.variant.hardware for step in candidate.route.steps}
    nodes = tuple(Nodes(name, here if scenario.pool(name).local else None, on, 0) for name, on in pools.items())
    alone = Placement((candidate.route,), nodes)
    return total(price(scenario, alone, planned_usage(scenario, alone)))


def stocks(scenario: Scenario) -> list[Stock]:
    """Everything that may be bought or rented, with its price."""
    found = []
    for pool in scenario.pools:
        for group in scenario.groups_of(pool):
            for choice in choices(pool, group):
                nodeless = bool(pool.offers) and scenario.prices.offer(choice, pool.at).per_request is not None
                each = _node_usd(scenario, pool, group, choice, 1, 0)
                spare = _node_usd(scenario, pool, group, choice, 0, pool.spare)
                found.append(Stock(pool, group, choice, each[0], spare[0], each[1], spare[1], nodeless))
    return found


def _node_usd(
    scenario: Scenario, pool: Pool, group: Group | None, choice: str, count: int, spare: int
) -> tuple[float, float]:
    """(cost, part of it proportional to the price of the hardware or offer) of so many nodes, unused [USD a month]."""
    nodes = Nodes(pool.name, group.key if group else None, choice, count, spare)
    lines = price(scenario, Placement((), (nodes,)), NOTHING)
    if pool.offers:
        return total(lines), total(lines)
    proportional = total(tuple(line for line in lines if line.item in ("hardware", "maintenance", "failures")))
    if proportional:
        costs = scenario.prices.node(choice)
        number = node_total(pool, group, count) + spare * (group.count if group else 1)
        proportional -= number * costs.failures_per_year.value * costs.truck_roll.value / 12
    return total(lines), proportional
