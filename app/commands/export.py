"""``tierwise export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Json, PlanFile, Quiet
from app.printed.terminal import show, show_json


def export(
    plan: PlanFile,
    to: Annotated[str, typer.Option(metavar="TARGET", help="json (plan and schema) or csv (placements and bill).")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Files in it are replaced; else a folder TARGET beside the plan.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a plan for other tools."""
    from planner import exports
    from planner.plan_file import document_of

    written = exports.export(document_of(plan), to, plan.parent / to if out is None else out)
    if json:
        show_json({"schema_version": 1, "target": to, "files": [str(file) for file in written]})
    elif not quiet:
        show([str(file) for file in written])
