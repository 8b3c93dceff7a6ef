"""`tierwise check`: what is understood of a file, and every fault of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from command_cases import TOY, Run

from hardware_profiles import Measurement, profile_file


def test_check_shows_pools_tasks_and_what_nobody_measured(run: Run) -> None:
    out = run("check", "factory-vision")[1]
    assert "server: on-prem at plant, 0..8 server-rtx-3060, 1 spare" in out
    assert "defects from camera: inspect (yolov8n or yolo11n)" in out
    assert "yolo11n on server-rtx-3060: workloads.defects.tasks.inspect.model" in out
    one = json.loads(run("check", "factory-vision", "--json")[1])["files"][0]
    paste = "{model: yolo11n, hardware: server-rtx-3060"
    assert any(paste in hole["message"] for hole in one["nobody_measured"])


def test_check_refuses_to_change_a_plan(run: Run) -> None:
    assert run("plan", TOY, "--out", "here", "--quiet")[0] == 0
    code, _, err = run("check", f"here/{TOY}/plan.json", "--set", "links.line.rtt=30 ms")
    assert code == 2
    assert "--set" in err


def test_check_prints_totals_and_lists_all_faults_of_all_files(run: Run, tmp_path: Path) -> None:
    code, out, err = run("check", TOY, "factory-vision")
    assert (code, err) == (0, "")
    assert f"{TOY}: a valid scenario" in out
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("schema: 1\nname: one\nabuot: misspelt\npools: {box: {teir: gateway}}\n")
    other.write_text("")
    code, out, err = run("check", TOY, str(one), str(other))
    assert code == 2
    assert "abuot" in err
    assert "teir" in err
    assert "other.yaml" in err
    assert f"{TOY}: a valid scenario" in out
    code, out, _ = run("check", "--json", TOY, str(one))
    assert code == 2
    good, bad = json.loads(out)["files"]
    assert good["valid"]
    assert good["totals"]
    assert not bad["valid"]
    assert len(bad["faults"]) >= 2


def test_check_tells_all_faults_of_a_plan_at_once(run: Run, documents: dict[str, Any]) -> None:
    plan = documents["toy"]
    plan["routes"][0]["tasks"][0]["tier"] = "gatway"
    plan["bill"][2]["quantity"] = "one"
    plan["bil"] = plan["seed"]
    del plan["seed"]
    Path("plan.json").write_text(json.dumps(plan))
    code, out, err = run("check", "plan.json")
    assert (code, out) == (2, "")
    assert [line.split(": found")[0] for line in err.splitlines()] == [
        "plan.json",
        "plan.json: bill.2.quantity",
        "plan.json: routes.0.tasks.0.tier",
        "plan.json",
    ]
    assert "did you mean gateway?" in err
    assert "did you mean bill?" in err


def test_check_tells_what_a_profile_file_holds(run: Run) -> None:
    def one(**more: Any) -> Measurement:
        known = {"model": "tiny", "hardware": "my-board", "source": "bench", "date": "2026-11-21", "runtime": "tflite"}
        return Measurement(**{**known, "precision": "int8", **more})

    own = [one(mean_ms=2.0), one(mean_ms=6.0, batch=4), one(model="other", precision="fp32", per_s=40.0)]
    profile_file.save(Path("my-board.json"), own)
    code, out, err = run("check", "my-board.json")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "my-board.json: a valid profile file",
        "  3 measurements",
        "  tiny on my-board: 2 (int8 tflite)",
        "  other on my-board: 1 (fp32 tflite)",
        "  not for scenarios: 1 (executions of 4 inputs)",
        "  not for scenarios: 1 (no time of executions)",
    ]
    (told,) = json.loads(run("check", "my-board.json", "--json")[1])["files"]
    assert (told["kind"], told["valid"], told["totals"][0]) == ("profile file", True, "3 measurements")
    code, _, err = run("check", "my-board.json", "--set", "links.line.rtt=30 ms")
    assert (code, err) == (
        2,
        "my-board.json: found --set or --with for a profile file, expected a scenario to change\n",
    )


def test_check_tells_all_faults_of_a_profile_file_at_once(run: Run) -> None:
    rows = [
        {"model": "m", "hardware": "h", "source": "s", "date": "2026", "mean_s": 2.0},
        {"model": "m", "mean_ms": -1},
    ]
    Path("my-board.json").write_text(json.dumps({"measurements": rows}), encoding="utf-8")
    code, out, err = run("check", "my-board.json")
    assert (code, out) == (2, "")
    places = [line.split(": ")[1] for line in err.splitlines()]
    assert {"measurements.0", "measurements.1", "measurements.1.mean_ms"} < set(places)
    assert "my-board.json: found no `schema_version`" in err
    assert "did you mean mean_ms?" in err


def test_hardware_of_a_profile_file_that_no_pool_has_is_said(run: Run) -> None:
    own = Measurement(model="yolo11n", hardware="Jetson Orin Nano", mean_ms=9.0, source="bench", date="2026-11-21")
    profile_file.save(Path("board.json"), [own, replace(own, hardware="server-rtx-3060")])
    assert run("new", "mine", "--like", "factory-vision", "--quiet")[0] == 0
    text = Path("mine.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(text.replace("\nfigures:\n", "\nfigures:\n  - ./board.json\n"), encoding="utf-8")
    code, out, err = run("check", "mine.yaml")
    assert (code, err) == (0, "")
    assert "  no pool has the hardware Jetson Orin Nano: its figures are not used\n" in out
    assert out.count("no pool has") == 1


def test_a_slip_in_a_what_if_is_found_before_it_is_asked_for(run: Run) -> None:
    assert run("new", "mine", "--quiet")[0] == 0
    file = Path("mine.yaml")
    file.write_text(
        file.read_text().replace(
            "busier: {workloads.scan.arrivals.rate: 5 times", "busier: {workloads.scan.arrivals.phse: aligned"
        )
    )
    code, _, err = run("check", "mine.yaml")
    assert code == 2
    assert "what_if.busier, workloads.scan.arrivals.phse: " in err
    assert "did you mean phase?" in err
