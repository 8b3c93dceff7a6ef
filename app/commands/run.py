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
    from app.report.report import write_report
    from app.report.writing import plan_document

    asked = asked_for(scenario, set_, with_, fix, forbid, seed)
    found = planned(loaded(asked), asked, quiet)
    with progress(quiet) as say:
        say("writing the report")
        files = write_report(found, asked, out or Path("out"))
    if json:
        simulated = (
            document(found.scenario, found.placement, found.result) if found.placement and found.result else None
        )
        answer = {
            "plan": plan_document(found),
            "simulation": simulated,
            "report": str(files[0]),
            "files": [str(file) for file in files],
        }
        show_json({"schema_version": 1, **answer})
    elif not quiet:
        show(answer_lines(found, asked, files[0]))
    exit_unless_planned(found)
