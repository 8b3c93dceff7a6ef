"""The bill against figures worked out by hand."""

from __future__ import annotations

import pytest

import planner
import scenarios
from planner import bill
from planner.flows import planned_usage


def test_annuity_repays_the_capital() -> None:
    """Payments at the end of each year, discounted, are worth the capital."""
    for rate, years in ((0.0, 4), (0.05, 3), (0.08, 5), (0.2, 10)):
        payment = bill.annuity(rate, years)
        assert sum(payment / (1 + rate) ** year for year in range(1, years + 1)) == pytest.approx(1.0)


def test_the_published_million_pictures_cost_72_000_and_2_300_dollars_over_three_years() -> None:
    scenario = scenarios.load("smart-camera-million")
    edge = planner.plan(scenario)
    cloud = planner.plan(scenario, forbid=["box"])
    assert edge.usd_per_month is not None
    assert cloud.usd_per_month is not None
    assert edge.usd_per_month * 36 == pytest.approx(2_300, abs=0.5)
    assert cloud.usd_per_month * 36 == pytest.approx(72_000, abs=0.5)


def test_the_published_electricity_does_not_follow_from_the_measured_power() -> None:
    """50 USD a month, as published, would need a board that draws many times what it was measured to draw."""
    scenario = scenarios.load("smart-camera-million")
    running = "prices.jetson-orin-nano-super.running"
    without = {running: "absent", f"sources.{running}": "absent", "prices.electricity": "{us: 0.25 USD/kWh}"}
    measured = planner.plan(scenario.with_(without))
    electricity = sum(line.usd_per_month for line in measured.bill if line.item == "electricity" and line.of == "box")
    assert 0 < electricity < 50 / 8


def test_every_line_of_every_library_plan_can_be_traced() -> None:
    for name in scenarios.library():
        plan = planner.plan(scenarios.load(name))
        assert plan.bill, name
        for line in plan.bill:
            assert line.source, f"{name}: {line}"
            assert line.usd_per_month == pytest.approx(line.quantity * line.unit_price_usd)
        assert plan.usd_per_month == pytest.approx(sum(line.usd_per_month for line in plan.bill), abs=0.005)


def test_simulated_usage_is_priced_like_planned_usage() -> None:
    """The same function, within the noise of the simulation."""
    plan = planner.plan(scenarios.load("two-site-toy"))
    assert plan.placement is not None
    assert plan.result is not None
    planned = bill.total(bill.price(plan.scenario, plan.placement, planned_usage(plan.scenario, plan.placement)))
    simulated = bill.total(bill.price(plan.scenario, plan.placement, plan.result.usage))
    assert simulated == pytest.approx(planned, rel=0.02)
