"""Where the time of a response goes: waiting, service, network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from app.charts.bars import Bar, bars
from app.charts.look import PART, Scheme
from planner.formats import ms

if TYPE_CHECKING:
    import altair as alt


def split_chart(table: pd.DataFrame, scheme: Scheme = "page") -> alt.LayerChart:
    """A bar for each ``what``, of its parts.

    Parameters
    ----------
    table
        ``what``, ``part`` (waiting, service or network) and ``ms``; without a number where nothing was answered.
    """
    rows = []
    for what, parts in table.groupby("what", sort=False):
        values = dict(zip(parts["part"], parts["ms"], strict=True))
        rows.append(Bar(str(what), {} if parts["ms"].isna().any() else values, _missing(parts)))
    told = "; ".join(f"{row.name} {_write(row.total)} ms" for row in rows if not row.instead)
    return bars(rows, PART, _write, "ms", scheme, f"Mean waiting, service and network time. {told}")


def _missing(parts: pd.DataFrame) -> str:
    return "nothing was answered" if parts["ms"].isna().any() else ""


def _write(value: float) -> str:
    return ms(value / 1e3)
