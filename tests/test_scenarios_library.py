"""The scenarios that come with Tierwise: valid, in the schema, and saying what their comments promise."""

from pathlib import Path

import jsonschema
import pytest

import scenarios
from hardware_profiles import profiles
from scenarios.loading import _shipped
from scenarios.yaml_text import read

SAMPLES = sorted((Path(__file__).parent / "data" / "scenarios").glob("*.yaml"))


def test_the_library_lists_four_scenarios_with_what_they_are_about() -> None:
    assert list(scenarios.library()) == ["factory-vision", "parking-lot", "smart-camera-million", "two-site-toy"]
    assert all(scenarios.library().values())


@pytest.mark.parametrize("name", scenarios.library())
def test_nothing_in_the_library_waits_for_a_later_version(name: str) -> None:
    assert scenarios.load(name).not_yet == ()


@pytest.mark.parametrize("name", scenarios.library())
def test_every_what_if_of_the_library_loads(name: str) -> None:
    scenario = scenarios.load(name)
    for what_if in scenario.what_ifs:
        assert scenario.with_what_if(what_if).changes == (f"with {what_if}",)


def test_the_schema_is_valid_and_accepts_the_library_and_the_samples() -> None:
    schema = scenarios.json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for name, data in [*_shipped().items(), *((path.name, path.read_bytes()) for path in SAMPLES)]:
        tree = dict(read(data, name).tree)
        tree["workloads"] = {key: text for key, text in tree["workloads"].items() if "like" not in text}
        assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(tree)] == []


def test_the_schema_refuses_an_unknown_key_and_documents_the_known_ones() -> None:
    schema = scenarios.json_schema()
    tree = dict(read(_shipped()["two-site-toy"], "toy").tree)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors({**tree, "piles": {}}))
    assert all(entry.get("description") for entry in schema["properties"].values())


def test_factory_vision_says_what_its_issue_says() -> None:
    scenario = scenarios.load("factory-vision")
    (group,) = scenario.groups
    assert (group.count, group.facts) == (1, {"line": 10})
    camera, gateway = scenario.pool("camera"), scenario.pool("gateway")
    assert (camera.count.low, camera.count.per, camera.paid_by_user) == (6, "line", True)
    assert (gateway.count.low, gateway.count.high, gateway.count.per) == (0, 4, "line")
    defects = scenario.workload("defects")
    assert defects.requires.accuracy_measure == "mAP50-95 on COCO val2017"
    assert scenario.prices.tariff("de").value == pytest.approx(0.19 / 0.92)


def test_the_published_bills_of_smart_camera_million_follow_to_the_dollar() -> None:
    prices = scenarios.load("smart-camera-million").prices
    box = prices.node("jetson-orin-nano-super")
    assert box.price is not None
    assert box.fixed_per_month is not None
    request = prices.offer("vision-service", "us-east-1").per_request
    assert request is not None
    (line,) = scenarios.load("smart-camera-million").links
    assert prices.discount_rate().value == 0
    assert round(1e6 * (request.value + line.usd_per_message) * 36) == 72_000
    assert round(box.price.value + box.fixed_per_month.value * 12 * box.lifetime_years.value) == 2_300


def test_the_published_electricity_does_not_follow_from_the_measured_board() -> None:
    """A finding that the scenario states: 50 USD a month would need a board of several hundred watts."""
    board = scenarios.load("factory-vision").prices.node("jetson-orin-nano-super")
    assert board.busy_w is not None
    dearest = board.busy_w.value * 730 / 1000 * 0.40  # USD a month at the price of German households
    assert dearest < 0.15 * 50


def test_of_what_was_measured_only_the_stick_with_small_pictures_keeps_the_published_50_ms() -> None:
    def fastest(model: str, hardware: str, px: int) -> tuple[float, float]:
        time = profiles(model, hardware, input_px=px)[0].service
        return round(time.mean_s * 1e3, 1), round(time.quantile(0.99) * 1e3, 1)

    assert scenarios.load("parking-lot").workload("watch").requires.latency[0].limit_s == 0.05
    assert fastest("yolo11n", "raspberry-pi-5", 640) == (81.2, 139.7)
    assert fastest("yolo26n", "raspberry-pi-5", 640) == (67.7, 116.4)
    assert fastest("yolov8n", "raspberry-pi-5-coral", 512) == (53.5, 67.1)
    assert fastest("yolov8n", "raspberry-pi-5-coral", 320) == (22.2, 27.9)
    assert profiles("yolov8n", "raspberry-pi-5", input_px=320) == ()
