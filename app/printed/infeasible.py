"""The printed answer where no placement meets everything: what stands in the way, and what would help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.invocation import Invocation
from app.printed.lines import COLUMNS, LABEL, command, cut, hanging, paragraph
from app.printed.summary import head, report_line
from app.tables.plans import excluded
from app.tables.verdict import Verdict, helpful, verdict
from planner.formats import plural
from planner.plans import Plan
from planner.wording import relaxed, setting

_MOST = 7  # rows of each table


def infeasible(plan: Plan, asked: Invocation, report: Path | None = None) -> list[str]:
    """First that there is no plan, then each requirement with its least relaxation, then what every pool breaks."""
    found = verdict(plan)
    lines = [*_first(found), *head(plan.scenario, asked), "", *_relaxations(plan, found), "", *_excluded(plan, found)]
    change = next((change for one in helpful(plan) if (change := setting(plan.scenario, one))), None)
    if change is not None:
        path, _, value = change.partition("=")
        others = tuple(one for one in asked.settings if not one.startswith(f"{path}="))
        lines += ["", *command("Try", [*replace(asked, settings=others).words("plan"), f"--set {path}='{value}'"])]
    return [*lines, *report_line(report)]


def _first(found: Verdict) -> list[str]:
    rest = [f"        {part}" for line in found.loud for part in hanging(line, COLUMNS - LABEL)]
    return [*hanging(f"{found.word.upper()}  {found.told}"), *rest]


def _relaxations(plan: Plan, found: Verdict) -> list[str]:
    if not plan.conflict:
        return paragraph("Change", "; ".join(found.otherwise), 2)
    rows = [f"  {'any one of these, alone':<34}{'asked':<14}{'needed':<14}a month"]
    for one in helpful(plan)[:_MOST]:
        asked, needed, cost = relaxed(one)
        rows.append(f"  {cut(one.what, 33):<34}{asked:<14}{needed:<14}{cost}".rstrip())
    more = len(plan.conflict) - _MOST
    return [*rows, f"  … and {plural(more, 'other')}"] if more > 0 else rows


def _excluded(plan: Plan, found: Verdict) -> list[str]:
    pools = excluded(plan).to_dict("records")
    if not pools:
        return paragraph("Why", found.why, 2)
    rows = [f"  {'pool':<34}what its best candidate breaks"]
    for one in pools[:_MOST]:
        name = cut(f"{one['pool']} ({one['tier']}), {one['on']}", 33)
        rows.append(cut(f"  {name:<34}{one['breaks']}", COLUMNS))
    more = len(pools) - _MOST
    return [*rows, f"  … and {plural(more, 'other')}"] if more > 0 else rows
