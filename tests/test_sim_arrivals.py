"""When requests are born: to the nanosecond, and against theory."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest
from scipy import stats
from sim_cases import link, placement, poisson, pool, recording, scenario, source_key, task, trace, workload
from test_sim_theory import covers

import sim
from hardware_profiles.faults import NotSupported
from hardware_profiles.service_time import ServiceTime
from scenarios.places import Group
from scenarios.scenario import Scenario
from scenarios.workloads import Arrivals, BurstState, Bursty, Periodic
from sim.bursts import bursty, processes, state_table
from sim.draws import draw, key, law, uniform, window
from sim.simulation import ENGINES

CAMERAS = pool("camera", "device", count=2)
SECONDS = 1_000_000_000
ON_OFF = (BurstState(4.0, 0.05), BurstState(0.0, 0.15))


def case(arrivals: Arrivals) -> Scenario:
    return scenario([CAMERAS, pool("box")], [workload("vision", arrivals, [task("detect")])])


def births(arrivals: Arrivals, engine: str, span_s: float = 0.5, seed: int = 1) -> dict[int, list[int]]:
    """Of each source [ns]."""
    this = case(arrivals)
    placed = placement(this, {"detect": ("box", 0.001)})
    table = sim.simulate(this, placed, span_s=span_s, seed=seed, engine=engine, replications=1, requests=True).requests
    return {source: rows["born_ns"].sort_values().tolist() for source, rows in table.groupby("source")}


# jitter


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("phase", ["random", "aligned", "staggered"])
def test_a_jittered_birth_is_its_regular_instant_plus_a_draw_below_the_jitter(phase: str, engine: str) -> None:
    regular = births(Periodic(20.0, "node", phase), engine)  # type: ignore[arg-type]
    late = births(Periodic(20.0, "node", phase, 0.030), engine)  # type: ignore[arg-type]
    for source in (1, 2):
        stream = source_key(key(1, 0, "jitter", "vision", "shop/all"), 0, source - 1)
        expected = [born + math.floor(uniform(stream, n) * 30_000_000) for n, born in enumerate(regular[source])]
        assert late[source] == [born for born in expected if born < SECONDS // 2]


def test_a_jitter_of_a_whole_period_changes_no_order_and_is_uniform() -> None:
    (found, _) = births(Periodic(200.0, "node", "aligned", 1 / 200), "compiled", 5.0).values()
    first = births(Periodic(200.0, "node", "aligned"), "compiled", 5.0)[1][0]
    assert found == sorted(found)
    lateness = (np.array(found) - first) / 5e6 - np.arange(len(found))
    assert stats.kstest(lateness, "uniform").pvalue > 0.001


def test_jitter_of_known_phases_is_refused_where_some_sites_are_background() -> None:
    pools = [CAMERAS, pool("hub", "cloud", "west")]
    this = scenario(
        pools,
        [workload("vision", Periodic(20.0, "node", "aligned", 0.01), [task("detect")])],
        [link("line", ("shop", "west"))],
        groups=(Group("shop", "all", 300, {}),),
    )
    with pytest.raises(NotSupported, match="jitter of aligned sources at 100 sites"):
        sim.prepare(this, placement(this, {"detect": ("hub", 0.001)}))


# traces

RECORDED = [0.010, 0.010, 0.0251234567, 0.4, 0.5]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_source_replays_the_whole_trace_and_then_is_silent(engine: str) -> None:
    expected = [10_000_000, 10_000_000, 25_123_457, 400_000_000, 500_000_000]
    assert births(trace(RECORDED), engine, 2.0) == {1: expected, 2: expected}
    assert births(trace(RECORDED), engine, 0.5) == {1: expected[:-1], 2: expected[:-1]}
    assert births(trace(RECORDED), engine, 2.0, seed=7) == {1: expected, 2: expected}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", ["kept", "bag"])
def test_recorded_times_are_taken_in_their_order_or_as_they_are_drawn(order: str, engine: str) -> None:
    """Of a share of 60 % those take the times of their numbers; from the bag each takes one by its uniform."""
    recorded_ms = [5, 1, 3, 2, 8]
    times = ServiceTime.recorded(recording([ms / 1000 for ms in recorded_ms]), kept=order == "kept")
    this = scenario(
        [pool("camera", "device"), pool("box")],
        [workload("vision", Periodic(20.0, "node"), [task("detect", share=0.6)])],
    )
    placed = placement(this, {"detect": ("box", times)})
    table = sim.simulate(this, placed, span_s=1.0, engine=engine, replications=1, requests=True).requests
    stream = source_key(key(1, 0, "service", "vision", "shop/all", "detect", 0, 0), 0, 0)
    expected = {
        "kept": lambda n: recorded_ms[n % 5],
        "bag": lambda n: sorted(recorded_ms)[math.floor(uniform(stream, n) * 5)],
    }[order]
    served = dict(zip(table["sequence"], (table["completed_ns"] - table["started_ns"]) / 1e6, strict=True))
    assert 5 < len(served) < 20
    assert served == {number: expected(number) for number in served}


def test_a_bag_has_the_mean_and_the_quantiles_of_what_was_recorded() -> None:
    values = np.random.default_rng(1).exponential(0.005, 5000)
    bag = ServiceTime.recorded(recording(tuple(values)), kept=False)
    assert bag.mean_s == pytest.approx(values.mean())
    assert bag.variance_s2 == pytest.approx(values.var())
    assert bag.quantile(0.9) == pytest.approx(np.quantile(values, 0.9), rel=0.01)
    assert bag.times(2.0).with_overhead(0.001).quantile(0.5) == pytest.approx(2 * np.median(values) + 0.001, rel=0.01)
    assert bag.cdf(values).max() == 1.0
    assert np.searchsorted(np.sort(values), 0.004) / 5000 == pytest.approx(float(bag.cdf(np.array([0.004]))[0]))
    drawn = [draw(law(bag), key(1, 0, "service"), n) / 1e9 for n in range(20_000)]
    assert stats.ks_2samp(drawn, values).pvalue > 0.001
    short = bag.condensed()
    assert short.recording is not None
    assert len(short.recording.values) == 1000
    assert short.mean_s == pytest.approx(bag.mean_s, rel=0.01)


# windows


@pytest.mark.parametrize("engine", ENGINES)
def test_of_every_four_requests_of_a_source_the_last_starts_the_task(engine: str) -> None:
    """Its windows begin anywhere, and what follows runs as often."""
    tasks = [task("detect", share=1 / 4, collects=4), task("tell", after=("detect",))]
    this = scenario([CAMERAS, pool("box")], [workload("vision", Periodic(20.0, "node"), tasks)])
    placed = placement(this, {"detect": ("box", 0.001), "tell": ("box", 0.001)})
    result = sim.simulate(this, placed, span_s=2.0, engine=engine, replications=1, requests=True)
    for source in (1, 2):
        stream = source_key(key(1, 0, "share", "vision", "shop/all", "detect", 0, 0), 0, source - 1)
        begun = math.floor(uniform(stream, 1 << 62) * 4)
        rows = result.requests[(result.requests["source"] == source)]
        for name in ("detect", "tell"):
            found = sorted(rows[rows["task"] == name]["sequence"])
            assert found == [number for number in range(40) if (begun + number) % 4 == 3]


def test_windows_of_many_sources_begin_anywhere() -> None:
    streams = [source_key(key(1, 0, "share"), 0, source) for source in range(4000)]
    starting = [sum(draw(window(8), stream, n) for stream in streams) for n in range(8)]
    assert sum(starting) == 4000
    assert stats.chisquare(starting).pvalue > 0.001


def test_windows_are_refused_where_some_sites_are_background() -> None:
    this = scenario(
        [CAMERAS, pool("hub", "cloud", "west")],
        [workload("vision", Periodic(20.0, "node"), [task("detect", share=0.5, collects=2)])],
        [link("line", ("shop", "west"))],
        groups=(Group("shop", "all", 300, {}),),
    )
    with pytest.raises(NotSupported, match=r"tasks.detect.collects: found windows at 100 sites"):
        sim.prepare(this, placement(this, {"detect": ("hub", 0.001)}))


# bursts


def told(states: tuple[BurstState, ...], rate_per_s: float, arrivals: np.uint64, phases: np.uint64) -> list[int]:
    """Births of one source within half a second: its state by name, one exponential time after the other."""
    lasting = np.array([state.lasts_s for state in states])
    state = int(np.searchsorted(np.cumsum(lasting) / lasting.sum(), uniform(phases, 0), side="right"))
    found, now, step = list[int](), 0, 0
    while now < SECONDS // 2:
        births, leaving = states[state].times * rate_per_s, 1 / states[state].lasts_s
        now += max(math.floor(-math.log(1 - uniform(arrivals, 2 * step)) / (births + leaving) * 1e9 + 0.5), 1)
        if uniform(arrivals, 2 * step + 1) * (births + leaving) < births:
            found.append(now)
        else:
            state = (state + 1) % len(states)
        step += 1
    return [born for born in found if born < SECONDS // 2]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("states", [ON_OFF, (BurstState(0.5, 0.1), BurstState(1.0, 0.1), BurstState(3.0, 0.04))])
def test_a_bursty_source_sends_by_the_rate_of_its_state(states: tuple[BurstState, ...], engine: str) -> None:
    found = births(Bursty(100.0, "node", states), engine)
    for source in (1, 2):
        names = (key(1, 0, stream, "vision", "shop/all") for stream in ("arrival", "phase"))
        expected = told(states, 100.0, *(source_key(name, 0, source - 1) for name in names))
        assert found.get(source, []) == expected


def counted(sources: int, seed: int, windows: int, at: int = 0) -> np.ndarray:
    """Births in each window of 0.1 s of so many on-off sources of 20 a second as one process."""
    streams = np.array([key(seed, 0, "arrival", "test", at)])
    phases = np.array([key(seed, 0, "phase", "test", at)])
    (process,) = processes(streams, phases, sources, ON_OFF)
    instants = islice(bursty(process, state_table(ON_OFF, 20.0), 4096), int(sources * 20.0 * windows / 10 * 1.5) + 100)
    return np.bincount(np.fromiter(instants, np.int64) // (SECONDS // 10), minlength=windows)[:windows]


def test_the_long_run_rate_of_a_bursty_source_is_the_rate_that_is_stated() -> None:
    assert covers([float(counted(1, seed, 2000).mean()) for seed in range(20)], 2.0)
    assert covers([float(counted(30, seed, 500).mean()) for seed in range(20)], 60.0)


def test_many_bursty_sources_together_are_as_bursty_as_one_by_one() -> None:
    """The variance of what 20 of them send in a window is 20 times that of one."""
    together = np.concatenate([counted(20, seed, 1000) for seed in range(10)])
    alone = np.concatenate([counted(1, 1, 1000, number) for number in range(200)])
    assert together.var() == pytest.approx(20 * alone.var(), rel=0.1)
    assert alone.var() > 3 * alone.mean()  # of a Poisson process both are equal


def mmpp_m_1(states: tuple[BurstState, ...], rate_per_s: float) -> float:
    """Mean number in an MMPP/M/1 queue with a mean service of 1 s (Neuts 1981, matrix-geometric)."""
    number = len(states)
    births = np.diag([rate_per_s * state.times for state in states])
    changes = np.zeros((number, number))
    for i, state in enumerate(states):
        changes[i, i] -= 1 / state.lasts_s
        changes[i, (i + 1) % number] += 1 / state.lasts_s
    one = np.eye(number)
    ratio = np.zeros((number, number))
    for _ in range(20_000):  # births + ratio (changes - births - 1) + ratio² = 0
        ratio = (births + ratio @ ratio) @ np.linalg.inv(one + births - changes)
    # the empty system: empty (changes - births) + empty ratio = 0, and all probabilities add up to 1
    whole = np.linalg.inv(one - ratio)
    equations = np.vstack([(changes - births + ratio).T, whole.sum(axis=1)])
    empty = np.linalg.lstsq(equations, np.append(np.zeros(number), 1.0), rcond=None)[0]
    return float((empty @ ratio @ whole @ whole).sum())


def test_the_formula_is_that_of_m_m_1_where_all_states_are_alike() -> None:
    alike = (BurstState(1.0, 3.0), BurstState(1.0, 5.0))
    assert mmpp_m_1(alike, 0.6) == pytest.approx(0.6 / 0.4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "states", [(BurstState(2.0, 4.0), BurstState(0.5, 8.0)), (BurstState(3.0, 5.0), BurstState(0.0, 10.0))]
)
def test_mmpp_m_1(states: tuple[BurstState, ...]) -> None:
    rate = 0.5
    this = scenario(
        [pool("camera", "device"), pool("box")], [workload("work", Bursty(rate, "site", states), [task("do")])]
    )
    placed = placement(this, {"do": ("box", ServiceTime.exponential(1.0))})
    run = sim.prepare(this, placed, span_s=40_000, warm_up_s=2_000)
    run.add(20)
    served = [one.queues[0] / (40_000 * SECONDS) for one in run.result().played]
    assert covers([float(busy + waiting) for busy, waiting, *_ in served], mmpp_m_1(states, rate))


def test_bursts_wait_longer_than_a_poisson_process_of_their_rate() -> None:
    mean = {}
    for arrivals in (poisson(100.0), Bursty(100.0, "node", ON_OFF)):
        this = case(arrivals)
        placed = placement(this, {"detect": ("box", 0.002)})
        mean[type(arrivals)] = sim.simulate(this, placed, span_s=5.0, replications=5).mean("vision", "detect").value
    assert mean[Bursty] > 3 * mean[type(poisson(1.0))]
