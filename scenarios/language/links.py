"""Links between places."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from scenarios.language.quantities import (
    BitsPerSecond,
    Bytes,
    Kilometres,
    MoneyPerData,
    MoneyPerMessage,
    MoneyPerTime,
    Seconds,
    Share,
)
from scenarios.language.shape import Later, Names, Shape, fault, short_for
from scenarios.language.times import DurationText
from scenarios.units import NotAQuantity, parse


class LossText(Shape):
    """How often a message is lost as a whole, and when it is sent again."""

    shorthand: ClassVar[str] = "share"

    share: Share
    """Of the tries at sending a message."""
    again_after: Seconds | None = None
    """From the end of a lost transmission to the next try; left out: a mean round trip and 200 ms."""

    _short = model_validator(mode="before")(short_for("share"))

    @model_validator(mode="after")
    def _some_arrive(self) -> LossText:
        if self.share >= 1:
            raise fault("a link that loses everything", "a share below 100 %")
        return self


class LinkPriceText(Shape):
    """What a line costs."""

    shorthand: ClassVar[str] = "fixed"
    example: ClassVar[str] = "{fixed: 45 EUR/month, data: 4 EUR/GB}"

    fixed: MoneyPerTime | None = None
    """For the whole where the link is ``each: shared``, else for each site."""
    data: MoneyPerData | None = None
    """For every byte, up and down."""
    up: MoneyPerData | None = None
    """For every byte up."""
    down: MoneyPerData | None = None
    """For every byte down."""
    message: MoneyPerMessage | None = None
    """For every message."""
    listed: Annotated[str | None, Later("message prices of a broker")] = None
    """A price of the catalogue by name."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            parse(value)
        except NotAQuantity:
            return {"listed": value} if not value[:1].isdigit() else {"fixed": value}
        return {"fixed": value}


class OutagesText(Shape):
    """How often and how long a line is down."""

    mtbf: Seconds | None = None
    mttr: Seconds | None = None
    schedule: list[str] | None = None


class BufferText(Shape):
    """Where messages wait while the line is down."""

    at: str
    size: Bytes
    when_full: str | None = None


class LinkText(Shape):
    """A two-way link between places; ``.up`` is from → to, or towards the higher tier."""

    start: Annotated[str | None, Field(alias="from")] = None
    """One end: a kind of site or a region."""
    to: str | None = None
    """The other end."""
    within: str | None = None
    """In place of from and to: the kind of site that it lies within."""
    over: Annotated[str | None, Later("brokers")] = None
    """In place of from and to: the link that a broker works over."""
    each: Literal["node", "site", "shared"] | None = None
    """Within a site: a port per node, or one medium per site."""
    technology: str | None = None
    """Its name in the catalogue of technologies."""
    rtt: DurationText | None = None
    """Round-trip time without transmission; half of it is the delay of each message, of its own for each direction."""
    up: BitsPerSecond | None = None
    """Bandwidth from → to."""
    down: BitsPerSecond | None = None
    """Bandwidth to → from."""
    price: LinkPriceText | None = None
    """``45 EUR/month``, or a map of fixed, data and message."""
    outages: Annotated[OutagesText | None, Later("outages of links")] = None
    """How often and how long it is down."""
    loss: LossText | None = None
    """``1 %``, or a map of share and again_after: messages that are lost, and sent again until they come through."""
    jitter: Seconds | None = None
    """The delay is equally likely anywhere so far around half a constant round-trip time."""
    stands_in_for: Annotated[str | None, Later("backup lines")] = None
    """The link that it replaces while that is down."""
    after: Annotated[Seconds | None, Later("backup lines")] = None
    """How long until it has replaced it."""
    server: Kilometres | None = None
    """``within 20 km``: how far the server is, for a technology that was measured at several distances."""
    absent: Annotated[str | None, Later("dead spots")] = None
    """Share of requests without a connection."""
    of: Names | None = None
    """Only what these pools send or receive uses it, and no other link beside it."""
    broker: Annotated[str | None, Later("brokers")] = None
    """The kind of broker."""
    delivery: Annotated[Literal["at most once", "at least once", "exactly once"] | None, Later("brokers")] = None
    """What the broker promises."""
    buffer: Annotated[BufferText | None, Later("brokers")] = None
    """Where messages wait while the line is down."""

    @model_validator(mode="after")
    def _ends(self) -> LinkText:
        given = [self.start is not None or self.to is not None, self.within is not None, self.over is not None]
        if sum(given) != 1 or (self.start is None) != (self.to is None):
            raise fault("the ends of the link not said once", "`from` and `to`, or `within`, or `over`")
        if self.over is None and self.rtt is None and self.technology is None:
            raise fault("no round-trip time", "rtt (or a technology)")
        if self.each is not None and self.within is None and self.each == "node":
            raise fault("each: node between places", "each: site or shared")
        return self
