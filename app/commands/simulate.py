"""``tierwise simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import (
    INFEASIBLE,
    Json,
    Out,
    Quiet,
    ScenarioName,
    Seed,
    Settings,
    WhatIfs,
    answer_lines,
    asked_for,
    loaded,
    pairs,
    planned,
)
from app.printed.terminal import progress, show, show_json
from hardware_profiles.faults import BadInput, Fault


def simulate(
    scenario: ScenarioName,
    plan: Annotated[Path | None, typer.Option(metavar="FILE", help="A plan; without one it is made first.")] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="Instead of those of the study.")] = None,
    precision: Annotated[
        str | None, typer.Option(metavar="SHARE", help="More replications until percentiles are known to ± 2 %, say.")
    ] = None,
    most_replications: Annotated[
        int | None, typer.Option(min=1, help="Where --precision gives up (200 unless stated).")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="The data plane: compiled, or the readable reference, simpy.")
    ] = "compiled",
    requests: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every request there, a Parquet file a replication.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="HOUR", help="An hour of the week, 'sat 11:00', instead of the busiest.")
    ] = None,
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
    from planner.wording import derived

    asked = asked_for(scenario, set_, with_, None, None, seed)
    hour = None if at is None else _hour(at)
    wanted = None if precision is None else _share("--precision", precision)
    if wanted is None and most_replications is not None:
        raise BadInput(Fault("--most-replications", "no --precision", "--precision '2 %' beside it"))
    if requests is not None:
        _make(requests)
    notes: tuple[str, ...] = ()
    if plan is not None:
        from app.recorded import recorded

        found_plan = recorded(plan, asked, pairs("--set", asked.settings, "PATH=VALUE"))
        chosen, placement, notes = found_plan.scenario, found_plan.placement, found_plan.notes
    else:
        chosen = loaded(asked)
        made = planned(chosen, asked, quiet)
        if made.placement is None:
            if json:
                show_json(plan_document(made))
            elif not quiet:
                show(answer_lines(made, asked, None))
            raise typer.Exit(INFEASIBLE)
        placement = made.placement
    with progress(quiet) as say:
        result = sim.simulate(
            chosen,
            placement,
            replications=replications,
            seed=seed,
            engine=engine,
            requests=requests or False,
            precision=wanted,
            most=most_replications,
            at=chosen.study.at if hour is None else hour,
            progress=lambda done, of: say(f"replication {done} of {'at most ' if wanted else ''}{of}"),
        )
    found = document(chosen, placement, result, (*notes, *derived(placement)))
    if out is not None:
        write_simulation(chosen, found, out)
    if json:
        show_json(found)
    elif not quiet:
        show(simulation_lines(chosen, result, found))


def _make(folder: Path) -> None:
    """Before a long run, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        expected = "a folder that can be written"
        raise BadInput(Fault("--requests", f"{folder} ({error.strerror})", expected)) from None


def _hour(text: str) -> int:
    from scenarios.calendar import hour_of

    try:
        return hour_of(text)
    except ValueError:
        raise BadInput(Fault("--at", f"`{text}`", "an hour of the week such as 'sat 11:00'")) from None


def _share(option: str, text: str) -> float:
    """The fraction that an option states, written as in a scenario."""
    from scenarios.units import NotAQuantity, parse

    expected = "a share such as 2 %, above 0 % and below 100 %"
    try:
        found = parse(text)
    except NotAQuantity as problem:
        raise BadInput(Fault(option, problem.found, problem.expected)) from None
    if found.dimension != "fraction" or found.per or found.of or not 0 < found.value < 1:
        raise BadInput(Fault(option, f"`{text}`", expected))
    return found.value
