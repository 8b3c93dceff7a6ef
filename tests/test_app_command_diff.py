"""`tierwise diff`: what moves between two plans, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_cases import Run

from app.printed.lines import COLUMNS


def lines_of(out: str) -> list[str]:
    lines = out.splitlines()
    assert all(len(line) <= COLUMNS for line in lines)
    return lines


def test_equal_plans_differ_in_nothing(run: Run, plans: dict[str, Path]) -> None:
    code, out, err = run("diff", str(plans["toy"]), str(plans["toy"]))
    assert (code, err) == (0, "")
    assert lines_of(out) == ["no difference: both plans of two-site-toy say the same"]
    document = json.loads(run("diff", str(plans["toy"]), str(plans["toy"]), "--json")[1])
    assert document["equal"]
    assert document["moves"] == document["bill"] == []


def test_a_busier_scenario_is_told_by_its_change_its_cost_and_its_bill(run: Run, plans: dict[str, Path]) -> None:
    code, out, err = run("diff", str(plans["toy"]), str(plans["busier"]))
    assert (code, err) == (0, "")
    lines = lines_of(out)
    assert "  changed only after: with busier" in lines
    assert "Cost    14.61 → 16.19 USD a month (+1.58)" in lines
    assert "Moves   nothing: every task stays where it is" in lines
    (egress,) = [line.split() for line in lines if "egress" in line]
    assert egress == ["egress", "of", "westeurope", "0.39", "1.97", "+1.58"]


def test_what_moves_is_told_once_for_all_groups(run: Run, plans: dict[str, Path], documents: dict[str, Any]) -> None:
    new = documents["toy"]
    for route in new["routes"]:
        route["tasks"][0].update(pool="region", tier="regional_cloud", on="toy-machine")
    for one in new["requirements"]:
        if one["of"] == "read":
            one.update(simulated=0.034, met="missed")
    new["pools"] = [pool for pool in new["pools"] if pool["pool"] != "box"]
    Path("new.json").write_text(json.dumps(new))
    lines = lines_of(run("diff", str(plans["toy"]), "new.json")[1])
    text = " ".join(" ".join(lines).split())
    moved = "scan.read at shop/north and shop/south: toy-box in box (gateway) → toy-machine in region (regional cloud)"
    assert f"Moves {moved}" in text
    assert "Nodes box at shop/north: 1 toy-box → none box at shop/south: 1 toy-box → none" in text
    assert "5.0 → 34.0" in text
    assert "met → missed" in text


def test_a_plan_without_a_placement_can_be_compared(run: Run, plans: dict[str, Path]) -> None:
    code, out, _ = run("diff", str(plans["toy"]), str(plans["infeasible"]))
    assert code == 0
    lines = lines_of(out)
    assert "  status: optimal → infeasible" in lines
    assert "Cost    14.61 USD a month → no plan" in lines


def test_two_scenarios_may_be_compared_and_it_is_said(
    run: Run, plans: dict[str, Path], documents: dict[str, Any]
) -> None:
    Path("other.json").write_text(json.dumps({**documents["toy"], "scenario": "another"}))
    code, out, _ = run("diff", str(plans["toy"]), "other.json")
    assert code == 0
    assert lines_of(out)[0] == "two-site-toy → another, two different scenarios"


@pytest.mark.parametrize("arguments", [("one.json", "one.json"), ("two-site-toy", "factory-vision"), ("one.json",)])
def test_what_is_no_plan_is_bad_input(run: Run, arguments: tuple[str, ...]) -> None:
    Path("one.json").write_text('{"kind": "tierwise plan", "schema_version": 1}')
    code, out, err = run("diff", *arguments)
    assert (code, out) == (2, "")
    assert err.strip()


def test_the_help_says_that_a_difference_is_no_failure(run: Run) -> None:
    assert "exit code 0 whether they differ or not" in " ".join(run("diff", "--help")[1].split())
