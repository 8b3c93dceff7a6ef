"""``tierwise plan``."""

from __future__ import annotations

from app.commands.options import (
    Fixed,
    Forbidden,
    Json,
    Out,
    Quiet,
    ScenarioName,
    Seed,
    Settings,
    WhatIfs,
    answer_lines,
    asked_for,
    exit_unless_planned,
    loaded,
    planned,
)
from app.printed.terminal import show, show_json


def plan(
    scenario: ScenarioName,
    set_: Settings = None,
    with_: WhatIfs = None,
    fix: Fixed = None,
    forbid: Forbidden = None,
    seed: Seed = 1,
    json: Json = False,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Plan with reasons and baselines."""
    from app.report.writing import plan_document, write_plan

    asked = asked_for(scenario, set_, with_, fix, forbid, seed)
    found = planned(loaded(asked), asked, quiet)
    if out is not None:
        write_plan(found, out)
    if json:
        show_json(plan_document(found))
    elif not quiet:
        show(answer_lines(found, asked, None))
    exit_unless_planned(found)
