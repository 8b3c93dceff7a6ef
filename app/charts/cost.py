"""What a month costs here and elsewhere, by what the money is spent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from app.charts.bars import Bar, bars
from app.charts.look import COST, Scheme
from planner.formats import money

if TYPE_CHECKING:
    import altair as alt

_KINDS = {
    "equipment": ("hardware", "installation", "maintenance", "failures", "running"),
    "electricity": ("electricity",),
    "cloud": ("instances", "requests", "storage"),
    "network": ("line", "data up", "data down", "messages up", "messages down", "egress"),
}
_KIND = {item: kind for kind, items in _KINDS.items() for item in items}


def cost_chart(table: pd.DataFrame, scheme: Scheme = "page") -> alt.LayerChart:
    """A bar for each placement, with its total.

    Parameters
    ----------
    table
        ``placement``, ``item`` (as on the bill) and ``usd_per_month``; a placement that is impossible has no number.
    """
    rows = []
    for placement, items in by_kind(table).groupby("placement", sort=False):
        paid = items[items["usd_per_month"] != 0]
        values = dict(zip(paid["kind"], paid["usd_per_month"], strict=True))
        impossible = bool(items["usd_per_month"].isna().any())
        rows.append(Bar(str(placement), {} if impossible else values, "impossible" if impossible else ""))
    told = "; ".join(f"{row.name} {row.instead or f'{money(row.total)} USD'}" for row in rows)
    return bars(rows, COST, money, "USD a month", scheme, f"Cost of a month. {told}")


def by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """``placement``, ``kind`` (equipment, electricity, cloud, network or other) and their ``usd_per_month``."""
    kinds = table.assign(kind=[_KIND.get(item, "other") for item in table["item"]])
    sums = kinds.groupby(["placement", "kind"], sort=False)["usd_per_month"]
    return sums.sum(min_count=1).reset_index()
