"""The planner: the cheapest placement that meets every requirement, proven, explained and checked by simulation."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.planning import plan
    from planner.plans import Plan

_HOME = {"Plan": "planner.plans", "plan": "planner.planning"}

__all__ = ["Plan", "plan"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
