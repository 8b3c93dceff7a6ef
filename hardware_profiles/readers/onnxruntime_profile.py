"""ONNX Runtime's profile (``enable_profiling``): every run of the model and every node in it.

Durations are whole microseconds. A node stands before the run it belongs to and lies within its time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.readers.durations import number, timed
from hardware_profiles.readers.shapes import Shape, batch_of, picture_of
from hardware_profiles.reading import json_of

NAME = "onnxruntime-profile"
ABOUT = "the JSON that ONNX Runtime writes with enable_profiling"

Event = Mapping[str, Any]

_PROVIDERS = {
    "CPU": "CPU XNNPACK Dnnl ACL",
    "GPU": "CUDA Tensorrt NvTensorRTRTX ROCM MIGraphX Dml WebGpu",
    "NPU": "QNN VitisAI RKNPU CANN",
}
_UNITS = {provider: unit for unit, providers in _PROVIDERS.items() for provider in providers.split()}
_PRECISIONS = {"float": "fp32", "float16": "fp16", "bfloat16": "bf16"}
_QUANTISED = ("QLinear", "ConvInteger", "MatMulInteger", "QGemm", "QAttention", "DynamicQuantize", "QEmbed")
_AROUND = ("Loop", "If", "Scan")
_KERNEL = "_kernel_time"


def recognises(text: str) -> bool:
    head = text[:20_000]
    return head.lstrip().startswith("[") and '"cat"' in head and ('"Session"' in head or _KERNEL in head)


def read(text: str) -> tuple[list[Measurement], list[str]]:
    events = json_of(text)
    if not isinstance(events, list):
        raise BadInput(Fault("", "no list of events", "the JSON that ONNX Runtime writes"))
    runs = _runs(events)
    if not runs:
        found = "no `model_run` event" + (": the session ran nothing" if events else "")
        raise BadInput(Fault("", found, "a profile of at least one run"))
    notes = ["timed with profiling on, which slows small nodes"]
    by_shape: dict[tuple[tuple[int, ...], ...], list[tuple[float, list[Event]]]] = defaultdict(list)
    for ms, nodes in runs:
        by_shape[_input_shapes(nodes)].append((ms, nodes))
    if len(by_shape) > 1:
        notes.append(f"runs of {len(by_shape)} input shapes, each a configuration of its own")
    starts = sum(event.get("name") == "session_initialization" for event in events)
    if starts > 1:
        notes.append(f"{starts} sessions in one file: their runs count as one sample for each input shape")
    return [_configuration(shapes, some, notes) for shapes, some in by_shape.items()], notes


def _runs(events: Sequence[Event]) -> list[tuple[float, list[Event]]]:
    """Duration [ms] and nodes of every run, in order; nodes of overlapping runs cannot be told apart: left out."""
    found: list[tuple[float, list[Event]]] = []
    nodes: list[tuple[float, Event]] = []
    end_before = 0.0
    for at, event in enumerate(events):
        name = event.get("name", "")
        if event.get("cat") == "Node" and name.endswith(_KERNEL):
            nodes.append((number(event["ts"], f"{at}.ts"), event))
        elif name == "model_run":
            start, length = number(event["ts"], f"{at}.ts"), number(event["dur"], f"{at}.dur")
            overlap = start < end_before
            end_before = start + length
            inside = [] if overlap else [node for ts, node in nodes if start <= ts <= end_before]
            found.append((length / 1e3, inside))
            nodes = []
    return found


def _configuration(shapes: Sequence[Shape], runs: Sequence[tuple[float, list[Event]]], notes: list[str]) -> Measurement:
    sample = [ms for ms, _ in runs]
    usual = median(sample)
    if len(sample) > 1 and sample[0] > 2 * usual > 0:
        notes.append(f"the first of {len(sample)} runs took {sample[0]:.3g} ms, the median {usual:.3g} ms: it is kept")
    nodes = [node for _, some in runs for node in some]
    spent = Counter[str]()
    for node in nodes:
        spent[str(_about(node).get("provider", "")).removesuffix("ExecutionProvider")] += node["dur"]
    provider = max(spent, key=lambda name: spent[name], default="")
    if len(spent) > 1:
        share = spent[provider] / max(sum(spent.values()), 1)
        notes.append(f"{share:.0%} of the time on {provider}ExecutionProvider, the rest on others")
    if _UNITS.get(provider) == "GPU":
        notes.append("a node's time on a GPU is that of starting it, not of its kernels")
    if any(_about(node).get("op_name") in _AROUND for node in nodes):
        notes.append("the time of a loop or branch holds that of the nodes inside it")
    batch = batch_of(shapes)
    if batch or picture_of(shapes):
        notes.append("batch and input_px are read off the first node's input")
    precision = _precision(nodes)
    if precision:
        notes.append(f"precision {precision} is that of the nodes in which most time is spent")
    return Measurement(
        precision=precision,
        runtime="onnxruntime" if provider in ("", "CPU", "CUDA", "QNN") else f"onnxruntime-{provider.lower()}",
        unit=_UNITS.get(provider, ""),
        batch=batch or 0,
        input_px=picture_of(shapes),
        layers=_layers(runs),
        conditions=f"{provider}ExecutionProvider, profiling on" if provider else "profiling on",
        **timed(sample),
    )


def _layers(runs: Sequence[tuple[float, list[Event]]]) -> tuple[Layer, ...]:
    """Mean over the runs of each node, in the order in which the first of them executed it."""
    told = [nodes for _, nodes in runs if nodes]
    spent: dict[str, list[float]] = defaultdict(list)
    first: dict[str, Event] = {}
    for nodes in told:
        for node in nodes:
            name = node["name"].removesuffix(_KERNEL)
            spent[name].append(number(node["dur"], f"{name}.dur") / 1e3)
            first.setdefault(name, node)
    return tuple(
        Layer(name, str(_about(node).get("op_name", "")), sum(spent[name]) / len(told), _size(node))
        for name, node in first.items()
    )


def _size(node: Event) -> int | None:
    size = _about(node).get("output_size")
    return None if size is None else int(number(size, f"{node['name']}.output_size"))


def _input_shapes(nodes: Sequence[Event]) -> tuple[tuple[int, ...], ...]:
    """Shape of what goes into the first node: of a model with one input, that of the model."""
    said = _about(nodes[0]).get("input_type_shape") if nodes else None
    if not said:
        return ()
    (shape,) = said[0].values()
    return (tuple(int(one) for one in shape),)


def _precision(nodes: Sequence[Event]) -> str:
    """What most of the time is spent in: quantised nodes, or floating point of some width."""
    spent = Counter[str]()
    for node in nodes:
        about = _about(node)
        types = [next(iter(one), "") for one in about.get("input_type_shape") or [{}]]
        quantised = str(about.get("op_name", "")).startswith(_QUANTISED) or types[:1] in (["int8"], ["uint8"])
        spent["int8" if quantised else _PRECISIONS.get(types[0] if types else "", "")] += node["dur"]
    spent.pop("", None)
    return max(spent, key=lambda name: spent[name], default="")


def _about(node: Event) -> Mapping[str, Any]:
    return node.get("args") or {}
