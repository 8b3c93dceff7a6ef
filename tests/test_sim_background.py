"""Sites beyond those simulated in full: background at shared queues, nothing elsewhere, and never a wrong total."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from scipy.special import stdtrit
from sim_cases import link, periodic, placement, poisson, pool, same_play, scenario, task, workload

import sim
from hardware_profiles.faults import NotSupported
from hardware_profiles.service_time import ServiceTime
from planner.flows import planned_usage
from scenarios.placement import Placement
from scenarios.places import Group
from scenarios.scenario import Scenario
from scenarios.workloads import Arrivals
from sim import load
from sim.arrivals import superposed
from sim.background import merged
from sim.draws import NS, key
from sim.network import Network
from sim.result import Result

Case = tuple[Scenario, Placement]
ARRIVALS = [poisson(1.0), periodic(1.0), periodic(1.0, "aligned"), periodic(1.0, "staggered")]
NAMES = ["poisson", "random", "aligned", "staggered"]


def shops(
    count: int,
    arrivals: Arrivals,
    sample: Mapping[str, int] | None = None,
    share: float = 1.0,
    servers: int = 8,
    read_at: str = "cloud",
) -> Case:
    """A look on the box of each shop, then a read in the cloud (or on the box): 4 ms and 20 ms."""
    pools = [pool("camera", "device", count=2, per="line"), pool("box"), pool("cloud", "cloud", "west", count=servers)]
    read = task("read", after=("look",), input=(1000,), output=(10,), share=share, answers=True)
    case = scenario(
        pools,
        [workload("watch", arrivals, [task("look", input=(1000,)), read])],
        [link("uplink", ("shop", "west"), 1e7, 0.02)],
        [Group("shop", "all", count, {"line": 2})],
    )
    case = replace(case, study=replace(case.study, sample=sample or {}))
    times = {"look": ("box", ServiceTime.exponential(0.004)), "read": (read_at, ServiceTime.exponential(0.020))}
    return case, placement(case, times)


def cloud(result: Result) -> Mapping[str, float]:
    (row,) = result.stations[result.stations["pool"] == "cloud"].to_dict("records")
    return row  # type: ignore[return-value]


# what is played in full


def test_a_sample_of_all_is_the_full_simulation() -> None:
    """300 sites, all of them with sources of their own; a larger sample changes no byte."""
    case, placed = shops(300, poisson(0.5), {"shop/all": 300})
    whole = sim.simulate(case, placed, replications=2, requests=True)
    more = sim.simulate(*shops(300, poisson(0.5), {"shop/all": 1000}), replications=2, requests=True)
    assert whole.sampled == more.sampled == {}
    assert whole.network.background == ()
    assert whole.requests["site"].max() > 290
    assert len(whole.network.sources) == 300 * 4
    assert all(map(same_play, whole.played, more.played))


def test_without_a_word_two_hundred_sites_are_simulated() -> None:
    for count, expected in ((200, {}), (201, {"shop/all": (200, 201)})):
        network = Network(*shops(count, poisson(0.5)))
        assert len(network.sources) == 200 * 4
        assert network.sampled == expected


def test_where_nothing_is_shared_the_sampled_sites_are_as_among_all_and_nobody_stands_for_the_others() -> None:
    """Byte for byte: births and visits of the first seven of thirty sites."""
    full, some = (
        sim.simulate(*shops(30, poisson(5.0), sample, read_at="box"), replications=2, span_s=2.0, requests=True)
        for sample in (None, {"shop/all": 7})
    )
    assert some.network.background == ()
    for one, other in zip(full.played, some.played, strict=True):
        for rows, sampled in zip(one.rows or (), other.rows or (), strict=True):
            assert np.array_equal(rows[rows[:, 0] < 7 * 4], sampled)
            assert len(sampled) > 100


def test_sampled_sites_keep_their_own_draws_beside_a_background() -> None:
    """Waits in the cloud differ; what is drawn for a request, and all that happens before the cloud, does not."""
    full = sim.simulate(*shops(30, poisson(5.0), servers=20), span_s=2.0, requests=True).requests
    some = sim.simulate(*shops(30, poisson(5.0), {"shop/all": 7}, servers=20), span_s=2.0, requests=True).requests
    full = full[full["site"] <= 7].reset_index(drop=True)
    look = full["task"] == "look"
    assert full[look].equals(some[some["task"] == "look"])
    drawn = ["site", "source", "sequence", "task", "born_ns", "entered_ns", "served_ns"]
    assert full[drawn].equals(some[drawn])


# what the others bring


@pytest.mark.parametrize("arrivals", ARRIVALS, ids=NAMES)
def test_sampling_agrees_with_simulating_all(arrivals: Arrivals) -> None:
    """Sixty shops at 60 % load: a tenth of them sampled; utilisation, queue and p95 within the intervals of both."""
    made = [shops(60, arrivals, sample, servers=8) for sample in (None, {"shop/all": 6})]
    full, some = (sim.simulate(*one, replications=8, span_s=6.0, warm_up_s=1.0) for one in made)
    assert cloud(full)["offered_load"] == pytest.approx(cloud(some)["offered_load"]) == pytest.approx(4.8)
    assert cloud(some)["utilisation"] == pytest.approx(0.6, rel=0.05)
    assert cloud(some)["visits"] == pytest.approx(cloud(full)["visits"], rel=0.05)
    one, other = (result.percentile("watch", "read", 0.95) for result in (full, some))
    assert one.low <= other.high
    assert other.low <= one.high


def test_the_pool_of_many_sites_waits_as_m_m_c_says() -> None:
    """400 shops offer 6.4 of 8 servers, 380 of them as background: the mean queue is that of Erlang."""
    case, placed = shops(400, poisson(0.2), {"shop/all": 20}, servers=8)
    run = sim.prepare(case, placed, span_s=8.0, warm_up_s=1.0)
    run.add(16)
    result = run.result()
    assert result.sampled == {"shop/all": (20, 400)}
    number = [queue.name for queue in result.network.queues].index("cloud")
    queues = np.array([played.queues[number, 1] for played in result.played]) / (8.0 * NS)
    a, c = 6.4, 8
    blocked = 1.0
    for k in range(1, c + 1):
        blocked = a * blocked / (k + a * blocked)
    waits = blocked / (1 - a / c * (1 - blocked))
    truth = waits * (a / c) / (1 - a / c)
    half = stdtrit(15, 0.9995) * queues.std(ddof=1) / 4
    assert abs(queues.mean() - truth) < half
    assert half < 0.5 * truth


def test_a_month_counts_every_site() -> None:
    """Requests, calls, bytes and busy seconds of 90 shops from nine, as from rates alone."""
    case, placed = shops(90, poisson(1.0), {"shop/all": 9}, share=0.5, servers=20)
    found = sim.simulate(case, placed, replications=6, span_s=20.0).usage
    planned = planned_usage(case, placed)
    for name in ("requests", "calls", "messages", "bytes", "busy_node_s"):
        assert getattr(found, name) == pytest.approx(getattr(planned, name), rel=0.08), name


def test_only_what_comes_to_the_cloud_is_played_for_the_others() -> None:
    """One in a hundred goes there: the cloud is as busy as it should be, and the span may be long."""
    case, placed = shops(5000, poisson(1.0), {"shop/all": 1}, share=0.01, servers=8)
    network = Network(case, placed)
    born, coming = load.background_per_s(network)
    assert (born, coming) == pytest.approx((4999 * 4, 4999 * 4 * 0.01))
    result = sim.simulate(case, placed, replications=2, span_s=5.0, warm_up_s=0.5)
    assert cloud(result)["mean_busy_servers"] == pytest.approx(5000 * 4 * 0.01 * 0.02, rel=0.1)


def test_a_million_sites_start_at_once() -> None:
    """Four sources each, one request in three hours from each: 370 requests/s of the background, 200 sites in full."""
    for arrivals in (poisson(1e-4), periodic(1e-4)):
        case, placed = shops(1_000_000, arrivals, servers=12)
        result = sim.simulate(case, placed, span_s=2.0, warm_up_s=0.5)
        assert result.sampled == {"shop/all": (200, 1_000_000)}
        assert len(result.network.sources) == 800
        assert cloud(result)["mean_busy_servers"] == pytest.approx(8.0, rel=0.2)


def test_a_link_that_all_sites_share_carries_the_background_too() -> None:
    """1 kB at 10 Mbit/s from 240 cameras at 1 /s: 19 % busy, of which the twelve sampled ones make a twentieth."""
    case, placed = shops(60, periodic(1.0), {"shop/all": 3})
    case = replace(case, links=(replace(case.links[0], each="shared"),))
    result = sim.simulate(case, placed, replications=3, span_s=4.0, warm_up_s=1.0)
    busy = result.links.set_index("direction")["busy_fraction"]
    assert busy["up"] == pytest.approx(240 * 1000 * 8 / 1e7, rel=0.05)
    assert result.links.set_index("direction").loc["up", "bytes"] == pytest.approx(240 * 4 * 1000, rel=0.05)


def test_overload_by_the_others_is_named() -> None:
    case, placed = shops(400, poisson(1.0), {"shop/all": 2}, servers=8)
    assert sim.simulate(case, placed, span_s=0.2).overloaded == ("cloud",)


def test_a_join_waits_for_all_its_messages_at_the_other_sites_too() -> None:
    """Left on the box, right in the cloud, both joined in the cloud: every background request does three visits."""
    tasks = [task("left"), task("right"), task("both", after=("left", "right"), answers=True)]
    pools = [pool("camera", "device"), pool("box"), pool("cloud", "cloud", "west", count=20)]
    case = scenario(pools, [workload("watch", poisson(10.0), tasks)], [link("uplink", ("shop", "west"), 1e8)])
    case = replace(case, sites=(replace(case.sites[0], groups=(Group("shop", "all", 50),)),))
    case = replace(case, study=replace(case.study, sample={"shop/all": 2}))
    placed = placement(case, {"left": ("box", 0.001), "right": ("cloud", 0.010), "both": ("cloud", 0.010)})
    result = sim.simulate(case, placed, replications=3, span_s=2.0, warm_up_s=0.5)
    assert cloud(result)["mean_busy_servers"] == pytest.approx(50 * 10 * 0.020, rel=0.05)
    assert result.workloads["unfinished"].sum() == 0


# their births


@pytest.mark.parametrize("sources", [1, 7, 1000])
def test_superposed_births_come_in_order_and_return_each_period(sources: int) -> None:
    births = np.array(list(islice(superposed(key(1, 0, "phase"), sources, 3.0), 4 * sources + 100)))
    assert (np.diff(births) >= 0).all()
    assert births[0] >= 0
    assert births[sources - 1] < NS / 3.0
    assert np.abs(births[sources:] - births[:-sources] - NS / 3.0).max() <= 1


def test_superposed_phases_are_those_of_independent_sources() -> None:
    """The k-th of five uniforms has mean k / 6 and variance k (6 - k) / 252; 4000 keys."""
    found = np.array([list(islice(superposed(key(2, i, "phase"), 5, 1.0, 5), 5)) for i in range(4000)]) / NS
    k = np.arange(1, 6)
    spread = np.sqrt(k * (6 - k) / 252)
    assert found.mean(axis=0) == pytest.approx(k / 6, abs=4 * 0.2 / math.sqrt(4000))
    assert found.std(axis=0) == pytest.approx(spread, rel=0.06)


@pytest.mark.parametrize(
    ("arrivals", "sources", "rate_per_s", "together"),
    [
        (poisson(2.0), 28 * 4, 2.0, 1),
        (periodic(2.0), 28 * 4, 2.0, 1),
        (periodic(2.0, "aligned"), 28 * 2, 2.0, 2),
        (periodic(2.0, "staggered"), 28 * 2, 4.0, 1),
    ],
    ids=NAMES,
)
def test_births_are_merged_by_the_law_of_arrivals(
    arrivals: Arrivals, sources: int, rate_per_s: float, together: int
) -> None:
    """Of thirty shops 28 are not simulated in full; two lines each with two cameras in phase."""
    found = merged(Network(*shops(30, arrivals, {"shop/all": 2})).flows[0])
    assert (found.sources, found.rate_per_s, found.together) == (sources, rate_per_s, together)
    assert found.births_per_s == 28 * 4 * 2.0
    births = np.array(list(islice(found.births(key(1, 0, "phase"), key(1, 0, "arrival"), 64), 2240)))
    assert births[-1] == pytest.approx(10 * NS, rel=0.1)
    if together > 1:
        assert (births[::2] == births[1::2]).all()


# what is refused


@pytest.mark.parametrize(("engine", "most", "span"), [("simpy", 5_000_000, "1 s"), ("compiled", 200_000_000, "42 s")])
def test_more_background_than_can_be_played_is_refused_with_a_span(engine: str, most: int, span: str) -> None:
    case, placed = shops(1_000_000, poisson(1.0), servers=100_000)
    with pytest.raises(NotSupported) as caught:
        sim.prepare(case, placed, span_s=60.0, engine=engine)
    (fault,) = caught.value.faults
    assert fault.path == "study.simulate.busiest"
    assert fault.found == "2.4e+08 requests of sites not simulated in full, in 60 s with the warm-up"
    assert fault.expected == f"at most {most}: a span of {span}, say"


def test_a_sample_of_more_sources_than_can_be_played_is_refused() -> None:
    case, placed = shops(1_000_000, poisson(1.0), {"shop/all": 900_000})
    with pytest.raises(NotSupported, match=r"study\.simulate\.sample: found 3600000 sources"):
        sim.prepare(case, placed)


# figures over several groups


def two_groups() -> Result:
    """Many small shops with a slow uplink and few large ones with the same: 4 of 40 and all 4 of 4."""
    groups = [Group("shop", "many", 40, {"line": 1}), Group("shop", "few", 4, {"line": 4})]
    pools = [pool("camera", "device", count=1, per="line"), pool("box")]
    case = scenario(pools, [workload("watch", poisson(5.0), [task("look", answers=True)])], [], groups)
    case = replace(case, study=replace(case.study, sample={"shop/many": 4}))
    placed = placement(case, {"look": ("box", ServiceTime.exponential(0.02))})
    return sim.simulate(case, placed, replications=4, span_s=4.0, limits=[("watch", "look", 0.03)], requests=True)


def test_groups_count_by_their_sites_not_by_their_samples() -> None:
    result = two_groups()
    table = result.requests
    response = (table["delivered_ns"] - table["born_ns"]) / 1e9
    many, few = (response[table["group"] == f"shop/{name}"] for name in ("many", "few"))
    share = 10 * len(many) / (10 * len(many) + len(few))
    mean = share * many.mean() + (1 - share) * few.mean()
    assert result.summary()["workloads"]["watch"]["response_ms"]["mean"]["value"] == pytest.approx(mean * 1e3)
    assert sum(result.split("watch", "look").values()) == pytest.approx(mean)
    within = share * (many <= 0.03).mean() + (1 - share) * (few <= 0.03).mean()
    attained = result.attainment("watch", "look", 0.03)
    assert attained.value == pytest.approx(within)
    assert attained.low < attained.value < attained.high
    p90 = result.percentile("watch", "look", 0.9)
    below = share * (many <= p90.value).mean() + (1 - share) * (few <= p90.value).mean()
    assert below == pytest.approx(0.9, abs=10 / len(many))
    assert p90.low < p90.value < p90.high
    assert result.summary()["sampled"] == {"shop/many": {"simulated": 4, "of": 40}}
    assert result.usage.requests["watch", "shop/many"] / result.usage.requests["watch", "shop/few"] == pytest.approx(
        10 * len(many) / len(few)
    )


def test_a_pool_of_unequal_groups_is_as_busy_as_when_all_sites_are_simulated() -> None:
    """100 busy shops and 20 calm ones; of the busy ones ten are sampled, and then stand for the other ninety."""
    found = []
    for sample in ({}, {"shop/busy": 10}):
        groups = [Group("shop", "busy", 100, {"line": 8}), Group("shop", "calm", 20, {"line": 1})]
        pools = [pool("camera", "device", count=1, per="line"), pool("box")]
        case = scenario(pools, [workload("watch", poisson(1.0), [task("look", answers=True)])], [], groups)
        case = replace(case, study=replace(case.study, sample=sample))
        placed = placement(case, {"look": ("box", ServiceTime.constant(0.05))})
        found.append(sim.simulate(case, placed, replications=4, span_s=10.0, warm_up_s=1.0).summary()["stations"])
    full, some = (one["box"] for one in found)
    assert full["utilisation"] == pytest.approx((100 * 0.4 + 20 * 0.05) / 120, rel=0.02)
    for what in ("utilisation", "mean_busy_servers"):
        assert some[what] == pytest.approx(full[what], rel=0.05)
    assert some["mean_queue_length"] == pytest.approx(full["mean_queue_length"], rel=0.2)
