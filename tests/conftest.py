"""What the tests of several files share."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_cases import TOO_FAST, TOY, Run


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs `tierwise` with some arguments in an empty folder: (exit code, stdout, stderr)."""
    from app.command_line import main

    monkeypatch.chdir(tmp_path)

    def tierwise(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tierwise", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return tierwise


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Plan files of the toy: as it is, busier, and infeasible."""
    import planner
    import scenarios
    from planner.plan_file import to_dict

    toy, folder = scenarios.load(TOY), tmp_path_factory.mktemp("plans")
    path, _, value = TOO_FAST.partition("=")
    changed = {"toy": toy, "busier": toy.with_what_if("busier"), "infeasible": toy.with_({path: value})}
    files = {name: folder / f"{name}.json" for name in changed}
    for name, file in files.items():
        file.write_text(json.dumps(to_dict(planner.plan(changed[name])), allow_nan=False), encoding="utf-8")
    return files


@pytest.fixture
def documents(plans: dict[str, Path]) -> dict[str, Any]:
    """What the files of `plans` say, for a test to change."""
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in plans.items()}
