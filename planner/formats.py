"""How numbers are written: one function for each kind, so that a figure looks the same wherever it is shown."""

from __future__ import annotations

import math

THIN = "\u2009"  # thin space between thousands; text wrapping does not break there
NOTHING = "–"


def number(value: float | None, digits: int = 0) -> str:
    """
    >>> number(72000).replace(THIN, "_")
    '72_000'
    >>> number(None)
    '–'
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:,.{digits}f}".replace(",", THIN)
    return text.removeprefix("-") if not text.strip("-0." + THIN) else text


def money(value: float | None) -> str:
    """Whole units from a hundred on, cents below, and four digits for unit prices below a cent.

    >>> money(314.6), money(14.6142), money(0), money(0.0000123)
    ('315', '14.61', '0', '1.23e-05')
    """
    if value is None or not math.isfinite(value) or value == 0 or abs(value) >= 99.995:
        return number(value)
    return number(value, 2) if abs(value) >= 0.01 else f"{value:.4g}"


def signed(value: float) -> str:
    """Money with its sign.

    >>> signed(251.2), signed(-3.1), signed(0.0)
    ('+251', '-3.10', '0')
    """
    return f"+{money(value)}" if value > 0 else money(value)


def ms(seconds: float | None) -> str:
    """A time in milliseconds, one digit after the point below a hundred.

    >>> ms(0.00821), ms(0.01), ms(0.00036), ms(None)
    ('8.2', '10.0', '0.36', '–')
    """
    if seconds is None:
        return NOTHING
    value = seconds * 1e3
    if 0 < value < 0.995:
        return f"{value:.2g}"
    return number(value, 1 if value < 99.95 else 0)


def duration(seconds: float | None) -> str:
    """A time in the unit that suits it, as exact as a limit is usually stated.

    >>> duration(0.01), duration(3), duration(5400), duration(8 * 3600), duration(86400 * 30)
    ('10 ms', '3 s', '90 min', '8 h', '30 d')
    """
    if seconds is None or not math.isfinite(seconds):
        return number(seconds)
    for unit, size, least in (("d", 86400.0, 2 * 86400), ("h", 3600.0, 7200), ("min", 60.0, 120), ("s", 1.0, 1.0)):
        if seconds >= least:
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds * 1e3:.4g} ms"


def percent(fraction: float | None, digits: int = 1) -> str:
    """A measured fraction; what is only nearly the whole is not rounded up to it.

    >>> percent(0.317), percent(1.0), percent(0.99999), percent(-0.00001), percent(None)
    ('31.7 %', '100.0 %', '>99.9 %', '0.0 %', '–')
    """
    if fraction is None:
        return NOTHING
    nearly = 1 - 0.5 * 10.0 ** -(digits + 2)
    return f">{100 - 10.0**-digits:.{digits}f} %" if nearly <= fraction < 1 else f"{number(fraction * 100, digits)} %"


def short_percent(fraction: float) -> str:
    """A stated percentage, without digits that say nothing.

    >>> short_percent(0.36), short_percent(0.317)
    ('36 %', '31.7 %')
    """
    return f"{fraction * 100:.4g} %"


def size(value: float | None) -> str:
    """Bytes with a decimal prefix.

    >>> size(0), size(300), size(60_000), size(1.5e9)
    ('0 B', '300 B', '60 kB', '1.5 GB')
    """
    if value is None or not math.isfinite(value):
        return number(value)
    for unit, step in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= step:
            return f"{value / step:.3g} {unit}"
    return f"{value:.3g} B"


def bandwidth(bits_per_s: float | None) -> str:
    """
    >>> bandwidth(2e8), bandwidth(1e9), bandwidth(None)
    ('200 Mbit/s', '1 Gbit/s', '–')
    """
    if bits_per_s is None:
        return NOTHING
    for unit, step in (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)):
        if bits_per_s >= step:
            return f"{bits_per_s / step:.4g} {unit}"
    return f"{bits_per_s:.4g} bit/s"


def times(value: float | None) -> str:
    """How many times as much.

    >>> times(10), times(1.5), times(1.0012), times(12_345.6).replace(THIN, "_")
    ('10 times', '1.5 times', '1.001 times', '12_346 times')
    """
    if value is None or not math.isfinite(value) or value >= 999.95:
        return f"{number(value)} times"
    return f"{value:.4g} times"


def energy(watt_hours: float | None) -> str:
    """Watt hours below a kilowatt hour.

    >>> energy(238_600), energy(1_460), energy(999.7), energy(436), energy(0.04), energy(0), energy(None)
    ('239 kWh', '1.5 kWh', '1.0 kWh', '436 Wh', '0.04 Wh', '0 Wh', '–')
    """
    return _of_a_thousand(watt_hours, "Wh", "kWh")


def mass(grams: float | None) -> str:
    """Grams below a kilogram.

    >>> mass(79_600), mass(9_960), mass(1_400), mass(400), mass(6.1), mass(0), mass(None)
    ('80 kg', '10 kg', '1.4 kg', '400 g', '6.1 g', '0 g', '–')
    """
    return _of_a_thousand(grams, "g", "kg")


def _of_a_thousand(value: float | None, one: str, thousand: str) -> str:
    """Whole units from ten on, one digit after the point below, two digits of what is less than one."""
    if value is None or not math.isfinite(value):
        return number(value)
    shown, unit = (value, one) if abs(value) < 999.5 else (value / 1e3, thousand)
    if 0 < abs(shown) < 0.95:
        return f"{shown:.2g} {unit}"
    return f"{number(shown, 1 if 0 < abs(shown) < 9.95 else 0)} {unit}"


def plural(value: float, one: str, many: str = "") -> str:
    """
    >>> plural(1, "row"), plural(17, "row"), plural(2, "entry", "entries")
    ('1 row', '17 rows', '2 entries')
    """
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def quantity(value: float | None, unit: str) -> str:
    """A value of a requirement in the unit it is kept in: s, B, USD, a count, or a fraction."""
    match unit:
        case "s":
            return duration(value)
        case "B":
            return size(value)
        case "USD":
            return NOTHING if value is None else f"{money(value)} USD"
        case "":
            return NOTHING if value is None else short_percent(value)
        case _:
            return NOTHING if value is None else f"{value:.6g} {unit}"
