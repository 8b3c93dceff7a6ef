"""What ``tierwise check`` finds out about a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.printed.lines import paragraph
from hardware_profiles import profile_file
from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.importing import no_service_time
from hardware_profiles.measurement import Measurement
from hardware_profiles.reading import json_of, text_of
from planner import plan_file
from planner.formats import plural, short_percent
from planner.wording import sampled_in_words, tier_in_words
from scenarios.loading import load
from scenarios.pools import Pool
from scenarios.scenario import NotYet, Scenario
from scenarios.totals import totals
from scenarios.workloads import Task

_MOST = 3  # ways to run a model that are named


@dataclass(frozen=True)
class Checked:
    """A file with the scenario or the measurements it holds or, where it is wrong, with all its faults."""

    file: str
    kind: str  # scenario, plan or profile file
    scenario: Scenario | None
    faults: tuple[Fault, ...] = ()
    measurements: tuple[Measurement, ...] = ()

    @property
    def not_planned(self) -> list[str]:
        return [f"{part.path}: {part.what}" for part in self._not_yet if not part.planned]

    @property
    def not_simulated(self) -> list[str]:
        return [f"{part.path}: {part.what}" for part in self._not_yet if not part.simulated]

    @property
    def judged(self) -> list[str]:
        return [f"{part.path}: {part.what}" for part in (self.scenario.judged if self.scenario else ())]

    @property
    def sampled(self) -> dict[str, tuple[int, int]]:
        """(sites that a simulation plays in full, sites) of each group where these differ."""
        if self.scenario is None:
            return {}
        sites = {group.key: (self.scenario.study.in_full(group), group.count) for group in self.scenario.groups}
        return {key: (some, of) for key, (some, of) in sorted(sites.items()) if some < of}

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
            "totals": totals(self.scenario) if self.scenario else measured_in_words(self.measurements),
            "pools": [pool_in_words(self.scenario, pool) for pool in self.scenario.pools] if self.scenario else [],
            "tasks": tasks_in_words(self.scenario) if self.scenario else [],
            "sampled": {group: {"simulated": some, "of": of} for group, (some, of) in self.sampled.items()},
            "nobody_measured": [asdict(hole) for hole in self.scenario.holes] if self.scenario else [],
            "only_simulated": self.judged,
            "not_planned_yet": self.not_planned,
            "not_simulated_yet": self.not_simulated,
            "faults": [
                {name: getattr(fault, name) for name in ("file", "line", "path", "found", "expected", "nearest")}
                for fault in self.faults
            ],
        }


def checked(file: str, changes: Mapping[str, str], what_ifs: Sequence[str]) -> Checked:
    """Reads a scenario (a file or a name of the library) or, where the name ends in ``.json``, a plan or profile."""
    kind = "scenario"
    if file.endswith(".json"):
        kind = "profile file" if _has_measurements(Path(file)) else "plan"
    if kind != "scenario" and (changes or what_ifs):
        return Checked(file, kind, None, (Fault("", f"--set or --with for a {kind}", "a scenario to change", file),))
    try:
        if kind == "profile file":
            return Checked(file, kind, None, measurements=profile_file.read(Path(file)))
        scenario = plan_file.read(file)[0] if kind == "plan" else load(file, set=changes, what_if=what_ifs)
    except BadInput as bad:
        return Checked(file, kind, None, bad.faults)
    faults = tuple(_faults_of_what_ifs(scenario)) if kind == "scenario" else ()
    return Checked(file, kind, None if faults else scenario, faults)


def _has_measurements(file: Path) -> bool:
    """Whether it is meant as a profile file, however much is wrong with it."""
    try:
        raw = json_of(text_of(file))
    except BadInput:
        return False
    return isinstance(raw, dict) and "measurements" in raw and "kind" not in raw


def _faults_of_what_ifs(scenario: Scenario) -> Iterator[Fault]:
    """A named change is only read when it is asked for: tried here, so that its author hears of a slip now."""
    for name in scenario.what_ifs:
        try:
            scenario.with_what_if(name)
        except BadInput as bad:
            yield from (replace(fault, path=f"what_if.{name}, {fault.path}") for fault in bad.faults)


def lines(one: Checked) -> list[str]:
    """Totals, pools and tasks of a valid file, what nobody measured, and the parts kept for a later version.

    Of a profile file, what was measured.
    """
    found = [f"{one.file}: a valid {one.kind}"]
    if one.scenario is None:
        return [*found, *(f"  {line}" for line in measured_in_words(one.measurements))]
    found += [f"  {line}" for line in totals(one.scenario)]
    found += ["  pools:", *_indented(pool_in_words(one.scenario, pool) for pool in one.scenario.pools)]
    found += ["  tasks:", *_indented(tasks_in_words(one.scenario))]
    sampled = sampled_in_words(one.scenario, one.sampled)
    found += ["  simulation:", *_indented([sampled])] if sampled else []
    if one.scenario.holes:
        found.append("  nobody measured here (--json has the nearest that was, and the line to paste):")
        found += _indented(f"{hole.model} on {hole.hardware}: {hole.path}" for hole in one.scenario.holes)
    both = [part for part in one.not_planned if part in one.not_simulated]
    for label, parts in (
        ("in no contract of the planner, judged by simulation", one.judged),
        ("not planned and not simulated yet", both),
        ("not planned yet", [part for part in one.not_planned if part not in both]),
        ("not simulated yet", [part for part in one.not_simulated if part not in both]),
    ):
        if parts:
            found += [f"  {label}:", *_indented(parts)]
    return found


def _indented(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in paragraph("", text, 3)]


def measured_in_words(measurements: Sequence[Measurement]) -> list[str]:
    """``yolo11n on my-board: 3 (fp32 onnxruntime CPU, int8 tflite NPU)``, and how many no scenario can use and why."""
    pairs: dict[str, list[Measurement]] = {}
    for one in measurements:
        pairs.setdefault(f"{one.model} on {one.hardware}", []).append(one)
    found = [plural(len(measurements), "measurement")]
    for pair, some in pairs.items():
        words = [" ".join(filter(None, (one.precision, one.runtime, one.unit))) or "not said how" for one in some]
        hows = list(dict.fromkeys(words))
        more = f" and {len(hows) - _MOST} more" if len(hows) > _MOST else ""
        found.append(f"{pair}: {len(some)} ({', '.join(hows[:_MOST])}{more})")
    left_out = Counter(why for one in measurements if (why := no_service_time(one)))
    return [*found, *(f"not for scenarios: {number} ({why})" for why, number in left_out.items())]


def pool_in_words(scenario: Scenario, pool: Pool) -> str:
    """``gateway: gateway at plant, 0..4 jetson-orin-nano-super or jetson-orin-nx-16gb per line``."""
    count = pool.count
    number = f"{count.low}" if count.fixed else f"{count.low}..{count.high}"
    choices = pool.choices or tuple(dict.fromkeys(on for g in scenario.groups if (on := g.hardware.get(pool.name))))
    what = " or ".join(choices) + (f" per {count.per}" if count.per else "")
    more = [f"{pool.spare} spare"] if pool.spare else []
    more += ["owned"] if pool.owned else []
    more += ["paid by the user"] if pool.paid_by_user else []
    return ", ".join([f"{pool.name}: {tier_in_words(pool.tier)} at {pool.at}", f"{number} {what}", *more])


def tasks_in_words(scenario: Scenario) -> list[str]:
    """``defects from camera: inspect (yolov8n or yolo11n)``, one for each workload in the order of its tasks."""
    return [
        f"{workload.name} from {workload.source}: {', then '.join(_task(task) for task in workload.tasks)}"
        for workload in scenario.workloads
    ]


def _task(task: Task) -> str:
    share = f"{short_percent(task.share)} of them, " if task.share < 1 else ""
    share = f"{task.collects} together, " if task.collects else share
    how = f"stored at {task.store_at}" if task.store_at else " or ".join(task.models) or "stated time"
    return f"{task.name} ({share}{how})"
