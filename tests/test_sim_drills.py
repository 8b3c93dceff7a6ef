"""Links that are down, and pools that lose nodes: exact event lists, alike on both engines, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sim_cases import MS, link, periodic, placement, pool, scenario, task, workload

import sim
from scenarios.disruptions import Drill, Outages
from scenarios.links import Link
from scenarios.pools import Count, Pool
from scenarios.scenario import Scenario
from sim import requests
from sim.compiled import plane
from sim.control import Handles
from sim.draws import Ints
from sim.drills import sampled
from sim.drops import DELIVERED, SKIPPED
from sim.network import Network
from sim.replication import Replication
from sim.result import Result
from sim.simulation import ENGINES
from sim.streams import Streams
from sim.tally import limits_of

UPLINK = replace(link("uplink", ("shop", "west"), 1e6, 0.004), outages=Outages(86_400.0, 0.05))
CLOUD = pool("cloud", "cloud", "west")
CAMERA = pool("camera", "device")


def shop(rule: Any, uplink: Link = UPLINK, pools: tuple[Pool, ...] = (CAMERA, CLOUD, pool("box"))) -> Scenario:
    """What the shop reads is an answer, and what the cloud does: 125 B take 1 ms of the line and 2 ms to get there."""
    look = task("look", answers=True)
    check = task("check", after=("look",), input=(125,), output=(0,), answers=True, without_line=rule)
    return scenario(pools, [workload("w", periodic(100), [look, check])], [uplink])


def played(case: Scenario, drill: Drill, engine: str, look_s: float = 0.001, **more: Any) -> Result:
    placed = placement(case, {"look": ("box", look_s), "check": ("cloud", 0.002)})
    return sim.simulate(case, placed, replications=1, warm_up_s=0.0, engine=engine, drill=drill, requests=True, **more)


def events(result: Result) -> list[tuple[Any, ...]]:
    """(task, sequence, entered, delivered, what became of it) in ms after the first birth."""
    table = result.requests
    first = table["born_ns"].min()
    instants = ((table[f"{name}_ns"] - first) / MS for name in ("entered", "delivered"))
    rows = zip(table["task"], table["sequence"], *(one.tolist() for one in instants), table["dropped"], strict=True)
    return sorted(rows, key=lambda row: (row[1], row[0]))


CUT = Drill("cut", 0.03, ("uplink",))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_waits_for_a_line_is_sent_in_its_order_when_the_line_is_back(engine: str) -> None:
    """The first births are 0, 10, 20 ms after the first, at an unknown point of the period: the line is back at 30."""
    result = played(shop("wait"), CUT, engine)
    table = result.requests
    checks = table[table["task"] == "check"].reset_index()
    back = 30 * MS
    expected = [(back + (number + 1) * MS + 2 * MS) for number in range(3)]
    assert checks["entered_ns"].tolist()[:3] == expected
    assert (result.returns["waiting"].tolist(), result.returns["bytes"].tolist()) == ([0, 3], [0, 375])
    up = result.returns[result.returns["direction"] == "up"].iloc[0]
    assert (up["at_s"], up["drained_s"]) == (0.03, 0.003)  # a fourth comes meanwhile, and begins when three are through
    assert result.workloads[["requests", "completed", "dropped"]].to_numpy().tolist() == [[3, 3, 0]]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_wait_is_left_out_and_the_answer_given_so_far_stands(engine: str) -> None:
    result = played(shop("skip"), CUT, engine)
    assert events(result) == [
        row
        for number in range(3)
        for row in (
            ("check", number, 10.0 * number + 1, 10.0 * number + 1, "left out"),
            ("look", number, 10.0 * number, 10.0 * number + 1, ""),
        )
    ]
    assert result.skips.to_dict("records") == [{"group": "shop/all", "workload": "w", "task": "check", "requests": 3}]
    assert result.percentile("w", "answer", 0.99).value == pytest.approx(0.001)
    assert result.workloads["completed"].tolist() == [3]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_dropped_without_a_line_is_never_answered(engine: str) -> None:
    result = played(shop("drop"), CUT, engine)
    assert result.drops[["task", "cause", "requests"]].to_numpy().tolist() == [["check", "no line", 3]]
    assert result.percentile("w", "answer", 0.01).value == float("inf")
    assert result.percentile("w", "look", 0.99).value == pytest.approx(0.001)


@dataclass(frozen=True)
class Cut:
    """The line to the cloud is down for a while [ns]."""

    begin: int
    end: int

    def __call__(self, stations: Handles) -> Iterator[int]:
        (line,) = stations["uplink.up"]
        yield self.begin
        line.set_up(False)
        yield self.end
        line.set_up(True)


@pytest.mark.parametrize("play", [requests.play, plane.play])
def test_what_is_being_sent_when_the_line_goes_down_arrives_and_who_waits_behind_it_leaves(play: Any) -> None:
    """Three cameras in step, 3 ms each on the line. It goes down while the first is on it: two are left out."""
    three = replace(CAMERA, count=Count(3, 3))
    case = shop("skip", replace(UPLINK, up_bps=1e6 / 3), (three, CLOUD, pool("box", slots=3)))
    case = replace(case, workloads=(replace(case.workloads[0], arrivals=periodic(10, "aligned")),))
    network = Network(case, placement(case, {"look": ("box", 0.001), "check": ("cloud", 0.002)}), frozenset({"uplink"}))
    rows: list[tuple[Ints, Ints]] = []
    born = int(Streams(1, 0).first_births(network.flows[0]).min())
    cut = Cut(born + 2 * MS, born + 5 * MS)
    of = Replication(network, 1, 0, 0, born + 10 * MS, limits_of(network.flows, []), (cut,))
    found = play(of, lambda births, visits: rows.append((births, visits)))
    (visits,) = (visits for _, visits in rows if len(visits))
    told = [
        (source, (at - born) / MS, cause) for source, _, task, _, _, _, at, *_, cause in visits.tolist() if task == 0
    ]
    assert sorted(told) == [(0, 10.0, DELIVERED), (1, 2.0, SKIPPED), (2, 2.0, SKIPPED)]
    assert [one.waiting for some in found.returns.values() for one in some] == [0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pool_that_loses_a_node_goes_on_with_the_others_until_it_is_back(engine: str) -> None:
    """Two boxes, 15 ms of work each 10 ms: with one the queue grows; both take it up again at the end."""
    case = shop("wait", pools=(CAMERA, CLOUD, pool("box", count=2)))
    drill = Drill("box dies", 0.06, pool="box", nodes=1)
    result = played(case, drill, engine, look_s=0.015)
    looks = result.requests[result.requests["task"] == "look"].reset_index()
    started = ((looks["started_ns"] - looks["born_ns"].min()) / MS).tolist()
    back = 60 - looks["born_ns"].min() / MS
    assert started[:4] == [0.0, 15.0, 30.0, 45.0]
    assert started[4] == pytest.approx(back)  # served by the box that is back, while the other is at work until 60
    assert result.returns.empty


@pytest.mark.parametrize("engine", ENGINES)
def test_a_line_without_bandwidth_is_down_as_well(engine: str) -> None:
    """It takes no time to send, and has no queue at all while nothing breaks."""
    case = shop("wait", replace(UPLINK, up_bps=None, down_bps=None))
    result = played(case, CUT, engine)
    checks = result.requests[result.requests["task"] == "check"]
    assert checks["entered_ns"].tolist() == [32 * MS] * 3
    assert result.returns[["waiting", "drained_s"]].to_numpy().tolist() == [[0.0, 0.0], [3.0, 0.0]]


def test_a_long_drill_plays_fewer_sites_in_full() -> None:
    case = shop("wait")
    groups = (replace(case.sites[0].groups[0], count=200),)
    many = replace(case, sites=(replace(case.sites[0], groups=groups),))
    assert sampled(many, Drill("day", 86_400.0, ("uplink",))).study.in_full(groups[0]) == 1
    assert sampled(many, Drill("minute", 60.0, ("uplink",))).study.in_full(groups[0]) == 200
