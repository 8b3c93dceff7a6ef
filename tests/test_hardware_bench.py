"""The bench: what it feeds a model, how it times, what it reads of a board, and how its figures agree with others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx_models import write

from hardware_profiles.bench import inputs
from hardware_profiles.bench.board import Board
from hardware_profiles.bench.layers import Node, cut_bytes, profiled
from hardware_profiles.bench.precision import precision_of
from hardware_profiles.bench.running import Result, Settings, measured
from hardware_profiles.bench.session import SessionSettings
from hardware_profiles.bench.timing import measure, warm_up
from hardware_profiles.faults import BadInput
from hardware_profiles.measurement import quantiles_of

PICTURE = inputs.Input("images", "float32", ("batch", 3, "height", "width"))
TOKENS = inputs.Input("ids", "int64", ("batch", None))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("models"), "tiny").file


def measured_once(file: Path, **settings: Any) -> Result:
    given = Settings(model_file=file, model=file.stem, hardware="here", threads=(1,), runs=20, warm_up_s=0.1)
    (result,) = measured(replace(given, **settings), Board(), lambda _: None)
    return result


def saved(folder: Path, nodes: list[Any], given: list[Any], answer: Any, weights: list[Any] = []) -> Path:  # noqa: B006
    graph = helper.make_graph(nodes, "made", given, [answer], weights)
    file = folder / "made.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
    return file


# --- what a model is fed -----------------------------------------------------------------------------------------


def test_open_axes_are_the_batch_what_is_stated_or_a_usual_size_that_is_said() -> None:
    shapes, notes = inputs.sizes([PICTURE], 4, {"height": 640})
    assert shapes == {"images": (4, 3, 640, 224)}
    assert notes == ("axis width = 224, assumed (--axis width=N)",)
    assert inputs.picture_px(shapes) is None
    assert inputs.sizes([PICTURE], 1, {"2": 640, "images:3": 640}) == ({"images": (1, 3, 640, 640)}, ())
    assert inputs.sizes([TOKENS], 2, {}) == ({"ids": (2, 128)}, ("axis ids:1 = 128, assumed (--axis ids:1=N)",))
    assert inputs.sizes([TOKENS, replace(TOKENS, name="mask")], 2, {"ids:1": 9, "mask:1": 9})[0] == {
        "ids": (2, 9),
        "mask": (2, 9),
    }


def test_the_batch_is_the_same_wherever_its_axis_stands() -> None:
    state = inputs.Input("state", "float32", (2, "batch", 64))
    boxes = inputs.Input("boxes", "float32", ("boxes", 4))
    shapes, notes = inputs.sizes([PICTURE, state, boxes], 4, {"height": 8, "width": 8, "boxes": 10})
    assert shapes == {"images": (4, 3, 8, 8), "state": (2, 4, 64), "boxes": (10, 4)}
    assert notes == ()
    assert inputs.sizes([PICTURE, state], 4, {"height": 8, "width": 8, "batch": 4})[0]["state"] == (2, 4, 64)
    with pytest.raises(BadInput, match="--batch: found 4, expected 2, as --axis says of the same axis"):
        inputs.sizes([PICTURE], 4, {"batch": 2})


def test_a_square_picture_is_seen_with_channels_first_or_last() -> None:
    assert inputs.picture_px({"x": (1, 3, 320, 320)}) == inputs.picture_px({"x": (8, 320, 320, 3)}) == 320
    assert inputs.picture_px({"x": (1, 3, 480, 640), "ids": (1, 128)}) is None


@pytest.mark.parametrize(
    ("one", "batch", "axes", "said"),
    [
        (replace(PICTURE, shape=(1, 3, 8, 8)), 4, {}, "--batch: found 4, expected 1, at which the model's first axis"),
        (PICTURE, 1, {"heigth": 8}, "--axis: found `heigth`, expected an open axis of the model: batch, height, width"),
        (PICTURE, 1, {"heigth": 8}, "(did you mean height?)"),
        (PICTURE, 1, {"1": 8}, "expected an open axis; this one is fixed at 3"),
        (replace(PICTURE, shape=(1, 3, 8, 8)), 1, {"height": 8}, "none, every one is fixed"),
    ],
)
def test_what_a_model_does_not_have_open_cannot_be_set(
    one: inputs.Input, batch: int, axes: dict[str, int], said: str
) -> None:
    with pytest.raises(BadInput) as caught:
        inputs.sizes([one], batch, axes)
    assert said in str(caught.value)


def test_numbers_are_of_the_right_type_and_range() -> None:
    wanted = [
        PICTURE,
        TOKENS,
        replace(TOKENS, name="attention_mask", dtype="int32"),
        inputs.Input("flag", "bool", ()),
        inputs.Input("half", "float16", (2,)),
        inputs.Input("bytes", "uint8", ("batch", 16, 16, 3)),
    ]
    shapes = inputs.sizes(wanted, 2, {"height": 16, "width": 16, "ids:1": 50, "attention_mask:1": 50})[0]
    made = inputs.feeds(wanted, shapes)
    assert {name: (str(array.dtype), array.shape) for name, array in made.items()} == {
        "images": ("float32", (2, 3, 16, 16)),
        "ids": ("int64", (2, 50)),
        "attention_mask": ("int32", (2, 50)),
        "flag": ("bool", ()),
        "half": ("float16", (2,)),
        "bytes": ("uint8", (2, 16, 16, 3)),
    }
    assert 0 <= made["images"].min() < 0.1 < 0.9 < made["images"].max() < 1
    assert set(made["ids"].flat) == {0, 1}
    assert set(made["attention_mask"].flat) == {1}
    assert made["bytes"].min() < 20 < 235 < made["bytes"].max()
    again = inputs.feeds(wanted, shapes)
    assert all(np.array_equal(array, again[name]) for name, array in made.items())


def test_a_language_model_with_two_open_axes_is_fed_and_measured(tmp_path: Path) -> None:
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "sequence"])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["batch", 8])
    table = numpy_helper.from_array(np.ones((2, 8), np.float32), "table")  # a vocabulary of two
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("ReduceMean", ["rows"], ["answer"], axes=[1], keepdims=0),
    ]
    file = saved(tmp_path, nodes, [ids], answer, [table])
    result = measured_once(file, batches=(3,), axes={"sequence": 17})
    assert (result.measurement.batch, result.measurement.input_px) == (3, None)
    assert "sequence=17" in result.measurement.conditions
    assumed = measured_once(file)
    assert assumed.measurement.batch == 1
    assert "axis sequence = 128, assumed (--axis sequence=N)" in assumed.notes


def test_a_text_input_is_refused(tmp_path: Path) -> None:
    words = helper.make_tensor_value_info("words", TensorProto.STRING, [1])
    answer = helper.make_tensor_value_info("answer", TensorProto.STRING, [1])
    file = saved(tmp_path, [helper.make_node("Identity", ["words"], ["answer"])], [words], answer)
    with pytest.raises(BadInput, match=r"input words: found tensor\(string\), expected a tensor of numbers"):
        measured_once(file)


def test_sizes_that_do_not_belong_together_are_one_message(tmp_path: Path) -> None:
    ones = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", name]) for name in ("left", "right")]
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)
    file = saved(tmp_path, [helper.make_node("Add", ["left", "right"], ["answer"])], ones, answer)
    assert measured_once(file, axes={"left": 5, "right": 5}).measurement.runs == 20
    with pytest.raises(BadInput) as caught:
        measured_once(file, axes={"left": 5, "right": 4})
    assert str(caught.value).startswith("--axis: found inputs that the model refuses: ")
    assert "\n" not in str(caught.value)


# --- precision ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "precision"),
    [
        (TensorProto.FLOAT, "fp32"),
        (TensorProto.FLOAT16, "fp16"),
        (TensorProto.BFLOAT16, "bf16"),
        (TensorProto.INT8, "int8"),
        (TensorProto.UINT8, "int8"),
        (TensorProto.INT4, "int4"),
        (TensorProto.INT64, ""),
    ],
)
@pytest.mark.parametrize("in_a_node", [False, True])
def test_precision_is_that_of_most_weights(tmp_path: Path, dtype: int, precision: str, in_a_node: bool) -> None:
    weights = helper.make_tensor("weights", dtype, [4, 8], np.zeros(32))
    shape = numpy_helper.from_array(np.arange(100), "shape")
    few = [] if precision == "" else [numpy_helper.from_array(np.ones(3, np.float32), "scale")]
    made = [helper.make_node("Constant", [], ["weights"], value=weights)] if in_a_node else []
    graph = helper.make_graph(made, "made", [], [], [shape, *few, *([] if in_a_node else [weights])])
    file = tmp_path / "made.onnx"
    onnx.save(helper.make_model(graph), file)
    assert precision_of(file) == precision


def test_a_broken_or_other_file_has_no_precision_and_does_no_harm(tmp_path: Path, tiny: Path) -> None:
    content, file = tiny.read_bytes(), tmp_path / "part.onnx"
    random = np.random.default_rng(1)
    for _ in range(200):
        part = bytearray(content[: random.integers(1, len(content))])
        part[random.integers(len(part))] ^= 1 << random.integers(8)
        file.write_bytes(part)
        assert precision_of(file) in ("", "fp32", "fp16", "fp64", "bf16", "int8", "int16", "fp8", "int4", "fp4")
    file.write_bytes(b"")
    assert precision_of(file) == precision_of(tmp_path / "nothing.onnx") == ""


# --- timing ------------------------------------------------------------------------------------------------------


class Clockwork:
    """A clock that only the work moves [ns]."""

    def __init__(self, durations: list[int]) -> None:
        self.now, self.durations, self.done = 0, durations, 0

    def __call__(self) -> int:
        return self.now

    def work(self) -> None:
        self.now += self.durations[min(self.done, len(self.durations) - 1)]
        self.done += 1


def test_a_sample_is_every_duration_and_ends_with_runs_or_seconds() -> None:
    clock = Clockwork([5, 7, 11])
    assert measure(clock.work, 4, None, clock).durations_ns == (5, 7, 11, 11)
    clock = Clockwork([400_000_000])
    sample = measure(clock.work, None, 1.0, clock)
    assert (len(sample.durations_ns), sample.seconds) == (3, 1.2)
    assert len(measure(clock.work, 2, 1.0, clock).durations_ns) == 2
    assert len(measure(clock.work, 100, 1.0, clock).durations_ns) == 3


def test_warming_up_ends_when_medians_agree_or_at_the_cap() -> None:
    slower_first = [90_000_000 - 2_000_000 * n for n in range(20)] + [50_000_000]
    clock = Clockwork(slower_first)
    warm = warm_up(clock.work, 10, clock)
    assert warm.stable
    assert 20 < warm.runs < 30
    assert warm.apart <= 0.02
    restless = Clockwork([1_000_000 * 2**n for n in range(40)])
    warm = warm_up(restless.work, 10, restless)
    assert (warm.stable, warm.seconds >= 10) == (False, True)
    long = Clockwork([60_000_000_000])
    assert warm_up(long.work, 10, long).runs == 1
    quick = Clockwork([10_000])
    assert warm_up(quick.work, 10, quick).seconds >= 0.2  # clocks need time to rise


# --- figures -----------------------------------------------------------------------------------------------------


def test_a_measurement_says_what_was_measured_and_how(tiny: Path) -> None:
    one = measured_once(tiny, runs=120, sample=True, batches=(2,), source="here", date="2026-11-21").measurement
    assert (one.model, one.hardware, one.precision, one.runtime, one.unit) == (
        "tiny",
        "here",
        "fp32",
        "onnxruntime",
        "CPU",
    )
    assert (one.batch, one.input_px, one.threads, one.runs, one.load, one.kind) == (
        2,
        64,
        1,
        120,
        "single_stream",
        "measured",
    )
    assert len(one.sample_ms) == 120
    assert one.mean_ms == pytest.approx(np.mean(one.sample_ms), abs=1e-6)
    assert dict(one.quantiles_ms) == pytest.approx(dict(quantiles_of(one.sample_ms)), abs=1e-6)
    assert dict(one.quantiles_ms)[0.99] == pytest.approx(np.quantile(one.sample_ms, 0.99), abs=1e-6)
    assert one.per_s is not None
    assert 0.5 < one.per_s / (2 * 1000 / one.mean_ms) <= 1.001  # back to back: what lies between runs comes on top
    assert one.memory_mb is not None
    assert 0 <= one.memory_mb < 500  # what was freed before is taken first
    assert one.conditions.startswith(f"onnxruntime {onnxruntime.__version__}, CPU provider, optimisation all")


def test_every_batch_with_every_number_of_threads(tiny: Path) -> None:
    given = Settings(tiny, "tiny", "here", batches=(1, 3), threads=(1, 2), runs=3, warm_up_s=0.01)
    results = list(measured(given, Board(), lambda _: None))
    assert [(one.measurement.threads, one.measurement.batch) for one in results] == [(1, 1), (1, 3), (2, 1), (2, 3)]
    assert all("3 runs, too few for a 99th percentile" in " ".join(one.notes) for one in results)


def test_memory_is_of_each_configuration_alone(tiny: Path) -> None:
    given = Settings(tiny, "tiny", "here", batches=(256, 1), threads=(1,), runs=3, warm_up_s=0.01)
    large, small = (one.measurement.memory_mb for one in measured(given, Board(), lambda _: None))
    assert large is not None
    assert small is not None
    assert large > 256 * 16 * 32 * 32 * 4 / 1e6  # one layer's output at least
    assert small < large / 2


# --- agreement with onnxruntime's own profiling, and layers ------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["mobilenet-v2", *(pytest.param(name, marks=pytest.mark.slow) for name in ("resnet50", "yolov8n"))]
)
def test_durations_agree_with_onnxruntimes_own_of_the_same_runs(tmp_path: Path, name: str) -> None:
    built = write(tmp_path, name)
    feeds = shaped("images", 1, 3, built.px, built.px)
    profile = profiled(built.file, "CPU", SessionSettings(threads=1), feeds, runs=40)
    assert len(profile.runs_ms) == len(profile.timed_ms) == 40
    each = [ours / theirs for ours, theirs in zip(profile.timed_ms, profile.runs_ms, strict=True)]
    assert 1 <= median(each) < 1.05
    assert median(profile.timed_ms) == pytest.approx(median(profile.runs_ms), rel=0.05)
    assert 0.85 < profile.in_layers <= 1
    assert profile.notes == ()


def test_layers_of_a_branching_graph_are_as_worked_out_by_hand(tmp_path: Path) -> None:
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, 8, 8])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["batch", 7, 8, 8])
    weights = [
        numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "in_a"),
        numpy_helper.from_array(np.ones((4, 4, 1, 1), np.float32), "in_b"),
    ]
    nodes = [
        helper.make_node("Conv", ["images", "in_a"], ["a"], name="one", pads=[1] * 4),
        helper.make_node("Conv", ["a", "in_b"], ["b"], name="two"),
        helper.make_node("Softplus", ["b"], ["c"], name="three"),
        helper.make_node("Mul", ["b", "c"], ["both"]),
        helper.make_node("Concat", ["both", "images"], ["answer"], name="five", axis=1),
    ]
    file = saved(tmp_path, nodes, [images], answer, weights)
    profile = profiled(file, "CPU", SessionSettings(threads=1, optimisation="none"), shaped("images", 2, 3, 8, 8), 3)
    picture, a = 2 * 3 * 8 * 8 * 4, 2 * 4 * 8 * 8 * 4
    assert [(layer.name, layer.op, layer.output_bytes, layer.cut_bytes) for layer in profile.layers] == [
        ("one", "Conv", a, picture + a),  # the last node reads the picture too
        ("two", "Conv", a, picture + a),
        ("three", "Softplus", a, picture + a + a),
        ("Mul_3", "Mul", a, picture + a),
        ("five", "Concat", picture + a, 0),
    ]
    assert all(layer.mean_ms >= 0 for layer in profile.layers)


def shaped(name: str, *shape: int) -> dict[str, Any]:
    return {name: np.ones(shape, np.float32)}


def test_what_a_split_sends_counts_each_activation_once_and_never_twice_read_weights() -> None:
    nodes = [
        Node("A", ("x",), ("a", "unread")),
        Node("B", ("a",), ("b",)),
        Node("C", ("a", "b", "a"), ("c",)),
        Node("D", ("c",), ("answer",)),
    ]
    sizes = [[10, 1000], [20], [40], [80]]
    assert cut_bytes(nodes, sizes, {"x": 5, "not read": 7}) == [10, 30, 40, 0]
    assert cut_bytes(nodes, [[10, 1000], [None], [40], [80]], {"x": 5}) == [10, None, 40, 0]
    assert cut_bytes(nodes, [[10], [20], [40], [80]], {"x": 5}) == [None, None, 40, 0]
    read_late = [Node("A", ("x",), ("a",)), Node("B", ("a", "x"), ("b",))]
    assert cut_bytes(read_late, [[10], [20]], {"x": 5}) == [15, 0]


def test_sizes_of_layers_are_those_of_shape_inference(tmp_path: Path) -> None:
    built = write(tmp_path, "tiny")
    profile = profiled(built.file, "CPU", SessionSettings(1, optimisation="none"), shaped("images", 3, 3, 64, 64), 2)
    model = onnx.load(built.file)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 3
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    sizes = {
        value.name: 4 * int(np.prod([axis.dim_value for axis in value.type.tensor_type.shape.dim]))
        for value in (*inferred.value_info, *inferred.output)
    }
    by_node = {node.name: sizes[node.output[0]] for node in inferred.node}
    found = {layer.name: layer.output_bytes for layer in profile.layers}
    assert len(found) >= 8
    assert found == {name: by_node[name] for name in found}


@pytest.mark.parametrize(
    ("name", "macs", "parameters"),
    [
        ("mobilenet-v2", 0.30e9, 3.49e6),  # as their makers publish them
        ("resnet50", 4.09e9, 25.56e6),
        ("yolov8n", 8.7e9 / 2, 3.15e6),
    ],
)
def test_the_networks_we_measure_are_as_large_as_those_they_are_named_after(
    tmp_path: Path, name: str, macs: float, parameters: float
) -> None:
    built = write(tmp_path, name)
    assert built.macs == pytest.approx(macs, rel=0.01)
    assert built.parameters == pytest.approx(parameters, rel=0.01)
    onnx.checker.check_model(str(built.file), full_check=True)
