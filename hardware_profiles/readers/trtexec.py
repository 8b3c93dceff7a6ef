"""NVIDIA's `trtexec`: its log, ``--exportTimes`` and ``--exportProfile``.

Its *latency* of a query is host-to-device copy + compute + device-to-host copy; *end to end* (before 8.4) also holds
the waiting for the queries before it and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from statistics import fmean
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.readers.durations import number, supported, timed
from hardware_profiles.readers.runs import one_run
from hardware_profiles.readers.shapes import batch_of, picture_of
from hardware_profiles.reading import json_of

NAME = "trtexec"
ABOUT = "trtexec's log, its --exportTimes JSON or its --exportProfile JSON"

_LINE = re.compile(r"^(?:\[(?P<date>\d\d/\d\d/\d{4})-[\d:]+\] )?\[[IVW]\] (?P<said>.*)$")
_PART = re.compile(r"(?P<name>min|max|mean|median|percentile\((?P<p>[\d.]+)%\)) = (?P<ms>\S+) ms")
_OLD = re.compile(r"(?P<name>mean|median|percentile): (?P<ms>\S+) ms(?: at (?P<p>[\d.]+)%)?")
_BINDING = re.compile(r"input binding for .+ with dimensions (?P<shape>\d+(?:x\d+)*)", re.IGNORECASE)


def recognises(text: str) -> bool:
    if text.lstrip().startswith("["):
        head = text[:4000]
        if re.search(r'"startEnqMs"\s*:|"latencyMs"\s*:', head):
            return True
        if re.search(r'^\s*\[\s*\{\s*"count"\s*:', head) and '"averageMs"' in head:
            return True
    return "TensorRT.trtexec" in text or bool(
        re.search(r"^(\[\S+\] )?\[I\] (Host )?Latency(: min = |$)", text, re.MULTILINE)
    )


def read(text: str) -> tuple[list[Measurement], list[str]]:
    if not re.match(r"\s*\[\s*\{", text):
        one_run(text, r"\[I\] (Latency: min = |Host Latency$)")
        return _log(text)
    rows = json_of(text)
    return _times(rows) if "latencyMs" in rows[0] else _layers(rows)


def _times(rows: list[dict[str, Any]]) -> tuple[list[Measurement], list[str]]:
    latencies = [number(row["latencyMs"], f"{at}.latencyMs") for at, row in enumerate(rows)]
    compute = fmean(number(row["computeMs"], f"{at}.computeMs") for at, row in enumerate(rows))
    figures = timed(latencies)
    return [_engine(batch=0, conditions=_latency(compute), **figures)], []


def _layers(rows: list[dict[str, Any]]) -> tuple[list[Measurement], list[str]]:
    runs = int(number(rows[0]["count"], "0.count"))
    layers = tuple(Layer(str(row["name"]), "", number(row["averageMs"], f"{at}.averageMs")) for at, row in _named(rows))
    note = "the exported profile has times of layers only: import the log or --exportTimes for the whole engine"
    return [_engine(batch=0, runs=runs, layers=layers, conditions="timed layer by layer, which slows the whole")], [
        note
    ]


def _named(rows: list[dict[str, Any]]) -> Iterable[tuple[int, dict[str, Any]]]:
    return ((at, row) for at, row in enumerate(rows) if at)


def _log(text: str) -> tuple[list[Measurement], list[str]]:
    section, figures, said, notes = "", dict[str, dict[str, float]](), dict[str, str](), list[str]()
    shapes: list[list[int]] = []
    date = ""
    for at, line in enumerate(text.splitlines(), start=1):
        if command := re.match(r"&&&& \w+ TensorRT.trtexec \[TensorRT v(\d+)\] # (.*)", line):
            said["version"], said["command"] = command.groups()
        if not (found := _LINE.match(line)):
            continue
        date = date or _iso(found["date"])
        what = found["said"].strip()
        if binding := _BINDING.search(what):
            shapes.append([int(one) for one in binding["shape"].split("x")])
        name, _, value = what.partition(":")
        if what.startswith("===") or (not value and name in ("Host Latency", "GPU Compute", "Enqueue Time")):
            section = name.strip("= ")
        elif (parts := list(_PART.finditer(what))) and name in ("Latency", "GPU Compute Time"):
            figures[name] = {part["p"] or part["name"]: number(part["ms"], name, at) for part in parts}
        elif section in ("Host Latency", "GPU Compute") and (old := _OLD.match(what)):
            name = {"Host Latency": "Latency", "GPU Compute": "GPU Compute Time"}[section]
            figures.setdefault(name, {})[old["p"] or old["name"]] = number(old["ms"], section, at)
        elif name.lower() == "throughput":
            said["qps"] = str(number(value.replace("qps", ""), "Throughput", at))
        elif queries := re.match(r"Timing trace has (\d+) queries", what):
            said["queries"] = queries[1]
        elif name in ("Precision", "Streams", "Selected Device", "Batch", "Model"):
            said.setdefault(name, value.strip())
    if "mean" not in figures.get("Latency", {}):
        raise BadInput(Fault("", "no line `Latency: min = … ms, …`", "a log of trtexec to its end"))
    return [_of_log(figures, said, shapes, date, notes)], notes


def _of_log(
    figures: dict[str, dict[str, float]], said: dict[str, str], shapes: list[list[int]], date: str, notes: list[str]
) -> Measurement:
    latency, command = figures["Latency"], said.get("command", "")
    implicit = int(said["Batch"]) if said.get("Batch", "").isdigit() else 0
    shapes = shapes or _stated_shapes(command)
    batch = implicit or batch_of(shapes) or 0
    streams = int(said.get("Streams", "1"))
    queries = int(said.get("queries", "0")) // max(implicit, 1)
    qps = float(said.get("qps", "0"))
    if streams > 1:
        notes.append(f"{streams} streams at once: the latencies hold waiting and are no service times")
    device = said.get("Selected Device", "")
    parts = [_latency(figures["GPU Compute Time"]["mean"])] if "mean" in figures.get("GPU Compute Time", {}) else []
    parts += [f"TensorRT {_version(said['version'])}"] if "version" in said else []
    parts += [f"on {device}"] if device else []
    parts += [f"of {said['Model']}"] if said.get("Model") else []
    parts += [f"{streams} streams"] if streams > 1 else []
    points = {_probability(name): ms for name, ms in latency.items() if name not in ("mean", "min", "max")}
    return _engine(
        precision=_precision(said.get("Precision", ""), command, notes),
        batch=batch,
        input_px=picture_of(shapes),
        load="server" if streams > 1 else "single_stream",
        mean_ms=latency["mean"],
        quantiles_ms=supported(points, queries),
        runs=queries or None,
        # A query of an engine with explicit batch counts once; with implicit batch each input counts.
        per_s=(qps if implicit else qps * max(batch, 1)) or None,
        conditions="; ".join(parts),
        date=date,
    )


def _engine(**fields: Any) -> Measurement:
    return Measurement(runtime="tensorrt", unit="GPU", **fields)


def _latency(compute_ms: float) -> str:
    return f"with copies to and from the GPU, of which compute {compute_ms:.4g} ms"


def _probability(name: str) -> float:
    return 0.5 if name == "median" else round(float(name) / 100, 9)


def _precision(line: str, command: str, notes: list[str]) -> str:
    if "--loadEngine" in command or not line:
        notes.append("the log does not know the precision of an engine that was built before")
        return ""
    allowed = [word for word in re.split(r"[+ ,(]", line.lower()) if re.fullmatch(r"(fp|bf|int)\d+", word)]
    lower = [word for word in allowed if word != "fp32"]
    if lower:
        notes.append(f"precision {lower[-1]}: one of {', '.join(allowed)}, of which TensorRT chooses layer by layer")
    return lower[-1] if lower else allowed[0] if allowed else ""


def _stated_shapes(command: str) -> list[list[int]]:
    stated = re.search(r"--shapes=(\S+)", command)
    shapes = re.findall(r":(\d+(?:x\d+)*)", stated[1]) if stated else []
    return [[int(one) for one in shape.split("x")] for shape in shapes]


def _iso(date: str | None) -> str:
    """``01/31/2026`` as ``2026-01-31``."""
    month, day, year = date.split("/") if date else ("", "", "")
    return f"{year}-{month}-{day}" if date else ""


def _version(digits: str) -> str:
    """``100300`` is 10.3.0, ``8502`` 8.5.2."""
    width = 2 if len(digits) > 4 else 1
    parts = (digits[: -2 * width], digits[-2 * width : -width], digits[-width:])
    return ".".join(str(int(part)) for part in parts if part)
