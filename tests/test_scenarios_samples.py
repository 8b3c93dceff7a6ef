"""The scenarios that architects wrote before the language existed: understood in full, nothing ignored."""

from pathlib import Path

import pytest

import scenarios
from scenarios.scenario import Scenario
from scenarios.totals import totals
from scenarios.workloads import Batch, Latency, Periodic, Poisson

SAMPLES = Path(__file__).parent / "data" / "scenarios"


def sample(name: str) -> Scenario:
    return scenarios.load(SAMPLES / f"{name}.yaml")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "smart-checkout-900",
            [
                "900 stores, 5 600 lanes, 16 800 cameras, 1 307 items/s at the busiest hour",
                "track: 168 000 frames/s at the busiest hour",
                "stock: 40 MB each day per site within 4 h",
            ],
        ),
        (
            "twelve-plants",
            [
                "12 plants, 72 lines, 1 680 machines, 432 smart cameras, 1 680 sensors, "
                "12 960 frames/s at the busiest hour",
                "maintenance: 28 requests/s at the busiest hour",
                "night_sync: 1.5 GB each day per site within 6 h",
            ],
        ),
        (
            "phone-assistant",
            [
                "1 000 000 persons, 5 metros, 1 000 000 phones, 417 asks/s at the busiest hour",
                "ask_private: 83.3 requests/s at the busiest hour",
            ],
        ),
        ("parking-lot", ["40 car parks, 80 gates, 160 cameras, 16 watches/s at the busiest hour"]),
    ],
)
def test_totals(name: str, lines: list[str]) -> None:
    assert totals(sample(name)) == lines


def test_names_that_are_no_words_are_counted_without_a_plural() -> None:
    text = (SAMPLES / "parking-lot.yaml").read_text(encoding="utf-8")
    for old, new in [("car_park", "a"), ("camera", "c2"), ("watch:", "wa:")]:
        text = text.replace(old, new)
    assert totals(scenarios.load_text(text)) == ["40 × a, 80 gates, 160 × c2, 16 requests/s at the busiest hour"]


# What each file says and this version keeps without planning or simulating it. A part that is missing here would be
# silently ignored; a part too many would refuse what works.
NOT_YET = {
    "parking-lot": {"data.frame.keep", "data.plate.keep"},
    "smart-checkout-900": {
        "links.lte.stands_in_for",
        "links.lte.after",
        "data.frame.keep",
        "data.blurred.keep",
        "data.ticket.keep",
        "law",
        "limits.carbon",
        "prices.ip-camera.price",
        "prices.ip-camera.power",
    },
    "twelve-plants": {
        "pools.sensor.power.battery",
        "pools.trainer.spot",
        "links.radio.technology",
        "links.mqtt.over",
        "links.mqtt.price",
        "links.mqtt.broker",
        "links.mqtt.delivery",
        "links.mqtt.buffer",
        "data.signature.keep",
        "data.vibration.keep",
        "workloads.maintenance.tasks.anomaly.model",
        "workloads.maintenance.tasks.burst.over",
        "workloads.maintenance.requires.battery",
        "workloads.night_sync.tasks.send.over",
        "jobs",
        "lifecycle",
        "prices.rb3-gen-2.power",
        "prices.plain-camera.power",
    },
}


@pytest.mark.parametrize("name", NOT_YET)
def test_what_is_kept_but_not_planned_or_simulated_yet(name: str) -> None:
    assert {part.path for part in sample(name).not_yet} == NOT_YET[name]


def test_not_yet_of_the_phone_assistant_names_generative_work_and_fleets() -> None:
    parts = {part.path: part for part in sample("phone-assistant").not_yet}
    for path in (
        "sites.person.in",
        "pools.phone.power.battery",
        "links.mobile.absent",
        "workloads.ask.tasks.draft.tokens",
        "workloads.ask.tasks.edge.cache",
        "workloads.ask.tasks.expert.offer",
        "workloads.ask.requires.latency.draft.first_token",
        "workloads.ask_private.tasks.draft.tokens",
        "prices.openai gpt-4o",
        "figures.2.power",
    ):
        assert not parts[path].planned
    assert "study.simulate.sample" not in parts


def test_the_checkout_is_understood() -> None:
    scenario = sample("smart-checkout-900")
    item, stock = scenario.workload("item"), scenario.workload("stock")
    assert item.arrivals == Poisson(14 / 60, "lane")
    assert [task.name for task in item.tasks][:2] == ["look", "decide"]
    assert item.task("decide").times["gateway"].mean_s == 0.001
    assert item.requires.latency == (
        Latency("decide", 0.95, 0.12),
        Latency("look_hard", 0.95, 0.6),
        Latency("fraud", 0.99, 0.2),
    )
    assert item.requires.accuracy_measure == "top-1 on our shelf test set"
    assert item.accuracy == {"decide": {"": 0.972}, "look_hard": {"": 0.93}}
    assert stock.arrivals == Batch(86_400, 4 * 3600, "site")
    assert stock.requires.done_within_s == 4 * 3600
    assert scenario.group("store/large").facts == {"lane": 14}
    assert scenario.budget_usd_per_month == pytest.approx(150_000 / 0.92)
    blurred = next(data for data in scenario.data if data.name == "blurred")
    assert blurred.may_reach is not None
    assert {"store", "eu-central-1", "westeurope", "de"} <= blurred.may_reach
    assert "us-east-1" not in blurred.may_reach
    lan = next(link for link in scenario.links if link.name == "lan")
    assert (lan.up_bps, lan.down_bps, lan.each) == (1e9, 1e9, "node")  # what a gigabit port carries


def test_a_backup_line_and_a_broker_are_no_links_that_messages_take_today() -> None:
    assert [link.name for link in sample("smart-checkout-900").links] == ["lan", "fibre"]
    assert [link.name for link in sample("twelve-plants").links] == ["field", "radio", "wan"]


def test_the_plants_are_understood() -> None:
    scenario = sample("twelve-plants")
    defects = scenario.workload("defects")
    assert defects.arrivals == Periodic(30, "node", "aligned")
    assert defects.accuracy == {"inspect": {"int8": 0.975, "fp16": 0.988}}
    assert defects.requires.tiers == ("device", "gateway", "on_prem")
    assert defects.requires.latency == (Latency("eject", 0.999, 0.01),)
    assert scenario.pool("line_box").queues(scenario.group("plant/small")) == 4
    assert scenario.prices.node("rb3-gen-2").price.value == pytest.approx(420 / 0.92)  # type: ignore[union-attr]


def test_a_workload_like_another_takes_over_all_but_what_is_absent() -> None:
    scenario = sample("phone-assistant")
    ask, private = scenario.workload("ask"), scenario.workload("ask_private")
    assert [task.name for task in private.tasks] == ["draft"]
    assert private.task("draft").models == ask.task("draft").models
    assert private.task("draft").input is not None
    assert private.task("draft").input.data == "words_no"
    assert private.arrivals == Poisson(0.3 / 3600, "site")
    assert private.requires.accuracy_at_least == 0.6
    assert list(private.accuracy) == ["draft"]
    assert scenario.group("person/old").hardware == {"phone": None}
