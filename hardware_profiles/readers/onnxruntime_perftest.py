"""ONNX Runtime's `onnxruntime_perf_test`: what it prints, and the result file with one line a run."""

from __future__ import annotations

import csv
import re

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import in_ms, number, supported, timed
from hardware_profiles.readers.runs import one_run

NAME = "onnxruntime-perf-test"
ABOUT = "the console text of onnxruntime_perf_test, or its result file"

_ROW = re.compile(r"^[^,\n]*,[\d.eE+-]+,\d+,-?\d+,\d+$")
_SAID = re.compile(r"^(?P<what>[A-Z][A-Za-z0-9 ]*?)\s*:\s*(?P<value>[-+\w.]+)\s*(?P<unit>ms|s|bytes|%)?\s*$")
_BEHIND = re.compile(r"^(Min|Max|P\d+) Latency is [\d.eE+-]+ ?sec$")  # the same durations in other words


def recognises(text: str) -> bool:
    return bool(_ROW.match(text.lstrip().partition("\n")[0].strip())) or bool(
        re.search(r"^Average inference time cost( total)?: ", text, re.MULTILINE)
    )


def read(text: str) -> tuple[list[Measurement], list[str]]:
    lines = text.splitlines()
    rows = [(at, line) for at, line in enumerate(lines, start=1) if _ROW.match(line.strip())]
    one_run(text, r"^Average inference time cost")
    return _result_file(lines, rows) if rows else _console(lines)


def _console(lines: list[str]) -> tuple[list[Measurement], list[str]]:
    said: dict[str, float] = {}
    threads = None
    for at, line in enumerate(lines, start=1):
        if setting := re.match(r"Setting intra_op_num_threads to (\d+)", line):
            threads = int(setting[1])
        elif found := _SAID.match(line.strip()):
            value = number(found["value"], found["what"], at)
            said[found["what"]] = in_ms(value, "s") if found["unit"] == "s" else value
    mean = said.get("Average inference time cost total", said.get("Average inference time cost"))
    if mean is None:
        raise BadInput(Fault("", "no line `Average inference time cost total`", "the console text to its end"))
    per_s = said.get("Number of inferences per second")
    notes = []
    # One at a time, executions a second and seconds an execution give 1.
    at_once = round(per_s * mean / 1e3) if per_s else 1
    if at_once > 1:
        notes.append(f"about {at_once} runs were under way at once: the latencies hold waiting")
    if threads == 0:
        threads = None
    runs = said.get("Total inference requests", said.get("Runs"))
    peak = said.get("Peak working set size")
    return [
        Measurement(
            runtime="onnxruntime",
            batch=0,
            threads=threads,
            load="server" if at_once > 1 else "single_stream",
            mean_ms=mean,
            quantiles_ms=_quantiles(said),
            runs=int(runs) if runs else None,
            per_s=per_s,
            memory_mb=peak / 1e6 if peak else None,
            conditions="onnxruntime_perf_test",
        )
    ], notes


def _quantiles(said: dict[str, float]) -> tuple[tuple[float, float], ...]:
    """``P50 Latency`` to ``P999 Latency``, which is 99.9 %."""
    named = {what.split()[0][1:]: ms for what, ms in said.items() if re.fullmatch(r"P\d+ Latency", what)}
    runs = said.get("Runs", said.get("Total inference requests", 0))
    return supported({int(digits) / 10 ** len(digits): ms for digits, ms in named.items()}, int(runs))


def _result_file(lines: list[str], rows: list[tuple[int, str]]) -> tuple[list[Measurement], list[str]]:
    first, last = rows[0][0], rows[-1][0]
    for at, line in enumerate(map(str.strip, lines), start=1):
        if (
            at >= first
            and line
            and not _ROW.match(line)
            and (at < last or not (_SAID.match(line) or _BEHIND.match(line)))
        ):
            raise BadInput(Fault("", f"`{line[:40]}`", "model,seconds,bytes,percent,run", line=at))
    names, seconds, peaks = _columns([line.strip() for _, line in rows])
    places = [at for at, _ in rows]
    latencies = [in_ms(number(cell, "seconds", at), "s") for at, cell in zip(places, seconds, strict=True)]
    if len(set(names)) > 1:
        found = f"runs of {len(set(names))} models ({', '.join(sorted(set(names))[:4])})"
        raise BadInput(Fault("", found, "one model a file", line=last))
    peak = max(number(cell) for cell in peaks)
    return [
        Measurement(
            runtime="onnxruntime",
            batch=0,
            memory_mb=peak / 1e6 if peak else None,
            conditions=f"onnxruntime_perf_test of {names[0]}" if names[0] else "onnxruntime_perf_test",
            **timed(latencies),
        )
    ], []


def _columns(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Model, seconds and peak memory [B] of each run."""
    cells = list(csv.reader(lines))
    return [row[0] for row in cells], [row[1] for row in cells], [row[2] for row in cells]
