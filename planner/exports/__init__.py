"""A plan for other tools: one file for each target, all of them listed here.

A target is a function from the plan's document to the files that it makes, their names with their contents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.writing import place_all
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
    contents = TARGETS[target](document)
    return place_all({Path(out) / name: partial(_write, content) for name, content in contents.items()})


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)
