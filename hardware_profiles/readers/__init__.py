"""What benchmark tools put out, read into measurements: one module a tool, told apart by what the file holds.

A reader is a module with

``NAME``
    What is typed behind ``--format``: lower case, words joined by ``-``.
``ABOUT``
    One line: the tool, and which of its outputs.
``recognises(text) -> bool``
    Whether the content is of this tool, from marks that no other tool writes. Never looks at a file's name.
    Where it raises one of the errors below, that means no.
``read(text) -> tuple[list[Measurement], list[str]]``
    One measurement per configuration, and notes: what was assumed, left out or is doubtful, each a sentence without
    a full stop. ``model``, ``hardware``, ``source`` and ``date`` stay blank where the text does not say them; a
    shape, a batch, a thread or a precision is stated only where the text does. Durations are of one execution of the
    whole batch in ms; what includes waiting for other requests is of load ``server``.
    A ``batch`` of 0 stands for one that the text does not say (`UNSAID`); the frame makes it 1, and ``per_s`` then
    counts executions. A note that begins with the name of a field (``precision fp16: …``) says that its value is a
    reading of ours, so that a stated option beats it; ``precision fp16: one of fp32, fp16, …`` names all it can be.

It raises `BadInput` of a `Fault` with the line where it can (the file's name is added here), and may leave ValueError,
KeyError, IndexError, TypeError, AttributeError, StopIteration and csv.Error of a broken file to this frame (`BROKEN`).
`hardware_profiles.readers.durations` turns a sample into figures, `hardware_profiles.readers.shapes` an input's shape
into batch and picture. A name that is merely a file's (``model.onnx``) is no model: it goes into ``conditions``.
That figures are finite, positive and below three hours, and quantiles increasing, is checked here for all readers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.measurement import Measurement
from hardware_profiles.profile_file import document
from hardware_profiles.reading import json_of, text_of

MODULES = (
    "profile",
    "trtexec",
    "onnxruntime_profile",
    "onnxruntime_perftest",
    "benchmark_app",
    "tflite",
    "mlperf",
    "qualcomm",
    "qualcomm_perf",
    "ultralytics",
    "llama_bench",
    "perf_analyzer",
    "genai_perf",
    "latencies",
)
"""A line for each reader; the last one reads any table and is asked where no other recognises a file."""

# What a broken file makes of code that expects a whole one. All else is a fault of ours and shows.
BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    StopIteration,
    RuntimeError,  # nested too deep, or nothing next in a generator
    OverflowError,
    ZeroDivisionError,
    csv.Error,
)

UNSAID = 0
"""The batch of a measurement whose text does not say it."""


class Reader(Protocol):
    """What a module of this package offers; see above."""

    NAME: str
    ABOUT: str

    def recognises(self, text: str) -> bool: ...

    def read(self, text: str) -> tuple[list[Measurement], list[str]]: ...


@dataclass(frozen=True)
class Reading:
    """What a file said.

    Parameters
    ----------
    format
        Name of the reader.
    measurements
        One per configuration, at least one.
    notes
        What was assumed, left out or is doubtful.
    batch_said
        Whether the file says how many inputs an execution has; else 1 is assumed.
    """

    format: str
    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...]
    batch_said: bool = True


@cache
def formats() -> Mapping[str, Reader]:
    """All readers by name, in the order in which they are asked."""
    modules = (cast(Reader, import_module(f"{__name__}.{name}")) for name in MODULES)
    return {module.NAME: module for module in modules}


def read(path: Path, format: str | None = None, unit_of_time: str | None = None) -> Reading:
    """The measurements in a benchmark tool's output.

    ``format`` is a name of `formats`; without it the content decides. ``unit_of_time`` (s, ms, us, ns) is for a
    plain table of durations without a unit.

    Raises
    ------
    BadInput
        One clear fault: no such file, no text, of no known format, broken, or without a usable figure.
    """
    from hardware_profiles.readers import latencies

    file = str(path)
    text = text_of(path)
    reader = _named(format) if format else _recognised(text, file)
    if unit_of_time and reader.NAME != latencies.NAME:
        raise BadInput(Fault("--unit-of-time", f"a file of {reader.NAME}, which states its units", "no such option"))
    try:
        if reader.NAME == latencies.NAME:
            found, notes = latencies.read(text, unit_of_time)
        else:
            found, notes = reader.read(text)
    except BadInput as bad:
        raise BadInput(_in_one_line(fault, file) for fault in bad.faults) from None
    except BROKEN as error:
        about = " ".join(str(error).split())[:80]
        what = f"a file that cannot be read as {reader.NAME} ({type(error).__name__}{': ' * bool(about)}{about})"
        raise BadInput(Fault("", what, f"{reader.ABOUT}; is it whole?", file)) from None
    if not found:
        raise BadInput(Fault("", f"no measurement in what looks like {reader.NAME}", f"{reader.ABOUT}", file))
    batch_said = all(one.batch != UNSAID for one in found)
    found = [one if one.batch != UNSAID else replace(one, batch=1) for one in found]
    _check(found, file)
    if not text.endswith(("\n", "}", "]")):
        notes = [*notes, "the last line has no end: the file may be cut off"]
    return Reading(reader.NAME, tuple(found), tuple(dict.fromkeys(notes)), batch_said)


def _named(name: str) -> Reader:
    if name not in formats():
        raise BadInput(
            Fault("--format", f"`{name}`", f"one of {', '.join(formats())}", nearest=closest(name, formats()))
        )
    return formats()[name]


def _recognised(text: str, file: str) -> Reader:
    *tools, table = formats().values()
    alike = [reader for reader in tools if _recognises(reader, text)]
    if len(alike) > 1:
        found = f"what looks like {' and '.join(reader.NAME for reader in alike)} at once"
        raise BadInput(Fault("", found, "output of one tool, or --format", file))
    looks_like_json = re.match(r'\s*[\[{]\s*["\[{]', text)
    if not alike and looks_like_json:
        json_of(text, file)  # which says so where it is cut off
    elif not alike and _recognises(table, text):
        return table
    if not alike:
        known = f"output of {', '.join(formats())} (--format says which)"
        raise BadInput(Fault("", "a file of no known format", known, file))
    return alike[0]


def _recognises(reader: Reader, text: str) -> bool:
    try:
        return reader.recognises(text)
    except (BadInput, *BROKEN):
        return False


def _in_one_line(fault: Fault, file: str) -> Fault:
    """A fault with its file; a cell or a text of the input may hold line ends."""
    path, found = (" ".join(said.split()) for said in (fault.path, fault.found))
    return replace(fault, path=path, found=found, file=fault.file or file)


def _check(found: list[Measurement], file: str) -> None:
    """Raise unless a profile file could hold the figures; what the text need not say is filled in for that."""
    from hardware_profiles.profile_schema import faults

    named = [replace(one, model="m", hardware="h", source="s", date=one.date or "2000") for one in found]
    for first in faults(document(named))[:1]:
        raise BadInput(replace(first, path=first.path.removeprefix("measurements."), file=file))
