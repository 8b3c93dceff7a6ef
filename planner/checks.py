"""Each requirement with its limit, its planned and its simulated value."""

from __future__ import annotations

from collections.abc import Iterator

from planner.contracts import AT_ALL_S, Limit
from planner.error_bars import FarEnd, far_ends
from planner.plans import Check, Verdict
from planner.problem import Problem
from planner.routes import Candidate
from planner.rules import transfer_s
from planner.verification import Verified
from scenarios.journey import legs
from scenarios.workloads import Batch


def checks(problem: Problem, verified: Verified, usd_per_month: float) -> tuple[Check, ...]:
    """Latency first, as planned by the contracts and as simulated; then the rules that every route keeps."""
    ends = far_ends(problem, verified.solution, verified.limits)
    judged = zip(verified.limits, verified.verdicts, ends, strict=True)
    found = [_latency(verified, limit, verdict, end) for limit, verdict, end in judged]
    for candidate in verified.solution.candidates(problem).values():
        found += [*_accuracy(candidate), *_done_by(problem, candidate), *_kept(candidate)]
    found += _privacy(problem, verified)
    budget = problem.scenario.budget_usd_per_month
    if budget is not None:
        verdict: Verdict = "met" if usd_per_month <= budget + 0.005 else "missed"
        found.append(
            Check("", "scenario", "cost", None, budget, "USD", usd_per_month, verdict=verdict, path="limits.budget")
        )
    return tuple(found)


def _latency(verified: Verified, limit: Limit, verdict: Verdict, end: FarEnd | None) -> Check:
    """What is met by an estimate and would not be at the far end of its error bar is undecided."""
    workload, group = limit.origin
    of, p = limit.latency.of, limit.latency.percentile
    if limit.latency.limit_s == AT_ALL_S:
        return _drops(verified, limit, verdict)
    interval = verified.result.percentile(workload, of, p, group)
    open_ = end is not None and end.limit.broken and verdict != "missed"
    return Check(
        workload,
        of,
        limit.latency.metric,
        group,
        limit.latency.limit_s,
        "s",
        limit.planned_s,
        interval.value,
        interval.low,
        interval.high,
        "undecided" if open_ else verdict,
        verified.result.worst_queue(workload, of, p, group)[1],
        limit.path,
        end.limit.planned_s if end is not None else None,
        end.note if end is not None and open_ else "",
        tuple(dict.fromkeys(one.origin.path for one in end.variants)) if end is not None and open_ else (),
    )


def _drops(verified: Verified, limit: Limit, verdict: Verdict) -> Check:
    """The contracts drop nothing: everyone waits for as long as it takes."""
    workload, group = limit.origin
    of, most = limit.latency.of, 1 - limit.latency.percentile
    kept = verified.result.attainment(workload, of, AT_ALL_S, group)
    lost = (1 - kept.value, 1 - kept.high, 1 - kept.low)
    return Check(workload, of, "drops", group, most, "", 0.0, *lost, verdict=verdict, path=limit.path)


def _accuracy(candidate: Candidate) -> Iterator[Check]:
    workload = candidate.origin.workload
    floor = workload.requires.accuracy_at_least
    if floor is not None and candidate.accuracy is not None:
        path = f"workloads.{workload.name}.requires.accuracy.at_least"
        group = candidate.origin.key[1]
        yield Check(workload.name, "answer", "accuracy", group, floor, "", candidate.accuracy, verdict="met", path=path)


def _done_by(problem: Problem, candidate: Candidate) -> Iterator[Check]:
    workload = candidate.origin.workload
    limit = workload.requires.done_within_s
    if isinstance(workload.arrivals, Batch) and limit is not None:
        needed = transfer_s(problem.scenario, candidate.origin, candidate.route)
        path = f"workloads.{workload.name}.requires.done_by"
        yield Check(
            workload.name, "batch", "done within", candidate.origin.key[1], limit, "s", needed, verdict="met", path=path
        )


def _kept(candidate: Candidate) -> Iterator[Check]:
    """By rule: a route with a kept task, a predecessor or a message of theirs outside the site is not admissible."""
    workload = candidate.origin.workload
    offline = workload.requires.offline
    if offline is not None and offline.keep:
        away = sum(broken.requirement == "offline" for broken in candidate.broken)
        path = f"workloads.{workload.name}.requires.offline"
        verdict: Verdict = "missed" if away else "met"
        group, kept = candidate.origin.key[1], ", ".join(offline.keep)
        yield Check(workload.name, kept, "offline", group, 0.0, "tasks away", float(away), verdict=verdict, path=path)


def _privacy(problem: Problem, verified: Verified) -> Iterator[Check]:
    """Bytes of each bounded data item where it may not be seen: none by rule, and the engine asserts it."""
    played = _played_data(problem, verified)
    for item in problem.scenario.data:
        if item.may_reach is not None:
            path = f"data.{item.name}.may_reach"
            simulated = 0.0 if item.name in played else None  # what only batches carry is not played
            yield Check("", item.name, "bytes outside", None, 0.0, "B", 0.0, simulated, verdict="met", path=path)


def _played_data(problem: Problem, verified: Verified) -> set[str | None]:
    scenario = problem.scenario
    sent = (
        legs(scenario, workload, route)
        for route in verified.solution.placement(problem).routes
        if not isinstance((workload := scenario.workload(route.workload)).arrivals, Batch)
    )
    return {leg.message.data for each in sent for leg in each}
