"""Dispatch and cold starts against theory, inside 99.9 % intervals over replications. Services of 1 s on average."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sim_cases import placement, poisson, pool, scenario, task, workload
from test_sim_theory import SERVICES, covers, erlang_c
from test_sim_theory_lanes import REPLICATIONS, waited

import sim
from scenarios.pools import ColdStart
from sim.result import Result

ONE = SERVICES["M/M"]


def run(rate_per_s: float, span_s: float, service: Any = ONE, **box: Any) -> Result:
    stream = workload("work", poisson(rate_per_s, per="site"), [task("do")])
    case = scenario([pool("camera", "device"), pool("box", **box)], [stream])
    placed = placement(case, {"do": ("box", service)})
    return sim.simulate(case, placed, replications=REPLICATIONS, span_s=span_s, warm_up_s=span_s / 10)


def waits(result: Result) -> list[float]:
    return waited([played.tallies[0] for played in result.played])


def joined_the_shorter(load: float, most: int = 40) -> float:
    """Mean wait where each joins the shorter of two M/M/1 queues, by Little from the chain of both lengths.

    The chain is cut off where one has ``most``: at the loads asked for that is far less likely than 1e-9.
    """
    size = most + 1
    flows = np.zeros((size * size, size * size))  # rates from column to row
    for a in range(size):
        for b in range(size):
            to = [(a - 1, b, 1.0), (a, b - 1, 1.0), (*((a + 1, b) if a <= b else (a, b + 1)), 2 * load)]
            for x, y, rate in to:
                if 0 <= x < size and 0 <= y < size:
                    flows[x * size + y, a * size + b] += rate
                    flows[a * size + b, a * size + b] -= rate
    flows[0] = 1.0  # instead of one of the balances: all probabilities together
    p = np.linalg.solve(flows, np.eye(size * size)[0]).reshape(size, size)
    number = float((p * np.add.outer(np.arange(size), np.arange(size))).sum())
    return number / (2 * load) - 1.0


@pytest.mark.parametrize(("load", "nodes"), [(0.6, 2), (0.8, 5)])
def test_nodes_chosen_at_random_are_queues_of_their_own(load: float, nodes: int) -> None:
    """A Poisson process thinned is one: M/M/1 with a part of the rate each."""
    result = run(load * nodes, 8000, count=nodes, dispatch="random")
    assert covers(waits(result), load / (1 - load))
    lengths = np.array([played.queues[:, 1] for played in result.played]).T / (8000 * 1e9)
    assert len(lengths) == nodes
    assert all(covers(list(each), load**2 / (1 - load)) for each in lengths)


@pytest.mark.parametrize("load", [0.5, 0.7])
def test_the_shorter_of_two_queues_is_joined_as_the_chain_says(load: float) -> None:
    truth = joined_the_shorter(load)
    assert erlang_c(load, 2) < truth < load / (1 - load)
    assert covers(waits(run(2 * load, 8000, count=2, dispatch="least_loaded")), truth)


def test_joining_the_shortest_lies_between_one_queue_for_all_and_chance() -> None:
    shared, shortest, random = (
        float(np.mean(waits(run(0.8 * 4, 4000, count=4, dispatch=how))))
        for how in ("shared_queue", "least_loaded", "random")
    )
    assert shared < shortest < random


@pytest.mark.parametrize("name", ["M/M", "M/G"])
def test_one_instance_is_a_queue_whose_first_service_is_longer(name: str) -> None:
    """M/G/1 with an exceptional first service (P. D. Welch, Operations Research 12, 1964).

    A busy period begins cold where nobody has come for ``idle``: with probability exp(-rate · idle).
    """
    rate, cold_s, idle_s, service = 0.5, 3.0, 1.0, SERVICES[name]
    result = run(rate, 12_000, service, count=0, offers=("api",), concurrent=1, cold_start=ColdStart(cold_s, idle_s))
    probability = math.exp(-rate * idle_s)
    first = 1 + probability * cold_s
    more_square = 2 * probability * cold_s + probability * cold_s**2  # of the first service than of others
    square = service.variance_s2 + 1
    wait = rate * square / (2 * (1 - rate)) + rate * more_square / (2 * (1 - rate + rate * first))
    assert covers(waits(result), wait)
    starts = [float(played.queues[0, 3]) / 12_000 for played in result.played]
    assert covers(starts, probability * rate * (1 - rate) / (1 - rate + rate * first))
