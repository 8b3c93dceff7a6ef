"""What the system says of itself: the kernel's files and the small programs a board comes with."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROGRAMS = ("usr/bin", "usr/sbin", "opt/vc/bin")


@dataclass(frozen=True)
class Board:
    """A machine's files under ``root``. What is not there, or not for us to read, is None."""

    root: Path = Path("/")

    def text(self, path: Path | str) -> str | None:
        try:
            return (self.root / path).read_text("utf-8", "replace").strip("\0 \n\t")
        except OSError:
            return None

    def number(self, path: Path | str) -> float | None:
        with suppress(ValueError):
            return float(self.text(path) or "")
        return None

    def paths(self, pattern: str) -> list[Path]:
        """What matches, in order of name."""
        return sorted(self.root.glob(pattern))

    def said(self, command: Sequence[str]) -> str | None:
        """What one of the board's own programs prints; None where there is none or it fails."""
        name, *arguments = command
        for folder in _PROGRAMS:
            program = self.root / folder / name
            if program.exists():
                with suppress(OSError, subprocess.SubprocessError):
                    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=5, check=True)
                    return done.stdout.strip()
        return None
