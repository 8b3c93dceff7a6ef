"""Finding out what the language says about a path: its shape, its keys, its words."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from scenarios.language.document import Document
from scenarios.language.shape import Shape


def inside(annotation: Any, part: str | int) -> Any:
    """The annotation of a part of what an annotation describes; None where that is no shape."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return next((f.annotation for n, f in annotation.model_fields.items() if part in (n, f.alias)), None)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (types.UnionType, Union):
        found = (inside(one, part) for one in arguments)
        return next((one for one in found if one is not None), None)
    if origin is Annotated:
        return inside(arguments[0], part)
    if origin is dict:
        return arguments[1]
    return arguments[0] if origin in (list, tuple) else None


def shape_at(loc: Sequence[str | int]) -> type[Shape] | None:
    found: Any = Document
    for part in loc:
        found = inside(found, part)
    candidates = [found, *get_args(found)]
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, Shape)), None)


def keys_at(loc: Sequence[str | int]) -> list[str]:
    shape = shape_at(loc)
    return [about.alias or name for name, about in shape.model_fields.items()] if shape else []


def example_at(loc: Sequence[str | int]) -> str:
    shape = shape_at(loc)
    return f", as in {shape.example}" if shape is not None and shape.example else ""


def described(loc: Sequence[str | int]) -> str:
    shape = shape_at(loc[:-1])
    about = next((f for n, f in shape.model_fields.items() if loc[-1] in (n, f.alias)), None) if shape else None
    return f" ({about.description.rstrip('.')})" if about is not None and about.description else ""


def literals_at(loc: Sequence[str | int]) -> tuple[Any, ...]:
    shape = shape_at(loc[:-1])
    about = next((f for n, f in shape.model_fields.items() if loc[-1] in (n, f.alias)), None) if shape else None
    words = get_args(about.annotation) if about else ()
    return tuple(word for one in words for word in (get_args(one) or (one,)) if isinstance(word, (str, int)))
