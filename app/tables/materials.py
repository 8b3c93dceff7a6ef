"""What has to stand where: every node of a plan, by group of sites, and who pays for it."""

from __future__ import annotations

import pandas as pd

from planner.bill import node_total
from planner.plans import Plan
from planner.wording import tier_in_words
from scenarios.placement import Nodes
from scenarios.pools import Pool


def materials(plan: Plan) -> pd.DataFrame:
    """One row per pool and group (or region), by place: nodes at each site and in all, spares counted in.

    A service that is bought by the request has no nodes (NaN). ``paid`` says by whom: bought, there already, by its
    user, or rented.
    """
    columns = ["at", "sites", "pool", "tier", "on", "nodes_per_site", "nodes", "spare_nodes", "paid"]
    rows: list[dict[str, object]] = []
    for nodes in plan.placement.nodes if plan.placement else ():
        pool = plan.scenario.pool(nodes.pool)
        used = _used(plan, nodes)
        nodeless = bool(pool.offers) and plan.scenario.prices.offer(nodes.on, pool.at).per_request is not None
        if not nodes.count and not (nodeless and used):
            continue
        group = plan.scenario.group(nodes.group) if nodes.group else None
        sites = group.count if group else 1
        each = float("nan") if nodeless else node_total(pool, group, nodes.count) / sites + nodes.spare
        rows.append(
            {
                "at": nodes.group or pool.at,
                "sites": sites,
                "pool": pool.name,
                "tier": tier_in_words(pool.tier),
                "on": nodes.on,
                "nodes_per_site": each,
                "nodes": each * sites,
                "spare_nodes": nodes.spare * sites,
                "paid": _paid(pool, nodeless) + ("" if used else ", runs no task"),
            }
        )
    order = {group.key: i for i, group in enumerate(plan.scenario.groups)}
    rows.sort(key=lambda row: order.get(str(row["at"]), len(order)))
    return pd.DataFrame(rows, columns=columns)


def _used(plan: Plan, nodes: Nodes) -> bool:
    assert plan.placement is not None
    here = (route for route in plan.placement.routes if nodes.group in (None, route.group))
    return any(step.pool == nodes.pool for route in here for step in route.steps)


def _paid(pool: Pool, nodeless: bool) -> str:
    if pool.paid_by_user:
        return "by its user"
    if pool.offers:
        return "rented by the request" if nodeless else "rented by the hour"
    return "there already" if pool.owned else "to be bought"
