"""A month of the toy, by hand."""

from __future__ import annotations

import pytest

import scenarios
from app.printed.simulated import energy_in_words
from app.tables.month import month
from planner.flows import planned_usage
from planner.planning import plan as make


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
