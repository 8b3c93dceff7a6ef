"""The library and the catalogue of measurements as lines of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.printed.lines import COLUMNS, cut
from hardware_profiles.faults import closest
from hardware_profiles.identity import known_hardware, known_models
from planner.formats import number, plural

if TYPE_CHECKING:
    import pandas as pd


def library_lines(library: Mapping[str, str]) -> list[str]:
    """One line for each scenario, its name and what it is about."""
    width = max((len(name) for name in library), default=0) + 3
    return [cut(f"{name:<{width}}{' '.join(about.split())}", COLUMNS) for name, about in library.items()]


def profile_lines(profiles: pd.DataFrame, holes: pd.DataFrame, pattern: str = "") -> list[str]:
    """Measurements, one a line, by model and hardware, with numbered sources below; else the nearest names."""
    if profiles.empty and holes.empty:
        near = ", ".join(_nearest(pattern))
        meant = f"; did you mean {near}?" if near else ""
        return [f"nothing is known by that name{meant}", "tierwise hardware lists everything"]
    numbers = {source: i for i, source in enumerate(dict.fromkeys(profiles["source"]), 1)}
    text: list[str] = []
    heading = ""
    for row in profiles.sort_values(["model", "hardware", "mean_ms"]).itertuples():
        pair = f"{row.model} on {row.hardware}"
        if pair != heading:
            text.append(pair)
            heading = pair
        text.append(_profile_line(row, numbers[row.source]))
    text += ["", "mean and p99 [ms]; ~ the spread is assumed; old: a newer measurement counts", "Sources"]
    text += [f"  [{i}] {source}" for source, i in numbers.items()]
    if not holes.empty:
        text += ["", f"Nobody measured {plural(len(holes), 'pair')} of model and hardware"]
        text += [f"  {row.model} on {row.hardware}" for row in holes.itertuples()]
    return text


def _nearest(pattern: str) -> list[str]:
    known = (*known_models(), *known_hardware())
    words = pattern.lower().split()
    return list(dict.fromkeys(near for word in ("-".join(words), *words) if (near := closest(word, known))))


def _profile_line(row: Any, source: int) -> str:
    how = f"{row.precision} {row.runtime} {row.unit}" + (f" batch {row.batch}" if row.batch != 1 else "")
    times = f"{number(row.mean_ms, 2):>9}{'~' if row.spread else ' '}{number(row.p99_ms, 2):>9}"
    origin = f"{row.kind} {row.date} [{source}]" + ("" if row.counts else " old")
    return f"  {cut(how, 30):<31}{times}  {origin}"


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values for JSON; what is not a number becomes null."""
    found: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return found
