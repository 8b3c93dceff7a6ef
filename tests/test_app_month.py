"""A month of the toy, by hand."""

from __future__ import annotations

from typing import Any

import pytest

import scenarios
from app.printed.simulated import energy_in_words, saved_in_words
from app.tables.month import month
from planner.flows import planned_usage
from planner.planning import plan as make
from scenarios.placement import Placement

TASKS = "workloads.scan.tasks"


@pytest.fixture(scope="module")
def placement() -> Placement:
    """Of the toy: 5 kB are read in the shop, one reading in ten goes to the region."""
    found = make(scenarios.load("two-site-toy")).placement
    assert found is not None
    return found


def saved(placement: Placement, changes: dict[str, Any]) -> float:
    scenario = scenarios.load("two-site-toy", set={f"{TASKS}.{path}": value for path, value in changes.items()})
    fraction = month(scenario, placement, planned_usage(scenario, placement))["bandwidth_saved_fraction"]
    assert isinstance(fraction, float)
    return fraction


def test_energy_carbon_cost_and_saved_bytes_of_the_toy() -> None:
    scenario = scenarios.load("two-site-toy")
    plan = make(scenario)
    assert plan.placement is not None
    found = month(scenario, plan.placement, planned_usage(scenario, plan.placement))
    assert found["energy_wh"] == pytest.approx(2 * 10 * 730)  # two boxes of 10 W, busy or not
    assert found["energy_covers"] == ["box"]
    assert found["energy_leaves_out"] == ["region"]
    assert energy_in_words(found).endswith("without region's own power")
    assert found["links"]["line"]["bytes_up_per_month"] == pytest.approx(0.1 * 3 * 10 * 5000 * 730 * 3600)
    grid = scenario.prices.carbon("de")
    assert grid is not None
    assert found["carbon_g"] == pytest.approx(14.6 * grid.value)
    assert found["cost_usd_per_month"] == pytest.approx(6.92 + 7.30 + 0.3942)
    assert found["bandwidth_saved_fraction"] == pytest.approx(0.9)  # one reading in ten goes up, as large as it came


def test_energy_that_nobody_knows_is_no_zero() -> None:
    scenario = scenarios.load("smart-camera-million")
    placement = make(scenario, fix={"recognise": "service"}).placement
    assert placement is not None
    found = month(scenario, placement, planned_usage(scenario, placement))
    assert found["energy_wh"] is None
    assert found["carbon_g"] is None
    assert found["energy_leaves_out"] == ["service"]
    assert energy_in_words(found) == "energy not known (no power of service)"


def test_batches_are_added_by_formula_though_they_are_not_played() -> None:
    scenario = scenarios.load("factory-vision", set={"links.uplink.price": "{data: 1 USD/GB}"})
    plan = make(scenario)
    assert plan.placement is not None
    assert plan.result is not None
    found = month(scenario, plan.placement, plan.result.usage)
    assert found["cost_usd_per_month"] == pytest.approx(plan.usd_per_month, rel=0.01)
    sent_gb = 1.5 * 730 / 24
    assert found["links"]["uplink"]["bytes_up_per_month"] == pytest.approx(sent_gb * 1e9)
    raw_gb = 1800 * 60e3 * 730 * 3600 / 1e9
    assert found["bandwidth_saved_fraction"] == pytest.approx(1 - sent_gb / (raw_gb + sent_gb), abs=1e-6)


@pytest.mark.parametrize(
    ("message", "raw_kb", "sent_kb"),
    [
        ("2 kB of label", 5, 0.2),  # in the 5 kB that are read
        ("5 kB of label", 5, 0.5),
        ("50 kB of label", 0.1 * 50 + 0.9 * 5, 5),  # the larger one serves both
        ("50 kB of verdict", 5 + 0.1 * 50, 5),
        ("50 kB", 5 + 0.1 * 50, 5),  # nobody says that it is the same
    ],
)
def test_a_data_item_that_several_tasks_read_at_the_source_is_raw_once(
    placement: Placement, message: str, raw_kb: float, sent_kb: float
) -> None:
    both_first = {"match.after": "absent", "match.input": message}
    assert saved(placement, both_first) == pytest.approx(1 - sent_kb / raw_kb)


def test_more_than_the_raw_bytes_may_leave_and_is_told_in_times(placement: Placement) -> None:
    fraction = saved(placement, {"match.input": "500 kB of label"})
    assert fraction == pytest.approx(-9)
    assert " ".join(saved_in_words(fraction)) == "10 times the raw bytes leave the sites"
    everything = saved(placement, {"match.input": "50 kB of label"})
    assert saved_in_words(everything) == ("0.0 %", "of the raw bytes stay at the sites")


@pytest.mark.parametrize(
    ("wh", "grams", "told"),
    [
        (10_400, 400, "10 kWh and 400 g of CO2"),
        (238_600, 79_600, "239 kWh and 80 kg of CO2"),
        (640, 0.44, "640 Wh and 0.44 g of CO2"),
        (1_500, None, "1.5 kWh"),
    ],
)
def test_small_amounts_are_in_small_units(wh: float, grams: float | None, told: str) -> None:
    found = {"energy_wh": wh, "carbon_g": grams, "energy_covers": ["box"], "energy_leaves_out": []}
    assert energy_in_words(found) == told
