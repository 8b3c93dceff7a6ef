"""The plan as a document of plain values: what ``plan --json`` prints; `planner.plan_schema` publishes it.

Keys that end in a unit are in that unit, money is in USD a month, a fraction lies in [0, 1] unless said otherwise.
``null`` stands for what is unknown or without bound, never 0.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict  # pydantic takes the one of typing only from Python 3.12 on

from planner.plans import Verdict
from scenarios.figures import Origin
from scenarios.language.pools import Tier

SCHEMA_VERSION: Final = 1
MOST_NODES = 100_000

Nodes = Annotated[int, Field(ge=0, le=MOST_NODES)]


class SolverRun(TypedDict):
    """Outcome of the last solve."""

    name: str
    version: str
    gap: float
    """Relative gap that the solver left."""
    bound_usd_per_month: float
    """No placement in the model is cheaper."""
    seconds: float
    """Run time of the last solve."""
    solves: int
    """Programmes that were solved on the way."""


class BillEntry(TypedDict):
    """Quantity × unit price for a month, with where the price comes from."""

    item: str
    """What is paid for: hardware, installation, energy, data …"""
    of: str
    """The pool, link or workload that it is paid for."""
    group: str | None
    """The group of sites; null in a region."""
    quantity: float
    """How many units a month."""
    unit: str
    """What is counted."""
    unit_price_usd: float
    """Of one unit, for a month."""
    usd_per_month: float
    """Quantity × unit price."""
    kind: Origin
    """How the price is known."""
    source: str
    """Where the price is from."""
    date: str
    """When the price held; empty where nobody says."""
    path: str
    """Where in the scenario the price can be changed."""


class PoolEntry(TypedDict):
    """What a pool consists of at the sites of one group, or in its region."""

    pool: str
    tier: Tier
    at: str
    """The kind of site, or the region."""
    group: str | None
    """The group of sites; null in a region."""
    on: str
    """The hardware or offer chosen."""
    count: Nodes
    """Nodes for each fact, site or region, as the scenario counts them; 0 for a pool that nobody uses."""
    per: str | None
    """The fact that the count is for; null: per site, or in all in a region."""
    spare: Nodes
    """Nodes bought beside them, per site or region."""
    nodes: int
    """Nodes in all, with the spares."""


class TaskEntry(TypedDict):
    """One task on one pool in one variant."""

    task: str
    pool: str
    tier: Tier
    on: str
    """The hardware or offer that it runs on."""
    variant: str
    """Model, precision and runtime."""
    unit: str
    """The compute unit of the hardware; empty where it has one only."""
    kind: Origin
    """How the service time is known."""
    source: str
    """Where the service time is from."""
    date: str
    """When it was measured; empty where nobody says."""
    mean_ms: float
    """Mean service time with its overhead."""


class StoredEntry(TypedDict):
    """A task that moves its input to a place, where it is kept."""

    task: str
    at: str
    """The place."""
    over: list[str]
    """The links on the way."""
    bytes: float
    """Of one request, or of one batch."""


class AlternativeEntry(TypedDict):
    """The best plan that does without the chosen route, or without its tier."""

    what: str
    pool: str
    tier: Tier
    on: str
    count: int
    """As the scenario counts the pool."""
    variant: str
    extra_usd_per_month: float
    """What it costs more."""
    source: str
    """Where its service time is from."""
    date: str
    kind: NotRequired[Origin | None]
    """How its service time is known; plans of older versions do not say."""
    text: str
    """The same as a phrase."""


class NextBest(TypedDict, total=False):
    """What the same workload would run on next; empty where nothing runs."""

    route: AlternativeEntry | None
    """Without this route."""
    tier: AlternativeEntry | None
    """Without this tier."""


class RouteEntry(TypedDict):
    """Where one workload of one group of sites runs, and why."""

    site: str
    """The group of sites, or the region of the source."""
    sites: int
    """Identical sites in the group."""
    traffic: float
    """Fraction of the requests that take this route."""
    workload: str
    tasks: list[TaskEntry]
    """In the order of the scenario."""
    reason: str
    """What excludes the others."""
    reason_task: str
    """The task that the reason is about; empty without one."""
    next_best: NextBest
    stored: list[StoredEntry]
    """Tasks that run nowhere and only move their input to a place, to be kept there."""


class RequirementEntry(TypedDict):
    """One requirement with its limit, its planned and its simulated value; latencies in s, data in bytes."""

    workload: str
    """Empty for a requirement of the whole scenario."""
    of: str
    """The task, data item or other thing that it is about."""
    metric: str
    group: str | None
    hour: str
    """The hour of the demand that it was checked in."""
    limit: float
    unit: str
    """Of limit, planned, simulated and the interval: s, B, USD, a count; empty for fractions."""
    planned: float | None
    """Null without bound."""
    simulated: float | None
    """Null where it was not simulated, or has no bound."""
    low: float | None
    """Lower end of the 95 % interval."""
    high: float | None
    """Upper end of the 95 % interval."""
    worst_queue: float | None
    """The same at the queue where it is worst."""
    margin: float | None
    """What the planned value, with estimates at their far ends, or the upper end of the interval if that is worse,
    leaves of the limit, as a fraction of it; negative where it is missed, or may be."""
    met: Verdict
    path: str
    """Where in the scenario it stands."""
    planned_far: NotRequired[float | None]
    """Planned with every estimated time at the far end of its error bar; null without bound, absent where no
    estimate bears on it."""
    note: NotRequired[str]
    """What an estimate leaves open: why it is undecided although the simulation met it."""


class FlipEntry(TypedDict):
    """A value at which another tier wins; confirmed by planning on both sides of it."""

    path: str
    what: str
    now: float
    at: float
    unit: str
    pool: str
    tier: Tier
    on: str
    setting: str
    """For ``--set``: moves the answer."""


class BrokenEntry(TypedDict):
    """One requirement that is broken, and by how much."""

    requirement: str
    text: str
    found: float | None
    limit: float | None
    unit: str
    path: str


class BaselineEntry(TypedDict):
    """The cheapest stable placement on some tiers with every other requirement dropped, and what it breaks."""

    name: str
    cost_usd_per_month: float | None
    """Null where there is no such placement."""
    breaks: list[BrokenEntry]


class AssumptionEntry(TypedDict):
    """A figure that nobody measured, and what it is worth."""

    path: str
    what: str
    value: str
    kind: Origin
    source: str
    effect_usd_per_month: float | None
    """Change of the bill when the value is 10 % higher; null where it was not worked out."""


class JudgedEntry(TypedDict):
    """A part of the scenario that stands in no contract of the planner: only the simulation judges it."""

    path: str
    what: str


class MaterialEntry(TypedDict):
    """Hardware to have at the sites of a group."""

    group: str | None
    item: str
    pool: str
    quantity: int
    """Nodes in all, with the spares."""
    owned: bool
    """There already, or on somebody else's bill."""


class RelaxationEntry(TypedDict):
    """The least change of one requirement alone that makes a plan possible."""

    path: str
    what: str
    limit: float
    needed: float | None
    """Null: it has to be dropped."""
    unit: str
    usd_per_month: float | None
    """What the plan then costs."""


class ExcludedEntry(TypedDict):
    """A pool that lost by rule: what its best candidate breaks."""

    pool: str
    tier: Tier
    on: str
    variant: str
    broken: list[BrokenEntry]
    source: str
    """Where its service time is from."""
    date: str
    kind: NotRequired[Origin | None]
    """How its service time is known; null where nothing can run there."""


class SourceEntry(TypedDict):
    """A catalogue row behind a figure of the plan."""

    what: str
    value: str
    """With its unit."""
    kind: Origin
    date: str
    source: str


class TriedEntry(TypedDict):
    """A cheaper placement that was simulated, with the limit that it missed most, or left undecided."""

    cost_usd_per_month: float
    nodes: list[str]
    """What it runs on, as phrases."""
    workload: str
    of: str
    metric: str
    group: str | None
    limit_s: float
    simulated_s: float | None
    """Null without bound."""
    low_s: float | None
    """Lower end of the 95 % interval."""
    high_s: float | None
    """Upper end of the 95 % interval."""
    met: Verdict
    replications: int
    """It was played only until the verdict was clear."""


@with_config(extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)
class PlanDocument(TypedDict):
    """A plan of Tierwise: a placement with its cost, its proof and its reasons."""

    schema_version: Literal[1]
    kind: Literal["tierwise plan"]
    scenario: str
    """Its name."""
    scenario_file: str
    """The file that it was read from."""
    scenario_changes: list[str]
    """``PATH=VALUE`` and ``with WHAT_IF``, in the order they were applied."""
    scenario_hash: str
    """Of the text of the scenario after all changes."""
    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    """unknown: none was found, none is proven impossible."""
    solver_gap: float | None
    """Relative gap that the solver left."""
    model_gap: float | None
    """To the cheapest candidate that simulation has not refuted; null without a bound."""
    bound: float | None
    """No placement costs less [USD a month]; null where none is known."""
    solver: SolverRun | None
    cheaper_candidates_refuted: int
    """By simulation."""
    cheaper_candidates_undecided: int
    """Within the budget of replications."""
    cheaper_candidates: list[TriedEntry]
    """Those that were simulated, cheapest first; without a placement all that were."""
    cost_usd_per_month: float | None
    """Null without a placement."""
    currency: str
    """What the scenario wants shown beside USD."""
    usd_per_currency: float
    """One unit of it in USD."""
    bill: list[BillEntry]
    pools: list[PoolEntry]
    routes: list[RouteEntry]
    requirements: list[RequirementEntry]
    flips: list[FlipEntry]
    baselines: list[BaselineEntry]
    assumptions: list[AssumptionEntry]
    """The largest effect on the bill first."""
    bill_of_materials: list[MaterialEntry]
    conflict: list[RelaxationEntry]
    """Without a placement only: what would help, each alone."""
    excluded: list[ExcludedEntry]
    """Without a placement only: what every pool breaks."""
    seed: int
    """Of the simulations."""
    seconds: float
    """How long the planning took."""
    only_simulated: NotRequired[list[JudgedEntry]]
    """What no contract of the planner holds; the simulation alone judges it."""
    warnings: NotRequired[list[str]]
    """Where its simulation is not to be trusted: pools and links that are overloaded or nearly full."""
    sources: NotRequired[list[SourceEntry]]
    """Every catalogue row behind a figure, where the command line wrote the plan."""
