"""From what a benchmark tool's file says, and what its user adds, to measurements that stand for themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from hardware_profiles.catalogue.identity import (
    canonical_hardware,
    canonical_model,
    canonical_precision,
    canonical_runtime,
    known_hardware,
    known_models,
)
from hardware_profiles.catalogue.vocabulary import PRECISIONS, RUNTIMES, UNITS
from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.measurement import Measurement
from hardware_profiles.profile_file import DATE
from hardware_profiles.readers import Reading

_CANONICAL = {
    "model": canonical_model,
    "hardware": canonical_hardware,
    "precision": canonical_precision,
    "runtime": canonical_runtime,
}
_FEW = 3  # letters that two spellings of one name have in common at least, at the beginning
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
    inferred -= {name for name, value in said.items() if _is_impossible(name, value, reading.notes)}
    faults: list[Fault] = []
    for name in ("model", "hardware"):
        several = sorted({getattr(one, name) for one in reading.measurements} - {""})
        if name in said and len(several) > 1:
            one_for_all = f"`{said[name]}` for a file of {len(several)}: {', '.join(several[:4])} …"
            faults.append(Fault(f"--{name}", one_for_all, "no such option", str(path)))
    faults = faults or list(dict.fromkeys(_contradictions(path, reading, said, inferred)))
    if faults:
        raise BadInput(faults)
    notes = [told for note in reading.notes if (told := _still_told(note, reading, said))]
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
    stated_only = [name for name in ("precision", "runtime") if name in said]
    notes += [note for name in (*_EXAMPLES, *stated_only) for note in _unknown(name, found)]
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


def no_service_time(one: Measurement) -> str:
    """Why a scenario cannot use a measurement: it takes the time of executions of a single input. Empty if it can."""
    if one.load == "offline":
        return "everything was offered at once"
    if one.load == "server":
        return "its durations hold the waiting for other requests"
    if not (_timed(one) or one.sample_ms):
        tokens = one.tokens_per_s is not None or one.first_token_ms is not None
        return "tokens, not executions" if tokens else "layers only" if one.layers else "no time of executions"
    return f"executions of {one.batch} inputs" if one.batch != 1 else ""


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
    if not re.fullmatch(DATE, str(said.get("date", "2000"))):
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


_ONE_OF = re.compile(r"(?P<field>\w+) \S+: one of (?P<values>\w+(?:, \w+)*), ")


def _is_impossible(name: str, value: str | int, notes: Iterable[str]) -> bool:
    """Whether a reader that inferred another value names all that can be, and this is none of them."""
    allowed = [
        found["values"].split(", ") for note in notes if (found := _ONE_OF.match(note)) and found["field"] == name
    ]
    return bool(allowed) and not any(value in some for some in allowed)


def _still_told(note: str, reading: Reading, said: Mapping[str, str | int]) -> str:
    """A reader's note beside what was stated: what it inferred is overruled, and what it asks for is answered."""
    field = note.partition(" ")[0]
    there = {_canonical(field, str(getattr(one, field))) for one in reading.measurements} if field in said else set()
    overruled = sorted(there - {"", str(said.get(field))})
    if overruled:
        return f"{field} {said[field]} is stated; from the file alone it would be {' or '.join(overruled)}"
    return "" if any(re.search(rf"(?<!\S)\(?{option_of(name)}\b", note) for name in said) else note


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


_NAMES: Mapping[str, Callable[[], Sequence[str]]] = {
    "model": known_models,
    "hardware": known_hardware,
    "precision": lambda: tuple(PRECISIONS),
    "runtime": lambda: tuple(RUNTIMES),
}


def _unknown(name: str, found: Iterable[Measurement]) -> Iterable[str]:
    """Names that are kept although the catalogue does not know them: they may be new, or slips."""
    for value in dict.fromkeys(str(getattr(one, name)) for one in found):
        if not _known(name, value):
            near = _near(value, _NAMES[name]())
            meant = " or ".join(filter(None, (", ".join(near[:-1]), *near[-1:])))
            hint = f" (did you mean {meant}?)" if near else ""
            yield f"{name} {value} is not in the catalogue{hint}"


def _near(name: str, known: Sequence[str]) -> list[str]:
    """Up to three known names that may have been meant: those that go on where it ends, else those spelt alike."""
    ours = _letters(name)
    spelt = {_letters(one): one for one in known}
    longer = [letters for letters in spelt if len(ours) > _FEW and letters.startswith(ours)]
    alike = [one for one in get_close_matches(ours, spelt, n=3, cutoff=0.75) if one[:_FEW] == ours[:_FEW]]
    return [spelt[letters] for letters in longer or alike][:3]


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
