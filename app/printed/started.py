"""What ``tierwise new`` says: where the file is, what it is like, and what to do with it."""

from __future__ import annotations

import shlex
from pathlib import Path

from app.printed.lines import command, paragraph
from app.printed.terminal import program
from scenarios.loading import library
from scenarios.starting import SMALLEST


def started(file: Path, like: str | None) -> list[str]:
    """``like`` is ``None`` where nobody said."""
    origin = like or f"{SMALLEST}, the smallest of the library"
    lines = paragraph("New", f"{file}, like {origin}", 4)
    if like is None:
        others = ", ".join(name for name in library() if name != SMALLEST)
        lines += paragraph("", f"--like starts from {others} or a file of yours", 3)
    for label, verb in (("Next", "check"), ("", "plan")):
        lines += command(label, [f"{program()} {verb}", shlex.quote(str(file))])
    return lines
