"""Draws are uniform, independent, reproducible and rounded once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri
from sim_cases import source_key

from hardware_profiles.service_time import ServiceTime
from sim.arrivals import periodic, phase, poisson
from sim.draws import (
    as_long,
    chance,
    choice,
    draw,
    draw_rows,
    key,
    law,
    losses,
    nanoseconds,
    normal_quantile,
    source_keys,
    table,
    uniform,
)

NUMBER = 100_000
NAME = key(1, 0, "service", "vision", "shop/all", "detect", 0, 0)
KEY = source_key(NAME, 0, 0)
LAWS = [
    ServiceTime.constant(0.002),
    ServiceTime.exponential(0.003),
    ServiceTime.lognormal(0.004, 0.5),
    ServiceTime.gamma(0.004, 0.3),
    ServiceTime.uniform(0.004, 0.003),
    ServiceTime.through({0.5: 0.003, 0.9: 0.004, 0.99: 0.009}),
    ServiceTime.through({0.5: 0.003, 0.9: 0.004, 0.99: 0.009}).with_overhead(0.0005),
]


def consecutive(stream: np.uint64 = KEY) -> np.ndarray:
    return np.array([uniform(stream, counter) for counter in range(NUMBER)])


def neighbours() -> np.ndarray:
    return np.array([uniform(KEY + np.uint64(step), 7) for step in range(NUMBER)])


def of_sources(sites: int, counter: int) -> np.ndarray:
    """One draw of each source, site after site."""
    site, source = np.divmod(np.arange(NUMBER), NUMBER // sites)
    return np.array([uniform(one, counter) for one in source_keys(np.array([NAME]), site, source)[:, 0]])


SAMPLES = {
    "consecutive counters": consecutive(),
    "neighbouring keys": neighbours(),
    "sources of a site": of_sources(1, 0),
    "a few sources at each of many sites": of_sources(NUMBER // 4, 0),
    "sites with one source": of_sources(NUMBER, 12345),
}


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES)
def test_uniform_and_independent(values: np.ndarray) -> None:
    """At one in ten thousand each: the right distribution, single, in pairs, and without serial correlation."""
    assert stats.kstest(values, "uniform").pvalue > 1e-4
    cells = np.histogram2d(values[:-1:2], values[1::2], bins=32, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > 1e-4
    for lag in (1, 2, 3, 64):
        correlation = np.corrcoef(values[:-lag], values[lag:])[0, 1]
        assert abs(correlation) < 4 / math.sqrt(NUMBER)


def test_streams_that_differ_in_one_word_are_independent() -> None:
    """Or in the site, the source, or in both."""
    others = [
        source_key(key(1, 0, "service", "vision", "shop/all", "detect", 0, 1), 0, 0),
        source_key(key(1, 1, "service", "vision", "shop/all", "detect", 0, 0), 0, 0),
        source_key(NAME, 0, 1),
        source_key(NAME, 1, 0),
        source_key(NAME, 1, 1),
        NAME,
    ]
    streams = np.array([consecutive(), *map(consecutive, others)])
    correlation = np.corrcoef(streams) - np.eye(len(streams))
    assert np.abs(correlation).max() < 4.5 / math.sqrt(NUMBER)
    shifted = [np.corrcoef(streams[0][:-1], one[1:])[0, 1] for one in streams[1:]]  # nor one behind the other
    assert np.abs(shifted).max() < 4.5 / math.sqrt(NUMBER)


def test_no_two_sources_have_one_key() -> None:
    """Nor do the streams of one, and none has that of the name."""
    names = np.array([NAME, key(1, 0, "share", "vision", "shop/all", "detect", 0, 0)])
    site, source = np.divmod(np.arange(200_000), 400)
    found = source_keys(names, site, source)
    assert len(np.unique([*found.ravel(), *names])) == found.size + 2
    assert found[1234, 1] == source_key(names[1], int(site[1234]), int(source[1234]))


def test_low_bits_are_uniform_too() -> None:
    last = (consecutive() * 2**52).astype(np.int64) & 255
    assert stats.chisquare(np.bincount(last, minlength=256)).pvalue > 1e-4


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40))
def test_uniform_never_reaches_its_ends(stream: int, counter: int) -> None:
    assert 0.0 < uniform(np.uint64(stream), counter) < 1.0


def test_keys_cannot_be_confused() -> None:
    """Neither by joining words differently nor by taking a number for a word."""
    keys = [
        key(1, 0, "a", "bc"),
        key(1, 0, "ab", "c"),
        key(1, 0, "a", "b", "c"),
        key(1, 0, "a", 1),
        key(1, 0, "a", "1"),
    ]
    assert len(set(keys)) == len(keys)


def test_a_key_is_the_blake2b_hash_of_its_words() -> None:
    """Written down, so that no machine and no version of ours can differ unnoticed."""
    assert int(key(1, 2, "phase", "vision", "shop/all", 0, 3)) == 8923844997679437578


def test_the_key_of_a_source_is_a_draw_under_the_name() -> None:
    """Written down as well: the SplitMix finaliser twice, over site and source as one number."""
    mask = 2**64 - 1

    def mix(z: int) -> int:
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    for site, source in ((0, 0), (0, 3), (7, 3), (999_999, 999_999)):
        first = mix(((site << 32) + source) * 0x9E3779B97F4A7C15 + int(NAME) & mask)
        assert int(source_key(NAME, site, source)) == mix(first + int(NAME) & mask)


@given(st.floats(1e-300, 1, exclude_max=True))
def test_normal_quantile_is_that_of_scipy(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(float(ndtri(p)), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("service", LAWS)
def test_a_draw_is_the_quantile_rounded_to_the_nanosecond(service: ServiceTime) -> None:
    for counter in range(2000):
        seconds = service.quantile(uniform(KEY, counter))
        drawn = draw(law(service), KEY, counter)
        assert isinstance(drawn, int)
        assert abs(drawn - seconds * 1e9) <= 0.5 + 1e-6 + 1e-8 * drawn * (service.kind == "gamma")


@pytest.mark.parametrize(("cv", "accuracy"), [(0.05, 1e-8), (0.3, 1e-8), (1.0, 1e-8), (2.0, 1e-6), (5.0, 1e-6)])
def test_gamma_draws_follow_the_quantiles_of_scipy(cv: float, accuracy: float) -> None:
    """Of days, so that rounding to nanoseconds does not count."""
    service = ServiceTime.gamma(1e6, cv)
    one = law(service)
    for counter in range(5000):
        exact = service.quantile(uniform(KEY, counter)) * 1e9
        if exact > 1e9:
            assert draw(one, KEY, counter) == pytest.approx(exact, rel=accuracy)


def test_losses_are_geometric() -> None:
    """The first k times with probability share to the k."""
    found = draw_rows(table([losses(0.3), as_long(losses(0.3), 7)]), np.array([KEY, KEY]), 0, NUMBER)
    assert np.array_equal(found[:, 1], 7 * found[:, 0])
    times = np.bincount(np.minimum(found[:, 0], 6), minlength=7)
    chances = np.array([0.7 * 0.3**k for k in range(6)] + [0.3**6])
    assert stats.chisquare(times, NUMBER * chances).pvalue > 1e-4


@pytest.mark.parametrize("service", LAWS)
def test_samples_have_the_mean_that_the_distribution_declares(service: ServiceTime) -> None:
    drawn = draw_rows(table([law(service)]), np.array([KEY]), 0, NUMBER)[:, 0] / 1e9
    error = 4 * math.sqrt(service.variance_s2 / NUMBER) + 1e-9
    assert drawn.mean() == pytest.approx(service.mean_s, abs=error)


def test_rows_are_the_single_draws() -> None:
    laws = [law(LAWS[1]), chance(0.3), law(LAWS[3]), choice(5)]
    keys = np.array([key(1, 0, "x", i) for i in range(4)])
    rows = draw_rows(table(laws), keys, 1000, 50)
    singles = [[draw(one, k, 1000 + i) for one, k in zip(laws, keys, strict=True)] for i in range(50)]
    assert np.array_equal(rows, singles)


def test_chance_and_choice() -> None:
    rows = draw_rows(table([chance(0.3), choice(5)]), np.array([KEY, KEY + np.uint64(1)]), 0, NUMBER)
    assert stats.binomtest(int(rows[:, 0].sum()), NUMBER, 0.3).pvalue > 1e-4
    assert stats.chisquare(np.bincount(rows[:, 1], minlength=5)).pvalue > 1e-4
    assert set(np.unique(rows[:, 1])) == set(range(5))


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, 0), (1.5e-9, 2), (2.5e-9, 3), (0.0333333333, 33_333_333)])
def test_halves_are_rounded_up(seconds: float, expected: int) -> None:
    assert nanoseconds(seconds) == expected
    assert draw(law(ServiceTime.constant(seconds)), KEY, 0) == expected


def test_periodic_births_do_not_drift() -> None:
    """After an hour at 30 a second the birth is where it belongs, though a period is no whole number of nanoseconds."""
    births = periodic(17, 30.0)
    last = [next(births) for _ in range(108_001)][-1]
    assert last == 17 + 3600 * 10**9


def test_poisson_births_are_the_running_sum_of_exponential_gaps() -> None:
    births = poisson(KEY, 200.0)
    found = [next(births) for _ in range(200)]
    gap = law(ServiceTime.exponential(1 / 200.0))
    total = 0
    for counter, born in enumerate(found):
        total += draw(gap, KEY, counter)
        assert born == total


def test_phases_lie_within_one_period() -> None:
    phases = [phase(KEY, counter, 0.75, 30.0) for counter in range(1000)]
    assert min(phases) >= 0
    assert max(phases) <= 33_333_334
    assert stats.kstest(np.array(phases) * 30 / 1e9, "uniform").pvalue > 1e-4
