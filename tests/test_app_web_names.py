"""Streamlit puts the folder of its script first on the path: a file there must not stand for a library."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import app

HERE = Path(app.__file__).parent
OURS = {"hardware_profiles", "scenarios", "sim", "planner", "app"}


def test_nothing_in_app_is_called_like_a_package() -> None:
    taken = {name.lower() for name in (*packages_distributions(), *sys.stdlib_module_names)} | OURS
    assert {"streamlit", "pandas", "select", "numpy", "typing"} <= taken
    inside = [path for path in HERE.rglob("*") if "__pycache__" not in path.parts and path.stem != "__init__"]
    named = {path for path in inside if path.is_dir() or path.suffix == ".py"}
    assert len(named) > 20
    assert [str(path.relative_to(HERE)) for path in sorted(named) if path.stem.lower() in taken] == []
