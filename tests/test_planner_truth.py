"""The planner against the truth of the simulator, on the quickest of the small scenarios of ``make brute-force``."""

from __future__ import annotations

import pytest
from brute_force import compare, placements
from small_scenarios import NUMBERS, small

import scenarios


@pytest.mark.slow
@pytest.mark.parametrize("number", [4, 8, 19])
def test_the_plan_costs_what_the_truth_does_within_its_own_gap(number: int) -> None:
    row = compare(number)
    assert row.cheapest is not None
    assert row.planned is not None
    assert row.bound is not None
    assert row.verdict.startswith("met")
    assert row.bound - 0.005 <= row.cheapest <= row.planned + 0.005
    assert row.repriced == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_small_scenario_is_planned_and_simulated_in_full(number: int) -> None:
    scenario = scenarios.load_text(small(number)[1], file=f"small-{number}.yaml")
    assert not scenario.not_yet
    assert not scenario.holes


def test_every_placement_is_listed_once_cheapest_first() -> None:
    every = placements(scenarios.load_text(small(8)[1], file="small-8.yaml"))
    assert len({one.placement for one in every}) == len(every) == 9
    assert [one.usd for one in every] == sorted(one.usd for one in every)
