"""`tierwise export`: a plan for other tools."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from command_cases import TOY, Run


def test_csv_lies_in_a_folder_beside_the_plan_or_where_one_says(run: Run, plans: dict[str, Path]) -> None:
    shutil.copy(plans["toy"], "plan.json")
    code, out, err = run("export", "plan.json", "--to", "csv")
    assert (code, err) == (0, "")
    assert out.split() == ["csv/placements.csv", "csv/bill.csv"]
    assert round(pd.read_csv("csv/bill.csv")["amount"].sum(), 2) == 14.61
    code, out, _ = run("export", "plan.json", "--to", "csv", "--out", "made/here", "--json")
    assert code == 0
    assert json.loads(out)["files"] == ["made/here/placements.csv", "made/here/bill.csv"]
    assert Path("made/here/bill.csv").read_bytes() == Path("csv/bill.csv").read_bytes()


def test_json_is_valid_by_the_schema_beside_it_and_read_by_simulate(run: Run, plans: dict[str, Path]) -> None:
    assert run("export", str(plans["toy"]), "--to", "json", "--out", "here", "--quiet") == (0, "", "")
    document, schema = (json.loads(Path("here", name).read_text()) for name in ("plan.json", "plan.schema.json"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert run("check", "here/plan.json")[0] == 0
    assert json.loads(run("schema", "--of", "plan")[1]) == schema


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan.json", "--to", "jsno"), "--to: found `jsno`, expected json or csv (did you mean json?)"),
        ((TOY, "--to", "csv"), f"tierwise plan {TOY} --out DIR"),
        (("mine.yaml", "--to", "csv"), "tierwise plan mine.yaml --out DIR"),
        (("nothing.json", "--to", "csv"), "nothing.json: found no such file"),
        (("infeasible.json", "--to", "csv"), "it has no placement"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    run: Run, plans: dict[str, Path], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    shutil.copy(plans["toy"], "plan.json")
    shutil.copy(plans["infeasible"], "infeasible.json")
    code, out, err = run("export", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["infeasible.json", "plan.json"]
