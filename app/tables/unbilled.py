"""What a plan uses and its bill does not hold: unknown is not nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from planner.bill import node_total
from planner.flows import planned_usage
from planner.formats import number
from planner.plans import Plan
from scenarios.placement import Nodes
from scenarios.scenario import Scenario


def unbilled(plan: Plan) -> pd.DataFrame:
    """``what`` is not on the bill and ``why``: paid by others, within a rent, or of unknown price."""
    found = list(_found(plan)) if plan.placement else []
    return pd.DataFrame(list(dict.fromkeys(found)), columns=["what", "why"])


def _found(plan: Plan) -> Iterator[tuple[str, str]]:
    assert plan.placement is not None
    scenario = plan.scenario
    used = {step.pool for route in plan.placement.routes for step in route.steps}
    for nodes in plan.placement.nodes:
        if nodes.count or nodes.pool in used:
            yield from _nodes(scenario, nodes, nodes.pool in used)
    usage = planned_usage(scenario, plan.placement)
    carrying = {name for name, _, _ in usage.bytes}
    for link in scenario.links:
        priced = link.fixed_usd_per_month or link.up_usd_per_gb or link.down_usd_per_gb or link.usd_per_message
        if link.name in carrying and not link.within and not priced:
            yield f"the link {link.name}", f"no price stated at links.{link.name}.price"


def _nodes(scenario: Scenario, nodes: Nodes, used: bool) -> Iterator[tuple[str, str]]:
    pool = scenario.pool(nodes.pool)
    if pool.paid_by_user:
        group = scenario.group(nodes.group) if nodes.group else None
        count = node_total(pool, group, nodes.count)
        where = f" at {nodes.group}" if nodes.group and len(scenario.groups) > 1 else ""
        yield f"{pool.name}{where}: {number(count)} {nodes.on}, with power", "paid by the user"
    elif pool.offers:
        if used:
            yield f"the power of {pool.name}", "within the rent; how much it is, is unknown"
    else:
        costs = scenario.prices.node(nodes.on)
        if costs.fixed_per_month is None and (costs.idle_w is None or costs.busy_w is None):
            yield f"the power of {pool.name}", f"unknown for {nodes.on}"
        if costs.price is None and not pool.owned:
            yield f"{nodes.on} itself", "its price is unknown"
