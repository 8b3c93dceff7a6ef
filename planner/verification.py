"""Simulating a placement against its requirements, and closing the gap to cheaper ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sim
from planner.contracts import Contracts, Limit, solve
from planner.milp import Cut, Programme, Solution
from planner.plans import Verdict
from planner.problem import Problem
from sim.measures import Interval
from sim.result import Result

BATCH = 5  # replications simulated before the verdicts are read again
CANDIDATES = 12  # cheaper candidates and failed plans that may be simulated for one plan
GAP = 0.02  # a model gap that needs no further search

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Verified:
    """A placement with its simulation; ``limits`` and ``verdicts`` go together."""

    solution: Solution
    result: Result
    limits: tuple[Limit, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def missed(self) -> list[Limit]:
        return [limit for limit, verdict in zip(self.limits, self.verdicts, strict=True) if verdict == "missed"]


@dataclass(frozen=True)
class Outcome:
    """The plan found (``None`` where there is none) and what is proven about cheaper ones."""

    plan: Verified | None
    bound: float | None
    refuted: int
    solves: int
    undecided: int  # cheaper candidates that the budget of replications could not judge
    cuts: tuple[Cut, ...]  # all that was learned; they hold for the problem as posed


def search(problem: Problem, *, seed: int, progress: Progress) -> Outcome:
    """Solve, simulate, cut where the simulation disagrees; then simulate cheaper candidates, cheapest first.

    The bound is the cost of the cheapest placement without waiting (ρ ≤ 1) that no simulation has refuted: contracts
    may be too pessimistic, so they are not part of it.
    """
    simulated: list[Cut] = []
    learned: list[Cut] = []
    best: Verified | None = None
    solves = refuted = 0
    for _ in range(CANDIDATES):
        progress("solving")
        cuts = [*simulated, *learned]
        found = solve(problem, cuts)
        learned = [cut for cut in cuts if cut.by == "contract"]
        if found is None:
            break
        solution, number = found
        solves += number
        progress("simulating the plan")
        verified = simulate(problem, solution, seed=seed)
        if not verified.missed:
            best = verified
            break
        simulated += [_cut(problem, solution, limit) for limit in verified.missed]
    undecided = 0
    bound: float | None = None
    for _ in range(CANDIDATES):
        cheaper = Programme(problem, simulated).solve()
        solves += 1
        if cheaper is None:
            bound = best.solution.usd_per_month if best else None
            break
        bound = cheaper.bound
        if best is not None and cheaper.usd_per_month >= best.solution.usd_per_month * (1 - GAP):
            break
        progress(f"simulating a cheaper candidate ({refuted} refuted)")
        verified = simulate(problem, cheaper, seed=seed, stop_when_missed=True)
        if verified.missed:
            refuted += 1
            simulated += [_cut(problem, cheaper, limit) for limit in verified.missed]
        elif "undecided" in verified.verdicts:
            undecided += 1
            if best is None:
                best = verified
            break
        else:
            best = verified
            break
    return Outcome(best, bound, refuted, solves, undecided, (*simulated, *learned))


def simulate(problem: Problem, solution: Solution, *, seed: int, stop_when_missed: bool = False) -> Verified:
    """Simulate a placement; undecided limits get twice the replications of the study at most."""
    scenario = problem.scenario
    limits = tuple(Contracts(problem, solution.candidates(problem), solution.counts).limits())
    run = sim.prepare(scenario, solution.placement(problem), seed=seed)
    most = 2 * scenario.study.replications
    played = 0
    while True:
        step = min(BATCH, most - played)
        run.add(step)
        played += step
        result = run.result()
        verdicts = tuple(verdict(result, limit) for limit in limits)
        if stop_when_missed and "missed" in verdicts:
            break
        enough = played >= scenario.study.replications
        if played >= most or (enough and "undecided" not in verdicts):
            break
    return Verified(solution, result, limits, verdicts)


def verdict(result: Result, limit: Limit) -> Verdict:
    """Met or missed where the 95 % interval of the attainment is clear of the percentile, else undecided."""
    if limit.limit_s is None:
        return "met"
    attained: Interval = result.attainment(limit.origin[0], limit.latency.of, limit.limit_s, limit.origin[1])
    if attained.low >= limit.latency.percentile:
        return "met"
    return "missed" if attained.high < limit.latency.percentile else "undecided"


def _cut(problem: Problem, solution: Solution, limit: Limit) -> Cut:
    return Contracts(problem, solution.candidates(problem), solution.counts).one_more(limit, "simulation")
