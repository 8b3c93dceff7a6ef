"""The printed page, from a real plan of the toy scenario and from plans bent in one place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import scenarios
from app.invocation import Invocation
from app.printed.infeasible import infeasible
from app.printed.lines import COLUMNS
from app.printed.summary import LINES, head, summary
from app.report.writing import plan_document, write_plan
from app.tables import plans as plan_tables
from app.tables.placements import moved_in_words, placed_in_words
from app.tables.sources import KNOWN, sources
from hardware_profiles.faults import BadInput
from planner.formats import THIN
from planner.planning import plan as make
from planner.plans import Alternative, Broken, Check, Excluded, Flip, Plan, Reason, Relaxation
from planner.wording import alternative, lost, setting
from scenarios.placement import Route

ASKED = Invocation("tierwise", "two-site-toy")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make(scenarios.load("two-site-toy"))


@pytest.fixture(scope="module")
def no_plan() -> Plan:
    return make(scenarios.load("two-site-toy", set={"workloads.scan.requires.latency.read.p99": "1 ms"}))


def check(name: str = "read", verdict: str = "met", simulated: float = 0.0081) -> Check:
    return Check("scan", name, "p99", "shop/north", 0.01, "s", 0.0082, simulated, 0.0078, 0.0084, verdict, 0.0086)  # type: ignore[arg-type]


def fits(lines: list[str]) -> bool:
    return len(lines) <= LINES and all(len(line) <= COLUMNS for line in lines)


def test_what_is_missed_is_the_first_line(plan: Plan) -> None:
    bent = replace(plan, checks=(check(), check("late", "missed", 0.0131)))
    lines = summary(bent, ASKED)
    assert lines[0] == "MISSED  late, p99 (north): limit 10 ms, simulated 13.1 (7.8–8.4), planned 8.2"
    assert fits(lines)


def test_what_stays_undecided_is_said_before_the_name(plan: Plan) -> None:
    lines = summary(replace(plan, checks=(check(), check("late", "undecided", 0.0099))), ASKED)
    assert lines[0].startswith("UNDECIDED  late, p99 (north): limit 10 ms")


def test_a_search_that_ran_out_of_budget_does_not_claim_that_nothing_is_possible(no_plan: Plan) -> None:
    lines = infeasible(replace(no_plan, status="unknown", refuted=9, undecided=3), ASKED)
    assert lines[0].startswith("NO PLAN FOUND  within the budget of simulations; none is proven impossible")
    assert "9 placements failed in simulation, 3 stayed undecided" in lines[1]
    assert not any("INFEASIBLE" in line for line in lines)
    assert fits(lines)


def test_a_long_requirement_keeps_its_group(plan: Plan) -> None:
    bent = replace(plan, checks=(check("a task with a name that is far too long"),))
    row = next(line for line in summary(bent, ASKED) if "a task with" in line)
    assert "… (north)" in row


def test_a_pool_that_several_groups_share_is_told_once(plan: Plan) -> None:
    assert placed_in_words(plan) == [
        "read on 1 toy-box (gateway) in shop/north",
        "match on 1 toy-machine (regional cloud)",
        "read on 1 toy-box (gateway) in shop/south",
    ]


def test_a_batch_is_told_with_its_links() -> None:
    scenario = scenarios.load("factory-vision")
    assert moved_in_words(scenario, Route("signatures", "plant/all", ())) == [
        "signatures: 1.5 GB a day over uplink to westeurope"
    ]


def test_an_alternative_tells_its_price_first_and_its_spare_nodes() -> None:
    scenario = scenarios.load("factory-vision")
    other = Alternative("tier", "server", "on_prem", "server-rtx-3060", 4, "variant", 399.6)
    told = "+400 USD a month: 4 server-rtx-3060 and 1 spare in server (on-prem)"
    assert alternative(scenario, other) == told
    other = Alternative("route", "gateway", "gateway", "jetson-orin-nx-16gb", 2, "variant", 180.9)
    assert alternative(scenario, other) == "+181 USD a month: 2 jetson-orin-nx-16gb per line in gateway (gateway)"


def test_changes_are_under_the_name(plan: Plan) -> None:
    changed = plan.scenario.with_what_if("busier").with_({"links.line.rtt": "30 ms"})
    asked = replace(ASKED, forbidden=("till",))
    assert head(changed, asked)[1] == "  changed: with busier; links.line.rtt=30 ms; forbid till"
    assert "changed" not in "".join(head(plan.scenario, ASKED))


def test_the_most_expensive_workload_is_explained(plan: Plan) -> None:
    first = plan.reasons[0]
    costly = replace(first, workload="costly", pool="region", excluded=())
    lines = summary(replace(plan, reasons=(replace(first, pool="till"), costly)), ASKED)
    why = " ".join(line.strip() for line in lines[lines.index("") :])
    assert "for costly at shop/north (the report has all): " in why


def test_cheaper_pools_that_are_excluded_are_named_before_other_hardware_of_the_same_tier() -> None:
    slow = (Broken("latency", "inspect needs 20 ms (p99)", 0.02, 0.01, "s"),)
    away = (Broken("privacy", "picture may not leave plant"),)
    excluded = (
        Excluded("gateway", "gateway", "other-board", "v", slow),
        Excluded("region", "regional_cloud", "t4", "v", away),
        Excluded("camera", "device", "npu", "v", slow),
    )
    reason = Reason("w", "g", "inspect", "gateway", "gateway", "board", "v", None, None, excluded, ("gateway",))
    assert lost(reason) == [
        "camera and other-board: inspect needs 20 ms (p99), limit 10 ms",
        "region: picture may not leave plant",
    ]


def test_a_plan_that_meets_everything_starts_with_its_name(plan: Plan) -> None:
    assert summary(replace(plan, checks=(check(),)), ASKED)[0].startswith("two-site-toy")


def test_much_to_say_still_fits_on_the_page(plan: Plan) -> None:
    long = "a requirement with a very long name that goes on and on " * 3
    broken = (Broken("latency", long, 0.02, 0.01, "s"),)
    excluded = tuple(
        Excluded(pool, tier, "hardware", "variant", broken) for pool, tier in (("till", "device"), ("region", "cloud"))
    )
    other = Alternative("tier", "box", "gateway", "toy-box", 3, "variant", 1234.5)
    flips = tuple(Flip(f"a.{i}", long, 0.01, 0.02, "s", f"pool-{i}", "cloud", "x", f"a.{i}='20 ms'") for i in range(9))
    reasons = tuple(replace(reason, excluded=excluded, next_tier=other) for reason in plan.reasons)
    bent = replace(plan, reasons=reasons, flips=flips, checks=tuple(check(f"task-{i}", "missed") for i in range(40)))
    assert fits(summary(bent, ASKED, Path("out/two-site-toy/report.html")))


def test_thousands_are_parted_and_both_currencies_are_shown(plan: Plan) -> None:
    euro = replace(plan.scenario, currency="EUR", usd_per_currency=1.25)
    lines = summary(replace(plan, scenario=euro, usd_per_month=12_500.0), ASKED)
    text = "\n".join(lines)
    assert f"12{THIN}500 USD (10{THIN}000 EUR) a month" in text
    assert any(line.startswith("  EUR") and f"10{THIN}000" in line for line in lines)


def test_next_shows_the_setting_that_moves_the_answer(plan: Plan, tmp_path: Path) -> None:
    flip = Flip("links.line.rtt", "round trip", 0.01, 0.002, "s", "cloud", "cloud", "toy", "links.line.rtt='2 ms'")
    lines = summary(replace(plan, flips=(flip,)), ASKED, tmp_path / "report.html")
    assert [line.strip() for line in lines[-3:]] == [
        "Next    tierwise app two-site-toy",
        "tierwise plan two-site-toy --set links.line.rtt='2 ms'",
        "tierwise new my-scenario --like two-site-toy",
    ]


def test_infeasible_is_said_first_and_every_relaxation_is_listed(no_plan: Plan) -> None:
    lines = infeasible(no_plan, ASKED)
    assert lines[0].startswith("INFEASIBLE")
    assert fits(lines)
    for relaxation in no_plan.conflict:
        assert any(relaxation.what in line for line in lines)


@pytest.mark.parametrize(
    ("relaxation", "expected"),
    [
        (Relaxation("workloads.w.requires.latency.t.p99", "limit", 0.01, 0.01152, "s"), "11.8 ms"),
        (Relaxation("workloads.w.requires.accuracy.at_least", "floor", 0.36, 0.3178, ""), "31.7 %"),
        (Relaxation("limits.budget", "budget", 100.0, 314.2, "USD"), "315 USD/month"),
        (Relaxation("pools.box.count", "box", 2, 3, "nodes"), "0..3"),
        (Relaxation("pools.till.count", "till per till", 1, 3, "nodes"), "1..3 per till"),
        (Relaxation("links.line.up", "without: line.up would be loaded 432 %", 1.0, 4.321, ""), "4.33 times"),
        (Relaxation("data.label.may_reach", "without: label may not leave", 0.0, None, ""), "absent"),
    ],
)
def test_a_relaxation_becomes_a_setting_never_short_of_what_is_needed(
    plan: Plan, relaxation: Relaxation, expected: str
) -> None:
    assert setting(plan.scenario, relaxation) == f"{relaxation.path}={expected}"


def test_the_bill_of_the_tables_adds_up_to_the_plan(plan: Plan) -> None:
    assert plan_tables.bill(plan)["usd_per_month"].sum() == pytest.approx(plan.usd_per_month)


def test_every_source_is_named_once_and_not_empty(plan: Plan) -> None:
    found = sources(plan)
    assert not found.duplicated().any()
    assert (found["source"] != "").all()


def test_every_figure_of_an_answer_has_its_source() -> None:
    plan = make(scenarios.load("factory-vision"))
    told = set(sources(plan)["what"])
    assert "yolo11n fp16 tensorrt on jetson-orin-nano-super, mean with overhead" in told  # chosen
    assert "yolov8n w8a16 qnn on rb3-gen-2, mean with overhead" in told  # excluded
    assert "yolov8n fp16 tensorrt on server-rtx-3060, mean with overhead" in told  # next best
    assert "hourly of azure NC4as_T4_v3" in told  # a baseline
    assert {"busy w of jetson-orin-nano-super", "carbon in de"} <= told
    assert (sources(plan)["kind"].isin(KNOWN)).all()
    electricity = plan_tables.bill(plan).set_index("item").loc["electricity"]
    assert electricity["date"] == "yours, undated"
    document = json.loads(json.dumps(plan_document(plan), allow_nan=False))
    assert {one["what"] for one in document["sources"]} == told


def test_figures_of_a_technology_have_their_source_and_a_distance_that_nobody_states_is_assumed() -> None:
    line = {"links.line.rtt": "absent", "links.line.up": "absent", "links.line.technology": "lte"}
    case = scenarios.load("two-site-toy").with_(line)
    plan = make(case)
    found = sources(plan).set_index("what")
    assert found.loc["round trip, p99 of lte (line)", "value"] == "26.8 ms"
    assert found.loc["bandwidth up of lte (line)", "kind"] == "measured"
    assert "bandwidth down of lte (line)" not in found.index  # the scenario says it
    (assumed,) = (one for one in plan.assumptions if one.path == "links.line.server")
    assert (assumed.value, assumed.kind) == ("within 20 km", "assumed")
    told = make(case.with_({"links.line.server": "within 20 km"}))
    assert told.usd_per_month == plan.usd_per_month
    assert not [one for one in told.assumptions if one.path == "links.line.server"]


def test_the_written_plan_is_the_plan_and_nothing_unfinished_is_left(plan: Plan, tmp_path: Path) -> None:
    path = write_plan(plan, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(plan_document(plan)))
    assert [one.name for one in path.parent.iterdir()] == ["plan.json"]


def test_a_folder_that_is_a_file_is_bad_input(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--out"):
        write_plan(plan, tmp_path / "file")
