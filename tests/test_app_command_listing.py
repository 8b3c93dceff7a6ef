"""`tierwise scenarios` and `tierwise hardware`: what there is."""

from __future__ import annotations

import json

from command_cases import TOY, Run

from app.printed.lines import COLUMNS


def test_scenarios_lists_the_library(run: Run) -> None:
    code, out, _ = run("scenarios")
    assert code == 0
    assert all(len(line) <= COLUMNS for line in out.splitlines())
    listed = [line.split()[0] for line in out.splitlines()]
    assert {"factory-vision", TOY} <= set(listed)
    document = json.loads(run("scenarios", "--json")[1])
    assert [one["name"] for one in document["scenarios"]] == listed


def test_hardware_shows_every_profile_with_its_source(run: Run) -> None:
    code, out, _ = run("hardware", "yolo")
    assert code == 0
    assert "yolo11n on jetson-orin-nano-super" in out
    document = json.loads(run("hardware", "yolo", "--json")[1])
    assert document["profiles"]
    for profile in document["profiles"]:
        assert profile["source"] in out
        assert profile["source"]
        assert profile["date"]


def test_hardware_nobody_knows_says_so(run: Run) -> None:
    code, out, _ = run("hardware", "abacus-9000")
    assert code == 0
    assert "nothing is known" in out
    assert "jetson-orin-nano-super" in run("hardware", "orin nanno")[1]
