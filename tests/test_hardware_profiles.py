"""What the catalogue answers: figures against an independent list, identities, precedence, what is missing."""

from importlib.resources import files

import pytest

import hardware_profiles as hw

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
    units = {
        (profile.runtime, profile.unit) for model in hw.known_models() for profile in hw.profiles(model, "rb3-gen-2")
    }
    assert units == {("onnxruntime", "CPU"), ("qnn", "NPU"), ("tflite", "NPU")}


def test_the_fastest_configuration_comes_first() -> None:
    means = [profile.mean_ms for profile in hw.profiles("yolov8n", "rb3-gen-2")]
    assert means == [3.242, 3.34, 9.08, 59.877, 336.932]


def test_a_batch_of_eight_is_never_used_as_one() -> None:
    one, eight = the("yolov8n", "rtx-3060", "fp16", "tensorrt"), the("yolov8n", "rtx-3060", "fp16", "tensorrt", batch=8)
    assert (one.mean_ms, eight.mean_ms) == (1.43, 6.88)  # the source prints 0.86 ms a picture
    assert "0.86 ms a picture" in eight.conditions


def test_another_input_size_is_never_used_as_the_usual_one() -> None:
    assert hw.profiles("yolov8n", "raspberry-pi-5-coral") == ()
    small = hw.profiles("yolov8n", "raspberry-pi-5-coral", input_px=320)
    assert [(p.runtime, p.unit, p.mean_ms) for p in small] == [("edgetpu-max", "TPU", 16.7), ("edgetpu", "TPU", 22.2)]


def test_the_newest_row_counts_and_the_older_ones_are_shown() -> None:
    profile = the("resnet50", "jetson-agx-orin-64gb", "int8", "tensorrt")
    assert [(p.mean_ms, p.date) for p in (profile, *profile.superseded)] == [(0.63041, "2023-04"), (0.64213, "2022-09")]


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


@pytest.mark.parametrize(
    "profile", [p for m in hw.known_models() for h in hw.known_hardware() for p in hw.profiles(m, h)]
)
def test_every_service_time_is_close_to_the_published_mean(profile: hw.Profile) -> None:
    # Percentiles say nothing below the median, so their distribution may sit a little above the mean.
    assert profile.service.mean_s * 1e3 == pytest.approx(profile.mean_ms, rel=0.05)


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


def pairs(model: str, hardware: str) -> list[tuple[str, str]]:
    return [(profile.model, profile.hardware) for profile in hw.nearest(model, hardware)]


def test_nearest_is_the_same_model_on_similar_hardware() -> None:
    assert pairs("resnet50", "jetson-orin-nano-super")[:2] == [
        ("resnet50", "jetson-orin-nx-16gb"),
        ("resnet50", "jetson-agx-orin-64gb"),
    ]


def test_then_a_similar_model_on_the_same_hardware() -> None:
    assert pairs("retinanet", "jetson-orin-nano-super")[:2] == [
        ("yolo11n", "jetson-orin-nano-super"),
        ("yolo11s", "jetson-orin-nano-super"),
    ]


def test_the_pair_itself_at_another_input_size_is_nearest_of_all() -> None:
    first = hw.nearest("yolov8n", "raspberry-pi-5-coral")[0]
    assert (first.model, first.hardware, first.input_px) == ("yolov8n", "raspberry-pi-5-coral", 320)
    message = hw.missing_profile_message("yolov8n", "raspberry-pi-5-coral")
    assert message.startswith("nobody measured yolov8n on raspberry-pi-5-coral at 640 px; the nearest")
    assert "input_size: 320 px" in message
    assert " at 960 px; " in hw.missing_profile_message("yolov8n", "rtx-3060", 960)


def test_a_missing_profile_names_the_nearest_and_the_line_to_paste() -> None:
    assert hw.missing_profile_message("yolov8n", "t4").splitlines() == [
        "nobody measured yolov8n on t4; the nearest that was measured:",
        "  yolov8n on rtx-3060: 1.35 ms, int8 tensorrt on the GPU (2024)",
        "  yolov8n on a100: 0.29 ms, int8 tensorrt on the GPU (2024)",
        "  yolov8n on intel-xeon: 11.34 ms, fp32 openvino on the CPU (2024)",
        "if you know or assume how long it takes, add to figures:",
        "  - {model: yolov8n, hardware: t4, p50: … ms, p99: … ms, kind: assumed, why: …}",
    ]


@pytest.mark.parametrize("model", ["yolov8n", "ocr"])
@pytest.mark.parametrize("hardware", [*hw.known_hardware(), "abacus"])
def test_there_are_always_three_different_neighbours(model: str, hardware: str) -> None:
    assert len(set(pairs(model, hardware))) == 3


def test_search_finds_every_word_in_names_and_aliases() -> None:
    found = hw.search("YOLO orin")
    assert set(found.model) == {"yolov8n", "yolo11n", "yolo11s"}
    assert set(found.hardware) == {"jetson-orin-nano-super", "jetson-orin-nx-16gb", "jetson-agx-orin-64gb"}
    assert set(hw.search("dragonwing").hardware) == {"rb3-gen-2"}
    assert hw.search("abacus").empty


def test_search_shows_what_counts_and_what_was_superseded() -> None:
    found = hw.search("resnet50 t4")[["mean_ms", "date", "counts", "note"]]
    assert found.to_numpy().tolist() == [
        [0.812385, "2023-04", True, ""],
        [0.837053, "2022-04", False, "replaced by 0.8124 ms of 2023-04"],
    ]


def test_rows_at_an_unusual_input_size_say_so() -> None:
    found = hw.search("yolov8n coral edgetpu")
    assert set(found.note) == {"320 px", "512 px"}
    assert set(hw.search("yolov8n rtx-3060").note) == {""}


def test_search_shows_the_whole_catalogue_with_a_source_on_every_line() -> None:
    found = hw.search()
    lines = (files("hardware_profiles") / "catalogue" / "profiles.csv").read_text(encoding="utf-8").splitlines()
    assert len(found) == len(lines) - 1
    assert found.source.str.len().min() > 0
    assert (found.p50_ms < found.p99_ms).all()


def test_holes_can_be_asked_for() -> None:
    assert hw.holes("coral yolov8n").note.tolist() == ["at 640 px; measured at 320 and 512"]
    assert hw.holes("coral yolo11n").note.tolist() == [""]
    assert hw.profiles("resnet50", "rtx-3060") == ()
    assert len(hw.holes("rtx resnet50")) == 1
