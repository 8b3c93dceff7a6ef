"""Quantities in the text of a scenario: our own units, parsed once, at loading.

They are our own because pint reads ``30 fps`` as feet per second, ``Mb`` as megabarn and a month as 730.5 hours; where
both know a unit, a test compares them. Data, money and everything that is counted (frames, requests, tokens, persons)
are dimensions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from hardware_profiles.faults import closest

# What can be counted; each is a dimension of its own.
COUNTED = ("request", "frame", "token", "person", "message", "image", "call", "sample", "item", "slot")

# Money is one dimension; which currency a text names is kept beside the number and converted by the exchange rates.
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "JPY", "CNY", "INR", "CAD", "AUD")

# Unit → how many base units it is, and of what: seconds, bytes, watts, grams, metres, pixels; a month is 730 h, a year
# 8760 h. Importing pint for them took more than a fourth of the time in which a scenario is read.
_UNITS = {
    "s": (1, "time"),
    "ns": (1e-9, "time"),
    "us": (1e-6, "time"),
    "µs": (1e-6, "time"),
    "ms": (1e-3, "time"),
    "min": (60, "time"),
    "h": (3600, "time"),
    "d": (86400, "time"),
    "day": (86400, "time"),
    "week": (604800, "time"),
    "month": (2628000, "time"),
    "year": (31536000, "time"),
    "years": (31536000, "time"),
    "B": (1, "data"),
    "kB": (1e3, "data"),
    "MB": (1e6, "data"),
    "GB": (1e9, "data"),
    "TB": (1e12, "data"),
    "KiB": (1024, "data"),
    "MiB": (1048576, "data"),
    "GiB": (1073741824, "data"),
    "bit": (0.125, "data"),
    "kbit": (125, "data"),
    "Mbit": (125e3, "data"),
    "Gbit": (125e6, "data"),
    "W": (1, "power"),
    "mW": (1e-3, "power"),
    "kW": (1e3, "power"),
    "J": (1, "energy"),
    "Wh": (3600, "energy"),
    "kWh": (3.6e6, "energy"),
    "MWh": (3.6e9, "energy"),
    "g": (1, "mass"),
    "kg": (1e3, "mass"),
    "t": (1e6, "mass"),
    "m": (1, "length"),
    "km": (1e3, "length"),
    "px": (1, "picture_edge"),
}

# Dimensions that are not their own base.
_MADE_OF = {"energy": {"power": 1, "time": 1}}

# Fractions are numbers, but written with a unit of their own.
_FRACTIONS = {"%": 0.01, "pp": 0.01, "times": 1.0}

_WRONG = {
    "fps": "frame/s",
    "FPS": "frame/s",
    "rps": "request/s",
    "qps": "request/s",
    "Mb": "Mbit or MB",
    "mb": "Mbit or MB",
    "mB": "MB",
    "Kb": "kbit or kB",
    "kb": "kbit or kB",
    "KB": "kB",
    "Gb": "Gbit or GB",
    "gb": "Gbit or GB",
    "Mbps": "Mbit/s",
    "mbps": "Mbit/s",
    "Gbps": "Gbit/s",
    "kbps": "kbit/s",
    "bps": "bit/s",
    "b": "bit or B",
    "byte": "B",
    "bytes": "B",
    "bits": "bit",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "msec": "ms",
    "millisecond": "ms",
    "milliseconds": "ms",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "days": "d",
    "weeks": "week",
    "months": "month",
    "yr": "year",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "dollar": "USD",
    "euro": "EUR",
    "kw": "kW",
    "kwh": "kWh",
    "Kwh": "kWh",
    "watt": "W",
    "watts": "W",
    "percent": "%",
    "x": "times",
    **{f"{name}s": name for name in COUNTED},
}

LARGEST = 1e18  # in base units; beyond it are slips of the keyboard

_NUMBER = r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TEXT = re.compile(rf"^\s*(?P<number>{_NUMBER})\s*(?P<rest>.*?)\s*$", re.DOTALL)
_FACTOR = re.compile(rf"^(?P<number>{_NUMBER})?\s*(?P<unit>\S*)$")


class NotAQuantity(ValueError):  # noqa: N818 - it names what the text is
    """A text that is no quantity of the wanted dimension; ``expected`` says what would be one."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.found, self.expected = found, expected


@dataclass(frozen=True)
class Quantity:
    """A number in SI base units (seconds, bytes, watts, grams; money in its own currency).

    ``per`` is what follows the word ``per`` where that is not a unit of time (``camera``), ``all`` for ``in all``;
    ``of`` is what follows ``of`` (the data item of ``180 kB of frame``).
    """

    value: float
    dimension: (
        str  # "time", "data / time", "money / data", "frame / time", "1 / time", "fraction"; "" for a bare number
    )
    currency: str = ""
    per: str = ""
    of: str = ""


@lru_cache(maxsize=4096)
def parse(text: str) -> Quantity:
    """Read ``180 kB of frame``, ``6 /min per camera``, ``4 EUR/GB``, ``12 % per year``.

    Raises NotAQuantity where the text is none, naming the right spelling of a wrong unit.
    """
    match = _TEXT.match(text)
    if match is None:
        raise NotAQuantity(repr(text), "a number with its unit")
    rest, per, of = _qualifiers(match["rest"])
    value, exponents, currency = _unit(rest)
    number, dimension = float(match["number"].replace("_", "")) * value, _dimension(exponents)
    if abs(number) > LARGEST:
        raise NotAQuantity(f"`{text}`", "a number that a scenario can mean")
    if dimension == "fraction":
        number = float(f"{number:.15g}")  # 97.2 % is 0.972
    return Quantity(number, dimension, currency, per, of)


def number_times(text: str, factor: float) -> str:
    """The same quantity with its number multiplied: ``5 USD/1e6 token`` × 0.5 is ``2.5 USD/1e6 token``."""
    match = _TEXT.match(text)
    if match is None:
        raise NotAQuantity(repr(text), "a number to multiply")
    rest = match["rest"]
    return f"{float(match['number'].replace('_', '')) * factor:.12g}{' ' if rest else ''}{rest}"


def _qualifiers(rest: str) -> tuple[str, str, str]:
    """Split off ``of DATA``, ``per WHAT`` and ``in all``; per a unit of time is a division."""
    of = per = ""
    if found := re.match(r"^(.*?)(?:^|\s+)of\s+(\S+)$", rest):
        rest, of = found[1], found[2]
    if found := re.match(r"^(.*?)\s*\bin all$", rest):
        rest, per = found[1], "all"
    if found := re.match(r"^(.*?)\s*\bper\s+(.+)$", rest):
        if found[2] in _UNITS:
            rest = f"{found[1]}/{found[2]}"
        else:
            rest, per = found[1], found[2]
    return rest.strip(), per, of


def _unit(text: str) -> tuple[float, dict[str, int], str]:
    """Factor to base units, exponent of each dimension, and the currency named."""
    value, exponents, currency = 1.0, dict[str, int](), ""
    if not text:
        return value, exponents, currency
    for place, part in enumerate(text.split("/")):
        match = _FACTOR.match(part.strip())
        if match is None or (place == 0 and match["number"]) or (place > 0 and not part.strip()):
            raise NotAQuantity(repr(text), "a unit such as ms, MB, frame/s or EUR/GB")
        name, sign = match["unit"], 1 if place == 0 else -1
        if match["number"]:
            value *= float(match["number"].replace("_", "")) ** sign
        if not name:
            continue
        if name in CURRENCIES:
            exponents["money"], currency = exponents.get("money", 0) + sign, name
            continue
        if name in _FRACTIONS:
            value *= _FRACTIONS[name] ** sign
            exponents["fraction"] = exponents.get("fraction", 0) + sign
            continue
        factor, dimensions = _known(name)
        value *= factor**sign
        for dimension, exponent in dimensions.items():
            exponents[dimension] = exponents.get(dimension, 0) + sign * exponent
    return value, {name: exponent for name, exponent in exponents.items() if exponent}, currency


def _known(name: str) -> tuple[float, dict[str, int]]:
    if name in COUNTED:
        return 1.0, {name: 1}
    if name not in _UNITS:
        raise NotAQuantity(f"the unit {name!r}", _right_spelling(name))
    factor, dimension = _UNITS[name]
    return factor, _MADE_OF.get(dimension, {dimension: 1})


def _right_spelling(name: str) -> str:
    if name in _WRONG:
        return _WRONG[name]
    near = closest(name, (*_UNITS, *_FRACTIONS, *COUNTED, *CURRENCIES))
    return near if near else "a unit such as ms, MB, Mbit, frame, W, kWh, EUR, %"


# Exponents → how a dimension is called in messages and by the shapes of the language.
_ORDER = ("fraction", "money", *COUNTED, "data", "power", "mass", "length", "picture_edge", "time")


def _dimension(exponents: dict[str, int]) -> str:
    def part(sign: int) -> list[str]:
        return [name for name in _ORDER for _ in range(max(0, sign * exponents.get(name, 0)))]

    over, under = part(1), part(-1)
    return " / ".join([" × ".join(over) or ("1" if under else ""), *under])
