"""Integer counts: bins, tallies and their sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_cases import link, periodic, placement, poisson, pool, same_tally, scenario, task, workload
from test_sim_properties import Case, cases

from hardware_profiles.service_time import ServiceTime
from sim.bins import PER_OCTAVE, bin_of, bins_of, lower_edges
from sim.control import Handles
from sim.draws import NS, Ints
from sim.measured import Measured, counts
from sim.measures import quantile
from sim.network import Network
from sim.replication import Played, Replication
from sim.requests import play
from sim.tally import ANSWER, OF, Limits, Tally, added, limits_of, number_of, reached

MOST = 1 << 53  # beyond, whole numbers are rounded to floats
times = st.one_of(st.integers(0, 600), st.integers(0, MOST), st.integers(0, 53).map(lambda bits: (1 << bits) - 1))


# bins


@settings(deadline=None)
@given(st.lists(times, min_size=1))
def test_every_time_is_within_the_edges_of_its_bin(found: list[int]) -> None:
    here = np.array(found)
    bins = bins_of(here)
    assert [bin_of(time) for time in found] == bins.tolist()
    low, above = lower_edges(bins), lower_edges(bins + 1)
    assert ((low <= here) & (here < above)).all()
    assert ((above - low - 1) * PER_OCTAVE <= low).all()  # the longest is less than 0.4 % above the shortest


def test_bins_follow_each_other_without_a_gap() -> None:
    edges = lower_edges(np.arange(2000))
    assert edges[: 2 * PER_OCTAVE].tolist() == list(range(2 * PER_OCTAVE))
    assert (np.diff(edges) > 0).all()
    assert np.array_equal(bins_of(edges), np.arange(2000))


# tallies


def played(network: Network, seed: int = 1, end: int = NS // 2, limits: Limits | None = None) -> tuple[Played, Any]:
    rows: list[tuple[Ints, Ints]] = []
    counted = limits_of(network.flows) if limits is None else limits
    found = play(Replication(network, seed, 0, 0, end, counted), lambda *blocks: rows.append(blocks))
    (both,) = rows
    return found, both


@settings(max_examples=40, deadline=None)
@given(cases(), st.sampled_from(["detect", "check", "verify", ANSWER]), st.integers(0, NS // 50))
def test_a_tally_says_what_the_rows_say(made: Case, of: str, limit: int) -> None:
    """Against sums and sorted lists in Python."""
    network = Network(*made)
    (flow,) = network.flows
    number = number_of(flow, of)
    found, (births, visits) = played(network, limits=(((number, limit),),))
    (tally,) = found.tallies
    delivered: dict[tuple[int, int], dict[str, Any]] = {}
    for source, sequence, task_, _, started, completed, at, waited, served, *_ in visits.tolist():
        delivered.setdefault((source, sequence), {})[flow.names[task_]] = (at, waited, served, completed - started)
    answering = [one.name for one in flow.workload.tasks if one.answers]
    times = []
    for source, sequence, born, *_ in births.tolist():
        there = delivered.get((source, sequence), {})
        if of != ANSWER and of in there:
            times.append((there[of][0] - born, *there[of][1:]))
        elif of == ANSWER and (those := [name for name in flow.names if name in there and name in answering]):
            last = max(those, key=lambda name: there[name][0])
            times.append((there[last][0] - born, *there[last][1:3], 0))
    assert tally.done[number] == len(times) == reached(flow, tally.outcomes)[number]
    assert tally.sums[number] == tuple(map(sum, zip(*times, strict=True))) if times else (0, 0, 0, 0)
    assert tally.within == (sum(time[0] <= limit for time in times),)
    assert tally.completed == tally.outcomes.sum() == len(births)
    # quantiles: never too low, and at most 0.4 % too high
    exact = sorted(time[0] for time in times)
    values = counts([Measured(flow, ((number, limit),), (tally,))], of)
    for p in (0.01, 0.5, 0.9, 0.99, 1.0):
        if exact:
            wanted = exact[math.ceil(p * len(exact) - 1e-9) - 1]
            assert wanted <= round(quantile(values, p).value * NS) <= wanted * (1 + 1 / PER_OCTAVE)


def three_lines(rate: float = 40.0) -> Network:
    """A look and, for a third, a read; three lines, two sites."""
    tasks = [task("look", answers=True), task("read", after=("look",), share=0.3, answers=True)]
    pools = [pool("camera", "device", count=2, per="line"), pool("box", per="line"), pool("cloud", "cloud", "west")]
    case = scenario(pools, [workload("watch", poisson(rate), tasks)], [link("uplink", ("shop", "west"), 1e7, 0.02)])
    case = replace(case, sites=(replace(case.sites[0], groups=(replace(case.groups[0], count=2),)),))
    times = {"look": ("box", ServiceTime.exponential(0.004)), "read": ("cloud", ServiceTime.lognormal(0.002, 0.5))}
    return Network(case, placement(case, times))


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_adding_gives_the_same_bytes(seed: int) -> None:
    network = three_lines()
    limits = limits_of(network.flows, [("watch", ANSWER, 0.03), ("watch", "look", 0.005)])
    tallies = [played(network, number, NS // 4, limits)[0].tallies[0] for number in range(7)]
    straight = added(tallies)
    order = np.random.default_rng(seed).permutation(7).tolist()
    mixed = [tallies[i] for i in order]
    assert same_tally(added(mixed), straight)
    assert same_tally(added([added(mixed[:3]), added([added(mixed[3:5]), *mixed[5:]])]), straight)
    assert same_tally(added([straight]), straight)
    assert straight.outcomes.sum() == sum(int(one.outcomes.sum()) for one in tallies)


def test_a_tally_does_not_grow_with_the_requests() -> None:
    """Sixteen times as many, in as few bins."""

    def rows(rate: float, end: int) -> tuple[int, int]:
        tasks = [task("look", answers=True)]
        case = scenario([pool("camera", "device"), pool("box")], [workload("watch", periodic(rate), tasks)])
        found, _ = played(Network(case, placement(case, {"look": ("box", ServiceTime.lognormal(0.001, 0.05))})), 1, end)
        return int(found.tallies[0].outcomes.sum()), len(found.tallies[0].counts)

    few, many = rows(200.0, 10 * NS), rows(200.0, 160 * NS)
    assert many[0] == 16 * few[0] == 32_000
    assert many[1] < 1.5 * few[1] < 400


def test_sums_are_exact_beyond_what_sixty_four_bits_hold() -> None:
    """Three weeks of waiting each: a billion of such tallies."""
    network = three_lines()
    (tally,) = played(network)[0].tallies
    sums = tuple(one._replace(response=one.response + (1 << 62)) for one in tally.sums)
    whole = added([replace(tally, sums=sums)] * 1000)
    assert whole.sums[0].response == 1000 * (tally.sums[0].response + (1 << 62))


def test_limits_are_those_of_the_scenario_and_those_asked_for() -> None:
    network = three_lines()
    assert limits_of(network.flows) == ((),)
    asked = [("watch", ANSWER, 0.1), ("watch", "read", 0.02), ("watch", "read", 0.01), ("watch", "read", 0.02)]
    assert limits_of(network.flows, asked) == (((1, 10_000_000), (1, 20_000_000), (2, 100_000_000)),)


def test_rows_are_sorted_by_task_place_and_bin() -> None:
    (tally,) = played(three_lines(100.0))[0].tallies
    keys = [tuple(row) for row in tally.counts[:, :3].tolist()]
    assert keys == sorted(set(keys))
    assert {place for _, place, _ in keys} == {0, 1, 2, 3}  # two sites of two lines
    for of in range(3):
        assert tally.of(of)[:, 3].sum() == tally.done[of]
        assert (tally.of(of)[:, OF] == of).all()
    assert np.array_equal(bins_of(tally.counts[:, 4]), tally.counts[:, 2])


def test_what_is_not_delivered_is_reached_and_not_done() -> None:
    """The cloud is cut off at half time: looks go on, reads do not."""

    def cut(stations: Handles) -> Iterator[int]:
        yield NS // 4
        stations["cloud"][0].set_up(False)

    network = three_lines()
    rows: list[Any] = []
    cut_off = Replication(network, 1, 0, 0, NS // 2, limits_of(network.flows), [cut])
    found = play(cut_off, lambda *blocks: rows.append(blocks))
    (tally,) = found.tallies
    look, read, answer = reached(network.flows[0], tally.outcomes).tolist()
    assert tally.done[0] == look == answer == tally.outcomes.sum()
    assert 0 < tally.done[1] < read
    assert answer - tally.done[2] == read - tally.done[1] == tally.outcomes.sum() - tally.completed
    assert isinstance(tally, Tally)
