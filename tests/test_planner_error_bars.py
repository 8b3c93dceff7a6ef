"""The error bar of an estimate reaches the verdict: what it leaves open is undecided, wherever the answer is shown."""

from __future__ import annotations

import json
import math
from html import unescape
from typing import Any

import pytest
from test_scenarios_estimated import ASKED as ON_A_PI
from test_scenarios_estimated import shop

import planner
from app.invocation import Invocation
from app.printed.lines import COLUMNS
from app.printed.summary import LINES, summary
from app.report.rendering import markdown
from app.report.report import report_of
from app.tables.plans import assumptions
from app.tables.verdict import verdict
from app.web import markup
from hardware_profiles import ServiceTime
from hardware_profiles.estimates import estimate, in_ms
from planner import plan_file
from planner.plan_schema import faults
from planner.plans import Check, Plan
from planner.wording import derived
from scenarios.figures import Figure, Variant

ORIN = "jetson-orin-nano-super"
ASKED = f"{{model: resnet50, hardware: {ORIN}, kind: estimated}}"
P99 = "workloads.scan.requires.latency.look.p99"


def planned(limit: str, *entries: str, **changes: str) -> Plan:
    return planner.plan(shop(*entries, model="resnet50", hardware=ORIN, set={P99: limit, **changes}))


def latency(plan: Plan) -> Check:
    return next(check for check in plan.checks if check.metric == "p99")


@pytest.fixture(scope="module")
def undecided() -> Plan:
    """Its limit lies between the 99th percentiles at the estimate and at the far end of its bar."""
    made = estimate("resnet50", ORIN)
    return planned(f"{2 * made.mean_ms:.4g} ms", ASKED)


def test_a_variant_at_the_far_end_takes_as_much_longer_and_its_overhead_stays() -> None:
    service = ServiceTime.through({0.5: 0.002, 0.9: 0.003, 0.99: 0.005}).with_overhead(0.001)
    origin = Figure(0.0025, "s", "estimated", "somebody", bar=(0.001, 0.01))
    variant = Variant("net", "box", "fp32", "", "", service, origin)
    assert [variant.slowest.service.quantile(p) for p in (0.5, 0.9, 0.99)] == pytest.approx([0.009, 0.013, 0.021])
    assert variant.slowest.origin == origin
    assert ServiceTime.lognormal(0.02, 0.25).times(1.5).mean_s == pytest.approx(0.03)
    assert ServiceTime.exponential(0.02).times(2).quantile(0.5) == pytest.approx(0.04 * math.log(2))
    measured = Variant("net", "box", "fp32", "", "", service, Figure(0.0025, "s", "measured", "somebody"))
    assert measured.slowest is measured


def test_a_limit_that_the_far_end_misses_is_undecided(undecided: Plan) -> None:
    made, check = estimate("resnet50", ORIN), latency(undecided)
    assert check.planned < check.limit
    assert check.high is not None
    assert check.high < check.limit  # the simulation alone calls it met
    assert check.planned_far is not None
    assert check.planned_far > check.limit
    assert check.margin == pytest.approx((check.limit - check.planned_far) / check.limit)
    assert check.verdict == "undecided"
    ends = f"{in_ms(made.mean_ms)}, broken at {in_ms(made.high_ms)}"
    assert check.note == f"met with resnet50 {made.precision} {made.runtime} at {ends} (estimated)"
    assert undecided.status == "feasible"


def test_a_limit_that_the_far_end_keeps_is_met(undecided: Plan) -> None:
    far = latency(undecided).planned_far
    assert far is not None
    plan = planned(f"{far * 1e3 * 1.2:.4g} ms", ASKED)
    check = latency(plan)
    assert (check.verdict, check.note, check.hangs_on) == ("met", "", ())
    assert check.planned_far == pytest.approx(far, rel=0.02)
    assert check.margin == pytest.approx(0.2 / 1.2, abs=0.02)
    assert verdict(plan).tone == "met"
    entry = plan_file.to_dict(plan)["requirements"][0]
    assert entry.get("planned_far") == check.planned_far
    assert "note" not in entry


def test_a_queue_that_the_far_end_overloads_is_without_bound() -> None:
    plan = planner.plan(shop(ON_A_PI, set={P99: "30 s", "workloads.scan.arrivals.rate": "2.2 /s per till"}))
    check = latency(plan)
    assert (check.verdict, check.planned_far) == ("undecided", math.inf)
    document: Any = json.loads(json.dumps(plan_file.to_dict(plan)))
    assert document["requirements"][0]["planned_far"] is None
    assert faults(document) == []


def test_what_nobody_estimated_has_no_far_end() -> None:
    typed = f"{{model: resnet50, hardware: {ORIN}, precision: int8, time: 3 ms, kind: assumed, why: a guess}}"
    plan = planned("6 ms", typed)
    assert [check.planned_far for check in plan.checks] == [None] * len(plan.checks)
    assert {"planned_far", "note"}.isdisjoint(plan_file.to_dict(plan)["requirements"][0])


def test_the_plan_file_the_headline_and_the_page_say_the_same(undecided: Plan) -> None:
    check = latency(undecided)
    document: Any = json.loads(json.dumps(plan_file.to_dict(undecided)))
    assert faults(document) == []
    entry = document["requirements"][0]
    assert (entry["met"], entry["note"], entry["planned_far"]) == ("undecided", check.note, check.planned_far)
    told = verdict(undecided)
    assert told.headline.startswith("Undecided: 1 of 2 requirements")
    assert told.loud[0].startswith("UNDECIDED  look, p99: limit ")
    assert told.loud[0].endswith(f"; {check.note}")
    banner = unescape(markup.banner(told))
    assert check.note in banner
    assert "banner undecided" in banner


def test_a_simulation_says_what_it_was_played_at(undecided: Plan) -> None:
    made = estimate("resnet50", ORIN)
    assert undecided.placement is not None
    (note,) = derived(undecided.placement)
    assert note.startswith(f"the time of resnet50 {made.precision} {made.runtime} on {ORIN} is estimated: played at ")
    assert note.endswith(f" {in_ms(made.mean_ms)}, it may be {in_ms(made.low_ms)} to {in_ms(made.high_ms)}")


def test_the_printed_answer_says_it_whole_within_the_page(undecided: Plan) -> None:
    made = estimate("resnet50", ORIN)
    lines = summary(undecided, Invocation("tierwise", "shop.yaml"))
    assert max(map(len, lines)) <= COLUMNS
    assert len(lines) <= LINES
    assert lines[0].startswith("UNDECIDED  look, p99: limit ")
    text = " ".join(" ".join(lines).split())
    assert latency(undecided).note in text
    assert f"resnet50 {made.precision} {made.runtime} (estimated)" in text
    bar = f"{in_ms(made.low_ms).removesuffix(' ms')} to {in_ms(made.high_ms)} (90 %)"
    assert f"estimated: resnet50 on {ORIN} in {made.precision} {made.runtime}, {in_ms(made.mean_ms)}, {bar}" in text
    assert "1 of them estimated, which leaves 1 requirement undecided" in text
    assert any(line.startswith("    estimate's far end") for line in lines)


def test_the_report_says_it_and_what_it_hangs_on(undecided: Plan) -> None:
    text = markdown(report_of(undecided, Invocation("tierwise", "shop.yaml")))
    assert latency(undecided).note in text
    assert "at the far end of its error bar is undecided" in text
    moves = dict(zip(assumptions(undecided)["path"], assumptions(undecided)["moves"], strict=False))
    assert moves["figures.0"] == "leaves look, p99 undecided"
