"""The placement of a plan document, checked against its scenario as carefully as if it were written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from hardware_profiles.faults import BadInput, Fault, closest
from planner.plan_document import PlanDocument, PoolEntry, RouteEntry
from scenarios.placement import Nodes, Placement, Route, Step
from scenarios.scenario import Scenario
from scenarios.variants import variants


def placement_of(document: PlanDocument, scenario: Scenario) -> Placement:
    """The routes and nodes of a document.

    Raises
    ------
    BadInput
        Where the scenario does not have what the plan uses, or where routes or nodes are missing or stand twice.
    """
    routes = tuple(_route(scenario, entry, f"routes.{i}") for i, entry in enumerate(document["routes"]))
    nodes = tuple(_nodes(scenario, entry, f"pools.{i}") for i, entry in enumerate(document["pools"]))
    _whole(scenario, routes, nodes)
    return Placement(routes, nodes)


def _route(scenario: Scenario, entry: RouteEntry, path: str) -> Route:
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
            near = closest(told["variant"], [v.name for v in found])
            raise BadInput(
                Fault(f"{here}.variant", f"`{told['variant']}`", f"a way to run it on {told['on']}", nearest=near)
            )
        steps.append(Step(task.name, pool.name, variant))
    return Route(workload.name, group.key if group else "", tuple(steps))


def _nodes(scenario: Scenario, entry: PoolEntry, path: str) -> Nodes:
    pool = _named(scenario.pools, entry["pool"], f"{path}.pool")
    if entry["on"] not in pool.choices and entry["on"] not in {h for g in scenario.groups for h in g.hardware.values()}:
        near = closest(entry["on"], pool.choices)
        raise BadInput(Fault(f"{path}.on", f"`{entry['on']}`", "a hardware or offer of the pool", nearest=near))
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


def _named(among: Sequence[Named], name: str, path: str) -> Named:
    found = next((one for one in among if one.name == name), None)
    if found is None:
        known = [one.name for one in among]
        raise BadInput(Fault(path, f"`{name}`", "a name of the scenario", nearest=closest(name, known)))
    return found
