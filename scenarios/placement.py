"""Where everything runs: routes and node counts."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.figures import Variant


@dataclass(frozen=True)
class Step:
    """One task on one pool in one variant."""

    task: str
    pool: str
    variant: Variant


@dataclass(frozen=True)
class Route:
    """For one workload at the sites of one group, the pool and variant of every task."""

    workload: str
    group: str  # Group.key
    steps: tuple[Step, ...]

    def step(self, task: str) -> Step:
        return next(step for step in self.steps if step.task == task)


@dataclass(frozen=True)
class Nodes:
    """What a pool consists of at the sites of one group, or in its region (``group`` is ``None``)."""

    pool: str
    group: str | None
    on: str  # the hardware or offer chosen
    count: int  # for each fact, site or region, as the scenario counts it
    spare: int = 0  # bought beside them, per site or region


@dataclass(frozen=True)
class Placement:
    """All routes and node counts. A pool that nobody uses has a count of 0."""

    routes: tuple[Route, ...]
    nodes: tuple[Nodes, ...]

    def route(self, workload: str, group: str) -> Route:
        return next(r for r in self.routes if r.workload == workload and r.group == group)

    def nodes_of(self, pool: str, group: str | None) -> Nodes:
        return next(n for n in self.nodes if n.pool == pool and n.group == group)
