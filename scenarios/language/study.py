"""How to look at a scenario; it never changes the question."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from scenarios.language.calendar import Hour
from scenarios.language.quantities import Number, Seconds, SomeNumber, read
from scenarios.language.shape import Shape, StandIn, fault, quoted
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

    example: ClassVar[str] = "{name: fibre cut, link: fibre, at: sat 11:00, for: 4 h}"

    name: str
    link: str | None = None
    """The link that is down."""
    pool: str | None = None
    """Or the pool that loses nodes."""
    count: SomeNumber = 1
    """So many in each of its queues."""
    at: Hour | None = None
    """An hour of the week; the busiest if not said."""
    duration: Annotated[Seconds, Field(alias="for")]
    """For how long."""
    sites: Literal["all"] = "all"
    """It happens at all sites at once."""

    @model_validator(mode="after")
    def _something_breaks(self) -> DrillText:
        if (self.link is None) == (self.pool is None):
            raise fault("a drill of nothing, or of two things", "a link or a pool")
        if self.duration <= 0:
            raise fault("a drill that takes no time", "for: 4 h, say")
        return self


class StudyText(Shape):
    """How to look at it."""

    month: Seconds | None = None
    """A month is 730 h."""
    simulate: SimulateText = SimulateText()
    """How long and how often."""
    drills: list[DrillText] = Field(default_factory=list)
    """Breaks that are tried out: ``simulate --drill NAME``."""
