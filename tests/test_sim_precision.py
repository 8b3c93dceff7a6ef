"""``precision``: replications are added until the percentiles of the limits are known sharply enough."""

from __future__ import annotations

import json
import math

import pytest
from sim_cases import periodic, placement, poisson, pool, same_play, scenario, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from scenarios.workloads import Batch, Latency, Requirements
from sim.measures import Interval, verdict
from sim.precision import replications_for


def shop(*limits: Latency, share: float = 1.0) -> tuple[Scenario, Placement]:
    tasks = [task("look", answers=True), task("read", after=("look",), share=share, answers=True)]
    case = scenario(
        [pool("camera", "device", count=2), pool("box")],
        [workload("watch", poisson(40.0), tasks, requires=Requirements(latency=limits))],
    )
    return case, placement(case, {"look": ("box", ServiceTime.exponential(0.004)), "read": ("box", 0.002)})


P90 = Latency("look", 0.9, 0.030)


def test_replications_are_added_until_the_limit_is_known_well_enough() -> None:
    found = sim.simulate(*shop(P90), replications=4, precision=0.1)
    assert found.precision is not None
    assert found.precision.met
    assert 4 < found.replications < 200
    interval = found.percentile("watch", "look", 0.9, "shop/all")
    assert found.precision.reached == pytest.approx((interval.high - interval.low) / 2 / interval.value)
    assert found.precision.reached <= 0.1


def test_the_result_is_that_of_so_many_replications_byte_for_byte() -> None:
    added = sim.simulate(*shop(P90), replications=4, precision=0.1)
    straight = sim.simulate(*shop(P90), replications=added.replications)
    for one, other in zip(added.played, straight.played, strict=True):
        assert same_play(one, other)
    assert straight.precision is None
    assert {**added.summary(), "precision": None} == straight.summary()


def test_the_budget_of_replications_ends_it_and_the_result_says_so() -> None:
    told: list[tuple[int, int]] = []
    found = sim.simulate(*shop(P90), replications=4, precision=0.001, most=9, progress=lambda *done: told.append(done))
    assert found.replications == 9
    assert found.precision is not None
    assert not found.precision.met
    assert found.precision.reached > 0.001
    assert told == [(done, 9) for done in range(1, 10)]
    assert json.loads(json.dumps(found.summary(), allow_nan=False))["precision"] == {
        "asked": 0.001,
        "reached": found.precision.reached,
    }


def test_every_limit_counts_and_the_answer_where_there_is_none() -> None:
    """A rare task is known less well than a common one; without a limit it is the p95 of the answer."""
    rare = Latency("read", 0.99, 0.060)
    one, both = (
        sim.simulate(*shop(*which, share=0.1), replications=6, precision=0.5, most=6) for which in ((P90,), (P90, rare))
    )
    assert one.precision is not None
    assert both.precision is not None
    assert both.precision.reached > one.precision.reached
    none = sim.simulate(*shop(), replications=6, precision=0.5, most=6)
    assert none.precision is not None
    assert none.precision.reached == none.percentile("watch", "answer", 0.95, "shop/all").precision


def test_what_never_varies_is_known_at_once_and_what_was_never_seen_is_not_known() -> None:
    case = scenario([pool("camera", "device"), pool("box")], [workload("watch", periodic(10.0), [task("look")])])
    constant = sim.simulate(case, placement(case, {"look": ("box", 0.004)}), replications=2, precision=0.01)
    assert (constant.replications, constant.precision and constant.precision.reached) == (2, 0.0)
    never = sim.simulate(*shop(Latency("read", 0.9, 1.0), share=1e-9), replications=2, precision=0.1, most=3)
    assert never.precision is not None
    assert never.precision.reached == math.inf
    assert never.summary()["precision"]["reached"] is None


def test_where_nothing_is_simulated_tables_are_empty_and_no_precision_is_known() -> None:
    batch = Batch(86_400.0, 25_200.0, "site")
    case = scenario([pool("camera", "device"), pool("box")], [workload("upload", batch, [task("send")])])
    found = sim.simulate(case, placement(case, {"send": ("box", 1.0)}), replications=2, precision=0.02)
    assert found.replications == 2
    assert found.precision is not None
    assert math.isnan(found.precision.reached)
    assert not found.precision.met
    summary = json.loads(json.dumps(found.summary(), allow_nan=False))
    assert summary["precision"] == {"asked": 0.02, "reached": None}
    assert summary["workloads"] == summary["stations"] == summary["links"] == {}
    full = sim.simulate(*shop(P90), replications=2)
    for name in ("workloads", "tasks", "stations", "links"):
        table = getattr(found, name)
        assert table.empty
        assert table.columns.tolist() == getattr(full, name).columns.tolist()
    assert found.response().empty
    assert found.response().columns.tolist() == full.response().columns.tolist()


def test_a_task_that_nobody_came_to_has_no_worst_queue() -> None:
    never = sim.simulate(*shop(share=1e-9), replications=2)
    where, seconds = never.worst_queue("watch", "read", 0.95)
    assert where == ""
    assert math.isnan(seconds)


@pytest.mark.parametrize("wrong", [{"precision": 0.0}, {"precision": 1.0}, {"precision": 0.1, "most": 0}])
def test_a_precision_that_cannot_be_asked_for(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a precision of"):
        sim.simulate(*shop(P90), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "reached", "played", "wanted"),
    [(0.1, 0.11, 100, 121), (0.1, 0.5, 10, 15), (0.1, math.inf, 1, 2), (0.1, 0.1000001, 10, 11)],
)
def test_a_width_shrinks_with_the_root_of_the_replications(
    asked: float, reached: float, played: int, wanted: int
) -> None:
    assert replications_for(asked, reached, played) == wanted


# the verdict


@pytest.mark.parametrize(
    ("attained", "percentile", "expected"),
    [
        ((0.97, 0.96, 0.98), (0.09, 0.08, 0.099), "met"),
        ((0.97, 0.96, 0.98), (0.09, 0.08, 0.101), "undecided"),
        ((0.97, 0.94, 0.98), (0.09, 0.08, 0.099), "undecided"),
        ((0.93, 0.92, 0.949), (0.2, 0.1, 0.3), "missed"),
        ((0.97, math.nan, math.nan), (0.09, math.nan, math.nan), "undecided"),
    ],
)
def test_a_limit_is_met_or_missed_only_where_the_intervals_are_clear_of_it(
    attained: tuple[float, float, float], percentile: tuple[float, float, float], expected: str
) -> None:
    """At least 95 % within 100 ms."""
    assert verdict(Interval(*attained), Interval(*percentile), 0.95, 0.1) == expected


def test_the_summary_gives_a_verdict_for_each_limit_at_each_group() -> None:
    limits = (Latency("look", 0.9, 0.200), Latency("look", 0.9, 0.001), Latency("read", 0.9, 0.200))
    found = sim.simulate(*shop(*limits), replications=8)
    listed = found.summary()["workloads"]["watch"]["attainment"]
    assert [(one["of"], one["group"], one["verdict"]) for one in listed] == [
        ("look", "shop/all", "met"),
        ("look", "shop/all", "missed"),
        ("read", "shop/all", "met"),
    ]
    assert found.verdict("watch", "look", 0.9, 0.001) == "missed"
