"""The command line as a user meets it: exit codes, what is on stdout, and nothing else there."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
from command_cases import SAMPLES, TOO_FAST, TOY, Run, in_a_process

HEAVY = ("pandas", "numpy", "numba", "pulp", "highspy", "streamlit", "matplotlib", "pint", "ruamel", "simpy", "scipy")


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


@pytest.mark.parametrize("command", [("hardware",), ("schema",), ("plan", TOY, "--set", TOO_FAST, "--json")])
def test_a_reader_that_leaves_early_is_no_fault(command: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)  # as | head does
    code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
    left = subprocess.run([sys.executable, "-c", code, *command], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert left.stderr == ""
    assert left.returncode == (3 if command[0] == "plan" else 0)


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
