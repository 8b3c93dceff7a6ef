"""From what a benchmark tool's file says, and what its user adds, to measurements that stand for themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from hardware_profiles.catalogue.identity import (
    canonical_hardware,
    canonical_model,
    canonical_precision,
    canonical_runtime,
    known_hardware,
    known_models,
)
from hardware_profiles.catalogue.vocabulary import UNITS
from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers import Reading

_CANONICAL = {
    "model": canonical_model,
    "hardware": canonical_hardware,
    "precision": canonical_precision,
    "runtime": canonical_runtime,
}
_OPTIONS = {"input_px": "--input-size", "power_mode": "--power-mode"}
_EXAMPLES = {"model": "its name: --model yolo11n", "hardware": "where it ran: --hardware my-board"}


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What the user says of a file's measurements; None where nothing. Names and units as in `Measurement`."""

    model: str | None = None
    hardware: str | None = None
    precision: str | None = None
    runtime: str | None = None
    unit: str | None = None
    batch: int | None = None
    input_px: int | None = None
    threads: int | None = None
    power_mode: str | None = None
    date: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Imported:
    """A file's measurements with everything a profile file needs, and what is worth saying about them."""

    file: str
    format: str
    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...]


def completed(path: Path, reading: Reading, stated: Stated, sample: bool = False) -> Imported:
    """A reading with what the user adds.

    What is stated fills what the file leaves open, and what the reader itself only inferred. Names that the catalogue
    knows become its own, others stay. The single durations are dropped unless ``sample`` (their quantiles stay).

    Raises
    ------
    BadInput
        Where a statement contradicts the file or is no valid value, or model or hardware remain unknown.
    """
    said = _valid(stated)
    inferred = {note.partition(" ")[0] for note in reading.notes} | ({"batch"} if not reading.batch_said else set())
    faults: list[Fault] = []
    for name in ("model", "hardware"):
        several = sorted({getattr(one, name) for one in reading.measurements} - {""})
        if name in said and len(several) > 1:
            one_for_all = f"`{said[name]}` for a file of {len(several)}: {', '.join(several[:4])} …"
            faults.append(Fault(f"--{name}", one_for_all, "no such option", str(path)))
    faults = faults or list(dict.fromkeys(_contradictions(path, reading, said, inferred)))
    if faults:
        raise BadInput(faults)
    notes = list(reading.notes)
    if not reading.batch_said and "batch" not in said:
        notes.append("batch 1 is assumed: the file does not say it (--batch)")
    found = [_with(one, said, reading.batch_said) for one in reading.measurements]
    blank = [name for name in _EXAMPLES if not all(getattr(one, name) for one in found)]
    if blank:
        raise BadInput(Fault(f"--{name}", f"no {name} in the file", _EXAMPLES[name], str(path)) for name in blank)
    origin = f"{path.name}, sha256 {_digest(path)}, {reading.format}"
    day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    if not all(one.date for one in found):
        notes.append(f"date {day} is that of the file")
    found = [replace(one, source=one.source or origin, date=one.date or day) for one in found]
    if not sample and reading.format != "profile":
        found = [replace(one, sample_ms=()) for one in found]
    notes += [note for name in _EXAMPLES for note in _unknown(name, found)]
    return Imported(str(path), reading.format, tuple(found), tuple(notes))


def joined(imported: Sequence[Imported]) -> list[Measurement]:
    """All measurements; layers that came in a file of their own go to the one configuration they can belong to."""
    found = [one for each in imported for one in each.measurements]
    for alone in [one for one in found if one.layers and not _timed(one)]:
        belong = [at for at, one in enumerate(found) if _timed(one) and not one.layers and _may_be_one(one, alone)]
        if len(belong) == 1:
            words = f"{found[belong[0]].conditions}; layers: {alone.source}".removeprefix("; ")
            found[belong[0]] = replace(found[belong[0]], layers=alone.layers, conditions=words)
            found.remove(alone)
    return found


def unsaid(measurements: Iterable[Measurement]) -> list[str]:
    """Fields that would tell configurations apart and that some measurement leaves open."""
    wanted = ("precision", "runtime", "unit")
    some = list(measurements)
    return [name for name in wanted if not all(getattr(one, name) for one in some)]


def option_of(field: str) -> str:
    """The option of `tierwise import` that states a field."""
    return _OPTIONS.get(field, f"--{field}")


def _valid(stated: Stated) -> dict[str, str | int]:
    """What was stated, by field, in the catalogue's words."""
    said: dict[str, str | int] = {}
    for one in fields(stated):
        value = getattr(stated, one.name)
        if value is None:
            continue
        if isinstance(value, str) and not value.strip():
            raise BadInput(Fault(option_of(one.name), "nothing", "a name or a number"))
        said[one.name] = _canonical(one.name, value.strip()) if isinstance(value, str) else value
    if "unit" in said:
        said["unit"] = str(said["unit"]).upper()
        if said["unit"] not in UNITS:
            near = closest(str(said["unit"]), UNITS)
            raise BadInput(Fault("--unit", f"`{stated.unit}`", f"one of {', '.join(UNITS)}", nearest=near))
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", str(said.get("date", "2000"))):
        raise BadInput(Fault("--date", f"`{stated.date}`", "YYYY-MM-DD, YYYY-MM or YYYY"))
    return said


def _canonical(field: str, value: str) -> str:
    known = _CANONICAL.get(field)
    return (known(value) if known else None) or value


def _contradictions(path: Path, reading: Reading, said: Mapping[str, str | int], inferred: set[str]) -> Iterable[Fault]:
    for name, value in said.items():
        for one in reading.measurements if name not in inferred else ():
            there = getattr(one, name)
            there = _canonical(name, there) if isinstance(there, str) else there
            if not there or there == value or name in ("date", "source"):
                continue
            if name in ("model", "hardware") and not (_known(name, there) and _known(name, str(value))):
                continue  # another name for it, not another thing
            yield Fault(option_of(name), f"`{value}`, and the file says `{there}`", "what the file says", str(path))


def _known(field: str, value: str) -> bool:
    return _CANONICAL[field](value) is not None


def _with(one: Measurement, said: Mapping[str, str | int], batch_said: bool) -> Measurement:
    words = [f"{name} `{there}` in the file" for name in _EXAMPLES if (there := _other(one, name, said))]
    changes: dict[str, object] = {
        **{name: _canonical(name, getattr(one, name)) for name in _CANONICAL if getattr(one, name)},
        **{name: value for name, value in said.items() if name != "date" or not one.date},
        "conditions": "; ".join(part for part in (one.conditions, *words) if part),
    }
    if "batch" in said and not batch_said and one.per_s:
        changes["per_s"] = one.per_s * int(said["batch"])  # the tool counted executions
    return replace(one, **changes)  # type: ignore[arg-type]


def _other(one: Measurement, name: str, said: Mapping[str, str | int]) -> str:
    """The file's own name, where the user gives another."""
    there = str(getattr(one, name))
    return there if name in said and there and _canonical(name, there) != said[name] else ""


def _unknown(name: str, found: Iterable[Measurement]) -> Iterable[str]:
    known = known_models() if name == "model" else known_hardware()
    for value in dict.fromkeys(str(getattr(one, name)) for one in found):
        if not _known(name, value):
            near = closest(value, known)
            alike = near and _letters(near)[:3] == _letters(value)[:3]
            yield f"{name} {value} is not in the catalogue" + (f" (did you mean {near}?)" if alike else "")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _timed(one: Measurement) -> bool:
    return one.mean_ms is not None or bool(one.quantiles_ms)


def _may_be_one(one: Measurement, other: Measurement) -> bool:
    """Whether two files can be about one configuration: they differ nowhere that both say something."""
    same = one.model == other.model and one.hardware == other.hardware and one.batch == other.batch
    pairs = ((getattr(one, name), getattr(other, name)) for name in ("precision", "runtime", "unit", "input_px"))
    return same and all(a == b or not a or not b for a, b in pairs)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
