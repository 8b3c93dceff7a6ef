"""What the catalogue answers: figures against an independent list, identities, precedence, what is missing."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hardware_profiles as hw
from hardware_profiles.catalogue.measured import measurements
from hardware_profiles.catalogue.tables import COLUMNS, measured_pairs
from hardware_profiles.interpolation import between
from hardware_profiles.listing import listed
from hardware_profiles.measurement import quantiles_of
from hardware_profiles.profile import every_profile

# Read off the publications by hand, not from our tables: Ultralytics docs (Jetson guide, TensorRT and OpenVINO
# integration, Raspberry Pi and Coral guides, performance tables), Qualcomm AI Hub Models at b61a009, MLPerf v3.0.
PUBLISHED = [
    ("yolo11n", "jetson-orin-nano-super", "fp16", "tensorrt", "GPU", 4.91),
    ("yolo11n", "jetson-orin-nano-super", "int8", "tensorrt", "GPU", 3.91),
    ("yolo11s", "jetson-orin-nano-super", "fp16", "tensorrt", "GPU", 7.30),
    ("yolov8n", "jetson-orin-nx-16gb", "fp16", "tensorrt", "GPU", 3.19),
    ("yolov8n", "jetson-orin-nx-16gb", "int8", "tensorrt", "GPU", 2.32),
    ("yolo11n", "jetson-agx-orin-64gb", "fp16", "tensorrt", "GPU", 2.60),
    ("yolov8n", "rtx-3060", "fp16", "tensorrt", "GPU", 1.43),
    ("yolo11n", "t4", "fp16", "tensorrt", "GPU", 1.5),
    ("yolo11s", "t4", "fp16", "tensorrt", "GPU", 2.5),
    ("yolov8n", "a100", "fp16", "tensorrt", "GPU", 0.33),
    ("yolov8n", "intel-xeon", "fp32", "openvino", "CPU", 11.34),
    ("yolo11n", "raspberry-pi-5", "fp32", "openvino", "CPU", 81.192),
    ("yolo11n", "raspberry-pi-5", "fp32", "onnxruntime", "CPU", 147.2),
    ("yolov8n", "rb3-gen-2", "w8a16", "qnn", "NPU", 9.08),
    ("yolov8n", "rb3-gen-2", "int8", "qnn", "NPU", 3.34),
    ("yolov8n", "rb3-gen-2", "int8", "onnxruntime", "CPU", 59.877),
    ("mobilenet-v2", "snapdragon-8-elite-gen-5", "int8", "tflite", "NPU", 0.187),
    ("yolov8n", "samsung-galaxy-s24", "fp16", "tflite", "NPU", 2.394),
    ("resnet50", "jetson-agx-orin-64gb", "int8", "tensorrt", "GPU", 0.63041),
    ("resnet50", "jetson-orin-nx-16gb", "int8", "tensorrt", "GPU", 1.08458),
    ("resnet50", "t4", "int8", "tensorrt", "GPU", 0.812385),
    ("resnet50", "a100", "int8", "tensorrt", "GPU", 0.454689),
    ("resnet50", "gcp-n2-standard-80", "fp32", "onnxruntime", "CPU", 7.90155),
]


def the(model: str, hardware: str, precision: str, runtime: str, **how: int) -> hw.Profile:
    (found,) = (p for p in hw.profiles(model, hardware, **how) if (p.precision, p.runtime) == (precision, runtime))
    return found


@pytest.mark.parametrize(("model", "hardware", "precision", "runtime", "unit", "mean_ms"), PUBLISHED)
def test_figures_are_the_published_ones(
    model: str, hardware: str, precision: str, runtime: str, unit: str, mean_ms: float
) -> None:
    profile = the(model, hardware, precision, runtime)
    assert (profile.unit, profile.mean_ms, profile.batch, profile.kind) == (unit, mean_ms, 1, "measured")
    assert profile.source
    assert profile.date


def test_on_the_rb3_onnx_ran_on_the_cpu_and_the_rest_on_the_npu() -> None:
    units = {(profile.runtime, profile.unit) for profile in hw.profiles("yolov8n", "rb3-gen-2")}
    assert units == {("onnxruntime", "CPU"), ("qnn", "NPU"), ("tflite", "NPU")}


def test_the_fastest_configuration_comes_first() -> None:
    means = [profile.mean_ms for profile in hw.profiles("yolov8n", "rb3-gen-2")]
    assert means == sorted(means)
    assert len(means) >= 5


def test_a_batch_of_eight_is_never_used_as_one() -> None:
    one, eight = the("yolov8n", "rtx-3060", "fp16", "tensorrt"), the("yolov8n", "rtx-3060", "fp16", "tensorrt", batch=8)
    assert (one.mean_ms, eight.mean_ms) == (1.43, 6.88)  # the source prints 0.86 ms a picture
    assert "0.86 ms a picture" in eight.conditions


def test_another_input_size_is_never_used_as_the_usual_one() -> None:
    assert hw.profiles("yolov8n", "raspberry-pi-5-coral") == ()
    small = hw.profiles("yolov8n", "raspberry-pi-5-coral", input_px=320)
    assert ("edgetpu", "TPU", 22.2) in [(p.runtime, p.unit, p.mean_ms) for p in small]
    assert {p.input_px for p in small} == {320}


def test_the_newest_row_counts_and_the_older_ones_are_shown() -> None:
    profile = the("resnet50", "jetson-agx-orin-64gb", "int8", "tensorrt")
    assert (profile.mean_ms, profile.date) == (0.63041, "2023-04")
    older = [(p.mean_ms, p.date) for p in profile.superseded]
    assert (0.64213, "2022-09") in older
    assert [date for _, date in older] == sorted((date for _, date in older), reverse=True)


def test_of_two_rows_of_one_year_the_later_line_counts() -> None:
    profile = the("yolo11n", "raspberry-pi-5", "fp32", "openvino")
    assert [p.mean_ms for p in (profile, *profile.superseded)] == [81.192, 530.224]


def test_a_server_counts_as_the_card_inside_it() -> None:
    assert hw.profiles("yolov8n", "server-rtx-3060") == hw.profiles("yolov8n", "rtx-3060") != ()


def test_a_published_mean_gets_a_marked_spread() -> None:
    gpu, cpu = the("yolo11n", "t4", "fp16", "tensorrt"), the("yolov8n", "intel-xeon", "fp32", "openvino")
    assert (gpu.spread, cpu.spread) == ("assumed cv 0.1", "assumed cv 0.25")
    for profile, cv in ((gpu, 0.1), (cpu, 0.25)):
        assert profile.service.mean_s == pytest.approx(profile.mean_ms / 1e3, rel=1e-12)
        assert profile.service.variance_s2**0.5 / profile.service.mean_s == pytest.approx(cv, rel=1e-9)


def test_published_percentiles_are_kept() -> None:
    profile = the("resnet50", "gcp-n2-standard-80", "fp32", "onnxruntime")
    assert profile.spread == ""
    assert [profile.service.quantile(p) for p in (0.5, 0.9, 0.99)] == pytest.approx(
        [7.65647e-3, 8.08441e-3, 17.6786e-3]
    )


def test_service_times_are_close_to_the_published_means() -> None:
    # Percentiles say nothing below the median and beyond p99, so a few distributions sit beside the mean.
    off = sorted(abs(p.service.mean_s * 1e3 / p.mean_ms - 1) for p in every_profile())
    assert len(off) > 50
    assert off[len(off) * 95 // 100] <= 0.05
    assert off[len(off) // 2] <= 0.01


def test_every_profile_keeps_its_percentiles_and_says_where_it_is_from() -> None:
    for profile in every_profile():
        for p, ms in profile.quantiles_ms:
            if not profile.spread:
                assert profile.service.quantile(p) * 1e3 == pytest.approx(ms, rel=1e-9)
        assert profile.kind in ("measured", "listed")
        assert profile.source
        assert profile.date
        assert not profile.power_mode
        assert profile.load in ("single_stream", "multi_stream")


def a_measurement(**figures: object) -> hw.Measurement:
    return hw.Measurement(**{"model": "m", "hardware": "h", "unit": "GPU", **figures})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "cv"), [("GPU", 0.1), ("DSP", 0.1), ("FPGA", 0.1), ("MCU", 0.05), ("CPU", 0.25), ("", 0.25)]
)
def test_the_assumed_spread_depends_on_what_did_the_work(unit: str, cv: float) -> None:
    profile = hw.profile_of(a_measurement(unit=unit, mean_ms=4.0))
    assert profile.spread == f"assumed cv {cv}"
    assert profile.service.mean_s == pytest.approx(4e-3)
    assert profile.service.variance_s2**0.5 / profile.service.mean_s == pytest.approx(cv)


@pytest.mark.parametrize("p", [0.5, 0.9, 0.99])
def test_a_single_percentile_is_met_with_an_assumed_spread(p: float) -> None:
    profile = hw.profile_of(a_measurement(quantiles_ms=((p, 7.0),)))
    assert profile.spread == "assumed cv 0.1"
    assert profile.service.quantile(p) * 1e3 == pytest.approx(7.0)
    assert profile.mean_ms == pytest.approx(profile.service.mean_s * 1e3)


def test_all_quantiles_of_ones_own_measurement_are_kept() -> None:
    points = ((0.01, 1.0), (0.5, 2.0), (0.9, 2.5), (0.999, 9.0))
    profile = hw.profile_of(a_measurement(mean_ms=2.1, quantiles_ms=points))
    assert (profile.spread, profile.mean_ms) == ("", 2.1)
    assert [profile.service.quantile(p) * 1e3 for p, _ in points] == pytest.approx([ms for _, ms in points])


z = NormalDist().inv_cdf


def test_a_tail_that_nobody_measured_goes_on_as_a_log_normal_and_is_marked() -> None:
    points = ((0.1, 1.9), (0.5, 2.0), (0.9, 2.2), (0.95, 2.3))
    profile = hw.profile_of(a_measurement(mean_ms=2.0, quantiles_ms=points))
    assert (profile.spread, profile.mean_ms) == ("assumed beyond p95", 2.0)
    sigma = math.log(2.3 / 2.0) / z(0.95)
    tail = [(p, 2.0 * math.exp(sigma * z(p))) for p in (0.99, 0.999)]
    assert [profile.service.quantile(p) * 1e3 for p, _ in (*points, *tail)] == pytest.approx(
        [ms for _, ms in (*points, *tail)], rel=1e-9
    )


def test_a_mean_above_the_quantiles_raises_the_tail_that_nobody_measured() -> None:
    """Of 50 runs that took about 60 µs one took 36.5 ms: their mean is 0.79 ms; the quantiles do not tell."""
    sample = [0.058] * 30 + [0.0646] * 19 + [36.5]
    points = quantiles_of(sample)
    assert points[-1] == (0.95, 0.0646)
    profile = hw.profile_of(a_measurement(mean_ms=fmean(sample), quantiles_ms=points))
    assert profile.spread == "assumed beyond p95"
    assert profile.service.mean_s * 1e3 == pytest.approx(fmean(sample), rel=1e-9)
    assert [profile.service.quantile(p) * 1e3 for p, _ in points] == pytest.approx([ms for _, ms in points], rel=1e-9)
    sigma = math.log(0.0646 / 0.058) / z(0.95)  # the tail is that log-normal's, so many times as long throughout
    p99, p999 = (profile.service.quantile(p) * 1e3 for p in (0.99, 0.999))
    assert p999 / p99 == pytest.approx(math.exp(sigma * (z(0.999) - z(0.99))), rel=1e-9)
    assert p99 == pytest.approx(44.672, rel=1e-4)


def test_a_mean_below_such_a_tail_makes_it_less_steep() -> None:
    """Three of 50 runs took 68 ms instead of 0.2: a log-normal through their p95 would go on to 3.7 s."""
    sample = [0.15] * 20 + [0.2] * 27 + [68.0] * 3
    points = quantiles_of(sample)
    highest = points[-1][1]
    assert points[-1] == (0.95, pytest.approx(37.49))
    assert hw.profile_of(a_measurement(quantiles_ms=points)).service.quantile(0.999) > 3.7
    profile = hw.profile_of(a_measurement(mean_ms=fmean(sample), quantiles_ms=points))
    assert profile.service.mean_s * 1e3 == pytest.approx(fmean(sample), rel=1e-9)
    p99, p999 = (profile.service.quantile(p) * 1e3 for p in (0.99, 0.999))
    usual = math.sqrt(math.log1p(0.1**2))
    assert math.log(p999 / p99) / (z(0.999) - z(0.99)) == pytest.approx(math.log(p99 / highest) / (z(0.99) - z(0.95)))
    assert (p99, p999) == pytest.approx((83.7356, 206.109), rel=1e-5)
    # And never less than the usual spread goes on, however low the mean.
    short = hw.profile_of(a_measurement(mean_ms=1.0, quantiles_ms=points)).service
    assert short.quantile(0.99) * 1e3 == pytest.approx(highest * math.exp(usual * (z(0.99) - z(0.95))), rel=1e-9)


@settings(max_examples=60)
@given(
    st.lists(st.floats(0.01, 100), min_size=4, max_size=98),
    st.floats(1, 1e4),
)
def test_no_service_time_of_a_short_sample_is_below_its_mean(sample: list[float], outlier: float) -> None:
    sample = [*sample, outlier * max(sample)]
    profile = hw.profile_of(a_measurement(mean_ms=fmean(sample), quantiles_ms=quantiles_of(sample)))
    assert profile.service.mean_s * 1e3 >= fmean(sample) * (1 - 1e-9)
    at = [profile.service.quantile(p) for p in (0.5, 0.9, 0.95, 0.99, 0.999)]
    assert at == sorted(at)


def test_batches_whose_tails_are_assumed_keep_them_between() -> None:
    def of(batch: int, factor: float) -> hw.Profile:
        points = tuple((p, factor * ms) for p, ms in ((0.5, 2.0), (0.75, 2.1), (0.9, 2.2)))
        return hw.profile_of(a_measurement(batch=batch, mean_ms=factor * 2.5, quantiles_ms=points))

    low, high = of(1, 1.0), of(3, 2.0)
    found = between(low, high, 2)
    assert (found.spread, found.mean_ms) == ("assumed beyond p90", 3.75)
    for p in (0.5, 0.9, 0.99, 0.999):
        assert found.service.quantile(p) == pytest.approx(1.5 * low.service.quantile(p), rel=1e-9)
    assert found.service.mean_s * 1e3 == pytest.approx(3.75, rel=1e-9)


@pytest.mark.parametrize("load", ["server", "offline"])
def test_what_was_measured_under_load_is_no_service_time(load: str) -> None:
    with pytest.raises(ValueError, match="how long"):
        hw.profile_of(a_measurement(mean_ms=4.0, load=load))
    with pytest.raises(ValueError, match="how long"):
        hw.profile_of(a_measurement(per_s=100.0))


@pytest.mark.parametrize(
    ("spelling", "ours"),
    [
        ("YOLOv8n", "yolov8n"),
        ("yolov8_det", "yolov8n"),
        ("YOLO11-n", "yolo11n"),
        ("yolov11_det", "yolo11n"),
        ("MobileNetV2", "mobilenet-v2"),
        ("ResNet-50", "resnet50"),
        ("Standard_NC4as_T4_v3", None),
    ],
)
def test_a_model_has_one_name(spelling: str, ours: str | None) -> None:
    assert hw.canonical_model(spelling) == ours


@pytest.mark.parametrize(
    ("spelling", "ours"),
    [
        ("Jetson Orin Nano Super Developer Kit", "jetson-orin-nano-super"),
        ("NVIDIA Jetson Orin NX 16GB", "jetson-orin-nx-16gb"),
        ("Dragonwing RB3 Gen 2 Vision Kit", "rb3-gen-2"),
        ("Raspberry_Pi_5", "raspberry-pi-5"),
        ("T4", "t4"),
        ("Standard_NC4as_T4_v3", None),  # an offer, not a device
        ("azure NC4as_T4_v3", None),
    ],
)
def test_a_device_has_one_name(spelling: str, ours: str | None) -> None:
    assert hw.canonical_hardware(spelling) == ours


def test_canonical_names_are_their_own() -> None:
    assert [hw.canonical_model(name) for name in hw.known_models()] == list(hw.known_models())
    assert [hw.canonical_hardware(name) for name in hw.known_hardware()] == list(hw.known_hardware())


def test_precisions_have_one_name() -> None:
    names = {name: hw.canonical_precision(name) for name in ("w8a8", "INT8", "float", "fp16", "w8a16", "fp32", "int3")}
    assert names == {
        "w8a8": "int8",
        "INT8": "int8",
        "float": "fp16",
        "fp16": "fp16",
        "w8a16": "w8a16",
        "fp32": "fp32",
        "int3": None,
    }


def accuracy(model: str, hardware: str, precision: str, runtime: str) -> tuple[float, str] | None:
    rows = the(model, hardware, precision, runtime).accuracy
    return (rows[0].value, rows[0].where) if rows else None


def test_accuracy_comes_from_the_same_runtime_and_says_from_where() -> None:
    s25 = "on samsung-galaxy-s25, 300 pictures"
    assert accuracy("yolov8n", "rb3-gen-2", "w8a16", "qnn") == (0.382, f"w8a16 qnn {s25}")
    assert accuracy("yolov8n", "rb3-gen-2", "int8", "qnn") == (0.317, f"int8 qnn {s25}")
    assert accuracy("yolo11n", "jetson-orin-nano-super", "fp16", "tensorrt") == (0.395, "fp16 tensorrt on t4")
    assert accuracy("yolov8n", "jetson-orin-nx-16gb", "int8", "tensorrt") == (
        0.32,
        "int8 tensorrt on jetson-orin-nx-16gb",
    )


def test_floating_point_accuracy_crosses_runtimes_and_quantised_accuracy_does_not() -> None:
    assert accuracy("yolo11n", "raspberry-pi-5", "fp32", "ncnn") == (0.395, "fp32 onnxruntime on raspberry-pi-5")
    assert accuracy("yolo11n", "jetson-orin-nano-super", "int8", "tensorrt") is None


def test_accuracy_has_one_measure_per_task() -> None:
    assert {row.measure for row in the("yolov8n", "a100", "fp16", "tensorrt").accuracy} == {"mAP50-95 on COCO val2017"}
    assert {row.measure for row in the("resnet50", "t4", "int8", "tensorrt").accuracy} == {"top-1 on ImageNet"}


def test_device_facts_carry_their_origin_and_the_unknown_stays_unknown() -> None:
    nano, nx = hw.device("Jetson Orin Nano Super 8GB"), hw.device("jetson-orin-nx-16gb")
    assert nano is not None
    assert nx is not None
    assert nano.price_usd is not None
    assert (nano.price_usd.value, nano.price_usd.kind, nano.price_usd.date) == (249.0, "listed", "2024-12")
    assert nano.price_usd.source
    assert nx.price_usd is None
    assert nx.idle_w is None
    assert nx.profiled_as == "jetson-orin-nx-16gb"
    assert hw.device("abacus") is None


def test_the_newest_price_counts() -> None:
    pi = hw.device("raspberry-pi-5")
    assert pi is not None
    assert pi.price_usd is not None
    assert (pi.price_usd.value, pi.price_usd.date) == (100.0, "2026-01-15")


@pytest.mark.parametrize(("model", "hardware"), [("ocr", "t4"), ("yolov8n", "abacus"), ("resnet50", "raspberry-pi-5")])
def test_what_nobody_measured_has_no_profile(model: str, hardware: str) -> None:
    assert hw.profiles(model, hardware) == ()


def test_models_carry_their_facts_and_the_unknown_stays_unknown() -> None:
    yolo = hw.model("YOLOv8_det")
    assert yolo is not None
    assert yolo.parameters is not None
    assert (yolo.name, yolo.task, yolo.input_px, yolo.input_shape) == (
        "yolov8n",
        "object detection",
        640,
        "1x3x640x640",
    )
    assert 3.1e6 < yolo.parameters.value < 3.2e6
    assert yolo.parameters.kind == "listed"
    assert yolo.parameters.source
    assert hw.model("abacus") is None


def test_runtimes_have_one_name() -> None:
    names = {name: hw.canonical_runtime(name) for name in ("TRT", "TensorRT", "ONNX", "qnn_dlc", "llama.cpp", "abacus")}
    assert names == {
        "TRT": "tensorrt",
        "TensorRT": "tensorrt",
        "ONNX": "onnxruntime",
        "qnn_dlc": "qnn",
        "llama.cpp": "llama.cpp",
        "abacus": None,
    }


def test_look_up_finds_what_was_measured_under_any_spelling() -> None:
    (found,) = hw.look_up("YOLOv8_det", "GeForce RTX 3060", precision="half", runtime="TRT", unit="GPU")
    assert found == the("yolov8n", "rtx-3060", "fp16", "tensorrt")
    assert set(hw.look_up("yolov8n", "rtx-3060")) == set(hw.profiles("yolov8n", "rtx-3060"))
    assert hw.look_up("yolov8n", "server-rtx-3060") == hw.look_up("yolov8n", "rtx-3060")
    assert hw.look_up("yolov8n", "rtx-3060", unit="CPU") == ()
    assert hw.look_up("abacus", "rtx-3060") == hw.look_up("yolov8n", "abacus") == ()


def test_between_two_batches_a_profile_is_interpolated_and_says_so() -> None:
    one, eight = the("yolov8n", "rtx-3060", "fp16", "tensorrt"), the("yolov8n", "rtx-3060", "fp16", "tensorrt", batch=8)
    (found,) = hw.look_up("yolov8n", "rtx-3060", precision="fp16", runtime="tensorrt", batch=4)
    assert (found.kind, found.batch) == ("interpolated", 4)
    assert found.mean_ms == pytest.approx(one.mean_ms + 3 / 7 * (eight.mean_ms - one.mean_ms))  # 3.766 ms by hand
    assert found.mean_ms == pytest.approx(3.7657, abs=1e-4)
    assert found.spread == "assumed cv 0.1"
    for p in (0.5, 0.9, 0.99):
        by_hand = 4 / 7 * one.service.quantile(p) + 3 / 7 * eight.service.quantile(p)
        assert found.service.quantile(p) == pytest.approx(by_hand)
    assert found.conditions == "between batch 1 (1.43 ms, 2024) and batch 8 (6.88 ms, 2024)"
    assert (found.source, found.date) == (one.source, one.date)


@pytest.mark.parametrize("batch", [9, 16])
def test_nothing_is_extrapolated(batch: int) -> None:
    assert hw.look_up("yolov8n", "rtx-3060", batch=batch) == ()


def test_what_was_measured_is_never_interpolated() -> None:
    for batch in (1, 8):
        assert {profile.kind for profile in hw.look_up("yolov8n", "rtx-3060", batch=batch)} == {"measured"}


times = st.lists(st.floats(0.1, 1e4), min_size=3, max_size=3).map(sorted)


@given(low=times, high=times, batch=st.integers(2, 7))
def test_interpolated_quantiles_lie_between_those_measured(low: list[float], high: list[float], batch: int) -> None:
    ends = [
        hw.profile_of(
            a_measurement(batch=size, quantiles_ms=tuple(zip((0.5, 0.9, 0.99), ms, strict=True)), source=name)
        )
        for size, ms, name in ((1, low, "one"), (8, high, "other"))
    ]
    found = between(*ends, batch)
    assert (found.spread, found.source) == ("", "one and other")
    for (_, ms), a, b in zip(found.quantiles_ms, low, high, strict=True):
        assert ms == pytest.approx(a + (batch - 1) / 7 * (b - a))
        assert min(a, b) * (1 - 1e-9) <= ms <= max(a, b) * (1 + 1e-9)
    for p, ms in found.quantiles_ms:
        assert found.service.quantile(p) * 1e3 == pytest.approx(ms)


def test_a_mean_and_percentiles_together_say_which_spread_is_assumed() -> None:
    low = hw.profile_of(a_measurement(batch=1, mean_ms=2.0))
    high = hw.profile_of(a_measurement(batch=3, mean_ms=5.0, quantiles_ms=((0.5, 4.0), (0.9, 6.0), (0.99, 8.0))))
    found = between(low, high, 2)
    assert (found.mean_ms, found.spread) == (3.5, "assumed cv 0.1 at batch 1")
    assert found.service.quantile(0.9) == pytest.approx((low.service.quantile(0.9) + 6e-3) / 2)
    with pytest.raises(ValueError, match="batch 3 does not lie between 1 and 3"):
        between(low, high, 3)


def test_the_nearest_runtime_or_precision_is_given_only_when_asked_for_and_named() -> None:
    asked = {"precision": "fp16", "runtime": "openvino"}
    assert hw.look_up("yolov8n", "rtx-3060", **asked) == ()
    (found,) = hw.look_up("yolov8n", "rtx-3060", **asked, nearest=True)
    assert (found.precision, found.runtime, found.kind) == ("fp16", "tensorrt", "measured")
    assert found.stands_for == "fp16 openvino"
    assert {p.stands_for for p in hw.look_up("yolov8n", "rtx-3060", nearest=True)} == {""}


def test_a_related_runtime_is_nearer_than_another_and_the_precision_counts_first() -> None:
    found = hw.look_up("yolov8n", "raspberry-pi-5-coral", runtime="armnn", input_px=320, precision="fp16")
    assert found == ()
    (kin,) = hw.look_up("yolov8n", "rtx-3060", precision="fp16", runtime="tensorrt-triton", nearest=True)
    assert (kin.runtime, kin.precision, kin.stands_for) == ("tensorrt", "fp16", "fp16 tensorrt-triton")
    near = hw.look_up("yolov8n", "intel-xeon", precision="fp16", runtime="openvino", nearest=True)
    assert {(p.precision, p.runtime) for p in near} == {("fp32", "openvino")}  # floating point before int8


def test_nearest_is_the_same_model_on_similar_hardware() -> None:
    near = hw.nearest("resnet50", "jetson-orin-nano-super")
    assert {p.model for p in near} == {"resnet50"}
    assert all(p.hardware.startswith("jetson-") for p in near[:2])


def test_then_a_similar_model_on_the_same_hardware() -> None:
    near = hw.nearest("a-model-of-my-own", "jetson-orin-nano-super")
    assert {p.hardware for p in near[:2]} == {"jetson-orin-nano-super"}


def test_the_pair_itself_at_another_input_size_is_nearest_of_all() -> None:
    first = hw.nearest("yolov8n", "raspberry-pi-5-coral")[0]
    assert (first.model, first.hardware, first.input_px) == ("yolov8n", "raspberry-pi-5-coral", 320)
    message = hw.missing_profile_message("yolov8n", "raspberry-pi-5-coral")
    assert message.startswith("nobody measured yolov8n on raspberry-pi-5-coral at 640 px; the nearest")
    assert "input_size: 320 px" in message
    assert " at 960 px; " in hw.missing_profile_message("yolov8n", "rtx-3060", 960)


def test_a_missing_profile_names_the_nearest_and_the_line_to_paste() -> None:
    first, *near, before, last = hw.missing_profile_message("yolov8n", "t4").splitlines()
    assert first == "nobody measured yolov8n on t4; the nearest that was measured:"
    assert len(near) == 3
    assert "  yolov8n on rtx-3060: 1.35 ms, int8 tensorrt on the GPU (2024)" in near
    assert before == "if you know or assume how long it takes, add to figures:"
    assert last == "  - {model: yolov8n, hardware: t4, p50: … ms, p99: … ms, kind: assumed, why: …}"


@pytest.mark.parametrize("model", ["yolov8n", "ocr"])
def test_there_are_always_three_different_neighbours(model: str) -> None:
    for hardware in (*hw.known_hardware()[::10], "abacus"):
        assert len({(profile.model, profile.hardware) for profile in hw.nearest(model, hardware)}) == 3, hardware


def test_search_finds_every_word_in_names_and_aliases() -> None:
    found = hw.search("YOLO orin")
    assert {"yolov8n", "yolo11n", "yolo11s"} <= set(found.model)
    assert {"jetson-orin-nano-super", "jetson-orin-nx-16gb", "jetson-agx-orin-64gb"} <= set(found.hardware)
    assert all("yolo" in name for name in found.model)
    assert all("orin" in name for name in found.hardware)
    assert set(hw.search("dragonwing rb3").hardware) == {"rb3-gen-2"}
    assert hw.search("abacus").empty
    assert set(hw.search("yolov8n int8 gpu").precision) == {"int8"}


def test_the_whole_name_means_only_that() -> None:
    assert set(hw.search("t4").hardware) == {"t4"}
    assert set(hw.search("yolo11n").model) == {"yolo11n"}
    assert set(hw.search("server-rtx-3060").hardware) == {"rtx-3060"}


@pytest.mark.parametrize(
    ("pattern", "hardware"),
    [
        ("raspberry pi 4", {"raspberry-pi-4"}),
        ("rpi 5", {"raspberry-pi-5"}),
        ("raspi 5", {"raspberry-pi-5"}),
        ("Coral", {"raspberry-pi-4-coral", "raspberry-pi-5-coral"}),
        ("google coral", {"raspberry-pi-4-coral", "raspberry-pi-5-coral"}),
        ("Snapdragon 8 Gen 3", {"samsung-galaxy-s24", "snapdragon-8-gen-3-hdk"}),
        ("Rockchip RK3588", {"radxa-rock-5b", "alibaba-e-series-rk3588", "firefly-rk3588s"}),
        ("nvidia orin nano", {"jetson-orin-nano-super"}),
        ("Jetson Nano", {"jetson-orin-nano-super", "jetson-orin-nano-8gb"}),
    ],
)
def test_hardware_is_found_as_people_write_it(pattern: str, hardware: set[str]) -> None:
    assert {one.measured.hardware for one in listed(pattern)} == hardware
    assert hw.holes(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "models"),
    [
        ("Mobilenet v2", {"mobilenet-v2"}),
        ("resnet 50", {"resnet50"}),
        ("ResNet50-v1.5", {"resnet50"}),
        ("yolo 11 nano", {"yolo11n"}),
        ("YOLOv8 small", {"yolov8s"}),
        ("yolo11s.pt", {"yolo11s"}),
        ("llama3.2 3b", {"llama-3.2-3b-instruct"}),
        ("keyword spotting", {"ds-cnn", "1d-ds-cnn"}),
        ("whisper base", {"whisper-base.encoder", "whisper-base.decoder"}),
    ],
)
def test_a_model_is_found_as_people_write_it(pattern: str, models: set[str]) -> None:
    assert {one.measured.model for one in listed(pattern)} == models


def test_what_is_told_of_a_device_is_searched() -> None:
    stm32 = {one.measured.hardware for one in listed("STM32")}
    assert {name for name in stm32 if name.startswith("nucleo-")} >= {"nucleo-l4r5zi", "nucleo-u575zi-q"}
    assert {hw.device(name).kind for name in stm32} == {"mcu"}  # type: ignore[union-attr]
    assert "rb3-gen-2" in {one.measured.hardware for one in listed("hexagon")}


def test_numbers_are_whole_numbers() -> None:
    assert not listed("resnet 5")
    assert not listed("mobilenet-v1 0.2")
    found = {one.measured.hardware for one in listed("pi 5")} | {one.measured.hardware for one in listed("raspberry 5")}
    assert not {"raspberry-pi-500", "raspberry-pi-500-plus"} & found
    assert "raspberry-pi-5" in found


def test_a_board_named_is_never_another_because_of_how_it_ran() -> None:
    assert listed("rpi 5 edgetpu") == []
    assert {one.measured.hardware for one in listed("rpi 5 coral edgetpu")} == {"raspberry-pi-5-coral"}


def test_the_best_fit_comes_first() -> None:
    assert listed("resnet")[0].measured.model == "resnet50"
    assert listed("raspberry pi")[0].measured.hardware in ("raspberry-pi-3", "raspberry-pi-4", "raspberry-pi-5")
    assert listed("h100")[0].measured.hardware == "h100-sxm-80gb"
    assert {one.measured.hardware for one in listed("h100")} > {"h100-sxm-80gb", "h100-pcie-80gb"}


def test_search_shows_what_counts_and_what_was_superseded() -> None:
    found = hw.search("resnet50 t4 single_stream")
    found = found[(found.runtime == "tensorrt") & (found.precision == "int8")]
    lines = found[["mean_ms", "date", "counts", "note"]].to_numpy().tolist()
    assert [line for line in lines if line[2]] == [[0.812385, "2023-04", True, ""]]
    assert [0.837053, "2022-04", False, "replaced by 0.8124 ms of 2023-04"] in lines


def test_rows_at_an_unusual_input_size_say_so() -> None:
    found = hw.search("yolov8n coral edgetpu")
    assert {"320 px", "512 px"} <= set(found.note)
    assert set(hw.search("yolov8n rtx-3060")[lambda t: t.counts].note) == {""}


def test_search_shows_the_whole_catalogue_with_a_source_on_every_line() -> None:
    found = listed()
    assert len(found) == sum(map(len, measured_pairs().values()))
    assert {one.measured.source != "" for one in found} == {True}
    shown = hw.search("yolov8n")
    timed = shown[shown.p50_ms.notna()]
    assert len(timed)
    assert (timed.p50_ms < timed.p99_ms).all()
    assert json.loads(json.dumps([one.line() for one in listed("yolov8n")], allow_nan=False))


def test_holes_are_those_of_the_pairs_asked_for() -> None:
    notes = {hole["hardware"]: hole["note"] for hole in hw.holes("coral yolov8n")}
    assert notes["raspberry-pi-5-coral"] == "at 640 px; measured at 320 and 512"
    assert hw.profiles("resnet50", "rtx-3060") == ()
    assert hw.holes("resnet50 rtx-3060") == [{"model": "resnet50", "hardware": "rtx-3060", "note": ""}]
    assert hw.holes("yolo11n t4") == []  # measured


@pytest.mark.parametrize("pattern", ["", "yolo11n", "rtx-3060", "a a", "abacus yolo11n"])
def test_whoever_names_no_pair_asks_for_no_holes(pattern: str) -> None:
    assert hw.holes(pattern) == []


def test_a_row_without_input_size_was_taken_at_the_usual_one() -> None:
    for model, hardware in measured_pairs():
        usual = hw.model(model)
        assert usual is not None
        for measured in measurements(model, hardware):
            assert measured.input_px is not None or usual.input_px is None


MORE_ROWS = """\
yolov8n,t4,int8,tensorrt,GPU,,,,,offline,,,,,1000,,,,,,measured,,mine,2026
yolov8n,t4,int8,tensorrt,GPU,1,,,,server,5,4,6,9,300,,,,,,measured,,mine,2026
yolov8n,t4,int8,tensorrt,GPU,1,,,MaxQ,single_stream,9,,,,,,,,,,measured,,mine,2026
yolov8n,t4,int8,tensorrt,GPU,1,320,,,single_stream,1,,,,,,,,,,measured,,mine,2026
yolov8n,t4,int8,tensorrt,GPU,8,,,,multi_stream,24,22,26,29,,,,,,,measured,,mine,2026
yolov8n,t4,int8,tensorrt,GPU,1,,,,single_stream,3,,,,,,,70,,,measured,,mine,2026
yolov8n,t4,int8,tensorrt,GPU,1,,,,single_stream,4,,,,,,,,,,measured,,mine,2025-12
yolov8n,t4,int8,tensorrt,GPU,1,,,,single_stream,,,,,,,,,2.5,,measured,,mine,2026
yolov8n,t4,,llama.cpp,GPU,1,,,,single_stream,,,,,,20,,,,,measured,,mine,2026
"""


def with_more_rows(folder: Path, rows: str, code: str) -> Any:
    """What some code prints as JSON where the catalogue holds a further file."""
    package = folder / "hardware_profiles"
    shutil.copytree(Path(hw.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    file = package / "catalogue" / "measurements" / "zz_mine.csv"
    file.write_text(f"{','.join(COLUMNS)}\n{rows}", encoding="utf-8")
    run = [sys.executable, "-c", f"import json, time, hardware_profiles as hw; {code}"]
    return json.loads(subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True).stdout)


def test_what_is_no_service_time_is_listed_and_never_used(tmp_path: Path) -> None:
    shown = (
        "one, eight = (hw.profiles('yolov8n', 't4', batch=b) for b in (1, 8)); "
        "four = hw.look_up('yolov8n', 't4', batch=4); "
        "found = [[[round(p.mean_ms, 6), p.input_px, p.power_w, *(s.mean_ms for s in p.superseded)] for p in ps] "
        "for ps in (one, eight, four)]; "
        "from hardware_profiles.listing import listed; "
        "print(json.dumps([found, four[0].conditions, len(listed('yolov8n t4')), hw.holes('yolov8n t4')]))"
    )
    found, conditions, rows, holes = with_more_rows(tmp_path, MORE_ROWS, shown)
    assert found == [[[3, 640, 70, 4]], [[24, 640, None]], [[12, 640, None]]]
    assert conditions == "between batch 1 (3 ms, 2026) and batch 8 (24 ms, 2026, a query of as many samples)"
    assert rows == len(MORE_ROWS.splitlines())
    assert holes == []


def test_twenty_thousand_rows_are_read_quickly(tmp_path: Path) -> None:
    row = "yolov8n,{},fp32,onnxruntime,CPU,1,640,{},,single_stream,{},,,,,,,,,,measured,some conditions,a source,2026"
    places = hw.known_hardware()
    rows = "\n".join(row.format(places[i % len(places)], i, 1 + i % 977) for i in range(20_000))
    timed = (
        "start = time.perf_counter(); hw.profiles('yolo11n', 't4'); first = time.perf_counter() - start; "
        "hw.missing_profile_message('yolov8n', 'abacus'); start = time.perf_counter(); "
        "hw.missing_profile_message('resnet50', 'another abacus'); print([first, time.perf_counter() - start])"
    )
    first, message = with_more_rows(tmp_path, rows + "\n", timed)
    assert first < 1.5  # 0.2 s on a quiet machine
    assert message < 0.5  # a few ms
