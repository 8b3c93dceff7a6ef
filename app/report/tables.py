"""The tables of the report, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from app.printed.simulated import energy_in_words
from app.tables import plans as plan_tables
from app.tables.month import month
from app.tables.requirements import requirement_rows
from app.tables.sources import sources
from planner.formats import money, number, percent, quantity, signed, size
from planner.plans import Plan
from planner.wording import set_to, tier_in_words
from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Table:
    """``columns`` are (title, kind of text: figure, long or empty); with ``sum`` the last row adds up the others."""

    heading: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    sum: bool = False


def tables(plan: Plan) -> list[Table]:
    """Every table of the report in its order; empty ones have no rows."""
    return [
        _requirements(plan),
        _table(
            "What would make a plan possible, each alone",
            plan_tables.relaxations(plan),
            {"what": "requirement", "asked": "asked", "needed": "needed", "cost": "a month", "setting": "--set"},
        ),
        _table("The plan", plan_tables.routes(plan), _ROUTES),
        _table("Why", plan_tables.reasons(plan), _REASONS),
        _table(
            "What the other pools break",
            plan_tables.excluded(plan),
            {"pool": "pool", "tier": "tier", "on": "on", "variant": "best candidate", "breaks": "breaks"},
        ),
        _table(
            "What would change the answer",
            _changes(plan),
            {"what": "if", "now": "is", "at": "becomes", "to": "then it runs on", "setting": "--set"},
        ),
        _table(
            "Everything in one place",
            plan_tables.baselines(plan),
            {"name": "placement", "usd_per_month": "USD a month", "breaks": "breaks"},
            "The cheapest stable placement on those tiers with every other requirement dropped.",
        ),
        _bill(plan),
        _simulated(plan),
        _table(
            "Assumed",
            plan_tables.assumptions(plan),
            _ASSUMPTIONS,
            "Nobody measured these; the largest effect on the cost comes first.",
        ),
        _table(
            "Sources",
            sources(plan),
            {"what": "figure", "kind": "kind", "date": "date", "source": "source"},
        ),
    ]


_ROUTES = {
    "workload": "workload",
    "group": "at",
    "task": "task",
    "pool": "pool",
    "tier": "tier",
    "on": "on",
    "nodes": "nodes",
    "spare": "spare",
    "variant": "variant",
    "unit": "unit",
    "mean_ms": "mean, ms",
    "spread": "spread",
    "kind": "known as",
}
_REASONS = {
    "workload": "workload",
    "group": "at",
    "on": "runs on",
    "excluded": "excluded",
    "next_route": "next best",
    "next_tier": "next best tier",
}
_ASSUMPTIONS = {
    "what": "figure",
    "value": "value",
    "kind": "kind",
    "effect_usd_per_month": "10 % more, USD a month",
    "path": "change it at",
    "source": "because",
}
_BILL = {
    "item": "item",
    "of": "of",
    "group": "at",
    "quantity": "quantity",
    "unit": "unit",
    "unit_price_usd": "unit price, USD",
    "usd_per_month": "USD a month",
    "kind": "kind",
    "date": "date",
    "source": "source",
    "path": "change it at",
}


def _amount(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 2)


def _cents(value: float) -> str:
    return number(value, 2)


# How the columns that hold figures are written; all others are text.
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "nodes": number,
    "spare": number,
    "mean_ms": _cents,
    "quantity": _amount,
    "unit_price_usd": money,
    "usd_per_month": _cents,
    "effect_usd_per_month": signed,
}
_LONG = ("source", "path", "setting", "breaks", "excluded")  # may be broken anywhere


def _table(heading: str, table: pd.DataFrame, titles: Mapping[str, str], note: str = "") -> Table:
    """The named columns of a table under their titles."""
    rows = tuple(tuple(_cell(name, row[name]) for name in titles) for row in table.to_dict("records"))
    return Table(heading, tuple((title, _kind(name)) for name, title in titles.items()), rows, note)


def _kind(column: str) -> str:
    return "figure" if column in _WRITTEN else "long" if column in _LONG else ""


def _cell(column: str, value: Any) -> str:
    if value is None or value != value:  # nan
        return ""
    return _WRITTEN[column](value) if column in _WRITTEN else str(value)


def _requirements(plan: Plan) -> Table:
    titles = ("requirement", "limit", "planned", "simulated (95 %)", "margin", "verdict")
    return Table("Requirements", tuple((title, "") for title in titles), tuple(requirement_rows(plan)))


def _changes(plan: Plan) -> pd.DataFrame:
    rows = [
        {
            "what": flip.what,
            "now": quantity(flip.now, flip.unit),
            "at": set_to(flip),
            "to": f"{flip.on} in {flip.pool} ({tier_in_words(flip.tier)})",
            "setting": flip.setting,
        }
        for flip in plan.flips
    ]
    return pd.DataFrame(rows, columns=["what", "now", "at", "to", "setting"])


def _bill(plan: Plan) -> Table:
    lines = _table("The bill of a month (730 h)", plan_tables.bill(plan), _BILL)
    if plan.usd_per_month is None:
        return lines
    total = _cents(plan.usd_per_month)
    if plan.scenario.currency != "USD":
        total += f" ({_cents(plan.usd_per_month / plan.scenario.usd_per_currency)} {plan.scenario.currency})"
    sums = tuple({"item": "total", "usd_per_month": total}.get(name, "") for name in _BILL)
    return Table(lines.heading, lines.columns, (*lines.rows, sums), _exchange(plan.scenario), sum=True)


def _simulated(plan: Plan) -> Table:
    """The month again, from what was simulated."""
    rows: list[tuple[str, str]] = []
    if plan.result is not None and plan.placement is not None:
        found = month(plan.scenario, plan.placement, plan.result.usage)
        rows = [("cost, USD", _cents(found["cost_usd_per_month"])), ("energy", energy_in_words(found))]
        saved = found["bandwidth_saved_fraction"]
        if saved is not None:
            rows.append(("raw bytes that stay at the sites", percent(saved)))
        for name, link in found["links"].items():
            up, down = size(link["bytes_up_per_month"]), size(link["bytes_down_per_month"])
            rows.append((f"over {name}", f"{up} up, {down} down"))
    return Table("A month at the simulated demand", (("what", ""), ("", "")), tuple(rows))


def _exchange(scenario: Scenario) -> str:
    if scenario.currency == "USD":
        return ""
    dated = f", {scenario.exchange_date}" if scenario.exchange_date else ""
    return f"1 {scenario.currency} = {scenario.usd_per_currency:.4g} USD{dated}"
