"""Requirements about what goes on while a line is down, judged by playing that break in the busiest hour."""

from __future__ import annotations

import math
from collections.abc import Iterator

import sim
from planner.contracts import AT_ALL_S
from planner.plans import Check, Verdict
from planner.problem import Problem
from scenarios.disruptions import Drill
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from scenarios.workloads import Batch, Workload
from sim.result import Result

REPLICATIONS = 2  # a break of hours brings many requests


def drilled(problem: Problem, placement: Placement, seed: int) -> Iterator[Check]:
    """Each workload with tasks that must go on for a time: all lines of its site are down for that long.

    Its kept tasks have to keep their latency limits, what waits must fit into the buffer that is stated, and be gone
    in time. Without a finite time the rule is enough: what is kept does not use the lines.
    """
    scenario = problem.scenario
    played: dict[tuple[str, float], Result] = {}
    for workload in scenario.workloads:
        offline = workload.requires.offline
        if offline is None or offline.for_s is None or isinstance(workload.arrivals, Batch):
            continue
        place = scenario.pool(workload.source).at
        links = _away(scenario, place)
        if not links:
            continue
        if (place, offline.for_s) not in played:
            drill = Drill(f"{place} offline", offline.for_s, links)
            found = sim.simulate(scenario, placement, replications=REPLICATIONS, seed=seed, drill=drill)
            played[place, offline.for_s] = found
        result = played[place, offline.for_s]
        yield from _kept(scenario, workload, result)
        yield from _backlog(workload, result)


def available(problem: Problem, placement: Placement, seed: int) -> Iterator[Check]:
    """Each requirement of availability: the part of a month's requests that no answer comes to.

    Every link with outages is down for a repair at a time, and so often as it fails; what waits and is answered later
    counts as answered.
    """
    scenario = problem.scenario
    failing = [link for link in scenario.links if link.outages]
    asked = [one for one in scenario.workloads if one.requires.availability and not isinstance(one.arrivals, Batch)]
    if not asked:
        return
    never = dict.fromkeys((one.name for one in asked), 0.0)
    for link in failing:
        assert link.outages is not None
        drill = Drill(link.name, link.outages.mttr_s, (link.name,))
        limits = [(one.name, _of(one), AT_ALL_S) for one in asked]
        result = sim.simulate(scenario, placement, replications=REPLICATIONS, seed=seed, drill=drill, limits=limits)
        for one in asked:
            never[one.name] += link.outages.down * (1 - result.attainment(one.name, _of(one), AT_ALL_S).value)
    for one in asked:
        assert one.requires.availability is not None
        limit, found = 1 - one.requires.availability.at_least, never[one.name]
        verdict: Verdict = "met" if found <= limit else "missed"
        path = f"workloads.{one.name}.requires.availability"
        yield Check(one.name, _of(one), "unanswered", None, limit, "", math.nan, found, verdict=verdict, path=path)


def _of(workload: Workload) -> str:
    assert workload.requires.availability is not None
    return workload.requires.availability.of


def _away(scenario: Scenario, place: str) -> tuple[str, ...]:
    """Links that lead away from a place."""
    return tuple(link.name for link in scenario.links if place in link.ends and not link.within)


def _kept(scenario: Scenario, workload: Workload, result: Result) -> Iterator[Check]:
    offline = workload.requires.offline
    assert offline is not None
    for limit in workload.requires.latency:
        if limit.of in offline.keep:
            for group in scenario.groups_of(scenario.pool(workload.source)):
                key = group.key if group else None
                value = result.percentile(workload.name, limit.of, limit.percentile, key)
                yield Check(
                    workload.name,
                    limit.of,
                    f"{limit.metric} offline",
                    key,
                    limit.limit_s,
                    "s",
                    math.nan,
                    value.value,
                    value.low,
                    value.high,
                    result.verdict(workload.name, limit.of, limit.percentile, limit.limit_s, key),
                    path=f"workloads.{workload.name}.requires.offline",
                )


def _backlog(workload: Workload, result: Result) -> Iterator[Check]:
    offline, path = workload.requires.offline, f"workloads.{workload.name}.requires.offline"
    assert offline is not None
    returns = result.returns
    if offline.buffer_bytes is not None:
        most = float(returns.groupby(["replication", "group", "site"])["bytes"].sum().max()) if len(returns) else 0.0
        verdict: Verdict = "met" if most <= offline.buffer_bytes else "missed"
        yield _about(workload, "buffer", offline.buffer_bytes, "B", most, verdict, path)
    if offline.drained_within_s is not None:
        last = float(returns["drained_s"].max(skipna=False)) if len(returns) else 0.0
        verdict = "met" if last <= offline.drained_within_s else "missed"
        yield _about(workload, "drained within", offline.drained_within_s, "s", last, verdict, path)


def _about(
    workload: Workload, metric: str, limit: float, unit: str, found: float, verdict: Verdict, path: str
) -> Check:
    return Check(workload.name, "answer", metric, None, limit, unit, math.nan, found, verdict=verdict, path=path)
