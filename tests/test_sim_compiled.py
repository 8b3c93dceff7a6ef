"""The compiled plane plays the same path as the reference, to the nanosecond and without tolerance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_controls import Acting, Steering, controls, late_or_never
from random_networks import Case, acyclic, networks
from sim_cases import periodic, poisson, same_tally, trace
from test_sim_background import shops
from test_sim_properties import Case as Small
from test_sim_properties import cases, two_workloads

import planner
import scenarios
import sim
from scenarios.placement import Nodes, Placement, Route, Step
from scenarios.scenario import Scenario
from scenarios.variants import variants
from scenarios.workloads import Arrivals, BurstState, Bursty, Periodic, Trace
from sim import requests as reference
from sim.compiled import plane as compiled
from sim.compiled.arrays import BOUND, ITS_FLEET, OF_NODES, SERVERS, SLOTS, Program
from sim.compiled.arrays import compiled as compiled_arrays
from sim.compiled.parts import parts
from sim.control import Control, Handles
from sim.draws import Ints, nanoseconds
from sim.drops import CAUSES, NO_LINE
from sim.network import Network
from sim.replication import Played, Replication
from sim.requests import sorted_rows
from sim.simulation import ENGINES
from sim.tally import ANSWER, limits_of

S = 1_000_000_000
LIMITS_S = (0.0, 5e-9, 2e-8, 0.005, 0.02)  # of a few ticks: many responses are exactly as long


def equal(network: Network, seed: int, begin: int, end: int, *controls: Control) -> tuple[Ints, Ints]:
    """Everything that a replication leaves is the same in both planes, and what control processes have ``seen``.

    Returns births and visits, as in ``Played``.
    """
    limits = limits_of(
        network.flows,
        [(flow.workload.name, of, s) for flow in network.flows for of in (*flow.names, ANSWER) for s in LIMITS_S],
    )

    def played(play: Any, keeping: bool) -> tuple[Played, Ints, Ints]:
        blocks: list[tuple[Ints, Ints]] = []
        keep = (lambda births, visits: blocks.append((births, visits))) if keeping else None
        found = play(Replication(network, seed, 0, begin, end, limits, controls), keep)
        births, visits = (sorted_rows(np.concatenate(rows)) for rows in zip(*blocks, strict=True)) if blocks else _NONE
        return found, births, visits

    one, births, visits = played(reference.play, True)
    for keeping, workers in ((True, 1), (False, 1), (False, 3)):
        other, other_births, other_visits = played(partial(compiled.play, workers=workers), keeping)
        if keeping:
            assert np.array_equal(births, other_births)
            assert np.array_equal(visits, other_visits)
        assert np.array_equal(one.queues, other.queues)
        assert one.provided == other.provided
        assert one.returns == other.returns
        assert all(same_tally(*both) for both in zip(one.tallies, other.tallies, strict=True))
    for control in controls:
        seen = getattr(control, "seen", [])
        assert all(notes == seen[0] for notes in seen)
    return births, visits


_NONE = np.empty((0, reference.BIRTH_COLUMNS), np.int64), np.empty((0, reference.VISIT_COLUMNS), np.int64)


# parts


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(1, 4))
def test_parts_hold_every_source_once_and_share_no_station(case: Case, most: int) -> None:
    network, program = case.network, compiled_arrays(case.network)
    found = parts(network, most)
    assert len(found) <= most
    assert np.array_equal(np.sort(np.concatenate(found)), np.arange(len(program.sources)))
    stations = [
        {int(one) for number in part for one in _bound(program, number) if program.stations[one, SERVERS] >= 0}
        for part in found
    ]
    assert sum(map(len, stations)) == len(set().union(*stations))


def _bound(program: Program, number: int) -> Ints:
    row = program.sources[number]
    fleet = program.fleets[row[ITS_FLEET]]
    return program.bound[row[BOUND] :][: fleet[SLOTS] * fleet[OF_NODES]]


def test_sites_that_share_nothing_are_spread_evenly() -> None:
    network = Network(*shops(7, poisson(20.0), read_at="box"))
    sites = [sorted({network.sources[number].site for number in part}) for part in parts(network, 3)]
    assert sorted(map(len, sites)) == [2, 2, 3]
    assert sorted(site for part in sites for site in part) == list(range(7))


# random networks

seeds = st.integers(0, 3)


@st.composite
def windows(draw: Any, span: int) -> tuple[int, int]:
    """(begin, end) of what is measured: all of a span, the later half of it, its last nanosecond."""
    return draw(st.sampled_from([0, 0, span // 2, span - 1])), span


def undisturbed(case: Case, seed: int, data: st.DataObject) -> None:
    equal(case.network, seed, *data.draw(windows(case.span(80))), *case.scalings)


def long(case: Case, seed: int, data: st.DataObject) -> None:
    """More than any block or table has room for at first."""
    equal(case.network, seed, 0, case.span(3000), *case.scalings, *data.draw(controls(case.tick_ns)))


def disturbed(case: Case, seed: int, data: st.DataObject) -> None:
    found = data.draw(controls(case.tick_ns))
    equal(case.network, seed, *data.draw(windows(case.span(60))), *case.scalings, *found)


def given_up(case: Case, seed: int, data: st.DataObject) -> None:
    """Births go on for long after the span."""
    begin, end = data.draw(windows(case.span(8)))
    late = data.draw(late_or_never(case.tick_ns, end))
    equal(case.network, seed, begin, end, late, *data.draw(controls(case.tick_ns, healing=False)))


@settings(max_examples=130, deadline=None)
@given(networks(), seeds, st.data())
def test_any_network_is_played_alike(case: Case, seed: int, data: st.DataObject) -> None:
    undisturbed(case, seed, data)


@settings(max_examples=130, deadline=None)
@given(networks(), seeds, st.data())
def test_control_acts_alike_on_both(case: Case, seed: int, data: st.DataObject) -> None:
    disturbed(case, seed, data)


@settings(max_examples=30, deadline=None)
@given(networks(), seeds, st.data())
def test_both_give_up_alike_and_go_on_alike_after_very_long(case: Case, seed: int, data: st.DataObject) -> None:
    given_up(case, seed, data)


@pytest.mark.slow
@pytest.mark.parametrize(("way", "examples"), [(undisturbed, 400), (disturbed, 400), (given_up, 80), (long, 25)])
def test_thousands_of_networks_are_played_alike(way: Any, examples: int) -> None:
    settings(max_examples=examples, deadline=None)(given(networks(), seeds, st.data())(way))()


@settings(max_examples=40, deadline=None)
@given(cases(), st.integers(0, 5), st.sampled_from([0, S // 10]))
def test_any_shop_is_played_alike(made: Small, seed: int, begin: int) -> None:
    """With times that are no round numbers."""
    equal(Network(*made), seed, begin, begin + S // 4)


def test_the_random_networks_are_of_all_kinds() -> None:
    """At least a tenth of them has each of what two planes could disagree on, a twentieth what is rarer."""
    found: Counter[str] = Counter()

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(networks(), seeds)
    def look(case: Case, seed: int) -> None:
        network = case.network
        births, visits = equal(network, seed, 0, case.span(60), *case.scalings)
        journeys = [network.journey(i, 0, (1,) * source.flow.shares) for i, source in enumerate(network.sources)]
        crossings = [c for j in journeys for b in j.branches() for way in b.ways for c in way]
        at = [(network.sources[i].flow.route, task, instant) for i, _, task, instant in visits[:, :4].tolist()]
        arrivals = [flow.workload.arrivals for flow in network.flows]
        times = {step.variant.service.kind for flow in network.flows for step in flow.route.steps}
        found.update(
            {
                "all": 1,
                "acyclic": acyclic(network),
                "cyclic": not acyclic(network),
                "background": bool(network.background),
                "joins": any(journey.joins for journey in journeys),
                "forks": any(b.visit and len(b.visit.branches) > 1 for j in journeys for b in j.branches()),
                "copies": any(journey.copies for journey in journeys),
                "speculative": any(t.ahead_of for flow in network.flows for t in flow.workload.tasks),
                "cascades": any(flow.shares for flow in network.flows),
                "no answer": any(not any(t.answers for t in flow.workload.tasks) for flow in network.flows),
                "several nodes a source": any(flow.sources.of_nodes > 1 for flow in network.flows),
                "sub-pools": any(queue.number for queue in network.queues if not queue.link),
                "several servers": any((queue.servers or 0) > 1 for queue in network.queues),
                "bought by the request": any(queue.servers is None for queue in network.queues),
                "limits of an offer": any(queue.name == "api" and queue.servers for queue in network.queues),
                "cold starts": any(network.cold_start(queue) for queue in network.queues),
                "scaling": bool(case.scalings),
                "random nodes": any(flow.dispatched for flow in network.flows),
                "least loaded nodes": any(
                    b.visit and b.visit.among and b.visit.pick is None for j in journeys for b in j.branches()
                ),
                "links": any(queue.link for queue in network.queues),
                "links whose delay varies": any(c.delay >= 0 for c in crossings),
                "links that lose messages": any(c.loss >= 0 <= c.queue for c in crossings),
                "shared links": any(queue.link and queue.shared for queue in network.queues),
                "ports of nodes": any(len(b.ways) > 1 for j in journeys for b in j.branches()),
                "several groups": len({flow.key for flow in network.flows}) > 1,
                "jitter": any(getattr(one, "jitter_s", 0.0) > 0 for one in arrivals),
                "bursts": any(isinstance(one, Bursty) for one in arrivals),
                "traces": any(isinstance(one, Trace) for one in arrivals),
                "bags": "bag" in times,
                "kept times": "kept" in times,
                "windows": any(task.collects for flow in network.flows for task in flow.workload.tasks),
                "ties of tasks": len(set(at)) < len(at),
                "ties of births": len(np.unique(births[:, 2])) < len(births),
                "rows": len(visits) > 0,
                "lanes": bool(network.lanes),
                "batches": bool((visits[:, 10] < visits[:, 5] - visits[:, 4]).any()),
                "links that may be down": bool(network.may_be_down),
                **{cause: bool((visits[:, 11] == number).any()) for number, cause in enumerate(CAUSES[:NO_LINE])},
            }
        )

    look()
    rare = (
        *CAUSES,
        "links that lose messages",
        "batches",
        "links that may be down",
        "jitter",
        "bursts",
        "traces",
        "bags",
        "kept times",
        "windows",
    )
    assert found["all"] >= 100
    assert [what for what, number in found.items() if number < (5 if what in rare else 10)] == []
    assert found["acyclic"] > found["cyclic"]


# control


def test_gauges_read_alike_in_both() -> None:
    """What a control process sees at its instants."""
    looking = Acting(tuple((number * 9_000_000, "look", 0) for number in range(1, 30)))
    equal(Network(*two_workloads(with_second=True)), 1, 0, S // 3, looking)
    assert looking.seen[0] == looking.seen[-1]
    assert any(busy for busy, *_ in looking.seen[0])


# the library


@cache
def placed(name: str, what_if: str | None = None) -> tuple[Scenario, Placement]:
    """A scenario of the library under its plan; a what-if of it under the same."""
    case = scenarios.load(name)
    if what_if:
        return case.with_what_if(what_if), placed(name)[1]
    if name != "factory-vision":
        found = planner.plan(case).placement
        assert found is not None
        return case, found
    # planning it takes long; tests/test_planner_factory.py proves that this is its plan
    (stream,) = (one for one in case.workloads if one.name == "defects")
    ways = variants(case, stream, stream.tasks[0], case.pool("gateway"), "jetson-orin-nano-super", None)
    (chosen,) = (variant for variant in ways if variant.model == "yolo11n" and variant.precision == "fp16")
    route = Route("defects", "plant/all", (Step("inspect", "gateway", chosen),))
    nodes = (Nodes("camera", "plant/all", "rb3-gen-2", 6), Nodes("gateway", "plant/all", chosen.hardware, 3))
    return case, Placement((route,), nodes)


LIBRARY = [
    *((name, None) for name in scenarios.library()),
    *(("factory-vision", what_if) for what_if in ("staggered", "aligned", "double-speed")),
]


@cache
def ready(name: str, what_if: str | None) -> tuple[Network, int, int]:
    case, placement = placed(name, what_if)
    begin = nanoseconds(case.study.warm_up_s)
    return Network(case, placement), begin, begin + nanoseconds(min(case.study.span_s, 600.0)) // 2


@pytest.mark.parametrize(("name", "what_if"), LIBRARY)
def test_the_library_is_played_alike(name: str, what_if: str | None) -> None:
    births, visits = equal(ready(name, what_if)[0], 1, *ready(name, what_if)[1:])
    assert len(births) > 50
    assert len(visits) > 50


@pytest.mark.parametrize(("name", "what_if"), LIBRARY)
def test_the_library_is_played_alike_with_each_station_down_and_a_controller(name: str, what_if: str | None) -> None:
    """A fifth of the span each pool and each link is down, or has servers only as its queue is long."""
    network, begin, end = ready(name, what_if)

    def outage(station: str) -> Control:
        def control(stations: Handles) -> Iterator[int]:
            for instant, up in ((begin + (end - begin) // 4, False), (begin + (end - begin) * 9 // 20, True)):
                yield instant
                for one in stations[station]:
                    one.set_up(up)

        return control

    for station in sorted({queue.name for queue in network.queues if queue.servers}):
        equal(network, 2, begin, end, outage(station))
    steering = Steering((end - begin) // 20, None, 1, 1)
    equal(network, 3, begin, end, steering)
    assert any(steering.seen[0])


# sampled sites, and the engine as a whole


@pytest.mark.parametrize(
    "arrivals",
    [
        poisson(20.0),
        periodic(20.0),
        periodic(20.0, "aligned"),
        periodic(20.0, "staggered"),
        Periodic(20.0, "node", "random", 0.03),
        Bursty(20.0, "node", (BurstState(3.0, 0.1), BurstState(0.0, 0.2))),
        trace([0.01, 0.01, 0.02, 0.17, 0.3, 0.3]),
    ],
)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_sites_beyond_the_sample_are_played_alike(arrivals: Arrivals, share: float) -> None:
    network = Network(*shops(40, arrivals, {"shop/all": 3}, share))
    assert network.background
    equal(network, 3, S // 10, S // 2)


def test_the_engine_is_chosen_by_name() -> None:
    case, placement = two_workloads(with_second=True)
    one, other = (sim.simulate(case, placement, replications=3, engine=name, requests=True) for name in ENGINES)
    assert [one.engine, other.engine] == list(ENGINES)
    for table in ("requests", "stations", "links", "workloads", "tasks"):
        assert getattr(one, table).equals(getattr(other, table))
