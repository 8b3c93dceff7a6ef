"""A plan as JSON, and back: what ``plan --json`` prints and ``simulate --plan`` reads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hardware_profiles.faults import BadInput, Fault, closest
from planner.bill import node_total
from planner.plans import Alternative, Baseline, BillLine, Check, Plan, Reason
from planner.wording import alternative, lost
from scenarios.loading import load
from scenarios.placement import Nodes, Placement, Route, Step
from scenarios.scenario import Scenario
from scenarios.variants import variants

SCHEMA_VERSION = 1
LARGEST_BYTES = 20_000_000
MOST_NODES = 100_000


def to_dict(plan: Plan) -> dict[str, Any]:
    """The plan as plain values; keys that end in a unit are in that unit, money is in USD a month."""
    scenario = plan.scenario
    stated: dict[str, Any] = _plain(
        {
            "schema_version": SCHEMA_VERSION,
            "kind": "tierwise plan",
            "scenario": scenario.name,
            "scenario_file": scenario.file,
            "scenario_changes": list(scenario.changes),
            "scenario_hash": scenario.hash,
            "status": plan.status,
            "solver_gap": plan.solver.gap if plan.solver else None,
            "model_gap": plan.model_gap,
            "bound": plan.bound_usd_per_month,
            "solver": asdict(plan.solver) if plan.solver else None,
            "cheaper_candidates_refuted": plan.refuted,
            "cheaper_candidates_undecided": plan.undecided,
            "cost_usd_per_month": plan.usd_per_month,
            "currency": scenario.currency,
            "usd_per_currency": scenario.usd_per_currency,
            "bill": [_bill_line(line) for line in plan.bill],
            "pools": _pools(plan),
            "routes": _routes(plan),
            "requirements": [_requirement(check) for check in plan.checks],
            "flips": [asdict(flip) for flip in plan.flips],
            "baselines": [_baseline(baseline) for baseline in plan.baselines],
            "assumptions": [asdict(assumption) for assumption in plan.assumptions],
            "bill_of_materials": _materials(plan),
            "conflict": [asdict(relaxation) for relaxation in plan.conflict],
            "excluded": [asdict(excluded) for excluded in plan.excluded],
            "seed": plan.seed,
            "seconds": plan.seconds,
        }
    )
    return stated


def _bill_line(line: BillLine) -> dict[str, Any]:
    return asdict(line)


def _pools(plan: Plan) -> list[dict[str, Any]]:
    if plan.placement is None:
        return []
    found = []
    for nodes in plan.placement.nodes:
        pool = plan.scenario.pool(nodes.pool)
        group = plan.scenario.group(nodes.group) if nodes.group else None
        found.append(
            {
                "pool": pool.name,
                "tier": pool.tier,
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


def _routes(plan: Plan) -> list[dict[str, Any]]:
    if plan.placement is None:
        return []
    reasons = {(reason.workload, reason.group or ""): reason for reason in plan.reasons}
    found = []
    for route in plan.placement.routes:
        reason = reasons.get((route.workload, route.group))
        found.append(
            {
                "site": route.group or plan.scenario.pool(plan.scenario.workload(route.workload).source).at,
                "sites": plan.scenario.group(route.group).count if route.group else 1,
                "traffic": 1.0,
                "workload": route.workload,
                "tasks": [
                    {
                        "task": step.task,
                        "pool": step.pool,
                        "tier": plan.scenario.pool(step.pool).tier,
                        "on": step.variant.hardware,
                        "variant": step.variant.name,
                        "unit": step.variant.unit,
                        "kind": step.variant.origin.kind,
                        "source": step.variant.origin.source,
                        "date": step.variant.origin.date,
                        "mean_ms": step.variant.service.mean_s * 1e3,
                    }
                    for step in route.steps
                ],
                "reason": "; ".join(lost(reason)) if reason else "",
                "next_best": _alternatives(plan, reason) if reason else {},
            }
        )
    return found


def _alternatives(plan: Plan, reason: Reason) -> dict[str, Any]:
    def one(other: Alternative | None) -> dict[str, Any] | None:
        return {**asdict(other), "text": alternative(plan.scenario, other)} if other else None

    return {"route": one(reason.next_route), "tier": one(reason.next_tier)}


def _requirement(check: Check) -> dict[str, Any]:
    return {
        "workload": check.workload,
        "of": check.of,
        "metric": check.metric,
        "group": check.group,
        "hour": "busiest",
        "limit": check.limit,
        "unit": check.unit,
        "planned": check.planned,
        "simulated": check.simulated,
        "low": check.low,
        "high": check.high,
        "worst_queue": check.worst_queue,
        "margin": check.margin,
        "met": check.verdict,
        "path": check.path,
    }


def _baseline(baseline: Baseline) -> dict[str, Any]:
    return {
        "name": baseline.name,
        "cost_usd_per_month": baseline.usd_per_month,
        "breaks": [asdict(broken) for broken in baseline.breaks],
    }


def _materials(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "group": pool["group"],
            "item": pool["on"],
            "pool": pool["pool"],
            "quantity": pool["nodes"],
            "owned": _owned(plan, pool),
        }
        for pool in _pools(plan)
        if pool["nodes"] and plan.scenario.pool(pool["pool"]).hardware
    ]


def _owned(plan: Plan, pool: Mapping[str, Any]) -> bool:
    here = plan.scenario.pool(pool["pool"])
    return here.owned or here.paid_by_user


def _plain(value: Any) -> Any:
    """JSON has neither infinities nor NaN: both become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def read(path: str | Path) -> tuple[Scenario, Placement]:
    """The scenario of a plan file, with its changes, and the placement.

    Raises
    ------
    BadInput
        Where the file is no plan, or its scenario no longer has what the plan uses.
    """
    document = _document(Path(path))
    try:
        file = str(document["scenario_file"])
        scenario = load(file if Path(file).exists() else str(document["scenario"]))
        for change in document["scenario_changes"]:
            scenario = _changed(scenario, str(change))
        routes = tuple(_route(scenario, entry, f"routes.{i}") for i, entry in enumerate(document["routes"]))
        nodes = tuple(_nodes(scenario, entry, f"pools.{i}") for i, entry in enumerate(document["pools"]))
        _whole(scenario, routes, nodes)
    except BadInput as wrong:
        raise BadInput(fault if fault.file else replace(fault, file=str(path)) for fault in wrong.faults) from None
    except (KeyError, TypeError, ValueError) as error:
        missing = f"no valid {error}" if isinstance(error, KeyError) else str(error)
        raise BadInput(Fault("", missing, "a file written by tierwise plan --json", str(path))) from None
    return scenario, Placement(routes, nodes)


def _changed(scenario: Scenario, change: str) -> Scenario:
    path, _, value = change.partition("=")
    return scenario.with_({path: value}) if value else scenario.with_what_if(path.removeprefix("with "))


def _document(path: Path) -> dict[str, Any]:
    expected = "a file written by tierwise plan --json"
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput(Fault("", "a very large file", expected, str(path)))
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(Fault("", "no such file", expected, str(path))) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(Fault("", f"no JSON ({type(error).__name__})", expected, str(path))) from None
    if not isinstance(document, dict) or document.get("kind") != "tierwise plan":
        raise BadInput(Fault("kind", "something else", "a tierwise plan", str(path)))
    if document.get("schema_version") != SCHEMA_VERSION:
        raise BadInput(Fault("schema_version", str(document.get("schema_version")), str(SCHEMA_VERSION), str(path)))
    if document.get("status") == "infeasible":
        raise BadInput(Fault("status", "infeasible: it has no placement", "a plan with routes", str(path)))
    return document


def _route(scenario: Scenario, entry: Mapping[str, Any], path: str) -> Route:
    workload = _named(scenario.workloads, entry["workload"], f"{path}.workload")
    groups = scenario.groups_of(scenario.pool(workload.source))
    group = next((g for g in groups if g and g.key == entry["site"]), None)
    if group is None and groups != (None,):
        raise BadInput(Fault(f"{path}.site", f"`{entry['site']}`", "sites of the scenario"))
    steps = []
    for i, told in enumerate(entry["tasks"]):
        here = f"{path}.tasks.{i}"
        task = _named(workload.tasks, told["task"], f"{here}.task")
        pool = _named(scenario.pools, told["pool"], f"{here}.pool")
        found = variants(scenario, workload, task, pool, told["on"], group)
        variant = next((v for v in found if v.name == told["variant"] and v.unit == told["unit"]), None)
        if variant is None:
            near = closest(str(told["variant"]), [v.name for v in found])
            raise BadInput(
                Fault(f"{here}.variant", f"`{told['variant']}`", f"a way to run it on {told['on']}", nearest=near)
            )
        steps.append(Step(task.name, pool.name, variant))
    return Route(workload.name, group.key if group else "", tuple(steps))


def _nodes(scenario: Scenario, entry: Mapping[str, Any], path: str) -> Nodes:
    pool = _named(scenario.pools, entry["pool"], f"{path}.pool")
    if entry["on"] not in pool.choices and entry["on"] not in {h for g in scenario.groups for h in g.hardware.values()}:
        near = closest(str(entry["on"]), pool.choices)
        raise BadInput(Fault(f"{path}.on", f"`{entry['on']}`", "a hardware or offer of the pool", nearest=near))
    for key in ("count", "spare"):
        if not isinstance(entry[key], int) or isinstance(entry[key], bool) or not 0 <= entry[key] <= MOST_NODES:
            raise BadInput(Fault(f"{path}.{key}", f"`{entry[key]}`", f"a whole number from 0 to {MOST_NODES}"))
    return Nodes(pool.name, entry["group"], entry["on"], entry["count"], entry["spare"])


def _whole(scenario: Scenario, routes: Sequence[Route], nodes: Sequence[Nodes]) -> None:
    """Every workload of every group has one route, every pool in use has its nodes, and nothing stands twice."""
    wanted = [
        (workload.name, group.key if group else "")
        for workload in scenario.workloads
        for group in scenario.groups_of(scenario.pool(workload.source))
    ]
    told = [(route.workload, route.group) for route in routes]
    faults = [
        Fault("routes", f"{told.count(key)} routes of {key[0]} at {key[1] or 'its region'}", "one")
        for key in dict.fromkeys((*wanted, *told))
        if told.count(key) != 1
    ]
    places = [(one.pool, one.group) for one in nodes]
    faults += [
        Fault("pools", f"{pool} at {group} twice", "one")
        for pool, group in set(places)
        if places.count((pool, group)) > 1
    ]
    for route in routes:
        for step in route.steps:
            pool = scenario.pool(step.pool)
            here = [
                one
                for one in nodes
                if (one.pool, one.group) == (pool.name, route.group or None if pool.local else None)
            ]
            bought = bool(pool.offers) and scenario.prices.offer(step.variant.hardware, pool.at).per_request is not None
            if not here or (here[0].count == 0 and not bought):
                faults.append(
                    Fault("pools", f"no nodes of {pool.name} for {route.workload}.{step.task}", "at least one")
                )
    if faults:
        raise BadInput(faults)


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_HasName)


def _named(among: Sequence[Named], name: Any, path: str) -> Named:
    found = next((one for one in among if one.name == name), None)
    if found is None:
        known = [one.name for one in among]
        raise BadInput(Fault(path, f"`{name}`", "a name of the scenario", nearest=closest(str(name), known)))
    return found
