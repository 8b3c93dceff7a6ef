"""A trace in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.report.writing import write
from app.traces.chrome import chrome_trace
from app.traces.otlp import otlp_trace
from hardware_profiles.faults import BadInput, Fault, closest

if TYPE_CHECKING:
    from sim.result import Result
    from sim.watching import Watched

TraceFormat = Literal["chrome", "otlp"]
FORMATS: tuple[TraceFormat, ...] = ("chrome", "otlp")


def trace_format(file: Path, asked: str | None) -> TraceFormat:
    """The one asked for; else OpenTelemetry for a file ``….otlp.json``, and Chrome's for any other.

    Raises
    ------
    BadInput
        Where there is no such format.
    """
    if asked is None:
        return "otlp" if file.name.endswith(".otlp.json") else "chrome"
    for known in FORMATS:
        if asked == known:
            return known
    raise BadInput(Fault("--trace-format", asked, f"one of {', '.join(FORMATS)}", nearest=closest(asked, FORMATS)))


def write_trace(file: Path, form: TraceFormat, requests: Sequence[Watched], result: Result) -> Path:
    """Writes the requests; equal runs give equal bytes.

    Raises
    ------
    BadInput
        Where the file cannot be written.
    """
    if form == "chrome":
        document = chrome_trace(requests)
    else:
        document = otlp_trace(requests, result.seed, result.scenario_name, version("tierwise"))
    return write(file, json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n")
