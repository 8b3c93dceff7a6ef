"""What a plan states: a placement with its cost, its proof and its reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scenarios.figures import Origin
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from sim.result import Result

Verdict = Literal["met", "missed", "undecided", "not simulated"]


@dataclass(frozen=True)
class BillLine:
    """Quantity × unit price for a month, with where the price comes from."""

    item: str
    of: str  # pool, link or workload
    group: str | None
    quantity: float
    unit: str
    unit_price_usd: float
    usd_per_month: float
    kind: Origin
    source: str
    date: str
    path: str


@dataclass(frozen=True)
class Check:
    """One requirement: its limit, what was planned, what was simulated (with a 95 % interval), and the verdict.

    Latencies in seconds, accuracies as fractions, data in bytes, money in USD.
    """

    workload: str
    of: str
    metric: str
    group: str | None
    limit: float
    unit: str
    planned: float
    simulated: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict = "not simulated"
    worst_queue: float | None = None
    path: str = ""
    planned_far: float | None = None  # with estimated times at the far ends of their error bars; None: none matters
    note: str = ""  # what an estimate leaves open
    hangs_on: tuple[str, ...] = ()  # where in the scenario those estimates stand

    @property
    def margin(self) -> float | None:
        """What is left of the limit, as a fraction of it; negative where it is missed, ``None`` without one.

        Of the planned value, with estimates at their far ends, or of the upper end of the simulated interval,
        whichever leaves less.
        """
        if self.limit <= 0 or self.unit not in ("s", "", "USD"):
            return None
        if self.metric == "accuracy":
            return (self.planned - self.limit) / self.limit
        known = (self.planned, self.simulated, self.high, self.planned_far)
        seen = [value for value in known if value is not None and not math.isnan(value)]
        return (self.limit - max(seen)) / self.limit if seen else None


@dataclass(frozen=True)
class Broken:
    """One requirement that a route or a placement breaks: by how much, and the least relaxation that lets it pass."""

    requirement: str  # latency, accuracy, privacy, offline, tiers, uplink, profile, budget, done_by …
    text: str
    found: float | None = None
    limit: float | None = None
    unit: str = ""
    path: str = ""


@dataclass(frozen=True)
class Alternative:
    """The best plan that does without the chosen route, or without its tier."""

    what: str
    pool: str
    tier: str
    on: str
    count: int
    variant: str
    extra_usd_per_month: float
    source: str = ""  # of its service time
    date: str = ""
    kind: Origin | None = None  # how its service time is known


@dataclass(frozen=True)
class Excluded:
    """A tier or pool that lost by rule: what its best candidate breaks."""

    pool: str
    tier: str
    on: str
    variant: str
    broken: tuple[Broken, ...]
    source: str = ""  # of its service time
    date: str = ""
    kind: Origin | None = None  # how its service time is known; None without a variant


@dataclass(frozen=True)
class Reason:
    """Why one workload of one group runs where it does."""

    workload: str
    group: str | None
    task: str  # the heaviest: its tier is the tier of the route
    pool: str
    tier: str
    on: str
    variant: str
    next_route: Alternative | None
    next_tier: Alternative | None
    excluded: tuple[Excluded, ...]
    possible: tuple[str, ...]  # tiers on which everything could be met, at whatever cost


@dataclass(frozen=True)
class Flip:
    """A value at which another tier wins; confirmed by planning on both sides of it."""

    path: str
    what: str
    now: float
    at: float
    unit: str
    pool: str
    tier: str
    on: str
    setting: str  # the text for --set that moves the answer


@dataclass(frozen=True)
class Baseline:
    """The cheapest stable placement on some tiers with every other requirement dropped, and what it breaks."""

    name: str
    usd_per_month: float | None  # None: no such placement
    placement: Placement | None
    breaks: tuple[Broken, ...]


@dataclass(frozen=True)
class Assumption:
    """A figure that nobody measured: what it is worth if it is wrong by the stated fraction."""

    path: str
    what: str
    value: str
    kind: Origin
    source: str
    effect_usd_per_month: float | None  # change of the bill when the value is 10 % higher; None: not worked out


@dataclass(frozen=True)
class Relaxation:
    """The least change of one requirement alone that makes a plan possible."""

    path: str
    what: str
    limit: float
    needed: float | None  # None: no value of this requirement alone helps
    unit: str
    usd_per_month: float | None = None


@dataclass(frozen=True)
class Tried:
    """A placement that was simulated and is not the plan, with the limit that it missed most, or left undecided."""

    usd_per_month: float
    nodes: tuple[str, ...]  # what it runs on, as phrases
    workload: str
    of: str
    metric: str
    group: str | None
    limit_s: float
    simulated_s: float
    low_s: float
    high_s: float
    verdict: Verdict
    replications: int  # it is played only until the verdict is clear


@dataclass(frozen=True)
class Solver:
    """Outcome of the last solve."""

    name: str
    version: str
    gap: float
    bound_usd_per_month: float
    seconds: float
    solves: int


@dataclass(frozen=True)
class Plan:
    """The cheapest placement found, with two gaps: the solver's and the model's (see ``model_gap``)."""

    scenario: Scenario
    status: Literal["optimal", "feasible", "infeasible", "unknown"]  # unknown: none found, none proven impossible
    placement: Placement | None
    usd_per_month: float | None
    bill: tuple[BillLine, ...]
    solver: Solver | None
    model_gap: float | None  # to the cheapest candidate that simulation has not refuted
    bound_usd_per_month: float | None
    refuted: int  # cheaper candidates that simulation refuted
    undecided: int  # cheaper candidates that it could not judge within its budget of replications
    checks: tuple[Check, ...]
    reasons: tuple[Reason, ...]
    flips: tuple[Flip, ...]
    baselines: tuple[Baseline, ...]
    assumptions: tuple[Assumption, ...]
    conflict: tuple[Relaxation, ...]  # infeasible only
    excluded: tuple[Excluded, ...]  # infeasible only: what every route breaks
    result: Result | None
    seed: int
    seconds: float
    tried: tuple[Tried, ...] = ()  # cheaper placements that were simulated, cheapest first; without a plan all of them

    def export(self, target: str, out: str | Path) -> list[Path]:
        """Write the plan for another tool into a folder; see `planner.exports.export`."""
        from planner.exports import export
        from planner.plan_values import to_dict

        return export(to_dict(self), target, out)
