"""What a month costs here and as everybody would try first, by what it is paid for."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from planner.bill import price, standing
from planner.flows import planned_usage
from planner.plans import BillLine, Plan
from scenarios.placement import Placement

HERE = "here"


def costs(plan: Plan) -> pd.DataFrame:
    """One row per placement and item [USD a month]; a placement that is impossible has one row without item and sum.

    What costs nothing is left out; a placement that costs nothing has one row of 0.
    """
    rows: list[dict[str, object]] = []
    if plan.placement is not None:
        rows += _items(HERE, plan.bill)
    for baseline in plan.baselines:
        name = baseline.name.replace("_", " ")
        if baseline.placement is None:
            rows.append({"placement": name, "item": "", "usd_per_month": float("nan")})
        else:
            rows += _items(name, placement_bill(plan, baseline.placement))
    return pd.DataFrame(rows, columns=["placement", "item", "usd_per_month"])


def placement_bill(plan: Plan, placement: Placement) -> tuple[BillLine, ...]:
    """The bill of another placement of the same scenario, at the planned usage."""
    scenario = plan.scenario
    return (*standing(scenario), *price(scenario, placement, planned_usage(scenario, placement)))


def _items(placement: str, bill: Iterable[BillLine]) -> list[dict[str, object]]:
    items: dict[str, float] = {}
    for line in bill:
        items[line.item] = items.get(line.item, 0.0) + line.usd_per_month
    paid = {item: usd for item, usd in items.items() if usd} or {"nothing": 0.0}
    return [{"placement": placement, "item": item, "usd_per_month": usd} for item, usd in paid.items()]
