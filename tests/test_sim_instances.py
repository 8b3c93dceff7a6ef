"""Cold starts of what is bought by the request. In milliseconds after the first birth."""

from __future__ import annotations

from typing import Any

import pytest
from sim_cases import MS, periodic, placement, pool, scenario, task, workload
from test_sim_compiled import equal
from test_sim_dispatch import events

import sim
from scenarios.pools import ColdStart, Pool
from scenarios.scenario import Scenario
from sim.network import Network
from sim.simulation import ENGINES

BOX = pool("box", slots=9)


def api(time_s: float, idle_s: float, **more: Any) -> Pool:
    return pool("api", "gateway", count=0, offers=("api",), cold_start=ColdStart(time_s, idle_s), **more)


def chain(on: Pool, *tasks: str, cameras: int = 1) -> Scenario:
    """``task``, or ``task after other``."""
    found = [task(name, after=tuple(other.split())) for name, _, other in (one.partition(" after ") for one in tasks)]
    camera = pool("camera", "device", count=cameras)
    return scenario([camera, BOX, on], [workload("w", periodic(2, "aligned"), found)])


def test_who_finds_no_instance_that_is_idle_starts_one_and_who_ends_at_that_instant_is() -> None:
    """50 ms to start, 10 ms of work: two at once start one each; then both of ``b`` find what ``a`` has just left."""
    assert events(chain(api(0.050, 1.0), "a", "b after a", cameras=2), {"a": ("api", 0.010), "b": ("api", 0.010)}) == [
        ("a", 1, 0.0, 0.0, 60.0),
        ("a", 2, 0.0, 0.0, 60.0),
        ("b", 1, 60.0, 60.0, 70.0),
        ("b", 2, 60.0, 60.0, 70.0),
    ]


@pytest.mark.parametrize(("idle_ms", "lasts_ms"), [(30, 10.0), (29, 60.0)])
def test_an_instance_that_has_been_idle_for_just_so_long_is_still_there(idle_ms: int, lasts_ms: float) -> None:
    case = chain(api(0.050, idle_ms / 1000), "a", "hold after a", "b after hold")
    rows = events(case, {"a": ("api", 0.010), "hold": ("box", 0.030), "b": ("api", 0.010)})
    assert rows[-1] == ("b", 1, 90.0, 90.0, 90.0 + lasts_ms)


def test_the_instance_that_was_at_work_last_is_the_next() -> None:
    """``x`` leaves one at 60 and ``y`` one at 90, which does ``c`` at 120; at 170 the first has been idle for 110."""
    on = {"x": ("api", 0.010), "y": ("api", 0.040), "c": ("api", 0.010), "d": ("api", 0.010), "e": ("api", 0.010)}
    holding = {"hold": ("box", 0.030), "keep": ("box", 0.040)}
    case = chain(
        api(0.050, 0.100), "x", "y", "hold after y", "c after hold", "keep after c", "d after keep", "e after keep"
    )
    assert [row for row in events(case, on | holding) if row[0] in on] == [
        ("x", 1, 0.0, 0.0, 60.0),
        ("y", 1, 0.0, 0.0, 90.0),
        ("c", 1, 120.0, 120.0, 130.0),
        ("d", 1, 170.0, 170.0, 180.0),
        ("e", 1, 170.0, 170.0, 230.0),
    ]


def test_within_a_limit_who_waits_takes_the_instance_that_is_left() -> None:
    case = chain(api(0.050, 0.0, concurrent=1), "a", cameras=3)
    assert [row[2:] for row in events(case, {"a": ("api", 0.010)})] == [
        (0.0, 0.0, 60.0),
        (0.0, 60.0, 70.0),
        (0.0, 70.0, 80.0),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_cold_starts_are_counted_where_they_are_within_the_span(engine: str) -> None:
    """Two cameras send each half second; an instance is idle for 0.4 s, or for ever."""
    for idle_s, cold_starts in ((0.4, 8.0), (60.0, 0.0)):
        case = chain(api(0.050, idle_s), "a", cameras=2)
        placed = placement(case, {"a": ("api", 0.010)})
        found = sim.simulate(case, placed, engine=engine, span_s=2.0, warm_up_s=1.0, replications=3)
        assert found.stations["cold_starts"].tolist() == [cold_starts]
        assert found.stations["visits"].tolist() == [8.0]
        assert found.summary()["stations"]["api"].get("cold_starts", 0.0) == cold_starts


def test_all_sources_share_the_instances_of_a_pool() -> None:
    """Also where they share nothing else, and are played side by side."""
    stream = workload("w", periodic(7), [task("a"), task("b")])
    case = scenario([pool("camera", "device", count=9), api(0.004, 0.020)], [stream])
    network = Network(case, placement(case, {"a": ("api", 0.003), "b": ("api", 0.005)}))
    births, visits = equal(network, 3, 0, 2000 * MS)
    assert len(births) == 126
    lasted = {(task, end - start) for task, start, end in visits[:, [2, 4, 5]].tolist()}
    assert lasted == {(0, 3 * MS), (0, 7 * MS), (1, 5 * MS), (1, 9 * MS)}
