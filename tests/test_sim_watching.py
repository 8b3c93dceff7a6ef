"""Single requests, step by step: what is seen of them is what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import Case, networks
from sim_cases import MS, link, periodic, placement, poisson, pool, scenario, task, workload
from test_sim_background import shops
from test_sim_properties import two_workloads

import sim
from sim.compiled.parts import joined
from sim.control import Handles
from sim.draws import NS
from sim.network import Network
from sim.simulation import ENGINES
from sim.slowest import slowest
from sim.watching import Watched

CAMERA, BOX = pool("camera", "device", count=2), pool("edge_box")


def in_ms(one: Watched) -> list[tuple[object, ...]]:
    """(task, what, where, site, queue, begin, end) after its birth."""
    times = [((step.begin_ns - one.born_ns) / MS, (step.end_ns - one.born_ns) / MS) for step in one.steps]
    names = [(step.task, step.what, step.where, step.site, step.queue) for step in one.steps]
    return [(*name, *time) for name, time in zip(names, times, strict=True)]


def uplinked() -> tuple[Any, Any]:
    """Two cameras in phase, a frame of 1 kB over 1 Mbit/s with 20 ms there and back, 4 ms of work, 100 B back."""
    line = link("uplink", ("shop", "west"), bps=1e6, rtt_s=0.02)
    hub = pool("hub", "regional_cloud", "west")
    tasks = [task("detect", input=(1000.0,), output=(100.0,), answers=True)]
    case = scenario([CAMERA, hub], [workload("vision", periodic(10, "aligned"), tasks)], [line])
    return case, placement(case, {"detect": ("hub", 0.004)})


@pytest.mark.parametrize("engine", ENGINES)
def test_every_step_of_the_slowest_request(engine: str) -> None:
    """The second camera waits for the first one's frame; its work finds the server free by then."""
    result = sim.simulate(*uplinked(), span_s=0.1, engine=engine, slowest=2)
    second, first = result.slowest(2)
    assert (second.workload, second.group, second.site, second.source, second.sequence) == (
        "vision",
        "shop/all",
        1,
        2,
        0,
    )
    assert in_ms(second) == [
        ("detect", "wait", "uplink.up", 1, 1, 0.0, 8.0),
        ("detect", "transmission", "uplink.up", 1, 1, 8.0, 16.0),
        ("detect", "propagation", "uplink.up", 1, 1, 16.0, 26.0),
        ("detect", "service", "hub", 0, 0, 26.0, 30.0),
        ("detect", "transmission", "uplink.down", 1, 1, 30.0, 30.8),
        ("detect", "propagation", "uplink.down", 1, 1, 30.8, 40.8),
    ]
    assert [step.answer for step in second.steps] == [False] * 4 + [True] * 2
    assert second.response_s == pytest.approx(0.0408)
    assert first.source == 1
    assert in_ms(first)[0] == ("detect", "transmission", "uplink.up", 1, 1, 0.0, 8.0)


def test_a_link_without_a_bandwidth_only_takes_its_time() -> None:
    camera = pool("camera", "device")
    case = scenario(
        [camera, pool("hub", "cloud", "west")],
        [workload("vision", periodic(10), [task("detect", input=(1000.0,))])],
        [link("uplink", ("shop", "west"), rtt_s=0.02)],
    )
    (one,) = sim.simulate(case, placement(case, {"detect": ("hub", 0.0)}), span_s=0.1, slowest=1).slowest(1)
    assert in_ms(one) == [
        ("detect", "propagation", "uplink.up", 1, 0, 0.0, 10.0),
        ("detect", "service", "hub", 0, 0, 10.0, 10.0),
    ]


def test_what_is_dropped_is_seen_to_wait_until_then() -> None:
    """Two cameras in phase at one box, 40 ms of work, and nobody starts later than 10 ms after its birth."""
    look = task("look", drop_after_s=0.010)
    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "aligned"), [look])])
    result = sim.simulate(case, placement(case, {"look": ("edge_box", 0.040)}), span_s=0.1, slowest=2)
    first, second = result.sample(2)
    assert in_ms(first) == [("look", "service", "edge_box", 1, 1, 0.0, 40.0)]
    assert in_ms(second) == [("look", "wait", "edge_box", 0, 0, 0.0, 10.0)]
    assert (second.dropped, second.answered_ns, second.response_s) == ({"look": "expired"}, None, None)
    assert result.slowest(2) == [first]


@settings(max_examples=40, deadline=None)
@given(networks(), st.integers(1, 5))
def test_random_requests_are_seen_as_they_were_measured(case: Case, number: int) -> None:
    """Of any network, with its background: the same deliveries and services, and each step begins where one ends."""
    span_s = case.span(60) / NS
    options: Any = {"replications": 2, "span_s": span_s, "warm_up_s": span_s / 2, "requests": True, "slowest": number}
    result = sim.simulate(case.scenario, case.placement, **options)
    table = result.requests
    key = ["replication", "workload", "group", "site", "source", "sequence"]
    seen = result.slowest(number)
    born = result.workloads["requests"].sum()
    assert len(seen) <= min(number, born)
    for one in [*seen, *result.sample(number)]:
        where = [one.replication, one.workload, one.group, one.site, one.source, one.sequence]
        rows = table[(table[key] == where).all(axis=1)]
        dropped = rows[rows["dropped"] != ""]
        rows = rows[rows["dropped"] == ""]
        tasks = {task.name: task for task in case.scenario.workload(one.workload).tasks}
        delivered = dict(zip(rows["task"], rows["delivered_ns"], strict=True))
        assert one.delivered.items() <= delivered.items()
        assert all(tasks[name].ahead_of for name in delivered.keys() - one.delivered.keys())
        assert dict(zip(dropped["task"], dropped["dropped"], strict=True)).items() <= one.dropped.items()
        services = {(step.task, step.begin_ns, step.end_ns) for step in one.steps if step.what == "service"}
        told = {(row["task"], row["started_ns"], row["completed_ns"]) for row in rows.to_dict("records")}
        assert told <= services
        assert all(tasks[name].copies > 1 for name, *_ in services - told)  # of which the last is told
        ends = {one.born_ns, *(step.end_ns for step in one.steps)}
        assert all(step.begin_ns in ends for step in one.steps)
        assert all(instant in ends for instant in one.delivered.values())


@pytest.mark.parametrize("engine", ENGINES)
def test_the_slowest_of_all_replications_are_kept_whatever_the_workers(engine: str) -> None:
    case = two_workloads(with_second=True)
    options: Any = {"replications": 4, "engine": engine}
    result = sim.simulate(*case, slowest=20, requests=True, workers=2, **options)
    seen = result.slowest(20)
    times = [one.response_s or 0.0 for one in seen]
    assert times == sorted(times, reverse=True)
    assert len({(one.replication, one.workload, one.group, one.site, one.source, one.sequence) for one in seen}) == 20
    requests = result.requests
    requests["response_ns"] = requests["delivered_ns"] - requests["born_ns"]
    answers = requests.groupby(["replication", "workload", "group", "site", "source", "sequence"])["response_ns"].max()
    assert [round(time * NS) for time in times] == answers.nlargest(20).tolist()
    assert sim.simulate(*case, slowest=20, workers=1, **options).slowest(20) == seen


def test_the_slowest_are_found_with_control_and_with_background() -> None:
    def down(stations: Handles) -> Iterator[int]:
        yield 50 * MS
        for one in stations["box"]:
            one.set_up(False)
        yield 150 * MS
        for one in stations["box"]:
            one.set_up(True)

    case = shops(3, poisson(20.0))
    result = sim.simulate(*case, span_s=0.2, controls=[down], slowest=1)
    (one,) = result.slowest(1)
    assert (
        max(step.end_ns - step.begin_ns for step in one.steps if step.where == "box" and step.what == "wait") > 50 * MS
    )


def test_only_those_that_meet_the_watched_are_played_again() -> None:
    """Two cameras with a box for each line, and one region for all: what is watched at one box needs its line alone."""
    camera, box = pool("camera", "device", count=2, per="line"), pool("edge_box", per="line")
    hub = pool("hub", "cloud", "west")
    line = link("uplink", ("shop", "west"), rtt_s=0.02)
    case = scenario([camera, box, hub], [workload("vision", poisson(20), [task("detect")])], [line])
    network = Network(case, placement(case, {"detect": ("edge_box", 0.02)}))
    assert joined(network, {1}) == {0, 1}
    assert joined(network, {0, 3}) == {0, 1, 2, 3}
    assert joined(Network(case, placement(case, {"detect": ("hub", 0.02)})), {1}) == {0, 1, 2, 3}


def test_more_than_was_kept_is_refused() -> None:
    result = sim.simulate(*uplinked(), span_s=0.1, slowest=1)
    with pytest.raises(ValueError, match=r"slowest=2"):
        result.slowest(2)


def test_a_sample_is_even_over_the_replication() -> None:
    result = sim.simulate(*two_workloads(with_second=True), requests=True)
    seen = result.sample(10)
    assert len(seen) == 10
    born = sorted(one.born_ns for one in seen)
    assert born == [one.born_ns for one in seen]
    assert result.played[0].rows is not None
    births = np.sort(result.played[0].rows[0][:, 2])  # also of those that no task ran for
    number = len(births)
    assert born == [int(births[(k * number + 9) // 10 - 1]) for k in range(1, 11)]
    assert len(result.sample(10**6)) == number


def test_each_request_once_and_the_first_of_equal_ones() -> None:
    rows = np.array([[5, 1, 0], [9, 0, 3], [7, 1, 0], [7, 0, 2], [1, 2, 2]])
    assert slowest(rows, 3).tolist() == [[9, 0, 3], [7, 0, 2], [7, 1, 0]]
