"""Files of a scenario in ``out/SCENARIO``: the plan, a simulation, and whatever else is put there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.tables.sources import sources
from app.tables.watched import watched_table
from hardware_profiles.writing import place
from planner import plan_file
from planner.plans import Plan
from scenarios.scenario import Scenario
from sim.result import Result
from sim.watching import Watched

MOST_DRAWN = 10  # of the slowest requests, in one picture


def write_plan(plan: Plan, out: Path) -> Path:
    """Writes ``out/SCENARIO/plan.json``, which ``simulate --plan`` and ``check`` read."""
    return _write_json(folder(plan.scenario, out) / "plan.json", plan_document(plan))


def plan_document(plan: Plan) -> dict[str, Any]:
    """The document of ``plan --json``: the plan, and every catalogue row behind a figure of it."""
    return {**plan_file.to_dict(plan), "sources": sources(plan).to_dict("records")}


def write_simulation(scenario: Scenario, document: Mapping[str, Any], out: Path) -> Path:
    """Writes ``out/SCENARIO/simulation.json``, the document of ``simulate --json``."""
    return _write_json(folder(scenario, out) / "simulation.json", document)


def write_waterfall(scenario: Scenario, requests: Sequence[Watched], out: Path) -> Path:
    """Writes ``out/SCENARIO/slowest.svg``, the waterfalls of the first ``MOST_DRAWN`` of the slowest requests."""
    from app.charts.look import standing_alone, svg
    from app.charts.waterfall import waterfall_chart

    chart = waterfall_chart(watched_table(requests[:MOST_DRAWN]))
    return write(folder(scenario, out) / "slowest.svg", standing_alone(svg(chart)))


def write_timeline(scenario: Scenario, result: Result, out: Path) -> Path:
    """Writes ``out/SCENARIO/timeline.svg``."""
    from app.charts.look import standing_alone, svg
    from app.charts.timeline import timeline_chart
    from app.tables.timeline import timeline_strips

    return write(folder(scenario, out) / "timeline.svg", standing_alone(svg(timeline_chart(timeline_strips(result)))))


def folder(scenario: Scenario, out: Path) -> Path:
    """Where the files of a scenario are, whatever its name is."""
    return out / (re.sub(r"[^\w.-]+", "-", scenario.name).strip(".-") or "scenario")


def _write_json(path: Path, document: Mapping[str, Any]) -> Path:
    return write(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write(path: Path, text: str) -> Path:
    """Writes a text as `place` does."""
    return place(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
