"""The formulation as text that anyone can read: regenerate with --force-regen after a change that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_regressions.file_regression import FileRegressionFixture
from test_planner_factory import TWELVE

import scenarios
from planner.contracts import solve
from planner.milp import Cut, Programme
from planner.problem import pose


@pytest.mark.parametrize("name", ["two-site-toy", "twelve-plants-reduced"])
def test_the_programme_reads_as_intended(name: str, tmp_path: Path, file_regression: FileRegressionFixture) -> None:
    """Rows of the model, and of the cuts that the contracts add on the way to the optimum."""
    scenario = scenarios.load(name) if name == "two-site-toy" else scenarios.load_text(TWELVE, file="twelve.yaml")
    problem = pose(scenario)
    cuts: list[Cut] = []
    solve(problem, cuts)
    file = tmp_path / "model.lp"
    Programme(problem, cuts).lp.writeLP(str(file))
    file_regression.check(file.read_text(), extension=".lp", basename=name)
