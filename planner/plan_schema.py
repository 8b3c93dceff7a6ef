"""The published JSON Schema of the plan file, and everything in which a file departs from it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from hardware_profiles.faults import Fault, closest
from planner.formats import plural
from planner.plan_document import MOST_NODES, SCHEMA_VERSION, PlanDocument
from scenarios.language.shape import quoted
from scenarios.source import EXPECTED

A_PLAN = "a file written by tierwise plan --json"
_MOST_FAULTS = 10
_MOST_KEYS = 6  # that are named in one fault


@cache
def _adapter() -> TypeAdapter[PlanDocument]:
    return TypeAdapter(PlanDocument)


@cache
def plan_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a plan file."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    pointer = f"urn:tierwise:plan:{SCHEMA_VERSION}"
    return {"$schema": dialect, "$id": pointer, **_adapter().json_schema(), "title": "Tierwise plan"}


def faults(document: object, file: str = "") -> list[Fault]:
    """Everything in which a document departs from the schema, one line each; more than ten are only counted."""
    try:
        _adapter().validate_python(document)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
    else:
        return []
    found = [*_missing(errors, file), *(_fault(error, file) for error in errors if error["type"] != "missing")]
    more = len(found) - _MOST_FAULTS + 1
    if more > 1:
        found = [*found[: _MOST_FAULTS - 1], Fault("", plural(more, "other fault"), A_PLAN, file)]
    return found


def _missing(errors: Sequence[ErrorDetails], file: str) -> list[Fault]:
    """Keys that one map lacks together."""
    places: dict[str, list[str]] = {}
    for error in errors:
        if error["type"] == "missing":
            places.setdefault(_path(error["loc"][:-1]), []).append(f"`{error['loc'][-1]}`")
    return [Fault(path, f"no {_listed(keys)}", A_PLAN, file) for path, keys in places.items()]


def _listed(keys: Sequence[str]) -> str:
    more = len(keys) - _MOST_KEYS
    return ", ".join(keys[:_MOST_KEYS]) + (f" and {plural(more, 'other key')}" if more > 0 else "")


def _fault(error: ErrorDetails, file: str) -> Fault:
    loc, value, context = error["loc"], error["input"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            keys, name = _keys(loc[:-1]), str(loc[-1])
            expected = f"one of {', '.join(keys)}"
            return Fault(_path(loc[:-1]), f"the unknown key `{name}`", expected, file, nearest=closest(name, keys))
        case "literal_error":
            words = context["expected"].replace("'", "")
            near = closest(str(value), words.replace(" or ", ", ").split(", "))
            return Fault(_path(loc), quoted(value), words, file, nearest=near)
        case "finite_number":
            return Fault(_path(loc), quoted(value), EXPECTED["float_type"], file)
        case "greater_than_equal" | "less_than_equal":
            return Fault(_path(loc), quoted(value), f"a whole number from 0 to {MOST_NODES}", file)
        case kind:
            return Fault(_path(loc), quoted(value), EXPECTED.get(kind, error["msg"].lower()), file)


def _path(loc: Sequence[str | int]) -> str:
    return ".".join(map(str, loc))


def _keys(loc: Sequence[str | int]) -> list[str]:
    """The keys that the schema knows at a place."""
    schema = plan_schema()
    here = schema
    for part in (*loc, ""):
        if "anyOf" in here:
            here = next(one for one in here["anyOf"] if "$ref" in one)
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rpartition("/")[2]]
        if part != "":
            here = here["items"] if isinstance(part, int) else here["properties"][part]
    return list(here["properties"])
