"""How to look at a scenario; it never changes the question."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from scenarios.language.calendar import Hour
from scenarios.language.quantities import Number, Seconds, read
from scenarios.language.shape import Later, Shape, StandIn, fault, quoted
from scenarios.units import Quantity

_WARM_UP = "a time such as 10 s, or detect"
_SITES = "a share or a number of sites such as 2 % of person or 40 of store"


def _samples(value: Any) -> tuple[Quantity, ...]:
    texts = value if isinstance(value, list) else [value]
    if not texts:
        raise fault("an empty list", _SITES)
    return tuple(map(_sites, texts))


def _sites(value: Any) -> Quantity:
    found = read(value, ("fraction", ""), _SITES)
    if isinstance(value, StandIn):
        return found
    if not found.of or found.per:
        raise fault(quoted(value), _SITES)
    if found.dimension == "fraction":
        if not 0 < found.value <= 1:
            raise fault(quoted(value), "a share of the sites above 0 % and at most 100 %")
    elif found.value < 1 or found.value != int(found.value):
        raise fault(quoted(value), "a whole number of sites, at least 1")
    return found


def _warm_up(value: Any) -> float | str:
    if value == "detect":
        return "detect"
    found = read(value, ("time",), _WARM_UP)
    if found.per or found.of or found.value < 0:
        raise fault(quoted(value), _WARM_UP)
    return found.value


_TEXT = {"type": "string", "description": _SITES}

Samples = Annotated[
    tuple[Quantity, ...],
    BeforeValidator(_samples),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
]
"""Shares or numbers of the sites of a kind, or of one of their groups."""

WarmUp = Annotated[
    float | Literal["detect"],
    BeforeValidator(_warm_up),
    WithJsonSchema({"type": "string", "description": _WARM_UP}),
]
"""A time [s], or ``detect``."""


class SimulateText(Shape):
    """How long and how often."""

    busiest: Seconds | None = None
    """Span that is measured, in the busiest hour."""
    warm_up: WarmUp | None = None
    """Span before it; ``detect`` finds it by pilot runs (MSER-5)."""
    at: Hour | None = None
    """An hour of the week that is simulated instead of the busiest of each workload: ``sat 11:00``."""
    replications: Number | None = None
    """How often, with other draws."""
    sample: Samples | None = None
    """Sites of each group that are simulated in full: ``2 % of person``, ``40 of store/large`` or a list of such."""


class DrillText(Shape):
    """A break that is tried out."""

    name: str
    link: str | None = None
    pool: str | None = None
    count: Number | None = None
    at: str
    duration: Annotated[Seconds, Field(alias="for")]
    sites: str | None = None


class StudyText(Shape):
    """How to look at it."""

    month: Seconds | None = None
    """A month is 730 h."""
    simulate: SimulateText = SimulateText()
    """How long and how often."""
    drills: Annotated[list[DrillText] | None, Later("drills")] = None
    """Breaks that are tried out."""
