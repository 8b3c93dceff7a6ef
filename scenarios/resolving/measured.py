"""Whether every model was measured on anything that it may run on."""

from __future__ import annotations

from hardware_profiles import canonical_hardware, canonical_model, known_models, profiles
from scenarios.places import Site
from scenarios.pools import Pool
from scenarios.resolving.pools import choices
from scenarios.resolving.workloads import later_workloads
from scenarios.scenario import Hole, NotYet
from scenarios.source import Source
from scenarios.user_figures import UserFigure, size_of, sizes
from scenarios.variants import missing, profiled_as, stated
from scenarios.workloads import Task, Workload


def check_measured(
    workloads: tuple[Workload, ...],
    pools: tuple[Pool, ...],
    sites: tuple[Site, ...],
    figures: tuple[UserFigure, ...],
    source: Source,
    not_yet: list[NotYet],
) -> tuple[Hole, ...]:
    """A fault for each task none of whose models anybody measured on any hardware that it may use.

    A workload that is not planned yet anyway only has it listed. Where some pair of model and hardware was measured,
    the rest is returned. A model that nobody knows at all is a fault wherever it stands.
    """
    later = later_workloads(not_yet)
    holes: list[Hole] = []
    for workload in workloads:
        for task in workload.tasks:
            places = [(pool, choice) for pool in _admissible(workload, task, pools) for choice in choices(pool, sites)]
            measured = any(_known(task, model, *place, figures) for model in task.models for place in places)
            for model in task.models:
                loc = ("workloads", workload.name, "tasks", task.name, "model")
                several = sizes(figures, model)
                if len(several) > 1 and size_of(figures, model, task.input_px) is None:
                    at = " or ".join(f"{size} px" for size in several)
                    source.wrong(loc, f"`{model}` without an input_size", f"input_size: {at}, as it was measured")
                    continue
                nobody = canonical_model(model) is None and not any(f.of(model) for f in figures)
                unknown = [place for place in places if not _known(task, model, *place, figures)]
                if len(unknown) < len(places) or not places or (measured and not nobody):
                    holes += [
                        Hole(".".join(loc), model, choice, _message(model, choice, task, figures))
                        for choice in dict.fromkeys(choice for pool, choice in unknown if _runs(workload, pool, choice))
                    ]
                    continue
                message = _message(model, places[0][1], task, figures)
                if workload.name in later:
                    not_yet.append(NotYet(".".join(loc), message.split(";")[0], planned=False, simulated=False))
                elif nobody:
                    names = (*(f.model for f in figures if f.model), *known_models())
                    source.wrong(loc, f"`{model}`", f"a model that somebody measured; {message}", names, model)
                else:
                    on = ", ".join(dict.fromkeys(choice for _, choice in places))
                    source.wrong(loc, f"`{model}`", f"a model that somebody measured on {on}; {message}")
    return tuple(holes)


def _message(model: str, choice: str, task: Task, figures: tuple[UserFigure, ...]) -> str:
    """What is nearest in the catalogue, and before it where else the user's own files have the model."""
    own = dict.fromkeys(f"{f.hardware} ({f.file})" for f in figures if f.file and f.of(model))
    found = missing(model, choice, task.input_px)
    first, rest = found.split(";", 1)
    return f"{first}, but on {', '.join(own)};{rest}" if own else found


def _runs(workload: Workload, pool: Pool, choice: str) -> bool:
    """Not so a source of hardware of the user's own, such as a plain camera: it only sends."""
    return pool.name != workload.source or bool(pool.offers) or canonical_hardware(choice) is not None


def _admissible(workload: Workload, task: Task, pools: tuple[Pool, ...]) -> list[Pool]:
    """Pools that the rules of tier and dispatch leave to a task."""
    return [
        pool
        for pool in pools
        if (task.pools is None or pool.name in task.pools)
        and (task.tiers is None or pool.tier in task.tiers)
        and (workload.requires.tiers is None or pool.tier in workload.requires.tiers)
        and (pool.dispatch != "own" or pool.name == workload.source)
    ]


def _known(task: Task, model: str, pool: Pool, choice: str, figures: tuple[UserFigure, ...]) -> bool:
    mine = stated(figures, task, model, pool, choice)
    return bool(mine) or bool(profiles(model, profiled_as(pool, choice), input_px=task.input_px))
