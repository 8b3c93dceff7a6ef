"""Graphs of tasks as they are planned: what copies load, cost and take is what the simulation finds."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_cases import poisson, task, workload

import planner
import scenarios
import sim
from hardware_profiles.faults import BadInput
from planner.flows import planned_usage
from planner.latency import answer_accuracy
from scenarios.placement import Placement
from scenarios.scenario import Scenario

TEXT = """
schema: 1
name: graph
about: A till, a box and a region.
sites:
  shop: {region: de, groups: {all: {count: 1, tills: 2}}}
pools:
  till: {tier: device, at: shop, hardware: till, count: 1 per till, owned: all, paid_by: user}
  box: {tier: gateway, at: shop, hardware: box, count: 1..9}
  region: {tier: regional_cloud, at: westeurope, offer: node, count: 0..4}
links:
  line: {from: shop, to: westeurope, rtt: 20 ms, up: 10 Mbit/s, down: 50 Mbit/s}
data:
  picture: {class: personal, may_reach: [shop, eu]}
  label: {class: internal, may_reach: [shop, eu]}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 1 /s per till}
    tasks:
      quick: {time: {box: {p50: 50 ms, p99: 120 ms}}, input: 5 kB of picture, output: 1 kB of label, answers: true}
      sure: {after: quick, share: 30 %, time: {region: 80 ms}, input: 5 kB of picture, output: 1 kB of label,
             answers: true}
    requires:
      latency: {quick: {p95: 1 s}, sure: {p95: 1 s}, answer: {p95: 1 s}}
prices:
  till: {price: 1 USD, power: {idle: 0 W, busy: 0 W}}
  box: {price: 100 USD, power: {idle: 2 W, busy: 9 W}}
  node at westeurope: {hour: 0.1 USD/h}
study:
  simulate: {busiest: 500 s, warm_up: 10 s, replications: 5}
"""


def scenario(**changes: Any) -> Scenario:
    """With keys of the tasks changed: ``quick_times=3``."""
    return scenarios.load_text(TEXT, file="graph.yaml").with_(
        {f"workloads.scan.tasks.{key.replace('_', '.', 1)}": value for key, value in changes.items()}
    )


def planned(case: Scenario) -> Placement:
    found = planner.plan(case).placement
    assert found is not None
    return found


def same_usage(case: Scenario, placement: Placement) -> None:
    """What is planned to be used in a month is what the simulation uses, to within its sampling."""
    expected, found = planned_usage(case, placement), sim.simulate(case, placement, replications=10, seed=1).usage
    for name in ("busy_node_s", "calls", "messages", "bytes"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=0.05)


def test_three_copies_load_and_cost_three_times_as_much_and_last_as_long_as_the_slowest() -> None:
    one, three = scenario(), scenario(quick_times=3)
    plan = planner.plan(three)
    assert plan.placement is not None
    same_usage(three, plan.placement)
    usage = [planned_usage(case, planned(one)) for case in (one, three)]
    assert usage[1].calls["box", "shop/all"] == 3 * usage[0].calls["box", "shop/all"]
    assert usage[1].busy_node_s["box", "shop/all"] == pytest.approx(3 * usage[0].busy_node_s["box", "shop/all"])
    check = next(one for one in plan.checks if one.of == "quick")
    assert check.simulated is not None
    assert check.planned is not None
    # what is joined counts as independent, though copies wait for each other: too long, never too short
    assert check.simulated < check.planned < 1.25 * check.simulated


def test_a_speculative_task_is_paid_for_each_time_and_answers_as_soon_as_it_can() -> None:
    """The region is asked at once, for all; of the answers 30 % are its own, and none of them waits for the box."""
    after, ahead = scenario(), scenario(sure_speculative=True)
    plans = [planner.plan(case) for case in (after, ahead)]
    placements = [plan.placement for plan in plans]
    assert placements[0] is not None
    assert placements[1] is not None
    same_usage(ahead, placements[1])
    calls = [planned_usage(*both).calls["region", None] for both in zip((after, ahead), placements, strict=True)]
    assert calls[0] == pytest.approx(0.3 * calls[1])
    for plan in plans:
        checks = [check for check in plan.checks if check.unit == "s"]
        assert len(checks) == 3
        assert [check.simulated for check in checks] == pytest.approx([check.planned for check in checks], rel=0.1)
    late = [next(check.simulated for check in plan.checks if check.of == "sure") for plan in plans]
    assert late[0] is not None
    assert late[1] is not None
    assert late[0] - late[1] > 0.045


def test_limits_of_the_first_and_the_refined_answer_are_those_of_the_two_tasks() -> None:
    limits = {"first": {"p95": "1 s"}, "refined": {"p95": "300 ms"}, "answer": {"p95": "1 s"}}
    changes = {"workloads.scan.tasks.sure.speculative": True, "workloads.scan.requires.latency": limits}
    plan = planner.plan(scenario().with_(changes))
    found = {check.of: check for check in plan.checks if check.unit == "s"}
    assert set(found) == {"first", "refined", "answer"}
    assert all(check.verdict == "met" for check in found.values())
    assert plan.result is not None
    for of, meant in (("first", "quick"), ("refined", "sure")):
        assert found[of].simulated == plan.result.percentile("scan", meant, 0.95).value


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_answer_mix_of_a_cascade_is_that_of_all_its_outcomes(data: st.DataObject) -> None:
    """Three rungs, each of which may be speculative: every outcome of the shares in turn, the last answer counted."""
    shares = [data.draw(st.sampled_from((0.1, 0.5, 0.9, 1.0))) for _ in range(2)]
    ahead, right = data.draw(st.booleans()), [data.draw(st.sampled_from((0.5, 0.8, 0.95))) for _ in range(3)]
    last = task("c", after=("a",), share=shares[1], answers=True, ahead_of="b")
    if not ahead:
        last = task("c", after=("b",), share=shares[1], answers=True)
    chain = [task("a", answers=True), task("b", after=("a",), share=shares[0], answers=True), last]
    stream = workload("scan", poisson(1.0), chain)
    expected = 0.0
    for second, third in itertools.product((True, False), repeat=2):
        chance = (shares[0] if second else 1 - shares[0]) * (shares[1] if third else 1 - shares[1])
        expected += chance * right[2 if second and third else 1 if second else 0]
    assert answer_accuracy(stream, dict(zip("abc", right, strict=True))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"quick_speculative": True}, "a speculative task after nothing, expected after: the one task"),
        ({"sure_speculative": "maybe"}, "workloads.scan.tasks.sure.speculative"),
    ],
)
def test_speculation_that_cannot_be_is_named_with_its_place(changes: dict[str, Any], found: str) -> None:
    with pytest.raises(BadInput) as problem:
        scenario(**changes)
    assert found in str(problem.value)


def test_what_is_not_built_of_speculation_is_refused_by_name() -> None:
    judge = {"after": "sure", "time": {"box": "1 ms"}}
    case = scenario(sure_speculative="cancelled").with_({"workloads.scan.tasks.judge": judge})
    assert {(part.path, part.what) for part in case.not_yet} == {
        ("workloads.scan.tasks.sure.speculative", "speculative work that is cancelled"),
        ("workloads.scan.tasks.judge.after", "what comes after a speculative task"),
    }


BLUR = {
    "data.blurred": {"class": "internal"},
    "workloads.scan.tasks.blur": {
        "after": "quick",
        "time": {"box": "2 ms"},
        "input": "5 kB of picture",
        "output": "2 kB of blurred",
        "redacts": "picture",
    },
    "workloads.scan.tasks.sure.after": "blur",
    "workloads.scan.tasks.sure.input": "absent",
}


def test_what_is_redacted_may_go_where_the_original_may_not() -> None:
    """The picture stays in the shop: the region is asked about the blurred one only."""
    stays = {"data.picture.may_reach": ["shop"]}
    assert planner.plan(scenario().with_(stays)).placement is None
    case = scenario().with_({**BLUR, **stays})
    assert case.not_yet == ()
    (route,) = planned(case).routes
    assert {step.task: step.pool for step in route.steps} == {"quick": "box", "blur": "box", "sure": "region"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"blur.redacts": "absent"},
            "output: found blurred, which is internal, made of picture, which is personal, expected",
        ),
        ({"blur.output": "2 kB of picture"}, "found picture, which is personal, expected an item of a lower class"),
        ({"blur.output": "2 kB"}, "found an output that is no data item, expected an item of a lower class"),
        ({"blur.redacts": "label", "blur.output": "2 kB of blurred"}, "expected an item of a lower class than label"),
        ({"blur.redacts": "pictures"}, "pictures"),
        ({"quick.input": "5 kB", "blur.input": "1 kB of label"}, "picture, which no task up to here is given or makes"),
    ],
)
def test_a_class_gets_lower_by_redaction_only(changes: dict[str, Any], found: str) -> None:
    """What a model finds and what is an answer are of the class that their item says."""
    with pytest.raises(BadInput) as problem:
        scenario().with_({**BLUR, **{f"workloads.scan.tasks.{key}": value for key, value in changes.items()}})
    assert found in str(problem.value)
    assert "workloads.scan.tasks.blur" in str(problem.value)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"quick_times": 0}, "1 to 256"),
        ({"quick_times": True}, "how many copies"),
        ({"quick_times": 20, "sure_times": 20}, "400 messages of each request to 20 copies, expected at most 256"),
        ({"quick_times": 2, "quick_queue": {"keep": "latest"}}, "take each other's places"),
    ],
)
def test_copies_that_cannot_be_are_named_with_their_place(changes: dict[str, Any], found: str) -> None:
    with pytest.raises(BadInput) as problem:
        scenario(**changes)
    assert found in str(problem.value)
    assert "workloads.scan.tasks." in str(problem.value)
