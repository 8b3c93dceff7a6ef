"""Loss, priorities, impatience and networks of stations against theory, inside 99.9 % intervals over replications."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sim_cases import placement, poisson, pool, scenario, task, together, workload
from test_sim_theory import SERVICES, covers, erlang_c

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.scenario import Scenario
from scenarios.workloads import Batching, QueueLimit, Workload
from sim.tally import Tally

REPLICATIONS = 20
ONE = SERVICES["M/M"]  # exponential with a mean of 1 s


def box(streams: list[Workload], servers: int = 1) -> Scenario:
    return scenario([pool("camera", "device"), pool("box", count=servers)], streams)


def tallies(case: Scenario, times: dict[str, Any], span_s: float, flow: int = 0) -> list[Tally]:
    placed = placement(case, {name: (at, time) for name, (at, time) in times.items()})
    result = sim.simulate(case, placed, replications=REPLICATIONS, span_s=span_s, warm_up_s=span_s / 10)
    return [played.tallies[flow] for played in result.played]


def lost(found: list[Tally]) -> list[float]:
    return [float(one.dropped.sum() / one.outcomes.sum()) for one in found]


def waited(found: list[Tally], task_number: int = 0) -> list[float]:
    return [one.sums[task_number].waited / one.done[task_number] / 1e9 for one in found]


@pytest.mark.parametrize(("load", "room"), [(0.5, 1), (0.8, 3), (1.5, 4), (1.0, 2)])
def test_m_m_1_k_loses_and_waits_as_theory_says(load: float, room: int) -> None:
    """P(n) ~ load^n for n = 0 … K, the one in service and ``room`` that wait; who comes at K is lost."""
    case = box([workload("work", poisson(load, per="site"), [task("do", queue=QueueLimit("oldest", room))])])
    found = tallies(case, {"do": ("box", ONE)}, 4000 / load)
    weights = [load**n for n in range(room + 2)]
    p = [weight / sum(weights) for weight in weights]
    assert covers(lost(found), p[-1])
    assert covers(waited(found), sum(n * p[n] for n in range(room + 1)) / (1 - p[-1]))


@pytest.mark.parametrize("name", ["M/M", "M/G"])
@pytest.mark.parametrize(("offered", "servers"), [(0.8, 2), (4.0, 5)])
def test_without_a_queue_erlang_b_holds_whatever_the_service_times(name: str, offered: float, servers: int) -> None:
    case = box([workload("work", poisson(offered, per="site"), [task("do", queue=QueueLimit("oldest", 0))])], servers)
    found = tallies(case, {"do": ("box", SERVICES[name])}, 6000 / offered)
    weights = [offered**n / math.factorial(n) for n in range(servers + 1)]
    assert covers(lost(found), weights[-1] / sum(weights))


@pytest.mark.parametrize(("load", "servers"), [(0.5, 2), (0.8, 5)])
def test_erlang_c_holds_for_whoever_waits(load: float, servers: int) -> None:
    """The probability of a wait, from the mean wait of those who come."""
    case = box([workload("work", poisson(load * servers, per="site"), [task("do")])], servers)
    found = tallies(case, {"do": ("box", ONE)}, 20_000 / (load * servers))
    assert covers(waited(found), erlang_c(load, servers))


@pytest.mark.parametrize("name", ["M/M", "M/D", "M/G"])
def test_priorities_wait_as_cobham_says(name: str) -> None:
    """W_k = R / ((1 - s_{k-1}) (1 - s_k)), with the mean residual work R and the loads s_k of the classes up to k."""
    rates = (0.2, 0.3, 0.3)
    streams = [
        workload(f"w{k}", poisson(rate, per="site"), [task(f"do{k}", priority=k + 1)]) for k, rate in enumerate(rates)
    ]
    case, service = box(streams), SERVICES[name]
    residual = sum(rates) * (service.variance_s2 + 1) / 2
    for k in range(3):
        found = tallies(case, {f"do{j}": ("box", service) for j in range(3)}, 15_000, flow=k)
        above, upto = sum(rates[:k]), sum(rates[: k + 1])
        assert covers(waited(found), residual / ((1 - above) * (1 - upto)))


@pytest.mark.parametrize(("load", "patience"), [(0.7, 1.0), (1.3, 2.0)])
def test_who_has_no_patience_is_lost_as_often_as_barrer_says(load: float, patience: float) -> None:
    """M/M/1 with a constant patience until service (D. Y. Barrer, Operations Research 5, 1957).

    The density of the work that an arrival finds is load p0 exp(-(1 - load) x) up to the patience, beyond which
    nobody adds to it; who finds more is lost.
    """
    case = box([workload("work", poisson(load, per="site"), [task("do", drop_after_s=patience)])])
    found = tallies(case, {"do": ("box", ONE)}, 8000 / load)
    tail = load * math.exp(-(1 - load) * patience)
    idle = 1 / (1 + load * (1 - math.exp(-(1 - load) * patience)) / (1 - load) + tail)
    assert covers(lost(found), tail * idle)


def test_stations_in_a_row_wait_as_if_each_were_alone() -> None:
    """A tandem of M/M/1 and M/M/2: by Burke's theorem the second sees a Poisson process."""
    tasks = [task("first"), task("second", after=("first",), answers=True)]
    pools = [pool("camera", "device"), pool("box"), pool("server", "on_prem", count=2)]
    case = scenario(pools, [workload("work", poisson(0.7, per="site"), tasks)])
    times = {"first": ("box", ONE), "second": ("server", ServiceTime.exponential(2.0))}
    found = tallies(case, times, 30_000)
    assert covers(waited(found), 0.7 / 0.3)
    second = [one - other for one, other in zip(waited(found, 1), waited(found), strict=True)]
    assert covers(second, 2 * erlang_c(0.7, 2))


def test_a_jackson_network_waits_at_each_station_as_if_it_were_alone() -> None:
    """Half of what leaves the box goes to the server, where another stream comes straight from its source."""
    tasks = [task("look"), task("check", after=("look",), share=0.5, answers=True)]
    pools = [pool("camera", "device"), pool("box"), pool("server", "on_prem")]
    streams = [workload("a", poisson(0.6, per="site"), tasks), workload("b", poisson(0.4, per="site"), [task("more")])]
    case = scenario(pools, streams)
    times = {"look": ("box", ONE), "check": ("server", ONE), "more": ("server", ONE)}
    assert covers(waited(tallies(case, times, 30_000), 1), 0.6 / 0.4)
    assert covers(waited(tallies(case, times, 30_000, flow=1)), 0.7 / 0.3)


def test_batch_service_of_unlimited_size_waits_as_the_chain_of_its_departures_says() -> None:
    """M/M[1, many]/1: all who wait are served together, in a time with a mean of 1 s whatever their number.

    A service that begins with a queue of n takes all; so who comes in a service waits for what is left of it, which is
    exponential again: a wait of 1 s where the server is busy. It is idle after a service in which nobody came,
    with probability 1 / (1 + load), for 1 / load on average.
    """
    load, most = 2.0, 60
    batching = Batching(most, 0.0, {})
    case = box([workload("work", poisson(load, per="site"), [task("do", batching=batching)])])
    placed = together(placement(case, {"do": ("box", ONE)}), *(ONE,) * (most - 1))
    result = sim.simulate(case, placed, replications=REPLICATIONS, span_s=4000, warm_up_s=400)
    busy = 1 / (1 - load / (1 + load))  # services in a row
    assert covers(waited([played.tallies[0] for played in result.played]), busy / (busy + 1 / load))


@pytest.mark.parametrize("wait_s", [0.5, 3.0])
def test_batches_that_only_waiting_launches_wait_as_their_first_does(wait_s: float) -> None:
    """Many servers, no limit that is reached: the first waits ``wait_s``, those behind it what is left of that.

    A batch has 1 + load * wait members on average, of which all but the first wait half as long.
    """
    load = 4.0
    case = box([workload("work", poisson(load, per="site"), [task("do", batching=Batching(80, wait_s, {}))])], 50)
    placed = together(placement(case, {"do": ("box", ONE)}), *(ONE,) * 79)
    result = sim.simulate(case, placed, replications=REPLICATIONS, span_s=2000, warm_up_s=100)
    behind = load * wait_s
    assert covers(waited([one.tallies[0] for one in result.played]), wait_s * (1 + behind / 2) / (1 + behind))
