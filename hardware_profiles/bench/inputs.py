"""Inputs for a model, made from its signature: sizes for its open axes and numbers of the right type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardware_profiles.faults import BadInput, Fault, closest

_DTYPES = {
    "float": "float32",
    "double": "float64",
    "float16": "float16",
    "bool": "bool",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
_PICTURE_PX = 224
_TOKENS = 128


@dataclass(frozen=True)
class Input:
    """An input of a model. A number in ``shape`` is fixed, a name or None (no name) an open axis."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]

    def called(self, at: int) -> str:
        """The name by which the axis at a position can be set."""
        axis = self.shape[at]
        return axis if isinstance(axis, str) else f"{self.name}:{at}"


def signature(inner: Any) -> tuple[Input, ...]:
    """What an onnxruntime session wants; raises BadInput where that is no tensor of numbers."""
    return tuple(Input(one.name, _dtype(one.name, one.type), _shape(one.shape)) for one in inner.get_inputs())


def batch_of(inputs: Sequence[Input]) -> int | None:
    """The inputs per execution that a model is fixed at; None where its first axis is open.

    A model without any axis takes one.
    """
    first = next((one.shape[0] for one in inputs if one.shape), 1)
    return first if isinstance(first, int) else None


def sizes(
    inputs: Sequence[Input], batch: int, stated: Mapping[str, int]
) -> tuple[dict[str, tuple[int, ...]], tuple[str, ...]]:
    """The shape of every input for a batch, and which sizes were assumed.

    The first input's first axis is the batch wherever its name stands, and so is every other open first axis. The
    rest are as ``stated`` by the axis' name or as ``INPUT:POSITION``; with one input the position alone will do.

    Raises
    ------
    BadInput
        Where the batch is not what the model is fixed at or what an axis is stated to be, or an axis is stated that
        the model does not have open.
    """
    fixed = batch_of(inputs)
    if fixed not in (None, batch):
        raise BadInput(Fault("--batch", f"{batch}", f"{fixed}, at which the model's first axis is fixed"))
    open_axes = [one.called(at) for one in inputs for at, axis in enumerate(one.shape) if not isinstance(axis, int)]
    given = {_meant(axis, inputs, open_axes): size for axis, size in stated.items()}
    batch_axis = next((one.called(0) for one in inputs if one.shape), "")
    if given.setdefault(batch_axis, batch) != batch:
        raise BadInput(Fault("--batch", f"{batch}", f"{given[batch_axis]}, as --axis says of the same axis"))
    assumed: dict[str, int] = {}

    def size(one: Input, at: int) -> int:
        axis, name = one.shape[at], one.called(at)
        if isinstance(axis, int):
            return axis
        if name in given:
            return given[name]
        if at == 0:
            return batch
        return assumed.setdefault(name, _usual(one, at))

    shapes = {one.name: tuple(size(one, at) for at in range(len(one.shape))) for one in inputs}
    notes = tuple(f"axis {name} = {n}, assumed (--axis {name}=N)" for name, n in assumed.items())
    return shapes, notes


def feeds(inputs: Sequence[Input], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Random arrays for the inputs, the same at every call.

    Real numbers lie in [0, 1). Whole ones may be token ids, which have to be in a vocabulary that is not known: they
    are 0 or 1, and 1 in a mask; bytes of a picture take all values.
    """
    import numpy as np

    random = np.random.default_rng(0)

    def array(one: Input) -> Any:
        shape, dtype = shapes[one.name], np.dtype(one.dtype)
        if dtype.kind == "f":
            return random.random(shape, np.float32).astype(dtype)
        if dtype.kind == "b" or "mask" in one.name.lower():
            return np.ones(shape, dtype)
        if dtype.itemsize == 1 and len(shape) > 2:
            bounds = np.iinfo(dtype)
            return random.integers(bounds.min, bounds.max, shape, dtype, endpoint=True)
        return random.integers(0, 2, shape).astype(dtype)

    return {one.name: array(one) for one in inputs}


def picture_px(shapes: Mapping[str, tuple[int, ...]]) -> int | None:
    """The edge of a square picture among the inputs, channels first or last [px]; None where there is none."""
    for shape in shapes.values():
        if len(shape) == 4:
            _, a, b, c = shape
            if b == c > 4 or a == b > 4:
                return b
    return None


def _meant(axis: str, inputs: Sequence[Input], open_axes: Sequence[str]) -> str:
    name = f"{inputs[0].name}:{axis}" if axis.isdigit() and len(inputs) == 1 else axis
    if name in open_axes:
        return name
    for one in inputs:  # a named axis may be given by its position too
        for at, size in enumerate(one.shape):
            if name == f"{one.name}:{at}":
                if not isinstance(size, int):
                    return one.called(at)
                raise BadInput(Fault("--axis", axis, f"an open axis; this one is fixed at {size}"))
    said = f"an open axis of the model: {', '.join(dict.fromkeys(open_axes)) or 'none, every one is fixed'}"
    raise BadInput(Fault("--axis", f"`{axis}`", said, nearest=closest(axis, open_axes)))


def _usual(one: Input, at: int) -> int:
    """A usual size for an open axis that nobody stated."""
    name = str(one.shape[at]).lower()
    if re.search(r"seq|token|length|ctx|context", name) or (len(one.shape) == 2 and one.dtype.startswith("int")):
        return _TOKENS
    if re.search(r"height|width|^[hw]$", name):
        return _PICTURE_PX
    if len(one.shape) == 4:
        last = one.shape[3] in (1, 3, 4)
        return _PICTURE_PX if at in ((1, 2) if last else (2, 3)) else 3
    return 1


def _dtype(name: str, kind: str) -> str:
    found = re.fullmatch(r"tensor\((\w+)\)", kind)
    if not found or found[1] not in _DTYPES:
        raise BadInput(Fault(f"input {name}", kind, "a tensor of numbers, for which inputs can be made"))
    return _DTYPES[found[1]]


def _shape(shape: Sequence[Any]) -> tuple[int | str | None, ...]:
    return tuple(axis if isinstance(axis, (int, str)) else None for axis in shape)
