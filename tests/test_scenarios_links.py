"""Links of the text form: what they become, and what the catalogue of technologies adds to them."""

from __future__ import annotations

from itertools import pairwise

import pytest

import scenarios
from hardware_profiles.service_time import ServiceTime
from scenarios.catalogue_tables import rows
from scenarios.journey import NoPath, hops
from scenarios.links import Link, path
from scenarios.pools import Pool
from scenarios.technologies import by_distance, names, technology

TEXT = """
schema: 1
name: one-link
sites: {shop: {region: de, groups: {all: {count: 1}}}}
pools:
  till: {tier: device, at: shop, hardware: till, count: 1, owned: all, paid_by: user}
  region: {tier: regional_cloud, at: westeurope, offer: azure NC4as_T4_v3, count: 1}
links:
  line: {from: shop, to: westeurope, LINE}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 1 /s per till}
    tasks: {read: {time: {region: 5 ms}, input: 1 kB, answers: true}}
"""


def line(text: str) -> Link:
    return scenarios.load_text(TEXT.replace("LINE", text)).links[0]


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("rtt: 20 ms", ServiceTime.constant(0.020)),
        ("rtt: {p50: 14 ms, p99: 35 ms}", ServiceTime.through({0.5: 0.014, 0.99: 0.035})),
        ("rtt: {p50: 14 ms, p90: 20 ms, p99: 35 ms}", ServiceTime.through({0.5: 0.014, 0.9: 0.020, 0.99: 0.035})),
        ("rtt: {mean: 20 ms, distribution: exponential}", ServiceTime.exponential(0.020)),
        ("rtt: {mean: 20 ms, distribution: lognormal, cv: 0.4}", ServiceTime.lognormal(0.020, 0.4)),
        ("rtt: {mean: 20 ms, distribution: gamma, cv: 0.4}", ServiceTime.gamma(0.020, 0.4)),
        ("rtt: 20 ms, jitter: 4 ms", ServiceTime.uniform(0.020, 0.008)),
        ("rtt: 20 ms, jitter: 10 ms", ServiceTime.uniform(0.020, 0.020)),
    ],
)
def test_a_round_trip_has_the_law_that_is_said(text: str, law: ServiceTime) -> None:
    """A jitter of 4 ms is one of the delay; half of the law is that of one way."""
    found = line(text + ", up: 1 Mbit/s, down: 1 Mbit/s")
    assert found.rtt == law
    for p in (0.1, 0.5, 0.99):
        assert found.one_way.quantile(p) == pytest.approx(law.quantile(p) / 2)


def test_the_jitter_is_around_half_the_round_trip() -> None:
    one_way = line("rtt: 20 ms, jitter: 4 ms, up: 1 Mbit/s, down: 1 Mbit/s").one_way
    assert (one_way.quantile(1e-9), one_way.quantile(1 - 1e-9)) == (pytest.approx(0.006), pytest.approx(0.014))


def test_a_lost_message_comes_again_after_a_mean_round_trip_and_200_ms() -> None:
    """Unless the scenario says when."""
    stated = line("rtt: 20 ms, up: 1 Mbit/s, down: 1 Mbit/s, loss: {share: 2 %, again_after: 30 ms}")
    assert (stated.loss, stated.again_after_s, stated.tries) == (0.02, 0.030, 1 / 0.98)
    short = line("rtt: 20 ms, up: 1 Mbit/s, down: 1 Mbit/s, loss: 2 %")
    assert (short.loss, short.again_after_s) == (0.02, pytest.approx(0.220))
    none = line("rtt: 20 ms, up: 1 Mbit/s, down: 1 Mbit/s")
    assert (none.loss, none.again_after_s, none.tries) == (0.0, 0.0, 1.0)


def test_what_the_scenario_says_of_a_link_counts_before_its_technology() -> None:
    catalogue, own = line("technology: lte"), line("technology: lte, rtt: 50 ms, up: 10 Mbit/s, loss: 3 %")
    assert (catalogue.rtt, catalogue.up_bps, catalogue.down_bps) == (
        ServiceTime.through({0.5: 0.022, 0.99: 0.0268}),
        33.7e6,
        81.8e6,
    )
    assert (own.rtt, own.up_bps, own.down_bps, own.loss) == (ServiceTime.constant(0.05), 10e6, 81.8e6, 0.03)
    assert [what for what, _ in catalogue.figures] == [
        "round trip, median of lte",
        "round trip, p99 of lte",
        "bandwidth up of lte",
        "bandwidth down of lte",
    ]
    ((what, figure),) = own.figures
    assert (what, figure.value, figure.unit, figure.kind) == ("bandwidth down of lte", 81.8, "Mbit/s", "measured")
    assert figure.source.startswith("SIGCOMM 2021")
    assert "server within 20 km" in figure.source
    assert figure.date == "2021-01-25"


def test_a_technology_may_lose_messages() -> None:
    driving = line("technology: lte-driving, up: 5 Mbit/s")
    assert driving.loss == pytest.approx(0.0277)
    assert driving.again_after_s == pytest.approx(driving.rtt.mean_s + 0.2)
    assert line("technology: lte-driving, up: 5 Mbit/s, loss: 0 %").loss == 0.0


@pytest.mark.parametrize(
    ("server", "p50_ms"),
    [("within 20 km", 22), ("20 km", 22), ("21 km", 40), ("within 500 km", 40), ("1_200 km", 62), ("9000 km", 95)],
)
def test_the_figures_are_those_of_the_nearest_servers_measured_that_stand_no_nearer(server: str, p50_ms: int) -> None:
    assert line(f"technology: lte, server: {server}").rtt_s == pytest.approx(p50_ms / 1e3)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("technology: business-fibre", "rtt and up and down by technology (state them)"),
        ("technology: business-fibre, rtt: 14 ms, up: 50 Mbit/s", "down by technology (state them)"),
        ("technology: ethernet-1g", "rtt by technology (state them)"),
        ("technology: wifi-6", "up and down by technology (state them)"),
        ("technology: lte-uk", "rtt by technology (state them)"),
    ],
)
def test_what_nobody_measured_of_a_technology_is_asked_for(text: str, what: str) -> None:
    (part,) = scenarios.load_text(TEXT.replace("LINE", text)).not_yet
    assert (part.path, part.what, part.planned, part.simulated) == ("links.line.technology", what, False, False)


def test_distances_of_a_technology_follow_each_other() -> None:
    for name in names():
        found = [row for row in rows("technologies") if row["name"] == name]
        assert technology(name) is not None
        if not by_distance(name):
            assert len(found) == 1
            continue
        assert found[0]["from_km"] == "0"
        assert found[-1]["to_km"] == ""
        limits = [(float(one["to_km"]), float(other["from_km"])) for one, other in pairwise(found)]
        assert all(end <= start for end, start in limits)


def between(name: str, ends: tuple[str, str], *of: str) -> Link:
    return Link(name, ends, "shared", ServiceTime.constant(0.0), None, None, of=of)


def pool(name: str, at: str) -> Pool:
    return Pool(name, "gateway", at, True, ("board",), (), scenarios.pools.Count(1, 1))


def test_a_path_uses_links_of_its_own_pools_first_and_those_of_others_never() -> None:
    line, own = between("line", ("shop", "west")), between("own", ("shop", "west"), "sensor")
    assert [hop.name for hop in path([line, own], "shop", "west", "sensor") or ()] == ["own.up"]
    assert [hop.name for hop in path([line, own], "shop", "west", "camera", "cloud") or ()] == ["line.up"]
    assert [hop.name for hop in path([line, own], "west", "shop", "cloud", "sensor") or ()] == ["own.down"]
    with pytest.raises(NoPath):
        hops([own], pool("camera", "shop"), pool("cloud", "west"))
