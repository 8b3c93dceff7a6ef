"""How requests come, from the text to the vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_scenarios_bad_input import TOY

import planner
import scenarios
import sim
from hardware_profiles import BadInput
from scenarios.scenario import Scenario
from scenarios.workloads import BurstState, Bursty, Periodic


def scan(arrivals: str, folder: Path | None = None, more: str = "") -> Scenario:
    text = TOY.replace("{kind: poisson, rate: 2 /s per till}", f"{{{arrivals}}}") + more
    return scenarios.load_text(text, folder=folder)


def test_jitter_is_simulated_and_judged_by_the_simulation_alone() -> None:
    scenario = scan("kind: periodic, rate: 2 /s per till, jitter: 500 ms")
    assert scenario.workload("scan").arrivals == Periodic(2.0, "node", "random", 0.5)
    assert scenario.not_yet == ()
    assert [(part.path, part.what) for part in scenario.judged] == [
        ("workloads.scan.arrivals.jitter", "jitter of periodic sources")
    ]


def test_a_rate_in_all_leaves_room_for_more_jitter() -> None:
    """Two shops of three tills share 2 a second: each sends every three seconds."""
    assert scan("kind: periodic, rate: 2 /s in all, jitter: 3 s").not_yet == ()
    with pytest.raises(BadInput, match="every 3000 ms"):
        scan("kind: periodic, rate: 2 /s in all, jitter: 3.1 s")


def test_the_rate_of_on_and_off_is_the_mean() -> None:
    scenario = scan("kind: bursty, rate: 2 /s per till, burst: {on: 30 s, off: 2 min}")
    assert scenario.workload("scan").arrivals == Bursty(2.0, "node", (BurstState(5.0, 30.0), BurstState(0.0, 120.0)))
    assert [part.path for part in scenario.judged] == ["workloads.scan.arrivals.burst"]


def test_states_say_their_own_rates() -> None:
    states = "{rate: 1 /s, lasts: 20 s}, {rate: 12 /s, lasts: 2 s}"
    scenario = scan(f"kind: bursty, per: till, burst: {{states: [{states}]}}")
    assert scenario.workload("scan").arrivals == Bursty(2.0, "node", (BurstState(0.5, 20.0), BurstState(6.0, 2.0)))


@pytest.mark.slow
def test_bursts_are_planned_as_a_poisson_process_and_verified_as_they_are() -> None:
    calm = planner.plan(scan("kind: poisson, rate: 2 /s per till"))
    bursty = planner.plan(scan("kind: bursty, rate: 2 /s per till, burst: {on: 3 s, off: 27 s}"))
    assert bursty.placement is not None
    assert calm.usd_per_month is not None
    assert bursty.usd_per_month is not None
    assert bursty.usd_per_month >= calm.usd_per_month
    result = sim.simulate(bursty.scenario, bursty.placement, replications=2)
    assert result.engine_note is None
