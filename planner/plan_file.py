"""A plan as a file, and back: what ``plan --json`` prints and ``simulate --plan`` reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from hardware_profiles.faults import BadInput, Fault
from planner.plan_document import SCHEMA_VERSION, PlanDocument
from planner.plan_placement import placement_of
from planner.plan_schema import A_PLAN, faults
from planner.plan_values import to_dict
from scenarios.loading import library, load
from scenarios.placement import Placement
from scenarios.scenario import Scenario

__all__ = ["document_of", "read", "to_dict"]

LARGEST_BYTES = 20_000_000


def read(path: str | Path) -> tuple[Scenario, Placement]:
    """The scenario of a plan file, with its changes, and the placement.

    Raises
    ------
    BadInput
        Where the file is no plan, or has no placement, or its scenario no longer has what the plan uses.
    """
    raw = _raw(Path(path))
    if raw.get("status") in ("infeasible", "unknown"):
        raise BadInput(Fault("status", f"{raw['status']}: it has no placement", "a plan with routes", str(path)))
    document = _validated(raw, Path(path))
    try:
        file = document["scenario_file"]
        scenario = load(file if Path(file).exists() else document["scenario"])
        for change in document["scenario_changes"]:
            scenario = _changed(scenario, change)
        placement = placement_of(document, scenario)
    except BadInput as wrong:
        raise BadInput(fault if fault.file else replace(fault, file=str(path)) for fault in wrong.faults) from None
    return scenario, placement


def document_of(path: str | Path) -> PlanDocument:
    """What a plan file says, whether it has a placement or not; its scenario is not needed.

    Raises
    ------
    BadInput
        Where the file is no plan: every fault with its path.
    """
    return _validated(_raw(Path(path)), Path(path))


def _changed(scenario: Scenario, change: str) -> Scenario:
    path, _, value = change.partition("=")
    return scenario.with_({path: value}) if value else scenario.with_what_if(path.removeprefix("with "))


def _raw(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadInput(Fault("", "a very large file", A_PLAN, str(path)))
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode()  # half a character could be written nowhere
    except FileNotFoundError:
        raise _no_plan(path, "no such file") from None
    except (OSError, ValueError, RecursionError) as error:
        raise _no_plan(path, f"no JSON ({type(error).__name__})") from None
    if not isinstance(document, dict) or document.get("kind") != "tierwise plan":
        raise BadInput(Fault("kind", "something else", "a tierwise plan", str(path)))
    if document.get("schema_version") != SCHEMA_VERSION:
        raise BadInput(Fault("schema_version", str(document.get("schema_version")), str(SCHEMA_VERSION), str(path)))
    return document


def _no_plan(path: Path, found: str) -> BadInput:
    """A scenario in place of a plan is met with the way to a plan of it."""
    if str(path) in library() or path.suffix in (".yaml", ".yml"):
        found, expected = "a scenario", f"a plan of it: `tierwise plan {path} --out DIR` writes one"
        return BadInput(Fault("", found, expected, str(path)))
    return BadInput(Fault("", found, A_PLAN, str(path)))


def _validated(raw: dict[str, Any], path: Path) -> PlanDocument:
    wrong = faults(raw, str(path))
    if wrong:
        raise BadInput(wrong)
    return cast(PlanDocument, raw)
