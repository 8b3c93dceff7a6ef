"""How functions are compiled: into their callers, kept on disk between processes, and counting no references.

Most of them are a few steps on arrays that their callers hold; a call, or counting who holds them, would take longer
than the steps. They may not make arrays: what does is compiled with numba's plain ``njit``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"cache": True, "forceinline": True, "error_model": "numpy", "_nrt": False}


def steps(function: _Function) -> _Function:
    """A compiled function that is part of others."""
    compiled: _Function = njit(**_OPTIONS)(function)
    return compiled
