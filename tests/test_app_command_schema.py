"""`tierwise schema`: what an editor and a validator need."""

from __future__ import annotations

import json

import jsonschema
from command_cases import TOO_FAST, TOY, Run


def test_schema_is_a_schema(run: Run) -> None:
    code, out, _ = run("schema")
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_the_schema_of_a_plan_holds_what_plan_prints(run: Run) -> None:
    schema = json.loads(run("schema", "--of", "plan")[1])
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for options in ((), ("--set", TOO_FAST)):
        document = json.loads(run("plan", TOY, "--json", *options)[1])
        assert document["sources"]
        assert [error.message for error in validator.iter_errors(document)] == []


def test_the_schema_of_anything_else_is_bad_input(run: Run) -> None:
    code, out, err = run("schema", "--of", "plam")
    assert (code, out) == (2, "")
    assert "plan" in err
