"""The topology picture of a plan: the tables it is drawn from, and its hottest element in words."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.charts.look import Scheme
from app.charts.topology import topology
from app.tables.placements import node_count
from planner.formats import bandwidth, duration, ms, number, percent, plural
from planner.plans import Plan
from planner.wording import marked
from scenarios.links import Link
from scenarios.placement import Step
from scenarios.pools import SPREAD, Pool
from scenarios.scenario import Scenario
from sim.result import Result

if TYPE_CHECKING:
    import altair as alt

_MUCH, _SOME = 0.8, 0.5  # utilisation from which a queue grows steeply, and from which it is felt


def plan_picture(plan: Plan, scheme: Scheme = "page") -> alt.LayerChart:
    """The sites, regions, pools and links, what runs where, and what is hottest."""
    picture = topology(places(plan.scenario), pools(plan), links(plan), scheme)
    picture.description = f"{picture.description} {hottest(plan)}"
    return picture


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


def links(plan: Plan) -> pd.DataFrame:
    """Links with their ends, bandwidth and round-trip time, and how busy they were."""
    hot = _hottest(plan)
    rows = []
    for link in plan.scenario.links:
        heat = hot if hot is not None and hot.link and hot.name == link.name else None
        text = _capacity(link) + (f", {heat.told}" if heat else "")
        rows.append((link.name, *link.ends, text, heat is not None))
    return pd.DataFrame(rows, columns=["link", "start", "end", "text", "hottest"])


def _capacity(link: Link) -> str:
    rtt = duration(link.rtt_s)
    if link.up_bps is None and link.down_bps is None:
        return rtt
    if link.up_bps == link.down_bps:
        return f"{bandwidth(link.up_bps)}, {rtt}"
    return f"{bandwidth(link.up_bps)} up, {bandwidth(link.down_bps)} down, {rtt}"


def pools(plan: Plan) -> pd.DataFrame:
    """What each pool consists of, what it runs, and how busy its busiest queue was."""
    busy = plan.result.stations.groupby("pool")["utilisation"].max().to_dict() if plan.result else {}
    hot = _hottest(plan)
    rows = []
    for pool in plan.scenario.pools:
        text = _contents(plan, pool)
        heat = hot if hot is not None and not hot.link and hot.name == pool.name else None
        if busy.get(pool.name, 0.0) > 0:
            text.append(heat.told if heat else f"{percent(busy[pool.name])} busy")
        idle = "not used" if plan.placement else "no plan"
        rows.append(
            {
                "pool": pool.name,
                "place": pool.at,
                "tier": pool.tier,
                "used": bool(text),
                "hottest": heat is not None,
                "text": text or [idle],
            }
        )
    return pd.DataFrame(rows, columns=["pool", "place", "tier", "used", "hottest", "text"])


def _contents(plan: Plan, pool: Pool) -> list[str]:
    sourced = [workload.name for workload in plan.scenario.workloads if workload.source == pool.name]
    text = [f"source of {', '.join(sourced)}"] if sourced else []
    if plan.placement is None:
        return text
    nodes = [nodes for nodes in plan.placement.nodes if nodes.pool == pool.name and nodes.count]
    steps = [step for route in plan.placement.routes for step in route.steps if step.pool == pool.name]
    runs = dict.fromkeys(_runs(step) for step in steps)
    return [*(_nodes(plan, pool, one.on, one.group) for one in nodes), *runs, *text]


def _runs(step: Step) -> str:
    variant = step.variant
    return f"{step.task}: {marked(variant.name, variant.origin.kind)}" if variant.model else step.task


def _nodes(plan: Plan, pool: Pool, on: str, group: str | None) -> str:
    """``30 × jetson-orin-nano-super``, and where, if its places are of several groups."""
    several = group is not None and len(plan.scenario.groups_of(pool)) > 1
    where = f" in {plan.scenario.group(group).name}" if several and group else ""
    return f"{number(node_count(plan, pool.name, group))} × {on}{where}"


@dataclass(frozen=True)
class _Heat:
    """The busiest queue of a result: of a pool, or of a link."""

    name: str
    where: str
    busy: float
    link: bool
    waiting_s: float  # mean of those who pass; nan for a link
    overloaded: bool

    @property
    def told(self) -> str:
        return "OVERLOADED" if self.overloaded else f"hottest: {percent(self.busy)} busy"


def hottest(plan: Plan) -> str:
    """The busiest pool or link in words, how busy it is and whether that is a lot; overload before all else."""
    if plan.result is None:
        return "Not simulated: how busy anything is, is not known."
    if plan.result.overloaded:
        names = ", ".join(plan.result.overloaded)
        return f"OVERLOADED: {names}. More arrives there than can be served, so queues grow without end."
    hot = _hottest(plan)
    if hot is None:
        return (
            "Nothing is ever busy: there is neither a queue of limited servers nor a link of limited bandwidth in use."
        )
    where = f", {hot.where}" if hot.where else ""
    text = f"Hottest: {'link ' if hot.link else ''}{hot.name}{where}, {percent(hot.busy)} busy. {_judged(hot.busy)}"
    if math.isnan(hot.waiting_s):
        return f"{text}."
    waits = "nobody waits there" if hot.waiting_s == 0 else f"a request waits {ms(hot.waiting_s)} ms there on average"
    return f"{text}; {waits}."


def _judged(busy: float) -> str:
    if busy >= _MUCH:
        return "That is a lot: a little more demand makes the queue much longer"
    return "That leaves some room" if busy >= _SOME else "That leaves much room"


def _hottest(plan: Plan) -> _Heat | None:
    """The first of the busiest; ``None`` where nothing was busy."""
    if plan.result is None:
        return None
    found = [*_busy_pools(plan, plan.result), *_busy_links(plan, plan.result)]
    best = max(found, key=lambda heat: (heat.overloaded, heat.busy), default=None)
    return best if best is not None and best.busy > 0 else None


def _busy_pools(plan: Plan, result: Result) -> Iterator[_Heat]:
    for row in result.stations.to_dict("records"):
        if not math.isnan(row["utilisation"]):
            waiting = row["mean_queue_length"] * result.span_s / row["visits"] if row["visits"] else 0.0  # Little
            yield _Heat(
                row["pool"], _where(plan, row), row["utilisation"], False, waiting, row["pool"] in result.overloaded
            )


def _where(plan: Plan, row: Mapping[Hashable, Any]) -> str:
    """``line 3 of plant/all``, or the node where each has a queue; the number of the site where there are several."""
    pool = plan.scenario.pool(row["pool"])
    node = f"node {row['queue']}" if pool.dispatch in SPREAD else ""
    if not row["group"]:
        return node
    group = plan.scenario.group(row["group"])
    site = f"{row['group']} {row['site']}" if group.count > 1 else str(row["group"])
    if node:
        return f"{node} of {site}"
    return f"{pool.count.per} {row['queue']} of {site}" if pool.queues(group) > 1 else site


def _busy_links(plan: Plan, result: Result) -> Iterator[_Heat]:
    for row in result.links.to_dict("records"):
        several = bool(row["group"]) and len(plan.scenario.groups) > 1
        where = f"{row['direction']} at {row['group']}" if several else str(row["direction"])
        overloaded = f"{row['link']}.{row['direction']}" in result.overloaded
        yield _Heat(row["link"], where, row["busiest_fraction"], True, math.nan, overloaded)
