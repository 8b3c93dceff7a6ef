"""What differs between two plans: what moves, how many nodes, what it costs, what is promised."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from planner.plan_document import BillEntry, PlanDocument, PoolEntry, RequirementEntry, TaskEntry

_PLACE = ("pool", "tier", "on", "variant", "unit")
_SIZE = ("tier", "at", "on", "count", "per", "spare", "nodes")
_JUDGEMENT = ("limit", "planned", "simulated", "met")


@dataclass(frozen=True)
class Moved:
    """A task at the sites of a group (or with its source in a region) that runs elsewhere, or in another variant."""

    workload: str
    task: str
    group: str
    before: TaskEntry | None  # None: only the other plan has it
    after: TaskEntry | None


@dataclass(frozen=True)
class Resized:
    """A pool at the sites of a group, or in its region, of other nodes; without nodes it is as good as absent."""

    pool: str
    group: str | None
    before: PoolEntry | None
    after: PoolEntry | None


@dataclass(frozen=True)
class Repriced:
    """One item of the bill over all groups [USD a month]; ``None`` where it is not on the bill or costs nothing."""

    item: str
    of: str
    before: float | None
    after: float | None
    change: float


@dataclass(frozen=True)
class Rejudged:
    """A requirement with another limit, another value or another verdict."""

    workload: str
    of: str
    metric: str
    group: str | None
    before: RequirementEntry | None
    after: RequirementEntry | None


@dataclass(frozen=True)
class Differences:
    """Between an old and a new plan; pairs are (old, new). How long the planning took is none."""

    scenarios: tuple[str, str]
    dropped: tuple[str, ...]  # changes of the scenario that only the old plan was made with
    added: tuple[str, ...]  # and only the new one
    same_text: bool  # of the scenarios, after their changes
    statuses: tuple[str, str]
    costs: tuple[float | None, float | None]  # USD a month; None: no placement
    moves: tuple[Moved, ...]
    nodes: tuple[Resized, ...]
    bill: tuple[Repriced, ...]
    requirements: tuple[Rejudged, ...]

    @property
    def none(self) -> bool:
        """Whether both say the same."""
        same = self.same_text and not self.dropped and not self.added and len(set(self.scenarios)) == 1
        same = same and len(set(self.statuses)) == 1 and _alike(*self.costs)
        return same and not (self.moves or self.nodes or self.bill or self.requirements)

    def to_dict(self) -> dict[str, Any]:
        """For ``diff --json``."""
        found = asdict(self)
        return {"equal": self.none, **found}


def differences(old: PlanDocument, new: PlanDocument) -> Differences:
    """Compare two plans, of one scenario or of two, by the names in them.

    A placement counts as equal if it runs on the same hardware in the same variant, wherever the time comes from;
    numbers are equal within a billionth.
    """
    changes, later = old["scenario_changes"], new["scenario_changes"]
    return Differences(
        scenarios=(old["scenario"], new["scenario"]),
        dropped=tuple(change for change in changes if change not in later),
        added=tuple(change for change in later if change not in changes),
        same_text=old["scenario_hash"] == new["scenario_hash"],
        statuses=(old["status"], new["status"]),
        costs=(old["cost_usd_per_month"], new["cost_usd_per_month"]),
        moves=tuple(Moved(*key, *pair) for key, *pair in _unlike(_tasks(old), _tasks(new), _same(_PLACE))),
        nodes=tuple(Resized(*key, *pair) for key, *pair in _unlike(_pools(old), _pools(new), _same(_SIZE))),
        bill=tuple(_repriced(*key, *pair) for key, *pair in _unlike(_bill(old["bill"]), _bill(new["bill"]), _alike)),
        requirements=tuple(
            Rejudged(*key, *pair) for key, *pair in _unlike(_required(old), _required(new), _same(_JUDGEMENT))
        ),
    )


def _tasks(plan: PlanDocument) -> dict[tuple[str, str, str], TaskEntry]:
    return {
        (route["workload"], task["task"], route["site"]): task for route in plan["routes"] for task in route["tasks"]
    }


def _pools(plan: PlanDocument) -> dict[tuple[str, str | None], PoolEntry]:
    return {(pool["pool"], pool["group"]): pool for pool in plan["pools"] if pool["nodes"]}


def _bill(lines: Iterable[BillEntry]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for line in lines:
        key = line["item"], line["of"]
        found[key] = found.get(key, 0.0) + line["usd_per_month"]
    return {key: usd for key, usd in found.items() if usd}


def _repriced(item: str, of: str, before: float | None, after: float | None) -> Repriced:
    return Repriced(item, of, before, after, (after or 0.0) - (before or 0.0))


def _required(plan: PlanDocument) -> dict[tuple[str, str, str, str | None], RequirementEntry]:
    return {(one["workload"], one["of"], one["metric"], one["group"]): one for one in plan["requirements"]}


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def _unlike(
    old: Mapping[Key, Value], new: Mapping[Key, Value], same: Callable[[Any, Any], bool]
) -> Iterator[tuple[Key, Value | None, Value | None]]:
    """Each key whose values differ, with both; the old ones first."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before is None or after is None or not same(before, after):
            yield key, before, after


def _same(names: Iterable[str]) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    return lambda one, other: all(_alike(one[name], other[name]) for name in names)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)
