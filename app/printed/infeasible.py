"""The printed answer where no placement meets everything: what stands in the way, and what would help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.invocation import Invocation
from app.printed.lines import COLUMNS, command, cut, paragraph
from app.printed.summary import head, report_line
from app.tables.plans import excluded
from planner.formats import plural
from planner.plans import Plan, Relaxation
from planner.wording import relaxed, setting

_MOST = 7  # rows of each table


def infeasible(plan: Plan, asked: Invocation, report: Path | None = None) -> list[str]:
    """First that there is no plan, then each requirement with its least relaxation, then what every pool breaks."""
    lines = [*_first(plan), *head(plan.scenario, asked), "", *_relaxations(plan), "", *_excluded(plan)]
    change = next((found for one in _helpful(plan) if (found := setting(plan.scenario, one))), None)
    if change is not None:
        path, _, value = change.partition("=")
        others = tuple(one for one in asked.settings if not one.startswith(f"{path}="))
        lines += ["", *command("Try", [*replace(asked, settings=others).words("plan"), f"--set {path}='{value}'"])]
    return [*lines, *report_line(report)]


def _first(plan: Plan) -> list[str]:
    if plan.status == "unknown":
        return [
            "NO PLAN FOUND  within the budget of simulations; none is proven impossible",
            f"        {plural(plan.refuted, 'placement')} failed in simulation, {plan.undecided} stayed undecided",
        ]
    return [cut(f"INFEASIBLE  no placement meets every requirement of {plan.scenario.name}", COLUMNS)]


def _helpful(plan: Plan) -> list[Relaxation]:
    """Cheapest first."""
    return sorted(plan.conflict, key=lambda one: one.usd_per_month if one.usd_per_month is not None else float("inf"))


def _relaxations(plan: Plan) -> list[str]:
    if not plan.conflict:
        return paragraph("Change", "no single requirement stands in the way: dropping any one of them is not enough", 2)
    rows = [f"  {'any one of these, alone':<34}{'asked':<14}{'needed':<14}a month"]
    for one in _helpful(plan)[:_MOST]:
        asked, needed, cost = relaxed(one)
        rows.append(f"  {cut(one.what, 33):<34}{asked:<14}{needed:<14}{cost}".rstrip())
    more = len(plan.conflict) - _MOST
    return [*rows, f"  … and {plural(more, 'other')}"] if more > 0 else rows


def _excluded(plan: Plan) -> list[str]:
    found = excluded(plan).to_dict("records")
    if not found:
        return paragraph("Why", "each pool could do it alone, but not within the counts and the budget", 2)
    rows = [f"  {'pool':<34}what its best candidate breaks"]
    for one in found[:_MOST]:
        name = cut(f"{one['pool']} ({one['tier']}), {one['on']}", 33)
        rows.append(cut(f"  {name:<34}{one['breaks']}", COLUMNS))
    more = len(found) - _MOST
    return [*rows, f"  … and {plural(more, 'other')}"] if more > 0 else rows
