"""Reading the catalogue: one CSV file per table, read once per process."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

Row = Mapping[str, str]


@lru_cache
def rows(table: str) -> tuple[Row, ...]:
    """All rows of ``catalogue/TABLE.csv`` in file order, every cell as text."""
    text = (files("hardware_profiles") / "catalogue" / f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
