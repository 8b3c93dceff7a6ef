"""Examples in docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import pkgutil

import pytest

ROOMS = ("hardware_profiles", "scenarios", "sim", "planner", "app")
MODULES = [
    module.name
    for room in ROOMS
    for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}.")
    if ">>>" in importlib.util.find_spec(module.name).loader.get_source(module.name)
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted > 0
    assert found.failed == 0


def test_some_modules_have_examples() -> None:
    assert {"planner.bill", "planner.formats", "planner.wording"} <= set(MODULES)
