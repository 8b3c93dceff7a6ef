"""A plain table of durations, one execution a line: a column whose header says what it is and in which unit."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import MS_PER, in_ms, number, timed

NAME = "latencies"
ABOUT = "a CSV with a column of durations: latency_ms, time_s, duration (us) …"

_SPELLINGS = {
    "ms": "ms msec millis milliseconds",
    "us": "us µs μs usec micros microseconds",
    "ns": "ns nsec nanos nanoseconds",
    "s": "s sec secs seconds",
}
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_NAMED = re.compile(r"latenc|inference|duration|elapsed|response|time|^$")
_BEST = re.compile(r"latenc|inference")
_ABOUT_ALL = ("batch", "batch_size", "batchsize", "threads", "num_threads", "model", "precision", "device", "hardware")
_UNIT_NEEDED = "its unit in the header (latency_ms) or --unit-of-time ms"


def recognises(text: str) -> bool:
    rows = _rows(text[:20_000])
    header = rows[0][1]
    if _is_number(header[0]) and len(header) == 1:
        return all(len(row) == 1 and _is_number(row[0]) for _, row in rows[:20])
    if len(header) > 1 and not any(_candidate(cell) or _BEST.search(cell.lower()) for cell in header):
        return False
    if _candidate(header[0]) is None and len(header) == 1:
        return False
    return all(any(_is_number(cell) for cell in row) for _, row in rows[1:6])


MOST_LINES = 2_000_000


def read(text: str, unit_of_time: str | None = None) -> tuple[list[Measurement], list[str]]:
    """``unit_of_time``: s, ms, us or ns, for a column whose header does not say it."""
    if (lines := text.count("\n")) > MOST_LINES:  # each takes a kilobyte until it is a number
        raise BadInput(Fault("", f"{lines} lines", f"at most {MOST_LINES}: a tenth of them says as much"))
    rows = _rows(text)
    header = rows[0][1]
    headless = all(_is_number(cell) for cell in header)
    if headless and len(header) > 1:
        raise BadInput(
            Fault("", f"{len(header)} columns of numbers without a header", "one column, or a header", line=1)
        )
    column = 0 if headless else _column(header, rows[0][0])
    found = None if headless else _candidate(header[column])
    unit = _unit(found or "", unit_of_time, "" if headless else header[column], rows[0][0])
    body = rows if headless else rows[1:]
    sample = []
    decimal_commas = _separator(_lines(text)[0][1]) != ","  # where it parts the columns, a quoted one parts thousands
    for line, row in body:
        if len(row) != len(header):
            raise BadInput(Fault("", f"{len(row)} cells", f"{len(header)}, as in the first line", line=line))
        cell = row[column].replace(",", ".") if decimal_commas and row[column].count(",") == 1 else row[column]
        sample.append(in_ms(number(cell, "" if headless else header[column], line), unit))
    said = {} if headless else _of_all(header, body, rows[0][0])
    others = [] if headless else [name for at, name in enumerate(header) if at != column and _candidate(name)]
    notes = [f"of several columns of times {header[column]} is read, not {', '.join(others)}"] if others else []
    return [Measurement(**{"batch": 0, **said}, **timed(sample))], notes


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Lines that hold something, with their number, split at the separator of the first one."""
    lines = _lines(text)
    cells = csv.reader((line for _, line in lines), delimiter=_separator(lines[0][1]), strict=True)
    return [(at, [cell.strip() for cell in row]) for (at, _), row in zip(lines, cells, strict=False)]


def _lines(text: str) -> list[tuple[int, str]]:
    lines = [(at, line) for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
    lines = [(at, line) for at, line in lines if not line.lstrip().startswith("#")]
    if not lines:
        raise BadInput(Fault("", "no line with a duration", ABOUT))
    return lines


def _separator(first: str) -> str:
    found = max(";\t,", key=first.count)
    alone = found == "," and _is_number(first.strip().replace(",", "."))  # a single column with decimal commas
    return ";" if alone else found


def _candidate(name: str) -> str | None:
    """The unit in a header that speaks of a duration; empty where it states none, None for another column."""
    words = [word for word in re.split(r"[\s_()\[\]./-]+", name.strip().lower()) if word]
    if not words:
        return None
    unit = _UNITS.get(words[-1], "") if len(words) > 1 or len(words[-1]) < 3 else ""
    rest = "_".join(words[:-1] if unit else words)
    return unit if _NAMED.search(rest) and "stamp" not in rest and not rest.startswith("start") else None


def _column(header: Sequence[str], line: int) -> int:
    candidates = [at for at, name in enumerate(header) if _candidate(name) is not None]
    better = [at for at in candidates if _candidate(header[at])] or candidates
    best = [at for at in better if _BEST.search(header[at].lower())] or better
    if len(header) == 1:
        return 0
    if len(best) != 1:
        found = f"the columns {', '.join(header[at] for at in best)}" if best else f"the columns {', '.join(header)}"
        raise BadInput(Fault("", found, "one that is meant: a column latency_ms", line=line))
    return best[0]


def _unit(said: str, stated: str | None, name: str, line: int) -> str:
    if stated is not None and stated not in MS_PER:
        raise BadInput(Fault("--unit-of-time", f"`{stated}`", "s, ms, us or ns"))
    if said and stated and said != stated:
        raise BadInput(Fault("--unit-of-time", f"{stated}, and the column {name}", "one of the two"))
    if not (said or stated):
        raise BadInput(Fault(name, "durations without a unit", _UNIT_NEEDED, line=line))
    return said or str(stated)


def _of_all(header: Sequence[str], body: Sequence[tuple[int, Sequence[str]]], line: int) -> dict[str, Any]:
    """What columns say that hold for the whole file; two values of one would be two configurations."""
    said: dict[str, Any] = {}
    for at, name in enumerate(header):
        what = name.strip().lower()
        if what not in _ABOUT_ALL:
            continue
        values = sorted({row[at] for _, row in body})
        if len(values) > 1:
            raise BadInput(
                Fault(name, f"{len(values)} values ({', '.join(values[:4])})", "one configuration a file", line=line)
            )
        key = {"num_threads": "threads", "device": "hardware"}.get(what, "batch" if "batch" in what else what)
        if values and values[0]:
            said[key] = int(number(values[0], name)) if key in ("batch", "threads") else values[0]
    return said


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ".", 1))
    except ValueError:
        return False
    return True
