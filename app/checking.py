"""What ``tierwise check`` finds out about a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.lines import paragraph
from hardware_profiles.faults import BadInput, Fault
from planner import plan_file
from scenarios.loading import load
from scenarios.scenario import NotYet, Scenario
from scenarios.totals import totals


@dataclass(frozen=True)
class Checked:
    """A file with the scenario it holds or, where it is wrong, with all its faults."""

    file: str
    kind: str  # scenario or plan
    scenario: Scenario | None
    faults: tuple[Fault, ...] = ()

    @property
    def not_planned(self) -> list[str]:
        return [f"{part.path}: {part.what}" for part in self._not_yet if not part.planned]

    @property
    def not_simulated(self) -> list[str]:
        return [f"{part.path}: {part.what}" for part in self._not_yet if not part.simulated]

    @property
    def _not_yet(self) -> tuple[NotYet, ...]:
        return self.scenario.not_yet if self.scenario else ()

    def to_dict(self) -> dict[str, Any]:
        """For ``check --json``."""
        return {
            "file": self.file,
            "kind": self.kind,
            "valid": not self.faults,
            "name": self.scenario.name if self.scenario else None,
            "totals": totals(self.scenario) if self.scenario else [],
            "not_planned_yet": self.not_planned,
            "not_simulated_yet": self.not_simulated,
            "faults": [
                {name: getattr(fault, name) for name in ("file", "line", "path", "found", "expected", "nearest")}
                for fault in self.faults
            ],
        }


def checked(file: str, changes: Mapping[str, str], what_ifs: Sequence[str]) -> Checked:
    """Reads a scenario (a file or a name of the library) or, where the name ends in ``.json``, a plan."""
    kind = "plan" if file.endswith(".json") else "scenario"
    if kind == "plan" and (changes or what_ifs):
        return Checked(file, kind, None, (Fault("", "--set or --with for a plan", "a scenario to change", file),))
    try:
        scenario = plan_file.read(file)[0] if kind == "plan" else load(file, set=changes, what_if=what_ifs)
    except BadInput as bad:
        return Checked(file, kind, None, bad.faults)
    return Checked(file, kind, scenario)


def lines(one: Checked) -> list[str]:
    """Totals of a valid file, and the parts that are kept for a later version."""
    assert one.scenario is not None
    found = [f"{one.file}: a valid {one.kind}"]
    found += [f"  {line}" for line in totals(one.scenario)]
    both = [part for part in one.not_planned if part in one.not_simulated]
    for label, parts in (
        ("not planned and not simulated yet", both),
        ("not planned yet", [part for part in one.not_planned if part not in both]),
        ("not simulated yet", [part for part in one.not_simulated if part not in both]),
    ):
        if parts:
            found += [f"  {label}:", *(line for part in parts for line in paragraph("", part, 3))]
    return found
