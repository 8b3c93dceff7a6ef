"""Amounts in the user's currencies as USD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.catalogue_tables import by
from scenarios.language.document import Document
from scenarios.source import Source
from scenarios.units import NotAQuantity, Quantity, parse

MONTH_S, HOUR_S, KWH_J, GB = 2_628_000.0, 3600.0, 3.6e6, 1e9


@dataclass(frozen=True)
class Exchange:
    """What one unit of each currency costs in USD, as the user states it."""

    usd: dict[str, float]
    date: str

    def rate(self, currency: str, source: Source, loc: Sequence[str | int]) -> float:
        """USD for one unit; a fault (and 1) where the user states none."""
        if currency not in self.usd:
            line = f"exchange: {{USD: … {currency}, date: …}}"
            source.wrong(loc, f"an amount in {currency} without an exchange rate", line)
            return 1.0
        return self.usd[currency]

    def in_usd(self, amount: Quantity, scale: float, source: Source, loc: Sequence[str | int]) -> float:
        """The amount in USD per ``scale`` base units (a month has 2 628 000 s)."""
        return tidy(amount.value * scale * self.rate(amount.currency, source, loc))

    def of_catalogue(self, currency: str) -> tuple[float, str]:
        """USD for one unit and a remark, for amounts of the catalogue: by the user's rate, else by ours."""
        if currency in self.usd:
            return self.usd[currency], "" if currency == "USD" else f"at your rate of {self.date}"
        row = by("exchange", "currency")[(currency,)]
        return float(row["usd"]), f"at an assumed rate ({row['conditions']})"


def tidy(number: float) -> float:
    """Without the last digits, which hold only the rounding of unit conversions."""
    return float(f"{number:.12g}")


def exchange(document: Document, source: Source) -> Exchange:
    """Read ``exchange: {USD: 0.92 EUR, date: 2026-11-02}``: one unit of the key costs the amount."""
    usd = {"USD": 1.0}
    for key, text in document.exchange.items():
        if key == "date":
            continue
        loc = ("exchange", key)
        try:
            amount = parse(text)
        except NotAQuantity as problem:
            source.wrong(loc, f"`{text}`", problem.expected)
            continue
        if (
            amount.dimension != "money"
            or amount.value <= 0
            or {key, amount.currency} - {"USD"} == set()
            or ("USD" not in (key, amount.currency))
        ):
            source.wrong(loc, f"`{text}` for one {key}", "USD: an amount above zero in another currency")
        elif key == "USD":
            usd[amount.currency] = 1 / amount.value
        else:
            usd[key] = amount.value
    if len(usd) > 1 and "date" not in document.exchange:
        source.wrong(("exchange",), "rates without a date", "date: of the day they hold")
    found = Exchange(usd, document.exchange.get("date", ""))
    if document.currency != "USD":
        found.rate(document.currency, source, ("currency",))
    return found
