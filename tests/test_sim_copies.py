"""Copies of a task: several for each request, joined by what comes after. In milliseconds after the first birth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sim_cases import MS, link, periodic, placement, pool, scenario, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from scenarios.workloads import QueueLimit
from sim.result import Result
from sim.simulation import ENGINES

CAMERA, BOX = pool("camera", "device"), pool("box")


def simulated(case: Scenario, placed: Placement, span_s: float = 0.1) -> Result:
    """Played once, alike on both engines."""
    one, other = (
        sim.simulate(case, placed, replications=1, span_s=span_s, warm_up_s=0.0, engine=engine, requests=True)
        for engine in ENGINES
    )
    assert one.requests.equals(other.requests)
    assert one.usage == other.usage
    return one


def events(result: Result) -> list[tuple[Any, ...]]:
    """(task, sequence, entered, started, completed, delivered, cause of a drop)."""
    table = result.requests
    first = table["born_ns"].min()
    instants = ((table[f"{name}_ns"] - first) / MS for name in ("entered", "started", "completed", "delivered"))
    columns = (column.tolist() for column in (table["task"], table["sequence"], *instants, table["dropped"]))
    return sorted(zip(*columns, strict=True), key=lambda row: (row[1], row[4], row[0]))


def test_copies_are_visits_of_their_own_and_the_task_is_as_the_last_of_them() -> None:
    """One server, 4 ms each: the third copy ends at 12; what comes after waits for all."""
    tasks = [task("look", copies=3), task("decide", after=("look",), answers=True)]
    case = scenario([CAMERA, BOX], [workload("item", periodic(10), tasks)])
    result = simulated(case, placement(case, {"look": ("box", 0.004), "decide": ("box", 0.001)}))
    assert events(result) == [
        ("look", 0, 0.0, 8.0, 12.0, 12.0, ""),
        ("decide", 0, 12.0, 12.0, 13.0, 13.0, ""),
    ]
    boxes = result.stations.set_index("pool").loc["box"]
    assert boxes["offered_load"] == pytest.approx(0.13)
    month = sim.usage.MONTH_S * 10
    assert result.usage.calls["box", "shop/all"] == pytest.approx(4 * month)
    assert result.usage.busy_node_s["box", "shop/all"] == pytest.approx(0.013 * month)


def test_each_copy_is_sent_the_input_and_passes_on_an_output_of_its_own() -> None:
    """1250 bytes take 10 ms, 125 take 1 ms: three inputs, then from 30 on six outputs, one after the other."""
    tasks = [task("look", copies=3, input=(1250,), output=(125,)), task("judge", after=("look",), copies=2)]
    line = link("line", ("shop", "shop"), 1e6)
    case = scenario([CAMERA, BOX, pool("server", "on_prem")], [workload("item", periodic(10), tasks)], [line])
    result = simulated(case, placement(case, {"look": ("box", 0.001), "judge": ("server", 0.005)}))
    assert events(result) == [("look", 0, 30.0, 30.0, 31.0, 31.0, ""), ("judge", 0, 36.0, 40.0, 45.0, 45.0, "")]
    (line_up,) = (row for row in result.links.to_dict("records") if row["direction"] == "up")
    assert (line_up["messages"], line_up["bytes"]) == (9, pytest.approx(3 * 1250 + 6 * 125))


def test_the_answer_is_that_of_the_last_copy() -> None:
    """Two servers: of three copies two begin at once; answers of 125 bytes take 1 ms on the way back."""
    tasks = [task("look", copies=3, output=(125,), answers=True)]
    line = link("line", ("shop", "shop"), 1e6)
    case = scenario([CAMERA, pool("box", slots=2)], [workload("item", periodic(10), tasks)], [line])
    result = simulated(case, placement(case, {"look": ("box", 0.004)}))
    assert events(result) == [("look", 0, 0.0, 4.0, 8.0, 9.0, "")]
    assert result.percentile("item", "answer", 0.5).value == pytest.approx(0.009)


def test_each_copy_draws_for_itself_and_the_first_as_the_task_would_alone() -> None:
    alone = scenario([CAMERA, pool("box", slots=9)], [workload("item", periodic(100), [task("look")])])
    copied = replace(alone, workloads=(workload("item", periodic(100), [task("look", copies=3)]),))
    at = {"look": ("box", ServiceTime.exponential(0.004))}
    one, three = (simulated(case, placement(case, at), 5.0).requests for case in (alone, copied))
    lasted = [table["completed_ns"] - table["started_ns"] for table in (one, three)]
    assert (lasted[1] >= lasted[0]).all()
    assert (lasted[1] == lasted[0]).mean() == pytest.approx(1 / 3, abs=0.1)
    assert lasted[1].mean() == pytest.approx(0.004e9 * (1 + 1 / 2 + 1 / 3), rel=0.15)


def test_where_a_copy_is_dropped_the_task_is_not_done() -> None:
    """Of three at one instant the first is served, one waits, one is dropped: nothing comes after."""
    tasks = [task("look", copies=3, queue=QueueLimit("oldest", 1)), task("decide", after=("look",))]
    case = scenario([CAMERA, BOX], [workload("item", periodic(10), tasks)])
    result = simulated(case, placement(case, {"look": ("box", 0.004), "decide": ("box", 0.001)}))
    assert events(result) == [("look", 0, 0.0, 0.0, 0.0, 0.0, "blocked")]
    assert result.workloads[["requests", "completed", "dropped"]].to_numpy().tolist() == [[1, 0, 1]]
