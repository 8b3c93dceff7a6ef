"""The profile file ``my-board.json``: measurements of one's own, as bench and import write and scenarios read them.

Writing needs the standard library only, as the bench on a board does; checking a file needs pydantic.

    {"schema_version": 1,
     "machine": {"cpu": "Cortex-A76", "memory_gb": 8},
     "measurements": [{"model": "yolo11n", "hardware": "my-board", "mean_ms": 12.5, "source": "…", "date": "…"}]}

A measurement has the fields of `Measurement`; those that say nothing (their defaults) are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.reading import json_of, text_of
from hardware_profiles.writing import place

SCHEMA_VERSION = 1
A_PROFILE_FILE = "a profile file as `tierwise bench` and `tierwise import` write"
DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
"""YYYY-MM-DD, or less: dates compare as text, so that nothing else may stand for one."""


_CONFIGURATION = ("precision", "runtime", "unit", "batch", "input_px", "threads", "power_mode", "load")
_USUAL = {one.name: one.default for one in fields(Measurement) if one.name in ("model", "hardware", *_CONFIGURATION)}


@dataclass(frozen=True)
class ProfileFile:
    """What a profile file says: its measurements in order, and the machine they were taken on, in free words."""

    measurements: tuple[Measurement, ...]
    machine: Mapping[str, str | float] = field(default_factory=dict)


def read(path: Path) -> tuple[Measurement, ...]:
    """The measurements of a profile file; raises as `load` does."""
    return load(path).measurements


def load(path: Path) -> ProfileFile:
    """What a profile file says.

    Raises
    ------
    BadInput
        Where there is no such file, or it is no profile file: every fault with its place inside.
    """
    return parsed(text_of(path), str(path))


def parsed(text: str, file: str = "") -> ProfileFile:
    """As `load`, from the text of a file."""
    from hardware_profiles.profile_schema import faults

    raw = json_of(text, file)
    other = not isinstance(raw, dict) or "measurements" not in raw
    if other or raw.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raw = _raw(text, file)  # which says what else it is, and nothing of what follows from that
    if found := faults(raw, file):
        raise BadInput(found)
    return ProfileFile(tuple(_measurement(row) for row in raw["measurements"]), raw.get("machine", {}))


def save(path: Path, measurements: Iterable[Measurement], machine: Mapping[str, str | float] | None = None) -> Path:
    """Write measurements to a profile file, behind those it already holds; identical ones stand there once.

    What ``machine`` says replaces what the file said of the same name. Returns the path.

    Raises
    ------
    BadInput
        Where the file cannot be written, or is there and is no profile file: then it stays as it is.
    """
    there = _raw(text_of(path), str(path)) if path.exists() else {"measurements": []}
    new = document(measurements, {**there.get("machine", {}), **(machine or {})})
    rows = {json.dumps(row, sort_keys=True): row for row in (*there["measurements"], *new["measurements"])}
    text = _text({**new, "measurements": list(rows.values())})
    return place(path, lambda beside: beside.write_text(text, "utf-8", "replace"))


def replaced(path: Path, new: Iterable[Measurement]) -> list[str]:
    """What there is to say where new measurements will count instead of one in the file with more runs behind it.

    Raises BadInput where the file is there and is no profile file.
    """
    rows = _raw(text_of(path), str(path))["measurements"] if path.exists() else []
    there = [row for row in rows if isinstance(row, dict)]
    return [note for one in map(row_of, new) if (note := _outdone(one, [old for old in there if _alike(old, one)]))]


def _outdone(row: Mapping[str, Any], older: list[dict[str, Any]]) -> str:
    if not older:
        return ""
    counting = max(reversed(older), key=lambda old: str(old.get("date")))  # of one date the later row
    runs, before = row.get("runs"), counting.get("runs")
    if not (isinstance(before, int) and before > (runs or 0) and str(counting.get("date")) <= str(row.get("date"))):
        return ""
    what = f"{row['model']} on {row['hardware']}, batch {row.get('batch', 1)}"
    return f"{what}: the newest counts, which is now of {runs or 'unknown'} runs, no longer of {before}"


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows say how long executions take in the same configuration."""
    timed = all(row.get("mean_ms") is not None or row.get("quantiles_ms") for row in (one, other))
    return timed and all(one.get(name, _USUAL[name]) == other.get(name, _USUAL[name]) for name in _USUAL)


def document(measurements: Iterable[Measurement], machine: Mapping[str, str | float] | None = None) -> dict[str, Any]:
    """A profile file as plain values, ready for JSON."""
    rows = [row_of(measurement) for measurement in measurements]
    return {"schema_version": SCHEMA_VERSION, **({"machine": dict(machine)} if machine else {}), "measurements": rows}


def row_of(measurement: Measurement) -> dict[str, Any]:
    """One measurement as plain values, without what says nothing."""
    said = _said(measurement)
    return {**said, "layers": [_said(layer) for layer in measurement.layers]} if measurement.layers else said


def _said(record: Measurement | Layer) -> dict[str, Any]:
    kept = ((one.name, getattr(record, one.name)) for one in fields(record) if getattr(record, one.name) != one.default)
    return {name: _listed(value) for name, value in kept if name != "layers"}


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def _raw(text: str, file: str) -> dict[str, Any]:
    """What stands in the file, as far as it has to be known to add to it."""
    raw = json_of(text, file)
    if not isinstance(raw, dict) or not isinstance(raw.get("measurements"), list):
        raise BadInput(Fault("measurements", "no list of them", A_PROFILE_FILE, file))
    if raw.get("schema_version") != SCHEMA_VERSION:
        found = f"`{raw.get('schema_version', 'nothing')}`"
        raise BadInput(Fault("schema_version", found, str(SCHEMA_VERSION), file))
    if not isinstance(raw.get("machine", {}), dict):
        raise BadInput(Fault("machine", "no map", "a map of names to texts or numbers", file))
    return raw


def _measurement(row: Mapping[str, Any]) -> Measurement:
    quantiles = tuple((p, ms) for p, ms in row.get("quantiles_ms", ()))
    layers = tuple(Layer(**layer) for layer in row.get("layers", ()))
    return Measurement(
        **{**row, "quantiles_ms": quantiles, "sample_ms": tuple(row.get("sample_ms", ())), "layers": layers}
    )


# Blanks before an item only: two places for them would try every way to share them out before giving up.
_NUMBERS = re.compile(r"\[\s*\n[-+.\deE,\s]*\]|\[\s*\n(?:\s*\[[-+.\deE, ]*\],?)*\s*\]")


def _text(values: dict[str, Any]) -> str:
    """JSON to read and to compare line by line; a list of numbers or of pairs takes one line."""

    def in_line(found: re.Match[str]) -> str:
        return re.sub(r"(?<=\[) | (?=\])", "", " ".join(found.group().split()))

    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    for _ in range(2):  # the pairs, then the list of them
        text = _NUMBERS.sub(in_line, text)
    return text + "\n"
