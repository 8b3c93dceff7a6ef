"""The warm-up that is detected: MSER-5 by hand, on series with a known transient, and on queues that begin empty."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from command_cases import TOY, Run
from sim_cases import periodic, placement, poisson, pool, scenario, task, workload
from test_scenarios_study import TEXT

import scenarios
import sim
from hardware_profiles.faults import BadInput
from hardware_profiles.service_time import ServiceTime
from scenarios.scenario import Scenario
from sim.simulation import ENGINES
from sim.warm_up import BATCH, mser5


def in_batches(means: list[float]) -> list[float]:
    return [mean for mean in means for _ in range(BATCH)]


def by_definition(means: list[float]) -> int:
    """Batches left out: the error of the mean of the rest, squared, is its sum of squares over its number squared."""
    errors = []
    for first in range(len(means) // 2 + 1):
        rest = means[first:]
        middle = math.fsum(rest) / len(rest)
        errors.append(math.fsum((one - middle) ** 2 for one in rest) / len(rest) ** 2)
    return errors.index(min(errors))


def test_what_stands_out_at_the_beginning_is_left_out() -> None:
    """Twenty batches: 9, 5, then 1 and 3 in turns. By hand: 71 / 20² = 0.178, 26.5 / 19² = 0.073 without the first,
    18 / 18² = 0.056 without two, 16.9 / 17² = 0.059 without three."""
    means = [9.0, 5.0, *[1.0, 3.0] * 9]
    assert mser5(in_batches(means)) == (10, True)
    assert by_definition(means) == 2


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_rule_as_it_is_defined(seed: int) -> None:
    draws = np.random.default_rng(seed)
    means = (draws.normal(size=60) + 10 * np.exp(-np.arange(60) / (1 + seed))).tolist()
    cut, settled = mser5(in_batches(means))
    assert cut == BATCH * by_definition(means)
    assert settled == (by_definition(means) < 30)


def test_a_series_without_a_beginning_keeps_everything() -> None:
    assert mser5([7.3e6] * 1000) == (0, True)
    assert mser5(in_batches([1.0, 3.0] * 50))[0] <= BATCH


def test_a_series_that_only_grows_is_too_short() -> None:
    assert mser5(np.arange(1000.0)) == (500, False)


def test_what_does_not_fill_twenty_batches_tells_nothing() -> None:
    assert mser5([9.0] * 5 + [1.0] * 94) == (0, False)
    assert mser5([9.0] * 5 + [1.0] * 95) == (5, True)


def queue(load: float, arrivals: Any = poisson) -> Any:
    """One server with a mean service of 1 s."""
    case = scenario([pool("camera", "device"), pool("box")], [workload("work", arrivals(load), [task("do")])])
    return case, placement(case, {"do": ("box", ServiceTime.exponential(1.0))})


@pytest.mark.parametrize("engine", ENGINES)
def test_a_busy_queue_that_begins_empty_needs_a_warm_up_and_is_nearer_to_theory_with_it(engine: str) -> None:
    """M/M/1 at 0.95: the mean response is 20 s, and starts at 1 s."""
    options: Any = {"replications": 40, "span_s": 1000.0, "engine": engine}
    found = sim.simulate(*queue(0.95), warm_up_s="detect", **options)
    cold = sim.simulate(*queue(0.95), warm_up_s=0.0, **options)
    assert found.detected is not None
    assert found.warm_up_s == found.detected.seconds
    assert 20 < found.warm_up_s <= 500
    assert cold.mean("work", "answer").value < found.mean("work", "answer").value
    assert abs(found.mean("work", "answer").value - 20) < abs(cold.mean("work", "answer").value - 20)
    again = sim.simulate(*queue(0.95), warm_up_s=found.warm_up_s, **options)
    assert again.summary()["workloads"] == found.summary()["workloads"]
    assert (again.summary()["warm_up_detected"], found.summary()["warm_up_detected"]) == (False, True)


def test_a_queue_that_forgets_at_once_needs_next_to_none() -> None:
    """Periodic work that never waits: every response is a draw of its own."""
    found = sim.simulate(*queue(0.05, periodic), warm_up_s="detect", span_s=20_000.0)
    assert found.detected is not None
    assert found.warm_up_s < 4000


def test_a_queue_that_grows_for_ever_is_said_never_to_settle() -> None:
    found = sim.simulate(*queue(3.0), warm_up_s="detect", span_s=200.0)
    assert found.detected is not None
    assert not found.detected.settled
    assert found.warm_up_s == pytest.approx(100, rel=0.1)
    assert found.summary()["warm_up_settled"] is False


def test_too_few_answers_tell_nothing() -> None:
    found = sim.simulate(*queue(0.5), warm_up_s="detect", span_s=20.0)
    assert found.detected is not None
    assert (found.detected.seconds, found.detected.settled) == (4.0, False)


# the language and the command


def labels(warm_up: str) -> Scenario:
    return scenarios.load_text(TEXT + f"study: {{simulate: {{busiest: 10 s, warm_up: {warm_up}}}}}\n", file="l.yaml")


def test_a_study_may_ask_for_it() -> None:
    study = labels("detect").study
    assert (study.detects_warm_up, study.warm_up_s) == (True, 2.0)
    study = labels("3 s").study
    assert (study.detects_warm_up, study.warm_up_s) == (False, 3.0)


@pytest.mark.parametrize("wrong", ["detected", "5", "-1 s", "5 kB", "2 s per till"])
def test_a_wrong_warm_up_is_one_clear_line(wrong: str) -> None:
    with pytest.raises(BadInput) as caught:
        labels(wrong)
    assert str(caught.value).startswith("l.yaml:14: study.simulate.warm_up: found ")
    assert "\n" not in str(caught.value)


def test_the_command_detects_it_and_says_so(run: Run) -> None:
    code, out, err = run("simulate", TOY, "--warm-up", "detect", "--replications", "2")
    assert (code, err) == (0, "")
    assert " s (detected), seed 1" in out
    document = json.loads(run("simulate", TOY, "--set", "study.simulate.warm_up=detect", "--json")[1])
    assert document["warm_up_detected"] is True
    assert 0 <= document["warm_up_s"] <= document["span_s"] / 2
    assert json.loads(run("simulate", TOY, "--warm-up", "3 s", "--json")[1])["warm_up_s"] == 3
    code, out, err = run("simulate", TOY, "--warm-up", "soon")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "--warm-up: found" in err
