"""What the project says about how to work on it is so."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML

HOUSE = Path(__file__).parent.parent


def test_every_path_that_contributing_names_is_there() -> None:
    text = (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name or name.endswith(".md")]
    assert len(named) > 20
    for name in named:
        place = HOUSE / name
        assert (place.parent if "NAME" in name else place).exists(), name


def test_every_make_target_that_contributing_names_is_there() -> None:
    text = (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert {"test", "lint", "hooks", "brute-force"} <= named
    assert named <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_the_hooks_are_checks_of_make_lint_and_fetch_nothing() -> None:
    hooks = YAML(typ="safe").load(HOUSE / ".pre-commit-config.yaml")
    lint = (HOUSE / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    (repo,) = hooks["repos"]
    assert repo["repo"] == "local"
    tools = [re.sub(r" --force-exclude$", "", hook["entry"]) for hook in repo["hooks"]]
    assert len(tools) == 5
    assert all(hook["language"] == "system" for hook in repo["hooks"])
    assert [tool for tool in tools if tool.replace(".venv/bin", "$(BIN)") not in lint] == []
