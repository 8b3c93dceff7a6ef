"""Reading the catalogue: one CSV file per table, read once per process."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO

Row = Mapping[str, str]
Cells = Sequence[str]
Pair = tuple[str, str]

COLUMNS = (
    "model",
    "hardware",
    "precision",
    "runtime",
    "unit",
    "batch",
    "input_px",
    "threads",
    "power_mode",
    "load",
    "mean_ms",
    "p50_ms",
    "p90_ms",
    "p99_ms",
    "per_s",
    "tokens_per_s",
    "first_token_ms",
    "power_w",
    "energy_mj",
    "memory_mb",
    "kind",
    "conditions",
    "source",
    "date",
)
"""Of every file in ``catalogue/measurements``."""


@lru_cache
def rows(table: str) -> tuple[Row, ...]:
    """All rows of ``catalogue/TABLE.csv`` in file order, every cell as text."""
    head, *lines = _lines(_catalogue() / f"{table}.csv")
    return tuple(dict(zip(head, line, strict=True)) for line in lines)


@lru_cache
def rows_of(table: str, *columns: str) -> Mapping[tuple[str, ...], tuple[Row, ...]]:
    """The rows of a table by the values of some columns, each in file order."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows(table):
        found[tuple(row[column] for column in columns)].append(row)
    return {key: tuple(group) for key, group in found.items()}


def measured_pairs() -> Mapping[Pair, Sequence[Cells]]:
    """All measurements by model and hardware, each in the order of the files.

    Plain cells: thousands of rows are read, and few of them asked for.
    """
    return _measurements()[0]


def families() -> Mapping[str, int]:
    """How many measurements there are by the file that holds them; the files by name."""
    return _measurements()[1]


@lru_cache
def _measurements() -> tuple[dict[Pair, list[Cells]], dict[str, int]]:
    pairs: dict[Pair, list[Cells]] = defaultdict(list)
    sizes = {}
    for file in sorted((_catalogue() / "measurements").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".csv"):
            lines = _lines(file)
            assert tuple(next(lines)) == COLUMNS, f"{file.name} has other columns"
            count = 0
            for count, cells in enumerate(lines, 1):  # noqa: B007 - the last number is the count
                pairs[cells[0], cells[1]].append(tuple(cells))  # the garbage collector walks lists, not tuples of text
            sizes[file.name.removesuffix(".csv")] = count
    return dict(pairs), sizes


def _catalogue() -> Traversable:
    return files("hardware_profiles.catalogue")


def _lines(file: Traversable) -> Iterator[list[str]]:
    return csv.reader(StringIO(file.read_text(encoding="utf-8")))
