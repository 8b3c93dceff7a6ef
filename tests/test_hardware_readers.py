"""What benchmark tools wrote is read as it stands there: figures against an independent reading of the files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware_profiles.faults import BadInput
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers import Reading, formats, read

SAMPLES = Path(__file__).parent / "data" / "benchmarks"
FILES = sorted(file for file in SAMPLES.iterdir() if file.name != "README.md")
WHOLE = [file for file in FILES if not file.name.startswith("refused_")]

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of some text, whose name says nothing."""

    def written(text: str) -> Path:
        file = tmp_path / "output"
        file.write_text(text, encoding="utf-8")
        return file

    return written


def only(name: str) -> Measurement:
    (one,) = read(SAMPLES / name).measurements
    return one


# --- onnxruntime ---


def raw_profile() -> tuple[list[float], dict[str, list[dict[str, Any]]]]:
    """Durations of the runs [µs] and events by node, in order."""
    events = json.loads((SAMPLES / "onnxruntime_profile.json").read_text(encoding="utf-8"))
    nodes: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        if event["name"].endswith("_kernel_time"):
            nodes.setdefault(event["name"].removesuffix("_kernel_time"), []).append(event)
    return [event["dur"] for event in events if event["name"] == "model_run"], nodes


def test_a_profile_of_onnxruntime_gives_runs_by_input_shape() -> None:
    runs, _ = raw_profile()
    found = read(SAMPLES / "onnxruntime_profile.json")
    assert (found.format, found.batch_said) == ("onnxruntime-profile", True)
    for one, batch, durations in zip(found.measurements, (1, 4), (runs[:6], runs[6:]), strict=True):
        assert (one.batch, one.input_px, one.unit) == (batch, 64, "CPU")
        assert (one.runtime, one.precision, one.load) == ("onnxruntime", "fp32", "single_stream")
        assert one.runs == len(durations)
        assert one.sample_ms == pytest.approx(np.array(durations) / 1e3)
        assert one.mean_ms == pytest.approx(np.mean(durations) / 1e3)
        assert dict(one.quantiles_ms)[0.5] == pytest.approx(np.median(durations) / 1e3)
    assert any("the first of 6 runs" in note for note in found.notes)  # warm-up is kept, and said


def test_a_profile_of_onnxruntime_gives_the_mean_of_each_node() -> None:
    _, nodes = raw_profile()
    for one, span in zip(
        read(SAMPLES / "onnxruntime_profile.json").measurements, (slice(6), slice(6, 10)), strict=True
    ):
        assert [layer.name for layer in one.layers] == list(nodes)
        for layer, events in zip(one.layers, nodes.values(), strict=True):
            assert layer.mean_ms == pytest.approx(np.mean([event["dur"] for event in events[span]]) / 1e3)
            assert layer.op == events[0]["args"]["op_name"]
        sizes = {layer.op: layer.output_bytes for layer in one.layers}
        assert sizes["Softmax"] == one.batch * 10 * 4
        assert one.layers[0].output_bytes == one.batch * 8 * 32 * 32 * 4  # the first convolution, in floats


def test_the_console_text_of_perf_test() -> None:
    one = only("ort_perf_test.txt")
    sample = np.sort(np.loadtxt(SAMPLES / "ort_perf_test_result.csv", delimiter=",", usecols=1)) * 1e3
    by_its_rule = {p: sample[int(len(sample) * p)] for p in (0.5, 0.9, 0.95, 0.99)}
    assert dict(one.quantiles_ms) == pytest.approx(by_its_rule)
    assert one.mean_ms == pytest.approx(sample.mean())
    assert (one.runs, one.threads, one.per_s, one.memory_mb) == (200, 2, 99.1465, 41.947136)


def test_the_result_file_of_perf_test() -> None:
    one = only("ort_perf_test_result.csv")
    sample = np.loadtxt(SAMPLES / "ort_perf_test_result.csv", delimiter=",", usecols=1) * 1e3
    assert one.sample_ms == pytest.approx(sample)
    assert one.mean_ms == pytest.approx(sample.mean())
    for p, ms in one.quantiles_ms:
        assert ms == pytest.approx(np.quantile(sample, p))
    assert (one.runs, one.memory_mb) == (200, 41.947136)


def test_runs_side_by_side_are_no_service_times(write: Write) -> None:
    text = (SAMPLES / "ort_perf_test.txt").read_text(encoding="utf-8").replace("99.1465", "396.6")
    (one,) = read(write(text)).measurements
    assert one.load == "server"


# --- trtexec ---


def test_the_log_of_trtexec() -> None:
    found = read(SAMPLES / "trtexec_log.txt")
    (one,) = found.measurements
    rows = json.loads((SAMPLES / "trtexec_times.json").read_text(encoding="utf-8"))
    sample = np.sort([row["h2dMs"] + row["computeMs"] + row["d2hMs"] for row in rows])
    n = len(sample)
    by_its_rule = {p: sample[n - 1 - int((1 - p) * n)] for p in (0.9, 0.95, 0.99)} | {0.5: np.median(sample)}
    assert dict(one.quantiles_ms) == pytest.approx(by_its_rule, rel=1e-5)
    assert one.mean_ms == pytest.approx(sample.mean(), rel=1e-5)
    assert (one.runs, one.batch, one.input_px, one.date) == (n, 4, 64, "2026-03-14")
    assert one.per_s == 4 * 304.526  # queries, each of four inputs
    assert (one.precision, one.runtime, one.unit, one.load) == ("int8", "tensorrt", "GPU", "single_stream")
    compute = np.mean([row["computeMs"] for row in rows])
    assert f"compute {compute:.4g} ms" in one.conditions
    assert "TensorRT 10.3.0" in one.conditions
    assert "on Invented GPU" in one.conditions


def test_the_exported_times_of_trtexec() -> None:
    rows = json.loads((SAMPLES / "trtexec_times.json").read_text(encoding="utf-8"))
    sample = [row["latencyMs"] for row in rows]
    one = only("trtexec_times.json")
    assert one.sample_ms == tuple(sample)
    assert one.mean_ms == pytest.approx(np.mean(sample))
    assert one.mean_ms == pytest.approx(only("trtexec_log.txt").mean_ms, rel=1e-5)
    for p, ms in one.quantiles_ms:
        assert ms == pytest.approx(np.quantile(sample, p))


def test_the_exported_profile_of_trtexec() -> None:
    one = only("trtexec_profile.json")
    assert one.mean_ms is None
    assert [(layer.name, layer.mean_ms) for layer in one.layers][1:] == [
        ("conv0 + relu0", 1.65),
        ("conv1 + relu1", 0.9),
        ("classify + softmax", 0.3),
    ]


def test_an_old_log_of_trtexec_counts_inputs_and_keeps_waiting_out() -> None:
    one = only("trtexec_log_2021.txt")
    assert (one.mean_ms, one.quantiles_ms) == (5.06, ((0.5, 5.01), (0.99, 6.12)))  # not the 9.9 ms end to end
    assert (one.batch, one.per_s, one.runs) == (8, 1581.03, 200)  # 1600 inputs in executions of eight
    assert (one.load, one.precision, one.date) == ("server", "fp16", "2021-05-09")


def test_the_precision_of_an_engine_built_before_is_unknown(write: Write) -> None:
    text = (
        (SAMPLES / "trtexec_log.txt").read_text(encoding="utf-8").replace("--onnx=cnn_64.onnx", "--loadEngine=cnn.plan")
    )
    (one,) = read(write(text)).measurements
    assert one.precision == ""


# --- OpenVINO ---


@pytest.mark.parametrize(
    ("name", "mean_ms", "quantile", "runs", "per_s", "load"),
    [
        ("openvino_sync.log", 0.05786, (0.5, 0.04552), 150, 12998.66, "single_stream"),
        ("openvino_sync_report.csv", 0.06, (0.5, 0.05), 150, 12998.66, "single_stream"),
        ("openvino_p95_report.json", 0.07, (0.95, 0.1), 100, 10760.19, "single_stream"),
        ("openvino_async.log", 0.24541, (0.5, 0.24366), 100, 6978.61, "server"),
        ("openvino_async_report.csv", 0.25, (0.5, 0.24), 100, 6978.61, "server"),
    ],
)
def test_what_benchmark_app_printed(
    name: str, mean_ms: float, quantile: tuple[float, float], runs: int, per_s: float, load: str
) -> None:
    one = only(name)
    assert (one.mean_ms, one.quantiles_ms, one.runs, one.per_s, one.load) == (mean_ms, (quantile,), runs, per_s, load)
    assert (one.runtime, one.unit, one.threads, one.batch, one.input_px) == ("openvino", "CPU", 1, 1, 64)
    assert one.precision == ("fp32" if name.endswith(".log") else "")


def test_the_counters_of_benchmark_app() -> None:
    one = only("openvino_counters.csv")
    rows = [line.split(";") for line in (SAMPLES / "openvino_counters.csv").read_text(encoding="utf-8").splitlines()]
    executed = [row for row in rows if len(row) > 4 and row[1] == "Status.EXECUTED"]
    assert [(layer.name, layer.op, layer.mean_ms) for layer in one.layers] == [
        (row[0], row[2], float(row[4])) for row in executed
    ]
    (total,) = [row for row in rows if row[0] == "Total"]
    assert sum(layer.mean_ms for layer in one.layers) == pytest.approx(float(total[4]))


def test_a_run_of_several_shapes_is_refused() -> None:
    with pytest.raises(BadInput, match=r"refused_openvino_shapes\.log:67: .*several input shapes.*one shape at a time"):
        read(SAMPLES / "refused_openvino_shapes.log")


# --- a plain table ---


def test_a_table_of_latencies() -> None:
    sample = np.loadtxt(SAMPLES / "latencies_us.csv", delimiter=",", skiprows=1, usecols=1) / 1e3
    one = only("latencies_us.csv")
    assert (one.runs, one.mean_ms) == (200, pytest.approx(sample.mean()))
    assert one.sample_ms == pytest.approx(sample)
    for p, ms in one.quantiles_ms:
        assert ms == pytest.approx(np.quantile(sample, p))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("latency_ms\n1.5\n2.5\n", None),
        ("run,latency_s\n1,0.0015\n2,0.0025\n", None),
        ("Latency (us)\n1500\n2500\n", None),
        ("iteration;inference time [ns]\n0;1500000\n1;2500000\n", None),
        ("i\tduration_seconds\n0\t1.5e-3\n1\t2.5e-3\n", None),
        ("ms\n1,5\n2,5\n", None),
        ("# taken by hand\n\n1.5\n2.5\n", "ms"),
        ("latency\n0.0015\n0.0025\n", "s"),
        ("\ufeffstamp,preprocess_ms,latency_ms\n1,9,1.5\n2,9,2.5\n", None),
        ("latency_ms,batch,threads\n1.5,4,2\n2.5,4,2\n", None),
    ],
)
def test_a_table_in_any_unit(write: Write, text: str, unit: str | None) -> None:
    found = read(write(text), unit_of_time=unit)
    (one,) = found.measurements
    assert (found.format, one.sample_ms, one.mean_ms, one.runs) == ("latencies", (1.5, 2.5), 2.0, 2)
    assert (one.batch, one.threads, found.batch_said) == ((4, 2, True) if "batch" in text else (1, None, False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "1.5\n2.5\n",
            "found durations without a unit, expected its unit in the header (latency_ms) or --unit-of-time ms",
        ),
        ("latency\n1.5\n", ":1: latency: found durations without a unit"),
        ("latency_ms\n1.5\nnan\n", ":3: latency_ms: found `nan`, expected a number of at least 0"),
        ("latency_ms\n1.5\n-2\n", ":3: latency_ms: found `-2`"),
        ("latency_ms\n1.5\n2.5;3\n", ":3: found 2 cells, expected 1, as in the first line"),
        ("run,latency_ms\n1,1.5\n2\n", ":3: found 1 cells, expected 2, as in the first line"),
        ('run,latency_us\n1,"1,500"\n', ":2: latency_us: found `1,500`, expected a number"),  # 1500 or 1.5
        ("latency_ms\n0\n0\n", "found durations that are all 0"),
        ("latency_ms\n1e9\n", "mean_ms: found `1000000000.0`, expected less than or equal to 10000000"),
        ("latency_ms,batch\n1.5,1\n2.5,4\n", ":1: batch: found 2 values (1, 4), expected one configuration a file"),
        ("inference_a_ms,inference_b_ms\n1,2\n", ":1: found the columns inference_a_ms, inference_b_ms, expected one"),
    ],
)
def test_a_table_that_is_not_understood_says_why(write: Write, text: str, said: str) -> None:
    file = write(text)
    with pytest.raises(BadInput) as bad:
        read(file, format="latencies")
    assert said in str(bad.value)
    assert str(bad.value).startswith(str(file))


def test_a_unit_is_refused_where_the_file_has_one(write: Write) -> None:
    for file, said in (
        (SAMPLES / "openvino_sync.log", "which states its units"),
        (write("latency_ms\n1\n"), "ms"),
    ):
        with pytest.raises(BadInput, match=f"--unit-of-time: found .*{said}"):
            read(file, unit_of_time="s")
    with pytest.raises(BadInput, match="found `h`, expected s, ms, us or ns"):
        read(write("1\n"), unit_of_time="h")


# --- any file ---


@pytest.mark.parametrize("file", WHOLE, ids=lambda file: file.name)
def test_the_format_is_seen_in_the_content_alone(file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "output"
    elsewhere.write_bytes(file.read_bytes())
    found = read(elsewhere)
    assert found == read(file) == read(file, format=found.format)
    assert not any("\n" in note or note.endswith(".") for note in found.notes)
    for other in formats():
        if other != found.format:
            with pytest.raises(BadInput):
                read(file, format=other)


def test_every_format_has_a_sample() -> None:
    assert {read(file).format for file in WHOLE} | {"profile"} == set(formats())


def test_a_format_that_is_none_is_met_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"--format: found `trtexe`, expected one of .* \(did you mean trtexec\?\)"):
        read(SAMPLES / "trtexec_log.txt", format="trtexe")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (b"\x08\x07onnx\xff", "no text"),
        (b"latency_ms\n1\0\n", "no text"),
        (b"Dear diary, nothing ran today.\n", "a file of no known format"),
        (b"[" * 200_000, "lists nested too deep"),
        (b'{"a": ' * 100_000, "lists nested too deep"),
        (b'{"a": [1.5, 2.', "found no valid JSON (Expecting ',' delimiter; is the file cut off?)"),
        (b'{"a": "1.5, 2', "found no valid JSON (Unterminated string starting at; is the file cut off?)"),
        (b'{"a": [1.5, 2.5]}', "a file of no known format"),
        (b'[{"cat": "Session", "args": NaN}]', "no valid JSON (NaN is no number)"),
        (b'[{"cat": "Session", "name": "model_run", "ts": 0, "dur": -5}]', "0.dur: found `-5`"),
        (b'[{"cat": "Session", "name": "model_run", "ts": 0, "dur": 1e12}]', "less than or equal to 10000000"),
        (b'[{"cat": "Session", "name": "session_initialization", "ts": 0, "dur": 5}]', "no `model_run` event"),
        (b'[{"cat": "Session", "name": 5}, 7]', "cannot be read as onnxruntime-profile (AttributeError"),
        (
            b"models:\n- name: &a [x, x]\n  performance_metrics:\n  - reference_device_info: {name: *a}\n"
            b"    tflite:\n      inference_time: 5\n",
            ":4: found an alias",
        ),
    ],
)
def test_a_hostile_file_gets_one_message(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "output"
    file.write_bytes(content)
    with pytest.raises(BadInput) as bad:
        read(file)
    (line,) = str(bad.value).splitlines()
    assert line.startswith(str(file))
    assert said in line


def test_a_very_large_file_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "output"
    with file.open("wb") as hole:
        hole.truncate(300 * 10**6)
    with pytest.raises(BadInput, match="a very large file, expected at most 256 MB"):
        read(file)
    os.truncate(file, 0)


@pytest.mark.parametrize(
    "name", ["trtexec_log.txt", "openvino_sync.log", "ort_perf_test.txt", "openvino_sync_report.csv"]
)
def test_two_runs_in_one_file_are_refused(write: Write, name: str) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    with pytest.raises(BadInput, match=r"output:\d+: found 2 runs in one file, expected one run a file"):
        read(write(f"{text}\n{text}"))


def test_a_result_file_may_end_in_its_percentiles(write: Write) -> None:
    """The tool writes them behind the rows, without a colon; the rows themselves count."""
    text = (SAMPLES / "ort_perf_test_result.csv").read_text(encoding="utf-8")
    behind = [
        f"{what} Latency is 0.0{at}5sec" for at, what in enumerate(("Min", "Max", "P50", "P90", "P95", "P999"), 9)
    ]
    whole = read(write("\n".join([text, *behind, ""])))
    assert whole.measurements == read(SAMPLES / "ort_perf_test_result.csv").measurements
    assert whole.notes == ()


def test_a_result_file_that_is_cut_off_is_refused_and_a_last_line_without_end_is_said(write: Write) -> None:
    text = (SAMPLES / "ort_perf_test_result.csv").read_text(encoding="utf-8")
    with pytest.raises(BadInput, match=r"output:200: found `cnn_64,0\..*`, expected model,seconds,bytes,percent,run"):
        read(write(text[:-10]))
    with pytest.raises(BadInput, match=r"output:201: found `P99 Late`, expected model"):
        read(write(f"{text}P99 Late\n"))
    assert read(write("latency_ms\n1.5\n2")).notes == ("the last line has no end: the file may be cut off",)


def test_two_tools_in_one_file_are_refused(write: Write) -> None:
    text = "".join((SAMPLES / name).read_text(encoding="utf-8") for name in ("trtexec_log.txt", "openvino_sync.log"))
    with pytest.raises(BadInput, match="found what looks like trtexec and benchmark-app at once"):
        read(write(text))


def attempt(file: Path, name: str | None) -> Reading | BadInput:
    try:
        return read(file, format=name)
    except BadInput as bad:
        return bad


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_cut_or_flipped_file_is_read_or_refused(file: Path, tmp_path: Path, data: st.DataObject) -> None:
    """Never anything else, whatever reader it is given to."""
    content = bytearray(file.read_bytes())
    for at in data.draw(st.lists(st.integers(0, 8 * len(content) - 1), max_size=3), label="bits"):
        content[at // 8] ^= 1 << at % 8
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))), label="cut")
    name = data.draw(st.one_of(st.none(), st.sampled_from(sorted(formats()))), label="format")
    broken = tmp_path / "output"
    broken.write_bytes(content[:cut])
    found = attempt(broken, name)
    if isinstance(found, BadInput):
        assert found.faults
        assert all(str(fault).splitlines() == [str(fault)] for fault in found.faults)
    else:
        assert found.measurements


def test_more_durations_than_anybody_needs_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("latency_ms\n" + "1\n" * 2_000_001, "utf-8")
    with pytest.raises(BadInput, match="at most 2000000"):
        read(file)
