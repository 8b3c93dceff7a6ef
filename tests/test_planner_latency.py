"""Planned percentiles against sampling, and against the simulator on scenarios without waiting."""

from __future__ import annotations

import numpy as np
import pytest

import planner
import scenarios
from planner.contracts import Contracts, solve
from planner.latency import answer_accuracy, final_answers, percentile
from planner.problem import pose
from scenarios.workloads import Latency

TEXT = """
schema: 1
name: chain
about: A cascade of three rungs with a join.
sites:
  shop: {region: de, groups: {all: {count: 1}}}
pools:
  till: {tier: device, at: shop, hardware: till, count: 1, owned: all, paid_by: user}
  box: {tier: gateway, at: shop, hardware: box, count: 4}
  region: {tier: regional_cloud, at: westeurope, offer: node, count: 4}
links:
  line: {from: shop, to: westeurope, rtt: 20 ms, up: 10 Mbit/s, down: 50 Mbit/s}
data:
  label: {class: internal, may_reach: [shop, eu]}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 0.5 /s per till}
    tasks:
      quick: {time: {box: {p50: 5 ms, p99: 12 ms}}, input: 5 kB of label, output: 1 kB of label, answers: true}
      left: {after: quick, share: 40 %, time: {box: {mean: 8 ms, distribution: exponential}}, output: 1 kB of label}
      right: {after: quick, share: 50 %, time: {box: {p50: 9 ms, p99: 11 ms}}, output: 1 kB of label}
      both: {after: [left, right], time: {region: {p50: 4 ms, p99: 30 ms}}, output: 1 kB of label, answers: true}
    requires:
      latency: {quick: {p99: 1 s}, both: {p99: 1 s}, answer: {p95: 1 s}}
prices:
  till: {price: 1 USD, power: {idle: 0 W, busy: 0 W}}
  box: {price: 1 USD, power: {idle: 0 W, busy: 0 W}}
  node at westeurope: 1 USD/h
study:
  simulate: {busiest: 2_000 s, warm_up: 10 s, replications: 5}
"""


def test_percentiles_equal_sampling_of_the_stages() -> None:
    """Sums, the maximum of a join and the mixture of a cascade, each drawn a million times."""
    problem = pose(scenarios.load_text(TEXT, file="chain.yaml"))
    (candidates,) = problem.candidates.values()
    (candidate,) = candidates.values()
    workload, route = candidate.origin.workload, candidate.route
    rng = np.random.default_rng(5)

    def draws(task: str) -> np.ndarray:
        service, grid = route.step(task).variant.service, np.linspace(0, 1, 100_001)[1:-1]
        return np.interp(rng.random(1_000_000), grid, [service.quantile(p) for p in grid])

    quick = draws("quick")
    up, down = 10e-3 + 1e3 * 8 / 10e6, 10e-3 + 1e3 * 8 / 50e6
    joined = quick + np.maximum(draws("left"), draws("right")) + up + draws("both") + down
    mixture = np.where(rng.random(1_000_000) < 0.4 * 0.5, joined, quick)

    def planned(of: str, p: float) -> float:
        return percentile(problem.scenario, workload, route, Latency(of, p, 1.0), lambda _: None)

    for p in (0.5, 0.95, 0.99):
        for of, sample in (("quick", quick), ("both", joined), ("answer", mixture)):
            assert planned(of, p) == pytest.approx(np.quantile(sample, p), rel=0.01, abs=0.1e-3), (of, p)


def test_without_waiting_the_lower_bound_is_never_above_the_plan() -> None:
    problem = pose(scenarios.load_text(TEXT, file="chain.yaml"))
    (candidates,) = problem.candidates.values()
    (candidate,) = candidates.values()
    workload, route = candidate.origin.workload, candidate.route
    for of in ("quick", "both", "answer"):
        for p in (0.5, 0.9, 0.99):
            latency = Latency(of, p, 1.0)
            floor = percentile(problem.scenario, workload, route, latency, None)
            assert floor <= percentile(problem.scenario, workload, route, latency, lambda _: None) + 1e-9


def test_the_simulator_measures_what_was_planned() -> None:
    plan = planner.plan(scenarios.load_text(TEXT, file="chain.yaml"))
    for check in plan.checks:
        if check.unit == "s":
            assert check.simulated == pytest.approx(check.planned, rel=0.06), check.of


def test_final_answers_of_a_cascade() -> None:
    workload = scenarios.load_text(TEXT, file="chain.yaml").workload("scan")
    outcomes = {last: probability for probability, last in final_answers(workload)}
    assert outcomes == {("quick",): pytest.approx(0.8), ("both",): pytest.approx(0.2)}


def test_accuracy_is_that_of_the_last_answer() -> None:
    workload = scenarios.load_text(TEXT, file="chain.yaml").workload("scan")
    assert answer_accuracy(workload, {"quick": 0.9, "both": 0.99}) == pytest.approx(0.8 * 0.9 + 0.2 * 0.99)
    assert answer_accuracy(workload, {"quick": 0.9, "both": None}) == pytest.approx(0.9), (
        "a stated time has no accuracy"
    )


def test_waits_of_shared_queues_enter_the_percentile() -> None:
    """Two aligned tills behind one box of 5 ms: half of the readings wait for the other."""
    problem = pose(scenarios.load("two-site-toy"))
    found = solve(problem, [])
    assert found is not None
    contracts = Contracts(problem, found[0].candidates(problem), found[0].counts)
    planned = {limit.origin[1]: limit.planned_s for limit in contracts.limits() if limit.latency.of == "read"}
    assert planned == {"shop/north": pytest.approx(5e-3, rel=0.01), "shop/south": pytest.approx(10e-3, rel=0.01)}


def test_what_varies_or_is_lost_on_the_way_enters_the_percentile() -> None:
    """A gamma round trip up and down, of which each has half a draw of its own; 30 % of the messages lost."""
    text = TEXT.replace(
        "rtt: 20 ms", "rtt: {mean: 20 ms, distribution: gamma, cv: 0.5}, loss: {share: 30 %, again_after: 9 ms}"
    )
    problem = pose(scenarios.load_text(text, file="chain.yaml"))
    ((candidate,),) = (found.values() for found in problem.candidates.values())
    workload, route = candidate.origin.workload, candidate.route
    rng = np.random.default_rng(6)

    def service(task: str) -> np.ndarray:
        law, grid = route.step(task).variant.service, np.linspace(0, 1, 100_001)[1:-1]
        return np.interp(rng.random(1_000_000), grid, [law.quantile(p) for p in grid])

    def way(bps: float) -> np.ndarray:
        sending, lost = 8e3 / bps, rng.geometric(0.7, 1_000_000) - 1
        return rng.gamma(4.0, 10e-3 / 4.0, 1_000_000) + sending + lost * (sending + 9e-3)

    left, right = service("left") + way(10e6), service("right") + way(10e6)
    both = service("quick") + np.maximum(left, right) + service("both") + way(50e6)
    for p in (0.5, 0.95, 0.99):
        planned = percentile(problem.scenario, workload, route, Latency("both", p, 1.0), lambda _: None)
        assert planned == pytest.approx(np.quantile(both, p), rel=0.01), p


def test_the_simulator_measures_what_was_planned_over_links_that_vary_and_lose() -> None:
    lossy = "technology: lte, server: 300 km, loss: {share: 5 %, again_after: 30 ms}"
    plan = planner.plan(scenarios.load_text(TEXT.replace("rtt: 20 ms", lossy), file="chain.yaml"))
    for check in plan.checks:
        if check.unit == "s":
            assert check.simulated == pytest.approx(check.planned, rel=0.06), check.of
