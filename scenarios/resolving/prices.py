"""The price book of one scenario: the user's own prices first, then the catalogue, then dated defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hardware_profiles import Device, Fact, canonical_hardware, device, known_hardware
from scenarios import geography
from scenarios.catalogue_tables import Row, by, rows
from scenarios.figures import Figure, Origin
from scenarios.language.document import Document
from scenarios.language.prices import NodeCostsText, PricesText, PriceText
from scenarios.places import TIERS, Site
from scenarios.pools import Pool
from scenarios.prices import Egress, NodePrice, OfferPrice, PriceBook
from scenarios.resolving.hardware import location
from scenarios.resolving.money import GB, HOUR_S, KWH_J, MONTH_S, Exchange, tidy
from scenarios.resolving.pools import choices
from scenarios.scenario import NotYet
from scenarios.source import Source
from scenarios.units import Quantity

YEAR_S = 31_536_000.0


def price_book(
    document: Document,
    source: Source,
    sites: tuple[Site, ...],
    pools: tuple[Pool, ...],
    exchange: Exchange,
    not_yet: list[NotYet],
) -> PriceBook:
    """Prices of everything that the scenario can use.

    A price or a power draw that the bill needs and nobody states is a fault: unknown is never 0. In a scenario with
    other parts that are not planned yet, which has no bill so far, what lacks only that is listed with them.
    """
    book = _Book(document, source, exchange, not_yet, sites)
    bought = {
        name: pool for pool in pools if not pool.offers and not pool.paid_by_user for name in choices(pool, sites)
    }
    offered = dict.fromkeys((name, pool.at) for pool in pools for name in pool.offers)
    book.check_names({*bought, *(name for pool in pools for name in choices(pool, sites))}, offered, pools)
    places = dict.fromkeys([*(site.region for site in sites), *(pool.at for pool in pools if not pool.local)])
    regions = dict.fromkeys(pool.at for pool in pools if not pool.local and geography.known(pool.at))
    nodes = {name: book.node(name, pool) for name, pool in bought.items()}
    region_of = {site.name: site.region for site in sites}
    billed = {region_of.get(pool.at, pool.at) for name, pool in bought.items() if nodes[name].fixed_per_month is None}
    offers = {(name, region): book.offer(name, region) for name, region in offered}
    book.report_lacks()
    return PriceBook(
        nodes=nodes,
        offers=offers,
        tariffs={place: figure for place in places if (figure := book.tariff(place, place in billed)) is not None},
        pues={tier: book.pue(tier) for tier in TIERS},
        egresses={region: egress for region in regions if (egress := book.egress(region)) is not None},
        carbons={place: figure for place in places if (figure := _carbon(place)) is not None},
        discount=book.discount(),
    )


@dataclass(frozen=True)
class _Lack:
    """A figure that the bill needs and nobody states."""

    loc: tuple[str, ...]  # what needs it
    path: str  # where it belongs
    found: str
    expected: str


@dataclass
class _Book:
    document: Document
    source: Source
    exchange: Exchange
    not_yet: list[NotYet]
    sites: tuple[Site, ...]
    lacks: list[_Lack] = field(default_factory=list)

    @property
    def named(self) -> Mapping[str, PriceText]:
        return self.document.prices.named

    def yours(self, value: float, unit: str, path: str, text: object) -> Figure:
        """A figure that the user states at a path of the scenario."""
        kind: Origin = "assumed" if getattr(text, "kind", None) == "assumed" else "yours"
        why = getattr(text, "why", None) or self.document.sources.get(path) or "your scenario"
        return Figure(tidy(value), unit, kind, why, path=path)

    def money(self, amount: Quantity, scale: float, path: tuple[str, ...]) -> float:
        return self.exchange.in_usd(amount, scale, self.source, path)

    def check_names(self, used: set[str], offered: Iterable[tuple[str, str]], pools: tuple[Pool, ...]) -> None:
        """A price under a name that means nothing would be silently ignored."""
        known = {*used, *known_hardware(), *(row["name"] for row in rows("offers"))}
        places = {*(pool.at for pool in pools), *geography.names(), *self.document.sites}
        for name in self.named:
            what, at, place = name.partition(" at ")
            if (what not in known and canonical_hardware(what) is None and what not in ("storage", "egress")) or (
                at and place not in places
            ):
                valid = [
                    *sorted(used),
                    *(f"{offer} at {region}" for offer, region in offered),
                    *PricesText.model_fields,
                ]
                self.source.unknown(("prices", name), "hardware, an offer or a section", name, valid)
        for tier, factor in self.document.prices.pue.items():
            if tier not in TIERS:
                self.source.unknown(("prices", "pue", tier), "a tier", tier, TIERS)
            elif factor < 1:
                self.source.wrong(("prices", "pue", tier), f"`{factor:g}`", "power drawn ÷ power used, at least 1")
        for place in self.document.prices.electricity:
            if not geography.known(place):
                loc = ("prices", "electricity", place)
                self.source.unknown(loc, "a country or region of the catalogue", place, geography.names())

    def node(self, name: str, pool: Pool) -> NodePrice:
        text, box = self._of_hardware(name), device(name)
        costs = {field: self._node_cost(name, text, field, scale, unit) for field, (scale, unit) in _NODE_COSTS.items()}
        found = NodePrice(
            lifetime_years=self._lifetime(name, text, box),
            installation=costs["installation"],
            maintenance_per_year=costs["maintenance"],
            failures_per_year=costs["failures"],
            truck_roll=costs["truck_roll"],
            price=self._price(name, text, box),
            fixed_per_month=self._running(name, text),
            **self._power(name, text, box),
        )
        loc = location(name, pool, self.sites)
        unpowered = found.fixed_per_month is None and found.busy_w is None
        if found.price is None and not pool.owned:
            what, line = ("price and power draw", f"price: … USD, {_DRAW}") if unpowered else ("price", "price: … USD")
            expected = f"its {what}, under prices: `{name}: {{{line}}}`"
            self.source.wrong(loc, f"{name}, whose {what} nobody knows", expected, known_hardware(), name)
            return found
        if found.price is None and (found.maintenance_per_year.value or found.failures_per_year.value):
            what = f"{name}, whose maintenance is a share of a price that nobody knows"
            expected = f"its price, under prices: `{name}: {self._completed(name, 'price: … USD')}`"
            self.lacks.append(_Lack(loc, f"prices.{name}.price", what, expected))
        if unpowered:
            expected = f"its power draw, under prices: `{name}: {self._completed(name, _DRAW)}`"
            self.lacks.append(_Lack(loc, f"prices.{name}.power", f"{name}, whose power draw nobody knows", expected))
        return found

    def _completed(self, name: str, line: str) -> str:
        """The user's own entry of a piece of hardware with a line that it lacks."""
        own = (self.source.tree.get("prices") or {}).get(self._key(name))
        if isinstance(own, Mapping):
            return f"{{…, {line}}}"
        return f"{{price: {own}, {line}}}" if own is not None else f"{{{line}}}"

    def report_lacks(self) -> None:
        """Faults, or in a scenario that is not planned yet anyway, more of the parts that keep it from being so."""
        later = any(not part.planned for part in self.not_yet)
        for lack in self.lacks:
            if later:
                what = f"{lack.found} (to mend it: {lack.expected})"
                self.not_yet.append(NotYet(lack.path, what, planned=False, simulated=True))
            else:
                self.source.wrong(lack.loc, lack.found, lack.expected)

    def _of_hardware(self, name: str) -> PriceText:
        canonical = canonical_hardware(name) or name
        found = {canonical_hardware(key) or key: text for key, text in self.named.items()}.get(canonical)
        if found is not None and any(x is not None for x in (found.hour, found.request, found.input, found.output)):
            self.source.wrong(("prices", name), "the price of an offer", f"the price of one {name}, such as 249 USD")
        return found or PriceText()

    def _key(self, name: str) -> str:
        """The key under which the user prices a piece of hardware."""
        canonical = canonical_hardware(name) or name
        return next((key for key in self.named if (canonical_hardware(key) or key) == canonical), name)

    def _price(self, name: str, text: PriceText, box: Device | None) -> Figure | None:
        path = ("prices", self._key(name), "price")
        if text.price is not None:
            return self.yours(self.money(text.price, 1.0, path), "USD", ".".join(path), text)
        return _fact(box.price_usd if box else None, "USD", ".".join(path))

    def _power(self, name: str, text: PriceText, box: Device | None) -> dict[str, Figure | None]:
        path = f"prices.{self._key(name)}.power"
        if text.power is not None:
            return {
                "idle_w": self.yours(text.power.idle, "W", f"{path}.idle", text),
                "busy_w": self.yours(text.power.busy, "W", f"{path}.busy", text),
            }
        idle = _fact(box.idle_w if box else None, "W", f"{path}.idle")
        busy = _fact(box.busy_w if box else None, "W", f"{path}.busy")
        if idle is None and busy is not None:  # no source for idle power: it is taken as busy all the time
            remark = f"no idle power is known: taken as busy; {busy.source}"
            idle = Figure(busy.value, "W", "assumed", remark, busy.date, f"{path}.idle")
        return {"idle_w": idle if busy else None, "busy_w": busy}

    def _running(self, name: str, text: PriceText) -> Figure | None:
        if text.running is None:
            return None
        path = ("prices", self._key(name), "running")
        return self.yours(self.money(text.running, MONTH_S, path), "USD/month", ".".join(path), text)

    def _lifetime(self, name: str, text: PriceText, box: Device | None) -> Figure:
        per_node = self.document.prices.per_node
        stated: tuple[tuple[str, NodeCostsText], ...] = (
            (f"prices.{self._key(name)}", text),
            ("prices.per_node", per_node),
        )
        for path, costs in stated:
            if costs.lifetime is not None:
                if costs.lifetime <= 0:
                    self.source.wrong((*path.split(".", 1), "lifetime"), "a lifetime of 0", "a time such as 5 years")
                    return self.yours(1.0, "year", f"{path}.lifetime", costs)
                return self.yours(costs.lifetime / YEAR_S, "year", f"{path}.lifetime", costs)
        known = _fact(box.lifetime_years if box else None, "year", "prices.per_node.lifetime")
        return known or _default("lifetime_years", "", "prices.per_node.lifetime")

    def _node_cost(self, name: str, text: PriceText, field: str, scale: float, unit: str) -> Figure:
        per_node = self.document.prices.per_node
        stated: tuple[tuple[tuple[str, ...], NodeCostsText], ...] = (
            (("prices", self._key(name), field), text),
            (("prices", "per_node", field), per_node),
        )
        for path, costs in stated:
            value = getattr(costs, field)
            if value is not None:
                number = self.money(value, scale, path) if isinstance(value, Quantity) else value
                return self.yours(number, unit, ".".join(path), costs)
        row = f"{field}_per_year" if unit == "1/year" else field
        return _default(row, "", f"prices.per_node.{field}")

    def offer(self, name: str, region: str) -> OfferPrice:
        for key in (f"{name} at {region}", name):
            text = self.named.get(key)
            if text is None:
                continue
            hourly = request = None
            if text.hour is not None:
                path = ("prices", key, "hour")
                hourly = self.yours(self.money(text.hour, HOUR_S, path), "USD/h", f"prices.{key}", text)
            if text.request is not None:
                path = ("prices", key, "request")
                request = self.yours(self.money(text.request, 1.0, path), "USD/request", f"prices.{key}", text)
            if text.input is not None or text.output is not None:
                part = NotYet(f"prices.{key}", "offers priced by token", planned=False, simulated=True)
                if part not in self.not_yet:
                    self.not_yet.append(part)
            elif hourly is None and request is None:
                self.source.wrong(
                    ("prices", key), "no price of an offer", "a price such as 1.01 USD/h or 0.0012 USD/request"
                )
            return OfferPrice(hourly, request)
        row = by("offers", "name", "region").get((name, region))
        if row is None:
            self._no_price(name, region)
            return OfferPrice()
        path_text = f"prices.{name} at {region}"
        return OfferPrice(
            Figure(float(row["usd_per_hour"]), "USD/h", _kind(row), row["source"], row["date"], path_text)
        )

    def _no_price(self, name: str, region: str) -> None:
        elsewhere = [row["region"] for row in rows("offers") if row["name"] == name]
        pool = next(p for p, text in self.document.pools.items() if name in (text.offer or ()) and text.at == region)
        loc = ("pools", pool, "offer")
        if elsewhere:
            line = f"a price there (known in {', '.join(elsewhere)}): add `{name} at {region}: … USD/h` to prices"
            self.source.wrong(loc, f"`{name}`, which has no price in {region}", line)
        else:
            names = dict.fromkeys(row["name"] for row in rows("offers") if row["region"] == region)
            line = f"an offer of the catalogue, or `{name} at {region}: … USD/h` under prices"
            self.source.wrong(loc, f"`{name}`, an offer nobody knows", line, names, name)

    def tariff(self, place: str, billed: bool) -> Figure | None:
        if not geography.known(place):
            return None
        around = geography.around(place)
        stated = self.document.prices.electricity
        for where in around:
            if where in stated:
                path = ("prices", "electricity", where)
                value = self.money(stated[where].price, KWH_J, path)
                return self.yours(value, "USD/kWh", ".".join(path), stated[where])
        for where in around:
            if (row := by("tariffs", "place").get((where,))) is not None:
                usd, remark = self.exchange.of_catalogue(row["currency"])
                source = f"{row['source']}, {remark}" if remark else row["source"]
                value = tidy(float(row["price_per_kwh"]) * usd)
                return Figure(value, "USD/kWh", _kind(row), source, row["date"], f"prices.electricity.{place}")
        if billed:
            line = f"it under prices: `electricity: {{{place}: … USD/kWh}}`"
            self.source.wrong(("prices", "electricity"), f"no price of electricity in {place}", line)
        return None

    def pue(self, tier: str) -> Figure:
        path = f"prices.pue.{tier}"
        stated = self.document.prices.pue.get(tier)
        return self.yours(stated, "1", path, None) if stated is not None else _default("pue", tier, path)

    def egress(self, region: str) -> Egress | None:
        key = f"egress at {region}"
        text = self.named.get(key)
        if text is not None:
            if text.data is None:
                self.source.wrong(("prices", key), "no price of data", "a price such as 0.05 USD/GB")
                return None
            return Egress(self.yours(self.money(text.data, GB, ("prices", key)), "USD/GB", f"prices.{key}", text), None)
        row = by("egress", "region").get((region,))
        if row is None:
            what = f"bytes that leave {region}, whose price nobody knows (add `{key}: … USD/GB` to prices)"
            self.not_yet.append(NotYet(f"prices.{key}", what, planned=False, simulated=True))
            return None
        figure = Figure(float(row["usd_per_gb"]), "USD/GB", _kind(row), row["source"], row["date"], f"prices.{key}")
        return Egress(figure, float(row["tier_gb_per_month"]))

    def discount(self) -> Figure:
        path = "prices.money.discount_rate"
        stated = self.document.prices.money
        return (
            self.yours(stated.discount_rate, "1/year", path, stated) if stated else _default("discount_rate", "", path)
        )


_DRAW = "power: {idle: … W, busy: … W}"

_NODE_COSTS = {
    "installation": (1.0, "USD"),
    "maintenance": (1.0, "1/year"),
    "failures": (1.0, "1/year"),
    "truck_roll": (1.0, "USD"),
}


def _carbon(place: str) -> Figure | None:
    if not geography.known(place):
        return None
    for where in geography.around(place):
        if (row := by("carbon", "place").get((where,))) is not None:
            return Figure(float(row["g_per_kwh"]), "g/kWh", _kind(row), row["source"], row["date"])
    return None


def _fact(fact: Fact | None, unit: str, path: str) -> Figure | None:
    if fact is None:
        return None
    kind: Origin = "assumed" if fact.kind == "assumed" else "measured" if fact.kind == "measured" else "listed"
    return Figure(fact.value, unit, kind, fact.source, fact.date, path)


def _default(name: str, of: str, path: str) -> Figure:
    row = by("defaults", "name", "of")[(name, of)]
    return Figure(float(row["value"]), row["unit"], _kind(row), row["source"], row["date"], path)


def _kind(row: Row) -> Origin:
    return "assumed" if row["kind"] == "assumed" else "listed"
