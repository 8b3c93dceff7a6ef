"""Files are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from hardware_profiles.faults import BadInput, Fault

Write = Callable[[Path], object]
"""Writes everything to the path it is given, which ends as the file that is meant does."""


def place(path: Path, write: Write) -> Path:
    """Write one file as `place_all` does; returns its path."""
    (placed,) = place_all({path: write})
    return placed


def place_all(files: Mapping[Path, Write]) -> list[Path]:
    """Write several files, each beside its place first: whoever reads meanwhile sees the old ones.

    What fails leaves no part behind, and whatever stood there before.

    Raises
    ------
    BadInput
        Where a folder cannot be written, or is in the way.
    """
    beside = {path: path.with_name(f".{os.getpid()}.{path.name}") for path in files}
    path = Path()
    try:
        for path, write in files.items():
            if path.is_dir():
                raise BadInput(Fault("--out", f"{path}, which is a folder", "another folder to write to"))
            path.parent.mkdir(parents=True, exist_ok=True)
            write(beside[path])
        for path in files:
            beside[path].replace(path)
    except OSError as error:
        raise BadInput(Fault("--out", f"{path.parent} ({error.strerror})", "a folder that can be written")) from None
    finally:
        for unfinished in beside.values():
            with suppress(OSError):  # it is in its place, or was never made
                unfinished.unlink()
    return list(files)
