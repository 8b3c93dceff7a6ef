"""Options that several commands share, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.invocation import Invocation
from app.printed.terminal import program, progress
from hardware_profiles.faults import BadInput, Fault

if TYPE_CHECKING:
    from planner.plans import Plan
    from scenarios.scenario import Scenario

INFEASIBLE = 3

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help="A name from the library or a file.")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan file, as plan --out or run write it.")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value (repeatable).")]
WhatIfs = Annotated[list[str] | None, typer.Option("--with", metavar="WHAT_IF", help="Apply a what-if (repeatable).")]
Fixed = Annotated[list[str] | None, typer.Option("--fix", metavar="TASK=POOL", help="Run a task there (repeatable).")]
Forbidden = Annotated[list[str] | None, typer.Option("--forbid", metavar="POOL", help="Use no such pool (repeatable).")]
Seed = Annotated[int, typer.Option(help="Of the simulations.", min=0)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but faults.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where files are written, by scenario.")]


def asked_for(
    scenario: str,
    set_: list[str] | None,
    with_: list[str] | None,
    fix: list[str] | None,
    forbid: list[str] | None,
    seed: int,
) -> Invocation:
    settings, what_ifs, fixed, forbidden = (tuple(given or ()) for given in (set_, with_, fix, forbid))
    return Invocation(program(), scenario, settings, what_ifs, fixed, forbidden, seed)


def loaded(asked: Invocation) -> Scenario:
    import scenarios as vocabulary

    changes = pairs("--set", asked.settings, "PATH=VALUE")
    return vocabulary.load(asked.scenario, set=changes, what_if=asked.what_ifs)


def planned(scenario: Scenario, asked: Invocation, quiet: bool) -> Plan:
    from planner.planning import plan as make

    fixed = pairs("--fix", asked.fixed, "TASK=POOL")
    with progress(quiet) as say:
        return make(scenario, seed=asked.seed, fix=fixed, forbid=asked.forbidden, progress=say)


def answer_lines(plan: Plan, asked: Invocation, report: Path | None) -> list[str]:
    from app.printed.infeasible import infeasible
    from app.printed.summary import summary

    return infeasible(plan, asked, report) if plan.placement is None else summary(plan, asked, report)


def exit_unless_planned(plan: Plan) -> None:
    if plan.placement is None:
        raise typer.Exit(INFEASIBLE)


def pairs(option: str, given: tuple[str, ...] | list[str] | None, shape: str) -> dict[str, str]:
    """``NAME=VALUE`` options as a mapping; the first equals sign divides."""
    wrong = [text for text in given or () if not text.partition("=")[0].strip() or "=" not in text]
    if wrong:
        raise BadInput(Fault(option, repr(text), shape) for text in wrong)
    return {name.strip(): value for name, _, value in (text.partition("=") for text in given or ())}
