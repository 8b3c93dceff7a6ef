"""What all shapes of the language share: unknown keys are refused, nothing changes after reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema, PydanticCustomError


class Shape(BaseModel):
    """A map with known keys.

    A plain word or number in its place stands for the key ``shorthand``. Keys of the user's own, written side by side
    with the known ones, are gathered in the field ``gathers``. ``example`` shows a map to who uses an unknown key.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=False,
        strict=True,
    )

    shorthand: ClassVar[str] = ""
    gathers: ClassVar[str] = ""
    example: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if not cls.gathers or not isinstance(value, Mapping):
            return value
        known = {about.alias or name for name, about in cls.model_fields.items() if name != cls.gathers}
        own = {key: inner for key, inner in value.items() if key not in known}
        return {**{key: inner for key, inner in value.items() if key in known}, cls.gathers: own}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler.resolve_ref_schema(handler(schema))
        if cls.gathers:
            found["additionalProperties"] = found["properties"].pop(cls.gathers)["additionalProperties"]
        if not cls.shorthand:
            return found
        whole = dict(found)
        found.clear()
        found["anyOf"] = [{"type": ["string", "number"]}, whole]
        return found


@dataclass(frozen=True)
class Later:
    """Marks a key that is kept and listed but not planned or not simulated by this version."""

    what: str
    planned: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class Judged:
    """Marks a key that is simulated but stands in no contract of the planner: only a simulation judges it."""

    what: str


class StandIn(str):
    """Stands where something wrong was noted, so that the rest can still be checked; quantities take it for one."""

    __slots__ = ()


def fault(found: str, expected: str) -> PydanticCustomError:
    """A fault that a validator found; its path is added by pydantic."""
    return PydanticCustomError("fault", "{found}, expected {expected}", {"found": found, "expected": expected})


def quoted(value: object) -> str:
    """A value as the user would recognise it, short."""
    if isinstance(value, Mapping):
        return "a map of " + ", ".join(map(str, list(value)[:4])) if value else "an empty map"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else "yes or no" if isinstance(value, bool) else f"`{str(value)[:60]}`"


def short_for(key: str) -> Callable[[Any], Any]:
    """For a model validator: a word or number in place of a map stands for one of its keys."""
    return lambda value: value if isinstance(value, Mapping) else {key: value}


def _listed(value: Any) -> Any:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise fault(quoted(value), "a name or a list of names")
    return tuple(words)


def _maybe_empty(value: Any) -> Any:
    return () if value == [] else _listed(value)


_LIST = {"type": "array", "items": {"type": "string"}}

Names = Annotated[
    tuple[str, ...], BeforeValidator(_listed), WithJsonSchema({"anyOf": [{"type": "string"}, {**_LIST, "minItems": 1}]})
]
"""One name or a list of them."""

NamesOrNone = Annotated[
    tuple[str, ...], BeforeValidator(_maybe_empty), WithJsonSchema({"anyOf": [{"type": "string"}, _LIST]})
]
"""One name or a list that may be empty."""
