"""Intervals, tables, and usage."""

import json
import math
from typing import Any

import numpy as np
import pytest
from sim_cases import counts, link, periodic, placement, poisson, pool, responses, scenario, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.workloads import Latency, Requirements
from sim import measures
from sim.measures import Floats
from sim.result import NotCounted, Result
from sim.usage import MONTH_S

TWO = np.array([0, 0, 1, 1])
ONE = np.ones(1)  # weight of the only part


def test_quantiles_are_values_that_occurred() -> None:
    values = np.arange(1.0, 21.0)
    found = [counts(values).order_statistic(p) for p in (0.001, 0.05, 0.5, 0.95, 0.951, 1.0)]
    assert found == [1, 1, 10, 19, 20, 20]


def test_a_mean_by_hand() -> None:
    """Two replications with means 1 and 3: half the interval is 12.706 times the standard error of 1."""
    found = measures.mean(np.array([[2.0, 6.0]]), np.array([[2, 2]]), ONE)
    assert (found.value, found.high - found.value) == pytest.approx((2.0, 12.7062), rel=1e-5)
    assert found.value - found.low == pytest.approx(found.high - found.value)


def test_one_replication_gives_no_interval() -> None:
    once = counts([1.0, 2.0])
    for found in (
        measures.mean(np.array([[3.0]]), once.totals, ONE),
        measures.quantile(once, 0.5),
        measures.attainment(once, 1.5),
    ):
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert not math.isnan(found.value)


def test_nothing_measured_is_not_a_number() -> None:
    none = counts([], replications=2)
    assert math.isnan(measures.quantile(none, 0.5).value)
    assert math.isnan(measures.mean(np.zeros((1, 2)), none.totals, ONE).value)
    assert math.isnan(measures.attainment(none, 1.0).value)


def test_a_percentile_beyond_the_sample_has_no_upper_bound() -> None:
    values = np.linspace(1, 2, 40)
    found = measures.quantile(counts(values, np.arange(40) % 4, 4), 0.99)
    assert (found.value, found.high) == (2.0, math.inf)
    constant = measures.quantile(counts(np.full(40, 3.0), np.arange(40) % 4, 4), 0.99)
    assert constant == measures.Interval(3.0, 3.0, 3.0)


def test_what_never_ends_is_infinite() -> None:
    found = counts([1.0, math.inf, 2.0, 3.0], TWO, 2)
    assert measures.mean(np.array([[math.inf, 5.0]]), found.totals, ONE).value == math.inf
    assert measures.quantile(found, 0.99).value == math.inf
    assert measures.quantile(found, 0.5).value == 2.0
    assert measures.attainment(found, 1e9).value == 0.75


@pytest.mark.parametrize("measure", ["mean", "p90", "attainment"])
def test_intervals_cover_the_truth_as_often_as_they_say(measure: str) -> None:
    """Ten replications of 200 values that share a random level, 1000 times: the truth is inside 95 % of them."""
    rng = np.random.default_rng(7)
    replication = np.repeat(np.arange(10), 200)
    inside = 0
    for _ in range(1000):
        values = rng.normal(0, 1, 10)[replication] + rng.normal(0, 2, 2000)
        if measure == "mean":
            sums = np.bincount(replication, values)[None]
            found, truth = measures.mean(sums, np.full((1, 10), 200), ONE), 0.0
        elif measure == "p90":
            found, truth = measures.quantile(counts(values, replication, 10), 0.9), 1.2815516 * math.sqrt(5)
        else:
            found, truth = measures.attainment(counts(values, replication, 10), 0.0), 0.5
        inside += found.low <= truth <= found.high
    assert 925 <= inside <= 970


# a case with a cascade: everything is detected at the shop, a quarter is verified in the region


def cascade(replications: int = 4, **more: Any) -> Result:
    tasks = [
        task("detect", input=(60_000,), output=(100,), answers=True),
        task("verify", after=("detect",), share=0.25, input=(5000,), output=(50,), answers=True),
    ]
    requires = Requirements(latency=(Latency("detect", 0.99, 0.010), Latency("answer", 0.95, 0.050)))
    pools = [
        pool("camera", "device", count=2, per="line"),
        pool("box", per="line", slots=2),
        pool("cloud", "cloud", "west"),
    ]
    links = [link("field", ("shop", "shop"), 1e9, 0.0004, "node"), link("uplink", ("shop", "west"), 1e7, 0.020)]
    case = scenario(pools, [workload("watch", poisson(25.0), tasks, requires=requires)], links)
    placed = placement(case, {"detect": ("box", ServiceTime.exponential(0.004)), "verify": ("cloud", 0.002)})
    return sim.simulate(case, placed, replications=replications, span_s=2.0, warm_up_s=0.2, requests=True, **more)


RESULT = cascade()


def as_binned(exact: Floats, found: Floats) -> bool:
    """Each is the longest of its bin: never too short, and less than 0.4 % too long."""
    return len(exact) == len(found) and bool(((exact <= found) & (found <= exact * 1.004)).all())


def test_the_response_table_has_a_row_for_each_task_and_the_answer() -> None:
    table = RESULT.response().set_index("of")
    assert table.index.tolist() == ["detect", "verify", "answer"]
    assert table.loc["answer", "requests"] == table.loc["detect", "requests"] == RESULT.workloads["requests"].sum()
    assert 0.2 < table.loc["verify", "requests"] / table.loc["detect", "requests"] < 0.3
    for name in ("mean", "p50", "p95", "p99", "p99.9"):
        assert (table[f"{name}_low_ms"] <= table[f"{name}_ms"]).all()
        assert (table[f"{name}_ms"] <= table[f"{name}_high_ms"]).all()


def test_predictability_is_p99_over_p50() -> None:
    """Of exponential times it is large; of those that are all alike 1; of none at all there is none."""
    watch = RESULT.summary()["workloads"]["watch"]
    table = RESULT.response().set_index("of")
    expected = watch["response_ms"]["p99"]["value"] / watch["response_ms"]["p50"]["value"]
    assert watch["predictability"] == pytest.approx(expected)
    assert table.loc["answer", "predictability"] == pytest.approx(expected)
    assert expected > 2
    case = scenario([pool("camera", "device"), pool("box")], [workload("watch", periodic(10.0), [task("detect")])])
    steady = sim.simulate(case, placement(case, {"detect": ("box", 0.004)}))
    assert steady.response()["predictability"].tolist() == [1.0, 1.0]
    instant = sim.simulate(case, placement(case, {"detect": ("box", 0.0)}))
    assert instant.summary()["workloads"]["watch"]["predictability"] is None


def test_the_answer_is_the_last_one_delivered() -> None:
    """Where a request was verified its answer is that, else that of the detection."""
    table = RESULT.requests
    last = table.groupby(["replication", "source", "sequence"])["delivered_ns"].max()
    born = table.groupby(["replication", "source", "sequence"])["born_ns"].first()
    assert as_binned(np.sort((last - born) / 1e9), responses(RESULT, "watch", "answer"))


def test_a_task_that_answers_nobody_is_no_answer_however_late() -> None:
    tasks = [task("detect", answers=True), task("log", after=("detect",))]
    case = scenario([pool("camera", "device"), pool("box")], [workload("watch", periodic(10.0), tasks)])
    result = sim.simulate(case, placement(case, {"detect": ("box", 0.004), "log": ("box", 0.020)}))
    assert set(responses(result, "watch", "answer")) == {0.004}
    assert set(responses(result, "watch", "log")) == {0.024}


def test_tables_say_the_same_as_the_requests() -> None:
    table = RESULT.requests
    response = table["delivered_ns"] - table["born_ns"]
    for name in ("detect", "verify"):
        here = table["task"] == name
        values = np.sort(response[here] / 1e9)
        assert as_binned(values, responses(RESULT, "watch", name))
        for p in (0.5, 0.95, 0.999):
            found = RESULT.percentile("watch", name, p, "shop/all").value
            exact = values[math.ceil(p * len(values)) - 1]
            assert exact <= found <= exact * 1.004
        assert RESULT.attainment("watch", name, 0.010).value == (values <= 0.010).mean()
        split = RESULT.split("watch", name)
        assert split["waiting_s"] == pytest.approx(table["waited_ns"][here].mean() / 1e9)
        assert split["service_s"] == pytest.approx(table["served_ns"][here].mean() / 1e9)
        assert sum(split.values()) == pytest.approx(values.mean())
        assert RESULT.mean("watch", name).value == pytest.approx(values.mean())


def test_the_network_part_is_what_the_links_take_on_empty_links() -> None:
    """0.48 ms and 0.2 ms to the box, 0.8 µs and 0.2 ms back."""
    tasks = [task("detect", input=(60_000,), output=(100,), answers=True)]
    case = scenario(
        [pool("camera", "device"), pool("box")],
        [workload("watch", periodic(10.0), tasks)],
        [link("field", ("shop", "shop"), 1e9, 0.0004, "node")],
    )
    split = sim.simulate(case, placement(case, {"detect": ("box", 0.004)})).split("watch", "detect")
    assert split == pytest.approx({"waiting_s": 0.0, "service_s": 0.004, "network_s": 0.0008808})


def test_the_worst_sub_pool_is_named() -> None:
    table = RESULT.requests
    detect = table[table["task"] == "detect"]
    response = (detect["delivered_ns"] - detect["born_ns"]) / 1e9
    line = (detect["source"] - 1) // 2 + 1
    by_line = {number: np.sort(values) for number, values in response.groupby(line)}
    p99 = {number: values[math.ceil(0.99 * len(values)) - 1] for number, values in by_line.items()}
    worst = max(p99, key=lambda number: p99[number])
    where, found = RESULT.worst_queue("watch", "detect", 0.99)
    assert where == f"line {worst} of shop/all"
    assert p99[worst] <= found <= p99[worst] * 1.004


def test_usage_is_counted_and_scaled_to_a_month() -> None:
    table = RESULT.requests
    to_month = MONTH_S / (2.0 * 4)
    detected, verified = ((table["task"] == name).sum() * to_month for name in ("detect", "verify"))
    usage, group = RESULT.usage, "shop/all"
    assert usage.requests == pytest.approx({("watch", group): detected})
    assert usage.calls == pytest.approx({("box", group): detected, ("cloud", None): verified})
    assert usage.messages == pytest.approx(
        {
            ("field", "up", group): detected,
            ("field", "down", group): detected,
            ("uplink", "up", group): verified,
            ("uplink", "down", group): verified,
        }
    )
    assert usage.bytes["field", "up", group] == pytest.approx(60_000 * detected)
    assert usage.bytes["uplink", "down", group] == pytest.approx(50 * verified)
    served = (table["completed_ns"] - table["started_ns"]) / 1e9
    busy = served[table["task"] == "detect"].sum() / 2 * to_month  # two slots a node
    assert usage.busy_node_s == pytest.approx({("box", group): busy, ("cloud", None): 0.002 * verified})


def test_link_and_station_tables() -> None:
    links = RESULT.links.set_index(["link", "direction"])
    assert links["messages"].to_dict() == pytest.approx(
        {key[:2]: number * 2.0 / MONTH_S for key, number in RESULT.usage.messages.items()}
    )
    # 5 kB at 10 Mbit/s are 4 ms
    busy = links.loc[("uplink", "up"), "messages"] * 0.004 / 2.0
    assert links.loc[("uplink", "up"), "busy_fraction"] == pytest.approx(busy, rel=0.05)
    stations = RESULT.stations
    assert stations["servers"].tolist() == [2, 2, 1]
    assert stations["offered_load"].tolist() == pytest.approx([0.2, 0.2, 0.05])
    assert stations["mean_busy_servers"].tolist() == pytest.approx([0.2, 0.2, 0.05], rel=0.3)


def test_the_summary_is_json() -> None:
    summary = json.loads(json.dumps(RESULT.summary(), allow_nan=False))
    assert summary["replications"] == 4
    assert set(summary["versions"]) == {"python", "numpy", "numba", "simpy"}
    watch = summary["workloads"]["watch"]
    assert watch["requests"] == watch["completed"] == int(RESULT.workloads["requests"].sum())
    assert set(watch["response_ms"]) == {"mean", "p50", "p95", "p99", "p99_9"}
    assert watch["response_ms"]["p50"]["value"] == RESULT.percentile("watch", "answer", 0.5).value * 1e3
    assert [wanted["of"] for wanted in watch["attainment"]] == ["detect", "answer"]
    assert watch["attainment"][0]["value"] == RESULT.attainment("watch", "detect", 0.010).value
    assert 0 < summary["stations"]["box"]["utilisation"] <= summary["stations"]["box"]["busiest_utilisation"] < 1
    assert summary["links"]["uplink"]["bytes_up"] > summary["links"]["uplink"]["bytes_down"] > 0


def test_names_that_were_not_simulated_and_tables_that_were_not_kept() -> None:
    with pytest.raises(KeyError, match="there is watch at shop/all"):
        RESULT.percentile("wacht", "detect", 0.5)
    case = scenario([pool("camera", "device"), pool("box")], [workload("watch", periodic(10.0), [task("detect")])])
    run = sim.prepare(case, placement(case, {"detect": ("box", 0.004)}))
    with pytest.raises(ValueError, match="no replication was played yet"):
        run.result()
    run.add(1)
    with pytest.raises(ValueError, match="requests=True"):
        _ = run.result().requests


def test_attainment_is_exact_or_refused() -> None:
    """A time that is not the longest of its bin divides it, unless it is counted."""
    table = RESULT.requests
    here = table[table["task"] == "detect"]
    response = np.sort((here["delivered_ns"] - here["born_ns"]) / 1e9)
    middle = float(response[np.flatnonzero(responses(RESULT, "watch", "detect") > response)[0]])
    assert RESULT.attainment("watch", "detect", 100.0).value == 1.0
    assert RESULT.attainment("watch", "detect", float(response[0]) / 2).value == 0.0
    with pytest.raises(NotCounted, match=r"but within 10 ms; simulate\(…, limits="):
        RESULT.attainment("watch", "detect", middle)
    counted = cascade(limits=[("watch", "detect", middle)])
    assert counted.attainment("watch", "detect", middle).value == (response <= middle).mean()
    assert counted.attainment("watch", "detect", 0.010).value == (response <= 0.010).mean()
    with pytest.raises(ValueError, match="a limit of wacht, which is not simulated; there is watch"):
        cascade(limits=[("wacht", "detect", middle)])


def test_a_percentile_is_within_a_limit_exactly_when_enough_requests_are() -> None:
    """The bin that a counted limit would divide is divided."""
    table = RESULT.requests
    here = table[table["task"] == "detect"]
    response = np.sort(here["delivered_ns"] - here["born_ns"]) / 1e9
    for p in (0.5, 0.9, 0.99):
        exact = float(response[math.ceil(p * len(response)) - 1])
        for limit in (exact - 1e-9, exact, exact + 1e-9):
            found = cascade(limits=[("watch", "detect", limit)])
            within = found.percentile("watch", "detect", p).value <= limit
            assert within == (found.attainment("watch", "detect", limit).value >= p) == (exact <= limit)
            assert as_binned(response, responses(found, "watch", "detect"))


def test_progress_is_told_after_each_replication() -> None:
    case = scenario([pool("camera", "device"), pool("box")], [workload("watch", periodic(10.0), [task("detect")])])
    told: list[tuple[int, int]] = []
    sim.simulate(
        case, placement(case, {"detect": ("box", 0.004)}), replications=3, progress=lambda *done: told.append(done)
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
