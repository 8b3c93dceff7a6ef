"""Variants: what the user stated first, then every measured way to run the model, with overhead and accuracy."""

import pytest

import scenarios
from scenarios.figures import Variant
from scenarios.scenario import Scenario
from scenarios.variants import variants, why_no_variant


def found(
    scenario: Scenario, pool: str, choice: str, workload: str = "defects", task: str = "inspect"
) -> tuple[Variant, ...]:
    stream = scenario.workload(workload)
    return variants(scenario, stream, stream.task(task), scenario.pool(pool), choice, scenario.groups[0])


def brief(these: tuple[Variant, ...]) -> list[tuple[str, float, float | None]]:
    return [(v.name, round(v.service.mean_s * 1e3, 3), v.accuracy.value if v.accuracy else None) for v in these]


def test_every_measured_way_is_a_variant_with_the_overhead_on_top() -> None:
    scenario = scenarios.load("factory-vision")
    camera = brief(found(scenario, "camera", "rb3-gen-2"))
    assert [mean for _, mean, _ in camera] == sorted(mean for _, mean, _ in camera)
    assert {
        ("yolov8n int8 tflite", 3.742, 0.318),
        ("yolov8n int8 qnn", 3.84, 0.317),
        ("yolo11n int8 tflite", 4.254, 0.315),
        ("yolov8n w8a16 qnn", 9.58, 0.382),
    } <= set(camera)
    assert brief(found(scenario, "gateway", "jetson-orin-nano-super"))[:2] == [
        ("yolo11n int8 tensorrt", 4.41, None),  # nobody published its accuracy
        ("yolo11n fp16 tensorrt", 5.41, 0.395),
    ]


def test_a_server_and_an_offer_are_profiled_as_the_card_inside() -> None:
    scenario = scenarios.load("factory-vision")
    assert ("yolov8n fp16 tensorrt", 1.93, 0.37) in brief(found(scenario, "server", "server-rtx-3060"))
    (cloud,) = found(scenario, "region", "azure NC4as_T4_v3")
    assert (cloud.hardware, cloud.name) == ("azure NC4as_T4_v3", "yolo11n fp16 tensorrt")
    assert (cloud.origin.kind, bool(cloud.origin.source), bool(cloud.origin.date)) == ("measured", True, True)


def with_figures(*figures: str) -> Scenario:
    return scenarios.load("factory-vision", set={"figures": f"[{', '.join(figures)}]"})


def test_a_figure_of_ones_own_beats_the_catalogue() -> None:
    scenario = with_figures("{model: YOLO11n, hardware: jetson-orin-nano-super, p50: 2 ms, p99: 3 ms, why: our bench}")
    assert [v.name for v in found(scenario, "gateway", "jetson-orin-nano-super")] == ["yolo11n"]
    (mine,) = found(scenario, "gateway", "jetson-orin-nano-super")
    assert mine.service.quantile(0.5) == pytest.approx(0.002)
    assert (mine.origin.kind, mine.origin.source) == ("yours", "our bench")


def test_a_figure_in_one_precision_leaves_the_others_and_keeps_the_published_accuracy() -> None:
    scenario = with_figures("{model: yolo11n, hardware: jetson-orin-nano-super, precision: fp16, time: 2 ms}")
    assert brief(found(scenario, "gateway", "jetson-orin-nano-super"))[:2] == [
        ("yolo11n fp16", 2.0, 0.395),
        ("yolo11n int8 tensorrt", 3.91, None),
    ]


def test_the_most_specific_overhead_counts() -> None:
    general = "{task: overhead, time: 1 ms}"
    here = "{task: overhead, hardware: jetson-orin-nano-super, time: 2 ms}"
    model = "{model: yolo11n, hardware: jetson-orin-nano-super, overhead: 3 ms}"
    for figures, expected in [((), 4.91), ((general,), 5.91), ((general, here), 6.91), ((general, here, model), 7.91)]:
        times = brief(found(with_figures(*figures), "gateway", "jetson-orin-nano-super"))
        assert ("yolo11n fp16 tensorrt", expected, 0.395) in times


def test_a_precision_keeps_only_its_variants() -> None:
    path = "workloads.defects.tasks.inspect.precision"
    for precision, names in [("w8a8", {"int8"}), ("w8a16", {"w8a16"})]:
        scenario = scenarios.load("factory-vision", set={path: precision})
        assert {v.precision for v in found(scenario, "camera", "rb3-gen-2")} == names
    scenario = scenarios.load("factory-vision", set={path: "any"})
    assert {v.precision for v in found(scenario, "camera", "rb3-gen-2")} >= {"int8", "w8a16"}


def test_an_unusual_input_size_has_its_own_measurements() -> None:
    path = "workloads.defects.tasks.inspect.input_size"
    model = "workloads.defects.tasks.inspect.model"
    changes = {path: "320 px", model: "yolov8n", "pools.gateway.hardware": "raspberry-pi-5-coral"}
    scenario = scenarios.load("factory-vision", set=changes)
    (only,) = found(scenario, "gateway", "raspberry-pi-5-coral")  # not at the maximum clock, which is a mode of its own
    assert brief((only,)) == [("yolov8n int8 edgetpu", 22.7, None)]
    assert found(scenario, "camera", "rb3-gen-2") == ()


def test_accuracies_of_ones_own_beat_the_published_ones() -> None:
    own = "{measure: recall on our set, inspect: {int8: 97.5 %, yolo11n: 98.8 %}}"
    scenario = scenarios.load("factory-vision", set={"workloads.defects.accuracy": own})
    seen = {v.name: v.accuracy for v in found(scenario, "gateway", "jetson-orin-nano-super")}
    int8, fp16 = seen["yolo11n int8 tensorrt"], seen["yolo11n fp16 tensorrt"]
    assert int8 is not None
    assert fp16 is not None
    assert (int8.value, fp16.value) == (0.975, 0.988)
    assert fp16.measure == "recall on our set"


def test_a_stated_time_is_one_variant_without_a_model() -> None:
    toy = scenarios.load("two-site-toy")
    (only,) = found(toy, "box", "toy-box", "scan", "read")
    assert (only.model, only.service.mean_s, only.origin.kind) == (None, 0.005, "yours")
    assert found(toy, "box", "toy-box", "scan", "match") == ()
    scan = toy.workload("scan")
    why = why_no_variant(toy, scan, scan.task("match"), toy.pool("box"), "toy-box", None)
    assert why == "no time is stated for match on box"


@pytest.mark.parametrize(
    ("text", "kind", "mean"),
    [
        ("4 ms", "constant", 0.004),
        ("{mean: 4 ms, distribution: exponential}", "exponential", 0.004),
        ("{mean: 4 ms, distribution: lognormal, cv: 0.5}", "lognormal", 0.004),
        ("{p50: 4 ms, p99: 4 ms}", "constant", 0.004),
        ("{box: {mean: 4 ms, distribution: exponential}, region: 2 ms}", "exponential", 0.004),
    ],
)
def test_a_time_can_be_said_in_several_ways(text: str, kind: str, mean: float) -> None:
    toy = scenarios.load("two-site-toy", set={"workloads.scan.tasks.read.time": text})
    (only,) = found(toy, "box", "toy-box", "scan", "read")
    assert (only.service.kind, only.service.mean_s) == (kind, pytest.approx(mean))


def test_the_time_of_an_offer_without_nodes_comes_from_its_figure() -> None:
    million = scenarios.load("smart-camera-million")
    (service,) = found(million, "service", "vision-service", "watch", "recognise")
    assert service.service.quantile(0.99) == pytest.approx(0.4)
    assert service.origin.kind == "assumed"


def test_what_nobody_measured_is_said_in_one_sentence() -> None:
    million = scenarios.load("smart-camera-million")
    watch = million.workload("watch")
    why = why_no_variant(million, watch, watch.tasks[0], million.pool("camera"), "ip-camera", None)
    assert why == "nobody measured yolo11n on ip-camera (watch.recognise)"


def test_one_measured_model_of_several_is_enough() -> None:
    """On a single hardware only one of the two models was measured: the other is a hole, not a fault."""
    change = {"pools.gateway.hardware": "jetson-orin-nano-super", "workloads.defects.requires.tiers": "[gateway]"}
    scenario = scenarios.load("factory-vision").with_(change)
    assert [(hole.model, hole.hardware) for hole in scenario.holes] == [("yolov8n", "jetson-orin-nano-super")]
