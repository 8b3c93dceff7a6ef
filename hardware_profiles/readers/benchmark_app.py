"""OpenVINO's `benchmark_app`: its console log, its report (CSV or JSON) and its counters of layers (CSV).

Beyond one request at a time its latencies hold the waiting of requests for each other: they are of load ``server``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.readers.durations import in_ms, number, supported
from hardware_profiles.readers.runs import one_run
from hardware_profiles.readers.shapes import batch_of, picture_of
from hardware_profiles.reading import json_of

NAME = "benchmark-app"
ABOUT = "OpenVINO benchmark_app's log, its report (CSV or JSON) or its counters report (CSV)"

_COUNTERS = "layerName;execStatus;layerType;execType;"
_PRECISIONS = {"f32": "fp32", "float32": "fp32", "f16": "fp16", "float16": "fp16", "bf16": "bf16", "bfloat16": "bf16"}
_INPUT = re.compile(r"^ {4}.* : (?P<type>\w+) / \[.*\] / \[(?P<shape>[\d,]+)\]$")
_LATENCY = re.compile(
    r"^(?P<what>Median|Average|AVG|(?P<p>\d+) percentile|Latency):?\s+(?P<value>\S+) (?P<unit>ms|us)$"
)


def recognises(text: str) -> bool:
    if text.lstrip().startswith("{"):
        raw = json_of(text)
        return "execution_results" in raw and "configuration_setup" in raw
    return (
        text.startswith(_COUNTERS)
        or ("Configuration setup" in text and "Execution results" in text and ";" in text)
        or bool(re.search(r"^\[Step \d+/1[01]\] ", text, re.MULTILINE))
    )


def read(text: str) -> tuple[list[Measurement], list[str]]:
    if text.lstrip().startswith("{"):
        raw = json_of(text)
        return _report(raw.get("cmd_options", {}), raw["configuration_setup"], raw["execution_results"])
    if text.startswith(_COUNTERS):
        return _counters(text)
    if re.search(r"^\[Step ", text, re.MULTILINE):
        one_run(text, r"^\[Step 1/")
        return _log(text.splitlines())
    one_run(text, r"^Execution results")
    return _report(*(_section(text, name) for name in ("Command line", "Configuration setup", "Execution results")))


def _section(text: str, title: str) -> dict[str, str]:
    """``name;value`` lines below a title, up to an empty one; of a name that comes again the first counts."""
    _, found, rest = text.partition(title)
    if not found:
        raise BadInput(Fault(title, "no such part", "a report of benchmark_app to its end"))
    said: dict[str, str] = {}
    for row in csv.reader(rest.splitlines()[1:], delimiter=";"):
        if not row:
            break
        said.setdefault(row[0].strip(), row[1].strip() if len(row) > 1 else "")
    return said


def _report(
    options: Mapping[str, Any], setup: Mapping[str, Any], results: Mapping[str, Any]
) -> tuple[list[Measurement], list[str]]:
    data_shape = str(options.get("-data_shape", ""))
    if "][" in data_shape.replace(" ", ""):
        raise _mixed()
    shapes = [[int(one) for one in shape.split(",")] for shape in re.findall(r"\[([\d,]+)\]", data_shape)]
    mean = number(_value(results, "avg latency"), "avg latency")
    runs = int(number(_value(results, "total number of iterations"), "total number of iterations"))
    points = {}
    for name, value in results.items():
        if found := re.fullmatch(r"latency (?:\((\d+) percentile\) )?\(ms\)", name):
            points[int(found[1] or 50) / 100] = number(value, name)
    requests = int(number(setup.get("number of parallel infer requests", "1"), "number of parallel infer requests"))
    batch = str(setup.get("batch size", ""))
    threads = str(options.get("-nthreads", options.get("-infer_threads", "")))
    notes = ["the report rounds to 0.01 ms: the log is finer"] if mean < 1 else []
    one = _measurement(
        notes,
        requests,
        device=str(setup.get("target device", "")),
        model=str(options.get("-m", "")),
        inference_only=str(setup.get("inference_only", "")).lower() != "false",
        batch=int(batch) if batch.isdigit() else batch_of(shapes) or 0,
        input_px=picture_of(shapes),
        precision=_PRECISIONS.get(str(options.get("-infer_precision", "")).lower(), ""),
        threads=int(threads) if threads.isdigit() and int(threads) else None,
        mean_ms=mean or None,
        quantiles_ms=supported(points, runs),
        runs=runs or None,
        per_s=number(_value(results, "throughput"), "throughput") or None,
    )
    return [one], notes


def _log(lines: list[str]) -> tuple[list[Measurement], list[str]]:
    said: dict[str, str] = {}
    points: dict[float, float] = {}
    shapes: list[list[int]] = []
    mean = None
    step = 0
    inputs = False
    for at, raw in enumerate(lines, start=1):
        line = raw.removeprefix("[ INFO ] ").rstrip()
        if begun := re.match(r"\[Step (\d+)/", line):
            step, inputs = int(begun[1]), False
            shapes = [] if step == 6 else shapes  # after reshaping, before preprocessing
        if limits := re.search(r"Start inference a?synchronously(?:, (\d+) inference requests)?", line):
            said["requests"] = limits[1] or "1"
        inputs = line.endswith("inputs:") or (inputs and line.startswith("    "))
        if inputs and (shape := _INPUT.match(line)) and step in (4, 6):
            shapes.append([int(one) for one in shape["shape"].split(",")])
        if "full mode" in line:
            said["full mode"] = "yes"
        if (groups := re.match(r"Defined (\d+) tensor groups", line)) and int(groups[1]) > 1:
            raise _mixed(at)
        name, _, value = line.strip().partition(":")
        if found := _LATENCY.match(line.strip()):
            ms = in_ms(number(found["value"], found["what"], at), found["unit"])
            if found["what"] in ("Average", "AVG"):
                mean = ms if mean is None else mean
            else:
                points.setdefault(int(found["p"] or 50) / 100, ms)
        elif name == "Build" or name.startswith("Build ."):
            said.setdefault("build", (value or line.rpartition(" ")[2]).strip().partition("-")[0])
        elif name:
            said.setdefault(name, value.strip())
    if mean is None and 0.5 not in points:
        raise BadInput(Fault("", "no line `Average: … ms`", "a log of benchmark_app to its end"))
    return _of_log(said, points, shapes, mean)


def _of_log(
    said: Mapping[str, str], points: Mapping[float, float], shapes: list[list[int]], mean: float | None
) -> tuple[list[Measurement], list[str]]:
    notes: list[str] = []
    batch = said.get("Model batch size", "")
    runs = int(number(said["Count"].partition(" ")[0], "Count")) if "Count" in said else None
    hint = re.sub(r"^<Type: '(\w+)'>$", r"\1", said.get("INFERENCE_PRECISION_HINT", ""))
    precision = _PRECISIONS.get(hint.lower(), "")
    if precision:
        notes.append(f"precision {precision} is what layers of floating point run in; a quantised model also runs int8")
    threads = said.get("INFERENCE_NUM_THREADS", "")
    devices = said.get("EXECUTION_DEVICES", said.get("Execution Devices", ""))
    rate = said.get("Throughput", "").partition(" ")[0]
    one = _measurement(
        notes,
        int(said.get("requests", "1")),
        device=",".join(re.findall(r"[\w.]+", devices.upper().replace("(", ",").partition(",,")[0])),
        version=said.get("build", ""),
        inference_only="full mode" not in said,
        batch=int(batch) if batch.isdigit() and int(batch) else batch_of(shapes) or 0,
        input_px=picture_of(shapes),
        precision=precision,
        threads=int(threads) if threads.isdigit() and int(threads) else None,
        mean_ms=mean,
        quantiles_ms=supported(points, runs),
        runs=runs,
        per_s=number(rate, "Throughput") or None if rate else None,
    )
    return [one], notes


def _measurement(
    notes: list[str],
    requests: int,
    *,
    device: str,
    inference_only: bool,
    model: str = "",
    version: str = "",
    **figures: Any,
) -> Measurement:
    units = {re.split(r"[.:(]", one)[0] for one in re.split(r"[,\s]+", device) if one}
    unit = units.pop() if len(units) == 1 else ""
    unit = unit if unit in ("CPU", "GPU", "NPU") else ""
    if not unit:
        notes.append(f"device {device or 'unknown'} is no single compute unit: state --unit")
    if requests > 1:
        notes.append(f"{requests} requests at once: the latencies hold waiting and are no service times")
    parts = (
        f"OpenVINO {version}" if version else "",
        f"of {model.replace(chr(92), '/').rpartition('/')[2]}" if model else "",
        "" if inference_only else "with filling the inputs",
        f"{requests} requests at once" if requests > 1 else "",
    )
    return Measurement(
        runtime="openvino",
        unit=unit,
        load="server" if requests > 1 else "single_stream",
        conditions="; ".join(part for part in parts if part),
        **figures,
    )


def _counters(text: str) -> tuple[list[Measurement], list[str]]:
    """Layers that were executed; the report lists those that were fused away too."""
    layers = []
    types: dict[str, float] = {}
    for at, row in enumerate(csv.DictReader(text.splitlines(), delimiter=";"), start=2):
        name = row["layerName"]
        if name == "Total" and not row["layerType"]:
            break  # of one request; others follow in some versions
        if row["execStatus"].rpartition(".")[2] not in ("EXECUTED", "NOT_RUN", "OPTIMIZED_OUT"):
            raise BadInput(Fault(name, f"`{row['execStatus']}`", "EXECUTED, NOT_RUN or OPTIMIZED_OUT", line=at))
        if not row["execStatus"].endswith("EXECUTED"):
            continue
        ms = number(row["realTime (ms)"], f"{name}: realTime (ms)", at)
        layers.append(Layer(name, row["layerType"], ms))
        kind = row["execType"].rpartition("_")[2].lower()
        types[kind] = types.get(kind, 0.0) + ms
    if not layers:
        raise BadInput(Fault("", "no layer that was executed", "a counters report of benchmark_app"))
    most = max(types, key=lambda kind: types[kind])
    one = Measurement(
        runtime="openvino",
        batch=0,
        precision="int8" if most in ("i8", "u8") else _PRECISIONS.get(most, ""),
        layers=tuple(layers),
        conditions="counters of layers switched on",
    )
    return [one], ["the counters have times of layers only: import the log or the report for the whole model"]


def _mixed(line: int | None = None) -> BadInput:
    found = "runs of several input shapes, whose latencies are mixed"
    return BadInput(Fault("-data_shape", found, "one shape at a time", line=line))


def _value(results: Mapping[str, Any], name: str) -> str:
    if name not in results:
        raise BadInput(Fault(name, "no such line", "a report of benchmark_app to its end"))
    return str(results[name])
