"""The command ``tierwise``. Exit codes: 0 done, 1 a fault of ours, 2 bad input, 3 infeasible, 130 interrupted.

Everything heavy is imported by the command that needs it, so that ``tierwise --help`` is instant.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.invocation import Invocation
from app.printed.terminal import complain, program, progress, show, show_json
from hardware_profiles.faults import BadInput, Fault

if TYPE_CHECKING:
    from planner.plans import Plan
    from scenarios.scenario import Scenario

BAD_INPUT, INFEASIBLE = 2, 3

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help="A name from the library or a file.")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value (repeatable).")]
WhatIfs = Annotated[list[str] | None, typer.Option("--with", metavar="WHAT_IF", help="Apply a what-if (repeatable).")]
Fixed = Annotated[list[str] | None, typer.Option("--fix", metavar="TASK=POOL", help="Run a task there (repeatable).")]
Forbidden = Annotated[list[str] | None, typer.Option("--forbid", metavar="POOL", help="Use no such pool (repeatable).")]
Seed = Annotated[int, typer.Option(help="Of the simulations.", min=0)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but faults.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where files are written, by scenario.")]


def main() -> None:
    """Entry point: runs a command and turns whatever happens into an exit code and, at worst, one line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show × still shows the rest
    try:
        app(prog_name="tierwise")
    except BadInput as bad:
        complain(str(bad))
        sys.exit(BAD_INPUT)
    except Exception as error:
        if os.environ.get("TIERWISE_DEBUG"):
            raise
        about = " ".join(f"{type(error).__name__}: {error}".split())
        complain(f"tierwise failed: {about} (a fault of ours; TIERWISE_DEBUG=1 shows where)")
        sys.exit(1)


@app.callback(invoke_without_command=True)
def top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Where should each AI task run, what will it cost, how fast will it be, and what if the uplink drops?"""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"tierwise {installed('tierwise')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        here = program()
        show(
            [
                "Tierwise plans where each AI task should run, and proves the plan by simulation.",
                "",
                f"  {here} run factory-vision      plan, simulate and report an example",
                f"  {here} scenarios               list the examples",
                f"  {here} check my-scenario.yaml  see what is understood of a file of yours",
                "",
                f"{here} --help lists every command.",
            ]
        )


@app.command()
def scenarios(json: Json = False, quiet: Quiet = False) -> None:
    """List the library."""
    import scenarios as vocabulary
    from app.printed.listing import library_lines

    library = vocabulary.library()
    if json:
        entries = [{"name": name, "about": about} for name, about in library.items()]
        show_json({"schema_version": 1, "scenarios": entries})
    elif not quiet:
        show(library_lines(library))


@app.command()
def hardware(
    pattern: Annotated[str, typer.Argument(help="Words that model, hardware, precision, runtime or unit hold.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List measured profiles with their sources, and what nobody measured."""
    import hardware_profiles
    from app.printed.listing import profile_lines, records

    found, holes = hardware_profiles.search(pattern), hardware_profiles.holes(pattern)
    if json:
        show_json({"schema_version": 1, "profiles": records(found), "holes": records(holes)})
    elif not quiet:
        show(profile_lines(found, holes, pattern))


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenarios, names of the library, plans.")],
    set_: Settings = None,
    with_: WhatIfs = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Validate scenarios and plans; all faults at once."""
    from app.printed.checking import checked, lines

    found = [checked(file, _pairs("--set", set_, "PATH=VALUE"), with_ or ()) for file in files]
    if json:
        show_json({"schema_version": 1, "files": [one.to_dict() for one in found]})
    elif not quiet:
        show([line for one in found if not one.faults for line in lines(one)])
    faults = [fault for one in found for fault in one.faults]
    if faults:
        raise BadInput(faults)


@app.command()
def schema(json: Json = False) -> None:
    """Print the JSON Schema of a scenario, for editors."""
    import scenarios as vocabulary

    del json  # it is JSON either way
    show_json(vocabulary.json_schema())


@app.command()
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

    asked = _asked(scenario, set_, with_, fix, forbid, seed)
    found = _planned(_loaded(asked), asked, quiet)
    if out is not None:
        write_plan(found, out)
    if json:
        show_json(plan_document(found))
    elif not quiet:
        show(_lines(found, asked, None))
    _exit_unless_planned(found)


@app.command()
def simulate(
    scenario: ScenarioName,
    plan: Annotated[Path | None, typer.Option(metavar="FILE", help="A plan; without one it is made first.")] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="Instead of those of the study.")] = None,
    engine: Annotated[str, typer.Option(help="The data plane.")] = "simpy",
    set_: Settings = None,
    with_: WhatIfs = None,
    seed: Seed = 1,
    json: Json = False,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Simulate a plan, request by request."""
    import sim
    from app.printed.simulated import document, simulation_lines
    from app.report.writing import plan_document, write_simulation

    asked = _asked(scenario, set_, with_, None, None, seed)
    notes: tuple[str, ...] = ()
    if plan is not None:
        from app.recorded import recorded

        found_plan = recorded(plan, asked, _pairs("--set", asked.settings, "PATH=VALUE"))
        chosen, placement, notes = found_plan.scenario, found_plan.placement, found_plan.notes
    else:
        chosen = _loaded(asked)
        made = _planned(chosen, asked, quiet)
        if made.placement is None:
            if json:
                show_json(plan_document(made))
            elif not quiet:
                show(_lines(made, asked, None))
            raise typer.Exit(INFEASIBLE)
        placement = made.placement
    with progress(quiet) as say:
        result = sim.simulate(
            chosen,
            placement,
            replications=replications,
            seed=seed,
            engine=engine,
            progress=lambda done, wanted: say(f"replication {done} of {wanted}"),
        )
    found = document(chosen, placement, result, notes)
    if out is not None:
        write_simulation(chosen, found, out)
    if json:
        show_json(found)
    elif not quiet:
        show(simulation_lines(chosen, result, found))


@app.command()
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

    asked = _asked(scenario, set_, with_, fix, forbid, seed)
    found = _planned(_loaded(asked), asked, quiet)
    with progress(quiet) as say:
        say("writing the report")
        report = write_report(found, _lines(found, asked, None), asked, out or Path("out"))
    if json:
        simulated = (
            document(found.scenario, found.placement, found.result) if found.placement and found.result else None
        )
        answer = {"plan": plan_document(found), "simulation": simulated, "report": str(report)}
        show_json({"schema_version": 1, **answer})
    elif not quiet:
        show(_lines(found, asked, report))
    _exit_unless_planned(found)


def _asked(
    scenario: str,
    set_: list[str] | None,
    with_: list[str] | None,
    fix: list[str] | None,
    forbid: list[str] | None,
    seed: int,
) -> Invocation:
    settings, what_ifs, fixed, forbidden = (tuple(given or ()) for given in (set_, with_, fix, forbid))
    return Invocation(program(), scenario, settings, what_ifs, fixed, forbidden, seed)


def _loaded(asked: Invocation) -> Scenario:
    import scenarios as vocabulary

    changes = _pairs("--set", asked.settings, "PATH=VALUE")
    return vocabulary.load(asked.scenario, set=changes, what_if=asked.what_ifs)


def _planned(scenario: Scenario, asked: Invocation, quiet: bool) -> Plan:
    from planner.planning import plan as make

    fixed = _pairs("--fix", asked.fixed, "TASK=POOL")
    with progress(quiet) as say:
        return make(scenario, seed=asked.seed, fix=fixed, forbid=asked.forbidden, progress=say)


def _lines(plan: Plan, asked: Invocation, report: Path | None) -> list[str]:
    from app.printed.infeasible import infeasible
    from app.printed.summary import summary

    return infeasible(plan, asked, report) if plan.placement is None else summary(plan, asked, report)


def _exit_unless_planned(plan: Plan) -> None:
    if plan.placement is None:
        raise typer.Exit(INFEASIBLE)


def _pairs(option: str, given: tuple[str, ...] | list[str] | None, shape: str) -> dict[str, str]:
    """``NAME=VALUE`` options as a mapping; the first equals sign divides."""
    wrong = [text for text in given or () if not text.partition("=")[0].strip() or "=" not in text]
    if wrong:
        raise BadInput(Fault(option, repr(text), shape) for text in wrong)
    return {name.strip(): value for name, _, value in (text.partition("=") for text in given or ())}
