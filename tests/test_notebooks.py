"""Notebooks are stored as they are written: no outputs, no counts, nothing of the machine that ran them."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def left_over(notebook: dict[str, Any]) -> list[str]:
    """What a run left behind, in words."""
    found = [] if notebook["metadata"] == METADATA else ["metadata of a machine"]
    for number, cell in enumerate(notebook["cells"]):
        found += [f"{key} of cell {number}" for key in ("outputs", "execution_count", "metadata") if cell.get(key)]
    return found


def test_there_is_a_notebook() -> None:
    assert [path.name for path in NOTEBOOKS] == ["01_first_scenario.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_of_a_run_is_stored(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert left_over(notebook) == [], f".venv/bin/nbstripout {path.name}"
    used = deepcopy(notebook)
    cell = next(number for number, one in enumerate(used["cells"]) if one["cell_type"] == "code")
    used["cells"][cell] |= {"execution_count": 3, "outputs": [{"output_type": "stream", "name": "stdout", "text": "3"}]}
    used["metadata"]["language_info"]["version"] = "3.11.7"
    assert left_over(used) == ["metadata of a machine", f"outputs of cell {cell}", f"execution_count of cell {cell}"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_told_as_much_as_it_is_run(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    kinds = [cell["cell_type"] for cell in cells]
    assert kinds[0] == "markdown"
    assert all("markdown" in pair for pair in pairwise(kinds)), "code that nobody introduces"
