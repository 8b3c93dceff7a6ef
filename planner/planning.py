"""From a scenario to a plan: enumerate, solve, verify, explain."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

from hardware_profiles.faults import BadInput, Fault, NotSupported, closest
from planner.assumptions import assumptions
from planner.baselines import baselines
from planner.bill import price, refuse_tiers, standing, total
from planner.checks import checks
from planner.conflict import broken_everywhere, relaxations
from planner.drills import available, drilled
from planner.flips import flips
from planner.flows import planned_usage
from planner.plans import Plan, Solver
from planner.problem import Problem, pose
from planner.reasons import reasons
from planner.trials import tried
from planner.verification import Outcome, search
from scenarios.scenario import Scenario


def plan(
    scenario: Scenario,
    *,
    seed: int = 1,
    fix: Mapping[str, str] | None = None,
    forbid: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """The cheapest placement that meets every requirement, verified by simulation, with reasons.

    Parameters
    ----------
    scenario
        As loaded; it is not changed.
    seed
        Of the simulations.
    fix
        Tasks that must run on a pool: ``{"inspect": "camera"}``.
    forbid
        Pools that nobody may use.
    progress
        Called with a few words at each stage.

    Raises
    ------
    NotSupported
        Where the scenario says something that is not planned yet.
    BadInput
        Where ``fix`` or ``forbid`` name a task or pool that does not exist.
    """
    started = time.perf_counter()
    say = progress or (lambda _: None)
    refuse_unplanned(scenario)
    _known(scenario, fix or {}, forbid)
    say("enumerating routes")
    problem = pose(scenario, fixed=fix, forbidden=frozenset(forbid))
    outcome = search(problem, seed=seed, progress=say)
    if outcome.plan is None:
        say("looking for the least relaxation")
        return _infeasible(problem, outcome, seed, started)
    say("explaining")
    return _explained(problem, outcome, seed, started)


def refuse_unplanned(scenario: Scenario) -> None:
    """Raise for the parts that are kept but not planned yet, each by name."""
    parts = [part for part in scenario.not_yet if not part.planned]
    if parts:
        raise NotSupported(
            Fault(part.path, f"{part.what}, which is not planned yet", "", scenario.file) for part in parts
        )


def _known(scenario: Scenario, fix: Mapping[str, str], forbid: Sequence[str]) -> None:
    pools = [pool.name for pool in scenario.pools]
    tasks = [task.name for workload in scenario.workloads for task in workload.tasks]
    wrong = [("--fix", name, "a task", tasks) for name in fix if name not in tasks]
    wrong += [("--fix", name, "a pool", pools) for name in fix.values() if name not in pools]
    wrong += [("--forbid", name, "a pool", pools) for name in forbid if name not in pools]
    if wrong:
        raise BadInput(Fault(where, name, what, nearest=closest(name, known)) for where, name, what, known in wrong)


def _explained(problem: Problem, outcome: Outcome, seed: int, started: float) -> Plan:
    scenario, verified = problem.scenario, outcome.plan
    assert verified is not None
    solution = verified.solution
    placement = solution.placement(problem)
    usage = planned_usage(scenario, placement)
    refuse_tiers(scenario, usage)
    bill = (*standing(scenario), *price(scenario, placement, usage))
    usd = total(bill)
    bound = min(outcome.bound, usd) if outcome.bound is not None else None
    gap = (usd - bound) / usd if bound is not None and usd > 0 else 0.0 if bound is not None else None
    cuts = list(outcome.cuts)
    broken = (*drilled(problem, placement, seed), *available(problem, placement, seed))
    by_rule, limits = checks(problem, verified, usd), len(verified.limits)
    found = (
        *by_rule[:limits],
        *broken,
        *by_rule[limits:],
    )  # what holds while a line is down beside what does otherwise
    certain = {*verified.verdicts, *(check.verdict for check in broken)} <= {"met"}
    certain = certain and not any(check.note for check in found)
    return Plan(
        scenario=scenario,
        status="optimal" if gap is not None and gap < 1e-6 and certain else "feasible",
        placement=placement,
        usd_per_month=usd,
        bill=bill,
        solver=Solver("HiGHS", version("highspy"), solution.gap, solution.bound, solution.seconds, outcome.solves),
        model_gap=gap,
        bound_usd_per_month=bound,
        refuted=outcome.refuted,
        undecided=outcome.undecided,
        checks=found,
        reasons=reasons(problem, solution, cuts),
        flips=flips(problem, solution, cuts),
        baselines=baselines(problem),
        assumptions=assumptions(problem, solution, usd),
        conflict=(),
        excluded=(),
        result=verified.result,
        seed=seed,
        seconds=time.perf_counter() - started,
        tried=tried(problem, outcome),
    )


def _infeasible(problem: Problem, outcome: Outcome, seed: int, started: float) -> Plan:
    return Plan(
        scenario=problem.scenario,
        status="infeasible" if outcome.proven else "unknown",
        placement=None,
        usd_per_month=None,
        bill=(),
        solver=None,
        model_gap=None,
        bound_usd_per_month=None,
        refuted=outcome.refuted,
        undecided=outcome.undecided,
        checks=(),
        reasons=(),
        flips=(),
        baselines=baselines(problem),
        assumptions=(),
        conflict=relaxations(problem, seed=seed),
        excluded=broken_everywhere(problem),
        result=None,
        seed=seed,
        seconds=time.perf_counter() - started,
        tried=tried(problem, outcome),
    )
