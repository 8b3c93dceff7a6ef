"""Tables of a report from tables of numbers: each column written as its figures are written everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from app.report.parts import Column, Kind, Table
from planner.formats import NOTHING, money, number, signed

UNKNOWN = "unknown"


def cents(value: float) -> str:
    return number(value, 2)


# How the columns that hold figures are written; all others are text.
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "nodes": number,
    "sites": number,
    "requests": number,
    "nodes_per_site": lambda value: number(value, 0 if float(value).is_integer() else 1),
    "spare_nodes": number,
    "mean_ms": cents,
    "waiting_ms": cents,
    "service_ms": cents,
    "network_ms": cents,
    "response_ms": cents,
    "usd_per_month": money,
    "extra_usd_per_month": signed,
    "effect_usd_per_month": signed,
}
_RIGHT = (*_WRITTEN, "cost", "more", "count")  # written already
_SHORT = ("kind", "date", "value", "group", "asked", "needed", "now", "at")
_LONG = ("source", "path", "setting", "breaks", "because", "next_route", "next_tier", "why")

_KINDS: Mapping[Kind, Sequence[str]] = {"figure": _RIGHT, "short": _SHORT, "long": _LONG}


def table(caption: str, rows: pd.DataFrame, titles: Mapping[str, str], note: str = "", empty: str = NOTHING) -> Table:
    """The named columns under their titles; what a row does not have is written as ``empty``."""
    cells = (tuple(_cell(name, row[name], empty) for name in titles) for row in rows.to_dict("records"))
    return Table(caption, tuple(Column(title, _kind(name)) for name, title in titles.items()), tuple(cells), note)


def pairs(caption: str, rows: Sequence[tuple[str, str]]) -> Table:
    """What is told, and what there is to tell."""
    return Table(caption, (Column(""), Column("", "long")), tuple(rows))


def _kind(column: str) -> Kind:
    return next((kind for kind, names in _KINDS.items() if column in names), "text")


def _cell(column: str, value: Any, empty: str) -> str:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return UNKNOWN if column in ("source", "date") else empty
    return _WRITTEN[column](value) if column in _WRITTEN else str(value)
