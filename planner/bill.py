"""The bill: the one function that prices what a placement uses, planned or simulated."""

from __future__ import annotations

from collections.abc import Iterator

from hardware_profiles.faults import Fault, NotSupported
from planner.formats import number
from planner.plans import BillLine
from scenarios.figures import Figure
from scenarios.placement import Nodes, Placement
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from sim.usage import MONTH_S, Usage

KWH_J = 3.6e6


def annuity(rate: float, years: float) -> float:
    """Yearly payment for each unit of capital, paid at the end of each of ``years`` years.

    ``rate / (1 - (1 + rate) ** -years)``, and ``1 / years`` at rate 0 (any textbook of investment appraisal).

    >>> round(annuity(0.08, 5), 5)
    0.25046
    >>> annuity(0.0, 4)
    0.25
    """
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


def price(scenario: Scenario, placement: Placement, usage: Usage) -> tuple[BillLine, ...]:
    """Every line of a month's bill [USD]; additive in nodes and usage, so parts may be priced alone."""
    lines = [*_nodes(scenario, placement, usage), *_energy(scenario, placement, usage), *_links(scenario, usage)]
    lines += _egress(scenario, usage)
    return tuple(line for line in lines if line.usd_per_month or line.quantity)


def total(lines: tuple[BillLine, ...]) -> float:
    return sum(line.usd_per_month for line in lines)


def node_total(pool: Pool, group: Group | None, count: int) -> int:
    """Nodes in all, over the facts and sites of the group."""
    facts = group.facts[pool.count.per] if group and pool.count.per else 1
    return count * facts * (group.count if group else 1)


def _node_s(scenario: Scenario, nodes: Nodes, usage: Usage) -> float:
    """For how long nodes are there in a month, added up [s], spare ones too.

    Those of a pool that scales as simulated; before that, all of its count, so that a plan is never too cheap.
    """
    pool, group = scenario.pool(nodes.pool), scenario.group(nodes.group) if nodes.group else None
    counted = node_total(pool, group, nodes.count) * MONTH_S
    spare = nodes.spare * (group.count if group else 1)
    return usage.node_s.get((nodes.pool, nodes.group), counted) + spare * MONTH_S


def _line(
    item: str, of: str, group: str | None, quantity: float, unit: str, each_usd: float, figure: Figure
) -> BillLine:
    return BillLine(
        item,
        of,
        group,
        quantity,
        unit,
        each_usd,
        quantity * each_usd,
        figure.kind,
        figure.source,
        figure.date,
        figure.path,
    )


def _nodes(scenario: Scenario, placement: Placement, usage: Usage) -> Iterator[BillLine]:
    for nodes in placement.nodes:
        pool = scenario.pool(nodes.pool)
        group = scenario.group(nodes.group) if nodes.group else None
        spare = nodes.spare * (group.count if group else 1)
        number = node_total(pool, group, nodes.count) + spare
        if pool.paid_by_user:
            continue
        if pool.offers:
            offer = scenario.prices.offer(nodes.on, pool.at)
            if offer.hourly:
                hours = _node_s(scenario, nodes, usage) / 3600
                yield _line("instances", pool.name, nodes.group, hours, "h", offer.hourly.value, offer.hourly)
            calls = usage.calls.get((pool.name, nodes.group), 0.0)
            if offer.per_request:
                yield _line(
                    "requests", pool.name, nodes.group, calls, "requests", offer.per_request.value, offer.per_request
                )
        else:
            yield from _owned_or_bought(scenario, pool, nodes, number)


def _owned_or_bought(scenario: Scenario, pool: Pool, nodes: Nodes, number: int) -> Iterator[BillLine]:
    costs = scenario.prices.node(nodes.on)
    if not pool.owned:
        yearly = annuity(scenario.prices.discount_rate().value, costs.lifetime_years.value)
        for item, figure in (("hardware", costs.price), ("installation", costs.installation)):
            if figure is not None:
                yield _line(item, pool.name, nodes.group, number, "nodes", figure.value * yearly / 12, figure)
    if costs.price is not None:
        maintenance, failures = costs.maintenance_per_year, costs.failures_per_year
        each = maintenance.value * costs.price.value / 12
        yield _line("maintenance", pool.name, nodes.group, number, "nodes", each, maintenance)
        each = failures.value * (costs.price.value + costs.truck_roll.value) / 12
        yield _line("failures", pool.name, nodes.group, number, "nodes", each, failures)
    if costs.fixed_per_month is not None:
        yield _line(
            "running", pool.name, nodes.group, number, "nodes", costs.fixed_per_month.value, costs.fixed_per_month
        )


def _energy(scenario: Scenario, placement: Placement, usage: Usage) -> Iterator[BillLine]:
    for nodes in placement.nodes:
        kwh = energy_kwh(scenario, nodes, usage)
        if kwh is not None:
            pool = scenario.pool(nodes.pool)
            place = _region(scenario, pool)
            tariff, pue = scenario.prices.tariff(place), scenario.prices.pue(pool.tier)
            yield _line("electricity", pool.name, nodes.group, kwh * pue.value, "kWh", tariff.value, tariff)


def energy_kwh(scenario: Scenario, nodes: Nodes, usage: Usage) -> float | None:
    """Energy of a pool's nodes in a month [kWh]: idle power while they are there, the rest while busy.

    ``None`` off the bill.
    """
    pool = scenario.pool(nodes.pool)
    if pool.paid_by_user or pool.offers:
        return None
    costs = scenario.prices.node(nodes.on)
    if costs.fixed_per_month is not None or costs.idle_w is None or costs.busy_w is None:
        return None
    busy_s = usage.busy_node_s.get((pool.name, nodes.group), 0.0)
    return (
        _node_s(scenario, nodes, usage) * costs.idle_w.value + busy_s * (costs.busy_w.value - costs.idle_w.value)
    ) / KWH_J


def _region(scenario: Scenario, pool: Pool) -> str:
    return next((site.region for site in scenario.sites if site.name == pool.at), pool.at)


def _links(scenario: Scenario, usage: Usage) -> Iterator[BillLine]:
    for link in scenario.links:
        yours = Figure(0.0, "", "yours", link.price_source or "scenario", "", f"links.{link.name}.price")
        for (name, direction, group), size in usage.bytes.items():
            if name == link.name:
                each = link.up_usd_per_gb if direction == "up" else link.down_usd_per_gb
                if each:
                    yield _line(f"data {direction}", name, group, size / 1e9, "GB", each, yours)
        for (name, direction, group), sent in usage.messages.items():
            if name == link.name and link.usd_per_message:
                yield _line(f"messages {direction}", name, group, sent, "messages", link.usd_per_message, yours)


def standing(scenario: Scenario) -> tuple[BillLine, ...]:
    """What is paid whatever is placed where: fixed prices of the links."""
    lines = []
    for link in scenario.links:
        if link.fixed_usd_per_month:
            yours = Figure(0.0, "", "yours", link.price_source or "scenario", "", f"links.{link.name}.price")
            sites = sum(group.count for group in scenario.groups if group.site in link.ends)
            number = 1 if link.each == "shared" else max(1, sites)
            lines.append(_line("line", link.name, None, number, "lines", link.fixed_usd_per_month, yours))
    return tuple(lines)


def _egress(scenario: Scenario, usage: Usage) -> Iterator[BillLine]:
    """Bytes that leave a cloud region, charged by the side they leave; bytes into it are free there."""
    for region, size in _leaving(scenario, usage).items():
        figure = scenario.prices.egress(region)
        if figure is not None and size:
            yield _line("egress", region, None, size / 1e9, "GB", figure.value, figure)


def refuse_tiers(scenario: Scenario, usage: Usage) -> None:
    """Refuse, by name, egress beyond the first price tier: `price` knows that tier only.

    Raises
    ------
    NotSupported
    """
    faults = []
    for region, size in _leaving(scenario, usage).items():
        limit, figure = scenario.prices.egress_tier_gb(region), scenario.prices.egress(region)
        if limit is not None and figure is not None and size / 1e9 > limit:
            found = (
                f"{number(size / 1e9)} GB a month out of {region}, beyond the first price tier of {number(limit)} GB"
            )
            expected = f"a flat price (`egress at {region}: … USD/GB`), tiered prices are not planned yet"
            faults.append(Fault(figure.path, found, expected, scenario.file))
    if faults:
        raise NotSupported(faults)


def _leaving(scenario: Scenario, usage: Usage) -> dict[str, float]:
    """Bytes a month that leave each cloud region."""
    regions = {pool.at for pool in scenario.pools if not pool.local}
    links = {link.name: link for link in scenario.links}
    leaving: dict[str, float] = {}
    for (name, direction, _), size in usage.bytes.items():
        start = links[name].ends[0 if direction == "up" else 1]
        if start in regions and not links[name].within:
            leaving[start] = leaving.get(start, 0.0) + size
    return leaving
