"""Qualcomm AI Hub Models: a model's ``perf.yaml``, in its layouts of 2024 (per device) and of 2025 (per precision).

One measurement per part of the model, device, precision and runtime. Times are the service's estimates, near its
fastest runs; ``float`` is fp16, but fp32 where it fell back to the CPU.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import in_ms, number
from hardware_profiles.readers.qualcomm import BYTES_PER_MB, fallback

NAME = "ai-hub-perf"
ABOUT = "perf.yaml of a model of Qualcomm AI Hub Models"

_MOST_BYTES = 4_000_000  # the largest known has 0.2 MB; pure Python reads 0.1 MB/s
_RUNTIMES = {
    "tflite": "tflite",
    "torchscript_onnx_tflite": "tflite",
    "qnn": "qnn",
    "qnn_dlc": "qnn",
    "qnn_context_binary": "qnn-context",
    "torchscript_onnx_qnn": "qnn",
    "torchscript_qnn": "qnn",
    "onnx": "onnxruntime",
    "torchscript_onnx": "onnxruntime",
    "torchscript_onnx_ort": "onnxruntime",
    "precompiled_qnn_onnx": "onnxruntime-qnn",
    "torchscript_onnx_ort_qnn": "onnxruntime-qnn",
    "llama_cpp_cpu": "llama.cpp",
    "llama_cpp_gpu": "llama.cpp",
    "llama_cpp_npu": "llama.cpp",
}
_UNITS = {"genie": "NPU", "llama_cpp_cpu": "CPU", "llama_cpp_gpu": "GPU", "llama_cpp_npu": "NPU"}
_PRECISIONS = {
    "w8a8": "int8",
    "w8a8_mixed_int16": "int8-mixed-int16",
    "w8a8_mixed_fp16": "int8-mixed-fp16",
    "w16a16": "int16",
    "w4": "int4",
    "mixed_with_float": "mixed",
    "float": "fp16",
}
_FAILED = (None, "null", "")


@dataclass(frozen=True)
class _Run:
    """One entry of the file: where it stands, and what of."""

    model: str
    hardware: str
    precision: str
    runtime: str
    said: Mapping[str, Any]
    date: str = ""
    about: str = ""

    @property
    def path(self) -> str:
        return f"{self.model}, {self.hardware}, {self.runtime}"


def recognises(text: str) -> bool:
    """Whether it has the keys of such a file, each on a line of its own."""
    figures = r"(?m)^\s+(- )?(inference_time(_milliseconds)?|llm_metrics|tokens_per_second):"
    return bool(re.search(r"(?m)^\s+(- )?performance_metrics:", text)) and bool(re.search(figures, text))


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """All of the file's runs that passed; how many failed is noted."""
    tree = _tree(text)
    runs = list(_by_precision(tree) if "precisions" in tree else _by_device(tree))
    notes: list[str] = []
    measurements = [one for run in runs for one in _measurements(run, notes)]
    passed = [run for run in runs if _passed(run.said)]
    if len(passed) < len(runs):
        notes.append(f"{len(runs) - len(passed)} of {len(runs)} runs failed there and are left out")
    if any(one.mean_ms is not None for one in measurements):
        notes.append("times are the service's estimates, near its fastest runs")
    models = list(dict.fromkeys(run.model for run in passed))
    if len(models) > 1:
        notes.append(f"the model is in {len(models)} parts, each measured on its own: {', '.join(models)}")
    if any(run.runtime == "genie" for run in passed):
        notes.append("unit NPU: the file does not say where Genie ran, which is made for the NPU")
    if any(run.precision == "float" for run in passed):
        notes.append("`float` is taken for fp16, and for fp32 where it ran on the CPU")
    return measurements, notes


def _tree(text: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer, ComposerError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.events import AliasEvent

    class Plain(Composer):  # type: ignore[misc, unused-ignore]
        """Without aliases: no such file has any, and a few lines of them stand for millions."""

        def compose_node(self, parent: Any, index: int) -> Any:
            if self.parser.check_event(AliasEvent):
                raise ComposerError(None, None, "found an alias (`*name`)", self.parser.peek_event().start_mark)
            return super().compose_node(parent, index)

    if len(text) > _MOST_BYTES:
        raise BadInput(Fault("", f"{len(text) / 1e6:.0f} MB of YAML", f"at most {_MOST_BYTES // 10**6} MB"))
    if not text.endswith("\n"):  # a number on it may have lost its last digits
        end = text.count("\n") + 1
        raise BadInput(Fault("", "a last line without its end", "a whole file; is it cut off?", line=end))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor used twice is no concern of the user
            yaml = YAML(typ="safe", pure=True)
            yaml.Composer = Plain
            tree = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found = str(error.problem or error.context).removeprefix("found ")
        raise BadInput(Fault("", found, "YAML", line=mark.line + 1 if mark else None)) from None
    except YAMLError as error:
        raise BadInput(Fault("", str(error).splitlines()[0], "YAML")) from None
    if not isinstance(tree, Mapping):
        raise BadInput(Fault("", "no map", ABOUT))
    return tree


def _by_precision(tree: Mapping[str, Any]) -> Iterator[_Run]:
    """Layout of 2025: precisions → components → performance_metrics → device → runtime."""
    for precision, said in tree["precisions"].items():
        for model, component in said["components"].items():
            for device, runtimes in (component.get("performance_metrics") or {}).items():
                for runtime, figures in runtimes.items():
                    tools = figures.get("tool_versions") or {}
                    about = ", ".join(f"{tool} {version}" for tool, version in tools.items())
                    yield _Run(str(model), str(device), str(precision), str(runtime), figures, about=about)


def _by_device(tree: Mapping[str, Any]) -> Iterator[_Run]:
    """Layout of 2024: models → performance_metrics, a list with an entry per device, runtimes beside the device."""
    for model in tree["models"]:
        for entry in model["performance_metrics"]:
            device = entry["reference_device_info"]
            day = re.match(r"\d{4}-\d{2}-\d{2}", str(entry.get("timestamp", "")))
            about = " ".join(str(device[key]) for key in ("os_name", "os") if device.get(key))
            for runtime, figures in entry.items():
                if runtime in ("reference_device_info", "timestamp"):
                    continue
                precision = str(figures.get("precision", ""))
                hardware, date = str(device["name"]), day[0] if day else ""
                yield _Run(str(model["name"]), hardware, precision, str(runtime), figures, date, about)


def _passed(said: Mapping[str, Any]) -> bool:
    time = said.get("inference_time_milliseconds", said.get("inference_time"))
    return time not in _FAILED or bool(said.get("llm_metrics")) or said.get("tokens_per_second") not in _FAILED


def _measurements(run: _Run, notes: list[str]) -> Iterator[Measurement]:
    said = run.said
    if not _passed(said):
        return
    unit = str(said.get("primary_compute_unit") or "").upper()
    counts = said.get("layer_counts") or {
        key.removeprefix("layers_on_"): count for key, count in (said.get("layer_info") or {}).items()
    }
    layers = Counter({name.upper(): int(counts.get(name) or 0) for name in ("npu", "gpu", "cpu")})
    if unit in ("", "NULL"):
        unit = max(layers, key=lambda name: layers[name]) if any(layers.values()) else ""
    placed = fallback(unit, layers, notes, f"{run.path}: ")
    runtime = _RUNTIMES.get(run.runtime, run.runtime.lower().replace("_", "-"))
    about = ["Qualcomm AI Hub", run.runtime if run.runtime != runtime else "", run.about, *placed]
    precision = _PRECISIONS.get(run.precision, run.precision.lower().replace("_", "-"))
    if run.precision == "float" and unit == "CPU":
        precision = "fp32"
    base = Measurement(
        model=run.model,
        hardware=run.hardware,
        precision=precision,
        runtime=runtime,
        unit=unit,
        conditions="; ".join(part for part in about if part),
        date=run.date,
    )
    metrics = said.get("llm_metrics") or ([said] if said.get("tokens_per_second") not in _FAILED else [])
    for metric in [metrics] if isinstance(metrics, Mapping) else metrics:
        yield _generation(metric, base, run)
    if not metrics:
        key = "inference_time_milliseconds" if "inference_time_milliseconds" in said else "inference_time"
        time = number(said[key], run.path)
        yield replace(
            base, mean_ms=time if key.endswith("milliseconds") else in_ms(time, "us"), memory_mb=_memory_mb(said)
        )


def _generation(metric: Mapping[str, Any], base: Measurement, run: _Run) -> Measurement:
    """A generative model: speed, and the first token of the shortest prompt; that of a full context is said."""
    unit = base.unit or str(metric.get("desired_compute_unit") or "").upper() or _UNITS.get(run.runtime, "")
    about = [base.conditions, f"context of {metric['context_length']} tokens" if "context_length" in metric else ""]
    reach, per_ms = metric.get("time_to_first_token_range_milliseconds"), 1.0
    if reach is None:  # files of 2024 have it in µs
        reach, per_ms = metric.get("time_to_first_token_range"), 1e3
    first = None
    if reach:
        first, last = (number(reach[end], run.path) / per_ms for end in ("min", "max"))
        about.append(f"first token {first:.6g} ms for a short prompt, {last:.6g} ms for a full context")
    return replace(
        base,
        unit=unit,
        tokens_per_s=number(metric["tokens_per_second"], run.path),
        first_token_ms=first or None,
        conditions="; ".join(part for part in about if part),
    )


def _memory_mb(said: Mapping[str, Any]) -> float | None:
    """Upper end of the peak memory [MB], in the older layout given in bytes."""
    in_mb, in_bytes = said.get("estimated_peak_memory_range_mb"), said.get("estimated_peak_memory_range")
    if in_mb:
        return number(in_mb["max"], "estimated_peak_memory_range_mb")
    return number(in_bytes["max"], "estimated_peak_memory_range") / BYTES_PER_MB if in_bytes else None
