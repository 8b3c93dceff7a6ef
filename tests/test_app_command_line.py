"""The command line as a user meets it: exit codes, what is on stdout, and nothing else there."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import scenarios
from app.command_line import main
from app.printed.lines import COLUMNS
from app.printed.summary import LINES

Run = Callable[..., tuple[int, str, str]]

TOY = "two-site-toy"
TOO_FAST = "workloads.scan.requires.latency.read.p99=1 ms"
SAMPLES = Path(__file__).parent / "data" / "scenarios"
HEAVY = ("pandas", "numpy", "numba", "pulp", "highspy", "streamlit", "matplotlib", "pint", "ruamel", "simpy", "scipy")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs `tierwise` with some arguments in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def tierwise(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tierwise", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return tierwise


def in_a_process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], text=True, capture_output=True, **options)


def test_help_is_instant_because_it_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom app.command_line import main\nsys.argv = ['tierwise', '--help']\n"
        f"try: main()\nexcept SystemExit: print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert "simulate" in found.stdout
    assert found.stderr.strip() == "[]"


def test_bare_tierwise_names_the_three_commands_a_newcomer_needs(run: Run) -> None:
    code, out, err = run()
    assert (code, err) == (0, "")
    for command in ("tierwise run factory-vision", "tierwise scenarios", "tierwise check"):
        assert command in out


def test_version(run: Run) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("tierwise ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("paln", TOY),
        ("plan",),
        ("plan", TOY, "--seed", "many"),
        ("plan", TOY, "--set", "no equals sign"),
        ("plan", TOY, "--set", "=5"),
        ("plan", TOY, "--set", "workloads.nothing.here=5"),
        ("plan", TOY, "--with", "no-such-what-if"),
        ("plan", TOY, "--fix", "read"),
        ("plan", TOY, "--fix", "read=nowhere"),
        ("plan", TOY, "--forbid", "nowhere"),
        ("plan", "no-such-scenario"),
        ("simulate", TOY, "--plan", "no-such-file.json"),
        ("simulate", TOY, "--replications", "0"),
        ("simulate", TOY, "--engine", "abacus"),
        ("check", "no-such-file.yaml"),
        ("check", "no-such-plan.json"),
    ],
    ids=" ".join,
)
def test_bad_input_is_exit_code_2_with_a_message_and_nothing_on_stdout(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err


def test_a_misspelt_scenario_is_met_with_the_nearest_name(run: Run) -> None:
    _, _, err = run("plan", "factory-visoin")
    assert "factory-vision" in err


def test_a_fault_of_ours_is_one_line_and_exit_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict[str, str]:
        raise ZeroDivisionError("a fault\nput in on purpose")

    monkeypatch.setattr("scenarios.library", broken)
    code, out, err = run("scenarios")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "ZeroDivisionError: a fault put in on purpose" in err
    assert "TIERWISE_DEBUG=1" in err


def test_an_interrupt_is_exit_code_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> dict[str, str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("scenarios.library", interrupted)
    assert run("scenarios")[0] == 130


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


@pytest.mark.parametrize("command", [("hardware",), ("schema",), ("plan", TOY, "--set", TOO_FAST, "--json")])
def test_a_reader_that_leaves_early_is_no_fault(command: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)  # as | head does
    code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
    left = subprocess.run([sys.executable, "-c", code, *command], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert left.stderr == ""
    assert left.returncode == (3 if command[0] == "plan" else 0)


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


@pytest.mark.parametrize("name", ["twelve-plants", "smart-checkout-900", "phone-assistant"])
@pytest.mark.parametrize("command", ["plan", "simulate"])
def test_what_is_not_planned_yet_is_checked_as_valid_and_refused_by_name(run: Run, name: str, command: str) -> None:
    file = str(SAMPLES / f"{name}.yaml")
    code, out, _ = run("check", file, "--json")
    assert code == 0
    parts = json.loads(out)["files"][0]["not_planned_yet"]
    assert parts
    code, out, err = run(command, file)
    assert (code, out) == (2, "")
    for part in parts:
        assert part.split(": ")[0] in err


def test_control_characters_of_a_scenario_never_reach_the_terminal(run: Run) -> None:
    code, out, err = run("plan", TOY, "--set", 'about="a \\e[31mred\\e[0m bell \\a"')
    assert code == 0
    assert "red" in out
    assert not {"\x1b", "\a"} & set(out + err)


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


def test_schema_is_a_schema(run: Run) -> None:
    code, out, _ = run("schema")
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_plan_answers_within_a_page_with_the_reason_before_the_table(run: Run) -> None:
    code, out, err = run("plan", TOY)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS for line in lines)
    assert "\x1b" not in out
    starts = [line.split()[0] for line in lines if line.strip() and not line.startswith("        ")]
    assert starts.index("Why") < starts.index("requirement") < starts.index("cost")
    assert "USD a month, cheapest within" in out


def test_plan_json_is_one_document_with_the_promised_keys(run: Run) -> None:
    code, out, err = run("plan", TOY, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    promised = "schema_version scenario status solver_gap model_gap bound solver cost_usd_per_month bill pools routes"
    promised += " requirements baselines assumptions bill_of_materials currency"
    assert set(promised.split()) <= set(document)
    route = document["routes"][0]
    assert {"site", "sites", "traffic", "workload", "tasks", "reason", "next_best"} <= set(route)
    assert {"task", "pool", "tier", "variant"} <= set(route["tasks"][0])
    assert {one["name"] for one in document["baselines"]} == {"all_cloud", "all_edge"}


def test_quiet_prints_nothing(run: Run) -> None:
    assert run("plan", TOY, "--quiet") == (0, "", "")


def test_an_infeasible_plan_is_an_answer_and_exit_code_3(run: Run) -> None:
    code, out, err = run("plan", TOY, "--set", TOO_FAST)
    assert (code, err) == (3, "")
    lines = out.splitlines()
    assert lines[0].startswith("INFEASIBLE")
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS for line in lines)
    assert "read p99 limit" in out
    code, out, _ = run("plan", TOY, "--set", TOO_FAST, "--json")
    assert code == 3
    assert json.loads(out)["status"] == "infeasible"


def test_the_relaxation_that_is_printed_makes_a_plan(run: Run) -> None:
    _, out, _ = run("plan", TOY, "--set", TOO_FAST)
    tried = out[out.index("Try") :].replace("\\\n", " ")
    setting = tried.rsplit("--set ", 1)[1].strip().replace("'", "")
    assert run("plan", TOY, "--set", TOO_FAST, "--set", setting)[0] == 0


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


def test_run_writes_a_report_and_says_where(run: Run, tmp_path: Path) -> None:
    code, out, err = run("run", TOY)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS for line in lines)
    written = sorted(path.name for path in (tmp_path / "out" / TOY).iterdir())
    assert written == ["plan.json", "report.html", "topology.svg"]
    assert "report.html" in out
    code, out, _ = run("run", TOY, "--json", "--out", "there")
    document = json.loads(out)
    assert code == 0
    assert Path(document["report"]).exists()
    assert document["plan"]["status"] in ("optimal", "feasible")
    assert document["simulation"]["scenario"] == TOY


def test_a_folder_that_cannot_be_written_is_bad_input(run: Run) -> None:
    Path("taken").write_text("a file, not a folder")
    code, _, err = run("plan", TOY, "--out", "taken")
    assert code == 2
    assert "--out" in err


def test_set_and_with_change_the_answer_and_are_recorded(run: Run) -> None:
    def answer(*options: str) -> Any:
        return json.loads(run("plan", TOY, "--json", *options)[1])

    box = "prices.toy-box.price=1 USD"
    assert answer("--set", box)["cost_usd_per_month"] < answer()["cost_usd_per_month"]
    what_if = scenarios.load(TOY).what_ifs[0]
    changed = answer("--with", what_if, "--set", box)["scenario_changes"]
    assert changed == [f"with {what_if}", box]


def test_output_is_plain_text_in_a_pipe_and_has_coloured_verdicts_on_a_terminal() -> None:
    piped = in_a_process("plan", TOY)
    assert piped.returncode == 0
    assert "\x1b" not in piped.stdout + piped.stderr
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as screen:
        code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        process = subprocess.Popen(
            [sys.executable, "-c", code, "plan", TOY], stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        seen = b""
        try:
            while chunk := screen.read1():  # type: ignore[attr-defined]
                seen += chunk
        except OSError:
            pass  # the other end of a pseudo-terminal closes with an error
        assert process.wait() == 0
    assert b"\x1b[32m" in seen
    assert b"met" in seen


def test_the_same_seed_prints_the_same_bytes() -> None:
    first, second = (in_a_process("simulate", TOY, "--json", "--seed", "3") for _ in range(2))
    assert first.stdout == second.stdout
    assert first.returncode == 0
