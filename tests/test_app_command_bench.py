"""`tierwise bench`, and the packed bench on a machine without our libraries."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import onnx
import pytest
from command_cases import Run
from onnx_models import write

from hardware_profiles import profile_file

QUICK = ("--hardware", "my-board", "--runs", "120", "--warm-up", "0.1")


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    write(tmp_path, "tiny")
    return "tiny.onnx"


def test_a_model_is_measured_and_the_line_to_paste_is_printed(run: Run, tiny: str) -> None:
    code, out, err = run("bench", tiny, *QUICK, "--batch", "1", "4", "--threads", "1")
    assert (code, err) == (0, "")
    title, heading, one, four, *rest = out.splitlines()
    assert title == "tiny on my-board: fp32, onnxruntime (CPU)"
    assert heading.split() == ["batch", "threads", "mean", "p50", "p99", "inputs/s", "memory", "energy"]
    assert one.split()[:2] == ["1", "1"]
    assert four.split()[:2] == ["4", "1"]
    assert rest[-2:] == ["written to my-board.json; in a scenario:", "  figures: ./my-board.json"]
    assert all(len(line) <= 80 for line in (title, heading, one, four))
    measurements = profile_file.read(Path("my-board.json"))
    assert [(one.model, one.hardware, one.batch, one.runs) for one in measurements] == [
        ("tiny", "my-board", 1, 120),
        ("tiny", "my-board", 4, 120),
    ]
    assert all("tierwise bench" in one.source and len(one.date) == 10 for one in measurements)
    machine = profile_file.load(Path("my-board.json")).machine
    assert machine["cpu"]
    assert machine["onnxruntime"]


def test_the_document_is_a_profile_file_and_says_what_the_file_says(run: Run, tiny: str) -> None:
    code, out, err = run("bench", tiny, *QUICK, "--json", "--sample", "--layers", "--out", "made/here.json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document.pop("file") == "made/here.json"
    assert any("layers make" in note for note in document.pop("notes"))
    assert document == json.loads(Path("made/here.json").read_text())
    (one,) = profile_file.read(Path("made/here.json"))
    assert len(one.sample_ms) == one.runs == 120
    assert [layer.op for layer in one.layers][:2] == ["Conv", "Conv"]
    assert one.layers[-1].cut_bytes == 0


def test_a_second_bench_adds_to_the_file(run: Run, tiny: str) -> None:
    assert run("bench", tiny, *QUICK, "--quiet") == (0, "", "")
    assert run("bench", tiny, *QUICK, "--quiet", "--model", "other", "--precision", "int8", "--unit", "NPU") == (
        0,
        "",
        "",
    )
    first, second = profile_file.read(Path("my-board.json"))
    assert (first.model, first.precision, first.unit) == ("tiny", "fp32", "CPU")
    assert (second.model, second.precision, second.unit) == ("other", "int8", "NPU")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.onnx",), "nothing.onnx: found no such file, expected an ONNX model"),
        (("text.onnx",), "expected a model that onnxruntime can load"),
        (("tiny.onnx", "--provider", "cup"), "--provider: found `cup`, expected one that this onnxruntime has: "),
        (("tiny.onnx", "--provider", "cup"), "(did you mean CPU?)"),
        (("tiny.onnx", "--provider", "CUDA"), "--provider: found `CUDA`, expected one that this onnxruntime has: "),
        (("tiny.onnx", "--axis", "batsh=4"), "--axis: found `batsh`, expected an open axis of the model: batch"),
        (("tiny.onnx", "--axis", "batch"), "found `batch`, expected NAME=VALUE"),
        (("tiny.onnx", "--axis", "batch=-1"), "--axis: found 'batch=-1', expected NAME=SIZE"),
        (("tiny.onnx", "--batch", "0"), "found `0`, expected a whole number from 1"),
        (("tiny.onnx", "--seconds", "nan"), "found `nan`, expected seconds"),
        (("tiny.onnx", "--without-copies"), "--without-copies: found the CPU provider"),
        (("tiny.onnx", "--fast"), "unrecognized arguments: --fast"),
        (("tiny.onnx", "--out", "tiny.onnx"), "tiny.onnx: found no text"),
        (("tiny.onnx", "--out", "."), "which is a folder"),
        (("tiny.onnx", "--hardware", "../board"), "a name that a file can have, or --out"),
        ((), "found no model, expected MODEL.onnx --hardware NAME"),
    ],
)
def test_what_cannot_be_measured_is_one_line_and_writes_nothing(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    write(tmp_path, "tiny")
    Path("text.onnx").write_text("no model")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    hardware = () if "--hardware" in arguments else ("--hardware", "my-board")
    code, out, err = run("bench", *arguments, *hardware)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert ("did you mean CPU?" in err) == ("cup" in arguments)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_every_batch_is_checked_before_any_is_measured(run: Run, tiny: str) -> None:
    model = onnx.load(tiny)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, "fixed.onnx")
    code, out, err = run("bench", "fixed.onnx", *QUICK, "--batch", "1", "4", "8", "--threads", "1", "2")
    assert (code, out) == (2, "")
    fixed = "expected 1, at which the model's first axis is fixed"
    assert err == f"--batch: found 4, {fixed}\n--batch: found 8, {fixed}\n"
    assert not Path("my-board.json").exists()


def test_what_was_done_before_a_fault_is_said_to_be_written(run: Run) -> None:
    """Only running it shows that this model takes a single input: its first axis is open, its reshaping is not."""
    shape = onnx.helper.make_tensor("shape", onnx.TensorProto.INT64, [2], [1, 4])
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", 4]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Reshape", ["x", "shape"], ["y"])], "g", [x], [y], [shape])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), "one.onnx")
    code, out, err = run("bench", "one.onnx", *QUICK, "--batch", "1", "4", "--threads", "1")
    assert code == 2
    assert "--axis: found inputs that the model refuses" in err
    assert out.endswith("written to my-board.json; in a scenario:\n  figures: ./my-board.json\n")
    assert [one.batch for one in profile_file.read(Path("my-board.json"))] == [1]


def test_fewer_runs_in_place_of_more_are_said(run: Run, tiny: str) -> None:
    few = ("--hardware", "my-board", "--warm-up", "0.1", "--runs", "2")
    assert run("bench", tiny, *QUICK, "--quiet")[0] == 0
    out = run("bench", tiny, *few)[1]
    note = "note: tiny on my-board, batch 1: the newest counts, which is now of 2 runs, no longer of 120\n"
    assert note in out
    assert "no longer of" not in run("bench", tiny, *QUICK)[1]
    assert "no longer of" not in run("bench", tiny, *few, "--model", "other")[1]


def test_a_machine_without_a_name_is_asked_for_one(run: Run, tiny: str) -> None:
    code, _, err = run("bench", tiny)
    assert (code, err) == (2, "tierwise bench: found no name for this machine, expected MODEL.onnx --hardware NAME\n")


def test_an_interrupted_bench_keeps_what_was_finished(tiny: str, tmp_path: Path) -> None:
    """The first batch takes a moment, the second minutes."""
    file = tmp_path / "my-board.json"
    code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
    arguments = ["bench", tiny, "--hardware", "my-board", "--runs", "2000", "--batch", "1", "512", "--warm-up", "0.1"]
    bench = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        patience = time.monotonic() + 60
        while not file.exists() and bench.poll() is None and time.monotonic() < patience:
            time.sleep(0.05)
        time.sleep(0.3)
        bench.send_signal(signal.SIGINT)
        out, _ = bench.communicate(timeout=60)
    finally:
        bench.kill()
    assert bench.returncode == 130
    assert "note: interrupted: 1 of 2 configurations done and kept; each is kept when it is done" in out
    assert "a shorter --seconds" in out
    assert [one.batch for one in profile_file.read(file)] == [1]


# --- the packed bench --------------------------------------------------------------------------------------------

# Only what a board has: the standard library, numpy and onnxruntime with what they themselves need.
BARE = """
import os, runpy, sys
class NothingElse:
    allowed = {"__main__", "hardware_profiles", "numpy", "onnxruntime"}
    allowed |= {"flatbuffers", "google", "packaging", "sympy", "mpmath"}
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in self.allowed and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
sys.meta_path.insert(0, NothingElse())
pack, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = pack
try:
    runpy.run_path(pack, run_name="__main__")
finally:
    import hardware_profiles
    assert hardware_profiles.__file__.startswith(os.path.abspath(pack)), hardware_profiles.__file__
"""


def on_a_board(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", BARE, str(folder / "bench.pyz"), *arguments]
    return subprocess.run(command, text=True, capture_output=True, cwd=folder, timeout=120)


def test_the_packed_bench_needs_numpy_and_onnxruntime_only(run: Run, tiny: str, tmp_path: Path) -> None:
    assert run("bench", "--pack", "bench.pyz") == (0, "bench.pyz\n", "")
    assert Path("bench.pyz").stat().st_size < 100_000
    for _ in range(2):  # the second adds to the file, without a library that checks it
        done = on_a_board(tiny, *QUICK, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    assert "figures: ./my-board.json" in done.stdout
    measurements = profile_file.read(Path("my-board.json"))
    assert len(measurements) == 2
    assert all(one.source.startswith("tierwise bench 0.") for one in measurements)
    wrong = on_a_board(tiny, *QUICK, "--layers", folder=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "--layers: found no onnx installed for this Python, expected `pip install onnx`\n"
    again = on_a_board("--pack", "copy.pyz", folder=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "--pack: found the packed bench itself" in again.stderr


def test_both_have_the_same_options_and_help(run: Run, tmp_path: Path) -> None:
    assert run("bench", "--pack", "bench.pyz", "--quiet") == (0, "", "")
    code, ours, _ = run("bench", "--help")
    assert code == 0
    assert "--provider" in ours
    theirs = subprocess.run(
        [sys.executable, "bench.pyz", "--help"],
        text=True,
        capture_output=True,
        check=True,
        env={**os.environ, "COLUMNS": "80"},
        cwd=tmp_path,
    )
    assert theirs.stdout == ours.replace("tierwise bench", "python3 bench.pyz")


def test_the_bench_is_written_for_the_python_that_boards_have() -> None:
    import ast

    from hardware_profiles.bench.packing import BESIDE

    house = Path(profile_file.__file__).parent
    modules = [*(house / f"{name}.py" for name in BESIDE), *(house / "bench").glob("*.py")]
    assert len(modules) > 15
    for module in modules:
        ast.parse(module.read_text("utf-8"), feature_version=(3, 10))
