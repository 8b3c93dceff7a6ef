"""How functions are compiled, and where that is kept between processes.

Most of them are a few steps on arrays that their callers hold: they become part of their callers and count no
references, since a call, or counting, would take longer than the steps. numba keeps a function until its own file
changes, also where what has become part of it did; so what is kept lies in a folder named after all their files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit
from numba.core import config
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

_Function = TypeVar("_Function", bound=Callable[..., Any])

_SIM = Path(__file__).parent
_CACHE = "CACHE_DIR"  # an attribute that numba's stubs do not know


def inlined(function: _Function) -> _Function:
    """Written out wherever it is used: what is small, or used in one place. It may not make arrays."""
    return _compiled(function, inline="always", _nrt=False, error_model="numpy")


def steps(function: _Function) -> _Function:
    """As `inlined`, but compiled once and then copied: what is larger, or used often."""
    return _compiled(function, forceinline=True, _nrt=False, error_model="numpy")


def call(function: _Function) -> _Function:
    """As `steps`, but called: what is large, or rarely needed."""
    return _compiled(function, _nrt=False, error_model="numpy")


def loop(function: _Function) -> _Function:
    """Called by Python, beside other threads."""
    return _compiled(function, nogil=True, error_model="numpy")


def _compiled(function: _Function, **options: Any) -> _Function:
    asked = getattr(config, _CACHE)
    setattr(config, _CACHE, str(Path(asked or _SIM / "__pycache__") / _FOLDER))
    try:
        compiled: Any = njit(**options)(function)
        compiled._cache = _Cache(function)  # type: ignore[no-untyped-call]
    finally:
        setattr(config, _CACHE, asked)
    kept: _Function = compiled
    return kept


class _Cache(FunctionCache):
    """What is kept is loaded before numba makes itself ready to compile, which takes half a second."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def _files() -> list[Path]:
    """Those with compiled functions, and with the numbers that these have in them."""
    found = [file for file in _SIM.glob("*.py") if b"from sim.jit import" in file.read_bytes()]
    return sorted([Path(__file__), *found, *(_SIM / "compiled").glob("*.py")])


_FOLDER = "compiled-" + hashlib.blake2b(b"\0".join(map(Path.read_bytes, _files())), digest_size=8).hexdigest()
