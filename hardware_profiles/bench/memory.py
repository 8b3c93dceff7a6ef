"""How much memory this process holds and held at most."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

_SELF = Path("/proc/self")


def forget_peak() -> None:
    """From here on the peak counts anew, where the kernel lets us say so (Linux)."""
    with suppress(OSError):
        (_SELF / "clear_refs").write_text("5")


def resident_mb() -> float | None:
    """Resident memory at this instant [MB]."""
    return _status("VmRSS")


def peak_mb() -> float | None:
    """The most resident memory since the start, or since `forget_peak` [MB]."""
    return _status("VmHWM")


def _status(name: str) -> float | None:
    with suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+) kB", (_SELF / "status").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 / 1e6 if found else None
    return None
