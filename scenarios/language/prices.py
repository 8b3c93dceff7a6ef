"""Prices of the user's own, by the name of what they price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from scenarios.language.quantities import (
    Money,
    MoneyPerData,
    MoneyPerEnergy,
    MoneyPerRequest,
    MoneyPerStorage,
    MoneyPerTime,
    MoneyPerToken,
    Seconds,
    Share,
    Watts,
    YearlyShare,
)
from scenarios.language.shape import Shape, fault, quoted, short_for
from scenarios.units import NotAQuantity, parse

Kind = Literal["measured", "listed", "assumed"]


class PowerDrawText(Shape):
    """What a node draws."""

    idle: Watts
    busy: Watts


class NodeCostsText(Shape):
    """What every node costs beside its price."""

    installation: Money | None = None
    lifetime: Seconds | None = None
    maintenance: YearlyShare | None = None
    """Share of the price."""
    failures: YearlyShare | None = None
    """Share of the nodes that are replaced."""
    truck_roll: Money | None = None
    """Visit for each failure."""
    kind: Kind | None = None
    """``assumed`` follows the figures to the report."""
    why: str | None = None
    """Why it is assumed."""


class PriceText(NodeCostsText):
    """The price of a piece of hardware or of an offer; ``1.01 USD/h`` alone says what it is by its unit."""

    shorthand: ClassVar[str] = "price"
    example: ClassVar[str] = "{price: 249 USD, power: {idle: 5 W, busy: 15 W}} or {hour: 1.01 USD/h}"

    price: Money | None = None
    """Of one node."""
    power: PowerDrawText | None = None
    """What one node draws."""
    running: MoneyPerTime | None = None
    """A flat running cost of one node that stands for its electricity."""
    hour: MoneyPerTime | None = None
    """Of an offer, by time."""
    request: MoneyPerRequest | None = None
    """Of an offer without nodes, by request."""
    input: MoneyPerToken | None = None
    """Of an offer, by token read."""
    output: MoneyPerToken | None = None
    """Of an offer, by token written."""
    data: MoneyPerData | None = None
    """Of bytes that leave a region (``egress at REGION``)."""
    storage: MoneyPerStorage | None = None
    """Of bytes kept (``storage at PLACE``)."""

    @model_validator(mode="before")
    @classmethod
    def _by_unit(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return value
        if not isinstance(value, str):
            raise fault(quoted(value), "a price such as 249 USD or 1.01 USD/h")
        try:
            dimension = parse(value).dimension
        except NotAQuantity:
            dimension = ""
        return {_BY_DIMENSION.get(dimension, "price"): value}


_BY_DIMENSION = {
    "money / time": "hour",
    "money / request": "request",
    "money / call": "request",
    "money / data": "data",
    "money / data / time": "storage",
}


class TariffText(Shape):
    """A price of electricity."""

    shorthand: ClassVar[str] = "price"

    price: MoneyPerEnergy
    kind: Kind | None = None
    why: str | None = None

    _short = model_validator(mode="before")(short_for("price"))


class MoneyText(Shape):
    """What money costs."""

    discount_rate: Share
    kind: Kind | None = None
    why: str | None = None


class PricesText(Shape):
    """Prices by name; everything else comes from the catalogue with its source and date."""

    gathers: ClassVar[str] = "named"

    per_node: NodeCostsText = NodeCostsText()
    """What every node costs beside its price."""
    money: MoneyText | None = None
    """What money costs."""
    electricity: dict[str, TariffText] = Field(default_factory=dict)
    """By country or region."""
    pue: dict[str, float] = Field(default_factory=dict)
    """Power drawn ÷ power used by the nodes, by tier."""
    errors: dict[str, Money] | None = None
    """What a wrong answer costs; shown only."""
    named: dict[str, PriceText] = Field(default_factory=dict)
    """By the name of hardware, of an offer, or ``OFFER at REGION``, written directly."""
