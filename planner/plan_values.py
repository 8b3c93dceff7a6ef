"""From a plan to its document."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any, cast

from planner.bill import node_total
from planner.plan_document import (
    SCHEMA_VERSION,
    AlternativeEntry,
    BaselineEntry,
    MaterialEntry,
    NextBest,
    PlanDocument,
    PoolEntry,
    RequirementEntry,
    RouteEntry,
    TaskEntry,
    TriedEntry,
)
from planner.plans import (
    Alternative,
    Baseline,
    Check,
    Plan,
    Reason,
    Tried,
)
from planner.wording import alternative, lost, warnings
from scenarios.journey import stored
from scenarios.language.pools import Tier
from scenarios.placement import Route, Step
from scenarios.scenario import Scenario


def to_dict(plan: Plan) -> PlanDocument:
    """The plan as plain values; keys that end in a unit are in that unit, money is in USD a month."""
    scenario = plan.scenario
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "tierwise plan",
        "scenario": scenario.name,
        "scenario_file": scenario.file,
        "scenario_changes": list(scenario.changes),
        "scenario_hash": scenario.hash,
        "status": plan.status,
        "solver_gap": plan.solver.gap if plan.solver else None,
        "model_gap": plan.model_gap,
        "bound": _finite(plan.bound_usd_per_month),
        "solver": _fields(plan.solver),
        "cheaper_candidates_refuted": plan.refuted,
        "cheaper_candidates_undecided": plan.undecided,
        "cheaper_candidates": [_tried(tried) for tried in plan.tried],
        "cost_usd_per_month": plan.usd_per_month,
        "currency": scenario.currency,
        "usd_per_currency": scenario.usd_per_currency,
        "bill": _fields(plan.bill),
        "pools": _pools(plan),
        "routes": [_route(plan, route) for route in (plan.placement.routes if plan.placement else ())],
        "requirements": [_requirement(check) for check in plan.checks],
        "flips": _fields(plan.flips),
        "baselines": [_baseline(baseline) for baseline in plan.baselines],
        "assumptions": _fields(plan.assumptions),
        "bill_of_materials": _materials(plan),
        "conflict": _fields(plan.conflict),
        "excluded": _fields(plan.excluded),
        "seed": plan.seed,
        "seconds": plan.seconds,
        "only_simulated": _fields(scenario.judged),
        "warnings": warnings(plan.result) if plan.result else [],
    }


def _finite(value: float | None) -> float | None:
    """JSON has neither infinities nor NaN: both become null."""
    return value if value is not None and math.isfinite(value) else None


def _fields(value: Any) -> Any:
    """An entry whose keys are the fields of a dataclass, all the way down; the schema says that they agree."""
    if is_dataclass(value):
        return {field.name: _fields(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_fields(one) for one in value]
    return _finite(value) if isinstance(value, float) else value


def _tier(tier: str) -> Tier:
    return cast(Tier, tier)


def _pools(plan: Plan) -> list[PoolEntry]:
    found: list[PoolEntry] = []
    for nodes in plan.placement.nodes if plan.placement else ():
        pool = plan.scenario.pool(nodes.pool)
        group = plan.scenario.group(nodes.group) if nodes.group else None
        found.append(
            {
                "pool": pool.name,
                "tier": _tier(pool.tier),
                "at": pool.at,
                "group": nodes.group,
                "on": nodes.on,
                "count": nodes.count,
                "per": pool.count.per,
                "spare": nodes.spare,
                "nodes": node_total(pool, group, nodes.count) + nodes.spare * (group.count if group else 1),
            }
        )
    return found


def _route(plan: Plan, route: Route) -> RouteEntry:
    scenario = plan.scenario
    reason = next(
        (one for one in plan.reasons if (one.workload, one.group or "") == (route.workload, route.group)), None
    )
    return {
        "site": route.group or scenario.pool(scenario.workload(route.workload).source).at,
        "sites": scenario.group(route.group).count if route.group else 1,
        "traffic": 1.0,
        "workload": route.workload,
        "tasks": [_task(scenario, step) for step in route.steps],
        "reason": "; ".join(lost(reason)) if reason else "",
        "reason_task": reason.task if reason else "",
        "next_best": _next_best(scenario, reason) if reason else {},
        "stored": [
            {
                "task": leg.task,
                "at": leg.receiver,
                "over": [hop.link.name for hop in leg.hops],
                "bytes": leg.message.size_bytes,
            }
            for leg in stored(scenario, route)
        ],
    }


def _task(scenario: Scenario, step: Step) -> TaskEntry:
    variant = step.variant
    return {
        "task": step.task,
        "pool": step.pool,
        "tier": _tier(scenario.pool(step.pool).tier),
        "on": variant.hardware,
        "variant": variant.name,
        "unit": variant.unit,
        "kind": variant.origin.kind,
        "source": variant.origin.source,
        "date": variant.origin.date,
        "mean_ms": variant.service.mean_s * 1e3,
    }


def _next_best(scenario: Scenario, reason: Reason) -> NextBest:
    route, tier = reason.next_route, reason.next_tier
    return {
        "route": _alternative(scenario, route) if route else None,
        "tier": _alternative(scenario, tier) if tier else None,
    }


def _alternative(scenario: Scenario, other: Alternative) -> AlternativeEntry:
    return cast(AlternativeEntry, {**_fields(other), "text": alternative(scenario, other)})


def _requirement(check: Check) -> RequirementEntry:
    found: RequirementEntry = {
        "workload": check.workload,
        "of": check.of,
        "metric": check.metric,
        "group": check.group,
        "hour": "busiest",
        "limit": check.limit,
        "unit": check.unit,
        "planned": _finite(check.planned),
        "simulated": _finite(check.simulated),
        "low": _finite(check.low),
        "high": _finite(check.high),
        "worst_queue": _finite(check.worst_queue),
        "margin": _finite(check.margin),
        "met": check.verdict,
        "path": check.path,
    }
    if check.planned_far is not None:
        found["planned_far"] = _finite(check.planned_far)
    if check.note:
        found["note"] = check.note
    return found


def _tried(tried: Tried) -> TriedEntry:
    return {
        "cost_usd_per_month": tried.usd_per_month,
        "nodes": list(tried.nodes),
        "workload": tried.workload,
        "of": tried.of,
        "metric": tried.metric,
        "group": tried.group,
        "limit_s": tried.limit_s,
        "simulated_s": _finite(tried.simulated_s),
        "low_s": _finite(tried.low_s),
        "high_s": _finite(tried.high_s),
        "met": tried.verdict,
        "replications": tried.replications,
    }


def _baseline(baseline: Baseline) -> BaselineEntry:
    return {
        "name": baseline.name,
        "cost_usd_per_month": baseline.usd_per_month,
        "breaks": _fields(baseline.breaks),
    }


def _materials(plan: Plan) -> list[MaterialEntry]:
    found: list[MaterialEntry] = []
    for entry in _pools(plan):
        pool = plan.scenario.pool(entry["pool"])
        if entry["nodes"] and pool.hardware:
            owned = pool.owned or pool.paid_by_user
            found.append(
                {
                    "group": entry["group"],
                    "item": entry["on"],
                    "pool": pool.name,
                    "quantity": entry["nodes"],
                    "owned": owned,
                }
            )
    return found
