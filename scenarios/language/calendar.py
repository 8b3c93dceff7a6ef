"""Shapes of demand over the week, work by the calendar, and the life of models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from scenarios.calendar import hour_of
from scenarios.language.quantities import Bytes, Seconds, Share
from scenarios.language.shape import Names, Shape, StandIn, fault, quoted


def _hours(value: Any) -> tuple[float, ...]:
    if value == "closed":
        return (0.0,) * 24
    numbers = isinstance(value, list) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value)
    if not numbers or len(value) != 24 or any(v < 0 for v in value):
        raise fault(quoted(value), "24 numbers (1 is the busiest hour), or closed")
    return tuple(map(float, value))


Hours = Annotated[
    tuple[float, ...],
    BeforeValidator(_hours),
    WithJsonSchema(
        {"anyOf": [{"const": "closed"}, {"type": "array", "items": {"type": "number"}, "minItems": 24, "maxItems": 24}]}
    ),
]


def _hour(value: Any) -> int:
    if isinstance(value, StandIn):
        return 0
    try:
        return hour_of(str(value))
    except ValueError:
        raise fault(quoted(value), "an hour of the week such as sat 11:00") from None


Hour = Annotated[int, BeforeValidator(_hour), WithJsonSchema({"type": "string", "description": "such as sat 11:00"})]
"""An hour of the week, counted from Monday 0:00."""


class DemandText(Shape):
    """Load of each hour by kind of day, in multiples of the rate; usually 1 is the busiest hour."""

    every_day: Annotated[Hours | None, Field(alias="every day")] = None
    weekday: Hours | None = None
    monday: Hours | None = None
    tuesday: Hours | None = None
    wednesday: Hours | None = None
    thursday: Hours | None = None
    friday: Hours | None = None
    saturday: Hours | None = None
    sunday: Hours | None = None


class JobWorkText(Shape):
    """How long the work of a job takes."""

    time: Seconds | None = None
    on: dict[str, Seconds] = Field(default_factory=dict)
    """By pool."""
    checkpoint: Seconds | None = None


class JobThenText(Shape):
    """What follows a job."""

    publish: str
    """The task whose model is new."""
    size: Bytes


class JobText(Shape):
    """Work that is not a request: it runs by the calendar."""

    every: str
    """day, week or month."""
    needs: Names | None = None
    """Data items."""
    work: JobWorkText
    done_within: Seconds | None = None
    then: JobThenText | None = None


class DriftText(Shape):
    """How a model loses accuracy."""

    kind: str
    loss: str | None = None


class DetectText(Shape):
    """How drift is noticed."""

    test: str
    window: str | None = None
    alarm: Share | None = None


class RolloutText(Shape):
    """How a new version reaches the fleet."""

    canary: Share | None = None
    soak: Seconds | None = None
    then: list[Share] | None = None
    rollback_when: dict[str, str] | None = None


class RolloutFailuresText(Shape):
    """What goes wrong with updates."""

    corrupt: Share | None = None
    boot: Share | None = None


class LifecycleText(Shape):
    """The life of the model of one task; read by ``tierwise fleet``."""

    drift: DriftText | None = None
    detect: DetectText | None = None
    rollout: RolloutText | None = None
    failures: RolloutFailuresText | None = None
    refuse: str | None = None
