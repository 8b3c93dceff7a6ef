"""``tierwise simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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

if TYPE_CHECKING:
    from scenarios.units import Quantity


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
    warm_up: Annotated[
        str | None, typer.Option(metavar="TIME", help="Not measured before it; detect finds it by pilot runs.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="The data plane: compiled, or the readable reference, simpy.")
    ] = "compiled",
    requests: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every request there, a Parquet file a replication.")
    ] = None,
    slowest: Annotated[int, typer.Option(metavar="N", min=0, help="Show the N slowest requests, step by step.")] = 0,
    trace: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write requests step by step, for Perfetto or OpenTelemetry.")
    ] = None,
    trace_requests: Annotated[int, typer.Option(metavar="N", min=1, help="How many, evenly drawn by number.")] = 200,
    trace_format: Annotated[
        str | None, typer.Option(metavar="NAME", help="chrome, or otlp (that of a FILE.otlp.json).")
    ] = None,
    timeline: Annotated[
        str | None, typer.Option(metavar="STEP", help="Keep what happens in each step of, say, 10 s.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="HOUR", help="An hour of the week, 'sat 11:00', instead of the busiest.")
    ] = None,
    drill: Annotated[
        str | None, typer.Option(metavar="NAME", help="Play a drill of the study, or a link that is down.")
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
    from app.printed.drilled import drill_document, drill_lines, drill_of
    from app.printed.simulated import document, simulation_lines
    from app.printed.waterfall import waterfall_lines
    from app.report.writing import plan_document, write_simulation, write_timeline, write_waterfall
    from app.tables.timeline import timeline_document
    from app.tables.watched import watched_document
    from app.traces.writing import trace_format as chosen_format
    from app.traces.writing import write_trace
    from planner.wording import derived

    asked = asked_for(scenario, set_, with_, None, None, seed)
    hour = None if at is None else _hour(at)
    wanted = None if precision is None else _share("--precision", precision)
    if wanted is None and most_replications is not None:
        raise BadInput(Fault("--most-replications", "no --precision", "--precision '2 %' beside it"))
    if trace_format is not None and trace is None:
        raise BadInput(Fault("--trace-format", "no --trace", "--trace FILE beside it"))
    form = None if trace is None else chosen_format(trace, trace_format)
    if requests is not None:
        _make("--requests", requests)
    if trace is not None:
        _make("--trace", trace.parent)
        if trace.is_dir():
            raise BadInput(Fault("--trace", f"{trace}, which is a folder", "a file to write to"))
    step_s = None if timeline is None else _step(timeline)
    not_measured = None if warm_up is None else _warm_up(warm_up)
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
    broken = None if drill is None else drill_of(chosen, drill)
    with progress(quiet) as say:
        result = sim.simulate(
            chosen,
            placement,
            replications=replications,
            seed=seed,
            warm_up_s=not_measured,
            engine=engine,
            requests=requests or False,
            precision=wanted,
            most=most_replications,
            slowest=slowest,
            timeline_s=step_s,
            at=chosen.study.at if hour is None and broken is None else hour,
            drill=broken,
            progress=lambda done, of: say(f"replication {done} of {'at most ' if wanted else ''}{of}"),
        )
        say("the requests to be shown, once more")
        seen = result.slowest(slowest) if slowest else []
        if trace is not None and form is not None:
            write_trace(trace, form, result.sample(trace_requests), result)
    found = document(chosen, placement, result, (*notes, *derived(placement)))
    if step_s is not None:
        found["timeline"] = timeline_document(result)
    if slowest:
        found["slowest"] = watched_document(seen)
    if broken is not None:
        found["drill"] = drill_document(broken, result)
    if out is not None:
        write_simulation(chosen, found, out)
        if slowest:
            write_waterfall(chosen, seen, out)
        if step_s is not None:
            write_timeline(chosen, result, out)
    if json:
        show_json(found)
    elif not quiet:
        told = drill_lines(found["drill"]) if broken is not None else []
        show([*told, *simulation_lines(chosen, result, found), *waterfall_lines(seen)])


def _make(option: str, folder: Path) -> None:
    """Before a long run, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        expected = "a folder that can be written"
        raise BadInput(Fault(option, f"{folder} ({error.strerror})", expected)) from None


def _step(text: str) -> float:
    """A length of time [s] that is not zero to the nanosecond."""
    found = _quantity("--timeline", text)
    if found.dimension != "time" or found.per or found.of or found.value < 1e-9:
        raise BadInput(Fault("--timeline", f"`{text}`", "the length of a step such as 10 s"))
    return found.value


def _warm_up(text: str) -> float | Literal["detect"]:
    """A time [s], written as in a scenario, or ``detect``."""
    if text == "detect":
        return "detect"
    found = _quantity("--warm-up", text)
    if found.dimension != "time" or found.per or found.of or found.value < 0:
        raise BadInput(Fault("--warm-up", f"`{text}`", "a time such as 10 s, or detect"))
    return found.value


def _hour(text: str) -> int:
    from scenarios.calendar import hour_of

    try:
        return hour_of(text)
    except ValueError:
        raise BadInput(Fault("--at", f"`{text}`", "an hour of the week such as 'sat 11:00'")) from None


def _share(option: str, text: str) -> float:
    """The fraction that an option states, written as in a scenario."""
    expected = "a share such as 2 %, above 0 % and below 100 %"
    found = _quantity(option, text)
    if found.dimension != "fraction" or found.per or found.of or not 0 < found.value < 1:
        raise BadInput(Fault(option, f"`{text}`", expected))
    return found.value


def _quantity(option: str, text: str) -> Quantity:
    from scenarios.units import NotAQuantity, parse

    try:
        return parse(text)
    except NotAQuantity as problem:
        raise BadInput(Fault(option, problem.found, problem.expected)) from None
