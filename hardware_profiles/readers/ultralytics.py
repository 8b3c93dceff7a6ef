"""Ultralytics' ``yolo benchmark``: its table, as the console, ``benchmarks.log``, CSV or Markdown shows it.

The time is that of the network alone, the mean over the pictures of a small data set (batch 1). The accuracy beside it
is of that same small set (4 or 128 pictures) and therefore left out.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import number

NAME = "ultralytics"
ABOUT = "the table of Ultralytics' `yolo benchmark` (console, benchmarks.log, CSV or Markdown)"

_TIME = "Inference time (ms/im)"
_RUNTIMES = {
    "PyTorch": "pytorch",
    "TorchScript": "torchscript",
    "ONNX": "onnxruntime",
    "OpenVINO": "openvino",
    "TensorRT": "tensorrt",
    "CoreML": "coreml",
    "TensorFlow SavedModel": "tf-savedmodel",
    "TensorFlow GraphDef": "tf-graphdef",
    "TensorFlow Lite": "tflite",
    "TensorFlow Edge TPU": "edgetpu",
    "TensorFlow.js": "tensorflow.js",
    "PaddlePaddle": "paddlepaddle",
    "MNN": "mnn",
    "NCNN": "ncnn",
    "IMX": "imx500",
    "IMX500": "imx500",
    "RKNN": "rknn",
    "ExecuTorch": "executorch",
    "Axelera": "axelera",
}
_ONLY_UNIT = {"tensorrt": "GPU", "edgetpu": "TPU", "rknn": "NPU", "imx500": "NPU", "axelera": "NPU"}
_ON_CUDA = ("pytorch", "torchscript")  # those that use it wherever PyTorch does
_ONLY_INT8 = ("edgetpu", "imx500", "axelera")
_COMPLETE = re.compile(r"Benchmarks complete for (\S+) on (\S+) at imgsz=\[?(\d+)")
_DEVICE = re.compile(r"Ultralytics (?:YOLOv)?(\d[\w.]*) .*torch-\S+ (CPU|CUDA:\S+|MPS)(?: \(([^)]*)\))?")
_MARKS = "✅❌❎"
_ROW = re.compile(r"\s*(?:[|│].*[✅❌❎]|\d+[ ,].*[✅❌❎])")
_GOOD, _BAD = "✅", ("❌", "❎")


@dataclass
class _Table:
    """What stands above a table."""

    model: str = ""
    data: str = "its data set"
    edge_px: int | None = None
    version: str = ""
    device: str = ""
    processor: str = ""


def recognises(text: str) -> bool:
    """Whether the table's head is there."""
    return _TIME in text and "Format" in text


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement per row that passed; a log may hold several tables."""
    found: list[Measurement] = []
    notes: list[str] = []
    above = _Table()
    head: list[str] = []
    for at, line in enumerate(text.splitlines(), start=1):
        if device := _DEVICE.search(line):
            above = _Table(version=device[1], device=device[2].partition(":")[0], processor=device[3] or "")
        elif complete := _COMPLETE.search(line):
            model = re.sub(r"\.(pt|yaml|onnx|engine)$", "", complete[1].replace("\\", "/").rpartition("/")[2])
            above = _Table(model, complete[2], int(complete[3]), above.version, above.device, above.processor)
            head = []
        elif _TIME in line:
            head = _cells(line, None)
        elif head and (cells := _cells(line, head)):
            _row(cells, head, above, at, found, notes)
        elif head and _ROW.match(line):
            raise BadInput(Fault("", f"`{line.strip()[:60]}`", "a whole row of the table; is it cut off?", line=at))
    if not found:
        raise BadInput(Fault("", "no row that passed", "a table with at least one ✅"))
    if any(not one.precision for one in found):
        notes.append("the table does not say the precision: fp32 unless half or int8 was asked for (--precision)")
    models = dict.fromkeys(one.model for one in found if one.model)
    notes += [f"model {name}: from the file of its weights" for name in models]
    notes.append("accuracy is of a small data set and left out")
    return found, notes


def _cells(line: str, head: list[str] | None) -> list[str]:
    """Cells of the head, or (given it) of a row; empty where the line is neither."""
    inside = line.strip().removeprefix("|").removesuffix("|")  # some tables have nothing but an outer border
    if re.search(r"[|┆│]", inside):
        cells = [cell.strip() for cell in re.split(r"[|┆│]", line)][1:-1]
    elif "," in inside:
        cells = [cell.strip() for cell in next(csv.reader([line]))]
    elif head is None:  # names hold blanks, and only one blank may part two of them
        return ["", *re.findall(r"Format|Status\S*|Size \(MB\)|metrics/\S+|Inference time \(ms/im\)|FPS", line)]
    else:
        return _columns(inside, head)
    if head is None:
        return cells
    rule = set("".join(cells)) <= set(":-=╪╡╞ ")
    return [] if rule or len(cells) != len(head) or not cells[head.index("Format")] else cells


def _columns(line: str, head: list[str]) -> list[str]:
    """Cells of a row of pandas' table: a number, the format (which may hold blanks), a mark, and figures."""
    behind = len(head) - 1 - head.index(next((name for name in head if name.startswith("Size")), "no size"))
    figure, mark = rf"([^\s{_MARKS}]+)", rf"(?:([{_MARKS}])\ufe0f?\s+)?"  # some consoles drop the mark
    pattern = rf"\s*(\d+)\s+([^\s{_MARKS}].*?)\s+{mark}{figure}" + rf"\s+{figure}" * behind + r"\s*"
    match = re.fullmatch(pattern, line)
    return [cell or "" for cell in match.groups()] if match else []


def _row(cells: list[str], head: list[str], above: _Table, at: int, found: list[Measurement], notes: list[str]) -> None:
    row = dict(zip(head, cells, strict=True))
    status = next((cell for name, cell in row.items() if name.startswith("Status")), "")
    time, name = row[_TIME], row["Format"]
    if status.startswith(_BAD) or (not status.startswith(_GOOD) and time.lower() in ("", "-", "nan", "none", "null")):
        notes.append(f"{name} failed there and is left out")
        return
    runtime = _RUNTIMES.get(name, re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-"))
    unit = _ONLY_UNIT.get(runtime, "")
    if not unit and above.device == "CPU":
        unit = "CPU"
    elif not unit and (above.device == "MPS" or above.device == "CUDA") and runtime in _ON_CUDA:
        unit = "GPU"
    about = [f"Ultralytics {above.version}".strip() + " benchmark", "network alone", above.processor]
    about += [f"mean over {above.data}", f"model file {row['Size (MB)']} MB" if row.get("Size (MB)") else ""]
    measurement = Measurement(
        model=above.model,
        precision="int8" if runtime in _ONLY_INT8 else "",
        runtime=runtime,
        unit=unit,
        input_px=above.edge_px,
        mean_ms=number(time, f"{name}, {_TIME}", at),
        conditions="; ".join(part for part in about if part),
    )
    found.append(measurement)
