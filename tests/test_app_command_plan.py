"""`tierwise plan`: the page, the document, and an answer where there is no plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from command_cases import TOO_FAST, TOY, Run

import scenarios
from app.printed.lines import COLUMNS
from app.printed.summary import LINES


def test_plan_answers_within_a_page_with_the_reason_before_the_table(run: Run) -> None:
    code, out, err = run("plan", TOY)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS for line in lines)
    assert "\x1b" not in out
    starts = [line.split()[0] for line in lines if line.strip() and not line.startswith("        ")]
    assert starts.index("Why") < starts.index("requirement") < starts.index("cost")
    assert "USD a month, cheapest within" in out


def test_plan_json_is_one_document_with_the_promised_keys(run: Run) -> None:
    code, out, err = run("plan", TOY, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    promised = "schema_version scenario status solver_gap model_gap bound solver cost_usd_per_month bill pools routes"
    promised += " requirements baselines assumptions bill_of_materials currency"
    assert set(promised.split()) <= set(document)
    route = document["routes"][0]
    assert {"site", "sites", "traffic", "workload", "tasks", "reason", "next_best"} <= set(route)
    assert {"task", "pool", "tier", "variant"} <= set(route["tasks"][0])
    assert {one["name"] for one in document["baselines"]} == {"all_cloud", "all_edge"}


def test_quiet_prints_nothing(run: Run) -> None:
    assert run("plan", TOY, "--quiet") == (0, "", "")


def test_an_infeasible_plan_is_an_answer_and_exit_code_3(run: Run) -> None:
    code, out, err = run("plan", TOY, "--set", TOO_FAST)
    assert (code, err) == (3, "")
    lines = out.splitlines()
    assert lines[0].startswith("INFEASIBLE")
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS for line in lines)
    assert "read p99 limit" in out
    code, out, _ = run("plan", TOY, "--set", TOO_FAST, "--json")
    assert code == 3
    assert json.loads(out)["status"] == "infeasible"


def test_the_relaxation_that_is_printed_makes_a_plan(run: Run) -> None:
    _, out, _ = run("plan", TOY, "--set", TOO_FAST)
    tried = out[out.index("Try") :].replace("\\\n", " ")
    setting = tried.rsplit("--set ", 1)[1].strip().replace("'", "")
    assert run("plan", TOY, "--set", TOO_FAST, "--set", setting)[0] == 0


def test_a_folder_that_cannot_be_written_is_bad_input(run: Run) -> None:
    Path("taken").write_text("a file, not a folder")
    code, _, err = run("plan", TOY, "--out", "taken")
    assert code == 2
    assert "--out" in err


def test_set_and_with_change_the_answer_and_are_recorded(run: Run) -> None:
    def answer(*options: str) -> Any:
        return json.loads(run("plan", TOY, "--json", *options)[1])

    box = "prices.toy-box.price=1 USD"
    assert answer("--set", box)["cost_usd_per_month"] < answer()["cost_usd_per_month"]
    what_if = scenarios.load(TOY).what_ifs[0]
    changed = answer("--with", what_if, "--set", box)["scenario_changes"]
    assert changed == [f"with {what_if}", box]
