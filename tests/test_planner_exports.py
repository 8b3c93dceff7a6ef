"""Exports say what the plan says: in JSON with its schema, in CSV to the cent and without formulas."""

from __future__ import annotations

import copy
import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planner
import scenarios
from hardware_profiles.faults import BadInput
from planner.exports import TARGETS, export
from planner.exports.csv_file import BILL, PLACEMENT, csv_files, harmless
from planner.plan_document import PlanDocument, RouteEntry, StoredEntry


@pytest.fixture(scope="session")
def toy(plans: dict[str, Path]) -> PlanDocument:
    found: PlanDocument = json.loads(plans["toy"].read_text(encoding="utf-8"))
    return found


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


def test_the_bill_read_back_is_the_plan_to_the_cent(toy: PlanDocument) -> None:
    content = csv_files(toy)["bill.csv"]
    rows, frame = table(content), pd.read_csv(io.BytesIO(content))
    assert list(frame.columns) == list(BILL)
    assert len(rows) == len(frame) == len(toy["bill"])
    for row, line in zip(rows, toy["bill"], strict=True):
        assert float(row["amount"]) == line["usd_per_month"]
        assert float(row["quantity"]) == line["quantity"]
        assert float(row["unit_price"]) == line["unit_price_usd"]
        assert (row["item"], row["of"], row["group"]) == (line["item"], line["of"], line["group"] or "")
        assert (row["source"], row["date"], row["path"]) == (line["source"], line["date"], line["path"])
        assert (row["currency"], row["period"]) == ("USD", "month")
    assert round(frame["amount"].sum(), 2) == 14.61  # by hand, in the head of the scenario
    assert frame["amount"].tolist() == pytest.approx((frame["quantity"] * frame["unit_price"]).tolist(), abs=0.005)


def test_a_placement_is_a_row_for_each_group_workload_and_task(toy: PlanDocument) -> None:
    content = csv_files(toy)["placements.csv"]
    rows, frame = table(content), pd.read_csv(io.BytesIO(content))
    assert list(frame.columns) == list(PLACEMENT)
    told = [(row["group"], row["workload"], row["task"], row["pool"], row["tier"], row["on"]) for row in rows]
    assert told == [
        ("shop/north", "scan", "read", "box", "gateway", "toy-box"),
        ("shop/north", "scan", "match", "region", "regional_cloud", "toy-machine"),
        ("shop/south", "scan", "read", "box", "gateway", "toy-box"),
        ("shop/south", "scan", "match", "region", "regional_cloud", "toy-machine"),
    ]
    assert [bool(row["reason"]) for row in rows] == [row["task"] == "read" for row in rows]  # the heaviest task's
    assert frame["count"].tolist() == [1, 1, 1, 1]
    assert frame["count_per"].tolist() == ["site", "region", "site", "region"]
    assert frame["mean_ms"].tolist() == [5.0, 4.0, 5.0, 4.0]
    assert frame["at"].tolist() == ["shop", "westeurope", "shop", "westeurope"]


def test_a_task_that_is_only_stored_has_a_place_but_no_pool(toy: PlanDocument) -> None:
    kept: StoredEntry = {"task": "send", "at": "westeurope", "over": ["line", "backbone"], "bytes": 1.5e9}
    route: RouteEntry = {**toy["routes"][0], "tasks": [], "stored": [kept]}
    (row,) = table(csv_files({**toy, "routes": [route]})["placements.csv"])
    assert (row["task"], row["at"], row["pool"], row["tier"]) == ("send", "westeurope", "", "")
    assert row["reason"] == "stored, over line, backbone"


def test_csv_is_by_rfc_4180(toy: PlanDocument) -> None:
    for columns, content in zip((PLACEMENT, BILL), csv_files(toy).values(), strict=True):
        lines = content.decode("utf-8").split("\r\n")
        assert lines[-1] == ""
        assert "\n" not in "".join(lines)
        assert lines[0] == ",".join(f'"{name}"' for name in columns)
        assert {len(row) for row in csv.reader(lines[:-1], strict=True)} == {len(columns)}


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=12)
FORMULAS = st.builds(
    "".join,
    st.tuples(st.text(" \t\r\n\"'\u00a0\u200b\ufeff\0", max_size=3), st.sampled_from("=+-@＝＋－＠\t\r"), HOSTILE),
)


def restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


@given(HOSTILE | FORMULAS)
def test_no_cell_begins_as_a_formula_and_every_text_can_be_restored(text: str) -> None:
    cell = harmless(text)
    assert cell in (text, f"'{text}")
    assert not cell.startswith(("\t", "\r", "\n"))
    assert not cell.lstrip(' \t\r\n"\u00a0\u200b\ufeff\0').startswith(tuple("=+-@＝＋－＠"))
    assert restored(cell) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n", ' "=1"', "'=1", "\u200b=1", "＝1", "= 1", '"+1']
)
def test_a_formula_is_met_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "box", "a=b", "1 - 2", "'quoted'", "jetson-orin", "12", "5 %", "a\t=1", "é"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@settings(max_examples=40, deadline=None)
@given(HOSTILE | FORMULAS, HOSTILE | FORMULAS, st.floats(allow_nan=False, allow_infinity=False))
def test_hostile_names_and_any_number_survive_the_round_trip(
    toy: PlanDocument, name: str, source: str, amount: float
) -> None:
    document = copy.deepcopy({**toy, "routes": toy["routes"][:1], "bill": toy["bill"][:2]})
    for route in document["routes"]:
        route["workload"], route["reason"] = name, source
    for line in document["bill"]:
        line["item"], line["source"], line["usd_per_month"] = name, source, amount
    found = csv_files(document)
    for row in table(found["placements.csv"]):
        reason = source if row["task"] == toy["routes"][0]["reason_task"] else ""
        assert (restored(row["workload"]), restored(row["reason"])) == (name, reason)
    for row in table(found["bill.csv"]):
        assert (restored(row["item"]), restored(row["source"])) == (name, source)
        assert math.isclose(float(row["amount"]), amount, rel_tol=0, abs_tol=0)


def test_a_negative_amount_stays_a_number(toy: PlanDocument) -> None:
    document = copy.deepcopy(toy)
    document["bill"][0]["usd_per_month"] = -3.5
    assert pd.read_csv(io.BytesIO(csv_files(document)["bill.csv"]))["amount"].iloc[0] == -3.5


def test_json_is_the_plan_file_with_the_schema_that_it_is_in(toy: PlanDocument, tmp_path: Path) -> None:
    plan, schema = export(toy, "json", tmp_path / "new" / "folder")
    assert (plan.name, schema.name) == ("plan.json", "plan.schema.json")
    told = json.loads(plan.read_text(encoding="utf-8"))
    assert told == toy
    jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(told)


def test_a_plan_exports_itself(tmp_path: Path) -> None:
    plan = planner.plan(scenarios.load("two-site-toy"))
    files = plan.export("csv", tmp_path)
    assert files == [tmp_path / "placements.csv", tmp_path / "bill.csv"]
    assert pd.read_csv(files[1])["amount"].sum() == pytest.approx(plan.usd_per_month, abs=0.005)


@pytest.mark.parametrize("target", ["jsno", "", "CSV", "xlsx"])
def test_an_unknown_target_names_the_known_ones(toy: PlanDocument, tmp_path: Path, target: str) -> None:
    with pytest.raises(BadInput, match="json or csv"):
        export(toy, target, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_without_a_placement_has_no_csv_but_json(documents: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="infeasible: it has no placement"):
        export(documents["infeasible"], "csv", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(export(documents["infeasible"], "json", tmp_path)) == 2


@pytest.mark.parametrize("target", TARGETS)
def test_all_files_are_written_or_none(toy: PlanDocument, tmp_path: Path, target: str) -> None:
    first, second = export(toy, target, tmp_path)
    first.write_text("saved before")
    second.unlink()
    second.mkdir()
    with pytest.raises(BadInput, match=f"{second.name}, which is a folder"):
        export(toy, target, tmp_path)
    assert first.read_text() == "saved before"
    assert sorted(tmp_path.iterdir()) == sorted([first, second])
    second.rmdir()
    export(toy, target, tmp_path)
    assert first.read_text() != "saved before"


def test_a_folder_that_cannot_be_made_is_bad_input(toy: PlanDocument, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadInput, match="--out"):
        export(toy, "csv", tmp_path / "taken")
