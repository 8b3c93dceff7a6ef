"""An array of whole numbers as compiled code sees it inside: where it begins, and nothing else.

An array index may be negative and then counts from the end; asking each time took a quarter of the kernels' time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic as _typed_intrinsic
from numba.extending import models, overload, register_model

from sim.draws import Ints
from sim.jit import steps


def _intrinsic(function: Callable[..., Any]) -> Any:
    """The stub does not know that callers pass no typing context."""
    return _typed_intrinsic(function)


class _Raw(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Raw")


_RAW = _Raw()


@register_model(_Raw)
class _RawModel(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, ir.IntType(64).as_pointer())  # type: ignore[no-untyped-call]


@_intrinsic
def _begin(context: Any, array: Any) -> Any:  # noqa: ARG001
    def begin(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        (of,) = signature.args
        return context.make_array(of)(context, builder, value=given[0]).data

    return _RAW(array), begin


@steps
def raw(array: Ints) -> Ints:
    """Of an array that the caller holds: indices are not checked, and none may be negative."""
    found: Ints = _begin(array)
    return found


@_intrinsic
def _get(context: Any, memory: Any, index: Any) -> Any:  # noqa: ARG001
    def load(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.load(builder.gep(given[0], [given[1]]))

    return types.int64(memory, types.int64), load


@_intrinsic
def _set(context: Any, memory: Any, index: Any, value: Any) -> Any:  # noqa: ARG001
    def store(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        builder.store(given[2], builder.gep(given[0], [given[1]]))
        return context.get_dummy_value()

    return types.void(memory, types.int64, types.int64), store


@overload(operator.getitem)
def _getitem(memory: Any, index: Any) -> Any:  # noqa: ARG001
    def get(memory: Any, index: Any) -> Any:
        return _get(memory, index)

    return get if isinstance(memory, _Raw) else None


@overload(operator.setitem)
def _setitem(memory: Any, index: Any, value: Any) -> Any:  # noqa: ARG001
    def put(memory: Any, index: Any, value: Any) -> Any:
        return _set(memory, index, value)

    return put if isinstance(memory, _Raw) else None
