"""``tierwise diff``."""

from __future__ import annotations

from app.commands.options import Json, PlanFile, Quiet
from app.printed.terminal import show, show_json


def diff(old: PlanFile, new: PlanFile, json: Json = False, quiet: Quiet = False) -> None:
    """What moves between two plans, and what it costs; exit code 0 whether they differ or not."""
    from app.printed.differences import difference_lines
    from planner.differences import differences
    from planner.plan_file import document_of

    found = differences(document_of(old), document_of(new))
    if json:
        show_json({"schema_version": 1, "old": str(old), "new": str(new), **found.to_dict()})
    elif not quiet:
        show(difference_lines(found))
