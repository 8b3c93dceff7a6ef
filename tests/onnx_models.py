"""Networks with the layers of well-known ones and random weights, made when needed: how long they take is the same.

What is counted beside them: multiply-accumulate operations for one input, and weights with biases. Batch
normalisation is folded into the convolutions, as exporters leave it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Flow:
    """What flows between two nodes: its name, channels and edge [px]."""

    name: str
    channels: int
    px: int


@dataclass
class Net:
    """A network of convolutions under construction."""

    px: int
    macs: int = 0
    parameters: int = 0
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def picture(self) -> Flow:
        return Flow("images", 3, self.px)

    def node(self, op: str, *reads: str, outputs: int = 1, **attributes: object) -> list[str]:
        at = len(self.nodes)
        made = [f"{op.lower()}_{at}" + (f"_{n}" if outputs > 1 else "") for n in range(outputs)]
        self.nodes.append(helper.make_node(op, list(reads), made, name=f"/{op}_{at}", **attributes))
        return made

    def constant(self, values: np.ndarray) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def dense(self, *shape: int, fan_in: int) -> str:
        self.parameters += int(np.prod(shape))
        scale = (2 / fan_in) ** 0.5  # keeps what flows about as large as it is
        return self.constant((self.random.standard_normal(shape, np.float32) * scale).astype(np.float32))

    def conv(self, x: Flow, channels: int, edge: int, stride: int = 1, groups: int = 1, then: str = "silu") -> Flow:
        fan_in = x.channels // groups * edge**2
        weights, bias = self.dense(channels, x.channels // groups, edge, edge, fan_in=fan_in), self.zeros(channels)
        pads, strides = [edge // 2] * 4, [stride, stride]
        px = (x.px + 2 * (edge // 2) - edge) // stride + 1
        self.macs += px**2 * channels * fan_in
        shape = {"kernel_shape": [edge, edge], "pads": pads, "strides": strides, "group": groups}
        (made,) = self.node("Conv", x.name, weights, bias, **shape)
        return Flow(self.activated(made, then), channels, px)

    def zeros(self, channels: int) -> str:
        self.parameters += channels
        return self.constant(np.zeros(channels, np.float32))

    def activated(self, name: str, how: str) -> str:
        if how == "silu":
            return self.node("Mul", name, *self.node("Sigmoid", name))[0]
        if how == "relu":
            return self.node("Relu", name)[0]
        if how == "relu6":
            bounds = (self.constant(np.array(bound, np.float32)) for bound in (0, 6))
            return self.node("Clip", name, *bounds)[0]
        return name

    def add(self, one: Flow, other: Flow) -> Flow:
        return Flow(*self.node("Add", one.name, other.name), one.channels, one.px)

    def joined(self, *parts: Flow) -> Flow:
        (made,) = self.node("Concat", *(part.name for part in parts), axis=1)
        return Flow(made, sum(part.channels for part in parts), parts[0].px)

    def pooled(self, x: Flow, edge: int, stride: int) -> Flow:
        shape = {"kernel_shape": [edge, edge], "pads": [edge // 2] * 4, "strides": [stride, stride]}
        (made,) = self.node("MaxPool", x.name, **shape)
        return Flow(made, x.channels, (x.px + 2 * (edge // 2) - edge) // stride + 1)

    def classes(self, x: Flow, count: int) -> str:
        (flat,) = self.node("Flatten", *self.node("GlobalAveragePool", x.name))
        self.macs += x.channels * count
        weights = self.dense(count, x.channels, fan_in=x.channels)
        return self.node("Gemm", flat, weights, self.zeros(count), transB=1)[0]

    def model(self, name: str, answer: str, shape: list[object]) -> onnx.ModelProto:
        given = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, self.px, self.px])
        self.nodes.append(helper.make_node("Identity", [answer], ["answer"], name="/answer"))
        put_out = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["batch", *shape])
        graph = helper.make_graph(self.nodes, name, [given], [put_out], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@dataclass(frozen=True)
class Built:
    """A finished network: the file it was written to and what was counted."""

    file: Path
    px: int
    macs: int
    parameters: int


def write(folder: Path, name: str) -> Built:
    """One of `NETWORKS` as NAME.onnx in a folder."""
    px, build = NETWORKS[name]
    net = Net(px)
    model = net.model(name, *build(net))
    file = folder / f"{name}.onnx"
    onnx.save(model, file)
    return Built(file, px, net.macs, net.parameters)


def _tiny(net: Net) -> tuple[str, list[object]]:
    x = net.conv(net.picture(), 16, 3, 2, then="relu")
    x = net.add(net.conv(x, 16, 3, then="relu"), x)
    return net.classes(x, 10), [10]


def _mobilenet_v2(net: Net) -> tuple[str, list[object]]:
    """Sandler et al. 2018, table 2."""
    x = net.conv(net.picture(), 32, 3, 2, then="relu6")
    for widen, channels, repeats, first_stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            wide = net.conv(x, x.channels * widen, 1, then="relu6") if widen > 1 else x
            wide = net.conv(wide, wide.channels, 3, stride, groups=wide.channels, then="relu6")
            narrow = net.conv(wide, channels, 1, then="")
            x = net.add(x, narrow) if stride == 1 and x.channels == channels else narrow
    return net.classes(net.conv(x, 1280, 1, then="relu6"), 1000), [1000]


def _resnet50(net: Net) -> tuple[str, list[object]]:
    """He et al. 2015, table 1, with the stride in the 3 × 3 convolution ("v1.5") as everybody measures it."""
    x = net.pooled(net.conv(net.picture(), 64, 7, 2, then="relu"), 3, 2)
    for channels, repeats, first_stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            inner = net.conv(net.conv(x, channels, 1, then="relu"), channels, 3, stride, then="relu")
            inner = net.conv(inner, 4 * channels, 1, then="")
            beside = net.conv(x, 4 * channels, 1, stride, then="") if repeat == 0 else x
            summed = net.add(inner, beside)
            x = Flow(net.activated(summed.name, "relu"), summed.channels, summed.px)
    return net.classes(x, 1000), [1000]


def _yolov8n(net: Net) -> tuple[str, list[object]]:
    """The layers of YOLOv8n for 80 classes: 8.7 GFLOPs at 640 px, as its makers count (two per multiplication)."""
    x = net.conv(net.conv(net.picture(), 16, 3, 2), 32, 3, 2)
    x = net.conv(_c2f(net, x, 32, 1), 64, 3, 2)
    p3 = _c2f(net, x, 64, 2)
    p4 = _c2f(net, net.conv(p3, 128, 3, 2), 128, 2)
    x = _c2f(net, net.conv(p4, 256, 3, 2), 256, 1)
    p5 = _sppf(net, x)
    middle = _c2f(net, net.joined(_upsampled(net, p5), p4), 128, 1, shortcut=False)
    small = _c2f(net, net.joined(_upsampled(net, middle), p3), 64, 1, shortcut=False)
    medium = _c2f(net, net.joined(net.conv(small, 64, 3, 2), middle), 128, 1, shortcut=False)
    large = _c2f(net, net.joined(net.conv(medium, 128, 3, 2), p5), 256, 1, shortcut=False)
    return _boxes(net, (small, medium, large), 80)


def _c2f(net: Net, x: Flow, channels: int, repeats: int, shortcut: bool = True) -> Flow:
    both = net.conv(x, channels, 1)
    halves = net.node("Split", both.name, net.constant(np.array([channels // 2] * 2)), outputs=2, axis=1)
    parts = [Flow(half, channels // 2, both.px) for half in halves]
    for _ in range(repeats):
        inner = net.conv(net.conv(parts[-1], channels // 2, 3), channels // 2, 3)
        parts.append(net.add(parts[-1], inner) if shortcut else inner)
    return net.conv(net.joined(*parts), channels, 1)


def _sppf(net: Net, x: Flow) -> Flow:
    parts = [net.conv(x, x.channels // 2, 1)]
    for _ in range(3):
        parts.append(net.pooled(parts[-1], 5, 1))
    return net.conv(net.joined(*parts), x.channels, 1)


def _upsampled(net: Net, x: Flow) -> Flow:
    scales = net.constant(np.array([1, 1, 2, 2], np.float32))
    return Flow(*net.node("Resize", x.name, "", scales, mode="nearest"), x.channels, 2 * x.px)


def _boxes(net: Net, scales: tuple[Flow, ...], classes: int) -> tuple[str, list[object]]:
    """Of every cell of every scale: distances of the box' edges as means over 16 bins, and a score per class."""
    flat = []
    for x in scales:
        edges = net.conv(net.conv(net.conv(x, 64, 3), 64, 3), 64, 1, then="")
        scores = net.conv(net.conv(net.conv(x, classes, 3), classes, 3), classes, 1, then="")
        both = net.joined(edges, scores)
        flat += net.node("Reshape", both.name, net.constant(np.array([0, 64 + classes, -1])))
    (cells,) = net.node("Concat", *flat, axis=2)
    edges, scores = net.node("Split", cells, net.constant(np.array([64, classes])), outputs=2, axis=1)
    (bins,) = net.node("Reshape", edges, net.constant(np.array([0, 4, 16, -1])))
    (likely,) = net.node("Softmax", *net.node("Transpose", bins, perm=[0, 2, 1, 3]), axis=1)
    count = sum(x.px**2 for x in scales)
    mean = net.dense(1, 16, 1, 1, fan_in=16)
    (distances,) = net.node("Conv", likely, mean, kernel_shape=[1, 1])
    (boxes,) = net.node("Reshape", distances, net.constant(np.array([0, 4, -1])))
    net.macs += count * 4 * 16
    return net.node("Concat", boxes, *net.node("Sigmoid", scores), axis=1)[0], [4 + classes, count]


NETWORKS = {
    "tiny": (64, _tiny),
    "mobilenet-v2": (224, _mobilenet_v2),
    "resnet50": (224, _resnet50),
    "yolov8n": (640, _yolov8n),
}
"""Edge of the picture [px] and what builds it, by name."""
