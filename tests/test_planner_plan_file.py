"""The plan file: its published schema, and what is said of a file that departs from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_cases import TOY

import planner
import scenarios
from hardware_profiles.faults import BadInput
from planner import plan_file
from planner.plan_document import PlanDocument
from planner.plan_schema import faults, plan_schema
from scenarios.placement import Placement

Loc = tuple[str | int, ...]


def errors(document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(plan_schema())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_the_schema_is_valid_closed_and_explained() -> None:
    schema = plan_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for shape in (schema, *schema["$defs"].values()):
        assert shape["additionalProperties"] is False
        assert shape["description"]
    assert schema["$id"] == "urn:tierwise:plan:1"
    assert set(schema["properties"]) == set(PlanDocument.__annotations__)
    assert set(schema["properties"]) - set(schema["required"]) == {"only_simulated", "sources", "warnings"}


SLOW = ("factory-vision", "parking-lot")


@pytest.mark.parametrize(
    "name", [TOY, "smart-camera-million", *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_every_plan_of_the_library_is_in_the_schema(name: str) -> None:
    document = json.loads(json.dumps(plan_file.to_dict(planner.plan(scenarios.load(name))), allow_nan=False))
    assert errors(document) == []
    assert faults(document) == []


def test_all_the_library_is_tried() -> None:
    assert set(scenarios.library()) == {TOY, "smart-camera-million", *SLOW}


@pytest.mark.parametrize("name", ["toy", "busier", "infeasible"])
def test_plans_with_changes_and_without_a_placement_are_in_the_schema(documents: dict[str, Any], name: str) -> None:
    assert errors(documents[name]) == []
    assert faults(documents[name]) == []
    assert (documents[name]["cost_usd_per_month"] is None) == (name == "infeasible")


def places(value: Any, loc: Loc = ()) -> Iterator[Loc]:
    """Every key of every map; of a list the first entry."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*loc, key)
            yield from places(inner, (*loc, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*loc, 0))


def changed(document: Any, loc: Loc, value: Any = ...) -> Any:
    """A copy with another value at a place, or without the key."""
    new = copy.deepcopy(document)
    here = new
    for part in loc[:-1]:
        here = here[part]
    if value is ...:
        del here[loc[-1]]
    else:
        here[loc[-1]] = value
    return new


@pytest.mark.parametrize("name", ["toy", "infeasible"])
def test_whatever_is_missing_misspelt_or_of_another_kind_is_refused_with_its_path(
    documents: dict[str, Any], name: str
) -> None:
    document = documents[name]
    validator = jsonschema.Draft202012Validator(plan_schema())
    tried = list(places(document))
    assert len(tried) > 50
    for loc in tried:
        path = ".".join(map(str, loc))
        within = ".".join(map(str, loc[:-1]))
        wrong = changed(document, loc, {"no": "such"})
        added_later = loc[-1] == "kind" and loc[0] != "kind" and {"next_best", "excluded"} & set(loc)
        added_later = added_later or loc in {("only_simulated",), ("warnings",)}
        if loc[-2:-1] != ("next_best",) and not added_later:  # which may be empty; which older plans do not have
            missing = changed(document, loc)
            assert not validator.is_valid(missing), path
            assert any(f.path == within and f"`{loc[-1]}`" in f.found for f in faults(missing)), path
        assert not validator.is_valid(wrong), path
        assert any(fault.path.startswith(path) for fault in faults(wrong)), path
        misspelt = changed(document, (*loc[:-1], "misspelt"), 1)
        assert not validator.is_valid(misspelt)
        assert [(f.path, f.found) for f in faults(misspelt)] == [(within, "the unknown key `misspelt`")]


@pytest.mark.parametrize(
    ("loc", "value", "said"),
    [
        (("bill", 0, "usd_per_month"), "2", "bill.0.usd_per_month: found `2`, expected a number"),
        (("bill", 0, "quantity"), True, "bill.0.quantity: found yes or no, expected a number"),
        (("bill", 0, "quantity"), float("nan"), "bill.0.quantity: found `nan`, expected a number"),
        (("bill", 3), [], "bill.3: found a list of 0, expected a map"),
        (("seed",), 1.5, "seed: found `1.5`, expected a whole number"),
        (("pools", 1, "spare"), -1, "pools.1.spare: found `-1`, expected a whole number from 0 to 100000"),
        (("scenario_changes",), "none", "scenario_changes: found `none`, expected a list"),
        (("scenario",), None, "scenario: found nothing, expected a text"),
        (("status",), "optimla", "(did you mean optimal?)"),
        (("routes", 0, "tasks", 0, "tier"), "gatway", "(did you mean gateway?)"),
    ],
)
def test_one_fault_is_one_line(documents: dict[str, Any], loc: Loc, value: Any, said: str) -> None:
    (fault,) = faults(changed(documents["toy"], loc, value))
    assert str(fault).endswith(said)


def test_a_misspelt_key_is_met_with_the_nearest(documents: dict[str, Any]) -> None:
    document = changed(documents["toy"], ("bill", 0, "quantty"), 1)
    assert str(faults(document)[0]).endswith("(did you mean quantity?)")


def test_all_faults_are_told_at_once_on_ten_lines_at_most(documents: dict[str, Any], tmp_path: Path) -> None:
    document = documents["toy"]
    del document["seed"], document["bill"]
    document["routes"][0]["tasks"][0]["tier"] = "fog"
    document["bound"] = "low"
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document))
    with pytest.raises(BadInput) as caught:
        plan_file.read(file)
    assert [fault.path for fault in caught.value.faults] == ["", "bound", "routes.0.tasks.0.tier"]
    assert caught.value.faults[0].found == "no `bill`, `seed`"
    assert all(fault.file == str(file) for fault in caught.value.faults)
    for name in document:
        document[name] = {} if name not in ("kind", "schema_version", "status") else document[name]
    file.write_text(json.dumps(document))
    with pytest.raises(BadInput) as caught:
        plan_file.read(file)
    lines = str(caught.value).splitlines()
    assert len(lines) == 10
    assert "other faults" in lines[-1]


@pytest.mark.parametrize(
    "text", ["{", "3", "[[" * 100_000, "\0", '"plan"', "NaN", '{"kind": ["tierwise plan"]}', r'["\ud800"]']
)
def test_what_is_no_plan_at_all_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(BadInput) as caught:
        plan_file.document_of(file)
    assert len(str(caught.value).splitlines()) == 1
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("name", [TOY, "mine.yaml", "no/such.yml"])
def test_a_scenario_in_place_of_a_plan_is_met_with_the_way_to_one(name: str) -> None:
    with pytest.raises(BadInput, match=f"tierwise plan {name} --out"):
        plan_file.document_of(name)


def test_a_plan_without_a_placement_is_read_as_a_document_only(plans: dict[str, Path]) -> None:
    assert plan_file.document_of(plans["infeasible"])["conflict"]
    with pytest.raises(BadInput, match="infeasible: it has no placement"):
        plan_file.read(plans["infeasible"])


def test_document_and_placement_say_the_same(plans: dict[str, Path]) -> None:
    document = plan_file.document_of(plans["busier"])
    scenario, placement = plan_file.read(plans["busier"])
    assert isinstance(placement, Placement)
    assert scenario.changes == ("with busier",)
    assert scenario.hash == document["scenario_hash"]
    assert [(n.pool, n.group, n.count) for n in placement.nodes] == [
        (pool["pool"], pool["group"], pool["count"]) for pool in document["pools"]
    ]
