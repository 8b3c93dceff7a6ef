"""TensorFlow Lite's (LiteRT's) ``benchmark_model``: what it logs of the warm-up, the runs and the operators.

Durations are in µs there. What executed the graph is taken from what the tool says it did, not from what it was
asked for: a delegate that refuses a graph leaves it to the CPU without an error.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.readers import UNSAID
from hardware_profiles.readers.durations import in_ms, number, supported
from hardware_profiles.readers.shapes import Shape, batch_of, picture_of

NAME = "tflite-benchmark"
ABOUT = "the log of TensorFlow Lite's benchmark_model"

_STATISTICS = re.compile(r"\bcount=(\d+)\b(.*)")
_PHASE = "Running benchmark for at least"
_QUANTILES = {"p5": 0.05, "median": 0.5, "p95": 0.95}
_REPLACED = re.compile(r"Replacing (\d+) out of (\d+) node\(s\) with delegate \((\w+)\)")
_APPLIED = re.compile(r"xplicitly applied (\w+) delegate, and the model graph will be (completely|partially)")
_REFUSED = re.compile(r"Though (\w+) delegate is explicitly applied, the model graph will not be executed")
_UNITS = (  # of a delegate, by a part of its name in lower case; the first that fits
    ("xnnpack", "CPU"),
    ("edgetpu", "TPU"),
    ("gpu", "GPU"),
    ("metal", "GPU"),
    ("_cl", "GPU"),
    ("hexagon", "DSP"),
    ("qnn", "NPU"),
    ("neuron", "NPU"),
    ("ethos", "NPU"),
    ("dispatch", "NPU"),
)

Line = tuple[int, str]


def recognises(text: str) -> bool:
    """Whether the tool's announcement of a phase and a line of its statistics stand there."""
    return bool(_STATISTICS.search(text)) and (_PHASE in text or "Inference timings in us" in text)


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement per benchmark in the log (the tool announces each with ``STARTING!``)."""
    benchmarks: list[list[Line]] = [[]]
    for line in enumerate(text.splitlines(), start=1):
        if "STARTING!" in line[1]:
            benchmarks.append([])
        benchmarks[-1].append(line)
    notes: list[str] = []
    whole = [lines for lines in benchmarks if any(_STATISTICS.search(line) or _PHASE in line for _, line in lines)]
    return [_benchmark(lines, notes) for lines in whole], notes


def _benchmark(lines: list[Line], notes: list[str]) -> Measurement:
    warm_up, runs = _phases(lines)
    mean_us, count = runs.get("avg", runs.get("curr", 0.0)), int(runs["count"])
    unit, runtime, delegate = _executed_by(lines, notes)
    threads = _parameter(lines, "#threads used for CPU inference") or _parameter(lines, "Num threads")
    shapes = _shapes(lines)
    memory_mb, about_memory = _memory(lines)
    if memory_mb and about_memory:
        notes.append(about_memory)
    graph = _parameter(lines, "Graph")
    about = ["TFLite benchmark_model", PurePosixPath(graph.replace("\\", "/")).name, *delegate]
    about += [f"{key} {in_ms(runs[key], 'us'):g} ms" for key in ("min", "max", "std") if key in runs]
    first_ms = in_ms(warm_up.get("first", warm_up.get("curr", 0.0)), "us")
    about.append(f"runs of warm-up: {warm_up['count']:g}, the first {first_ms:g} ms")
    if initialised := _found(lines, r"Initialized session in ([\d.]+) ?ms"):
        about.append(f"initialised in {initialised} ms")
    return Measurement(
        runtime=runtime,
        unit=unit,
        batch=batch_of(shapes) or UNSAID,
        input_px=picture_of(shapes),
        threads=int(threads) if unit == "CPU" and threads.isdigit() and int(threads) > 0 else None,
        mean_ms=in_ms(mean_us, "us"),
        quantiles_ms=supported({p: in_ms(runs[key], "us") for key, p in _QUANTILES.items() if key in runs}, count),
        runs=count,
        memory_mb=memory_mb,
        layers=_layers(lines),
        conditions="; ".join(part for part in about if part),
    )


def _phases(lines: list[Line]) -> tuple[dict[str, float], dict[str, float]]:
    """Statistics of the warm-up and of the runs [µs]."""
    found = [(at, match) for at, line in lines if (match := _STATISTICS.search(line))]
    if len(found) < 2:
        what = "only the statistics of the warm-up" if found else "no statistics of a run"
        raise BadInput(Fault("", what, "those of the runs behind it; is the log cut off?", line=lines[-1][0]))
    (before, warm_up), (at, runs) = found[0], found[1]
    return _statistics(warm_up, before, 0), _statistics(runs, at, 1)


def _statistics(match: re.Match[str], line: int, fewest: int) -> dict[str, float]:
    said = {key: number(value, key, line) for key, value in re.findall(r"(\w+)=(\S+)", match[2])}
    count = int(match[1])
    if count < fewest:
        raise BadInput(Fault("count", f"{count} runs", "at least one", line=line))
    if count > 1 and not {"avg", "std"} <= said.keys():  # `std` follows `avg`: without it the line may be cut
        raise BadInput(Fault("", "statistics without `avg` and `std`", "a whole line of them", line=line))
    if count == 1 and "curr" not in said:
        raise BadInput(Fault("", "statistics without `curr`", "a whole line of them", line=line))
    return {"count": count, **said}


def _executed_by(lines: list[Line], notes: list[str]) -> tuple[str, str, list[str]]:
    """Compute unit, runtime, and what to say of the delegates."""
    text = "\n".join(line for _, line in lines)
    refused = set(_REFUSED.findall(text))
    why = "delegate was asked for and took no part of the graph: the figures are not its own"
    notes.extend(f"the {name} {why}" for name in sorted(refused))
    xnnpack = "xnnpack" in text.lower() and _parameter(lines, "Use xnnpack") != "0"
    on_cpu = "tflite-xnnpack" if xnnpack else "tflite"
    applied = [(name, how) for name, how in _APPLIED.findall(text) if name not in refused]
    replaced = [(name, int(some), int(all_)) for some, all_, name in _REPLACED.findall(text)]
    other = [one for one in replaced if "xnnpack" not in one[0].lower()]
    explicit = [one for one in applied if one[0].lower() != "xnnpack"]
    if not explicit and (refused or not other):
        if not xnnpack and not refused:
            notes.append("unit CPU: the log names no delegate, which leaves TensorFlow Lite's own kernels")
        return "CPU", on_cpu, ["XNNPACK"] if xnnpack else []
    kernels = [name for name, _, _ in other]
    name, how = explicit[0] if explicit else (kernels[0], "")
    accelerator = _parameter(lines, "NNAPI accelerator name") or _parameter(lines, "NNAPI accelerators available")
    words = " ".join((name, *kernels, accelerator)).lower()
    unit = next((unit for part, unit in _UNITS if part in words), "")
    if accelerator == "nnapi-reference":
        unit = "CPU"
    if not unit:
        notes.append(f"the log does not say which compute unit the {name} delegate used (state it with --unit)")
    nodes = [f"{some} of {all_} nodes" for _, some, all_ in other[:1]]
    if how == "partially" or any(some < all_ for _, some, all_ in other[:1]):
        notes.append(f"the {name} delegate took only part of the graph, the CPU the rest")
        how = "partially"
    about = ", ".join([f"{name} delegate", *nodes, *([how] if how and not nodes else [])])
    return unit, "tflite", [about, *([f"accelerators {accelerator}"] if accelerator else [])]


def _memory(lines: list[Line]) -> tuple[float | None, str]:
    """Peak memory [MB of 2^20 bytes, as the tool counts], and what must be said of it."""
    if peak := _found(lines, r"Overall peak memory footprint \(MB\) via periodic monitoring: ([\d.]+)"):
        return float(peak) or None, ""
    if peak := _found(lines, r"Peak memory footprint \(MB\):.*overall=([\d.]+)"):
        return float(peak) or None, ""
    delta = _found(lines, r"Memory footprint delta .*overall=([\d.]+)")
    return (float(delta) or None) if delta else None, "the memory is what the tool took on top of its own start"


def _layers(lines: list[Line]) -> tuple[Layer, ...]:
    """Operators of the primary graph in the order of execution; where a delegate ran them, what it says of itself."""
    headings = [at for at, (_, line) in enumerate(lines) if "= Run Order =" in line]
    regular = next((at for at, (_, line) in enumerate(lines) if "Profiling Info for Regular" in line), -1)
    if regular < 0 and any("Profiling Info for Benchmark Initialization" in line for _, line in lines):
        headings = headings[1:]  # versions that give only the first table a title
    table = next((at for at in headings if at > regular), None)
    if table is None:
        return ()
    columns = re.findall(r"\[([^\]]+)\]", lines[table + 1][1]) if table + 1 < len(lines) else []
    if not {"node type", "avg ms", "Name"} <= set(columns):
        return ()
    layers = []
    for at, line in lines[table + 2 :]:
        head, bracket, tail = line.partition("[")
        cells = [cell.strip() for cell in (head.split("\t") if "\t" in head else re.split(r"\s{2,}", head))]
        cells = [cell for cell in cells if cell]
        if not bracket or len(cells) != len(columns) - 1:
            break
        name = tail.rpartition("]")[0] or tail
        spent = number(cells[columns.index("avg ms")], "avg ms", at)
        layers.append(Layer(name.strip(), cells[columns.index("node type")], spent))
    return tuple(layers)


def _shapes(lines: list[Line]) -> list[Shape]:
    """Shapes of the inputs where they were stated: ``Input shapes: [1,224,224,3]``, parted by colons."""
    stated = [shape.split(",") for shape in _parameter(lines, "Input shapes").split(":")]
    numbers = all(re.fullmatch(r"[1-9]\d{0,5}", size) for shape in stated for size in shape)
    return [[int(size) for size in shape] for shape in stated] if numbers else []


def _parameter(lines: list[Line], name: str) -> str:
    """What stands in the brackets behind a parameter's name; empty if it is not logged."""
    return _found(lines, re.escape(name) + r" ?: \[([^\]]*)\]")


def _found(lines: list[Line], pattern: str) -> str:
    """First group of the first line that holds the pattern."""
    matches = (re.search(pattern, line, re.IGNORECASE) for _, line in lines)
    return next((match[1].strip() for match in matches if match), "")
