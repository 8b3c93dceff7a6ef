"""Simulation, request by request.

    result = sim.simulate(scenario, placement, replications=10, seed=1)

The planner's waiting times of a single station are in ``sim.waiting``.
Names are loaded when first used: SimPy and numba take half a second that a command line need not spend.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.measures import Interval
    from sim.network import PrivacyViolation
    from sim.result import NotCounted, Result
    from sim.simulation import Simulation, prepare, refuse_unsimulated, simulate
    from sim.usage import Usage

_HOME = {
    "Interval": "measures",
    "NotCounted": "result",
    "PrivacyViolation": "network",
    "Result": "result",
    "Simulation": "simulation",
    "Usage": "usage",
    "prepare": "simulation",
    "refuse_unsimulated": "simulation",
    "simulate": "simulation",
}

__all__ = [
    "Interval",
    "NotCounted",
    "PrivacyViolation",
    "Result",
    "Simulation",
    "Usage",
    "prepare",
    "refuse_unsimulated",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(f"sim.{_HOME[name]}"), name)
