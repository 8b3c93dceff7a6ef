"""The ways a task can run on a piece of hardware: what the user stated first, else what somebody measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from hardware_profiles import (
    AccuracyRow,
    Profile,
    canonical_model,
    canonical_precision,
    device,
    missing_profile_message,
    profiles,
)
from hardware_profiles import model as catalogued
from scenarios.batching import batches
from scenarios.catalogue_tables import rows
from scenarios.figures import Accuracy, Figure, Variant
from scenarios.user_figures import UserFigure, names_of, size_of

if TYPE_CHECKING:
    from scenarios.places import Group
    from scenarios.pools import Pool
    from scenarios.scenario import Scenario
    from scenarios.workloads import Task, Workload


def profiled_as(pool: Pool, choice: str) -> str:
    """The hardware whose measurements count for a choice of a pool: the accelerator of an offer, else itself."""
    return card_of(choice) if pool.offers else choice


def card_of(choice: str) -> str:
    """The accelerator of an offer; any other name as it is."""
    return next((row["profiled_as"] for row in rows("offers") if row["name"] == choice and row["profiled_as"]), choice)


def variants(
    scenario: Scenario, workload: Workload, task: Task, pool: Pool, choice: str, group: Group | None
) -> tuple[Variant, ...]:
    """Every way to run the task on that hardware or offer, fastest first; empty where nobody measured one.

    A figure of the user beats the catalogue: without a precision for all precisions, else for that one.
    A task with a stated time has one variant without a model.
    """
    del group  # hardware given per group arrives as the choice
    found = _each(scenario, workload, task, pool, choice)
    if task.batching is None or (not pool.hardware and card_of(choice) == choice):
        return found
    profiled, overhead = profiled_as(pool, choice), partial(overhead_s, scenario.figures, task)
    return tuple(
        replace(one, batches=batches(task, one, profiled, overhead(one.model, choice) if one.model else 0.0))
        for one in found
    )


def _each(scenario: Scenario, workload: Workload, task: Task, pool: Pool, choice: str) -> tuple[Variant, ...]:
    if task.times:
        service = task.times.get(pool.name, task.times.get(""))
        if service is None:
            return ()
        path = f"workloads.{workload.name}.tasks.{task.name}.{'time' if service.recording is None else 'service'}"
        origin = Figure(service.mean_s, "s", "yours", scenario.sources.get(path, "your scenario"), path=path)
        return (Variant(None, choice, "", "", "", service, origin, _own_accuracy(workload, task, None, "")),)
    found = [variant for model in task.models for variant in _of_model(scenario, workload, task, model, pool, choice)]
    wanted = None if task.precision is None else canonical_precision(task.precision) or task.precision
    kept = (variant for variant in found if wanted is None or variant.precision in (wanted, ""))
    return tuple(sorted(kept, key=lambda variant: variant.service.mean_s))


def why_no_variant(
    scenario: Scenario, workload: Workload, task: Task, pool: Pool, choice: str, group: Group | None
) -> str:
    """One sentence why `variants` is empty."""
    del scenario, group
    if task.times:
        return f"no time is stated for {task.name} on {pool.name}"
    what = " or ".join(task.models)
    size = f" at {task.input_px} px" if task.input_px else ""
    in_precision = f" in {task.precision}" if task.precision else ""
    return f"nobody measured {what}{in_precision}{size} on {choice} ({workload.name}.{task.name})"


def missing(model: str, choice: str, input_px: int | None = None) -> str:
    """The nearest that was measured, the line to paste, and one that asks for an estimate of hardware that is known."""
    message = missing_profile_message(model, choice, input_px)
    if device(card_of(choice)) is None:
        return message
    known = catalogued(model)
    work = "" if known is not None and known.macs is not None else ", macs: …"
    size = f", input_size: {input_px} px" if input_px else ""
    asked = f"{{model: {model}, hardware: {choice}, kind: estimated{size}{work}}}"
    return f"{message}\nor have it estimated, with an error bar:\n  - {asked}"


def _of_model(scenario: Scenario, workload: Workload, task: Task, model: str, pool: Pool, choice: str) -> list[Variant]:
    overhead = overhead_s(scenario.figures, task, model, choice)
    mine = stated(scenario.figures, task, model, pool, choice)
    found = [_user_variant(workload, task, model, pool, choice, figure, overhead) for figure in mine]
    beaten = {figure.precision for figure in mine}
    if None in beaten:
        return found
    measured = profiles(model, profiled_as(pool, choice), input_px=task.input_px)
    found += [_profile_variant(workload, task, choice, p, overhead) for p in measured if p.precision not in beaten]
    return found


def stated(figures: Sequence[UserFigure], task: Task, model: str, pool: Pool, choice: str) -> tuple[UserFigure, ...]:
    """The user's own times of a model on a choice of a pool.

    What is typed counts before what a profile file says of the same precision, and what is said of the choice itself
    before what is said of the card inside.
    """
    size, names = size_of(figures, model, task.input_px), names_of(choice, profiled_as(pool, choice))
    ranked: dict[tuple[bool, int], list[UserFigure]] = {}
    for figure in figures:
        if figure.service is not None and (place := _place(figure, model, pool, choice, names, size)) is not None:
            ranked.setdefault((bool(figure.file), place), []).append(figure)
    found: list[UserFigure] = []
    for rank in sorted(ranked):
        beaten = {figure.precision for figure in found}
        found += [figure for figure in ranked[rank] if not beaten & {figure.precision, None}]
    return tuple(found)


def _place(
    figure: UserFigure, model: str, pool: Pool, choice: str, names: Sequence[str], size: int | None
) -> int | None:
    """Under which of its names the choice is meant by a figure of the model, None where it is not."""
    if figure.offer is not None:
        return 0 if pool.offers and figure.offer == choice else None
    if not figure.of(model) or not figure.at(size):
        return None
    return next((place for place, name in enumerate(names) if figure.on(name)), None)


def overhead_s(figures: tuple[UserFigure, ...], task: Task, model: str, choice: str) -> float:
    """Pre- and post-processing [s]: the most specific figure counts, then what the task states."""
    stated = [figure for figure in figures if figure.overhead_s is not None and figure.on(choice)]
    for figure in sorted(stated, key=lambda f: (f.model is None, f.hardware is None)):
        if figure.model is None or figure.of(model):
            assert figure.overhead_s is not None
            return figure.overhead_s
    return task.overhead_s


def _user_variant(
    workload: Workload, task: Task, model: str, pool: Pool, choice: str, figure: UserFigure, overhead: float
) -> Variant:
    assert figure.service is not None
    precision = figure.precision or ""
    service = figure.service if figure.offer else figure.service.with_overhead(overhead)
    origin = Figure(
        figure.service.mean_s,
        "s",
        figure.kind,
        figure.why or "your scenario",
        figure.date,
        path=figure.path,
        bar=figure.bar_s,
    )
    measured = () if figure.file else profiles(model, profiled_as(pool, choice), input_px=task.input_px)
    known = [figure.accuracy, *(profile.accuracy for profile in measured if profile.precision == precision)]
    published = next((found for those in known if (found := _published(workload, those))), None)
    accuracy = _own_accuracy(workload, task, model, precision) or published
    return Variant(
        model,
        choice,
        precision,
        figure.runtime,
        figure.unit,
        service,
        origin,
        accuracy,
        figure.spread,
        figure.threads,
    )


def _profile_variant(workload: Workload, task: Task, choice: str, profile: Profile, overhead: float) -> Variant:
    own = _own_accuracy(workload, task, profile.model, profile.precision)
    return Variant(
        profile.model,
        choice,
        profile.precision,
        profile.runtime,
        profile.unit,
        profile.service.with_overhead(overhead),
        Figure(profile.service.mean_s, "s", profile.kind, profile.source, profile.date),
        own or _published(workload, profile.accuracy),
        profile.spread,
        profile.threads,
    )


def _own_accuracy(workload: Workload, task: Task, model: str | None, precision: str) -> Accuracy | None:
    own = workload.accuracy.get(task.name)
    if own is None or workload.accuracy_measure is None:
        return None
    for key, value in own.items():
        names = {canonical_precision(key), canonical_model(key), key}
        if key == "" or (precision and precision in names) or (model is not None and model in names):
            path = f"workloads.{workload.name}.accuracy.{task.name}"
            return Accuracy(value, workload.accuracy_measure, f"yours ({path})")
    return None


def _published(workload: Workload, known: tuple[AccuracyRow, ...]) -> Accuracy | None:
    """The most applicable row, of the measure that the floor is in where one is."""
    wanted = workload.requires.accuracy_measure
    rows_of = [row for row in known if row.measure == wanted] or list(known)
    if not rows_of:
        return None
    return Accuracy(rows_of[0].value, rows_of[0].measure, f"{rows_of[0].source} ({rows_of[0].where})")
