"""Plans for more identical sites than are simulated in full."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from command_cases import Run

import planner
import scenarios
from hardware_profiles.faults import BadInput
from hardware_profiles.service_time import ServiceTime
from planner.contracts import contract
from planner.flows import flows, origins
from planner.plans import Plan
from planner.problem import pose
from planner.wording import sampled_in_words
from scenarios.demand import sites_to_judge
from scenarios.scenario import Scenario
from sim.waiting import Stream, waiting

TEXT = """
schema: 1
name: stores
about: Nine hundred stores read labels, on the till or in the region.
sites:
  store: {region: de, groups: {small: {count: 600, tills: 1}, large: {count: 300, tills: 2}}}
pools:
  till: {tier: device, at: store, hardware: toy-till, count: 1 per till, owned: all, paid_by: user}
  region: {tier: regional_cloud, at: westeurope, offer: toy-machine, count: 0..60}
links:
  line: {from: store, to: westeurope, rtt: 20 ms, up: 10 Mbit/s, down: 10 Mbit/s}
data:
  label: {class: internal, may_reach: [store, eu]}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 0.5 /s per till}
    tasks:
      read:
        {time: {till: {p50: 90 ms, p99: 400 ms}, region: {p50: 12 ms, p99: 30 ms}}, input: 5 kB of label,
         output: 1 kB of label, answers: true}
    requires: {latency: {read: {p95: 120 ms}}}
prices:
  toy-till: {price: 10 USD, power: {idle: 1 W, busy: 1 W}}
  toy-machine at westeurope: 0.10 USD/h
study:
  simulate: {busiest: 4 s, warm_up: 1 s, replications: 5}
"""


def stores(**changes: object) -> Scenario:
    scenario = scenarios.load_text(TEXT, file="stores.yaml")
    return scenario.with_({path.replace("__", "."): value for path, value in changes.items()}) if changes else scenario


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planner.plan(stores())


def test_nine_hundred_stores_are_planned_and_verified_with_all_of_them_at_the_region(plan: Plan) -> None:
    """600 /s at 13.6 ms are some 8.2 servers: the plan buys a few more, and each limit is simulated and met."""
    assert plan.placement is not None
    assert plan.result is not None
    assert plan.result.sampled == {"store/large": (200, 300), "store/small": (200, 600)}
    region = plan.result.stations.set_index("pool").loc["region"]
    nodes = plan.placement.nodes_of("region", None).count
    service = plan.placement.routes[0].step("read").variant.service.mean_s
    assert 600 * service < nodes < 600 * service + 5
    assert region["offered_load"] == pytest.approx(600 * service)
    assert region["mean_busy_servers"] == pytest.approx(600 * service, rel=0.05)
    latencies = [check for check in plan.checks if check.metric == "p95"]
    assert {check.group for check in latencies} == {"store/small", "store/large"}
    assert {check.verdict for check in latencies} == {"met"}
    assert sampled_in_words(plan.scenario, plan.result.sampled) == (
        "200 of 300 stores (large) and 200 of 600 stores (small) simulated in full, the others at shared queues only"
    )


def test_verdicts_are_those_of_the_result(plan: Plan) -> None:
    assert plan.result is not None
    for one in plan.result.summary()["workloads"]["scan"]["attainment"]:
        (check,) = (c for c in plan.checks if (c.metric, c.group) == ("p95", one["group"]))
        assert one["verdict"] == check.verdict


def test_a_sample_too_thin_to_judge_a_limit_is_refused_with_one_that_is_not() -> None:
    scenario = stores(sites__store__groups__small__count=1_000_000, workloads__scan__arrivals__rate="1 /h per till")
    with pytest.raises(BadInput) as caught:
        planner.plan(scenario)
    assert [str(fault) for fault in caught.value.faults] == [
        "stores.yaml: study.simulate.sample: found 200 of 1000000 sites, too few requests to judge the limits of scan "
        "by, expected a sample such as `43200 of store/small`, or a longer busiest span",
    ]


def test_where_the_usual_sample_is_too_thin_a_larger_one_is_taken_unless_one_is_stated() -> None:
    rare = {"sites__store__groups__small__count": 100_000, "workloads__scan__arrivals__rate": "20 /h per till"}
    scenario = stores(**rare)
    small = scenario.group("store/small")
    assert 200 < scenario.study.in_full(small) < 5_000
    scan = scenario.workload("scan")
    assert sites_to_judge(scenario, scan, small) <= scenario.study.in_full(small)
    stated = stores(**rare, study__simulate__sample="200 of store/small")
    assert stated.study.in_full(small) == 200
    with pytest.raises(BadInput, match="too few requests to judge"):
        planner.plan(stated)


# contracts of very many sources


@pytest.mark.parametrize("phase", ["aligned", "staggered", "random"])
def test_a_hundred_million_sites_are_one_stream(phase: str) -> None:
    """In-phase tills of a store stay together, two at a time; all streams together offer the same load."""
    arrivals = {"kind": "periodic", "rate": "1 /day per till", "phase": phase}
    scenario = stores(
        sites__store={"region": "de", "groups": {"large": {"count": 100_000_000, "tills": 2}}},
        workloads__scan__arrivals=arrivals,
        pools__till={"tier": "device", "at": "store", "hardware": "toy-till", "count": "1 per till", "pooled": "site"},
    )
    started = time.perf_counter()
    (origin,) = origins(scenario)
    routes = pose(scenario).candidates[origin.key].values()
    (flow,) = (
        flow
        for candidate in routes
        for flow in flows(scenario, origin, candidate.route)
        if flow.queue.kind == "pool" and flow.queue.name == "region"
    )
    (stream,) = flow.streams
    assert (stream.kind, stream.sources, stream.together) == ("poisson", 200_000_000, 2 if phase == "aligned" else 1)
    assert stream.offered == pytest.approx(flow.load)
    waits = contract(flow.streams, 40)[0]
    assert time.perf_counter() - started < 5
    assert np.isfinite(waits).all()


def test_many_servers_take_no_longer_than_a_few() -> None:
    """Of 5 000 servers at 95 % hardly anybody waits; of 20 at 90 % as Erlang says."""
    service = ServiceTime.exponential(0.01)
    started = time.perf_counter()
    waits = waiting([Stream("poisson", 1000, 475.0, service)], 5000)[0]
    assert time.perf_counter() - started < 5
    assert (waits > 0).mean() < 0.01
    means = [waiting([Stream("poisson", 1, 1800.0, service)], 20, seed=seed)[0].mean() for seed in range(12)]
    assert np.mean(means) == pytest.approx(0.002754, rel=0.05)


def test_a_poisson_stream_of_blocks_waits_at_least_as_long_as_the_blocks_themselves() -> None:
    """Six cameras in phase in each of 200 lines on 16 servers; single births would wait far less."""
    service = ServiceTime.exponential(0.01)
    blocks = np.concatenate(waiting([Stream("periodic", 6, 1.0, service, "aligned")] * 200, 16, samples=400_000))
    merged, single = (
        waiting([Stream("poisson", 1200, 1.0, service, together=together)], 16, samples=400_000)[0]
        for together in (6, 1)
    )
    p95 = [float(np.quantile(waits, 0.95)) for waits in (single, blocks, merged)]
    assert p95 == sorted(p95)
    assert p95[2] == pytest.approx(p95[1], rel=0.2)
    assert p95[0] < 0.5 * p95[1]


# the command line


@pytest.fixture
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    found = tmp_path_factory.mktemp("stores") / "stores.yaml"
    found.write_text(TEXT.replace("600,", "205,").replace("300,", "10,"), encoding="utf-8")
    return str(found)


def test_check_says_what_will_be_sampled(run: Run, file: str) -> None:
    code, out, err = run("check", file)
    assert (code, err) == (0, "")
    assert "  simulation:\n        200 of 205 stores (small) simulated in full, the others at shared queues\n" in out
    one = json.loads(run("check", file, "--json")[1])["files"][0]
    assert one["sampled"] == {"store/small": {"simulated": 200, "of": 205}}


def test_simulate_says_what_was_sampled_how_precisely_and_judges_each_group(run: Run, file: str) -> None:
    assert run("plan", file, "--out", "here", "--quiet")[0] == 0
    arguments = ("simulate", file, "--plan", "here/stores/plan.json", "--replications", "2")
    code, out, err = run(*arguments, "--precision", "0.1 %", "--most-replications", "3")
    assert (code, err) == (0, "")
    assert "200 of 205 stores (small) simulated in full, the others at shared queues" in out
    assert ", not 0.1 %, after 3 replications" in out
    assert "scan, read within 120 ms (small)" in out
    assert max(map(len, out.splitlines())) <= 80
    code, out, _ = run(*arguments, "--precision", "90 %", "--json")
    document = json.loads(out)
    assert document["precision"]["asked"] == 0.9
    assert document["precision"]["reached"] < 0.9
    assert document["sampled"] == {"store/small": {"simulated": 200, "of": 205}}
    assert [one["group"] for one in document["workloads"]["scan"]["attainment"]] == ["store/large", "store/small"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--precision", "0.02"), "--precision: found `0.02`, expected a share such as 2 %, above 0 % and below 100 %"),
        (("--precision", "0 %"), "--precision: found `0 %`, expected a share such as 2 %, above 0 % and below 100 %"),
        (("--precision", "2 ms"), "--precision: found `2 ms`, expected a share such as 2 %, above 0 % and below 100 %"),
        (("--precision", "two"), "--precision: found 'two', expected a number with its unit"),
        (
            ("--most-replications", "9"),
            "--most-replications: found no --precision, expected --precision '2 %' beside it",
        ),
    ],
)
def test_a_precision_is_written_as_in_a_scenario(run: Run, options: tuple[str, ...], message: str) -> None:
    code, out, err = run("simulate", "two-site-toy", *options)
    assert (code, out) == (2, "")
    assert message in err
