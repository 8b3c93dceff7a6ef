"""The compiled plane plays the same path as the reference, to the nanosecond and without tolerance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_cases import periodic, poisson
from test_sim_background import shops
from test_sim_properties import Case, cases, two_workloads

import sim
from scenarios.workloads import Arrivals
from sim import requests as reference
from sim.compiled import plane as compiled
from sim.control import Control, Handles
from sim.network import Network
from sim.simulation import ENGINES

S = 1_000_000_000


def equal(network: Network, seed: int, begin: int, end: int, *controls: Control) -> None:
    one = reference.play(network, seed, 0, begin, end, controls)
    other = compiled.play(network, seed, 0, begin, end, controls)
    assert np.array_equal(one.births, other.births)
    assert np.array_equal(one.visits, other.visits)
    assert np.array_equal(one.queues, other.queues)


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 5), st.sampled_from([0, S // 10]))
def test_any_small_network_is_played_alike(made: Case, seed: int, begin: int) -> None:
    equal(Network(*made), seed, begin, begin + S // 4)


@st.composite
def disturbances(draw: Any) -> Control:
    """Outages of any station, and servers added and taken away as its queue is long or short."""
    steps = draw(
        st.lists(
            st.tuples(
                st.integers(1, 40), st.integers(0, 5), st.sampled_from(["up", "down", "more", "less", "by queue"])
            ),
            max_size=12,
        )
    )

    def control(stations: Handles) -> Iterator[int]:
        everything = [one for name in sorted(stations) for one in stations[name]]
        now = 0
        for gap, number, what in steps:
            now += gap * 7_000_001
            yield now
            one = everything[number % len(everything)]
            servers = one.servers or 0
            if what in ("up", "down"):
                one.set_up(what == "up")
            elif what == "by queue":
                one.set_servers(4 if one.waiting > 1 else 1)
            else:
                one.set_servers(max(servers + (1 if what == "more" else -1), 0))
        yield now + 1
        for one in everything:  # nobody waits for ever
            one.set_servers(max(one.servers or 0, 1))
            one.set_up(True)

    return control


@settings(max_examples=150, deadline=None)
@given(cases(), disturbances(), st.integers(0, 3))
def test_control_acts_alike_on_both(made: Case, control: Control, seed: int) -> None:
    equal(Network(*made), seed, S // 20, S // 4, control)


def test_gauges_read_alike_in_both() -> None:
    """What a control process sees at its instants."""
    seen: list[list[tuple[int, int, bool, int | None]]] = []

    def watching(stations: Handles) -> Iterator[int]:
        mine: list[tuple[int, int, bool, int | None]] = []
        seen.append(mine)
        for number in range(1, 30):
            yield number * 9_000_000
            mine += [
                (one.busy, one.waiting, one.up, one.servers) for name in sorted(stations) for one in stations[name]
            ]

    network = Network(*two_workloads(with_second=True))
    equal(network, 1, 0, S // 3, watching)
    assert seen[0] == seen[1]
    assert any(busy for busy, *_ in seen[0])


@pytest.mark.parametrize(
    "arrivals", [poisson(20.0), periodic(20.0), periodic(20.0, "aligned"), periodic(20.0, "staggered")]
)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_sites_beyond_the_sample_are_played_alike(arrivals: Arrivals, share: float) -> None:
    network = Network(*shops(40, arrivals, {"shop/all": 3}, share))
    assert network.background
    equal(network, 3, S // 10, S // 2)


def test_the_engine_is_chosen_by_name() -> None:
    case, placed = two_workloads(with_second=True)
    one, other = (sim.simulate(case, placed, replications=3, engine=name, requests=True) for name in ENGINES)
    assert [one.engine, other.engine] == list(ENGINES)
    for table in ("requests", "stations", "links", "workloads", "tasks"):
        assert getattr(one, table).equals(getattr(other, table))
