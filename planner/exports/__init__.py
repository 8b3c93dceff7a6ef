"""A plan for other tools: one file for each target, all of them listed here.

A target is a function from the plan's document to the files that it makes, their names with their contents.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from hardware_profiles.faults import BadInput, Fault, closest
from planner.exports.csv_file import csv_files
from planner.exports.json_file import json_files
from planner.plan_document import PlanDocument

TARGETS: Mapping[str, Callable[[PlanDocument], dict[str, bytes]]] = {"json": json_files, "csv": csv_files}


def export(document: PlanDocument, target: str, out: str | Path) -> list[Path]:
    """Write a plan for another tool; all files or, where that fails, none of them.

    Parameters
    ----------
    document
        As `planner.plan_file.document_of` reads it.
    target
        ``json`` (the plan file and its schema) or ``csv`` (placements and bill).
    out
        The folder; files of the same names in it are replaced.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    BadInput
        For an unknown target, a plan that has nothing for it, or a folder that cannot be written.
    """
    if target not in TARGETS:
        raise BadInput(Fault("--to", f"`{target}`", " or ".join(TARGETS), nearest=closest(target, TARGETS)))
    return _written(TARGETS[target](document), Path(out))


def _written(contents: Mapping[str, bytes], out: Path) -> list[Path]:
    """Everything is written beside before anything takes its place."""
    unfinished = {out / name: out / f".{name}.{os.getpid()}" for name in contents}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, beside in unfinished.items():
            if path.is_dir():
                raise BadInput(Fault("--out", f"{path}, which is a folder", "another folder to write to"))
            beside.write_bytes(contents[path.name])
        for path, beside in unfinished.items():
            beside.replace(path)
    except OSError as error:
        raise BadInput(Fault("--out", f"{out} ({error.strerror})", "a folder that can be written")) from None
    finally:
        for beside in unfinished.values():
            with suppress(OSError):  # it is in its place, or was never made
                beside.unlink()
    return list(unfinished)
