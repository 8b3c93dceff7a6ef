"""The README says nothing that does not hold."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import planner
import scenarios
from app.charts.look import standing_alone, svg
from app.charts.plan_picture import plan_picture

README = Path(__file__).parent.parent / "README.md"


def test_the_python_of_the_readme_gives_what_it_says() -> None:
    found = doctest.testfile(str(README), module_relative=False)
    assert found.attempted >= 5
    assert found.failed == 0


def test_the_scenario_of_the_readme_is_planned_from_the_catalogue() -> None:
    text = re.search(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    scenario = scenarios.load_text(text[1], file="README.md")
    assert not scenario.not_yet
    assert planner.plan(scenario).status in ("optimal", "feasible")


def test_the_picture_of_the_readme_is_what_the_program_draws_today() -> None:
    shown = (README.parent / "docs" / "factory-vision.svg").read_text(encoding="utf-8")
    drawn = standing_alone(svg(plan_picture(planner.plan(scenarios.load("factory-vision")))))
    assert shown == drawn, "make demo; cp out/factory-vision/topology.svg docs/factory-vision.svg"


def test_every_file_the_readme_shows_exists() -> None:
    shown = re.findall(r"\]\((?!http)([^)]+)\)", README.read_text(encoding="utf-8"))
    assert shown
    assert all((README.parent / name).exists() for name in shown)
