"""Outputs of TFLite, MLPerf, Qualcomm AI Hub, Ultralytics, llama.cpp and Triton: read as the tools meant them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from hardware_profiles.faults import BadInput
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers import Reading, formats, read

SAMPLES = Path(__file__).parent / "data" / "benchmarks"
TOOLS = ("tflite", "mlperf", "qualcomm", "ultralytics", "llama", "perf", "genai")
OURS = sorted(file for file in SAMPLES.iterdir() if file.name.startswith(TOOLS))

Edited = Callable[[str, Callable[[str], str]], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """A sample with its text changed, under a name that says nothing."""

    def write(name: str, change: Callable[[str], str]) -> Path:
        before = (SAMPLES / name).read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        file = tmp_path / "output"
        file.write_text(after, encoding="utf-8")
        return file

    return write


def of(name: str) -> Reading:
    return read(SAMPLES / name)


def only(name: str) -> Measurement:
    (one,) = of(name).measurements
    return one


def refusal(file: Path) -> str:
    with pytest.raises(BadInput) as raised:
        read(file)
    return str(raised.value)


def figures(one: Measurement) -> Measurement:
    return replace(one, conditions="", date="", runs=None)


# --- all of them ---


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_a_file_is_recognised_by_its_content_and_by_one_reader(file: Path) -> None:
    found = read(file)
    text = file.read_text(encoding="utf-8")
    others = [name for name in formats() if name not in (found.format, "latencies")]
    assert found.measurements

    def claims(name: str) -> bool:
        try:
            return formats()[name].recognises(text)
        except BadInput:  # no JSON, which is a no
            return False

    assert not [name for name in others if claims(name)]


# --- TensorFlow Lite ---


def test_tflite_gives_the_runs_and_leaves_the_warm_up_aside() -> None:
    one = only("tflite_xnnpack_profiled.log")
    assert (one.mean_ms, one.runs) == (8.03125, 200)
    assert one.quantiles_ms == ((0.05, 7.904), (0.5, 8.010), (0.95, 8.250))
    assert (one.runtime, one.unit, one.threads) == ("tflite-xnnpack", "CPU", 4)
    assert (one.batch, one.input_px, one.memory_mb) == (1, 224, 25.5)
    assert (one.model, one.precision) == ("", "")  # a file's name says neither
    assert "invented_cnn.tflite" in one.conditions


def test_tflite_gives_the_operators_of_the_runs_only() -> None:
    # The tables of the initialisation, of the top operators and of the delegate's inside stand in the log too.
    layers = only("tflite_xnnpack_profiled.log").layers
    assert [(layer.op, layer.mean_ms) for layer in layers] == [("TfLiteXNNPackDelegate", 7.69), ("SOFTMAX", 0.31)]
    assert layers[1].name == "MobileNet/probabilities"


def test_an_old_log_of_the_gpu_says_that_some_of_it_ran_on_the_cpu() -> None:
    found = of("tflite_gpu_old.log")
    (one,) = found.measurements
    assert (one.mean_ms, one.runs, one.quantiles_ms) == (30.875, 50, ())
    assert (one.unit, one.runtime, one.memory_mb, one.threads) == ("GPU", "tflite", 96.5, None)
    assert any("only part of the graph" in note for note in found.notes)
    assert "70 of 79 nodes" in one.conditions


def test_a_delegate_that_refused_the_graph_has_no_part_in_it() -> None:
    found = of("tflite_nnapi_refused.log")
    (one,) = found.measurements
    assert (one.mean_ms, one.unit, one.runtime, one.threads) == (21.1403, "CPU", "tflite-xnnpack", None)
    assert not found.batch_said
    assert any("NNAPI delegate was asked for and took no part" in note for note in found.notes)


def test_what_nnapi_ran_on_is_the_accelerator_it_names(edited: Edited) -> None:
    def taken(text: str) -> str:
        graph = "Explicitly applied NNAPI delegate, and the model graph will be completely executed by the delegate."
        return re.sub(r"Though NNAPI.*", graph, text)

    (one,) = read(edited("tflite_nnapi_refused.log", taken)).measurements
    assert (one.unit, one.runtime) == ("TPU", "tflite")
    reference = edited("tflite_nnapi_refused.log", lambda text: taken(text).replace("google-edgetpu,", ""))
    assert read(reference).measurements[0].unit == "CPU"
    unknown = edited("tflite_nnapi_refused.log", lambda text: taken(text).replace("google-edgetpu", "vendor-drv"))
    assert read(unknown).measurements[0].unit == ""


def test_a_log_of_several_benchmarks_gives_each(edited: Edited) -> None:
    second = (SAMPLES / "tflite_gpu_old.log").read_text(encoding="utf-8")
    both = read(edited("tflite_nnapi_refused.log", lambda text: text + second)).measurements
    assert [one.mean_ms for one in both] == [21.1403, 30.875]
    assert [one.unit for one in both] == ["CPU", "GPU"]


def test_a_log_that_ends_in_the_warm_up_or_in_the_figures_is_refused(edited: Edited) -> None:
    assert "19: found only the statistics of the warm-up" in refusal(SAMPLES / "refused_tflite_warm_up_only.log")
    cut = edited("tflite_xnnpack_profiled.log", lambda text: text[: text.index("8031.25 std") + 3])
    assert "21: found statistics without `avg` and `std`" in refusal(cut)


# --- MLPerf ---

SUMMARIES = sorted(one.name for one in SAMPLES.glob("mlperf_*[0-9].txt"))


@pytest.mark.parametrize("name", [name for name in SUMMARIES if "offline" not in name])
def test_percentiles_are_those_of_the_summary(name: str) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8").split("Per-sample latency")[0]
    lines = re.findall(r"(?m)^(\d\d\.\d\d) percentile latency \(ns\)\s+: (\d+)$", text)
    assert len(lines) == 6
    expected = [(float(percent) / 100, int(ns) / 1e6) for percent, ns in lines]
    assert list(only(name).quantiles_ms) == [(pytest.approx(p), pytest.approx(ms, rel=1e-12)) for p, ms in expected]


def test_a_single_stream_is_one_sample_after_the_other() -> None:
    found = of("mlperf_single_stream_v2.0.txt")
    (one,) = found.measurements
    assert (one.load, one.batch, one.runs, one.mean_ms, one.per_s) == ("single_stream", 1, 1036, 580.070486, 1.72)
    assert dict(one.quantiles_ms)[0.9] == 593.672598
    assert any("estimate of p90 is 596.068 ms" in note for note in found.notes)


def test_a_single_stream_of_a_language_model_has_its_speed(edited: Edited) -> None:
    def generate(text: str) -> str:
        tokens = "TPS w/ loadgen overhead         : 40.5\nMean First Token latency (ns)               : 64250000\n"
        return text.replace("QPS w/o loadgen overhead", tokens + "QPS w/o loadgen overhead")

    (one,) = read(edited("mlperf_single_stream_v2.0.txt", generate)).measurements
    assert (one.load, one.tokens_per_s, one.first_token_ms, one.mean_ms) == ("single_stream", 40.5, 64.25, 580.070486)


def test_a_multi_stream_is_a_batch_of_the_samples_of_a_query() -> None:
    one = only("mlperf_multi_stream_v2.1.txt")
    assert (one.load, one.batch, one.runs, one.mean_ms) == ("multi_stream", 8, 278265, 2.150793)
    old = only("mlperf_multi_stream_v0.5.txt")
    assert (old.load, old.batch, old.mean_ms) == ("multi_stream", 100, None)  # that round has a mean of samples only
    assert dict(old.quantiles_ms)[0.5] == 47.250368  # of the query; 47.224652 is of its samples


def test_a_server_run_is_under_load() -> None:
    one = only("mlperf_server_v0.7.txt")
    assert (one.load, one.per_s, one.mean_ms) == ("server", 11022.59, 514.443779)
    assert "scheduled 11102.4/s" in one.conditions
    tokens = only("mlperf_server_tokens_v4.1.txt")
    assert (tokens.load, tokens.per_s, tokens.tokens_per_s) == ("server", 100.35, 29228.22)
    assert tokens.first_token_ms == 198.269106


@pytest.mark.parametrize(("name", "per_s", "tokens"), [("v1.1", 1245.1, None), ("tokens_v4.1", 101.239, 6985.51)])
def test_an_offline_run_is_a_rate_and_never_a_duration(name: str, per_s: float, tokens: float | None) -> None:
    one = only(f"mlperf_offline_{name}.txt")
    assert (one.load, one.per_s, one.tokens_per_s) == ("offline", per_s, tokens)
    assert (one.mean_ms, one.quantiles_ms, one.runs, one.batch) == (None, (), None, 1)


def test_detail_log_and_summary_of_a_run_say_the_same() -> None:
    detail, summary = only("mlperf_single_stream_v2.1_detail.txt"), only("mlperf_single_stream_v2.1.txt")
    assert figures(detail) == figures(summary)
    assert detail.runs == summary.runs == 926147
    assert detail.date == "2022-07-29"
    notes = of("mlperf_single_stream_v2.1_detail.txt").notes
    assert set(notes) == set(of("mlperf_single_stream_v2.1.txt").notes)


def test_a_detail_log_of_many_samples_a_query_gives_the_query(edited: Edited) -> None:
    def multi(text: str) -> str:
        text = re.sub('(effective_scenario", "value": )"SingleStream"', r'\1"MultiStream"', text)
        text = re.sub('(effective_samples_per_query", "value": )1', r"\g<1>8", text)
        query = {"result_mean_query_latency_ns": 5000000, "result_50.00_percentile_per_query_latency_ns": 4000000}
        return text + "".join(f':::MLLOG {{"key": "{key}", "value": {ns}}}\n' for key, ns in query.items())

    (one,) = read(edited("mlperf_single_stream_v2.1_detail.txt", multi)).measurements
    assert (one.load, one.batch, one.mean_ms, one.quantiles_ms) == ("multi_stream", 8, 5.0, ((0.5, 4.0),))


def test_an_invalid_run_is_said(edited: Edited) -> None:
    def fail(text: str) -> str:
        return text.replace("is : VALID", "is : INVALID").replace("queries satisfied : Yes", "queries satisfied : NO")

    found = read(edited("mlperf_server_v0.7.txt", fail))
    assert found.measurements[0].conditions.count("INVALID") == 1
    assert "the load generator calls this run INVALID: Min queries satisfied" in found.notes
    assert not any("INVALID" in note for note in of("mlperf_server_v0.7.txt").notes)
    detail = read(edited("mlperf_single_stream_v2.1_detail.txt", lambda t: t.replace('": "VALID"', '": "INVALID"')))
    assert "INVALID" in detail.measurements[0].conditions


def test_the_scenario_is_what_the_log_says(tmp_path: Path) -> None:
    for folder in ("Offline", "Server"):
        file = tmp_path / folder / "mlperf_log_summary.txt"
        file.parent.mkdir()
        file.write_bytes((SAMPLES / "mlperf_single_stream_v2.0.txt").read_bytes())
        assert read(file).measurements[0].load == "single_stream"


def test_summaries_behind_one_another_are_runs_of_their_own(edited: Edited) -> None:
    second = (SAMPLES / "mlperf_server_v0.7.txt").read_text(encoding="utf-8")
    both = read(edited("mlperf_multi_stream_v0.5.txt", lambda text: text + second)).measurements
    assert [figures(one) for one in both] == [
        figures(only("mlperf_multi_stream_v0.5.txt")),
        figures(only("mlperf_server_v0.7.txt")),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "Mode     : PerformanceOnly",
            "Mode     : AccuracyOnly",
            "Mode: found `AccuracyOnly`, expected a performance run",
        ),
        ("Scenario : SingleStream", "Scenario : SingelStream", "did you mean SingleStream?"),
        (": 593672598\n95", ": 593 672\n95", "90.00 percentile latency (ns): found `593 672`"),
    ],
)
def test_what_no_timing_can_be_read_from_is_refused(edited: Edited, old: str, new: str, said: str) -> None:
    assert said in refusal(edited("mlperf_single_stream_v2.0.txt", lambda text: text.replace(old, new)))


def test_a_cut_off_log_is_refused(edited: Edited) -> None:
    assert "7: found a summary without its test parameters" in refusal(SAMPLES / "refused_mlperf_cut_off.txt")
    assert "holds no figures" in refusal(SAMPLES / "refused_mlperf_detail_v0.5.txt")
    early = edited("mlperf_single_stream_v2.1_detail.txt", lambda text: text[: text.index(':::MLLOG {"key": "result_')])
    assert "a detail log without results" in refusal(early)
    inside = edited("mlperf_single_stream_v2.1_detail.txt", lambda text: text[: text.index('"effective_target_qps"')])
    line = inside.read_text(encoding="utf-8").count("\n") + 1
    assert f":{line}: found no valid JSON" in refusal(inside)


# --- Qualcomm AI Hub ---


def test_a_profile_of_ai_hub_gives_its_single_runs() -> None:
    raw = json.loads((SAMPLES / "qualcomm_profile.json").read_text(encoding="utf-8"))
    runs_us = raw["execution_summary"]["all_inference_times"]
    found = of("qualcomm_profile.json")
    (one,) = found.measurements
    assert one.mean_ms == pytest.approx(fmean(runs_us) / 1e3)
    assert one.sample_ms == tuple(us / 1e3 for us in runs_us)
    assert dict(one.quantiles_ms)[0.5] == pytest.approx(3.1275)
    assert (one.unit, one.memory_mb) == ("NPU", 39845888 / 2**20)
    assert "own estimate 3.1 ms" in one.conditions
    assert not found.batch_said
    timed = [layer for layer in raw["execution_detail"] if "execution_time" in layer]
    assert [layer.name for layer in one.layers] == [layer["name"] for layer in timed]
    assert [layer.mean_ms for layer in one.layers] == [layer["execution_time"] / 1e3 for layer in timed]
    assert "not all of it ran on the NPU: 3 layers on NPU, 2 layers on CPU" in found.notes


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        raw = json.loads(text)
        change(raw)
        return json.dumps(raw)

    return edit


def test_a_profile_without_single_runs_gives_the_estimate_and_says_so(edited: Edited) -> None:
    def older(raw: dict[str, Any]) -> None:
        del raw["execution_summary"]["all_inference_times"]
        raw["execution_summary"]["inference_memory_peak_range"] = -1
        raw["execution_summary"]["estimated_inference_peak_memory"] = -1

    found = read(edited("qualcomm_profile.json", changed(older)))
    (one,) = found.measurements
    assert (one.mean_ms, one.runs, one.sample_ms, one.memory_mb) == (3.1, None, (), None)
    assert any("near its fastest run" in note for note in found.notes)


def test_the_compute_unit_is_where_the_time_went_not_where_most_layers_are(edited: Edited) -> None:
    def slow_cpu(raw: dict[str, Any]) -> None:
        raw["execution_detail"][0]["execution_time"] = 9000

    assert read(edited("qualcomm_profile.json", changed(slow_cpu))).measurements[0].unit == "CPU"

    def no_times(raw: dict[str, Any]) -> None:
        for layer in raw["execution_detail"]:
            layer.pop("execution_time", None)
            layer.pop("execution_cycles", None)

    untimed = read(edited("qualcomm_profile.json", changed(no_times))).measurements[0]
    assert (untimed.unit, untimed.layers) == ("NPU", ())


def rows(name: str) -> list[tuple[Any, ...]]:
    fields = ("model", "hardware", "precision", "runtime", "unit", "mean_ms", "memory_mb", "date")
    return [tuple(getattr(one, field) for field in fields) for one in of(name).measurements]


def test_perf_yaml_of_2024_has_a_row_per_device_and_runtime() -> None:
    net = ("Invented-Net", "Invented Phone A")
    assert rows("qualcomm_perf_2024.yaml") == [
        (*net, "fp16", "tflite", "NPU", 0.446, 27.0, "2025-04-08"),
        (*net, "fp16", "qnn", "NPU", 0.526, 27.0, "2025-04-08"),
        (*net, "fp32", "onnxruntime", "CPU", 55.562, 84.0, "2025-04-08"),
    ]
    notes = of("qualcomm_perf_2024.yaml").notes
    assert "1 of 4 runs failed there and are left out" in notes
    assert any("not all of it ran on the CPU: 90 layers on CPU, 30 layers on NPU" in note for note in notes)


def test_perf_yaml_of_2025_has_a_row_per_precision_part_device_and_runtime() -> None:
    phone, laptop = "Invented Phone A", "Invented Laptop C"
    assert rows("qualcomm_perf_2025.yaml") == [
        ("InventedEncoder", phone, "fp16", "tflite", "NPU", 2.615, 127.0, ""),
        ("InventedEncoder", laptop, "fp32", "onnxruntime", "CPU", 41.5, 90.0, ""),  # `float` that fell back
        ("InventedDecoder", phone, "fp16", "tflite", "GPU", 7.25, 64.0, ""),
        ("InventedEncoder", phone, "int8", "onnxruntime-qnn", "NPU", 1.05, 3.0, ""),
    ]
    assert any("in 2 parts" in note for note in of("qualcomm_perf_2025.yaml").notes)


def test_perf_yaml_of_a_language_model_has_speed_and_first_token() -> None:
    found = of("qualcomm_perf_language_model.yaml").measurements
    assert [(one.hardware, one.tokens_per_s, one.first_token_ms) for one in found] == [
        ("Invented Phone A", 28.25, 82.5),
        ("Invented Phone A", 29.5, 80.25),
        ("Invented Laptop C", 11.75, 116.5),
    ]
    assert {(one.precision, one.runtime, one.unit, one.mean_ms) for one in found} == {("w4a16", "genie", "NPU", None)}
    assert "context of 1024 tokens" in found[1].conditions
    assert any(note.startswith("unit NPU:") for note in of("qualcomm_perf_language_model.yaml").notes)
    assert "2640 ms for a full context" in found[0].conditions


def test_the_first_token_of_a_file_of_2024_is_in_microseconds(edited: Edited) -> None:
    def older(text: str) -> str:
        return re.sub(r"min: 82.5\n(\s+)max: 2640.0", r"min: 82500.0\n\1max: 2640000.0", text).replace(
            "range_milliseconds:\n                    min: 82500", "range:\n                    min: 82500"
        )

    one = read(edited("qualcomm_perf_language_model.yaml", older)).measurements[0]
    assert one.first_token_ms == 82.5
    assert "2640 ms for a full context" in one.conditions


def test_broken_yaml_is_one_line_with_its_place(edited: Edited) -> None:
    message = refusal(edited("qualcomm_perf_2025.yaml", lambda text: text.replace("  float:", "  float: {")))
    assert re.search(r"output:\d+: found ", message)
    assert "\n" not in message
    cut = refusal(edited("qualcomm_perf_2025.yaml", lambda text: text[: text.index("41.5") + 2]))
    assert "is it cut off?" in cut  # it would be 41 ms


# --- Ultralytics ---


def timings(name: str) -> list[tuple[Any, ...]]:
    return [(one.model, one.runtime, one.unit, one.input_px, one.mean_ms) for one in of(name).measurements]


def test_the_console_table_gives_the_rows_that_passed() -> None:
    nano, small = ("yolo11n", "CPU", 640), ("yolov8s", "CPU", 320)
    expected = [
        *(("pytorch", 320.5), ("torchscript", 410.25), ("onnxruntime", 171.75)),
        *(("openvino", 83.05), ("tf-savedmodel", 505.5), ("ncnn", 91.5)),
    ]
    assert timings("ultralytics_pandas.log") == [
        *((nano[0], runtime, nano[1], nano[2], ms) for runtime, ms in expected),
        (small[0], "pytorch", small[1], small[2], 210.4),
    ]
    failed = [note.split()[0] for note in of("ultralytics_pandas.log").notes if "failed there" in note]
    assert failed == ["TensorRT", "CoreML", "ONNX"]


def test_the_table_of_later_versions_is_read_too() -> None:
    model = "yolo11n-seg"
    assert timings("ultralytics_polars.log") == [
        (model, "pytorch", "GPU", 640, 18.25),
        (model, "torchscript", "GPU", 640, 15.5),
        (model, "onnxruntime", "", 640, 13.75),  # where ONNX Runtime ran, the log does not say
        (model, "tensorrt", "GPU", 640, 6.25),
    ]


def test_csv_and_markdown_of_ultralytics() -> None:
    assert timings("ultralytics.csv") == [
        ("", "pytorch", "", None, 320.5),
        ("", "onnxruntime", "", None, 171.75),
        ("", "edgetpu", "TPU", None, 14.5),
    ]
    assert [one.precision for one in of("ultralytics.csv").measurements] == ["", "", "int8"]
    assert [one[1::3] for one in timings("ultralytics.md")] == [("pytorch", 387.63), ("ncnn", 88.05)]


def test_no_accuracy_is_taken_for_a_time_where_a_row_is_cut(edited: Edited) -> None:
    cut = edited("ultralytics_pandas.log", lambda text: text[: text.index("410.25") + 6])  # before the last column
    assert "is it cut off?" in refusal(cut)
    no_marks = read(edited("ultralytics_pandas.log", lambda text: re.sub("[✅❌❎]", " ", text)))  # as some consoles do
    assert no_marks.measurements == of("ultralytics_pandas.log").measurements
    nothing = edited("ultralytics.md", lambda text: text.replace("✅", "❌"))
    assert "no row that passed" in refusal(nothing)


# --- llama.cpp ---


def test_json_lines_csv_and_markdown_of_one_run_agree() -> None:
    raw = json.loads((SAMPLES / "llama_bench_cpu.json").read_text(encoding="utf-8"))
    whole = only("llama_bench_cpu.json")
    prompt, generation = raw
    assert whole.first_token_ms == pytest.approx(fmean(prompt["samples_ns"]) / 1e6) == 24120.0
    rates = [128e9 / ns for ns in generation["samples_ns"]]
    assert whole.tokens_per_s == pytest.approx(fmean(rates), rel=1e-6)
    assert (whole.unit, whole.threads, whole.precision, whole.runtime) == ("CPU", 4, "q4_k_m", "llama.cpp")
    assert (whole.model, whole.hardware, whole.runs, whole.mean_ms) == ("", "", 5, None)
    assert only("llama_bench_cpu.jsonl") == whole
    assert only("llama_bench_cpu.csv") == replace(whole, runs=None)
    table = only("llama_bench_cpu.md")  # with two decimals, and the first token by way of the rate
    assert table.tokens_per_s == round(generation["avg_ts"], 2)
    assert table.first_token_ms == pytest.approx(whole.first_token_ms, rel=0.005 / 21.23 + 1e-4)
    assert figures(replace(table, tokens_per_s=None, first_token_ms=None)) == figures(
        replace(whole, tokens_per_s=None, first_token_ms=None)
    )


def test_prompts_of_several_lengths_are_measurements_of_their_own() -> None:
    found = of("llama_bench_cuda_lengths.md")
    assert [(one.first_token_ms, one.tokens_per_s) for one in found.measurements] == [
        (pytest.approx(128 / 512 * 1e3), 20.5),
        (pytest.approx(1024 / 800 * 1e3), 20.5),
        (pytest.approx(512 / 400 * 1e3), 16.0),  # at a depth of 4096 tokens
    ]
    assert {(one.unit, one.precision, one.threads) for one in found.measurements} == {("GPU", "q8_0", None)}
    assert "type_k q8_0; flash attention" in found.measurements[0].conditions
    assert "pp512 @ d4096" in found.measurements[2].conditions
    assert "pp512+tg128 mixes prompt and generation and is left out" in found.notes


@pytest.mark.parametrize(
    ("kind", "precision"),
    [
        ("llama 8B Q4_K - Medium", "q4_k_m"),
        ("llama 8B Q3_K - Small", "q3_k_s"),
        ("llama 8B Q2_K - Medium", "q2_k"),
        ("qwen3moe 30B.A3B IQ4_XS - 4.25 bpw", "iq4_xs"),
        ("gemma 2B Q4_0", "q4_0"),
        ("gpt-oss 20B MXFP4 MoE", "mxfp4"),
        ("llama 1B BF16", "bf16"),
        ("llama 1B F16", "fp16"),
        ("llama 1B all F32", "fp32"),
        ("llama 1B", ""),
    ],
)
def test_the_quantisation_is_named_as_the_files_are(edited: Edited, kind: str, precision: str) -> None:
    file = edited("llama_bench_cpu.csv", lambda text: text.replace("llama 3B Q4_K - Medium", kind))
    assert read(file).measurements[0].precision == precision


@pytest.mark.parametrize(
    ("backends", "layers", "unit", "threads"),
    [
        ("CUDA", 99, "GPU", None),
        ("Metal,BLAS", 99, "GPU", None),
        ("Vulkan,RPC", -1, "GPU", None),
        ("HTP", 99, "NPU", None),
        ("CUDA", 0, "CPU", 4),
        ("BLAS", 99, "CPU", 4),
        ("Strange", 99, "", None),
    ],
)
def test_the_compute_unit_is_the_backend_if_layers_were_offloaded(
    edited: Edited, backends: str, layers: int, unit: str, threads: int | None
) -> None:
    def change(raw: Any) -> None:
        for test in raw:
            test.update(backends=backends, n_gpu_layers=layers, gpu_info="")

    found = read(edited("llama_bench_cpu.json", changed(change)))
    (one,) = found.measurements
    assert (one.unit, one.threads) == (unit, threads)
    assert any("which compute unit backend `Strange`" in note for note in found.notes) == (unit == "")


def test_versions_before_the_field_backends_have_a_flag_for_each(edited: Edited) -> None:
    def older(raw: Any) -> None:
        for test in raw:
            del test["backends"]
            test.update(cuda=True, vulkan=False, metal=False, blas=True)

    assert read(edited("llama_bench_cpu.json", changed(older))).measurements[0].unit == "GPU"


def test_a_row_that_is_cut_off_is_refused_with_its_line(edited: Edited) -> None:
    cut = edited("llama_bench_cpu.csv", lambda text: text[: text.rindex(",")])
    assert ":3: found 32 cells, expected 33" in refusal(cut)
    line = edited("llama_bench_cpu.jsonl", lambda text: text[:-20])
    assert ":2: found no valid JSON" in refusal(line)


# --- Triton ---


@pytest.mark.parametrize("name", ["perf_analyzer_concurrency.csv", "perf_analyzer_rate_verbose.csv"])
def test_perf_analyzer_gives_a_client_s_durations(name: str) -> None:
    with (SAMPLES / name).open(encoding="utf-8") as lines:
        table = list(csv.DictReader(lines))
    for one, row in zip(of(name).measurements, table, strict=True):
        percentiles = [(p / 100, int(row[f"p{p} latency"]) / 1e3) for p in (50, 90, 95, 99)]
        assert list(one.quantiles_ms) == percentiles
        assert one.per_s == float(row["Inferences/Second"])
        assert one.load == ("single_stream" if row.get("Concurrency") == "1" else "server")
        us = [int(row[key]) for key in row if key.startswith(("Client", "Network", "Server"))]
        assert one.mean_ms == pytest.approx(sum(us) / 1e3, abs=0.01)


def test_a_mean_that_the_parts_do_not_give_is_left_out(edited: Edited) -> None:
    # The network is what the other parts leave of the whole: at 0 they are more than it.
    found = read(edited("perf_analyzer_concurrency.csv", lambda text: text.replace(",980,", ",0,")))
    assert [one.mean_ms for one in found.measurements] == [None, 20.405, 40.795]
    assert any(note.startswith("batch 1:") for note in found.notes)


def test_a_row_of_perf_analyzer_that_is_cut_off_is_refused(edited: Edited) -> None:
    cut = edited("perf_analyzer_concurrency.csv", lambda text: text[: text.rindex(",")])
    assert ":4: found 12 cells, expected 13" in refusal(cut)


def test_genai_perf_tells_one_request_at_a_time_from_several(edited: Edited) -> None:
    one = only("genai_perf_alone.csv")
    assert (one.load, one.mean_ms, one.first_token_ms, one.tokens_per_s) == ("single_stream", 3239.25, 64.25, 40.0)
    assert (one.runs, one.per_s, dict(one.quantiles_ms)[0.99]) == (40, 0.31, 3305.0)

    def busy(text: str) -> str:
        return text.replace("Throughput (per sec),0.31", "Throughput (per sec),2.5").replace(",39.52", ",318.5")

    several = read(edited("genai_perf_alone.csv", busy)).measurements[0]
    assert (several.load, several.tokens_per_s) == ("server", 318.5)  # of all requests together
