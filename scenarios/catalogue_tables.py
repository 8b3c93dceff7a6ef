"""Reading our catalogues of places, offers, prices and energy: one CSV file per table, read once per process."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

Row = Mapping[str, str]


@lru_cache
def rows(table: str) -> tuple[Row, ...]:
    """All rows of ``catalogue/TABLE.csv`` in file order, every cell as text."""
    text = (files("scenarios") / "catalogue" / f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache
def by(table: str, *columns: str) -> Mapping[tuple[str, ...], Row]:
    """The rows of a table by the values of some columns; the last of several counts."""
    return {tuple(row[column] for column in columns): row for row in rows(table)}
