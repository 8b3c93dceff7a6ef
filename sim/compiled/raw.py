"""An array as compiled code sees it inside: where it begins, and nothing else.

An array index may be negative and then counts from the end; asking each time took a quarter of the kernels' time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeVar

from numba import types
from numba.extending import intrinsic as _typed_intrinsic
from numba.extending import models, overload, register_model

from sim.draws import Floats, Ints
from sim.jit import steps

_Array = TypeVar("_Array", Ints, Floats)


def _intrinsic(function: Callable[..., Any]) -> Any:
    """The stub does not know that callers pass no typing context."""
    return _typed_intrinsic(function)


class _Raw(types.Type):
    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Raw({dtype})")


@register_model(_Raw)
class _RawModel(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        its = manager.lookup(of.dtype).get_data_type().as_pointer()
        super().__init__(manager, of, its)  # type: ignore[no-untyped-call]


@_intrinsic
def _begin(context: Any, array: Any) -> Any:  # noqa: ARG001
    def begin(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        (of,) = signature.args
        return context.make_array(of)(context, builder, value=given[0]).data

    return _Raw(array.dtype)(array), begin


@steps
def raw(array: _Array) -> _Array:
    """Of an array that the caller holds: indices are not checked, and none may be negative."""
    found: _Array = _begin(array)
    return found


@_intrinsic
def _behind(context: Any, memory: Any, index: Any) -> Any:  # noqa: ARG001
    def behind(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.gep(given[0], [given[1]])

    return memory(memory, types.int64), behind


@steps
def behind(memory: _Array, index: int) -> _Array:
    """As ``memory[index:]`` would be."""
    found: _Array = _behind(memory, index)
    return found


@_intrinsic
def _get(context: Any, memory: Any, index: Any) -> Any:  # noqa: ARG001
    def load(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.load(builder.gep(given[0], [given[1]]))

    return memory.dtype(memory, types.int64), load


@_intrinsic
def _set(context: Any, memory: Any, index: Any, value: Any) -> Any:  # noqa: ARG001
    def store(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        builder.store(given[2], builder.gep(given[0], [given[1]]))
        return context.get_dummy_value()

    return types.void(memory, types.int64, memory.dtype), store


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
