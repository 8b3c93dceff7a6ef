"""How an answer was worked out, so that it can be had again: seed, runs, versions."""

from __future__ import annotations

import platform
from importlib.metadata import version

from app.report.figures import pairs
from app.report.parts import Section
from planner.formats import number, percent, plural
from planner.plans import Plan
from planner.wording import precision_in_words, sampled_in_words
from sim.result import Result


def _found(result: Result) -> str:
    """How the warm-up was found, where nobody stated it."""
    if result.detected is None:
        return ""
    return ", found by MSER-5" + ("" if result.detected.settled else ", which saw no steady state")


def traced(plan: Plan) -> Section:
    rows = [("seed", str(plan.seed)), ("status", plan.status)]
    result, solver = plan.result, plan.solver
    if result is not None:
        rows += [
            ("replications", number(result.replications)),
            ("measured span", f"{result.span_s:g} s each, after {result.warm_up_s:.4g} s of warm-up{_found(result)}"),
            ("simulated", plural(int(result.workloads["requests"].sum()), "request")),
            ("engine", f"{result.engine} ({result.engine_note})" if result.engine_note else result.engine),
        ]
        rows += [("sites", sampled_in_words(plan.scenario, result.sampled))] if result.sampled else []
        rows += [("precision", precision_in_words(result.precision, result.replications))] if result.precision else []
    if solver is not None:
        rows.append(("solver", f"{solver.name} {solver.version}, {plural(solver.solves, 'solve')}"))
        rows.append(("gap of the solver", percent(max(solver.gap, 0.0))))
        rows.append(("gap of the model", "no bound" if plan.model_gap is None else percent(plan.model_gap)))
    rows.append(("cheaper placements refuted", number(plan.refuted)))
    rows.append(("cheaper placements undecided", number(plan.undecided)))
    rows += [("scenario", f"{plan.scenario.file or plan.scenario.name}, hash {plan.scenario.hash}")]
    rows += [
        ("figures", f"{file.path}, {plural(file.used, 'time')}, hash {file.digest}") for file in plan.scenario.files
    ]
    versions = {"tierwise": version("tierwise"), "python": platform.python_version()}
    versions |= result.versions if result is not None else {}
    rows.append(("versions", ", ".join(f"{name} {which}" for name, which in versions.items())))
    rows.append(("time taken", f"{plan.seconds:.1f} s"))
    return Section("How it was worked out", tables=(pairs("To have it again", rows),))
