"""Every row of a catalogue or a profile file behind a figure of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pandas as pd

from app.tables.costs import placement_bill
from planner.formats import short_percent
from planner.plans import Alternative, BillLine, Excluded, Plan
from scenarios.figures import Figure, Variant
from scenarios.placement import Placement
from scenarios.prices import NodePrice
from scenarios.variants import variants

KNOWN = ("measured", "listed", "interpolated", "estimated")  # what comes from a row of a catalogue or a profile file

_Row = tuple[str, str, str, str, str]  # what, value, kind, date, source
_Stock = tuple[str, str]  # pool, hardware or offer


def sources(plan: Plan) -> pd.DataFrame:
    """Prices, power, service times and accuracies of the plan, of what would be next best, of the baselines, the
    service times by which the others are excluded, and what the technologies of links say."""
    rows = [*_told(plan), *(_line(line) for line in plan.bill), *_links(plan)]
    stocks = [(other.pool, other.on) for other in _alternatives(plan)]
    placements = [plan.placement, *(baseline.placement for baseline in plan.baselines)]
    for placement in placements:
        if placement is not None:
            rows += [*_steps(placement), *(_line(line) for line in placement_bill(plan, placement))]
            stocks += [(nodes.pool, nodes.on) for nodes in placement.nodes if _used(placement, nodes.pool, nodes.count)]
    for stock in dict.fromkeys(stocks):
        rows += _prices(plan, stock)
    known = dict.fromkeys(row for row in rows if row[2] in KNOWN and row[4])
    return pd.DataFrame(list(known), columns=["what", "value", "kind", "date", "source"])


def _alternatives(plan: Plan) -> list[Alternative]:
    return [one for reason in plan.reasons for one in (reason.next_route, reason.next_tier) if one is not None]


def _told(plan: Plan) -> Iterator[_Row]:
    """The variants that the reasons name."""
    excluded = (*plan.excluded, *(one for reason in plan.reasons for one in reason.excluded))
    others: list[Alternative | Excluded] = [*_alternatives(plan), *excluded]
    for one in others:
        pool = plan.scenario.pool(one.pool)
        for workload in plan.scenario.workloads:
            for task in workload.tasks:
                found = variants(plan.scenario, workload, task, pool, one.on, None)
                yield from (row for variant in found if variant.name == one.variant for row in _variant(variant))


def _links(plan: Plan) -> Iterator[_Row]:
    """What nobody but the catalogue says of the technologies of its links."""
    for link in plan.scenario.links:
        for what, figure in link.figures:
            value = f"{figure.value:.4g} {figure.unit}"
            yield f"{what} ({link.name})", value, figure.kind, figure.date, figure.source


def _variant(variant: Variant) -> Iterator[_Row]:
    origin, mean = variant.origin, f"{variant.service.mean_s * 1e3:.4g} ms"
    yield f"{variant.name} on {variant.hardware}, mean with overhead", mean, origin.kind, origin.date, origin.source
    if variant.accuracy:
        accuracy = variant.accuracy
        yield f"{accuracy.measure} of {variant.name}", short_percent(accuracy.value), "listed", "", accuracy.source


def _line(line: BillLine) -> _Row:
    price = f"{line.unit_price_usd:.4g} USD each ({line.unit})"
    return f"{line.item} of {line.of}", price, line.kind, line.date, line.source


def _steps(placement: Placement) -> Iterator[_Row]:
    for route in placement.routes:
        for step in route.steps:
            yield from _variant(step.variant)


def _used(placement: Placement, pool: str, count: int) -> bool:
    return count > 0 or any(step.pool == pool for route in placement.routes for step in route.steps)


def _prices(plan: Plan, stock: _Stock) -> Iterator[_Row]:
    """Of one node or instance: what it costs and draws, the building around it, its grid."""
    prices, pool = plan.scenario.prices, plan.scenario.pool(stock[0])
    if pool.paid_by_user:
        return
    place = next((site.region for site in plan.scenario.sites if site.name == pool.at), pool.at)
    book = prices.offer(stock[1], pool.at) if pool.offers else prices.node(stock[1])
    found: list[tuple[str, Figure | None]] = [
        (f"{each.name.replace('_', ' ')} of {stock[1]}", getattr(book, each.name)) for each in fields(book)
    ]
    if isinstance(book, NodePrice) and book.fixed_per_month is None:
        found += [(f"PUE at {pool.tier}", prices.pue(pool.tier)), (f"electricity in {place}", prices.tariff(place))]
        found.append((f"carbon in {place}", prices.carbon(place)))
    for what, figure in found:
        if figure is not None:
            yield what, f"{figure.value:.4g} {figure.unit}".removesuffix(" 1"), figure.kind, figure.date, figure.source
