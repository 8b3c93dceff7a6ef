"""Cascades, and tasks that start before it is known whether they are needed. In milliseconds after each birth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sim_cases import MS, link, periodic, placement, pool, scenario, task, workload

import sim
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from sim.result import Result
from sim.simulation import ENGINES

POOLS = [pool("camera", "device"), pool("box"), pool("hub", "on_prem"), pool("core", "cloud", "west")]
UPLINK = link("uplink", ("shop", "west"), rtt_s=0.010)


def simulated(case: Scenario, placed: Placement, span_s: float = 0.1) -> Result:
    """Played once, alike on both engines."""
    one, other = (
        sim.simulate(case, placed, replications=1, span_s=span_s, warm_up_s=0.0, engine=engine, requests=True)
        for engine in ENGINES
    )
    assert one.requests.equals(other.requests)
    assert one.response().equals(other.response())
    assert one.workloads.equals(other.workloads)
    return one


def paths(result: Result) -> dict[tuple[tuple[Any, ...], ...], int]:
    """How many requests did what: (task, started, completed, delivered) of each, after its birth."""
    found: dict[tuple[tuple[Any, ...], ...], int] = {}
    for _, table in result.requests.groupby("sequence"):
        instants = [
            ((table[f"{name}_ns"] - table["born_ns"]) / MS).tolist() for name in ("started", "completed", "delivered")
        ]
        path = tuple(sorted(zip(table["task"], *instants, strict=True)))
        found[path] = found.get(path, 0) + 1
    return found


def answers(result: Result, of: str = "answer") -> dict[float, int]:
    """How many requests had which response [ms]."""
    seconds, numbers = result.distribution("scan", of)
    return dict(zip(np.round(seconds * 1e3, 6).tolist(), numbers.tolist(), strict=True))


QUICK = ("quick", 0.0, 4.0, 4.0)
SURE = ("sure", 4.0, 12.0, 12.0)
LAST = ("z_last", 17.0, 37.0, 42.0)


def test_of_three_rungs_the_last_that_runs_gives_the_answer() -> None:
    """4 ms on the box; of a half 8 ms more on the hub; of a half of these 20 ms in the cloud, 5 ms away."""
    tasks = [
        task("quick", answers=True),
        task("sure", after=("quick",), share=0.5, answers=True),
        task("z_last", after=("sure",), share=0.5, answers=True),
    ]
    case = scenario(POOLS, [workload("scan", periodic(10), tasks)], [UPLINK])
    at = {"quick": ("box", 0.004), "sure": ("hub", 0.008), "z_last": ("core", 0.020)}
    result = simulated(case, placement(case, at), 40.0)
    found = paths(result)
    assert set(found) == {(QUICK,), (QUICK, SURE), (QUICK, SURE, LAST)}
    assert answers(result) == {4.0: found[QUICK,], 12.0: found[QUICK, SURE], 42.0: found[QUICK, SURE, LAST]}
    assert np.array([found[one] for one in sorted(found)]) == pytest.approx([200, 100, 100], abs=40)


def test_a_speculative_task_starts_with_the_one_before_it_and_answers_where_it_is_needed() -> None:
    """The cloud is asked at once; its answer, 30 ms after birth, counts for a third, else that of 4 ms does."""
    tasks = [
        task("quick", input=(10,), answers=True),
        task("sure", input=(10,), share=0.3, answers=True, ahead_of="quick"),
    ]
    case = scenario(POOLS, [workload("scan", periodic(10), tasks)], [UPLINK])
    result = simulated(case, placement(case, {"quick": ("box", 0.004), "sure": ("core", 0.020)}), 40.0)
    assert paths(result) == {(QUICK, ("sure", 5.0, 25.0, 30.0)): 400}
    found = answers(result)
    assert set(found) == {4.0, 30.0}
    assert found[30.0] == pytest.approx(120, abs=40)
    assert (answers(result, "first"), answers(result, "refined")) == ({4.0: 400}, {30.0: 400})
    table = result.response().set_index("of")["requests"].to_dict()
    assert table == dict.fromkeys(("quick", "sure", "first", "refined", "answer"), 400)
    month = sim.usage.MONTH_S * 10
    assert result.usage.calls["core", None] == pytest.approx(month)
    assert result.usage.bytes["uplink", "up", "shop/all"] == pytest.approx(10 * month)


def test_a_request_that_is_watched_is_answered_by_what_it_needs() -> None:
    tasks = [task("quick", answers=True), task("sure", share=0.5, answers=True, ahead_of="quick")]
    case = scenario(POOLS, [workload("scan", periodic(10), tasks)], [UPLINK])
    placed = placement(case, {"quick": ("box", 0.004), "sure": ("core", 0.020)})
    result = sim.simulate(case, placed, replications=1, span_s=4.0, warm_up_s=0.0, slowest=40)
    told = [(one.answered_by, one.response_s) for one in result.slowest(40)]
    needed = sum(answered == "sure" for answered, _ in told)
    assert 0 < needed < 40
    assert told == [("sure", 0.030)] * needed + [("quick", 0.004)] * (40 - needed)


def test_the_same_requests_need_a_task_whether_it_is_speculative_or_not() -> None:
    """Their first answer comes first either way: 4 ms, then 30 or 34 ms."""
    sure = {"share": 0.3, "answers": True}
    found = []
    for more in ({"after": ("quick",)}, {"ahead_of": "quick"}):
        tasks = [task("quick", answers=True), task("sure", **sure, **more)]
        case = scenario(POOLS, [workload("scan", periodic(10), tasks)], [UPLINK])
        found.append(answers(simulated(case, placement(case, {"quick": ("box", 0.004), "sure": ("core", 0.020)}), 9.0)))
    after, ahead = found
    assert ahead == {4.0: after[4.0], 30.0: after[34.0]}


def test_a_refined_answer_is_whole_when_the_first_is_there_too() -> None:
    """The box takes longer than the cloud: nobody knows before that the refined answer is needed."""
    tasks = [task("quick", answers=True), task("sure", share=0.5, answers=True, ahead_of="quick")]
    case = scenario(POOLS, [workload("scan", periodic(5), tasks)], [UPLINK])
    result = simulated(case, placement(case, {"quick": ("box", 0.050), "sure": ("core", 0.020)}), 9.0)
    assert (answers(result), answers(result, "refined")) == ({50.0: 45}, {30.0: 45})


def test_what_runs_ahead_of_a_task_that_is_not_reached_does_not_run() -> None:
    tasks = [
        task("filter"),
        task("quick", after=("filter",), share=0.5, answers=True),
        task("sure", after=("filter",), share=0.5, answers=True, ahead_of="quick"),
    ]
    case = scenario(POOLS, [workload("scan", periodic(10), tasks)], [UPLINK])
    at = {"filter": ("camera", 0.001), "quick": ("box", 0.004), "sure": ("core", 0.020)}
    result = simulated(case, placement(case, at), 20.0)
    assert set(paths(result)) == {
        (("filter", 0.0, 1.0, 1.0),),
        (("filter", 0.0, 1.0, 1.0), ("quick", 1.0, 5.0, 5.0), ("sure", 6.0, 26.0, 31.0)),
    }
    stations = result.stations.set_index("pool")["offered_load"].to_dict()
    assert stations == pytest.approx({"camera": 0.01, "box": 0.02, "core": 0.1})
