"""Service times: moments, quantiles and distribution agree with one another and with numerical integration."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hardware_profiles import ServiceTime

times = st.floats(1e-4, 10.0)
probabilities = st.floats(0.001, 0.999)
three_quantiles = st.tuples(times, st.floats(1.0, 3.0), st.floats(1.0, 5.0)).map(
    lambda x: ServiceTime.through({0.5: x[0], 0.9: x[0] * x[1], 0.99: x[0] * x[1] * x[2]})
)
services = st.one_of(
    times.map(ServiceTime.constant),
    times.map(ServiceTime.exponential),
    st.builds(ServiceTime.lognormal, times, st.floats(0.01, 1.0)),
    st.builds(ServiceTime.gamma, times, st.floats(0.05, 1.5)),
    st.builds(lambda mean_s, part: ServiceTime.uniform(mean_s, part * mean_s), times, st.floats(0.01, 1.0)),
    three_quantiles,
)


def integrated(service: ServiceTime, power: int) -> float:
    """The moment as the mean of the quantile function over equal slices of probability (midpoint rule)."""
    slices = 200_000
    return sum(service.quantile((i + 0.5) / slices) ** power for i in range(slices)) / slices


@pytest.mark.parametrize(
    "service",
    [
        ServiceTime.constant(0.004),
        ServiceTime.exponential(0.004),
        ServiceTime.lognormal(0.004, 0.25),
        ServiceTime.lognormal(0.004, 0.1).with_overhead(0.0005),
        ServiceTime.gamma(0.004, 0.5),
        ServiceTime.gamma(0.004, 1.0).with_overhead(0.0005),
        ServiceTime.uniform(0.004, 0.003),
        ServiceTime.through({0.5: 0.004, 0.99: 0.006}),
        ServiceTime.through({0.5: 7.656e-3, 0.9: 8.084e-3, 0.99: 17.679e-3}),
        ServiceTime.through({0.5: 0.004, 0.9: 0.004, 0.99: 0.006}),
    ],
    ids=str,
)
def test_moments_equal_the_integral_of_the_quantile_function(service: ServiceTime) -> None:
    mean = integrated(service, 1)
    assert service.mean_s == pytest.approx(mean, rel=1e-3)
    assert service.variance_s2 == pytest.approx(integrated(service, 2) - mean**2, rel=2e-2, abs=1e-12)


def test_named_distributions_are_those_of_the_textbook() -> None:
    p = [0.01, 0.5, 0.9, 0.99]
    sigma = math.sqrt(math.log(1 + 0.25**2))
    textbook = stats.lognorm(sigma, scale=0.004 / math.sqrt(1 + 0.25**2))
    gamma, uniform = ServiceTime.gamma(0.004, 0.5), ServiceTime.uniform(0.004, 0.001)
    assert [gamma.quantile(x) for x in p] == pytest.approx(stats.gamma(4.0, scale=0.001).ppf(p), rel=1e-12)
    assert [uniform.quantile(x) for x in p] == pytest.approx(stats.uniform(0.003, 0.002).ppf(p), rel=1e-12)
    lognormal, exponential = ServiceTime.lognormal(0.004, 0.25), ServiceTime.exponential(0.004)
    assert [lognormal.quantile(x) for x in p] == pytest.approx(textbook.ppf(p), rel=1e-12)
    assert [exponential.quantile(x) for x in p] == pytest.approx(stats.expon(scale=0.004).ppf(p), rel=1e-12)


@given(st.builds(ServiceTime.lognormal, times, st.floats(0.01, 1.0)), probabilities)
def test_two_quantiles_give_back_the_lognormal_they_came_from(service: ServiceTime, p: float) -> None:
    again = ServiceTime.through({0.5: service.quantile(0.5), 0.99: service.quantile(0.99)})
    assert again.quantile(p) == pytest.approx(service.quantile(p), rel=1e-6)


@given(three_quantiles)
def test_published_quantiles_are_met_and_nothing_lies_outside_them(service: ServiceTime) -> None:
    published = dict(service.points)
    assert {p: service.quantile(p) for p in published} == pytest.approx(published)
    assert (service.quantile(1e-6), service.quantile(1 - 1e-6)) == (min(published.values()), max(published.values()))


@given(services, probabilities, probabilities)
def test_quantiles_never_decrease(service: ServiceTime, p: float, q: float) -> None:
    low, high = sorted((p, q))
    assert service.quantile(low) <= service.quantile(high) * (1 + 1e-12)


@given(services, probabilities, st.floats(0, 1))
def test_the_distribution_function_inverts_the_quantile(service: ServiceTime, p: float, overhead_s: float) -> None:
    shifted = service.with_overhead(overhead_s)
    just_below, just_above = shifted.cdf(shifted.quantile(p) * np.array([1 - 1e-9, 1 + 1e-9]))
    assert just_below - 1e-6 <= p <= just_above + 1e-6


@given(services, st.floats(0, 1))
def test_overhead_moves_the_mean_and_leaves_the_variance(service: ServiceTime, overhead_s: float) -> None:
    shifted = service.with_overhead(overhead_s)
    assert shifted.mean_s == pytest.approx(service.mean_s + overhead_s)
    assert shifted.variance_s2 == service.variance_s2
    assert shifted.quantile(0.9) == pytest.approx(service.quantile(0.9) + overhead_s)


def test_the_distribution_function_counts_the_flat_ends() -> None:
    service = ServiceTime.through({0.5: 0.004, 0.9: 0.005, 0.99: 0.006})
    at = np.array([0.0, 0.0039, 0.004, 0.005, 0.0059999, 0.006, 1.0])
    assert service.cdf(at) == pytest.approx([0, 0, 0.5, 0.9, 0.99, 1, 1], abs=1e-4)
    assert ServiceTime.constant(0.004).cdf(np.array([0.0039, 0.004])).tolist() == [0, 1]


@pytest.mark.parametrize("half_width_s", [-0.001, 0.0041])
def test_a_uniform_time_does_not_reach_below_nothing(half_width_s: float) -> None:
    with pytest.raises(ValueError, match="half the width"):
        ServiceTime.uniform(0.004, half_width_s)
    assert ServiceTime.uniform(0.004, 0.0) == ServiceTime.constant(0.004)


def test_equal_or_single_quantiles_are_a_constant() -> None:
    assert ServiceTime.through({0.5: 0.004}) == ServiceTime.constant(0.004)
    assert ServiceTime.through({0.5: 0.004, 0.99: 0.004}) == ServiceTime.constant(0.004)


@pytest.mark.parametrize(
    "points", [{}, {0.5: 0.004, 0.9: 0.003}, {0.5: 0.0, 0.9: 0.003}, {0.0: 0.001, 0.9: 0.003}, {0.5: 0.001, 1.0: 0.003}]
)
def test_impossible_quantiles_are_refused(points: dict[float, float]) -> None:
    with pytest.raises(ValueError, match="quantiles"):
        ServiceTime.through(points)
