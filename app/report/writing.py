"""The report: one HTML file that needs nothing else, with the plan as JSON and the picture beside it."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from app.charts.plan_picture import plan_picture
from app.charts.response import response_chart
from app.invocation import Invocation
from app.report.tables import tables
from app.tables.sources import sources
from hardware_profiles.faults import BadInput, Fault
from planner import plan_file
from planner.formats import duration, number, percent
from planner.plans import Plan
from scenarios.scenario import Scenario
from scenarios.workloads import Latency

VERDICTS = ("met", "MISSED", "undecided")
_MOST_CHARTS = 8


def write_report(plan: Plan, lines: Sequence[str], asked: Invocation, out: Path) -> Path:
    """Writes ``report.html``, ``topology.svg`` and ``plan.json`` into ``out/SCENARIO``; returns the report's path.

    Raises
    ------
    BadInput
        Where the folder cannot be written.
    """
    picture = plan_picture(plan)
    _write(_folder(plan.scenario, out) / "topology.svg", picture)
    write_plan(plan, out)
    return _write(_folder(plan.scenario, out) / "report.html", html(plan, lines, asked, picture))


def write_plan(plan: Plan, out: Path) -> Path:
    """Writes ``out/SCENARIO/plan.json``, which ``simulate --plan`` and ``check`` read."""
    return _write_json(_folder(plan.scenario, out) / "plan.json", plan_document(plan))


def plan_document(plan: Plan) -> dict[str, Any]:
    """The document of ``plan --json``: the plan, and every catalogue row behind a figure of it."""
    return {**plan_file.to_dict(plan), "sources": sources(plan).to_dict("records")}


def write_simulation(scenario: Scenario, document: Mapping[str, Any], out: Path) -> Path:
    """Writes ``out/SCENARIO/simulation.json``, the document of ``simulate --json``."""
    return _write_json(_folder(scenario, out) / "simulation.json", document)


def _folder(scenario: Scenario, out: Path) -> Path:
    return out / (re.sub(r"[^\w.-]+", "-", scenario.name).strip(".-") or "scenario")


def _write_json(path: Path, document: Mapping[str, Any]) -> Path:
    return _write(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> Path:
    """All of it or nothing: whoever reads meanwhile sees the old file."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise BadInput(Fault("--out", f"{path.parent} ({error.strerror})", "a folder that can be written")) from None
    return path


def html(plan: Plan, lines: Sequence[str], asked: Invocation, picture: str) -> str:
    """The whole page; every text of the scenario is escaped, only our own pictures are not."""
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = page.from_string((files("app.report") / "page.html").read_text(encoding="utf-8"))
    return template.render(
        name=plan.scenario.name,
        about=plan.scenario.about,
        lines=lines,
        topology=picture,
        charts=_charts(plan),
        tables=tables(plan),
        verdicts=VERDICTS,
        command=asked.line("run"),
        versions=_versions(plan),
    )


def _charts(plan: Plan) -> list[tuple[str, str]]:
    """(caption, picture) for each latency limit, else for the answers of each workload that was played."""
    if plan.result is None:
        return []
    found = []
    for row in plan.result.workloads.to_dict("records"):
        workload, group = plan.scenario.workload(row["workload"]), row["group"]
        limits: dict[str, Latency | None] = {one.of: one for one in workload.requires.latency}
        for of, limit in (limits or {"answer": None}).items():
            samples = plan.result.samples(workload.name, of, group)
            if len(samples):
                caption = f"{workload.name}, {of} at {group}: {number(len(samples))} simulated requests"
                if limit is None:
                    found.append((caption, response_chart(samples * 1e3)))
                else:
                    asked = f", {percent(limit.percentile)} of them asked within {duration(limit.limit_s)}"
                    chart = response_chart(samples * 1e3, limit.limit_s * 1e3, limit.percentile)
                    found.append((caption + asked, chart))
    return found[:_MOST_CHARTS]


def _versions(plan: Plan) -> str:
    parts = {"tierwise": version("tierwise"), "python": platform.python_version()}
    if plan.solver is not None:
        parts[plan.solver.name] = plan.solver.version
    if plan.result is not None:
        parts |= plan.result.versions
    text = ", ".join(f"{name} {which}" for name, which in parts.items())
    result = plan.result
    how = f"; {result.replications} replications of {result.span_s:g} s" if result else ""
    return f"seed {plan.seed}{how}; {text}; planned in {plan.seconds:.1f} s"
