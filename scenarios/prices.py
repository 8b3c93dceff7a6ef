"""What everything of a scenario costs, in USD, each figure with its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from scenarios.figures import Figure


@dataclass(frozen=True)
class NodePrice:
    """What one node costs; ``None`` only where nothing on the bill needs it.

    ``price`` and ``installation`` [USD], ``truck_roll`` [USD a failure], ``maintenance_per_year`` [share of the price
    a year], ``failures_per_year`` [share of the nodes a year], ``idle_w`` and ``busy_w`` [W], ``fixed_per_month``
    [USD a month]: a flat running cost that stands for its electricity.
    """

    lifetime_years: Figure
    installation: Figure
    maintenance_per_year: Figure
    failures_per_year: Figure
    truck_roll: Figure
    price: Figure | None = None
    idle_w: Figure | None = None
    busy_w: Figure | None = None
    fixed_per_month: Figure | None = None


@dataclass(frozen=True)
class OfferPrice:
    """An offer of a cloud in one region: by the hour [USD/h], or by the request and without nodes [USD]."""

    hourly: Figure | None = None
    per_request: Figure | None = None


@dataclass(frozen=True)
class Egress:
    """Bytes that leave a region [USD/GB]; listed prices hold up to ``tier_gb`` in a month [GB]."""

    price: Figure
    tier_gb: float | None


NO_DISCOUNT = Figure(0.0, "1/year", "yours", "")


@dataclass(frozen=True)
class PriceBook:
    """Every price that the pools, links and places of a scenario can need; asking for another one is a KeyError."""

    nodes: Mapping[str, NodePrice] = field(default_factory=dict)
    offers: Mapping[tuple[str, str], OfferPrice] = field(default_factory=dict)  # by offer and region
    tariffs: Mapping[str, Figure] = field(default_factory=dict)
    pues: Mapping[str, Figure] = field(default_factory=dict)
    egresses: Mapping[str, Egress] = field(default_factory=dict)
    carbons: Mapping[str, Figure] = field(default_factory=dict)
    discount: Figure = NO_DISCOUNT

    def node(self, hardware: str) -> NodePrice:
        return self.nodes[hardware]

    def offer(self, name: str, region: str) -> OfferPrice:
        return self.offers[name, region]

    def tariff(self, place: str) -> Figure:
        """Electricity at a country or region [USD/kWh]."""
        return self.tariffs[place]

    def pue(self, tier: str) -> Figure:
        """Power drawn ÷ power used by the nodes [1]."""
        return self.pues[tier]

    def discount_rate(self) -> Figure:
        """Share a year."""
        return self.discount

    def egress(self, region: str) -> Figure | None:
        """Bytes that leave the region [USD/GB]; ``None`` for a place that is no region of a cloud."""
        found = self.egresses.get(region)
        return found.price if found else None

    def egress_tier_gb(self, region: str) -> float | None:
        """The GB a month up to which that price holds; ``None`` without a bound."""
        found = self.egresses.get(region)
        return found.tier_gb if found else None

    def carbon(self, place: str) -> Figure | None:
        """Carbon of the grid [g/kWh]; ``None`` where no source says."""
        return self.carbons.get(place)

    def assumed(self) -> tuple[tuple[str, str, Figure], ...]:
        """(path, what it is, figure) of every figure that nobody measured or listed, each path once."""
        found = {}
        for words, of, figure in _figures(self, "", ""):
            if figure.kind == "assumed":
                general = not of or figure.path.startswith("prices.per_node.")
                found[figure.path] = (figure.path, words if general else f"{words} of {of}", figure)
        return tuple(found.values())

    def scaled(self, path: str, factor: float) -> PriceBook:
        """The same book with the figures of one path multiplied."""

        def one(figure: Figure) -> Figure:
            return replace(figure, value=figure.value * factor) if figure.path == path else figure

        scaled: PriceBook = _mapped(self, one)
        return scaled


_WORDS = {
    "price": "price",
    "installation": "installation",
    "lifetime_years": "lifetime",
    "maintenance_per_year": "maintenance",
    "failures_per_year": "failures",
    "truck_roll": "truck roll",
    "idle_w": "idle power",
    "busy_w": "busy power",
    "fixed_per_month": "running cost",
    "hourly": "price",
    "per_request": "price of a request",
    "tariffs": "electricity",
    "pues": "PUE",
    "egresses": "egress",
    "carbons": "carbon",
    "discount": "discount rate",
}


def _figures(value: Any, words: str, of: str) -> Iterator[tuple[str, str, Figure]]:
    """Every figure inside, with the words for it and what it belongs to."""
    if isinstance(value, Figure):
        yield words, of, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _figures(inner, words, key if isinstance(key, str) else " at ".join(key))
    elif is_dataclass(value):
        for each in fields(value):
            yield from _figures(getattr(value, each.name), _WORDS.get(each.name, words), of)


def _mapped(value: Any, change: Any) -> Any:
    """A copy with every figure inside changed."""
    if isinstance(value, Figure):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _mapped(getattr(value, each.name), change) for each in fields(value)})
    return value
