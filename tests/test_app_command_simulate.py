"""`tierwise simulate`: a plan made now, or one that was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_cases import TOO_FAST, TOY, Run

import scenarios
from app.printed.lines import COLUMNS


def test_simulate_reads_the_plan_that_plan_wrote(run: Run, tmp_path: Path) -> None:
    assert run("plan", TOY, "--out", "here", "--quiet")[0] == 0
    file = tmp_path / "here" / TOY / "plan.json"
    assert run("check", str(file))[0] == 0
    code, out, err = run("simulate", TOY, "--plan", str(file), "--replications", "3", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    promised = "schema_version scenario seed engine replications workloads stations links energy_wh carbon_g"
    promised += " cost_usd_per_month bandwidth_saved_fraction"
    assert set(promised.split()) <= set(document)
    assert document["replications"] == 3
    assert {"mean", "p50", "p95", "p99", "p99_9"} <= set(document["workloads"]["scan"]["response_ms"])
    planned = json.loads(file.read_text())["cost_usd_per_month"]
    assert document["cost_usd_per_month"] == pytest.approx(planned, rel=0.02)  # one in ten goes up, by chance


def test_simulate_without_a_plan_makes_one_and_prints_a_page(run: Run) -> None:
    code, out, err = run("simulate", TOY, "--replications", "40", "--out", "here")
    assert (code, err) == (0, "")
    assert all(len(line) <= COLUMNS for line in out.splitlines())
    assert "met" in out
    assert json.loads(Path("here", TOY, "simulation.json").read_text())["scenario"] == TOY


def test_every_request_is_written_where_it_is_asked_for(run: Run) -> None:
    """Three tables, which have as many rows as the tasks have requests."""
    code, out, err = run("simulate", TOY, "--replications", "3", "--requests", "there", "--json")
    assert (code, err) == (0, "")
    table = pd.read_parquet("there")
    assert table["replication"].nunique() == len(list(Path("there").iterdir())) == 3
    first = table[table["task"] == "read"]
    assert len(first) == json.loads(out)["workloads"]["scan"]["requests"]
    Path("file").write_text("")
    code, out, err = run("simulate", TOY, "--requests", "file")
    assert (code, out) == (2, "")
    assert "--requests: found file (File exists), expected a folder that can be written" in err


NEARLY_FULL = """\
name: nearly-full
currency: USD
sites: {lab: {region: de, groups: {all: {count: 1}}}}
pools:
  device: {tier: device, at: lab, hardware: sender, count: 1, owned: all, paid_by: user}
  server: {tier: on_prem, at: lab, hardware: box, count: 1}
links: {line: {within: lab, each: site, rtt: 20 ms}}
workloads:
  pictures:
    source: device
    arrivals: {kind: periodic, rate: 10 request/s per device}
    tasks: {infer: {time: {server: 90 ms}, answers: true}}
prices: {sender: {price: 0 USD, power: {idle: 0 W, busy: 0 W}}, box: {price: 100 USD, power: {idle: 5 W, busy: 10 W}}}
"""


def test_a_pool_that_is_nearly_full_is_said_before_everything_else(run: Run) -> None:
    Path("full.yaml").write_text(NEARLY_FULL)
    for command in ("plan", "simulate"):
        code, out, err = run(command, "full.yaml", "--json")
        assert (code, err) == (0, "")
        (warning,) = json.loads(out)["warnings"]
        assert warning.startswith("NEARLY FULL  server (90.0 % busy): service times drift by 10 to 25 % with load")
        code, out, err = run(command, "full.yaml")
        assert (code, err) == (0, "")
        assert out.startswith("NEARLY FULL  server (90.0 % busy): ")
        assert " ".join(out.split()).find("percentiles there are not to be trusted nearly-full") > 0
    run("run", "full.yaml", "--out", "here", "--quiet")
    assert "percentiles there are not to be trusted" in Path("here", "nearly-full", "report.md").read_text()


def test_an_hour_of_the_week_is_played_where_one_is_asked_for(run: Run) -> None:
    code, out, err = run("simulate", TOY, "--replications", "2", "--at", "Sat 11:30")
    assert (code, err) == (0, "")
    assert ", sat 11:00, seed 1" in out
    code, out, err = run("simulate", TOY, "--set", "study.simulate.at=mon 7:00", "--replications", "2", "--json")
    assert json.loads(out)["hour"] == "mon 7:00"
    code, out, err = run("simulate", TOY, "--at", "noon")
    assert (code, out) == (2, "")
    assert "--at: found `noon`, expected an hour of the week such as 'sat 11:00'" in err


def test_a_plan_is_simulated_with_the_changes_it_was_made_with_and_those_asked_for_now(run: Run) -> None:
    assert run("plan", TOY, "--set", "links.line.rtt=30 ms", "--out", "here", "--quiet")[0] == 0
    file = f"here/{TOY}/plan.json"

    def match_ms(*options: str) -> float:
        document = json.loads(run("simulate", TOY, "--plan", file, "--json", *options)[1])
        return float(document["workloads"]["scan"]["response_ms"]["p99"]["value"])

    # read 5 ms behind another 5 ms, 4 ms + half the round trip up, 4 ms of work, 0.8 ms + half of it back
    assert match_ms() == pytest.approx(10 + 4 + 15 + 4 + 0.8 + 15)
    assert match_ms("--set", "links.line.rtt=40 ms") == pytest.approx(10 + 4 + 20 + 4 + 0.8 + 20)


def test_where_a_recorded_plan_and_the_question_differ_is_said(run: Run, tmp_path: Path) -> None:
    text = (Path(scenarios.__file__).parent / "library" / f"{TOY}.yaml").read_text()
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    assert run("plan", str(mine), "--with", "busier", "--out", "here", "--quiet")[0] == 0
    question = ("simulate", str(mine), "--plan", f"here/{TOY}/plan.json", "--replications", "2", "--json")

    def answer(*options: str) -> Any:
        return json.loads(run(*question, *options)[1])

    same = answer("--with", "busier")
    assert same["notes"] == []
    assert same["scenario_changes"] == ["with busier"]  # once: twice would be 25 times as busy
    assert same["scenario"] == TOY
    assert same["scenario_hash"] == json.loads(Path("here", TOY, "plan.json").read_text())["scenario_hash"]
    (note,) = answer()["notes"]
    assert "with busier" in note
    _, note = answer("--set", "links.line.rtt=30 ms")["notes"]
    assert "links.line.rtt=30 ms" in note
    mine.write_text(text.replace("rtt: 20 ms", "rtt: 21 ms"))
    (note,) = answer("--with", "busier")["notes"]
    assert "has changed since this plan was made" in note
    assert "has changed since" in run(*question[:-1], "--with", "busier")[1]


def test_simulate_the_plan_of_another_scenario_is_refused(run: Run) -> None:
    assert run("plan", TOY, "--out", "here", "--quiet")[0] == 0
    code, _, err = run("simulate", "smart-camera-million", "--plan", f"here/{TOY}/plan.json")
    assert code == 2
    assert TOY in err


def test_simulating_what_has_no_plan_is_exit_code_3(run: Run) -> None:
    code, out, _ = run("simulate", TOY, "--set", TOO_FAST, "--json")
    assert code == 3
    assert json.loads(out)["status"] == "infeasible"


def test_a_timeline_is_written_and_drawn(run: Run) -> None:
    question = ("simulate", TOY, "--with", "busier", "--timeline", "8 s", "--out", "here", "--json")
    code, out, err = run(*question)
    assert (code, err) == (0, "")
    timeline = json.loads(out)["timeline"]
    assert timeline["step_s"] == 8
    assert [row["t_s"] for row in timeline["stations"] if row["name"] == "region"] == [0, 8, 16, 24, 32]
    south = [row for row in timeline["stations"] if (row["name"], row["group"]) == ("box", "shop/south")]
    assert [row["servers"] for row in south] == [1] * 5
    assert all(0 < row["busy_servers"] < 1 for row in south)
    born = sum(row["requests"] for row in timeline["workloads"])
    assert born * 10 == pytest.approx(json.loads(out)["workloads"]["scan"]["requests"])
    assert "box (shop/south), in queue" in Path("here", TOY, "timeline.svg").read_text()
    assert "timeline" not in json.loads(run("simulate", TOY, "--json")[1])


@pytest.mark.parametrize("step", ["0 s", "10", "5 kB", "1 s per till"])
def test_a_wrong_step_is_one_clear_line(run: Run, step: str) -> None:
    code, out, err = run("simulate", TOY, "--timeline", step)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "--timeline: found" in err
