"""The bill so that a reader can check it: quantity × unit price = amount, each with where it comes from."""

from __future__ import annotations

import math
from itertools import product

from app.report.figures import UNKNOWN, cents
from app.report.parts import Column, Table
from planner.formats import money, number, short_percent
from planner.plans import BillLine, Plan
from scenarios.scenario import Scenario

_COLUMNS = (
    Column("item"),
    Column("quantity", "figure"),
    Column("× unit price, USD", "figure"),
    Column("= USD a month", "figure"),
    Column("known as", "short"),
    Column("date", "short"),
    Column("source", "long"),
)


def bill_table(plan: Plan) -> Table:
    """One row a line, then the sum; without rows where there is no plan."""
    rows = [_row(plan.scenario, line) for line in plan.bill]
    if plan.usd_per_month is not None:
        total = ["total", "", "", cents(plan.usd_per_month), "", "", _in_currency(plan.scenario, plan.usd_per_month)]
        rows.append(tuple(total))
    shown = sum(round(line.usd_per_month, 2) for line in plan.bill)
    exact = plan.usd_per_month is None or math.isclose(shown, round(plan.usd_per_month, 2), abs_tol=0.001)
    notes = [
        *_annuities(plan),
        *([] if exact else ["Each line is rounded to the cent; the total is that of the exact ones."]),
    ]
    return Table("The bill of a month (730 h)", _COLUMNS, tuple(rows), " ".join(notes), sum=True)


def factors(quantity: float, price: float) -> tuple[str, str]:
    """Quantity and unit price with as few digits as give the exact amount to the cent.

    >>> factors(30, 5.196971)
    ('30', '5.197')
    >>> factors(7.884, 0.05)
    ('7.88', '0.05')
    """
    least = 0 if float(quantity).is_integer() else 2
    amount = round(quantity * price, 2)
    tried = sorted(product(range(least, least + 6), range(2, 12)), key=sum)
    found = (
        (of, each) for of, each in tried if math.isclose(round(round(quantity, of) * round(price, each), 2), amount)
    )
    digits = next(found, (least + 5, 11))
    return number(quantity, digits[0]), number(price, digits[1])


def _row(scenario: Scenario, line: BillLine) -> tuple[str, ...]:
    quantity, each = factors(line.quantity, line.unit_price_usd)
    where = f" at {line.group}" if line.group and len(scenario.groups) > 1 else ""
    unit = line.unit.removesuffix("s") if line.quantity == 1 else line.unit
    item = f"{line.item}, {line.of}{where}"
    source = line.source or UNKNOWN
    told = f"{source} ({line.path})" if line.kind == "yours" and line.path else source
    return (item, f"{quantity} {unit}", each, cents(line.usd_per_month), line.kind, line.date or "undated", told)


def _annuities(plan: Plan) -> list[str]:
    """How the price of bought hardware becomes a month's."""
    prices = plan.scenario.prices
    bought = {line.of for line in plan.bill if line.item == "hardware"}
    told = []
    for nodes in plan.placement.nodes if plan.placement else ():
        costs = prices.node(nodes.on) if nodes.pool in bought else None
        if costs is not None and costs.price is not None:
            told.append(f"{nodes.on}, {money(costs.price.value)} USD, lasts {costs.lifetime_years.value:g} years")
    if not told:
        return []
    rate = short_percent(prices.discount_rate().value)
    return [
        f"Hardware and installation are paid in equal parts over the lifetime, at {rate} interest a year: "
        f"{'; '.join(dict.fromkeys(told))}."
    ]


def _in_currency(scenario: Scenario, usd: float) -> str:
    if scenario.currency == "USD":
        return ""
    dated = f", {scenario.exchange_date}" if scenario.exchange_date else ", undated"
    rate = f"1 {scenario.currency} = {scenario.usd_per_currency:.4g} USD{dated}"
    return f"{cents(usd / scenario.usd_per_currency)} {scenario.currency} ({rate})"
