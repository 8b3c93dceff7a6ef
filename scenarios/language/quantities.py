"""The quantities of the language: texts with a unit, read into numbers in SI units."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from scenarios.language.shape import StandIn, fault, quoted
from scenarios.pools import Count
from scenarios.units import COUNTED, NotAQuantity, Quantity, parse

PER_TIME = tuple(f"{what} / time" for what in ("1", *COUNTED))


def read(value: Any, dimensions: tuple[str, ...], expected: str) -> Quantity:
    """The quantity in a text, of one of the dimensions; a bare number is refused."""
    if isinstance(value, StandIn):
        return Quantity(1.0, dimensions[0], "USD" if dimensions[0].startswith("money") else "")
    if not isinstance(value, str):
        raise fault(quoted(value), f"{expected}: a number with its unit")
    try:
        found = parse(value)
    except NotAQuantity as problem:
        found_text = quoted(value) if problem.found in repr(value) else f"{quoted(value)} with {problem.found}"
        raise fault(found_text, problem.expected) from None
    if found.dimension not in dimensions:
        raise fault(f"{quoted(value)} ({found.dimension or 'without a unit'})", expected)
    return found


def _plain(dimension: str, expected: str, *, some: bool = False, most: float | None = None, scale: float = 1.0) -> Any:
    """A pydantic type: the number in SI units (times ``scale``), without ``per`` or ``of``; with ``some`` not zero."""

    def check(value: Any) -> float:
        found = read(value, (dimension,), expected)
        number = found.value * scale
        if found.per or found.of:
            raise fault(quoted(value), f"{expected}, without `{'per ' + found.per if found.per else 'of ' + found.of}`")
        if number < 0 or (some and number == 0) or (most is not None and number > most):
            raise fault(quoted(value), f"{expected}, {_range(some, most)}")
        return number

    return Annotated[float, BeforeValidator(check), WithJsonSchema({"type": "string", "description": expected})]


def _range(some: bool, most: float | None) -> str:
    if most is None:
        return "above zero" if some else "not negative"
    return f"{'above' if some else 'between'} 0 % and {'at most ' if some else ''}{most * 100:g} %"


def _whole(*dimensions: str, expected: str) -> Any:
    """A pydantic type: the whole quantity, for what needs its currency, ``per`` or ``of``."""

    def check(value: Any) -> Quantity:
        found = read(value, dimensions, expected)
        if found.value < 0:
            raise fault(quoted(value), f"{expected}, not negative")
        return found

    return Annotated[Quantity, BeforeValidator(check), WithJsonSchema({"type": "string", "description": expected})]


Seconds = _plain("time", "a time such as 80 ms")
SomeSeconds = _plain("time", "a time such as 15 s", some=True)
Bytes = _plain("data", "a size such as 180 kB")
BitsPerSecond = _plain("data / time", "a bandwidth such as 50 Mbit/s", some=True, scale=8.0)
Share = _plain("fraction", "a share such as 8 %", most=1.0)
SomeShare = _plain("fraction", "a share such as 8 %", some=True, most=1.0)
YearlyShare = _plain("fraction / time", "a share per year such as 12 % per year", scale=31_536_000.0)
SharePerTime = _plain("fraction / time", "a share per time such as 6 % per day")
PerTime = _plain("1 / time", "a number per time such as 0.05 /h")
Watts = _plain("power", "a power such as 15 W")
Joules = _plain("power × time", "an energy such as 15 Wh")
GramsPerSecond = _plain("mass / time", "a mass per time such as 60 t/year")
Pixels = _plain("picture_edge", "the edge of a picture such as 640 px")
Tokens = _plain("token", "a number of tokens such as 700 token")
TokensPerSecond = _plain("token / time", "a speed such as 12 token/s")

Money = _whole("money", expected="an amount such as 249 USD")
MoneyPerTime = _whole("money / time", expected="an amount per time such as 45 EUR/month")
MoneyPerData = _whole("money / data", expected="a price such as 4 EUR/GB")
MoneyPerEnergy = _whole("money / power / time", expected="a tariff such as 0.19 EUR/kWh")
MoneyPerRequest = _whole("money / request", "money / call", expected="a price such as 0.0012 USD/request")
MoneyPerToken = _whole("money / token", expected="a price such as 5 USD/1e6 token")
MoneyPerMessage = _whole("money / message", expected="a price such as 1.2 USD/1e6 message")
MoneyPerStorage = _whole("money / data / time", expected="a price such as 0.0245 USD/GB/month")


def _kilometres(value: Any) -> float:
    """Of what is within a distance the farthest counts."""
    expected = "a distance such as within 20 km"
    plain = str(value.removeprefix("within ")) if isinstance(value, str) and not isinstance(value, StandIn) else value
    found = read(plain, ("length",), expected)
    if found.value < 0 or found.per or found.of:
        raise fault(quoted(value), expected)
    return found.value / 1e3


Kilometres = Annotated[
    float, BeforeValidator(_kilometres), WithJsonSchema({"type": "string", "description": "such as within 20 km"})
]
"""A distance."""


def _rate(value: Any) -> Quantity:
    if isinstance(value, StandIn):
        return Quantity(1.0, PER_TIME[0], per="all")
    found = read(value, PER_TIME, "a rate such as 6 /min per camera")
    if not found.per:
        raise fault(quoted(value), "a rate that says per what: per a pool, a fact or a site, or `in all`")
    if found.value <= 0:
        raise fault(quoted(value), "a rate above zero")
    return found


Rate = Annotated[
    Quantity,
    BeforeValidator(_rate),
    WithJsonSchema({"type": "string", "description": "a rate such as 6 /min per camera"}),
]
"""Requests per time and per what."""


def _message(value: Any) -> Quantity:
    found = read(value, ("data",), "a size such as 180 kB of frame")
    if found.value < 0 or found.per:
        raise fault(quoted(value), "a size such as 180 kB of frame")
    return found


Sized = Annotated[
    Quantity,
    BeforeValidator(_message),
    WithJsonSchema({"type": "string", "description": "a size such as 180 kB of frame"}),
]
"""A size, and which data item it is."""

_COUNT = re.compile(r"^(?P<low>-?\d[\d_]*)(?:\.\.(?P<high>-?\d[\d_]*))?(?:\s+per\s+(?P<per>\S+))?$")


def _count(value: Any) -> Count:
    expected = "a count such as 3, 0..4 or 2 per gate"
    if isinstance(value, StandIn):
        return Count(1, 1)
    match = _COUNT.match(str(value)) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    if match is None:
        raise fault(quoted(value), expected)
    low = int(match["low"])
    high = int(match["high"]) if match["high"] else low
    if low < 0 or high < low:
        raise fault(quoted(value), f"{expected}, not negative and in order")
    return Count(low, high, match["per"])


Counted = Annotated[
    Count, BeforeValidator(_count), WithJsonSchema({"type": ["integer", "string"], "description": "such as 0..4"})
]
"""How many nodes, perhaps for each fact."""


def _from(least: int, expected: str) -> Any:
    def check(value: Any) -> int:
        if isinstance(value, StandIn):
            return 1
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise fault(quoted(value), expected)
        return value

    return Annotated[int, BeforeValidator(check), WithJsonSchema({"type": "integer", "minimum": least})]


Number = _from(0, "a whole number, not negative")
SomeNumber = _from(1, "a whole number of at least 1")

_OPERATIONS = re.compile(r"^(?P<number>\d[\d_]*(?:\.\d+)?(?:e\+?\d+)?)\s*(?P<times>[kMGT]?)$", re.IGNORECASE)
_TIMES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


def _operations(value: Any) -> float:
    """As a number, or as it is printed beside an estimate."""
    if isinstance(value, StandIn):
        return 1.0
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    match = _OPERATIONS.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise fault(quoted(value), "a number of operations such as 4.35 G or 4.35e9")
    return float(match["number"]) * _TIMES[match["times"].lower()]


Operations = Annotated[
    float,
    BeforeValidator(_operations),
    WithJsonSchema({"type": ["number", "string"], "description": "such as 4.35 G or 4.35e9"}),
]
"""How many operations, with a decimal prefix or without."""

_CLOCK = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)$")


def _clock_s(text: str) -> float:
    if isinstance(text, StandIn):
        return 0.0
    match = _CLOCK.match(text.strip())
    if match is None:
        raise fault(quoted(text), "a time of day such as 05:00")
    return 3600.0 * int(match[1]) + 60.0 * int(match[2])


def _clock(value: Any) -> float:
    return _clock_s(value if isinstance(value, str) else str(value))


Clock = Annotated[float, BeforeValidator(_clock), WithJsonSchema({"type": "string"})]
"""A time of day, in seconds after midnight."""


def _window(value: Any) -> tuple[float, float]:
    if isinstance(value, StandIn):
        return 0.0, 3600.0
    start, dash, end = str(value).partition("-")
    if not dash:
        raise fault(quoted(value), "a window such as 01:00-05:00")
    return _clock_s(start), _clock_s(end)


Window = Annotated[tuple[float, float], BeforeValidator(_window), WithJsonSchema({"type": "string"})]
"""From one time of day to another, in seconds after midnight; it may pass midnight."""
