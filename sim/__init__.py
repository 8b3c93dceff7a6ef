"""Simulation, request by request.

    result = sim.simulate(scenario, placement, replications=10, seed=1)

Two engines play the same path: compiled code, and a readable reference. What only the reference does; where it is asked
for, the reference plays whichever engine is named, and ``Result.engine_note`` says so:

    policies in Python    ``simulate(…, policies={pool: policy})``, ``sim.policies``

The planner's waiting times of a single station are in ``sim.waiting``.
Names are loaded when first used: SimPy and numba take half a second that a command line need not spend.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.itinerary import PrivacyViolation
    from sim.measures import Interval
    from sim.ready import make_ready
    from sim.result import NotCounted, Result
    from sim.running import prepare, refuse_unsimulated, simulate
    from sim.simulation import Simulation
    from sim.usage import Usage
    from sim.watching import Step, Watched

_HOME = {
    "Interval": "measures",
    "NotCounted": "result",
    "PrivacyViolation": "itinerary",
    "Result": "result",
    "Simulation": "simulation",
    "Step": "watching",
    "Usage": "usage",
    "Watched": "watching",
    "make_ready": "ready",
    "prepare": "running",
    "refuse_unsimulated": "running",
    "simulate": "running",
}

__all__ = [
    "Interval",
    "NotCounted",
    "PrivacyViolation",
    "Result",
    "Simulation",
    "Step",
    "Usage",
    "Watched",
    "make_ready",
    "prepare",
    "refuse_unsimulated",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(f"sim.{_HOME[name]}"), name)
