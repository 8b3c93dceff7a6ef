"""Mean waiting times against queueing theory, inside 99.9 % intervals over replications."""

import math
from typing import Literal

import numpy as np
import pytest
from scipy import stats
from sim_cases import counts, periodic, placement, poisson, pool, scenario, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.workloads import Phase
from sim.measures import quantile
from sim.waiting import Stream, waiting

LOADS = (0.3, 0.6, 0.9)
REPLICATIONS = 20
SERVICES = {
    "M/M": ServiceTime.exponential(1.0),
    "M/D": ServiceTime.constant(1.0),
    "M/G": ServiceTime.lognormal(1.0, 1.5),
}


def pollaczek_khinchine(load: float, service: ServiceTime) -> float:
    """Mean wait of M/G/1 in mean service times of 1 s."""
    return load * (1 + service.variance_s2) / (2 * (1 - load))


def erlang_c(load: float, servers: int) -> float:
    """Mean wait of M/M/c with a mean service time of 1 s."""
    offered = load * servers
    last = offered**servers / math.factorial(servers) / (1 - load)
    probability = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    return probability / (servers * (1 - load))


def covers(means: list[float], truth: float) -> bool:
    """Whether the truth is inside the 99.9 % interval, which must not be wide enough to prove anything."""
    half = stats.t.ppf(0.9995, len(means) - 1) * np.std(means, ddof=1) / math.sqrt(len(means))
    assert half < 0.4 * truth, f"an interval of ± {half:.3g} around {truth:.3g} proves nothing"
    return bool(abs(np.mean(means) - truth) <= half)


CASES = [(name, 1, load) for name in SERVICES for load in LOADS] + [("M/M", c, load) for c in (2, 5) for load in LOADS]


def theory(name: str, servers: int, load: float) -> float:
    return erlang_c(load, servers) if servers > 1 else pollaczek_khinchine(load, SERVICES[name])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "servers", "load"), CASES)
def test_the_engine(name: str, servers: int, load: float) -> None:
    arrivals = poisson(load * servers, per="site")
    case = scenario([pool("camera", "device"), pool("box", count=servers)], [workload("work", arrivals, [task("do")])])
    births = {0.3: 2500 * servers, 0.6: 2500, 0.9: 12_000}[load]
    run = sim.prepare(
        case,
        placement(case, {"do": ("box", SERVICES[name])}),
        span_s=births / (load * servers),
        warm_up_s=0.2 * births / (load * servers),
    )
    run.add(REPLICATIONS)
    tallies = [played.tallies[0] for played in run.result().played]
    means = [one.sums[0].waited / one.done[0] / 1e9 for one in tallies]
    assert covers(means, theory(name, servers, load))


@pytest.mark.parametrize(("name", "servers", "load"), CASES)
def test_the_recursion_for_the_planner(name: str, servers: int, load: float) -> None:
    stream = Stream("poisson", 3, load * servers / 3, SERVICES[name])
    means = [float(waiting([stream], servers, samples=40_000, seed=seed)[0].mean()) for seed in range(REPLICATIONS)]
    assert covers(means, theory(name, servers, load))


def test_the_wait_in_m_m_1_is_exponential_above_zero() -> None:
    """P(W > t) = load · exp(-(1 - load) t) for a mean service of 1 s."""
    waits = waiting([Stream("poisson", 1, 0.5, ServiceTime.exponential(1.0))], 1, samples=400_000)[0]
    for t in (0.0, 1.0, 4.0, 8.0):
        assert (waits > t).mean() == pytest.approx(0.5 * math.exp(-0.5 * t), abs=0.01)


def test_periodic_sources_with_random_phases_wait_as_the_busy_cycle_says() -> None:
    """The time since the other source's birth is uniform over the period of 1 s; a request waits 0.3 s less that."""
    waits = waiting([Stream("periodic", 2, 1.0, ServiceTime.constant(0.3))], 1)[0]
    assert waits.mean() == pytest.approx(0.3**2 / 2, rel=0.02)
    assert (waits > 0).mean() == pytest.approx(0.3, rel=0.02)
    assert waits.max() <= 0.3


@pytest.mark.parametrize(
    ("phase", "servers", "expected"),
    [("aligned", 1, [0, 2, 4]), ("aligned", 2, [0, 0, 2]), ("aligned", 3, [0, 0, 0]), ("staggered", 1, [0, 0, 0])],
)
def test_phases_that_are_known_leave_no_chance(phase: Phase, servers: int, expected: list[int]) -> None:
    """Three cameras, ten pictures a second each, 2 ms of work."""
    waits = waiting([Stream("periodic", 3, 10.0, ServiceTime.constant(0.002), phase)], servers, samples=3000)[0]
    values, counts = np.unique(np.round(waits * 1e3, 3), return_counts=True)
    assert values.tolist() == sorted(set(expected))
    assert counts / counts.sum() == pytest.approx([expected.count(value) / 3 for value in values], abs=0.01)


def test_a_thinned_poisson_stream_is_a_slower_one() -> None:
    thinned = Stream("poisson", 1, 6.0, ServiceTime.exponential(1.0), probability=0.1)
    means = [float(waiting([thinned], 1, samples=40_000, seed=seed)[0].mean()) for seed in range(REPLICATIONS)]
    assert covers(means, 0.6 / 0.4)


RARE = (1.0, 0.1, 0.01, 0.001, 1e-5)


@pytest.mark.parametrize("probability", RARE)
@pytest.mark.parametrize("name", ["M/M", "M/D"])
def test_however_rarely_a_request_comes_it_waits_as_theory_says(name: str, probability: float) -> None:
    """A load of 0.6 from births of which few come: seen by so many as are asked for, and no more."""
    service = SERVICES[name]
    stream = Stream("poisson", 3, 0.2 / probability, service, probability=probability)
    waits = [waiting([stream], 1, samples=40_000, seed=seed)[0] for seed in range(REPLICATIONS)]
    assert all(40_000 * 0.9 < len(one) < 40_000 * 1.1 for one in waits)
    assert covers([float(one.mean()) for one in waits], pollaczek_khinchine(0.6, service))
    assert covers([float((one > 0).mean()) for one in waits], 0.6)


@pytest.mark.parametrize("phase", ["random", "aligned", "staggered"])
@pytest.mark.parametrize("probability", [0.01, 0.001, 1e-5])
def test_periodic_births_that_hardly_ever_come_are_a_poisson_process(phase: Phase, probability: float) -> None:
    stream = Stream("periodic", 1, 0.6 / probability, SERVICES["M/M"], phase, probability)
    means = [float(waiting([stream], 1, samples=40_000, seed=seed)[0].mean()) for seed in range(REPLICATIONS)]
    assert covers(means, 1.5)


@pytest.mark.parametrize("kind", ["periodic", "poisson"])
def test_of_many_births_at_once_a_poisson_number_comes(kind: Literal["periodic", "poisson"]) -> None:
    """2000 at once of which 0.1 % come: the blocks wait as those of 200 of which 1 % come, told one by one."""
    found = []
    for size, probability in ((2000, 0.001), (200, 0.0101)):
        rate = 0.2 / (size * probability)  # a load of 0.2, in blocks of two
        one = Stream("periodic", size, rate, SERVICES["M/D"], "aligned", probability)
        if kind == "poisson":
            one = Stream("poisson", size, rate, SERVICES["M/D"], probability=probability, together=size)
        found.append([float(waiting([one], 1, samples=400_000, seed=seed)[0].mean()) for seed in range(10)])
    assert np.mean(found[0]) == pytest.approx(np.mean(found[1]), rel=0.05)
    assert np.mean(found[0]) > 0.6


def test_a_rare_stream_beside_a_frequent_one_is_sampled_well() -> None:
    streams = [Stream("poisson", 1, 0.5, SERVICES["M/M"], probability=one) for one in (1.0, 1e-5)]
    frequent, rare = waiting(streams, 1, samples=100_000)
    assert len(rare) > 20_000
    assert rare.mean() == pytest.approx(frequent.mean(), rel=0.05)


@pytest.mark.parametrize(
    "stream",
    [
        Stream("periodic", 3, 10.0, ServiceTime.exponential(0.004), "aligned", 1e-5),
        Stream("periodic", 1_000_000, 10.0, ServiceTime.exponential(0.05), probability=1e-5),
        Stream("periodic", 1000, 1000.0, ServiceTime.exponential(0.05), "aligned", 1e-4),
        Stream("poisson", 10**8, 1.0, ServiceTime.exponential(0.05), probability=1e-6, together=10**5),
        Stream("periodic", 1, 1e4, ServiceTime.constant(0.0095), probability=0.0101),
    ],
)
def test_work_is_bounded_however_few_of_the_births_come(stream: Stream) -> None:
    assert 150_000 < len(waiting([stream], 8)[0]) < 3_000_000


def test_streams_share_the_station_and_are_reported_apart() -> None:
    """By PASTA all Poisson streams see the same waits, whatever their own service times are."""
    streams = [
        Stream("poisson", 2, 0.2, ServiceTime.constant(0.5)),
        Stream("poisson", 1, 0.2, ServiceTime.exponential(1.5)),
    ]
    second_moment = (0.4 * 0.25 + 0.2 * 2 * 1.5**2) / 2
    truth = second_moment / (1 - 0.5)
    both = [waiting(streams, 1, samples=40_000, seed=seed) for seed in range(REPLICATIONS)]
    for number in range(2):
        assert covers([float(waits[number].mean()) for waits in both], truth)


def test_waiting_is_the_same_for_the_same_seed_and_infinite_without_a_steady_state() -> None:
    stream = Stream("periodic", 4, 10.0, ServiceTime.lognormal(0.02, 0.5))
    assert np.array_equal(waiting([stream], 1, seed=3)[0], waiting([stream], 1, seed=3)[0])
    assert not np.array_equal(waiting([stream], 1, seed=3)[0], waiting([stream], 1, seed=4)[0])
    assert np.isinf(waiting([stream, Stream("poisson", 1, 10.0, stream.service)], 1)).all()


def test_the_recursion_agrees_with_the_engine_on_superposed_cameras() -> None:
    """Six cameras with random phases on two boxes; 99.9 % intervals are 1.7 times as wide as those of 95 %."""
    service = ServiceTime.lognormal(0.0049, 0.1)
    waits = waiting([Stream("periodic", 6, 30.0, service)], 2, samples=1_000_000)[0]
    pools = [pool("camera", "device", count=6), pool("box", count=2)]
    case = scenario(pools, [workload("vision", periodic(30.0), [task("do")])])
    placed = placement(case, {"do": ("box", service)})
    table = sim.simulate(case, placed, span_s=0.1, warm_up_s=0.1, replications=3000, requests=True).requests
    for p in (0.9, 0.99):
        found = quantile(counts(table["waited_ns"].to_numpy() / 1e9, table["replication"].to_numpy(), 3000), p)
        planned = float(np.quantile(waits, p))
        assert found.value - 1.7 * (found.value - found.low) < planned < found.value + 1.7 * (found.high - found.value)
        assert found.high - found.low < 0.2 * found.value
