"""A scenario: everything the architect said, resolved, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from hardware_profiles.recording import Recording
from scenarios.disruptions import Drill
from scenarios.links import Link
from scenarios.places import Group, Site
from scenarios.pools import Pool
from scenarios.prices import PriceBook
from scenarios.user_figures import FigureFile, UserFigure
from scenarios.workloads import DataItem, Workload

MOST_SITES = 200  # of one group that are simulated in full where the study does not say


@dataclass(frozen=True)
class Study:
    """How to look at it; never changes what the world is.

    ``sample`` holds how many sites of a group are simulated in full, by its key, where that is stated or where the
    usual number would bring too few requests. ``at`` is the hour of the week that ``simulate`` plays; without one it is
    the busiest of each workload, for which alone a plan is made.
    """

    span_s: float  # measured: requests born in [warm_up, warm_up + span)
    warm_up_s: float
    replications: int
    sample: Mapping[str, int] = field(default_factory=dict)
    detects_warm_up: bool = False  # by pilot runs, in place of ``warm_up_s``
    at: int | None = None
    drills: tuple[Drill, ...] = ()

    def in_full(self, group: Group) -> int:
        """How many of the identical sites of a group are simulated in full."""
        return min(group.count, self.sample.get(group.key, MOST_SITES))


@dataclass(frozen=True)
class NotYet:
    """A part of the scenario that is kept but not planned or not simulated by this version."""

    path: str
    what: str
    planned: bool
    simulated: bool


@dataclass(frozen=True)
class JudgedPart:
    """A part that is simulated but stands in no contract of the planner: only a simulation judges it."""

    path: str
    what: str


@dataclass(frozen=True)
class Hole:
    """A model that a task could run on hardware where nobody measured it: valid, but no route will use it.

    ``path`` is the task's model; ``message`` names the nearest that was measured and the line to paste.
    """

    path: str
    model: str
    hardware: str
    message: str


@dataclass(frozen=True)
class Scenario:
    """Descriptions only; running it never changes it. Sizes in bytes, times in seconds, money in USD."""

    name: str
    about: str
    patterns: tuple[str, ...]
    currency: str
    usd_per_currency: float  # 1 unit of ``currency`` in USD
    exchange_date: str
    sites: tuple[Site, ...]
    pools: tuple[Pool, ...]
    links: tuple[Link, ...]
    data: tuple[DataItem, ...]
    workloads: tuple[Workload, ...]
    budget_usd_per_month: float | None
    study: Study
    prices: PriceBook
    figures: tuple[UserFigure, ...]
    sources: Mapping[str, str]
    what_ifs: tuple[str, ...]
    not_yet: tuple[NotYet, ...]
    changes: tuple[str, ...]  # applied overrides, as the user wrote them
    document: Mapping[str, Any]  # the plain text form after overrides
    file: str
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict, repr=False, compare=False)
    holes: tuple[Hole, ...] = ()
    judged: tuple[JudgedPart, ...] = ()
    files: tuple[FigureFile, ...] = ()  # that its figures are from, as they were when it was loaded
    recordings: tuple[Recording, ...] = ()  # of its traces, as they were when it was loaded
    folder: Path | None = field(default=None, repr=False, compare=False)  # where its paths start; None: nowhere

    def with_(self, changes: Mapping[str, Any]) -> Scenario:
        """A new, validated scenario with the value at each path replaced, as ``--set`` does.

        Raises BadInput for a path that leads nowhere or a value that does not fit.
        """
        from scenarios.loading import changed_scenario

        return changed_scenario(self, changes)

    def with_what_if(self, name: str) -> Scenario:
        """A new, validated scenario with one of its named changes applied. Raises BadInput for an unknown name."""
        from scenarios.loading import what_if_scenario

        return what_if_scenario(self, name)

    def with_prices(self, prices: PriceBook) -> Scenario:
        """The same scenario at other prices."""
        return replace(self, prices=prices)

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits of the text after all changes and of what its profile files and traces say.

        Equal texts with equal files have equal hashes.
        """
        text = json.dumps(self.document, sort_keys=True, ensure_ascii=False, default=str)
        text += "".join([*(file.digest for file in self.files), *(one.digest for one in self.recordings)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(group for site in self.sites for group in site.groups)

    def group(self, key: str) -> Group:
        return next(group for group in self.groups if group.key == key)

    def pool(self, name: str) -> Pool:
        return next(pool for pool in self.pools if pool.name == name)

    def workload(self, name: str) -> Workload:
        return next(workload for workload in self.workloads if workload.name == name)

    def groups_of(self, pool: Pool) -> tuple[Group | None, ...]:
        """The groups whose sites hold the pool; ``(None,)`` for a pool in a region."""
        return tuple(g for g in self.groups if g.site == pool.at) if pool.local else (None,)
