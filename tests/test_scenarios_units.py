"""Quantities in text: what they mean, and what is refused with the right spelling."""

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.units import COUNTED, CURRENCIES, NotAQuantity, Quantity, number_times, parse


@pytest.mark.parametrize(
    ("text", "value", "dimension", "qualifier"),
    [
        ("80 ms", 0.08, "time", ""),
        ("1 month", 730 * 3600, "time", ""),
        ("1 year", 8760 * 3600, "time", ""),
        ("1 kB", 1000, "data", ""),
        ("1 KiB", 1024, "data", ""),
        ("8 bit", 1, "data", ""),
        ("50 Mbit/s", 6.25e6, "data / time", ""),
        ("180 kB of frame", 180e3, "data", "of frame"),
        ("6 /min per camera", 0.1, "1 / time", "per camera"),
        ("30 frame/s per smart_camera", 30, "frame / time", "per smart_camera"),
        ("1e6 image/month in all", 1e6 / 2_628_000, "image / time", "per all"),
        ("1.5 /h per person", 1.5 / 3600, "1 / time", "per person"),
        ("12 % per year", 0.12 / 31_536_000, "fraction / time", ""),
        ("0.4 pp per month", 0.004 / 2_628_000, "fraction / time", ""),
        ("1.6 times", 1.6, "fraction", ""),
        ("240_000", 240_000, "", ""),
        ("4 EUR/GB", 4e-9, "money / data", "EUR"),
        ("150_000 EUR/month", 150_000 / 2_628_000, "money / time", "EUR"),
        ("5 USD/1e6 token", 5e-6, "money / token", "USD"),
        ("0.0245 USD/GB/month", 0.0245e-9 / 2_628_000, "money / data / time", "USD"),
        ("0.19 EUR/kWh", 0.19 / 3.6e6, "money / power / time", "EUR"),
        ("15 Wh", 54_000, "power × time", ""),
        ("60 t/year", 60e6 / 31_536_000, "mass / time", ""),
    ],
)
def test_a_quantity_means_what_it_says(text: str, value: float, dimension: str, qualifier: str) -> None:
    found = parse(text)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.dimension == dimension
    said = [f"per {found.per}" if found.per else "", f"of {found.of}" if found.of else "", found.currency]
    assert [word for word in said if word] == ([qualifier] if qualifier else [])


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("30 fps", "frame/s"),
        ("5 Mb", "Mbit or MB"),
        ("5 Mbps", "Mbit/s"),
        ("5 KB", "kB"),
        ("5 mB", "MB"),
        ("5 sec", "s"),
        ("5 hours", "h"),
        ("5 frames/s", "frame"),
        ("5 $/h", "USD"),
        ("5 mss", "ms"),
    ],
)
def test_a_wrong_spelling_is_refused_with_the_right_one(text: str, right: str) -> None:
    with pytest.raises(NotAQuantity) as problem:
        parse(text)
    assert problem.value.expected == right


@pytest.mark.parametrize(
    "text", ["", "ms", "five ms", "5 ms ms", "5 USD per", "4 / GB /", "1 2 ms", "5 money", "--5 ms"]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(NotAQuantity):
        parse(text)


@pytest.mark.parametrize(
    ("units", "base"),
    [
        ("ns us µs ms s min h d day week", "s"),
        ("B kB MB GB TB KiB MiB GiB bit kbit Mbit Gbit", "B"),
        ("mW W kW", "W"),
        ("J Wh kWh MWh", "J"),
        ("g kg t", "g"),
        ("m km", "m"),
    ],
)
def test_units_that_pint_knows_are_what_it_says(units: str, base: str) -> None:
    theirs = pint.UnitRegistry()
    for name in units.split():
        assert parse(f"1 {name}").value == pytest.approx(theirs(name).to(base).magnitude, rel=1e-12)
        assert parse(f"1 {name}").dimension == parse(f"1 {base}").dimension


def test_whatever_is_counted_is_a_dimension_of_its_own() -> None:
    assert [parse(f"2 {one}") for one in COUNTED] == [Quantity(2.0, one) for one in COUNTED]


@given(st.integers(-(10**9), 10**9), st.sampled_from(["ms", "MB", "frame/s", "EUR/GB", "%"]))
def test_multiplying_a_text_multiplies_its_value(number: int, unit: str) -> None:
    assert parse(number_times(f"{number} {unit}", 1.6)).value == pytest.approx(1.6 * parse(f"{number} {unit}").value)


@given(st.floats(1e-6, 1e9), st.sampled_from(CURRENCIES))
def test_money_keeps_its_currency(amount: float, currency: str) -> None:
    found = parse(f"{amount!r} {currency}/month")
    assert (found.currency, found.value * 2_628_000) == (currency, pytest.approx(amount))


@pytest.mark.parametrize("text", ["1e400 ms", "1e300 frame/s", "-1e400 USD/month"])
def test_numbers_beyond_all_meaning_are_refused(text: str) -> None:
    with pytest.raises(NotAQuantity, match="that a scenario can mean"):
        parse(text)
