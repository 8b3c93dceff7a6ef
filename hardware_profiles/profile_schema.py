"""The published JSON Schema of the profile file, and everything in which a file departs from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from hardware_profiles.faults import Fault, closest
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.profile_file import DATE, SCHEMA_VERSION

LONGEST_MS = 1e7
"""Nearly three hours: whoever reads a longer execution has mistaken the unit."""

FIGURES = (
    *("mean_ms", "quantiles_ms", "sample_ms", "per_s", "tokens_per_s", "first_token_ms"),
    *("power_w", "energy_mj", "memory_mb", "layers"),
)
"""Fields that are a figure: a measurement has at least one."""

_MOST_FAULTS = 10


def _increasing(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    for (p, below), (q, above) in pairwise(points):
        if q <= p or above < below:
            found = f"({q:g}, {above:g}) behind ({p:g}, {below:g})"
            raise PydanticCustomError("points", "{found}", {"found": found, "expected": "quantiles that increase"})
    return points


_Ms = Annotated[float, Field(gt=0, le=LONGEST_MS, description="ms")]
_Some = Annotated[str, Field(min_length=1)]
_Count = Annotated[int, Field(ge=1)]
_NotNegative = Annotated[float, Field(ge=0)]
_Point = tuple[Annotated[float, Field(gt=0, lt=1, description="probability")], _Ms]

# What a value must be beyond its type; the types themselves are those of `Measurement` and `Layer`.
_LAYER: dict[str, Any] = {
    "mean_ms": Annotated[float, Field(ge=0, le=LONGEST_MS, description="ms")],
    "output_bytes": Annotated[int, Field(ge=0)] | None,
    "cut_bytes": Annotated[int, Field(ge=0)] | None,
}
_MEASUREMENT: dict[str, Any] = {
    **dict.fromkeys(("model", "hardware", "source"), _Some),
    **dict.fromkeys(("input_px", "threads", "runs"), _Count | None),
    **dict.fromkeys(("mean_ms", "first_token_ms"), _Ms | None),
    **dict.fromkeys(("per_s", "tokens_per_s"), Annotated[float, Field(gt=0)] | None),
    **dict.fromkeys(("power_w", "energy_mj", "memory_mb"), _NotNegative | None),
    "batch": _Count,
    "quantiles_ms": Annotated[tuple[_Point, ...], AfterValidator(_increasing)],
    "sample_ms": tuple[Annotated[float, Field(ge=0, le=LONGEST_MS, description="ms")], ...],
    "date": Annotated[str, Field(pattern=DATE, description="YYYY[-MM[-DD]]")],
}
_REQUIRED = ("model", "hardware", "source", "date")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True, frozen=True)


class _Measured(_Shape):
    @model_validator(mode="after")
    def _figure(self) -> _Measured:
        if not any(getattr(self, name) for name in FIGURES):
            raise PydanticCustomError("figure", "", {"found": "no figure", "expected": f"one of {', '.join(FIGURES)}"})
        return self


def _shape_of(record: type, rules: Mapping[str, Any], required: Sequence[str], base: type[_Shape]) -> Any:
    hints = {**get_type_hints(record), **rules}
    definitions: dict[str, Any] = {}
    for one in fields(record):
        must = one.default is MISSING or one.name in required
        definitions[one.name] = (hints[one.name], ... if must else one.default)
    return create_model(record.__name__, __base__=base, **definitions)


def _tuple_of(shape: Any) -> Any:
    return tuple[shape, ...]


_LayerShape: Any = _shape_of(Layer, _LAYER, (), _Shape)
_MeasurementShape: Any = _shape_of(
    Measurement, {**_MEASUREMENT, "layers": _tuple_of(_LayerShape)}, _REQUIRED, _Measured
)
_FILE: dict[str, Any] = {
    "schema_version": (Literal[1], ...),
    "machine": (dict[str, str | float], Field({}, description="What they were taken on, in free words.")),
    "measurements": (_tuple_of(_MeasurementShape), ...),
}
_FileShape = create_model(
    "ProfileFile",
    __base__=_Shape,
    __doc__="Measurements of one's own, as `tierwise bench` and `tierwise import` write and scenarios read them.",
    **_FILE,
)


@cache
def profile_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a profile file."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    pointer = f"urn:tierwise:profile:{SCHEMA_VERSION}"
    return {"$schema": dialect, "$id": pointer, **_FileShape.model_json_schema(), "title": "Tierwise profile"}


def faults(document: Any, file: str = "") -> list[Fault]:
    """Everything in which a document departs from the schema, one line each; more than ten are only counted."""
    try:
        _FileShape.model_validate(_tuples(document))
    except ValidationError as problem:
        found = list(dict.fromkeys(_fault(error, file) for error in problem.errors(include_url=False)))
    else:
        return []
    if (more := len(found) - _MOST_FAULTS + 1) > 1:
        found = [*found[: _MOST_FAULTS - 1], Fault("", f"{more} other faults", "a profile file", file)]
    return found


def _tuples(value: Any) -> Any:
    """Strict shapes take no list for a tuple."""
    if isinstance(value, list):
        return tuple(_tuples(one) for one in value)
    return {key: _tuples(one) for key, one in value.items()} if isinstance(value, dict) else value


_EXPECTED = {
    "model_type": "a map",
    "dict_type": "a map",
    "tuple_type": "a list",
    "string_type": "a text",
    "string_too_short": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_unicode": "a text of whole characters",
}


def _fault(error: ErrorDetails, file: str) -> Fault:
    loc, value, context = error["loc"], error["input"], error.get("ctx", {})
    path = ".".join(str(part) for part in loc if part not in ("str", "float"))  # pydantic's arms of `str | float`
    match error["type"]:
        case "string_type" | "float_type" if path.startswith("machine."):
            return Fault(path, _quoted(value), "a text or a number", file)
        case "extra_forbidden":
            known = _keys(loc)
            near = closest(str(loc[-1]), known)
            expected = f"one of {', '.join(known)}"
            return Fault(path.rpartition(".")[0], f"the unknown key `{loc[-1]}`", expected, file, nearest=near)
        case "missing":
            return Fault(path.rpartition(".")[0], f"no `{loc[-1]}`", _needed(str(loc[-1])), file)
        case "literal_error":
            words = context["expected"].replace("'", "")
            near = closest(str(value), words.replace(" or ", ", ").split(", "))
            return Fault(path, _quoted(value), words, file, nearest=near)
        case "string_pattern_mismatch":
            return Fault(path, _quoted(value), "a date YYYY-MM-DD, YYYY-MM or YYYY", file)
        case "points" | "figure":
            return Fault(path, context["found"], context["expected"], file)
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return Fault(path, _quoted(value), error["msg"].lower().removeprefix("input should be "), file)
        case kind:
            return Fault(path, _quoted(value), _EXPECTED.get(kind, error["msg"].lower()), file)


def _keys(loc: Sequence[str | int]) -> list[str]:
    """The keys known where one was refused."""
    shape = _LayerShape if "layers" in loc[:-1] else _MeasurementShape if len(loc) > 1 else _FileShape
    return list(shape.model_fields)


def _needed(key: str) -> str:
    why = {"source": "where the figures are from", "date": "of when they are"}
    return why.get(key, f"`{key}`: a name" if key in _REQUIRED else f"`{key}`")


def _quoted(value: object) -> str:
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else f"`{str(value)[:60]}`"
