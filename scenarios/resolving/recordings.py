"""CSV files with recorded instants and times, read row by row."""

from __future__ import annotations

import csv
import hashlib
import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.recording import Recording
from scenarios.source import Source

MOST_REQUESTS = 10_000_000  # of a trace
MOST_TIMES = 200_000  # each queue that draws from them holds them all
UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def instants(file: str, column: str, loc: Sequence[str | int], source: Source) -> Recording | None:
    """When requests were sent: not decreasing, from 0 on; ``None`` with a fault where the file does not say that."""
    return _recording(file, column, loc, source, MOST_REQUESTS, increasing=True)


def times(file: str, column: str, loc: Sequence[str | int], source: Source) -> Recording | None:
    """How long something took each time; ``None`` with a fault where the file does not say that."""
    return _recording(file, column, loc, source, MOST_TIMES, increasing=False)


def _recording(
    file: str, column: str, loc: Sequence[str | int], source: Source, most: int, *, increasing: bool
) -> Recording | None:
    known = source.recordings.get((file, column))
    if known is not None and not (increasing and any(one > other for one, other in pairwise(known.values))):
        return known
    if source.folder is None:
        source.wrong(loc, f"`{file}` in a text without a folder", "the scenario as a file beside it")
        return None
    where = source.folder / file
    try:
        with where.open(encoding="utf-8-sig", newline="") as opened:
            values = _values(opened, file, column, most, increasing)
    except OSError as error:
        near = _near(file, where)
        source.wrong(
            loc, f"`{file}` ({error.strerror})", "a CSV file beside the scenario", [near] if near else (), near
        )
        return None
    except (UnicodeDecodeError, csv.Error):
        source.wrong(loc, f"`{file}`, which is no text in lines", "a CSV file with a header")
        return None
    except BadInput as bad:
        source.faults += bad.faults
        return None
    found = Recording(file, column, hashlib.sha256(values.tobytes()).hexdigest()[:16], values)
    source.recordings[file, column] = found
    return found


def _near(file: str, where: Path) -> str:
    """The file beside a missing one that was probably meant."""
    if where.exists() or not where.parent.is_dir():
        return ""
    near = closest(where.name, [one.name for one in where.parent.glob("*.csv")])
    return file.removesuffix(where.name) + near if near else ""


def _values(opened: TextIO, file: str, column: str, most: int, increasing: bool) -> array[float]:
    rows = csv.reader(opened)
    header = [name.strip() for name in next(rows, [])]
    if not header:
        raise BadInput(Fault("", "an empty file", "a header and a row for each request", file))
    read = _reading(header, file, column)
    values, last = array("d"), 0.0
    for value, line in _numbers(rows, read, file, column):
        if value < 0:
            raise BadInput(Fault(column, f"{value:g} s", "no negative time", file, line))
        if increasing and value < last:
            raise BadInput(Fault(column, f"{value:.9g} s after {last:.9g} s", "instants in their order", file, line))
        if len(values) == most:
            raise BadInput(Fault(column, f"more than {most:,} rows", "no more than that", file, line))
        values.append(value)
        last = value
    if not values:
        raise BadInput(Fault(column, "a header without a row", "a row for each request", file, 1))
    if increasing and last == 0:
        raise BadInput(Fault(column, "a trace that lasts no time", "a request later than 0 s", file))
    return values


def _numbers(
    rows: Iterator[list[str]], read: Callable[[list[str]], float], file: str, column: str
) -> Iterator[tuple[float, int]]:
    """(seconds, line) of each row; empty lines are left out."""
    for line, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            value = read(row)
        except (ValueError, IndexError):
            cells = ", ".join(row)[:60]
            raise BadInput(Fault(column, f"no number in `{cells}`", "a number in every row", file, line)) from None
        if not math.isfinite(value):
            raise BadInput(Fault(column, f"{value}", "a number in every row", file, line))
        yield value, line


def _reading(header: list[str], file: str, column: str) -> Callable[[list[str]], float]:
    """What reads a column, or the difference of two, from a row [s]."""
    names = [column] if column in header else [name.strip() for name in column.split(" - ")]
    unknown = [name for name in names if name not in header]
    if unknown or len(names) > 2:
        name = unknown[0] if unknown else column
        expected = f"a column of the file: {', '.join(header)}"
        raise BadInput(Fault(name, "no such column", expected, file, 1, closest(name, header)))
    scales = [UNITS_S.get(name.rpartition("_")[2], 0.0) for name in names]
    if not all(scales):
        expected = f"a name that ends in its unit: {', '.join('_' + unit for unit in UNITS_S)}"
        raise BadInput(Fault(names[scales.index(0.0)], "a column without a unit", expected, file, 1))
    places = [header.index(name) for name in names]
    if len(places) == 1:
        place, scale = places[0], scales[0]
        return lambda row: float(row[place]) * scale
    (late, early), (of_late, of_early) = places, scales
    return lambda row: float(row[late]) * of_late - float(row[early]) * of_early
