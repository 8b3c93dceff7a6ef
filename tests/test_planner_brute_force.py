"""The optimiser against every placement there is, under the same contracts, on small random scenarios."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import scenarios
from planner import contracts
from planner.bill import price, standing, total
from planner.contracts import Contracts, solve
from planner.flows import planned_usage
from planner.milp import Solution
from planner.problem import Problem, pose


@pytest.fixture(autouse=True)
def _short_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides read the same contracts, so these may be coarse."""
    monkeypatch.setattr(contracts, "SAMPLES", 20_000)
    contracts.contract.cache_clear()


def placements(problem: Problem) -> Iterator[Solution]:
    """Every combination of routes, hardware and counts, stable or not."""
    keys = list(problem.candidates)
    places: dict[tuple[str, str | None], list] = {}
    for stock in problem.stocks:
        places.setdefault(stock.key[:2], []).append(stock)
    per_place = []
    for stocks in places.values():
        options: list[dict] = [] if stocks[0].always else [{}]
        for stock in stocks:
            low = max(stock.pool.count.low, 1)
            counts = [0] if stock.nodeless else range(low, stock.pool.count.high + 1)
            options += [{stock.key: count} for count in counts]
        per_place.append(options)
    for routes in itertools.product(*(problem.candidates[key] for key in keys)):
        chosen = dict(zip(keys, routes, strict=True))
        for bought in itertools.product(*per_place):
            counts = {k: n for option in bought for k, n in option.items()}
            yield Solution(chosen, counts, math.nan, math.nan, 0.0, 0.0)


def fits(problem: Problem, solution: Solution) -> bool:
    """The hardware of every route is there, no queue is offered more than its servers, every limit holds."""
    chosen = solution.candidates(problem)
    load: dict = {}
    for candidate in chosen.values():
        group = candidate.origin.group.key if candidate.origin.group else None
        for pool, on in candidate.choices.items():
            here = group if problem.scenario.pool(pool).local else None
            if (pool, here, on) not in solution.counts:
                return False
        for flow in candidate.flows:
            if flow.queue.kind == "pool" or flow.exact:
                load[flow.queue] = load.get(flow.queue, 0.0) + flow.load
    for queue, offered in load.items():
        servers = 1.0
        if queue.kind == "pool":
            stock = next(
                s
                for s in problem.stocks
                if s.key in solution.counts and (s.pool.name, s.key[1] or "") == (queue.name, queue.group)
            )
            servers = math.inf if stock.nodeless else stock.servers(solution.counts[stock.key])
        if offered > servers + 1e-9:
            return False
    return not any(limit.broken for limit in Contracts(problem, chosen, solution.counts).limits())


def cost(problem: Problem, solution: Solution) -> float:
    placement = solution.placement(problem)
    usage = planned_usage(problem.scenario, placement)
    return total((*standing(problem.scenario), *price(problem.scenario, placement, usage)))


MOST = 3_000  # placements of one scenario

TEMPLATE = """
schema: 1
name: random
about: A small random scenario.
sites:
  plant: {{region: de, groups: {groups}}}
pools:
  camera: {{tier: device, at: plant, hardware: plain-camera, count: {cameras}, paid_by: user}}
  box: {{tier: gateway, at: plant, hardware: [small-box, large-box], count: 0..{boxes}}}
  server: {{tier: on_prem, at: plant, hardware: big-server, count: 0..2, spare: {spare}}}
  region: {{tier: regional_cloud, at: westeurope, offer: own-gpu, count: 0..2}}
links:
  field: {{within: plant, each: node, rtt: 0.2 ms, up: 1 Gbit/s, down: 1 Gbit/s}}
  uplink: {{from: plant, to: westeurope, rtt: {rtt} ms, up: 100 Mbit/s, down: 100 Mbit/s, price: {{data: 1 USD/GB}}}}
workloads:
{workloads}
prices:
  plain-camera: {{price: 50 USD, power: {{idle: 1 W, busy: 1 W}}}}
  small-box: {{price: {small} USD, power: {{idle: 5 W, busy: 9 W}}}}
  large-box: {{price: {large} USD, power: {{idle: 8 W, busy: 30 W}}}}
  big-server: {{price: 2000 USD, power: {{idle: 100 W, busy: 200 W}}}}
  own-gpu at westeurope: {gpu} USD/h
  electricity: {{de: 0.2 USD/kWh}}
  per_node:
    {{installation: 10 USD, lifetime: 4 years, maintenance: 10 % per year, failures: 2 % per year, truck_roll: 20 USD}}
  money: {{discount_rate: 5 %}}
"""

WORKLOAD = """  {name}:
    source: camera
    arrivals: {{{arrivals}}}
    tasks:
      look:
        time: {{camera: {camera} ms, box: {box} ms, server: 3 ms, region: 2 ms}}
        input: 20 kB
        output: 1 kB
        answers: true
      check:
        after: look
        share: {share} %
        time: {{box: 8 ms, server: 4 ms, region: 3 ms}}
        output: 1 kB
        answers: true
    requires:
      latency: {{look: {{p95: {look} ms}}, check: {{p99: {check} ms}}}}
"""


@st.composite
def texts(draw: st.DrawFn) -> str:
    number = st.integers
    groups = draw(st.sampled_from(["{all: {count: 1}}", "{a: {count: 2}, b: {count: 1}}"]))
    arrivals = st.sampled_from(
        [
            "kind: periodic, rate: 20 request/s per camera",
            "kind: periodic, rate: 20 request/s per camera, phase: aligned",
            "kind: periodic, rate: 30 request/s per camera, phase: staggered",
            "kind: poisson, rate: 15 request/s per camera",
            "kind: poisson, rate: 25 request/s per site",
        ]
    )
    workloads = "".join(
        WORKLOAD.format(
            name=name,
            arrivals=draw(arrivals),
            camera=draw(number(10, 60)),
            box=draw(number(5, 20)),
            share=draw(number(1, 100)),
            look=draw(number(8, 80)),
            check=draw(number(20, 150)),
        )
        for name in ["first", "second"][: draw(number(1, 2))]
    )
    return TEMPLATE.format(
        groups=groups,
        cameras=draw(number(1, 3)),
        boxes=draw(number(1, 3)),
        spare=draw(number(0, 1)),
        rtt=draw(number(2, 40)),
        small=draw(number(100, 300)),
        large=draw(number(200, 900)),
        gpu=draw(st.sampled_from(["0.02", "0.1", "0.6"])),
        workloads=workloads,
    )


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts())
def test_the_optimiser_finds_the_cheapest_of_all_placements(text: str) -> None:
    problem = pose(scenarios.load_text(text, file="random.yaml"))
    everything = list(itertools.islice(placements(problem), MOST + 1))
    assume(len(everything) <= MOST)
    found = solve(problem, [])
    cheapest_first = sorted(everything, key=lambda solution: cost(problem, solution))
    best = next((solution for solution in cheapest_first if fits(problem, solution)), None)
    event(
        "infeasible"
        if best is None
        else "cheaper ones do not fit"
        if best is not cheapest_first[0]
        else "cheapest fits"
    )
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        solution, _ = found
        assert solution.usd_per_month == pytest.approx(cost(problem, best), abs=0.005)
        assert solution.usd_per_month == pytest.approx(cost(problem, solution), abs=0.005), "objective ≠ re-priced bill"
        assert fits(problem, solution)
