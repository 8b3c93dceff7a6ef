"""Policies in Python: what they are shown, what their choice changes, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from random_networks import Case, networks
from sim_cases import MS, link, periodic, placement, poisson, pool, same_play, scenario, task, workload

import planner
import scenarios
import sim
from app.printed.simulated import document, simulation_lines
from app.report.traced import traced
from hardware_profiles.faults import BadInput, NotSupported
from hardware_profiles.service_time import ServiceTime
from scenarios.links import Link
from scenarios.placement import Placement
from scenarios.places import Group
from scenarios.scenario import Scenario
from scenarios.workloads import Arrivals
from sim.control import Handles
from sim.policies import Entry, Gauges, Policy, refuse_unsound
from sim.replication import Replication
from sim.requests import play
from sim.result import Result
from sim.tally import limits_of

CAMERA, BOX = pool("camera", "device", count=3, per="line"), pool("box", per="line")
LAN = link("lan", ("shop", "shop"), 1e9, 0.001)


def shortest(entry: Entry, queues: Sequence[Gauges]) -> int:  # noqa: ARG001
    return min(range(len(queues)), key=lambda number: queues[number].waiting + queues[number].busy)


def own(entry: Entry, queues: Sequence[Gauges]) -> int:  # noqa: ARG001
    return entry.own


def lines(
    service_s: float = 0.004, rate_per_s: float = 10, facts: int = 2, sites: int = 1, links: Sequence[Link] = ()
) -> tuple[Scenario, Placement]:
    """Three cameras a line take pictures together, at a random phase of the line; a box a line looks at them."""
    stream = workload("vision", periodic(rate_per_s, "aligned"), [task("detect")])
    case = scenario([CAMERA, BOX], [stream], links, [Group("shop", "all", sites, {"line": facts})])
    return case, placement(case, {"detect": ("box", service_s)})


def waits(result: Result) -> list[tuple[int, float]]:
    """(camera, how long it waited [ms]) in the order of births."""
    table = result.requests.sort_values(["born_ns", "source"])
    return list(zip(table["source"], (table["started_ns"] - table["entered_ns"]) / MS, strict=True))


# what a choice changes


def test_joining_the_shortest_queue_beats_a_box_for_each_line() -> None:
    """Of three pictures at one instant the second goes to the other line's box, which is idle."""
    case, placed = lines()
    fixed = sim.simulate(case, placed, span_s=0.1, seed=2, requests=True)
    chosen = sim.simulate(case, placed, span_s=0.1, seed=2, requests=True, policies={"box": shortest})
    first = waits(fixed)[0][0]  # the line whose phase comes first
    cameras = [*range(first, first + 3), *range(5 - first, 8 - first)]
    assert waits(fixed) == list(zip(cameras, [0.0, 4.0, 8.0, 0.0, 4.0, 8.0], strict=True))
    assert waits(chosen) == list(zip(cameras, [0.0, 0.0, 4.0, 0.0, 0.0, 4.0], strict=True))
    assert fixed.stations["visits"].tolist() == [3, 3]
    assert chosen.stations["visits"].tolist() == [4, 2]  # of equal ones the first


def test_work_goes_round_a_box_that_is_down() -> None:
    """The other line's box serves all of it in turn."""

    def outage(stations: Handles) -> Iterator[int]:
        yield 0
        stations["box"][0].set_up(False)
        yield 1000 * MS
        stations["box"][0].set_up(True)

    def whichever_is_up(entry: Entry, queues: Sequence[Gauges]) -> int:
        return entry.own if queues[entry.own].up else 1 - entry.own

    case, placed = lines(0.001)
    result = sim.simulate(case, placed, span_s=0.1, controls=[outage], requests=True, policies={"box": whichever_is_up})
    assert [wait for _, wait in waits(result)] == [0.0, 1.0, 2.0] * 2
    assert result.stations["visits"].tolist() == [0, 6]


def regions(arrivals: Arrivals, count: int = 3) -> tuple[Scenario, Placement]:
    """Lines whose boxes look and whose shop's server reads, then the cloud; nobody is always on time."""
    pools = [replace(CAMERA, count=replace(CAMERA.count, low=2, high=2)), replace(BOX, slots=2)]
    pools += [pool("server", count=2), pool("cloud", "cloud", "west", count=2)]
    tasks = [
        task("look", input=(50_000,), output=(100,)),
        task("read", after=("look",), share=0.7, output=(10,)),
        task("match", after=("look", "read"), output=(10,), answers=True),
    ]
    links = [link("uplink", ("shop", "west"), 2e6, 0.02), LAN]
    groups = [Group("shop", "big", count, {"line": 3}), Group("shop", "small", 2, {"line": 1})]
    case = scenario(pools, [workload("watch", arrivals, tasks)], links, groups)
    times = {"look": "box", "read": "server", "match": "cloud"}
    return case, placement(case, {name: (at, ServiceTime.exponential(0.006)) for name, at in times.items()})


@pytest.mark.parametrize("arrivals", [poisson(8.0), periodic(8.0, "aligned")])
def test_a_policy_that_keeps_to_the_own_queue_changes_nothing(arrivals: Arrivals) -> None:
    case, placed = regions(arrivals)
    policies = {"box": own, "server": own, "cloud": own}
    how: dict[str, Any] = {"replications": 2, "span_s": 2.0, "warm_up_s": 0.5, "requests": True}
    without, compiled, with_own = (
        sim.simulate(case, placed, engine=engine, policies=these, **how)
        for engine, these in (("simpy", None), ("compiled", None), ("compiled", policies))
    )
    assert (without.engine, compiled.engine, with_own.engine) == ("simpy", "compiled", "simpy")
    assert len(without.requests) > 500
    for result in (compiled, with_own):
        assert all(map(same_play, without.played, result.played))
        for table in ("requests", "stations", "links", "workloads", "tasks"):
            assert_frame_equal(getattr(result, table), getattr(without, table))


@settings(max_examples=40, deadline=None)
@given(networks(), st.integers(0, 1 << 40))
def test_nor_does_it_in_any_network(case: Case, seed: int) -> None:
    """Sites beyond the sample included; on every pool that may have a policy."""
    policies: dict[str, Policy] = {}
    for one in case.scenario.pools:
        try:
            refuse_unsound({one.name: own}, case.scenario, case.network)
        except NotSupported:
            continue
        policies[one.name] = own
    of = Replication(case.network, seed, 0, 0, case.span(60), limits_of(case.network.flows))
    assert same_play(play(of), play(of, policies=policies))


def test_whatever_is_chosen_the_same_work_is_done_at_the_same_site() -> None:
    """Births, times of service and the visits of each site are those without a policy; so is the month."""

    def scattered(entry: Entry, queues: Sequence[Gauges]) -> int:
        return (entry.sequence * 7 + len(entry.task)) % len(queues)

    case, placed = regions(poisson(8.0))
    without, chosen = (
        sim.simulate(case, placed, span_s=2.0, requests=True, policies=these) for these in (None, {"box": scattered})
    )

    def done(result: Result) -> Any:
        table = result.requests
        names = ["group", "site", "source", "sequence", "task", "born_ns"]
        return table[names].assign(service=table["completed_ns"] - table["started_ns"])

    assert_frame_equal(done(chosen), done(without))
    visits = [result.stations.groupby(["pool", "group", "site"])["visits"].sum() for result in (without, chosen)]
    assert visits[0].sum() > 500
    assert visits[0].tolist() == pytest.approx(visits[1].tolist(), abs=3)  # those that start within the span
    assert not chosen.stations["visits"].equals(without.stations["visits"])
    assert chosen.usage == without.usage


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same() -> None:
    case, placed = lines()
    results = [
        sim.simulate(case, placed, replications=3, span_s=0.2, workers=workers, policies={"box": shortest})
        for workers in (1, 2)
    ]
    assert all(map(same_play, *(result.played for result in results)))


# what is shown


def test_a_policy_sees_who_comes_and_all_queues_of_the_pool_at_that_site() -> None:
    """Two sites, two lines each; the picture has crossed the shop's network by then."""
    seen: list[tuple[Entry, list[tuple[bool, int, int, int]]]] = []

    def looking(entry: Entry, queues: Sequence[Gauges]) -> int:
        seen.append((entry, [(one.up, one.servers, one.busy, one.waiting) for one in queues]))
        return entry.own

    case, placed = lines(sites=2, links=[LAN])
    table = sim.simulate(case, placed, span_s=0.1, requests=True, policies={"box": looking}).requests
    first = {(row["site"], row["source"]): row for row in table.to_dict("records")}
    measured = [(entry, state) for entry, state in seen if entry.sequence == 0]
    assert len(measured) == 2 * 2 * 3
    for entry, state in measured:
        assert entry.site is not None
        assert entry.source is not None
        row = first[entry.site, entry.source]
        line, place = divmod(entry.source - 1, 3)
        arrived = row["born_ns"] + MS // 2
        expected = Entry("vision", "shop/all", entry.site, entry.source, 0, "detect", row["born_ns"], arrived, line)
        assert entry == expected
        assert len(state) == 2
        assert state[line] == (True, 1, min(place, 1), max(place - 1, 0))


def test_a_policy_cannot_act_on_a_queue() -> None:
    def acting(entry: Entry, queues: Sequence[Gauges]) -> int:
        queues[entry.own].set_servers(5)  # type: ignore[attr-defined]
        return entry.own

    with pytest.raises(AttributeError, match="set_servers"):
        sim.simulate(*lines(), span_s=0.1, policies={"box": acting})


def test_of_sites_not_simulated_in_full_a_policy_sees_what_comes_to_a_shared_pool() -> None:
    """250 shops, ten of them in full: the cloud is asked about all, the boxes only about those."""
    asked: dict[str, set[int | None]] = {"box": set(), "cloud": set()}

    def of(name: str) -> Policy:
        def policy(entry: Entry, queues: Sequence[Gauges]) -> int:
            assert (entry.site is None) == (entry.source is None)
            assert len(queues) == (3 if name == "box" and entry.group == "shop/big" else 1)
            asked[name].add(entry.site)
            return entry.own

        return policy

    case, placed = regions(poisson(0.5), 250)
    case = replace(case, study=replace(case.study, sample={"shop/big": 10}))
    policies = {name: of(name) for name in asked}
    without, result = (sim.simulate(case, placed, span_s=3.0, policies=these) for these in (None, policies))
    assert asked == {"box": set(range(1, 11)), "cloud": {*range(1, 11), None}}
    assert all(map(same_play, without.played, result.played))


# what is refused


def test_a_pool_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(BadInput) as caught:
        sim.prepare(*lines(), policies={"boxx": own})
    assert str(caught.value) == "policies: found boxx, expected a pool: camera, box (did you mean box?)"


@pytest.mark.parametrize("index", [2, -1, 1.0, None, np.int64(7)])
def test_an_index_of_no_queue_is_refused_with_pool_and_index(index: Any) -> None:
    with pytest.raises(BadInput) as caught:
        sim.simulate(*lines(), span_s=0.1, policies={"box": lambda *_: index})
    assert str(caught.value) == f"policies.box: found index {index}, expected the index of a queue, 0 to 1"


def test_any_kind_of_whole_number_is_an_index() -> None:
    """``numpy.argmin`` gives one of its own."""
    results = [
        sim.simulate(*lines(), span_s=0.1, policies={"box": policy})
        for policy in (shortest, lambda _, queues: np.argmin([one.waiting + one.busy for one in queues]))
    ]
    assert same_play(results[0].played[0], results[1].played[0])


def refusal(case: Scenario, placed: Placement, name: str) -> str:
    with pytest.raises(NotSupported) as caught:
        sim.prepare(case, placed, policies={name: own})
    return str(caught.value)


def test_a_service_bought_by_the_request_has_no_queue() -> None:
    pools = [pool("camera", "device"), pool("api", "cloud", "west", offers=("card",))]
    case = scenario(pools, [workload("vision", poisson(10), [task("detect")])], [link("up", ("shop", "west"))])
    placed = placement(case, {"detect": ("api", 0.01)}, without_nodes=["api"])
    assert refusal(case, placed, "api") == "policies.api: found api bought by the request, expected a pool with queues"


@pytest.mark.parametrize("answer_to", ["cloud", "source"])
def test_where_nodes_have_ports_of_their_own_a_policy_is_refused(answer_to: str) -> None:
    """A port belongs to the node that a journey was drawn up for; the one that sends to the cloud, or to a camera."""
    tasks = [task("detect", output=(1000,), answers=True, answer_to=answer_to)]
    pools = [CAMERA, BOX, pool("cloud", "cloud", "west")]
    ports = [link("lan", ("shop", "shop"), 1e6, each="node"), link("up", ("shop", "west"), 1e6, each="node")]
    case = scenario(pools, [workload("vision", poisson(10), tasks)], ports)
    placed = placement(case, {"detect": ("box", 0.01)})
    name = "up" if answer_to == "cloud" else "lan"
    expected = "expected links with `each: site` or `shared`"
    assert refusal(case, placed, "box") == f"policies.box: found ports of box at {name}, {expected}"
    shared = replace(case, links=tuple(replace(one, each="site") for one in ports))
    assert sim.simulate(shared, placed, span_s=0.1, policies={"box": shortest}).engine == "simpy"


def test_where_the_cloud_sends_down_to_ports_a_policy_is_refused() -> None:
    tasks = [task("read", output=(1000,)), task("look", after=("read",))]
    pools = [CAMERA, BOX, pool("cloud", "cloud", "west")]
    case = scenario(pools, [workload("vision", poisson(10), tasks)], [link("up", ("shop", "west"), 1e6, each="node")])
    placed = placement(case, {"read": ("cloud", 0.01), "look": ("box", 0.01)})
    assert "found ports of box at up" in refusal(case, placed, "box")


def test_work_that_would_have_to_cross_a_link_from_queue_to_queue_is_refused() -> None:
    """Without a link within the shop all ways there are free, also those between two boxes."""
    tasks = [task("look"), task("read", after=("look",))]
    case = scenario([CAMERA, BOX], [workload("vision", poisson(10), tasks)], [LAN])
    placed = placement(case, {"look": ("box", 0.01), "read": ("box", 0.01)})
    expected = "expected a pool that passes its work on to others"
    assert refusal(case, placed, "box") == (
        f"policies.box: found work that box passes on to itself (vision.read) beside lan, {expected}"
    )
    free = replace(case, links=())
    assert sim.simulate(free, placed, span_s=0.1, policies={"box": shortest}).engine == "simpy"


# what is said


def test_the_result_says_why_the_reference_played() -> None:
    def note(policies: dict[str, Policy]) -> tuple[str, str | None]:
        result = sim.simulate(*lines(), span_s=0.1, engine="compiled", policies=policies)
        found = result.summary()
        assert (found["engine"], found["engine_note"]) == (result.engine, result.engine_note)
        return result.engine, result.engine_note

    assert note({}) == ("compiled", None)
    assert note({"box": own}) == ("simpy", "box: a policy in Python runs on the reference engine")
    both = note({"box": own, "camera": own})
    assert both == ("simpy", "box, camera: policies in Python run on the reference engine")


def test_it_is_printed_with_the_simulation_and_in_the_report() -> None:
    plan = planner.plan(scenarios.load("two-site-toy"))
    assert plan.placement is not None
    used = plan.placement.routes[0].steps[0].pool
    note = f"{used}: a policy in Python runs on the reference engine"
    for policies, engine in (({used: own}, f"simpy ({note})"), (None, "compiled")):
        result = sim.simulate(plan.scenario, plan.placement, policies=policies)
        found = document(plan.scenario, plan.placement, result)
        assert (note in simulation_lines(plan.scenario, result, found)) == bool(policies)
        assert json.loads(json.dumps(found))["engine_note"] == (note if policies else None)
        (table,) = traced(replace(plan, result=result)).tables
        assert engine in str(table)
