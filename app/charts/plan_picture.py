"""The topology picture of a plan: the tables it is drawn from."""

from __future__ import annotations

import pandas as pd

from app.charts.topology import topology
from app.tables.placements import node_count
from planner.formats import bandwidth, duration, number, percent, plural
from planner.plans import Plan
from planner.wording import tier_in_words
from scenarios.links import Link
from scenarios.pools import Pool
from scenarios.scenario import Scenario


def plan_picture(plan: Plan) -> str:
    """An SVG of the sites, regions, pools and links, and what runs where."""
    return topology(places(plan.scenario), pools(plan), links(plan.scenario))


def places(scenario: Scenario) -> pd.DataFrame:
    """Sites, then the regions that hold a pool or end a link."""
    sites = [(site.name, _sites(scenario, site.name, site.region), True) for site in scenario.sites]
    names = {site.name for site in scenario.sites}
    ends = [*(pool.at for pool in scenario.pools), *(end for link in scenario.links for end in link.ends)]
    regions = [(end, "", False) for end in dict.fromkeys(ends) if end not in names]
    return pd.DataFrame([*sites, *regions], columns=["place", "text", "local"])


def _sites(scenario: Scenario, site: str, region: str) -> str:
    number_of_sites = sum(group.count for group in scenario.groups if group.site == site)
    return f"{plural(number_of_sites, 'site')} in {region}"


def links(scenario: Scenario) -> pd.DataFrame:
    """Links with their ends, bandwidth and round-trip time."""
    rows = [(link.name, *link.ends, _capacity(link)) for link in scenario.links]
    return pd.DataFrame(rows, columns=["link", "start", "end", "text"])


def _capacity(link: Link) -> str:
    rtt = duration(link.rtt_s)
    if link.up_bps is None and link.down_bps is None:
        return rtt
    if link.up_bps == link.down_bps:
        return f"{bandwidth(link.up_bps)}, {rtt}"
    return f"{bandwidth(link.up_bps)} up, {bandwidth(link.down_bps)} down, {rtt}"


def pools(plan: Plan) -> pd.DataFrame:
    """What each pool consists of, what it runs, and how busy it was."""
    busy = plan.result.stations.groupby("pool")["utilisation"].max().to_dict() if plan.result else {}
    rows = []
    for pool in plan.scenario.pools:
        text = _contents(plan, pool)
        if busy.get(pool.name, 0.0) > 0:
            text.append(f"busy {percent(busy[pool.name])}")
        idle = "not used" if plan.placement else "no plan"
        rows.append(
            {
                "pool": pool.name,
                "place": pool.at,
                "tier": pool.tier,
                "used": bool(text),
                "text": [tier_in_words(pool.tier), *(text or [idle])],
            }
        )
    return pd.DataFrame(rows, columns=["pool", "place", "tier", "used", "text"])


def _contents(plan: Plan, pool: Pool) -> list[str]:
    sourced = [workload.name for workload in plan.scenario.workloads if workload.source == pool.name]
    text = [f"source of {', '.join(sourced)}"] if sourced else []
    if plan.placement is None:
        return text
    nodes = [nodes for nodes in plan.placement.nodes if nodes.pool == pool.name and nodes.count]
    steps = [step for route in plan.placement.routes for step in route.steps if step.pool == pool.name]
    runs = dict.fromkeys(f"{s.task}: {s.variant.name}" if s.variant.model else s.task for s in steps)
    return [*(f"{number(node_count(plan, pool.name, n.group))} × {n.on}" for n in nodes), *runs, *text]
