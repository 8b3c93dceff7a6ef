"""Demand that changes over the week: planned and simulated at the busiest hour, billed over all of them."""

from __future__ import annotations

import pytest
from sim_cases import placement, poisson, pool, scenario, task, workload
from test_scenarios_bad_input import TOY

import planner
import scenarios
import sim
from app.tables.month import month
from hardware_profiles import BadInput
from planner.flows import planned_usage
from scenarios.calendar import Week, hour_name, hour_of
from scenarios.demand import sources
from scenarios.scenario import Scenario

QUIET = ", ".join(["0"] * 6 + ["0.5"] * 12 + ["1"] * 2 + ["0"] * 4)
DEMAND = f"demand: {{open: {{weekday: [{QUIET}], saturday: [{QUIET.replace('0.5', '2')}], sunday: closed}}}}\n"


def shop(more: str = "") -> Scenario:
    text = TOY.replace("rate: 2 /s per till", "rate: 2 /s per till, shape: open")
    return scenarios.load_text(text + DEMAND + more)


def test_a_week_has_the_hours_of_its_days() -> None:
    week = shop().workload("scan").week
    assert [week.at(hour_of(text)) for text in ("mon 0:00", "fri 17:59", "Saturday 6:00", "sat 19:00", "su 12:00")] == [
        0.0,
        0.5,
        2.0,
        1.0,
        0.0,
    ]
    assert week.busiest == 2.0
    assert week.mean == pytest.approx((5 * (12 * 0.5 + 2) + 12 * 2 + 2) / 168)


def test_a_day_counts_before_weekdays_and_these_before_every_day() -> None:
    hours = ", ".join(["1"] * 24)
    text = f"demand: {{open: {{every day: closed, weekday: [{hours}], tuesday: closed}}}}\n"
    week = scenarios.load_text(TOY.replace("till}", "till, shape: open}", 1) + text).workload("scan").week
    assert [week.at(24 * day) for day in range(7)] == [1, 0, 1, 1, 1, 0, 0]


def test_every_hour_has_a_name() -> None:
    assert [hour_of(hour_name(hour)) for hour in range(168)] == list(range(168))


@pytest.mark.parametrize("text", ["", "sat", "11:00", "sat 24:00", "sat 11:60", "day 11:00", "sat 11"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no hour of a week"):
        hour_of(text)


def test_sources_send_as_in_the_busiest_hour_or_the_one_that_is_asked_for() -> None:
    this = shop()
    scan, group = this.workload("scan"), this.group("shop/all")
    assert sources(this, scan, group).rate_per_s == 4.0
    assert sources(this, scan, group, hour_of("tue 12:00")).rate_per_s == 1.0
    assert sources(this, scan, group, hour_of("sun 12:00")).rate_per_s == 0.0
    assert "24 requests/s at the busiest hour" in scenarios.totals.totals(this)[0].replace("scans", "requests")


def test_jitter_must_fit_into_the_busiest_hour() -> None:
    text = TOY.replace(
        "kind: poisson, rate: 2 /s per till", "kind: periodic, rate: 2 /s per till, jitter: 260 ms, shape: open"
    )
    with pytest.raises(BadInput, match="found 260 ms, with a request of each source every 250 ms"):
        scenarios.load_text(text + DEMAND)


def test_volumes_of_a_month_are_those_of_its_average_hour_and_nodes_those_of_the_busiest() -> None:
    this, flat = shop(), scenarios.load_text(TOY.replace("2 /s per till", "4 /s per till"))
    week = this.workload("scan").week
    planned, constant = planner.plan(this), planner.plan(flat)
    assert planned.placement is not None
    assert planned.placement == constant.placement
    shaped, full = planned_usage(this, planned.placement), planned_usage(flat, planned.placement)
    for kind in ("requests", "busy_node_s", "calls", "messages", "bytes"):
        for key, amount in getattr(full, kind).items():
            assert getattr(shaped, kind)[key] == pytest.approx(amount * week.mean / week.busiest)
    simulated = sim.simulate(this, planned.placement, replications=4).usage
    for key, amount in shaped.requests.items():
        assert simulated.requests[key] == pytest.approx(amount, rel=0.05)
    fixed = {line.item: line.usd_per_month for line in constant.bill if line.item == "hardware"}
    assert fixed == {line.item: line.usd_per_month for line in planned.bill if line.item == "hardware"}


def two_weeks() -> Scenario:
    """A workload of the day and one of the night."""
    by_day = Week(tuple(1.0 if 6 <= hour % 24 < 18 else 0.0 for hour in range(168)))
    by_night = Week(tuple(2.0 - 2.0 * cell for cell in by_day.cells))
    streams = [
        workload("day", poisson(10.0), [task("a")], week=by_day),
        workload("night", poisson(10.0), [task("b")], week=by_night),
    ]
    return scenario([pool("camera", "device"), pool("box")], streams)


def test_an_hour_has_what_comes_in_it_and_the_busiest_hours_have_all() -> None:
    this = two_weeks()
    placed = placement(this, {"a": ("box", 0.01), "b": ("box", 0.01)})
    rates = {"busiest": {"day": 10.0, "night": 20.0}, "mon 12:00": {"day": 10.0}, "mon 3:00": {"night": 20.0}}
    for hour, expected in rates.items():
        at = None if hour == "busiest" else hour_of(hour)
        result = sim.simulate(this, placed, replications=10, span_s=20, at=at)
        assert result.summary()["hour"] == hour
        born = result.workloads.set_index("workload")["requests"] / 200
        assert born.to_dict() == pytest.approx(expected, rel=0.1)
        for name in expected:  # half of the time each
            assert result.usage.requests[name, "shop/all"] == pytest.approx(730 * 3600 * expected[name] / 2, rel=0.1)
    assert result.links.empty


def test_both_engines_play_an_hour_alike() -> None:
    this = two_weeks()
    placed = placement(this, {"a": ("box", 0.01), "b": ("box", 0.01)})
    one, other = (
        sim.simulate(this, placed, engine=name, at=3, requests=True).requests for name in ("simpy", "compiled")
    )
    assert one.equals(other)


def test_an_hour_in_which_nothing_comes_is_refused() -> None:
    this = shop()
    planned = planner.plan(this)
    assert planned.placement is not None
    with pytest.raises(BadInput, match=r"study.simulate.at: found sun 12:00, when nothing comes"):
        sim.simulate(this, planned.placement, at=hour_of("sun 12:00"))


def test_what_is_silent_in_the_hour_played_stays_in_the_month() -> None:
    text = TOY.replace("2 /s per till", "2 /s per till, shape: open") + DEMAND
    other = "  night:\n    source: till\n    arrivals: {kind: poisson, rate: 1 /s per till}\n"
    this = scenarios.load_text(
        text.replace(
            DEMAND, f"{other}    tasks: {{send: {{time: 1 ms, pools: region, input: 60 kB of photo}}}}\n{DEMAND}"
        )
    )
    planned = planner.plan(this)
    assert planned.placement is not None
    whole = month(this, planned.placement, planned_usage(this, planned.placement))
    quiet = sim.simulate(this, planned.placement, replications=2, at=hour_of("sun 12:00"))
    assert [name for name, _ in quiet.usage.requests] == ["night"]
    found = month(this, planned.placement, quiet.usage)
    assert found["cost_usd_per_month"] == pytest.approx(whole["cost_usd_per_month"], rel=0.02)
    assert found["links"]["line"]["bytes_up_per_month"] == pytest.approx(
        whole["links"]["line"]["bytes_up_per_month"], rel=0.05
    )
