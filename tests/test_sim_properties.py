"""What must hold for any small scenario: conservation, Little's law, reproducibility, common random numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_cases import link, periodic, placement, poisson, pool, same_play, scenario, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from planner.wording import warnings
from scenarios.placement import Placement
from scenarios.places import Group
from scenarios.scenario import Scenario
from sim.control import Handles
from sim.result import Result
from sim.simulation import ENGINES

Case = tuple[Scenario, Placement]
SPAN_S = 0.5

services = st.one_of(
    st.floats(0, 0.01).map(ServiceTime.constant),
    st.floats(0.0001, 0.01).map(ServiceTime.exponential),
    st.floats(0.0001, 0.01).map(lambda mean: ServiceTime.lognormal(mean, 0.7)),
)


@st.composite
def cases(draw: Any) -> Case:
    """A line of up to three cameras, boxes and a cloud; three tasks, one of them for a share of the requests only."""
    arrivals = draw(
        st.one_of(
            st.tuples(st.floats(5, 80), st.sampled_from(["random", "aligned", "staggered"])).map(
                lambda x: periodic(*x)
            ),
            st.floats(5, 80).map(poisson),
        )
    )
    tasks = [
        task("detect", input=(draw(st.integers(0, 5000)),), answers=draw(st.booleans()), output=(100,)),
        task("check", share=draw(st.sampled_from([0.2, 1.0]))),
        task("verify", after=draw(st.sampled_from([(), ("detect",), ("check", "detect")])), share=0.5, answers=True),
    ]
    if not tasks[2].after:
        tasks[2] = task("verify", share=0.5, answers=True)
    links = [
        link(
            "field",
            ("shop", "shop"),
            draw(st.sampled_from([None, 1e6, 1e9])),
            0.0003,
            draw(st.sampled_from(["node", "site"])),
        ),
        link("uplink", ("shop", "west"), draw(st.sampled_from([None, 2e6])), draw(st.sampled_from([0.0, 0.02]))),
    ]
    pools = [
        pool("camera", "device", count=draw(st.integers(1, 3)), per="line"),
        pool(
            "box", count=draw(st.integers(1, 2)), per="line", slots=draw(st.integers(1, 2)), pooled=draw(st.booleans())
        ),
        pool("cloud", "cloud", "west", count=draw(st.integers(1, 3))),
    ]
    groups = [Group("shop", "all", draw(st.integers(1, 2)), {"line": draw(st.integers(1, 2))})]
    case = scenario(pools, [workload("vision", arrivals, tasks)], links, groups)
    where = st.sampled_from(["camera", "box", "cloud"])
    return case, placement(case, {name: (draw(where), draw(services)) for name in ("detect", "check", "verify")})


def overlap(starts: np.ndarray, ends: np.ndarray) -> int:
    """Total time [ns] of the intervals within the measured span."""
    return int(np.clip(np.minimum(ends, SPAN_S * 1e9) - starts, 0, None).sum())


@settings(max_examples=60, deadline=None)
@given(cases())
def test_conservation_littles_law_and_utilisation(made: Case) -> None:
    """Without a warm-up the measured requests are all there are in the span, so areas equal sums to the nanosecond."""
    case, placed = made
    result = sim.simulate(case, placed, span_s=SPAN_S, requests=True)
    counts = result.workloads
    if result.overloaded == ():
        assert counts["unfinished"].sum() == 0
    assert (counts["requests"] == counts["completed"] + counts["unfinished"]).all()
    table = result.requests
    assert (table["born_ns"] <= table["entered_ns"]).all()
    assert (table["entered_ns"] <= table["started_ns"]).all()
    assert (table["started_ns"] <= table["completed_ns"]).all()
    assert (table["completed_ns"] <= table["delivered_ns"]).all()
    network = table["delivered_ns"] - table["born_ns"] - table["waited_ns"] - table["served_ns"]
    assert (network >= 0).all()
    stations = result.stations
    assert stations["utilisation"].between(0, 1 + 1e-12).all()
    steps = {step.task: step.pool for step in placed.routes[0].steps}
    for name, queues in stations.groupby("pool"):
        here = table[table["task"].map(steps) == name]
        waiting = overlap(here["entered_ns"].to_numpy(), here["started_ns"].to_numpy())
        working = overlap(here["started_ns"].to_numpy(), here["completed_ns"].to_numpy())
        assert queues["mean_queue_length"].sum() * SPAN_S * 1e9 == pytest.approx(waiting, rel=1e-9, abs=1)
        assert queues["mean_busy_servers"].sum() * SPAN_S * 1e9 == pytest.approx(working, rel=1e-9, abs=1)
    assert result.links["busiest_fraction"].between(0, 1 + 1e-12).all()


@settings(max_examples=15, deadline=None)
@given(cases(), st.integers(0, 3))
def test_batches_of_replications_make_no_difference(made: Case, first: int) -> None:
    whole, parts = (sim.prepare(*made, span_s=0.2, warm_up_s=0.05, seed=5, requests=True) for _ in range(2))
    whole.add(4)
    parts.add(first)
    parts.add(4 - first)
    assert same(whole.result(), parts.result())


def test_workers_make_no_difference_and_the_seed_does() -> None:
    case, placed = two_workloads(with_second=True)
    one = sim.simulate(case, placed, replications=4, requests=True)
    for engine in ENGINES:
        assert same(one, sim.simulate(case, placed, replications=4, requests=True, workers=2, engine=engine))
    assert not same(one, sim.simulate(case, placed, replications=4, requests=True, seed=2))


def same(one: Result, other: Result) -> bool:
    return len(one.played) == len(other.played) and all(map(same_play, one.played, other.played))


def two_workloads(with_second: bool, on: str = "box") -> Case:
    audio = workload("audio", poisson(30.0), [task("listen", share=0.5)])
    vision = workload(
        "vision", periodic(30.0), [task("detect", input=(1000,)), task("read", after=("detect",), share=0.3)]
    )
    pools = [pool("camera", "device", count=3), pool("box"), pool("other")]
    case = scenario(pools, [audio, vision] if with_second else [vision], [link("field", ("shop", "shop"), 1e7)])
    service = ServiceTime.exponential(0.003)
    return case, placement(case, {"detect": ("box", service), "read": ("box", service), "listen": (on, service)})


def test_a_workload_elsewhere_changes_nothing() -> None:
    """Another workload on a pool of its own: every instant of the first stays as it was, to the nanosecond."""
    alone = sim.simulate(*two_workloads(False), requests=True, replications=3).requests
    beside = sim.simulate(*two_workloads(True, on="other"), requests=True, replications=3).requests
    assert beside[beside["workload"] == "vision"].reset_index(drop=True).equals(alone)


def test_a_workload_on_the_same_pool_changes_waits_but_no_draw() -> None:
    alone = sim.simulate(*two_workloads(False), requests=True, replications=3).requests
    both = sim.simulate(*two_workloads(True), requests=True, replications=3).requests
    beside = both[both["workload"] == "vision"].reset_index(drop=True)
    drawn = ["replication", "source", "sequence", "task", "born_ns", "served_ns"]
    assert beside[drawn].equals(alone[drawn])
    assert (beside["waited_ns"] > alone["waited_ns"]).any()


def test_faster_hardware_draws_the_same_ranks() -> None:
    """Common random numbers: the slow request is the slow one on any hardware."""
    case, _ = two_workloads(False)
    tables = [
        sim.simulate(case, placement(case, {"detect": (at, time), "read": (at, time)}), requests=True).requests
        for at, time in (("box", ServiceTime.exponential(0.003)), ("other", ServiceTime.lognormal(0.001, 0.4)))
    ]
    slow, fast = (
        table[table["task"] == "detect"]["completed_ns"] - table[table["task"] == "detect"]["started_ns"]
        for table in tables
    )
    assert len(slow) == len(fast) > 80
    assert np.array_equal(np.argsort(slow.to_numpy()), np.argsort(fast.to_numpy()))
    assert np.array_equal(tables[0]["task"], tables[1]["task"])  # the same requests go on to ``read``


@settings(max_examples=40, deadline=None)
@given(services, st.integers(1, 4), st.floats(20, 200), st.booleans())
def test_more_servers_never_start_a_request_later(
    service: ServiceTime, servers: int, rate: float, regular: bool
) -> None:
    arrivals = periodic(rate) if regular else poisson(rate)
    starts = []
    for count in (servers, servers + 1):
        pools = [pool("camera", "device", count=3), pool("box", count=count)]
        case = scenario(pools, [workload("vision", arrivals, [task("detect")])])
        table = sim.simulate(case, placement(case, {"detect": ("box", service)}), span_s=0.3, requests=True).requests
        starts.append(table.set_index(["source", "sequence"])["started_ns"])
    fewer, more = starts
    assert (more <= fewer.reindex(more.index)).all()
    assert len(more) == len(fewer)


def test_overload_keeps_utilisation_at_one_and_is_named() -> None:
    """Twice what one box can do: busy all the time, the queue grows by the second, every request still ends."""
    case = scenario(
        [pool("camera", "device", count=2), pool("box")], [workload("vision", periodic(100.0), [task("detect")])]
    )
    result = sim.simulate(case, placement(case, {"detect": ("box", 0.010)}), span_s=1.0, warm_up_s=0.5)
    assert result.overloaded == ("box",)
    assert result.summary()["overloaded"] == ["box"]
    station = result.stations.iloc[0]
    assert station["utilisation"] == 1.0
    assert station["offered_load"] == pytest.approx(2.0)
    assert station["mean_queue_length"] == pytest.approx(100, rel=0.02)
    assert result.workloads["completed"].tolist() == [200]
    assert result.nearly_full == {}
    assert warnings(result) == ["OVERLOADED  box: queues grow without end"]


@pytest.mark.parametrize(("service_s", "named"), [(0.0084, {}), (0.009, {"box": 0.9})])
def test_above_85_percent_busy_a_pool_is_nearly_full(service_s: float, named: dict[str, float]) -> None:
    """100 requests a second, regularly: nobody waits, and still nothing is left for services that take longer."""
    case = scenario([pool("camera", "device"), pool("box")], [workload("vision", periodic(100.0), [task("detect")])])
    result = sim.simulate(case, placement(case, {"detect": ("box", service_s)}), span_s=1.0, warm_up_s=0.5)
    assert result.overloaded == ()
    assert result.nearly_full == pytest.approx(named)
    drift = "service times drift by 10 to 25 % with load, so percentiles there are not to be trusted"
    assert warnings(result) == ([f"NEARLY FULL  box (90.0 % busy): {drift}"] if named else [])


def test_an_overloaded_link_is_named_too() -> None:
    case = scenario(
        [pool("camera", "device"), pool("cloud", "cloud", "west")],
        [workload("vision", periodic(100.0), [task("detect", input=(10_000,))])],
        [link("uplink", ("shop", "west"), 4e6)],
    )
    result = sim.simulate(case, placement(case, {"detect": ("cloud", 0.001)}), span_s=0.2)
    assert result.overloaded == ("uplink.up",)


def test_requests_that_never_end_count_as_infinitely_late() -> None:
    """A station that goes down for good: the run gives up, and what is inside is neither lost nor answered."""

    def cut(stations: Handles) -> Any:
        yield 500_000_000
        stations["box"][0].set_up(False)

    case = scenario([pool("camera", "device"), pool("box")], [workload("vision", periodic(10.0), [task("detect")])])
    result = sim.simulate(case, placement(case, {"detect": ("box", 0.001)}), controls=[cut])
    assert result.workloads[["requests", "completed", "unfinished"]].to_numpy().tolist() == [[10, 5, 5]]
    assert result.percentile("vision", "detect", 0.99).value == np.inf
    assert result.attainment("vision", "detect", 1.0).value == 0.5
    assert result.worst_queue("vision", "detect", 0.5)[1] == 0.001
    assert result.worst_queue("vision", "detect", 0.6)[1] == np.inf
    assert result.split("vision", "detect")["service_s"] == pytest.approx(0.001)
    summary = result.summary()["workloads"]["vision"]
    assert summary["dropped"] == {"unfinished": 5}
    assert summary["response_ms"]["p99"]["value"] is None
