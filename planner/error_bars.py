"""What an estimate leaves open: the limits of a placement again, with its estimated times at the far ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hardware_profiles.estimates import in_ms
from planner.contracts import Contracts, Limit
from planner.flows import flows
from planner.milp import Solution
from planner.problem import Problem
from planner.routes import Candidate
from scenarios.figures import Variant
from scenarios.scenario import Scenario


@dataclass(frozen=True)
class FarEnd:
    """One limit with every estimated time at the far end of its error bar.

    ``variants`` are the estimated ones; those on the limit's own way where there are any.
    """

    limit: Limit
    variants: tuple[Variant, ...]

    @property
    def note(self) -> str:
        """``met with resnet50 int8 at 2.99 ms, broken at 9.19 ms (estimated)``."""
        means = [f"{one.name} at {in_ms(one.origin.value * 1e3)}" for one in self.variants]
        ends = [in_ms(one.origin.bar[1] * 1e3) for one in self.variants if one.origin.bar is not None]
        return f"met with {' and '.join(means)}, broken at {' and '.join(ends)} (estimated)"


def far_ends(problem: Problem, solution: Solution, limits: tuple[Limit, ...]) -> tuple[FarEnd | None, ...]:
    """For each limit the same at the far ends; None where no estimate bears on it.

    The placement is searched at the estimates themselves. Nine in ten are right within their bars, so that a limit
    kept at the far ends may be called met.
    """
    chosen = solution.candidates(problem)
    every = tuple(dict.fromkeys(one for candidate in chosen.values() for one in _estimated(candidate)))
    if not every:
        return (None,) * len(limits)
    slowest = {key: _slowest(problem.scenario, candidate) for key, candidate in chosen.items()}
    found = Contracts(problem, slowest, solution.counts).limits()
    return tuple(
        FarEnd(far, _estimated(chosen[limit.origin], limit.latency.of) or every)
        if far.planned_s != limit.planned_s
        else None
        for limit, far in zip(limits, found, strict=True)
    )


def _estimated(candidate: Candidate, of: str = "") -> tuple[Variant, ...]:
    """Those with an error bar, on the way to the answer of a task; with no task, all."""
    tasks = candidate.origin.workload.up_to(of) if of else {step.task for step in candidate.route.steps}
    variants = (step.variant for step in candidate.route.steps if step.task in tasks)
    return tuple(dict.fromkeys(variant for variant in variants if variant.origin.bar is not None))


def _slowest(scenario: Scenario, candidate: Candidate) -> Candidate:
    steps = tuple(replace(step, variant=step.variant.slowest) for step in candidate.route.steps)
    route = replace(candidate.route, steps=steps)
    return replace(candidate, route=route, flows=flows(scenario, candidate.origin, route))
