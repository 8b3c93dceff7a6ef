"""The levers of a scenario: whatever is slid wherever, the scenario stays one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from app.web.levers import MOST, Lever, levers
from planner.plans import Flip
from scenarios.changes import value_at
from scenarios.scenario import Scenario
from scenarios.units import parse

SAMPLES = sorted((Path(__file__).parent / "data" / "scenarios").glob("*.yaml"))
NAMES = (*scenarios.library(), *map(str, SAMPLES))


@lru_cache
def loaded(name: str) -> Scenario:
    return scenarios.load(name)


def toy() -> Scenario:
    return loaded("two-site-toy")


def lever(scenario: Scenario, path: str) -> Lever:
    return next(one for one in levers(scenario) if one.path == path)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_has_a_few_levers_that_start_where_it_stands(name: str) -> None:
    scenario = loaded(name)
    found = levers(scenario)
    assert 3 <= len(found) <= MOST
    assert len({one.path for one in found}) == len({one.label for one in found}) == len(found)
    for one in found:
        assert one.now in one.values
        assert len(one.values) >= 4
        assert [parse(text).value for text in one.values] == sorted({parse(text).value for text in one.values})
        written = value_at(scenario.document, one.path)
        if written is not None:  # a price may come from the catalogue
            assert parse(one.now).value == pytest.approx(parse(str(written)).value)
        assert one.setting("x") == f"{one.path}=x"


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_lever_at_every_position_gives_a_valid_scenario_that_says_so(data: st.DataObject) -> None:
    scenario = loaded(data.draw(st.sampled_from(NAMES)))
    one = data.draw(st.sampled_from(levers(scenario)))
    value = data.draw(st.sampled_from(one.values))
    changed = scenario.with_({one.path: value})
    assert parse(str(value_at(changed.document, one.path))) == parse(value)


def test_the_ends_of_every_lever_of_the_library_are_valid() -> None:
    for name in scenarios.library():
        for one in levers(loaded(name)):
            for value in (one.values[0], one.values[-1]):
                assert loaded(name).with_({one.path: value}).changes == (one.setting(value),)


def test_the_toy_has_the_levers_that_its_comment_talks_about() -> None:
    assert [(one.label, one.now) for one in levers(toy())] == [
        ("read: p99 limit", "12 ms"),
        ("match: p95 limit", "60 ms"),
        ("scan: arrivals", "10 /s per till"),
        ("shop, north: sites", "1"),
        ("shop, south: sites", "1"),
        ("line: round trip", "20 ms"),
        ("line: up", "10 Mbit/s"),
    ]


def test_a_lever_reaches_a_decade_both_ways_in_round_steps() -> None:
    values = lever(toy(), "workloads.scan.requires.latency.read.p99").values
    assert values[:3] == ("1.2 ms", "1.5 ms", "2 ms")
    assert values[-2:] == ("100 ms", "120 ms")


def test_what_moves_the_answer_comes_first_with_its_flip_as_a_position() -> None:
    path = "links.line.rtt"
    flip = Flip(
        path, "line round trip", 0.02, 0.0013, "s", "region", "regional_cloud", "toy-machine", f"{path}='1.3 ms'"
    )
    first, *others = levers(toy(), [flip])
    assert first.path == path
    assert "1.3 ms" in first.values
    assert first.flips == "to region (regional cloud) if line round trip ≤ 1.3 ms"
    assert [one.flips for one in others] == [""] * len(others)
    assert {one.path for one in (first, *others)} == {one.path for one in levers(toy())}


def test_a_value_from_elsewhere_is_one_more_position() -> None:
    one = lever(toy(), "links.line.rtt")
    more = one.with_value("33 ms")
    assert "33 ms" in more.values
    assert len(more.values) == len(one.values) + 1
    assert one.with_value("0.02 s").values == one.values  # the same as 20 ms
    assert one.position("0.02 s") == "20 ms"
