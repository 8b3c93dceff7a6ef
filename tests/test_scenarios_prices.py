"""The catalogues of prices and places, and the price book that a scenario gets from them."""

import re
from importlib.resources import files

import pandas as pd
import pandera.pandas as pa
import pytest

import scenarios
from hardware_profiles import BadInput, known_hardware
from scenarios import geography
from scenarios.catalogue_tables import rows

TEXT = {
    "source": pa.Column(str, pa.Check.str_length(min_value=3)),
    "date": pa.Column(str, pa.Check.str_matches(r"^\d{4}")),
}
KIND = {"kind": pa.Column(str, pa.Check.isin(["listed", "measured", "assumed"])), "conditions": pa.Column(str)}
POSITIVE = pa.Column(float, pa.Check.gt(0), coerce=True)
NOT_NEGATIVE = pa.Column(float, pa.Check.ge(0), coerce=True)
MAYBE = pa.Column(str, pa.Check.str_matches(r"^\d*\.?\d*$"))

SCHEMAS = {
    "offers": {
        "name": pa.Column(str, pa.Check.str_matches(r"^(aws|azure|gcp) \S+( spot)?$")),
        "region": pa.Column(str),
        "usd_per_hour": POSITIVE,
        "accelerator": pa.Column(str),
        "profiled_as": pa.Column(str, pa.Check.isin(["", *known_hardware()])),
        "vcpus": MAYBE,
        "memory_gb": MAYBE,
        **KIND,
        **TEXT,
    },
    "egress": {
        "region": pa.Column(str, unique=True),
        "usd_per_gb": POSITIVE,
        "tier_gb_per_month": POSITIVE,
        **KIND,
        **TEXT,
    },
    "tariffs": {
        "place": pa.Column(str, unique=True),
        "price_per_kwh": POSITIVE,
        "currency": pa.Column(str, pa.Check.isin(["EUR", "USD"])),
        **KIND,
        **TEXT,
    },
    "carbon": {"place": pa.Column(str, unique=True), "g_per_kwh": POSITIVE, **KIND, **TEXT},
    "places": {
        "name": pa.Column(str, unique=True),
        "kind": pa.Column(str, pa.Check.isin(["world", "geography", "country", "region"])),
        "inside": pa.Column(str),
        "provider": pa.Column(str, pa.Check.isin(["", "aws", "azure", "gcp"])),
        **TEXT,
    },
    "technologies": {
        "name": pa.Column(str),
        "from_km": MAYBE,
        "to_km": MAYBE,
        "nominal_mbit_per_s": MAYBE,
        "rtt_ms": MAYBE,
        "rtt_p50_ms": MAYBE,
        "rtt_p99_ms": MAYBE,
        "up_mbit_per_s": MAYBE,
        "down_mbit_per_s": MAYBE,
        "loss_percent": MAYBE,
        **KIND,
        **TEXT,
    },
    "exchange": {"currency": pa.Column(str, unique=True), "usd": POSITIVE, **KIND, **TEXT},
    "defaults": {
        "name": pa.Column(str),
        "of": pa.Column(str),
        "value": NOT_NEGATIVE,
        "unit": pa.Column(str),
        **KIND,
        **TEXT,
    },
}


def table(name: str) -> pd.DataFrame:
    return pd.DataFrame([dict(row) for row in rows(name)])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_row_is_complete_and_has_a_source_and_a_date(name: str) -> None:
    pa.DataFrameSchema(SCHEMAS[name], strict=True, ordered=True).validate(table(name), lazy=True)


def test_every_table_is_checked() -> None:
    folder = files("scenarios") / "catalogue"
    assert {item.name for item in folder.iterdir() if item.name.endswith(".csv")} == {f"{name}.csv" for name in SCHEMAS}


def test_a_pair_of_offer_and_region_has_one_price_in_a_known_place() -> None:
    offers = table("offers")
    assert not offers.duplicated(["name", "region"]).any()
    for name, column in (("offers", "region"), ("egress", "region"), ("tariffs", "place"), ("carbon", "place")):
        assert set(table(name)[column]) <= set(geography.names())


def test_a_card_is_only_taken_for_the_one_that_was_measured() -> None:
    pairs = table("offers").loc[lambda t: t["profiled_as"] != "", ["accelerator", "profiled_as"]]
    assert set(pairs.itertuples(index=False, name=None)) == {("T4", "t4"), ("L4", "l4"), ("A100-40GB", "a100")}


@pytest.mark.parametrize(
    ("name", "region", "usd"),
    [
        ("azure NC4as_T4_v3", "westeurope", 0.658),
        ("azure NC4as_T4_v3", "eastus", 0.526),
        ("aws g5.xlarge", "eu-central-1", 1.258),
        ("aws g6.xlarge", "us-east-1", 0.8048),
        ("aws g6e.xlarge", "us-east-1", 1.861),
        ("gcp a2-highgpu-1g", "europe-west4", 3.748),
    ],
)
def test_prices_are_those_of_the_sources(name: str, region: str, usd: float) -> None:
    offers = table("offers")
    (found,) = offers.loc[(offers["name"] == name) & (offers["region"] == region), "usd_per_hour"]
    assert float(found) == usd


def test_places_lie_in_each_other() -> None:
    assert geography.around("westeurope") == ("westeurope", "nl", "eu", "europe", "world")
    assert geography.around("eu-central-1") == ("eu-central-1", "de", "eu", "europe", "world")
    assert {"de", "westeurope", "eu-west-1"} <= geography.within("eu")
    assert not {"gb", "eu-west-2", "us-east-1", "switzerlandnorth"} & geography.within("eu")
    assert all(geography.around(name)[-1] == "world" for name in geography.names())


def test_the_users_prices_beat_the_catalogue_and_the_catalogue_beats_defaults() -> None:
    prices = scenarios.load("factory-vision").prices
    nano, server = prices.node("jetson-orin-nano-super"), prices.node("server-rtx-3060")
    assert nano.price is not None
    assert server.price is not None
    assert (nano.price.value, nano.price.kind) == (249, "listed")
    assert (server.price.value, server.price.kind) == (3500, "assumed")
    assert (nano.installation.value, server.installation.value) == (60, 250)  # one device may have its own
    assert (nano.lifetime_years.value, nano.maintenance_per_year.value, nano.failures_per_year.value) == (5, 0.10, 0.02)
    assert prices.offer("azure NC4as_T4_v3", "westeurope").hourly.value == 0.658  # type: ignore[union-attr]
    assert (prices.pue("on_prem").value, prices.pue("gateway").value) == (1, 1)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("prices.per_node.installation", "7 USD"),
        ("prices.per_node.maintenance", "7 % per year"),
        ("prices.per_node.truck_roll", "7 USD"),
        ("prices.money.discount_rate", "7 %"),
    ],
)
def test_a_default_is_dated_assumed_and_changed_where_it_says(path: str, value: str) -> None:
    bare = scenarios.load("factory-vision", set={"prices.per_node": "absent", "prices.money": "absent"})
    assumed = {where: figure for where, _, figure in bare.prices.assumed()}
    assert re.match(r"\d{4}-\d\d-\d\d$", assumed[path].date)
    assert path not in {where for where, _, _ in bare.with_({path: value}).prices.assumed()}


def test_every_assumed_figure_can_be_set_at_the_path_it_names() -> None:
    scenario = scenarios.load("factory-vision")
    for path, _, figure in scenario.prices.assumed():
        again = {p: f for p, _, f in scenario.with_({path: "2 times"}).prices.assumed()}
        assert again[path].value == pytest.approx(2 * figure.value), path


def test_scaling_changes_one_path_only() -> None:
    prices = scenarios.load("factory-vision").prices
    for path, _, figure in prices.assumed():
        after = {p: f.value for p, _, f in prices.scaled(path, 1.1).assumed()}
        before = {p: f.value for p, _, f in prices.assumed()}
        assert after == pytest.approx({**before, path: figure.value * 1.1})


def test_electricity_comes_from_the_nearest_place_and_in_dollars() -> None:
    def tariff(**changes: str) -> tuple[float, str]:
        figure = scenarios.load("factory-vision", set={"prices.electricity": "absent", **changes}).prices.tariff("de")
        return figure.value, figure.source

    value, source = tariff()
    assert value == pytest.approx(0.1902 / 0.92)
    assert source.endswith("at your rate of 2026-11-02")
    value, source = tariff(exchange="absent")
    assert value == pytest.approx(0.1902 / 0.92)
    assert "at an assumed rate" in source


def test_electricity_that_nobody_prices_is_a_fault_where_it_is_billed() -> None:
    with pytest.raises(
        BadInput, match=r"no price of electricity in us, expected it under prices: `electricity: \{us: … USD/kWh\}`"
    ):
        scenarios.load("factory-vision", set={"sites.plant.region": "us", "prices.electricity": "absent"})


def test_a_price_elsewhere_is_never_taken() -> None:
    with pytest.raises(BadInput, match="which has no price in eu-central-1"):
        scenarios.load("factory-vision", set={"pools.region.at": "eu-central-1"})
    here = scenarios.load(
        "factory-vision",
        set={
            "pools.region.at": "eu-central-1",
            "prices.azure NC4as_T4_v3 at eu-central-1": "0.7 USD/h",
            "links.uplink.to": "eu-central-1",
        },
    )
    assert here.prices.offer("azure NC4as_T4_v3", "eu-central-1").hourly.value == 0.7  # type: ignore[union-attr]


def test_bytes_out_of_a_region_without_a_price_are_listed_and_not_free() -> None:
    toy = scenarios.load("two-site-toy")
    assert toy.prices.egress("westeurope").value == 0.05  # type: ignore[union-attr]
    assert toy.prices.egress_tier_gb("westeurope") is None
    listed = toy.with_({"prices.egress at westeurope": "absent"}).prices
    assert (listed.egress("westeurope").value, listed.egress_tier_gb("westeurope")) == (0.087, 10_000)  # type: ignore[union-attr]
    elsewhere = toy.with_(
        {"pools.region.at": "uksouth", "links.line.to": "uksouth", "prices.toy-machine at uksouth": "1 USD/h"}
    )
    (part,) = elsewhere.not_yet
    assert (part.path, part.planned) == ("prices.egress at uksouth", False)


def test_unknown_power_is_a_fault_and_idle_power_is_never_taken_as_nothing() -> None:
    changes = {"prices.jetson-orin-nx-16gb": "{price: 700 USD}"}
    scenario = scenarios.load("factory-vision", set=changes)
    node = scenario.prices.node("jetson-orin-nx-16gb")
    assert node.idle_w is not None
    assert node.busy_w is not None
    assert (node.idle_w.value, node.idle_w.kind, node.busy_w.value, node.busy_w.kind) == (25, "assumed", 25, "listed")
    for price, whole in [
        ("{price: 3500 USD}", "{…, power: {idle: … W, busy: … W}}"),
        ("3500 USD", "{price: 3500 USD, power: {idle: … W, busy: … W}}"),
    ]:
        with pytest.raises(BadInput) as problem:
            scenarios.load("factory-vision", set={"prices.server-rtx-3060": price})
        (fault,) = problem.value.faults
        assert (fault.path, fault.file, bool(fault.line)) == ("pools.server.hardware", "factory-vision.yaml", True)
        assert fault.found == "server-rtx-3060, whose power draw nobody knows"
        assert fault.expected == f"its power draw, under prices: `server-rtx-3060: {whole}`"
    user = scenarios.load("factory-vision", set={"prices.server-rtx-3060": "3500 USD", "pools.server.paid_by": "user"})
    assert user.not_yet == ()


def test_every_amount_is_in_dollars() -> None:
    dollars, euros = (
        scenarios.load("factory-vision", set={"prices.server-rtx-3060.price": text, "limits.budget": f"{text}/month"})
        for text in ("1000 USD", "920 EUR")
    )
    assert dollars.prices.node("server-rtx-3060").price.value == 1000  # type: ignore[union-attr]
    assert euros.prices.node("server-rtx-3060").price.value == pytest.approx(1000)  # type: ignore[union-attr]
    assert dollars.budget_usd_per_month == 1000 == euros.budget_usd_per_month
