"""``tierwise run``."""

from __future__ import annotations

from pathlib import Path

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
from app.printed.terminal import progress, show, show_json


def run(
    scenario: ScenarioName,
    set_: Settings = None,
    with_: WhatIfs = None,
    fix: Fixed = None,
    forbid: Forbidden = None,
    seed: Seed = 1,
    json: Json = False,
    out: Out = Path("out"),
    quiet: Quiet = False,
) -> None:
    """Plan, simulate and report: the main job."""
    from app.printed.simulated import document
    from app.report.writing import plan_document, write_report

    asked = asked_for(scenario, set_, with_, fix, forbid, seed)
    found = planned(loaded(asked), asked, quiet)
    with progress(quiet) as say:
        say("writing the report")
        report = write_report(found, answer_lines(found, asked, None), asked, out or Path("out"))
    if json:
        simulated = (
            document(found.scenario, found.placement, found.result) if found.placement and found.result else None
        )
        answer = {"plan": plan_document(found), "simulation": simulated, "report": str(report)}
        show_json({"schema_version": 1, **answer})
    elif not quiet:
        show(answer_lines(found, asked, report))
    exit_unless_planned(found)
