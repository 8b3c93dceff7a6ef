"""What is required of a workload and of the whole scenario."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from scenarios.language.pools import Tier
from scenarios.language.quantities import (
    Bytes,
    Clock,
    GramsPerSecond,
    MoneyPerTime,
    Seconds,
    Share,
    SharePerTime,
    TokensPerSecond,
    read,
)
from scenarios.language.shape import Judged, Later, Names, NamesOrNone, Shape, fault

_PERCENTILE = re.compile(r"^p(\d{1,2}(?:\.\d+)?)$")


def percentile(key: str) -> float:
    """The probability that a key such as ``p99.9`` names."""
    match = _PERCENTILE.match(key)
    if match is None or not 0 < float(match[1]) < 100:
        raise fault(f"the key `{key}`", "a percentile such as p95 or p99.9")
    return round(float(match[1]) / 100, 12)


def _percentile(key: Any) -> str:
    percentile(str(key))
    return str(key)


Percentile = Annotated[str, BeforeValidator(_percentile)]
Limits = dict[Percentile, Seconds]
Speeds = dict[Percentile, TokensPerSecond]


class LatencyText(Shape):
    """Limits by percentile: ``{p99: 50 ms}``."""

    gathers: ClassVar[str] = "percentiles"

    percentiles: Limits = Field(default_factory=dict)
    """Response times, written directly as ``p95: 3 s``."""
    over: Annotated[Literal["month"] | None, Later("latency over the whole month")] = None
    """``month``: over all hours together instead of in every hour."""
    first_token: Annotated[Limits | None, Later("generative models")] = None
    """Time to the first token."""
    speed: Annotated[Speeds | None, Later("generative models")] = None
    """Tokens per second."""
    answer: Annotated[Limits | None, Later("generative models")] = None
    """Time to the last token."""


class FloorText(Shape):
    """At least so accurate, by one measure."""

    at_least: Share
    measure: str | None = None
    """The measure that the floor is in: ``mAP50-95 on COCO val2017``."""


def _for(value: Any) -> float | None:
    return None if value == "always" else read(value, ("time",), "a time such as 24 h, or always").value


class OfflineText(Shape):
    """What goes on while the line is down."""

    keep: NamesOrNone
    """Tasks that go on answering from the site."""
    duration: Annotated[float | None, Field(alias="for"), BeforeValidator(_for), WithJsonSchema({"type": "string"})]
    """How long, or ``always``."""
    others: Annotated[Literal["wait", "skip", "drop"] | None, Judged("what other tasks do while a line is down")] = None
    """What the other tasks do, unless they say so themselves."""
    buffer: Annotated[Bytes | None, Judged("buffers while a line is down")] = None
    """Room at each site for what waits."""
    drained_within: Annotated[Seconds | None, Judged("draining after an outage")] = None
    """How soon after an outage what waited is gone."""
    groups: Annotated[Names | None, Later("offline rules for some groups")] = None
    """Only at these groups."""


class AvailabilityText(Shape):
    """Share of the requests that are answered."""

    at_least: Share
    of: str | None = None


class AtMostShareText(Shape):
    """At most such a share."""

    at_most: Share


class BatteryText(Shape):
    """How fast a battery may run down."""

    at_most: SharePerTime | None = None
    at_least: Seconds | None = None


class RequirementsText(Shape):
    """What is required of a workload."""

    latency: dict[str, LatencyText] = Field(default_factory=dict)
    """By task, or ``answer`` for each request's final answer."""
    accuracy: FloorText | None = None
    """Expected accuracy of the answers."""
    tiers: tuple[Tier, ...] | None = Field(default=None, strict=False)
    """Only on these tiers."""
    offline: OfflineText | None = None
    """What goes on while the line is down."""
    done_by: Clock | None = None
    """Of a batch: when it must be there."""
    availability: Annotated[AvailabilityText | None, Judged("availability")] = None
    """Share of the requests that are answered, outages included."""
    drops: Annotated[AtMostShareText | None, Judged("drops")] = None
    """Share of the requests that may never be answered."""
    battery: Annotated[BatteryText | None, Later("battery life")] = None
    """How fast a battery may run down."""


class LimitsText(Shape):
    """Bounds on the whole scenario."""

    budget: MoneyPerTime | None = None
    """Total cost per time."""
    carbon: Annotated[GramsPerSecond | None, Later("limits on carbon")] = None
    """Total carbon per time."""
