"""Simulating a placement against its requirements, and closing the gap to cheaper ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import sim
from hardware_profiles.faults import BadInput, Fault
from planner.contracts import Contracts, Limit, solve
from planner.flows import origins
from planner.milp import Cut, Programme, Solution
from planner.plans import Verdict
from planner.problem import Problem
from scenarios.demand import sample_to_judge, sites_to_judge
from scenarios.scenario import Scenario
from sim.result import Result

BATCH = 5  # replications simulated before the verdicts are read again
DOUBTED = 5  # times the replications of the study, for what the contracts refuse
CANDIDATES = 12  # cheaper candidates and failed plans that may be simulated for one plan
PATIENCE = 3  # cheaper candidates refuted one by one before the steps get longer
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
        return self._with("missed")

    @property
    def undecided(self) -> list[Limit]:
        return self._with("undecided")

    def _with(self, wanted: Verdict) -> list[Limit]:
        return [limit for limit, verdict in zip(self.limits, self.verdicts, strict=True) if verdict == wanted]


@dataclass(frozen=True)
class Outcome:
    """The plan found (``None`` where there is none) and what is proven about cheaper ones."""

    plan: Verified | None
    bound: float | None
    proven: bool  # there is none: without a plan and without this, the budget ran out
    refuted: int
    solves: int
    undecided: int  # cheaper candidates that the budget of replications could not judge
    cuts: tuple[Cut, ...]  # all that was learned; they hold for the problem as posed
    tried: tuple[Verified, ...]  # simulated, and not what was found


def search(problem: Problem, *, seed: int, progress: Progress) -> Outcome:
    """Solve, simulate, cut where the simulation disagrees; then simulate cheaper candidates, cheapest first.

    Contracts may be too pessimistic, so they are not part of the bound: that is the cost of the cheapest placement
    without waiting (ρ ≤ 1) that no simulation has refuted. A placement that stays undecided is passed over as long
    as one that meets everything can be found; it does not raise the bound.

    Raises
    ------
    BadInput
        Where the sites simulated in full bring too few requests to judge a limit by.
    """
    _refuse_thin_samples(problem.scenario)
    return _Search(problem, seed, progress).run()


class _Search:
    """What one search has learned so far."""

    def __init__(self, problem: Problem, seed: int, progress: Progress) -> None:
        self.problem, self.seed, self.progress = problem, seed, progress
        self.refuting: list[Cut] = []  # proven by simulation
        self.promised: list[Cut] = []  # of the contracts
        self.aside: list[Cut] = []  # undecided placements, not looked at again
        self.longer: list[Cut] = []  # longer steps while nothing is found; no proof
        self.best: Verified | None = None
        self.open: list[Verified] = []
        self.tried: list[Verified] = []
        self.solves = self.refuted = 0

    def run(self) -> Outcome:
        self._by_contract()
        self._cheaper()
        floor = Programme(self.problem, self.refuting).solve()
        best = self.best or min(self.open, key=lambda one: one.solution.usd_per_month, default=None)
        cost = best.solution.usd_per_month if best else math.inf
        undecided = [one for one in self.open if one is not best and one.solution.usd_per_month < cost - 0.005]
        proven = floor is None and best is None
        bound = floor.bound if floor else best.solution.usd_per_month if best else None
        cuts = (*self.refuting, *self.promised, *self.aside)
        tried = tuple(one for one in self.tried if one is not best)
        return Outcome(best, bound, proven, self.refuted, self.solves, len(undecided), cuts, tried)

    def _by_contract(self) -> None:
        """The optimum over the contracts, verified; where the simulation disagrees the next one."""
        for _ in range(CANDIDATES):
            self.progress("solving")
            cuts = [*self.refuting, *self.aside, *self.promised]
            known = len(cuts)
            found = solve(self.problem, cuts)
            self.promised += cuts[known:]
            if found is None:
                return
            self.solves += found[1]
            self.progress("simulating the plan")
            if self._judge(found[0], stop_when_missed=False):
                return

    def _cheaper(self) -> None:
        """Candidates below the plan, cheapest first, over what is stable and not refuted."""
        for number in range(CANDIDATES):
            cheaper = Programme(self.problem, [*self.refuting, *self.aside, *self.longer]).solve()
            self.solves += 1
            if cheaper is None:
                if not self.longer:
                    return
                self.longer.clear()  # the long steps left nothing: back to the short ones
                continue
            if self.best is not None and cheaper.usd_per_month >= self.best.solution.usd_per_month * (1 - GAP):
                return
            self.progress(f"simulating a cheaper candidate ({self.refuted} refuted)")
            if self._judge(cheaper, stop_when_missed=True, impatient=self.best is None and number >= PATIENCE):
                self.longer.clear()

    def _judge(self, solution: Solution, *, stop_when_missed: bool, impatient: bool = False) -> bool:
        """Simulate a placement; true where it meets everything and becomes the plan."""
        verified = simulate(self.problem, solution, seed=self.seed, stop_when_missed=stop_when_missed)
        contracts = Contracts(self.problem, solution.candidates(self.problem), solution.counts)
        if verified.missed or verified.undecided:
            self.tried.append(verified)
        if verified.missed:
            self.refuted += stop_when_missed
            self.refuting += [contracts.one_more(limit, "simulation") for limit in verified.missed]
            if impatient:
                self.longer += [contracts.one_more(limit, "simulation", times=2) for limit in verified.missed]
            return False
        if verified.undecided:
            self.open.append(verified)
            self.aside += [contracts.one_more(limit, "simulation") for limit in verified.undecided]
            return False
        self.best = verified
        return True


def simulate(problem: Problem, solution: Solution, *, seed: int, stop_when_missed: bool = False) -> Verified:
    """Simulate a placement; undecided limits get twice the replications of the study at most.

    Where the contracts, which see many more draws, say that it misses a limit, it is played longer before it is
    believed: replications that one draw of the phases decides may all be alike by chance, and then look certain.
    """
    scenario = problem.scenario
    limits = tuple(Contracts(problem, solution.candidates(problem), solution.counts).limits())
    counted = [(one.origin[0], one.latency.of, one.limit_s) for one in limits if one.limit_s is not None]
    run = sim.prepare(scenario, solution.placement(problem), seed=seed, limits=counted)
    doubted = any(one.broken for one in limits)
    least = scenario.study.replications * (DOUBTED if doubted else 1)
    most = max(least, 2 * scenario.study.replications)
    played = 0
    while True:
        step = min(BATCH, most - played)
        run.add(step)
        played += step
        result = run.result()
        verdicts = tuple(verdict(result, limit) for limit in limits)
        if stop_when_missed and "missed" in verdicts:
            break
        enough = played >= least
        if played >= most or (enough and "undecided" not in verdicts):
            break
    return Verified(solution, result, limits, verdicts)


def _refuse_thin_samples(scenario: Scenario) -> None:
    """An undecided limit after long simulations helps nobody; a larger sample does."""
    faults = []
    for origin in origins(scenario):
        workload, group = origin.workload, origin.group
        simulated = scenario.study.in_full(group) if group else 0
        if group is not None and simulated < min(group.count, sites_to_judge(scenario, workload, group)):
            found = f"{simulated} of {group.count} sites, too few requests to judge the limits of {workload.name} by"
            sites = sample_to_judge(scenario, workload, group)
            much = f"a sample such as `{sites} of {group.key}`, or a longer busiest span"
            faults.append(Fault("study.simulate.sample", found, much, scenario.file))
    if faults:
        raise BadInput(faults)


def verdict(result: Result, limit: Limit) -> Verdict:
    """The simulation's verdict; a limit that was dropped is met."""
    if limit.limit_s is None:
        return "met"
    (workload, group), of, p = limit.origin, limit.latency.of, limit.latency.percentile
    return result.verdict(workload, of, p, limit.limit_s, group)
