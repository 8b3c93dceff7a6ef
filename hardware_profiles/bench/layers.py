"""A model node by node: how long each takes, and what would have to be sent if the model were split behind it.

Times are onnxruntime's own (its profiling, on the graph as it was optimised); sizes are those that the outputs really
had in these runs, so that axes need not be inferred; which node reads what stands in the optimised graph.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hardware_profiles.bench.session import Session, SessionSettings, opened
from hardware_profiles.bench.timing import measure
from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer

_WARM_UP_RUNS = 5
_BITS = {"float": 32, "double": 64, "float16": 16, "bfloat16": 16, "bool": 8, "int4": 4, "uint4": 4}
_BITS |= {f"{sign}int{bits}": bits for sign in ("", "u") for bits in (8, 16, 32, 64)}


@dataclass(frozen=True)
class Profiled:
    """What profiling some runs told: the layers, and how long each run took by onnxruntime's clock and by ours [ms]."""

    layers: tuple[Layer, ...]
    runs_ms: tuple[float, ...]
    timed_ms: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def in_layers(self) -> float:
        """The share of a run that its layers account for."""
        return sum(layer.mean_ms for layer in self.layers) * len(self.runs_ms) / sum(self.runs_ms)


@dataclass(frozen=True)
class Node:
    """A node of the graph as executed: what it does, what it reads and puts out (names of tensors)."""

    op: str
    reads: tuple[str, ...]
    puts_out: tuple[str, ...]


def onnx_library() -> Any:
    """The module that reads the optimised graph; raises BadInput where it is not installed."""
    try:
        import onnx
    except ImportError:
        raise BadInput(Fault("--layers", "no onnx installed for this Python", "`pip install onnx`")) from None
    return onnx


def profiled(
    model: Path, provider: str, settings: SessionSettings, feeds: Mapping[str, Any], runs: int = 30
) -> Profiled:
    """Runs a model with onnxruntime's profiling on; raises BadInput as `onnx_library` does."""
    onnx = onnx_library()
    with TemporaryDirectory() as folder:
        graph_file = Path(folder, "optimised.onnx")
        session = _opened(model, provider, settings, Path(folder, "profile"), graph_file)
        run = session.runner(feeds)
        measure(run, _WARM_UP_RUNS, None)
        timed_ms = tuple(ns / 1e6 for ns in measure(run, runs, None).durations_ns)
        events = json.loads(Path(session.inner.end_profiling()).read_text("utf-8"))
        graph = onnx.load(graph_file, load_external_data=False).graph if graph_file.exists() else None
    whole = sorted((event for event in events if event["name"] == "model_run"), key=lambda event: event["ts"])
    whole = whole[_WARM_UP_RUNS:]
    executed = _executed(events, whole)
    names = list(executed)
    nodes = _nodes(graph, [executed[name][0]["args"]["op_name"] for name in names])
    outputs = [_output_bytes(executed[name][0]) for name in names]
    given = {name: array.nbytes for name, array in feeds.items()}
    cuts = cut_bytes(nodes, outputs, given) if nodes else [None] * len(names)
    layers = tuple(
        Layer(
            name=name,
            op=executed[name][0]["args"]["op_name"],
            mean_ms=sum(event["dur"] for event in executed[name]) / 1000 / runs,
            output_bytes=_sum(put_out),
            cut_bytes=cut,
        )
        for name, put_out, cut in zip(names, outputs, cuts, strict=True)
    )
    notes = [] if nodes else ["layers: which node reads what is not known here, so what a split sends is not known"]
    if session.unit == "GPU":
        notes.append("layers: on a GPU these are the times of starting the work, not of doing it")
    runs_ms = tuple(event["dur"] / 1000 for event in whole)
    return Profiled(layers, runs_ms, timed_ms, tuple(notes))


def cut_bytes(
    nodes: Sequence[Node], output_bytes: Sequence[Sequence[int | None]], given: Mapping[str, int]
) -> list[int | None]:
    """For each node what has to be sent if the model is split behind it: all that is there and is read later [B].

    That counts what nodes up to here put out and what the model was ``given`` (name to bytes), never weights. None
    where a size is not known. Behind the last node nothing is left to be read: what the model answers is no cut.
    """
    last_read = {name: at for at, node in enumerate(nodes) for name in node.reads}
    alive: dict[str, int | None] = {name: size for name, size in given.items() if name in last_read}
    cuts: list[int | None] = []
    for at, (node, sizes) in enumerate(zip(nodes, output_bytes, strict=True)):
        known = sizes if len(sizes) == len(node.puts_out) else [None] * len(node.puts_out)
        alive |= {name: size for name, size in zip(node.puts_out, known, strict=True) if name in last_read}
        alive = {name: size for name, size in alive.items() if last_read[name] > at}
        cuts.append(_sum(alive.values()))
    return cuts


def _sum(sizes: Iterable[int | None]) -> int | None:
    """Unknown as soon as a part is."""
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def _opened(model: Path, provider: str, settings: SessionSettings, profile: Path, graph_file: Path) -> Session:
    """The graph goes to a file where the provider lets it: one that compiles it into something of its own does not."""
    try:
        session, _ = opened(model, provider, settings, profile=(profile, graph_file))
    except BadInput:
        session, _ = opened(model, provider, settings, profile=(profile, None))
    return session


def _executed(events: Sequence[Any], whole: Sequence[Any]) -> dict[str, list[Any]]:
    """The events of every node since the warm-up, nodes in the order in which the first such run executed them."""
    suffix = "_kernel_time"
    began = whole[0]["ts"]
    kept = (event for event in events if event["cat"] == "Node" and event["name"].endswith(suffix))
    executed: dict[str, list[Any]] = {}
    for event in sorted(kept, key=lambda event: event["ts"]):
        if event["ts"] >= began:
            executed.setdefault(event["name"].removesuffix(suffix), []).append(event)
    return executed


def _nodes(graph: Any, ops: Sequence[str]) -> list[Node]:
    """The graph's nodes where they are those that were executed, in that order; else none."""
    if graph is None or [node.op_type for node in graph.node] != list(ops):
        return []
    weights = {one.name for one in graph.initializer} | {one.values.name for one in graph.sparse_initializer}
    return [
        Node(
            node.op_type,
            tuple(name for name in node.input if name and name not in weights),
            tuple(name for name in node.output if name),
        )
        for node in graph.node
    ]


def _output_bytes(event: Any) -> list[int | None]:
    """Size of each output that a node put out [B]."""
    sizes: list[int | None] = []
    for output in event["args"].get("output_type_shape", ()):
        ((kind, shape),) = output.items()
        sizes.append(-(-prod(shape) * _BITS[kind] // 8) if kind in _BITS else None)
    return sizes
