"""The ways a task can run on a piece of hardware: what the user stated first, else what somebody measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardware_profiles import (
    AccuracyRow,
    Profile,
    ServiceTime,
    canonical_hardware,
    canonical_model,
    canonical_precision,
    missing_profile_message,
    profiles,
)
from scenarios.catalogue_tables import rows
from scenarios.figures import Accuracy, Figure, Origin, Variant

if TYPE_CHECKING:
    from scenarios.places import Group
    from scenarios.pools import Pool
    from scenarios.scenario import Scenario
    from scenarios.workloads import Task, Workload


@dataclass(frozen=True)
class UserFigure:
    """An entry of ``figures:``: how long a model or an offer takes, or the work around every model.

    ``service`` is the time of one execution, ``overhead_s`` the time around it [s]; an entry has one of them.
    An overhead without a model holds for all models, one without hardware everywhere.
    """

    model: str | None
    offer: str | None
    hardware: str | None
    precision: str | None
    service: ServiceTime | None
    overhead_s: float | None
    kind: Origin
    why: str
    path: str
    text: str  # the figure as the user wrote it

    @property
    def what(self) -> str:
        """In words: ``overhead of yolov8n on rb3-gen-2``."""
        about = self.model or self.offer or "models"
        where = f" on {self.hardware}" if self.hardware else ""
        return f"{'overhead' if self.overhead_s is not None else 'time'} of {about}{where}"

    def on(self, hardware: str) -> bool:
        return self.hardware is None or _same(self.hardware, hardware, canonical_hardware(hardware))

    def of(self, model: str) -> bool:
        return self.model is not None and _same(self.model, model, canonical_model(model))


def _same(one: str, other: str, canonical: str | None) -> bool:
    return one == other or (canonical is not None and canonical in (canonical_model(one), canonical_hardware(one)))


def profiled_as(pool: Pool, choice: str) -> str:
    """The hardware whose measurements count for a choice of a pool: the accelerator of an offer, else itself."""
    if not pool.offers:
        return choice
    return next((row["profiled_as"] for row in rows("offers") if row["name"] == choice and row["profiled_as"]), choice)


def variants(
    scenario: Scenario, workload: Workload, task: Task, pool: Pool, choice: str, group: Group | None
) -> tuple[Variant, ...]:
    """Every way to run the task on that hardware or offer, fastest first; empty where nobody measured one.

    A figure of the user beats the catalogue: without a precision for all precisions, else for that one.
    A task with a stated time has one variant without a model.
    """
    del group  # hardware given per group arrives as the choice
    if task.times:
        service = task.times.get(pool.name, task.times.get(""))
        if service is None:
            return ()
        path = f"workloads.{workload.name}.tasks.{task.name}.time"
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
    """The nearest that was measured, and the line to paste."""
    return missing_profile_message(model, choice, input_px)


def _of_model(scenario: Scenario, workload: Workload, task: Task, model: str, pool: Pool, choice: str) -> list[Variant]:
    overhead = overhead_s(scenario.figures, task, model, choice)
    mine = [f for f in scenario.figures if f.service is not None and _holds(f, model, pool, choice)]
    found = [_user_variant(workload, task, model, pool, choice, figure, overhead) for figure in mine]
    beaten = {figure.precision for figure in mine}
    if None in beaten:
        return found
    measured = profiles(model, profiled_as(pool, choice), input_px=task.input_px)
    found += [_profile_variant(workload, task, choice, p, overhead) for p in measured if p.precision not in beaten]
    return found


def _holds(figure: UserFigure, model: str, pool: Pool, choice: str) -> bool:
    if figure.offer is not None:
        return bool(pool.offers) and figure.offer == choice
    return figure.of(model) and figure.on(choice)


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
    origin = Figure(figure.service.mean_s, "s", figure.kind, figure.why or "your scenario", path=figure.path)
    same = [p for p in profiles(model, profiled_as(pool, choice), input_px=task.input_px) if p.precision == precision]
    accuracy = _own_accuracy(workload, task, model, precision) or next(
        (found for p in same if (found := _published(workload, p.accuracy))), None
    )
    return Variant(model, choice, precision, "", "", service, origin, accuracy)


def _profile_variant(workload: Workload, task: Task, choice: str, profile: Profile, overhead: float) -> Variant:
    own = _own_accuracy(workload, task, profile.model, profile.precision)
    origin: Origin = "measured" if profile.kind == "measured" else "listed" if profile.kind == "listed" else "assumed"
    return Variant(
        profile.model,
        choice,
        profile.precision,
        profile.runtime,
        profile.unit,
        profile.service.with_overhead(overhead),
        Figure(profile.service.mean_s, "s", origin, profile.source, profile.date),
        own or _published(workload, profile.accuracy),
        profile.spread,
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
