"""`tierwise new`: a file to start from, never over one that is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_cases import TOY, Run

import scenarios
from app.printed.lines import COLUMNS


def test_a_new_scenario_says_where_it_is_and_which_commands_come_next(run: Run) -> None:
    code, out, err = run("new", "my-shop", "--like", "factory-vision")
    assert (code, err) == (0, "")
    assert all(len(line) <= COLUMNS for line in out.splitlines())
    assert "my-shop.yaml, like factory-vision" in out
    commands = [line.split("tierwise ")[1].split() for line in out.splitlines() if "tierwise " in line]
    assert commands == [["check", "my-shop.yaml"], ["plan", "my-shop.yaml"]]
    assert run(*commands[0])[0] == 0


def test_without_like_it_is_the_smallest_and_says_what_else_there_is(run: Run) -> None:
    code, out, _ = run("new", "my-shop")
    assert code == 0
    assert f"like {TOY}, the smallest of the library" in out
    assert "factory-vision" in out
    assert scenarios.load("my-shop.yaml").document == {**scenarios.load(TOY).document, "name": "my-shop"}
    assert run("plan", "my-shop.yaml", "--quiet") == (0, "", "")


def test_a_file_of_the_user_may_be_what_it_is_like(run: Run, tmp_path: Path) -> None:
    assert run("new", "one", "--quiet") == (0, "", "")
    code, out, _ = run("new", "two.yaml", "--like", "one.yaml", "--out", "made/here", "--json")
    assert code == 0
    assert json.loads(out) == {"schema_version": 1, "scenario": "two", "like": "one.yaml", "file": "made/here/two.yaml"}
    assert scenarios.load(tmp_path / "made" / "here" / "two.yaml").name == "two"


def test_nothing_is_written_over(run: Run) -> None:
    Path("mine.yaml").write_text("what I wrote")
    code, out, err = run("new", "mine")
    assert (code, out) == (2, "")
    assert "mine.yaml`, which is there already" in err
    assert Path("mine.yaml").read_text() == "what I wrote"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "a/b"), "NAME"),
        (("new", TOY), "a scenario of the library"),
        (("new", "mine", "--like", "factory-visoin"), "did you mean factory-vision?"),
        (("new", "mine", "--out", "taken"), "--out"),
        (("new",), "NAME"),
    ],
)
def test_bad_input_leaves_nothing_behind(run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    Path("taken").write_text("a file")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
