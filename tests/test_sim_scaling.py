"""Autoscaling, event by event; what always holds of it; what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import Case, networks
from sim_cases import periodic, placement, poisson, pool, scenario, task, workload

import sim
from planner.bill import price
from planner.flows import planned_usage
from scenarios.figures import Figure
from scenarios.pools import Scaling
from scenarios.prices import OfferPrice, PriceBook
from sim.compiled import plane as compiled
from sim.control import Control, Handles
from sim.draws import NS
from sim.replication import Replication
from sim.result import Result
from sim.scaling import Scaler, provided, provided_area
from sim.simulation import ENGINES
from sim.tally import limits_of

CAMERA = pool("camera", "device")


def run(
    rule: Scaling | None,
    rate_per_s: float,
    on: dict[str, float],
    span_s: float,
    *,
    count: int = 3,
    engine: str = "compiled",
    controls: tuple[Control, ...] = (),
) -> Result:
    """A camera sends each of its frames to a box for every task, in order of their names; times in seconds."""
    box = pool("box", count=count, scaling=rule)
    case = scenario([CAMERA, box], [workload("watch", periodic(rate_per_s), [task(name) for name in on])])
    placed = placement(case, {name: ("box", service_s) for name, service_s in on.items()})
    asked: dict[str, Any] = {"replications": 1, "warm_up_s": 0.0, "span_s": span_s, "requests": True}
    return sim.simulate(case, placed, engine=engine, controls=controls, **asked)


def steps(result: Result) -> list[tuple[float, int]]:
    """Nodes that are paid for from an instant [s] on."""
    return list(result.scaling[["at_s", "nodes"]].itertuples(index=False, name=None))


def waits(result: Result) -> list[float]:
    """Of each request [s], in the order of their births."""
    rows = result.requests.sort_values(["sequence", "task"])
    return ((rows["started_ns"] - rows["entered_ns"]) / NS).tolist()


def first_birth(result: Result) -> float:
    return float(result.requests["born_ns"].min() / NS)


def down(until_s: float) -> Control:
    def control(stations: Handles) -> Iterator[int]:
        for instant, up in ((0, False), (round(until_s * NS), True)):
            yield instant
            stations["box"][0].set_up(up)

    return control


@pytest.mark.parametrize("engine", ENGINES)
def test_nodes_are_ordered_at_a_look_and_serve_after_they_have_started_up(engine: str) -> None:
    """Eight tenths of a node are needed, at a target of a half: two. While the box is down nothing is done.

    Three seconds after the first instant no look of the last three wanted two any more; one stays, somebody waits. From
    6 s on it is always at work, which is twice the target: one more is ordered at 7 s and serves at 9 s. In the second
    before 9 s one node was at work and two serve then: that is the target. At 10 s both are: four are wanted, and three
    is the most. What waited is served by 12.3 s. In the second before 13 s nearly one and a half were at work, which is
    the target for three within a tenth; from 14 s on two are enough, and at 16 s the third goes.
    """
    rule = Scaling(0.5, None, start_up_s=2.0, cool_down_s=3.0, every_s=1.0)
    found = run(rule, 10, {"detect": 0.08}, 20.0, engine=engine, controls=(down(6.0),))
    assert steps(found) == [(0.0, 2), (3.0, 1), (7.0, 2), (10.0, 3), (16.0, 2)]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_request_wakes_a_pool_without_nodes_at_its_very_instant(engine: str) -> None:
    """A request every ten seconds, a start-up of two, a cool-down of three: each but the first meets nobody."""
    rule = Scaling(0.5, None, start_up_s=2.0, cool_down_s=3.0, at_least=0, every_s=1.0)
    found = run(rule, 0.1, {"detect": 0.08}, 30.0, engine=engine)
    born = first_birth(found)
    assert 1 < born < 2
    assert waits(found) == [0.0, 2.0, 2.0]
    asleep = [(5.0, 0), (17.0, 0), (27.0, 0)]  # three seconds after the look that follows the service
    woken = [(born + 10, 1), (born + 20, 1)]
    assert [(round(at, 9), nodes) for at, nodes in steps(found)] == [(0.0, 1), *sorted([*asleep, *woken])]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_node_that_is_taken_away_finishes_what_it_has_and_is_paid_until_then(engine: str) -> None:
    """Node 1 takes ``a`` for one second and node 2 ``b`` for 4.5; two seconds on the second goes."""
    rule = Scaling(None, 5, start_up_s=2.0, cool_down_s=2.0, every_s=2.0)
    found = run(rule, 0.2, {"a": 1.0, "b": 4.5}, 5.0, count=2, engine=engine)
    born = first_birth(found)
    assert 0 < born < 1
    assert steps(found) == [(0.0, 2), (born + 4.5, 1)]
    found = run(rule, 0.2, {"a": 1.0, "b": 4.5}, 6.0, count=2, engine=engine)
    assert waits(found) == [0.0, 0.0, 0.0, 1.0]  # a second birth, where one node is left


@pytest.mark.parametrize("engine", ENGINES)
def test_a_node_more_for_every_so_many_who_wait(engine: str) -> None:
    """Ten come in the first second, in which nobody is served: at a depth of four that is two more."""
    rule = Scaling(None, 4, start_up_s=0.5, cool_down_s=60.0, every_s=1.0)
    found = run(rule, 10, {"detect": 0.05}, 3.0, count=9, engine=engine, controls=(down(1.5),))
    assert steps(found) == [(0.0, 1), (1.0, 2)]
    found = run(replace(rule, queue_depth=2), 10, {"detect": 0.05}, 3.0, count=9, engine=engine, controls=(down(1.5),))
    assert steps(found) == [(0.0, 1), (1.0, 5)]
    found = run(replace(rule, queue_depth=2), 10, {"detect": 0.05}, 3.0, count=3, engine=engine, controls=(down(1.5),))
    assert steps(found) == [(0.0, 1), (1.0, 3)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_service_bought_by_the_request_serves_so_many_at_once(engine: str) -> None:
    """Three frames of 50 ms come together, two are served at once."""
    cameras = pool("camera", "device", count=3)
    api = pool("api", "gateway", count=0, offers=("api",), concurrent=2)
    case = scenario([cameras, api], [workload("watch", periodic(10, "aligned"), [task("detect")])])
    placed = placement(case, {"detect": ("api", 0.05)})
    found = sim.simulate(case, placed, engine=engine, span_s=0.1, replications=1, requests=True)
    assert waits(found) == [0.0, 0.0, 0.05]
    (row,) = found.stations.to_dict("records")
    assert (row["servers"], row["mean_servers"]) == (2, 2.0)
    assert row["utilisation"] == row["mean_busy_servers"] / 2 > 0


def test_bounds_that_leave_no_choice_change_nothing() -> None:
    """M/M/3 under control is M/M/3."""
    box = pool("box", count=3)
    fixed = replace(box, scaling=Scaling(0.5, 4, start_up_s=1.0, cool_down_s=0.0, at_least=3, every_s=0.5))
    tables = []
    for each in (box, fixed):
        case = scenario([CAMERA, each], [workload("watch", poisson(200), [task("detect")])])
        placed = placement(case, {"detect": ("box", 0.01)})
        tables.append(sim.simulate(case, placed, span_s=30.0, replications=2))
    one, other = tables
    assert one.response().equals(other.response())
    assert one.stations.equals(other.stations)
    assert one.usage.node_s == {}
    assert list(other.usage.node_s.values()) == [pytest.approx(3 * 730 * 3600, rel=1e-12)]


@settings(max_examples=80, deadline=None)
@given(networks(), st.integers(0, 3))
def test_nodes_stay_within_their_bounds_and_all_that_work_are_paid(case: Case, seed: int) -> None:
    network, end = case.network, case.span(60)
    limits = limits_of(network.flows, [])
    played = compiled.play(Replication(network, seed, 0, 0, end, limits, case.scalings))
    in_order = sorted(played.provided.items(), key=lambda one: network.queues[one[0]].order)
    for scaler, (number, changes) in zip(case.scalings, in_order, strict=True):
        assert isinstance(scaler, Scaler)
        assert network.queues[number].name == scaler.pool
        assert all(scaler.least <= nodes <= scaler.most for nodes in accumulate(nodes for _, nodes in changes))
        assert all(nodes >= 0 for _, nodes in provided(changes))
        assert played.queues[number, 0] <= provided_area(changes, 0, end) * network.slots(network.queues[number])


def test_node_hours_are_the_area_under_the_nodes_and_the_bill_takes_them() -> None:
    """Of the first run above, 3 × 2 + 4 × 1 + 3 × 2 + 6 × 3 + 4 × 2 = 42 node seconds in 20 s."""
    rule = Scaling(0.5, None, start_up_s=2.0, cool_down_s=3.0, every_s=1.0)
    rented = pool("box", "cloud", count=3, scaling=rule, offers=("big",))
    case = scenario([CAMERA, rented], [workload("watch", periodic(10), [task("detect")])])
    case = replace(case, prices=PriceBook(offers={("big", "shop"): OfferPrice(Figure(2.0, "USD/h", "yours", ""))}))
    placed = placement(case, {"detect": ("box", 0.08)})
    placed = replace(placed, nodes=tuple(replace(one, on="big") for one in placed.nodes if one.pool == "box"))
    found = sim.simulate(case, placed, span_s=20.0, warm_up_s=0.0, replications=1, controls=[down(6.0)])
    assert found.stations["mean_servers"].tolist() == [42 / 20]
    assert found.stations["utilisation"].tolist() == pytest.approx(found.stations["mean_busy_servers"] / (42 / 20))
    assert found.usage.node_s == {("box", "shop/all"): pytest.approx(42 / 20 * 730 * 3600)}
    (line,) = price(case, placed, found.usage)
    assert (line.quantity, line.usd_per_month) == (pytest.approx(42 / 20 * 730), pytest.approx(42 / 20 * 730 * 2))
    (planned,) = price(case, placed, planned_usage(case, placed))
    assert planned.quantity == 3 * 730


def test_an_area_counts_within_the_measured_span_alone() -> None:
    changes = [(0, 2), (30, -1), (10, 1)]
    assert list(provided(changes)) == [(0, 2), (10, 3), (30, 2)]
    assert provided_area(changes, 5, 25) == 5 * 2 + 15 * 3
    assert provided_area(changes, 20, 40) == 10 * 3 + 10 * 2


def test_sites_that_are_not_simulated_in_full_are_paid_like_the_others() -> None:
    """Eight shops with two lines each, of which three are played."""
    box = pool("box", per="line", count=2, scaling=Scaling(0.5, None, start_up_s=1.0, at_least=2))
    case = scenario([pool("camera", "device", per="line"), box], [workload("watch", periodic(10), [task("detect")])])
    site = case.sites[0]
    case = replace(
        case,
        sites=(replace(site, groups=(replace(site.groups[0], count=8),)),),
        study=replace(case.study, sample={"shop/all": 3}),
    )
    found = sim.simulate(case, placement(case, {"detect": ("box", 0.01)}), span_s=2.0)
    assert found.usage.node_s == {("box", "shop/all"): pytest.approx(8 * 2 * 2 * 730 * 3600)}


def test_both_engines_tell_the_same_story() -> None:
    rule = Scaling(0.6, 3, start_up_s=0.4, cool_down_s=1.0, at_least=0, every_s=0.3)
    one, other = (run(rule, 0.5, {"a": 0.3, "b": 1.1}, 20.0, engine=name) for name in ENGINES)
    assert len(one.scaling) > 1
    assert one.scaling.equals(other.scaling)
    assert one.stations.equals(other.stations)
    assert one.usage == other.usage
