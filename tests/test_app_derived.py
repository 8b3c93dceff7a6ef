"""Times that nobody measured are marked wherever an answer shows them."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from html import unescape
from pathlib import Path

import pytest
from command_cases import Run
from streamlit.testing.v1 import AppTest
from test_scenarios_estimated import ASKED as ASKED_FOR
from test_scenarios_estimated import shop as estimating_shop
from test_scenarios_figures_file import BOARD, QUANTILES, board, measured, shop

import planner
import scenarios
from app.invocation import Invocation
from app.printed.summary import summary
from app.report.rendering import markdown
from app.report.report import report_of
from app.tables.sources import sources
from app.web.assumed import assumed
from app.web.opening import uploaded
from app.web.serving import PAGE
from hardware_profiles import BadInput
from planner import plan_file
from planner.plan_schema import faults
from planner.plans import Plan

ESTIMATED = measured(kind="estimated", quantiles_ms=QUANTILES)
INTERPOLATED = measured(kind="interpolated", hardware="t4", unit="GPU", precision="fp16", mean_ms=40.0)
ASKED = Invocation("tierwise", "shop.yaml")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("derived")
    board(folder, ESTIMATED, INTERPOLATED)
    return planner.plan(scenarios.load(shop(folder)))


def test_the_plan_file_says_how_each_time_is_known(plan: Plan) -> None:
    document = json.loads(json.dumps(plan_file.to_dict(plan)))
    assert faults(document) == []
    (route,) = document["routes"]
    (task,) = route["tasks"]
    assert (task["variant"], task["kind"]) == ("my-net fp32 onnxruntime", "estimated")
    assert "region (its time interpolated): look needs" in route["reason"]
    derived = [(one["what"], one["kind"]) for one in document["assumptions"] if one["path"] == "figures.0"]
    assert derived == [("time of my-net on my-board", "estimated"), ("time of my-net on t4", "interpolated")]


def test_an_alternative_by_a_time_that_nobody_measured_says_so(tmp_path: Path) -> None:
    board(tmp_path, measured(quantiles_ms=QUANTILES), measured(hardware="t4", mean_ms=9.0, kind="estimated"))
    plan = planner.plan(scenarios.load(shop(tmp_path), set={"workloads.scan.requires.latency.look.p99": "900 ms"}))
    (reason,) = plan.reasons
    assert reason.next_tier is not None
    assert (reason.next_tier.pool, reason.next_tier.kind) == ("region", "estimated")
    entry = plan_file.to_dict(plan)["routes"][0]["next_best"]["tier"]
    assert entry is not None
    assert entry["kind"] == "estimated"
    assert entry["text"].endswith("in region (regional cloud), its time estimated")


def test_the_printed_answer_marks_them(plan: Plan) -> None:
    text = " ".join(" ".join(summary(plan, ASKED)).split())
    assert "look on 3 my-board (gateway), my-net fp32 onnxruntime (estimated)" in text
    assert "region (its time interpolated): look needs" in text
    assert "figures, 1 of them interpolated, 1 of them estimated; if 10 % higher:" in text
    assert "rows of the catalogue and my-board.json" in text


def test_the_report_marks_them_and_names_the_file(plan: Plan) -> None:
    report = report_of(plan, ASKED)
    text = markdown(report)
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if "|" in line]
    (placed,) = [row for row in rows if row[0] == "look" and "box (gateway)" in row]
    assert placed[-1] == "estimated"
    assert ["region", "regional cloud", "azure NC4as_T4_v3", "my-net fp16 onnxruntime (interpolated)"] in [
        row[:4] for row in rows
    ]
    (assumption,) = [row for row in rows if row[0] == "time of my-net on my-board"]
    assert assumption[1].endswith(" ms (estimated)")
    assert any(row[0] == "figures" and row[1].startswith("./my-board.json, 2 times, hash ") for row in rows)
    captions = [table.caption for section in report.sections for table in section.tables]
    assert "Every row of the catalogue and the profile files behind a figure" in captions
    kinds = set(sources(plan)["kind"])
    assert {"estimated", "interpolated"} <= kinds


def test_the_page_lists_them_as_not_to_be_changed_there(plan: Plan) -> None:
    (time,) = [one for one in assumed(plan) if one.what == "time of my-net on my-board"]
    assert (time.path, time.where) == ("", "comes from ./my-board.json")
    assert time.value.endswith(" ms (estimated)")


def test_the_page_opens_a_scenario_with_a_file_and_refuses_one_that_is_uploaded(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = plan.scenario.file
    with pytest.raises(BadInput, match="in a text without a folder"):
        uploaded("shop.yaml", Path(file).read_bytes(), ASKED)
    monkeypatch.setattr(sys, "argv", [str(PAGE), json.dumps(asdict(Invocation("tierwise", file)))])
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    text = unescape("\n".join(element.proto.body for element in page.html))
    assert "my-net fp32 onnxruntime (estimated)" in text


def test_exports_simulations_and_differences_mark_them(run: Run, tmp_path: Path) -> None:
    board(tmp_path, ESTIMATED, INTERPOLATED)
    shop(tmp_path)
    Path("estimated.json").write_text(run("plan", "shop.yaml", "--json")[1], encoding="utf-8")
    assert run("export", "estimated.json", "--to", "csv", "--out", "csv", "--quiet")[0] == 0
    with Path("csv/placements.csv").open(newline="", encoding="utf-8") as opened:
        assert [row["kind"] for row in csv.DictReader(opened)] == ["estimated"]
    result = json.loads(run("simulate", "shop.yaml", "--plan", "estimated.json", "--json")[1])
    assert result["notes"] == ["the time of my-net fp32 onnxruntime on my-board is estimated"]
    board(tmp_path, *BOARD)
    Path("measured.json").write_text(run("plan", "shop.yaml", "--json")[1], encoding="utf-8")
    told = " ".join(run("diff", "estimated.json", "measured.json")[1].split())
    assert "as my-net fp32 onnxruntime CPU (estimated) → " in told
    assert "as my-net int8 onnxruntime 4 threads CPU" in told
    notes = json.loads(run("simulate", "shop.yaml", "--plan", "measured.json", "--json")[1])["notes"]
    assert notes == []


def test_an_estimate_asked_for_is_listed_with_its_error_bar_on_the_page_and_in_the_answer() -> None:
    plan = planner.plan(estimating_shop(ASKED_FOR))
    (time,) = [one for one in assumed(plan) if one.what == "time of YOLO11n on raspberry-pi-4"]
    assert time.value.endswith(" ms (90 %) (estimated)")
    assert (time.path, time.where) == ("", "is estimated: put a time that you measured at figures.0")
    text = " ".join(" ".join(summary(plan, ASKED)).split())
    assert "estimated: YOLO11n on raspberry-pi-4 in" in text
    assert "(estimated)" in text
