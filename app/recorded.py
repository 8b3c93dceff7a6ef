"""A plan that was written to a file, to be simulated again: with its own changes and those asked for now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.invocation import Invocation
from hardware_profiles.faults import BadInput, Fault
from planner import plan_file
from scenarios.loading import load
from scenarios.placement import Placement
from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Recorded:
    """``notes`` say where plan and question differ."""

    scenario: Scenario
    placement: Placement
    notes: tuple[str, ...]


def recorded(file: Path, asked: Invocation, settings: Mapping[str, str]) -> Recorded:
    """The scenario of a plan file with the plan's changes, then those of ``asked`` that the plan does not have yet.

    Raises
    ------
    BadInput
        Where the file is no plan, or one of another scenario.
    """
    planned, placement = plan_file.read(file)
    wanted = load(asked.scenario).name
    if planned.name != wanted:
        raise BadInput(Fault("", f"a plan of {planned.name}", f"a plan of {wanted}", str(file)))
    scenario = planned
    for name in asked.what_ifs:
        if f"with {name}" not in planned.changes:
            scenario = scenario.with_what_if(name)
    new = {path: value for path, value in settings.items() if f"{path}={value}" not in planned.changes}
    scenario = scenario.with_(new) if new else scenario
    return Recorded(scenario, placement, tuple(_notes(file, planned, scenario, asked, settings)))


def _notes(file: Path, planned: Scenario, now: Scenario, asked: Invocation, settings: Mapping[str, str]) -> list[str]:
    wanted = [*(f"with {name}" for name in asked.what_ifs), *(f"{path}={value}" for path, value in settings.items())]
    only_planned = [change for change in planned.changes if change not in wanted]
    only_now = now.changes[len(planned.changes) :]
    notes = []
    if plan_file.document_of(file)["scenario_hash"] != planned.hash:
        what = "text or a profile file" if planned.files else "text"
        notes.append(f"the {what} of {planned.name} has changed since this plan was made: plan again to be sure")
    if only_planned:
        notes.append(
            f"the plan was made with changes not asked for now, which hold here too: {'; '.join(only_planned)}"
        )
    if only_now:
        notes.append(f"the plan was made without {'; '.join(only_now)}: the placement is the old one")
    return notes
