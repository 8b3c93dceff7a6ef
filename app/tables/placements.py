"""What runs where, and what is only moved, as phrases."""

from __future__ import annotations

from planner.bill import node_total
from planner.formats import number, size
from planner.plans import Plan
from planner.wording import marked, tier_in_words
from scenarios.journey import Leg, stored
from scenarios.placement import Route, Step
from scenarios.scenario import Scenario
from scenarios.workloads import Batch, Workload

_EACH = {3600.0: "an hour", 86_400.0: "a day", 604_800.0: "a week"}


def node_count(plan: Plan, pool: str, group: str | None) -> int:
    """Nodes of a pool over all facts and sites of a group, or in its region; spares not counted."""
    if plan.placement is None:
        return 0
    here = plan.scenario.pool(pool)
    count = plan.placement.nodes_of(pool, group).count
    return node_total(here, plan.scenario.group(group) if group else None, count)


def placed_in_words(plan: Plan) -> list[str]:
    """``inspect on 30 jetson-orin-nano-super (gateway), yolo11n fp16``: one for each pool and group, then transfers."""
    assert plan.placement is not None
    found: dict[tuple[str, str | None, str], list[tuple[Route, Step]]] = {}
    for route in plan.placement.routes:
        for step in route.steps:
            group = route.group if plan.scenario.pool(step.pool).local else None
            found.setdefault((step.pool, group, step.variant.hardware), []).append((route, step))
    placed = [_placed(plan, *key, steps) for key, steps in found.items()]
    moved = [text for route in plan.placement.routes for text in moved_in_words(plan.scenario, route)]
    return [*placed, *dict.fromkeys(moved)]


def _placed(plan: Plan, pool: str, group: str | None, on: str, steps: list[tuple[Route, Step]]) -> str:
    assert plan.placement is not None
    nodes, spare = node_count(plan, pool, group), plan.placement.nodes_of(pool, group).spare
    named = dict.fromkeys(_task(plan.scenario, route.workload, step.task) for route, step in steps)
    variants = (step.variant for _, step in steps if step.variant.model)
    models = dict.fromkeys(marked(variant.name, variant.origin.kind) for variant in variants)
    what = f"{number(nodes)} {on}" if nodes else on
    what += f" and {number(spare)} spare" if nodes and spare else ""
    where = f" in {group}" if group and len(plan.scenario.groups) > 1 else ""
    tier = tier_in_words(plan.scenario.pool(pool).tier)
    return f"{', '.join(named)} on {what} ({tier}){where}" + (f", {', '.join(models)}" if models else "")


def _task(scenario: Scenario, workload: str, task: str) -> str:
    """With its workload where another one has a task of that name."""
    same = sum(task == other.name for one in scenario.workloads for other in one.tasks)
    return f"{workload}.{task}" if same > 1 else task


def moved_in_words(scenario: Scenario, route: Route) -> list[str]:
    """``signatures: 1.5 GB a day over uplink to westeurope``, one for each task that only stores its input."""
    workload = scenario.workload(route.workload)
    return [f"{_moved(scenario, workload, leg)} over {over(leg)} to {leg.receiver}" for leg in stored(scenario, route)]


def over(leg: Leg) -> str:
    """The links that a message crosses."""
    return ", ".join(hop.link.name for hop in leg.hops) or "no link"


def _moved(scenario: Scenario, workload: Workload, leg: Leg) -> str:
    amount = size(leg.message.size_bytes)
    if not isinstance(workload.arrivals, Batch):
        return f"{_task(scenario, workload.name, leg.task)}: {amount} each"
    per = workload.source if workload.arrivals.per == "node" else workload.arrivals.per
    several = per != "all" and (per != "site" or sum(group.count for group in scenario.groups) > 1)
    return f"{workload.name}: {amount} {_EACH[workload.arrivals.each_s]}" + (f" per {per}" if several else "")
