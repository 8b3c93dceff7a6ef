"""A month (730 h) of what was simulated: its cost, energy, carbon and bandwidth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from planner.bill import energy_kwh, price, standing, total
from planner.flows import planned_usage
from scenarios.demand import reach
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from scenarios.workloads import Workload
from sim.usage import Usage

Key = TypeVar("Key")


def month(scenario: Scenario, placement: Placement, simulated: Usage) -> dict[str, Any]:
    """The keys of ``simulate --json`` that need prices; what was not played is added by formula.

    Batches are not, nor workloads that send nothing in the hour that was.

    Energy [Wh] includes the building's overhead (PUE) and is that of the pools in ``energy_covers``: the power of those
    in ``energy_leaves_out`` is not known or not on this bill (a cloud's own machines, nodes paid by the user). It is
    ``None`` where no pool is covered, carbon [g] also where no intensity is known. ``bandwidth_saved_fraction``
    compares bytes that leave the sites with sending every input raw, each data item of a request once; it is below 0
    where more leaves than that. ``links`` has the bytes on each link.
    """
    played = {workload for workload, _ in simulated.requests}
    others = tuple(route for route in placement.routes if route.workload not in played)
    usage = _sum(simulated, planned_usage(scenario, Placement(others, placement.nodes)))
    return {
        **_energy(scenario, placement, usage),
        "cost_usd_per_month": total((*standing(scenario), *price(scenario, placement, usage))),
        "bandwidth_saved_fraction": _saved(scenario, usage),
        "links": _month_bytes(usage),
    }


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(**{kind.name: _added(getattr(one, kind.name), getattr(other, kind.name)) for kind in fields(Usage)})


def _added(one: Mapping[Key, float], other: Mapping[Key, float]) -> dict[Key, float]:
    return {key: one.get(key, 0.0) + other.get(key, 0.0) for key in (*one, *(k for k in other if k not in one))}


def _energy(scenario: Scenario, placement: Placement, usage: Usage) -> dict[str, Any]:
    region = {site.name: site.region for site in scenario.sites}
    works = {step.pool for route in placement.routes for step in route.steps}
    energy, carbon = 0.0, 0.0
    known = True
    covered, left_out = {}, {}
    for nodes in placement.nodes:
        pool = scenario.pool(nodes.pool)
        kwh = energy_kwh(scenario, nodes, usage)
        if kwh is None:
            if pool.name in works:
                left_out[pool.name] = True
        elif kwh:
            covered[pool.name] = True
            kwh *= scenario.prices.pue(pool.tier).value
            intensity = scenario.prices.carbon(region.get(pool.at, pool.at))
            energy += kwh * 1e3
            known = known and intensity is not None
            carbon += kwh * intensity.value if intensity is not None else 0.0
    return {
        "energy_wh": energy if covered else None,
        "carbon_g": carbon if covered and known else None,
        "energy_covers": list(covered),
        "energy_leaves_out": list(left_out),
    }


def _month_bytes(usage: Usage) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (link, direction, _), size in usage.bytes.items():
        sent = found.setdefault(link, {"bytes_up_per_month": 0.0, "bytes_down_per_month": 0.0})
        sent[f"bytes_{direction}_per_month"] += size
    return found


def _saved(scenario: Scenario, usage: Usage) -> float | None:
    sites = {site.name for site in scenario.sites}
    raw = 0.0
    for workload in scenario.workloads:
        if scenario.pool(workload.source).local:
            born = sum(number for (name, _), number in usage.requests.items() if name == workload.name)
            raw += born * _raw_bytes(workload)
    outside = [link for link in scenario.links if not link.within and sites.intersection(link.ends)]
    away = {(link.name, "up" if link.ends[0] in sites else "down") for link in outside}
    sent = sum(size for (link, direction, _), size in usage.bytes.items() if (link, direction) in away)
    return 1 - sent / raw if raw and away else None


def _raw_bytes(workload: Workload) -> float:
    """What the sources of a request give [B]: one data item that several tasks read is sent once, as the largest.

    A task that runs at times only needs its input as often, and each copy of a task has one of its own.
    """
    probability, found = reach(workload), 0.0
    missing: dict[str, float] = {}  # how often no larger one of the item is sent
    inputs = [
        (task.input.size_bytes * task.copies, task.input.data or f"input of {task.name}", task.name)
        for task in workload.tasks
        if not task.after and task.input
    ]
    for size, item, task in sorted(inputs, key=lambda one: -one[0]):
        found += missing.get(item, 1.0) * probability[task] * size
        missing[item] = missing.get(item, 1.0) * (1 - probability[task])
    return found
