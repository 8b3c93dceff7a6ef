"""`tierwise import`: what it writes, what it says, and what it leaves alone."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from command_cases import Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hardware_profiles import profile_file
from hardware_profiles.faults import BadInput
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers import formats

SAMPLES = Path(__file__).parent / "data" / "benchmarks"
FILES = sorted(file for file in SAMPLES.iterdir() if file.name != "README.md")
LOG, TABLE = str(SAMPLES / "openvino_sync.log"), str(SAMPLES / "latencies_us.csv")
TRTEXEC = str(SAMPLES / "trtexec_log.txt")
MINE = ("--hardware", "my-board", "--model", "tiny-cnn")


def test_what_was_understood_is_printed_and_written(run: Run, tmp_path: Path) -> None:
    code, out, err = run("import", LOG, *MINE)
    assert (code, err) == (0, "")
    assert f"{LOG}: benchmark-app, 1 configuration" in out
    assert "  tiny-cnn on my-board\n    fp32 openvino CPU 64 px 1 thread: mean 0.058 ms, p50 0.046 ms" in out
    assert "written: my-board.json (1 measurement)" in out
    assert out.endswith("In a scenario:\n  figures: ./my-board.json\n")
    (one,) = profile_file.read(tmp_path / "my-board.json")
    assert (one.model, one.hardware, one.mean_ms, one.quantiles_ms) == (
        "tiny-cnn",
        "my-board",
        0.05786,
        ((0.5, 0.04552),),
    )
    digest = hashlib.sha256(Path(LOG).read_bytes()).hexdigest()
    assert re.fullmatch(rf"openvino_sync\.log, sha256 {digest[:12]}, benchmark-app", one.source)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", one.date)


def test_a_second_import_adds_and_the_same_again_does_not(run: Run, tmp_path: Path) -> None:
    run("import", LOG, *MINE)
    assert "written: my-board.json (1 measurement)" in run("import", TABLE, *MINE)[1]
    assert "written: my-board.json (1 measurement, 1 of them there already)" in run("import", TABLE, *MINE)[1]
    assert len(profile_file.read(tmp_path / "my-board.json")) == 2


def test_what_is_stated_fills_what_the_file_leaves_open(run: Run, tmp_path: Path) -> None:
    stated = ("--precision", "w8a8", "--runtime", "ncnn", "--unit", "cpu", "--batch", "2", "--input-size", "64")
    more = (
        "--threads",
        "4",
        "--power-mode",
        "15 W",
        "--date",
        "2026-10",
        "--source",
        "by hand",
        "--out",
        "x/mine.json",
    )
    code, out, _ = run("import", TABLE, *MINE, *stated, *more)
    assert (code, "not said" in out, "is assumed" in out) == (0, False, False)
    assert "executions of 2 inputs" in out
    assert "In a scenario" not in out
    (one,) = profile_file.read(tmp_path / "x" / "mine.json")
    assert (one.precision, one.runtime, one.unit, one.batch) == ("int8", "ncnn", "CPU", 2)
    assert (one.input_px, one.threads, one.power_mode) == (64, 4, "15 W")
    assert (one.date, one.source) == ("2026-10", "by hand")


def test_what_stays_open_and_what_is_assumed_is_said(run: Run) -> None:
    out = run("import", TABLE, *MINE)[1]
    assert "  - batch 1 is assumed: the file does not say it (--batch)\n" in out
    assert "not said, and left open: precision (--precision), runtime (--runtime), unit (--unit)\n" in out
    assert re.search(r"  - date \d{4}-\d\d-\d\d is that of the file\n", out)


def test_a_stated_batch_makes_executions_inputs(run: Run, tmp_path: Path) -> None:
    file = str(SAMPLES / "ort_perf_test.txt")
    run("import", file, *MINE, "--batch", "8")
    (one,) = profile_file.read(tmp_path / "my-board.json")
    assert (one.batch, one.per_s) == (8, 8 * 99.1465)


@pytest.mark.parametrize(
    ("file", "options", "said"),
    [
        (LOG, ("--unit", "GPU"), "--unit: found `GPU`, and the file says `CPU`, expected what the file says"),
        (LOG, ("--batch", "8"), "--batch: found `8`, and the file says `1`, expected what the file says"),
        (LOG, ("--threads", "2"), "--threads: found `2`, and the file says `1`"),
        (LOG, ("--input-size", "224"), "--input-size: found `224`, and the file says `64`"),
        (LOG, ("--runtime", "tensorrt"), "--runtime: found `tensorrt`, and the file says `openvino`"),
        (LOG, ("--unit", "gpus"), "--unit: found `gpus`, expected one of CPU, GPU, NPU"),
        (LOG, ("--date", "yesterday"), "--date: found `yesterday`, expected YYYY-MM-DD, YYYY-MM or YYYY"),
        (LOG, ("--date", "2026-13"), "--date: found `2026-13`, expected YYYY-MM-DD, YYYY-MM or YYYY"),
        (LOG, ("--format", "trtexec"), "expected a log of trtexec to its end"),
        (LOG, ("--format", "csv"), "--format: found `csv`, expected one of"),
        (LOG, ("--model", ""), "--model: found nothing, expected a name or a number"),
        (
            str(SAMPLES / "trtexec_log.txt"),
            ("--precision", "fp8"),
            "--precision: found `fp8`, and the file says `int8`",
        ),
        (
            str(SAMPLES / "trtexec_log.txt"),
            ("--format", "mlperf"),
            "found no line `MLPerf Results Summary` and none of",
        ),
    ],
)
def test_a_contradiction_is_bad_input(run: Run, tmp_path: Path, file: str, options: tuple[str, ...], said: str) -> None:
    code, out, err = run("import", file, *MINE, *options)
    assert (code, out) == (2, "")
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_what_a_reader_only_inferred_may_be_corrected(run: Run, tmp_path: Path) -> None:
    assert run("import", LOG, *MINE, "--precision", "int8")[0] == 0
    assert [one.precision for one in profile_file.read(tmp_path / "my-board.json")] == ["int8"]


def test_what_was_overruled_is_not_told_as_if_it_held(run: Run) -> None:
    out = run("import", LOG, *MINE, "--precision", "int8")[1]
    assert "  - precision int8 is stated; from the file alone it would be fp32\n" in out
    assert "precision fp32 is what layers of floating point run in" not in out
    table = str(SAMPLES / "ultralytics_polars.log")
    inferred, said = "model yolo11n-seg: from the file of its weights", ("--hardware", "b", "--precision", "fp32")
    assert inferred in run("import", table, *said)[1]
    out = run("import", table, *said, "--model", "resnet50")[1]
    assert "  - model resnet50 is stated; from the file alone it would be yolo11n-seg\n" in out
    assert inferred not in out
    assert "(--precision)" not in out  # which was asked for, and stated
    trtexec = run("import", TRTEXEC, *MINE, "--precision", "half")[1]
    assert "  - precision fp16 is stated; from the file alone it would be int8\n" in trtexec


def test_a_new_precision_or_runtime_is_kept_and_said(run: Run) -> None:
    out = run("import", TABLE, *MINE, "--precision", "fp8x", "--runtime", "onnxrun")[1]
    assert "fp8x onnxrun: mean" in out
    assert "  - precision fp8x is not in the catalogue (did you mean fp8" in out
    assert "  - runtime onnxrun is not in the catalogue (did you mean onnxruntime" in out


def test_hardware_that_is_less_than_a_name_is_met_with_those_that_go_on(run: Run) -> None:
    out = run("import", LOG, "--hardware", "Jetson Orin Nano", "--model", "tiny-cnn")[1]
    (note,) = [line for line in out.splitlines() if line.startswith("  - hardware")]
    assert note.startswith("  - hardware Jetson Orin Nano is not in the catalogue (did you mean jetson-orin-nano-")
    assert {"jetson-orin-nano-super", "jetson-orin-nano-8gb"} <= set(re.findall(r"[\w-]+", note))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("mlperf_offline_v1.1.txt", "everything was offered at once"),
        ("mlperf_server_v0.7.txt", "its durations hold the waiting for other requests"),
        ("mlperf_multi_stream_v2.1.txt", "executions of 8 inputs"),
        ("openvino_async.log", "its durations hold the waiting for other requests"),
        ("trtexec_profile.json", "layers only"),
        ("llama_bench_cpu.json", "tokens, not executions"),
    ],
)
def test_what_no_scenario_can_use_is_said_with_the_reason(run: Run, name: str, why: str) -> None:
    code, out, _ = run("import", str(SAMPLES / name), *MINE)
    assert code == 0
    assert f", not for scenarios ({why})\n" in out
    assert "In a scenario" not in out
    assert out.endswith("No scenario can use it: how long executions of a single input take is not in it.\n")
    assert {
        one["why"] for one in json.loads(run("import", str(SAMPLES / name), *MINE, "--json")[1])["not_for_scenarios"]
    } == {why}
    assert "  figures: ./my-board.json\n" in run("import", TABLE, *MINE)[1]  # beside one that can be used


def test_fewer_runs_in_place_of_more_are_said(run: Run) -> None:
    Path("few.csv").write_text("latency_ms\n1.5\n2.5\n", encoding="utf-8")
    run("import", TABLE, *MINE, "--date", "2026-11-20")
    out = run("import", "few.csv", *MINE, "--date", "2026-11-21")[1]
    note = "note: tiny-cnn on my-board, batch 1: the newest counts, which is now of 2 runs, no longer of 200\n"
    assert note in out
    assert "note: " not in run("import", TABLE, *MINE, "--date", "2026-11-22")[1]
    assert "note: " not in run("import", "few.csv", *MINE, "--date", "2026-11-19")[1]  # older: does not count
    assert "note: " not in run("import", "few.csv", *MINE, "--precision", "int8", "--date", "2026-11-23")[1]


def test_model_and_hardware_are_needed(run: Run, tmp_path: Path) -> None:
    code, _, err = run("import", LOG)
    assert code == 2
    assert "--model: found no model in the file, expected its name: --model yolo11n" in err
    assert "--hardware: found no hardware in the file, expected where it ran: --hardware my-board" in err
    assert list(tmp_path.iterdir()) == []


def test_names_of_the_catalogue_become_its_own_and_near_misses_are_hinted(run: Run, tmp_path: Path) -> None:
    out = run("import", LOG, "--hardware", "Jetson AGX Orin", "--model", "YOLOv8_det")[1]
    assert "yolov8n on jetson-agx-orin-64gb" in out
    assert "is not in the catalogue" not in out
    assert (tmp_path / "jetson-agx-orin-64gb.json").exists()
    out = run("import", LOG, "--hardware", "jetson-agx-orion-64gb", "--model", "tiny-cnn")[1]
    assert "  - hardware jetson-agx-orion-64gb is not in the catalogue (did you mean jetson-agx-orin-64gb" in out
    assert "  - model tiny-cnn is not in the catalogue\n" in out


def test_layers_of_a_file_of_their_own_join_the_run(run: Run, tmp_path: Path) -> None:
    files = [str(SAMPLES / name) for name in ("trtexec_log.txt", "trtexec_profile.json")]
    code, out, _ = run("import", *files, *MINE, "--batch", "4")
    assert (code, "(1 measurement)" in out) == (0, True)
    (one,) = profile_file.read(tmp_path / "my-board.json")
    assert (one.mean_ms, one.precision, len(one.layers)) == (3.27387, "int8", 4)
    assert "layers: trtexec_profile.json, sha256 " in one.conditions


def test_single_durations_are_kept_on_request(run: Run, tmp_path: Path) -> None:
    run("import", TABLE, *MINE, "--out", "without.json")
    run("import", TABLE, *MINE, "--sample", "--out", "with.json")
    (without,), (kept,) = profile_file.read(tmp_path / "without.json"), profile_file.read(tmp_path / "with.json")
    assert (without.sample_ms, len(kept.sample_ms)) == ((), 200)
    assert without.quantiles_ms == kept.quantiles_ms


def test_a_boards_profile_file_comes_in_with_its_machine(run: Run, tmp_path: Path) -> None:
    one = Measurement(model="m", hardware="board", mean_ms=2.0, sample_ms=(2.0,), source="bench", date="2026-11-21")
    profile_file.save(tmp_path / "from-board.json", [one], {"cpu": "Cortex-A76"})
    assert run("import", "from-board.json", "--out", "all.json")[0] == 0
    assert profile_file.load(tmp_path / "all.json") == profile_file.ProfileFile((one,), {"cpu": "Cortex-A76"})


def test_json_is_the_measurements_and_quiet_is_silent(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("import", LOG, *MINE, "--json")
    document = json.loads(out)
    assert (code, document["written"]) == (0, "my-board.json")
    assert document["files"][0]["format"] == "benchmark-app"
    written = json.loads((tmp_path / "my-board.json").read_text(encoding="utf-8"))
    assert document["measurements"] == written["measurements"]
    assert run("import", TABLE, *MINE, "--quiet") == (0, "", "")


def test_the_formats_are_listed(run: Run) -> None:
    code, out, _ = run("import", "--formats")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(formats())
    assert list(json.loads(run("import", "--formats", "--json")[1])["formats"]) == list(formats())


def test_nothing_to_import_is_bad_input(run: Run) -> None:
    assert run("import")[0] == 2
    code, _, err = run("import", "none.log", *MINE)
    assert (code, err) == (2, "none.log: found no such file, expected a file\n")


def test_a_plan_in_the_way_is_not_touched(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my-board.json").write_text('{"kind": "tierwise plan"}', encoding="utf-8")
    code, _, err = run("import", LOG, *MINE)
    assert code == 2
    assert "expected a profile file as `tierwise bench` and `tierwise import` write" in err
    assert (tmp_path / "my-board.json").read_text(encoding="utf-8") == '{"kind": "tierwise plan"}'


def test_one_bad_file_among_good_ones_writes_nothing(run: Run, tmp_path: Path) -> None:
    assert run("import", LOG, str(SAMPLES / "refused_openvino_shapes.log"), *MINE)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_the_schema_of_a_profile_file_is_printed(run: Run) -> None:
    document = json.loads(run("schema", "--of", "profile")[1])
    assert document["title"] == "Tierwise profile"
    assert set(document["required"]) == {"schema_version", "measurements"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_failed_import_leaves_the_profile_file_as_it_is(file: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Any prefix or bit-flipped copy is imported or refused in words; then not a byte changes and nothing is added."""
    from app.command_line import app

    content = bytearray(file.read_bytes())
    for at in data.draw(st.lists(st.integers(0, 8 * len(content) - 1), max_size=2), label="bits"):
        content[at // 8] ^= 1 << at % 8
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))), label="cut")
    broken, profile = tmp_path / "output", tmp_path / "profile.json"
    broken.write_bytes(content[:cut])
    profile.unlink(missing_ok=True)
    held = Measurement(model="m", hardware="h", mean_ms=1.0, source="s", date="2026")
    before = profile_file.save(profile, [held]).read_bytes()
    names = data.draw(st.sampled_from([(), MINE]), label="names")
    left = CliRunner().invoke(app, ["import", str(broken), *names, "--out", str(profile)])
    if left.exit_code:
        assert isinstance(left.exception, BadInput)
        assert left.output == ""
        assert profile.read_bytes() == before
    else:
        assert profile_file.read(profile)[0] == held
        assert len(profile_file.read(profile)) > 1
    assert set(tmp_path.iterdir()) == {broken, profile}
