"""In which precision a model's weights are kept, read from the ONNX file itself.

A board has no onnx library, and a quantised model takes and gives float32, so that its signature does not tell. The
format is protobuf: numbered fields, of which few matter here (onnx.proto: ModelProto, GraphProto, TensorProto).
"""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from math import prod
from pathlib import Path

# TensorProto.DataType as our precisions. 32- and 64-bit integers are shapes and biases, not weights.
_TYPES = {1: "fp32", 2: "int8", 3: "int8", 4: "int16", 5: "int16", 10: "fp16", 11: "fp64", 16: "bf16"}
_TYPES |= dict.fromkeys((17, 18, 19, 20), "fp8") | dict.fromkeys((21, 22), "int4") | {23: "fp4"}

_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_INITIALISER = 1, 5
_NODE_ATTRIBUTE = 5
_ATTRIBUTE_TENSOR = 5
_TENSOR_DIMENSIONS, _TENSOR_TYPE = 1, 2

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def precision_of(model: Path) -> str:
    """The precision that holds most of the weights of an ONNX file; empty where it holds none that tell."""
    with suppress(OSError, ValueError, IndexError), model.open("rb") as file:
        if model.suffix == ".onnx":
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                counts = _weights(data)
            return max(counts, key=lambda name: counts[name]) if counts else ""
    return ""


def _weights(data: mmap.mmap) -> Counter[str]:
    """Number of weights by precision: initialisers, and tensors that stand in a node."""
    counts: Counter[str] = Counter()
    for graph in _parts(data, 0, len(data), _MODEL_GRAPH):
        tensors = list(_parts(data, *graph, _GRAPH_INITIALISER))
        for node in _parts(data, *graph, _GRAPH_NODE):
            for attribute in _parts(data, *node, _NODE_ATTRIBUTE):
                tensors += _parts(data, *attribute, _ATTRIBUTE_TENSOR)
        for tensor in tensors:
            kind, elements = _tensor(data, *tensor)
            if kind in _TYPES:
                counts[_TYPES[kind]] += elements
    return counts


def _tensor(data: mmap.mmap, begin: int, end: int) -> tuple[int, int]:
    kind, dimensions = 0, []
    for field, wire, value, stop in _fields(data, begin, end):
        if field == _TENSOR_TYPE and wire == _VARINT:
            kind = value
        elif field == _TENSOR_DIMENSIONS and wire == _VARINT:
            dimensions.append(value)
        elif field == _TENSOR_DIMENSIONS:  # packed
            while value < stop:
                size, value = _varint(data, value)
                dimensions.append(size)
    return kind, prod(dimensions)


def _parts(data: mmap.mmap, begin: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Where the nested messages of one field begin and end."""
    for field, wire, at, stop in _fields(data, begin, end):
        if field == wanted and wire == _BYTES:
            yield at, stop


def _fields(data: mmap.mmap, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Every field as (number, wire type, its value or where it begins, where it ends)."""
    at = begin
    while at < end:
        key, at = _varint(data, at)
        field, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield field, wire, value, at
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in (_FIXED_64, _FIXED_32):
            size = 8 if wire == _FIXED_64 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at + size > end:
            raise ValueError("a field beyond its message")
        yield field, wire, at, at + size
        at += size


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number without end")
