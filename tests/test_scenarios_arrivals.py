# ruff: noqa: E501 - each message stands beside what causes it
"""How requests come, from the text to the vocabulary."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from test_scenarios_bad_input import TOY

import planner
import scenarios
import sim
from hardware_profiles import BadInput
from scenarios.scenario import Scenario
from scenarios.workloads import BurstState, Bursty, Periodic, Trace


def scan(arrivals: str, folder: Path | None = None, more: str = "") -> Scenario:
    text = TOY.replace("{kind: poisson, rate: 2 /s per till}", f"{{{arrivals}}}") + more
    return scenarios.load_text(text, folder=folder)


def test_jitter_is_simulated_and_judged_by_the_simulation_alone() -> None:
    scenario = scan("kind: periodic, rate: 2 /s per till, jitter: 500 ms")
    assert scenario.workload("scan").arrivals == Periodic(2.0, "node", "random", 0.5)
    assert scenario.not_yet == ()
    assert [(part.path, part.what) for part in scenario.judged] == [
        ("workloads.scan.arrivals.jitter", "jitter of periodic sources")
    ]


def test_a_rate_in_all_leaves_room_for_more_jitter() -> None:
    """Two shops of three tills share 2 a second: each sends every three seconds."""
    assert scan("kind: periodic, rate: 2 /s in all, jitter: 3 s").not_yet == ()
    with pytest.raises(BadInput, match="every 3000 ms"):
        scan("kind: periodic, rate: 2 /s in all, jitter: 3.1 s")


def test_the_rate_of_on_and_off_is_the_mean() -> None:
    scenario = scan("kind: bursty, rate: 2 /s per till, burst: {on: 30 s, off: 2 min}")
    assert scenario.workload("scan").arrivals == Bursty(2.0, "node", (BurstState(5.0, 30.0), BurstState(0.0, 120.0)))
    assert [part.path for part in scenario.judged] == ["workloads.scan.arrivals.burst"]


def test_states_say_their_own_rates() -> None:
    states = "{rate: 1 /s, lasts: 20 s}, {rate: 12 /s, lasts: 2 s}"
    scenario = scan(f"kind: bursty, per: till, burst: {{states: [{states}]}}")
    assert scenario.workload("scan").arrivals == Bursty(2.0, "node", (BurstState(0.5, 20.0), BurstState(6.0, 2.0)))


# traces

PLAYED = "kind: trace, file: run.csv, column: t_sched_s, per: till"
RUN = "req_id,t_sched_s,t_start_ms,t_end_ms\n0,0.5,501,506.5\n1,0.5,506.5,507.5\n\n2,1.25,1250,1253\n"


def test_a_trace_is_read_beside_the_scenario_and_measured_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(RUN)
    this = scan(PLAYED, tmp_path)
    arrivals = this.workload("scan").arrivals
    assert isinstance(arrivals, Trace)
    assert (list(arrivals.recording.values), arrivals.per, arrivals.rate_per_s) == ([0.5, 0.5, 1.25], "node", 2.4)
    assert (this.study.warm_up_s, this.study.span_s) == (0.0, 1.250001)
    assert [part.what for part in this.judged] == ["replayed traces"]
    assert scan(PLAYED, tmp_path, "study: {simulate: {warm_up: 1 s}}\n").study.span_s == pytest.approx(0.250001)
    with pytest.raises(BadInput, match=r"found 2 s of a trace that lasts 1.25 s, expected less than all of it"):
        scan(PLAYED, tmp_path, "study: {simulate: {warm_up: 2 s}}\n")


def test_what_a_trace_says_is_part_of_the_hash_and_stays_as_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(RUN)
    this = scan(PLAYED, tmp_path)
    (tmp_path / "run.csv").write_text(RUN.replace("1.25", "1.5"))
    assert scan(PLAYED, tmp_path).hash != this.hash
    again = this.with_({"links.line.rtt": "30 ms"}).workload("scan").arrivals
    assert again == this.workload("scan").arrivals


def test_times_are_a_column_or_the_difference_of_two(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(RUN)
    for order, kind in (("order: kept", "kept"), ("order: bag", "bag")):
        service = f"service: {{trace: run.csv, column: t_end_ms - t_start_ms, {order}}}"
        text = TOY.replace("time: {box: 1 ms, region: 1 ms}", service)
        this = scenarios.load_text(text, folder=tmp_path)
        time = this.workload("scan").task("file").times[""]
        assert time.kind == kind
        assert time.recording is not None
        assert list(time.recording.values) == pytest.approx([0.0055, 0.001, 0.003])
        assert time.mean_s == pytest.approx(0.0095 / 3)
        assert [part.path for part in this.judged] == ["workloads.scan.tasks.file.service.order"] * (kind == "kept")
        jsonschema.validate(dict(this.document), scenarios.json_schema())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "run.csv: found an empty file, expected a header and a row for each request"),
        ("t_sched_s\n", "run.csv:1: t_sched_s: found a header without a row, expected a row for each request"),
        ("t_s\n1\n", "run.csv:1: t_sched_s: found no such column, expected a column of the file: t_s (did you mean t_s?)"),
        ("a,t_sched_s\n0,1\n0,0.5\n", "run.csv:3: t_sched_s: found 0.5 s after 1 s, expected instants in their order"),
        ("a,t_sched_s\n0,-1\n", "run.csv:2: t_sched_s: found -1 s, expected no negative time"),
        ("a,t_sched_s\n0,1\n0\n", "run.csv:3: t_sched_s: found no number in `0`, expected a number in every row"),
        ("a,t_sched_s\n0,\n", "run.csv:2: t_sched_s: found no number in `0, `, expected a number in every row"),
        ("a,t_sched_s\n0,one\n", "run.csv:2: t_sched_s: found no number in `0, one`, expected a number in every row"),
        ("a,t_sched_s\n0,nan\n", "run.csv:2: t_sched_s: found nan, expected a number in every row"),
        ("a,t_sched_s\n0,1e999\n", "run.csv:2: t_sched_s: found inf, expected a number in every row"),
        ("t_sched_s\n0\n0\n", "run.csv: t_sched_s: found a trace that lasts no time, expected a request later than 0 s"),
        ("\0\xff", "shop.yaml:16: workloads.scan.arrivals.file: found `run.csv`, which is no text in lines"),
        (None, "shop.yaml:16: workloads.scan.arrivals.file: found `run.csv` (No such file or directory), expected a CSV file beside the scenario (did you mean runs.csv?)"),
    ],
)  # fmt: skip
def test_a_wrong_trace_is_one_clear_line(text: str | None, message: str, tmp_path: Path) -> None:
    if text is None:
        (tmp_path / "runs.csv").write_text(RUN)
    else:
        (tmp_path / "run.csv").write_bytes(text.encode("latin-1"))
    yaml = TOY.replace("{kind: poisson, rate: 2 /s per till}", f"{{{PLAYED}}}")
    with pytest.raises(BadInput) as caught:
        scenarios.load_text(yaml, folder=tmp_path, file="shop.yaml")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("arrivals", "message"),
    [
        ("kind: trace, file: run.csv", "trace arrivals without per, expected per"),
        ("kind: trace, per: till", "trace arrivals without file, expected file"),
        (f"{PLAYED}, rate: 2 /s per till", "trace arrivals with rate, expected none of rate"),
        (f"{PLAYED}, shape: week", "trace arrivals with shape, expected none of shape"),
        (PLAYED.replace("per: till", "per: all"), "one trace for all of 6 × till, expected per till, per site or per fact"),
        (PLAYED.replace("t_sched_s", "req_id"), "a column without a unit, expected a name that ends in its unit: _s, _ms"),
    ],
)  # fmt: skip
def test_what_no_trace_can_say(arrivals: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(RUN)
    with pytest.raises(BadInput) as caught:
        scan(arrivals, tmp_path)
    assert f"found {message}" in str(caught.value)


def test_a_trace_needs_a_folder() -> None:
    with pytest.raises(BadInput, match=r"`run.csv` in a text without a folder"):
        scan(PLAYED)


def test_times_that_are_no_instants_are_read_again_as_instants(tmp_path: Path) -> None:
    """One file and column as service times, which have no order, and as arrivals, which must have one."""
    (tmp_path / "run.csv").write_text("t_s\n2\n1\n")
    text = TOY.replace("{kind: poisson, rate: 2 /s per till}", "{kind: trace, file: run.csv, column: t_s, per: till}")
    text = text.replace("time: {box: 1 ms, region: 1 ms}", "service: {trace: run.csv, column: t_s}")
    with pytest.raises(BadInput, match=r"run.csv:3: t_s: found 1 s after 2 s"):
        scenarios.load_text(text, folder=tmp_path)


@pytest.mark.slow
def test_a_trace_is_planned_and_verified(tmp_path: Path) -> None:
    rows = [f"{number * 0.3 + (number % 3) * 0.01:.2f},{3 + number % 4}" for number in range(400)]
    (tmp_path / "run.csv").write_text("t_s,service_ms\n" + "\n".join(rows) + "\n")
    text = TOY.replace("{kind: poisson, rate: 2 /s per till}", "{kind: trace, file: run.csv, per: till}")
    text = text.replace("time: {box: 1 ms, region: 1 ms}", "service: {trace: run.csv, column: service_ms}")
    plan = planner.plan(scenarios.load_text(text, folder=tmp_path))
    assert plan.result is not None
    assert plan.placement is not None
    assert int(plan.result.workloads["requests"].sum()) == 6 * 400 * plan.result.replications
    reference = sim.simulate(plan.scenario, plan.placement, engine="simpy", replications=1, requests=True)
    compiled = sim.simulate(plan.scenario, plan.placement, replications=1, requests=True)
    assert reference.requests.equals(compiled.requests)


# windows


@pytest.mark.parametrize(
    ("collects", "rate", "number"),
    [("16", "2 /s", 16), ("10 s", "2 /s", 20), ("10 s", "1 /min", None), ("1", "2 /s", None)],
)
def test_a_window_is_a_number_of_requests_or_a_time_of_periodic_ones(
    collects: str, rate: str, number: int | None
) -> None:
    """A request a minute is a window of ten seconds by itself."""
    text = TOY.replace("kind: poisson, rate: 2 /s", f"kind: periodic, rate: {rate}")
    this = scenarios.load_text(text.replace("share: 10 %", f"collects: {collects}"))
    file = this.workload("scan").task("file")
    assert (file.collects, file.share) == (number, 1 / (number or 1))
    assert [part.path for part in this.judged] == ["workloads.scan.tasks.file.collects"]
    assert this.not_yet == ()


# bursts and the planner


@pytest.mark.slow
def test_bursts_are_planned_as_a_poisson_process_and_verified_as_they_are() -> None:
    calm = planner.plan(scan("kind: poisson, rate: 2 /s per till"))
    bursty = planner.plan(scan("kind: bursty, rate: 2 /s per till, burst: {on: 3 s, off: 27 s}"))
    assert bursty.placement is not None
    assert calm.usd_per_month is not None
    assert bursty.usd_per_month is not None
    assert bursty.usd_per_month >= calm.usd_per_month
    result = sim.simulate(bursty.scenario, bursty.placement, replications=2)
    assert result.engine_note is None
