"""llama.cpp's ``llama-bench`` in any of its outputs: JSON, JSON lines, CSV, Markdown.

A test is either of a prompt (``pp512``: 512 tokens read at once) or of generation (``tg128``: 128 tokens, one after
the other). The first gives the time to the first token of a prompt that long, the second the tokens per second; the two
of one configuration are one measurement.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import number
from hardware_profiles.reading import json_of

NAME = "llama-bench"
ABOUT = "output of llama.cpp's llama-bench (json, jsonl, csv or md)"

_GPUS = ("cuda", "rocm", "hip", "vulkan", "metal", "mtl", "sycl", "opencl", "musa", "kompute", "webgpu")
_NPUS = ("htp", "hexagon", "cann", "rocket", "rknpu", "qnn", "openvino-npu")
_CPUS = ("cpu", "blas", "accelerate", "zendnn")
_FLAGS = ("cuda", "vulkan", "kompute", "metal", "sycl", "blas")  # fields of versions before `backends`
_USUAL = {"type_k": "f16", "type_v": "f16", "n_batch": "2048", "n_ubatch": "512"}
_SIZES = {"small": "s", "medium": "m", "large": "l"}
_PRECISIONS = {"f32": "fp32", "f16": "fp16"}
_TEST = re.compile(r"(?:pp(\d+))?\+?(?:tg(\d+))?(?: @ d(\d+))?")


@dataclass(frozen=True)
class _Test:
    """One row: ``kind`` is what llama-bench calls the model's type, ``rate`` in tokens per second."""

    file: str
    kind: str
    backends: str
    gpu_layers: int | None
    threads: int | None
    processor: str
    about: tuple[str, ...]
    prompt: int
    generated: int
    depth: int
    rate: float
    spread: float
    mean_ms: float | None
    runs: int | None
    date: str
    line: int | None

    @property
    def configuration(self) -> tuple[object, ...]:
        """What the tests of one measurement have in common."""
        return (self.file, self.kind, self.backends, self.gpu_layers, self.threads, self.about, self.depth)

    @property
    def name(self) -> str:
        parts = [f"pp{self.prompt}" if self.prompt else "", f"tg{self.generated}" if self.generated else ""]
        return "+".join(part for part in parts if part) + (f" @ d{self.depth}" if self.depth else "")


def recognises(text: str) -> bool:
    """Whether it has the names of the tool's fields, or the head of its Markdown table."""
    fields = all(name in text for name in ("avg_ts", "n_prompt", "n_gen"))
    return fields or bool(re.search(r"(?m)^\| model +\|.*\| +test \| +t/s \|\s*$", text))


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement per configuration, or one per test where several differ in length."""
    tests = list(_tests(text))
    notes: list[str] = []
    groups: dict[tuple[object, ...], list[_Test]] = {}
    for test in tests:
        if not (test.prompt or test.generated) or not test.rate:
            raise BadInput(Fault(test.name or "test", "no tokens, or no speed", "pp or tg at some", line=test.line))
        if test.prompt and test.generated:
            notes.append(f"{test.name} mixes prompt and generation and is left out")
        else:
            groups.setdefault(test.configuration, []).append(test)
    found = [one for group in groups.values() for one in _measurements(group, notes)]
    notes.append("the kind of model and its file are in the conditions: state what it is called (--model)")
    return found, notes


def _tests(text: str) -> Iterable[_Test]:
    start = text.lstrip()[:1]
    if start == "[":
        return [_of_fields(row, None) for row in json_of(text)]
    if start == "{":
        rows = ((at, line) for at, line in enumerate(text.splitlines(), start=1) if line.strip())
        return [_of_fields(_json_line(line, at), at) for at, line in rows]
    if re.search(r"(?m)^\| model +\|", text):
        return list(_of_markdown(text))
    return list(_of_csv(text))


def _json_line(line: str, at: int) -> Mapping[str, Any]:
    try:
        row: Mapping[str, Any] = json_of(line)
    except BadInput as bad:
        raise BadInput(replace(fault, line=at) for fault in bad.faults) from None
    return row


def _of_csv(text: str) -> Iterable[_Test]:
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if "avg_ts" in line), 0)
    table = csv.reader(io.StringIO("\n".join(lines[start:])))
    head = next(table, [])
    for row in table:
        at = start + table.line_num
        if not row:
            continue
        if len(row) != len(head):
            raise BadInput(Fault("", f"{len(row)} cells", f"{len(head)} as in the head; is it cut off?", line=at))
        yield _of_fields(dict(zip(head, row, strict=True)), at)


def _of_fields(row: Mapping[str, Any], line: int | None) -> _Test:
    """A test from the fields of the JSON or CSV output."""

    def count(name: str) -> int:
        return int(row.get(name) or 0)

    built_for = [name for name in _FLAGS if str(row.get(name, "")).lower() in ("1", "true")]
    backends = str(row.get("backends") or ",".join(built_for) or ("CPU" if "cuda" in row else ""))
    mean_ns = number(row["avg_ns"], "avg_ns", line) if row.get("avg_ns") else None
    samples = row.get("samples_ns")
    day = re.match(r"\d{4}-\d{2}-\d{2}", str(row.get("test_time", "")))
    flash = ["flash attention"] if str(row.get("flash_attn", "")).lower() in ("1", "true") else []
    commit = f"llama.cpp {row['build_commit']}" if row.get("build_commit") else "llama.cpp"
    processors = (str(row.get("gpu_info") or ""), str(row.get("cpu_info") or ""))
    on_gpu = _unit(backends, count("n_gpu_layers") if "n_gpu_layers" in row else None) == "GPU"
    return _Test(
        file=PurePosixPath(str(row.get("model_filename", "")).replace("\\", "/")).name,
        kind=str(row.get("model_type", "")),
        backends=backends,
        gpu_layers=count("n_gpu_layers") if "n_gpu_layers" in row else None,
        threads=count("n_threads") or None,
        processor=processors[0] or processors[1] if on_gpu else processors[1],
        about=(commit, *_unusual(row), *flash),
        prompt=count("n_prompt"),
        generated=count("n_gen"),
        depth=count("n_depth"),
        rate=number(row["avg_ts"], "avg_ts", line),
        spread=number(row.get("stddev_ts") or "0", "stddev_ts", line),
        mean_ms=mean_ns / 1e6 if mean_ns else None,
        runs=len(samples) if isinstance(samples, list) else None,
        date=day[0] if day else "",
        line=line,
    )


def _unusual(row: Mapping[str, Any]) -> list[str]:
    """Settings that differ from the tool's own; its table has a column only for those."""
    stated = {name: str(row.get(name) or usual) for name, usual in _USUAL.items()}
    return [f"{name} {value}" for name, value in stated.items() if value != _USUAL[name]]


def _of_markdown(text: str) -> Iterable[_Test]:
    build = re.search(r"(?m)^build: (\S+)", text)
    head: list[str] = []
    for at, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.strip().split("|")]
        if len(cells) < 4 or cells[0] or cells[-1]:
            continue
        cells = cells[1:-1]
        if "t/s" in cells:
            head = cells
        elif head and not set("".join(cells)) <= set("-: "):
            yield _of_cells(dict(zip(head, cells, strict=True)), at, build[1] if build else "")


def _of_cells(row: Mapping[str, str], at: int, build: str) -> _Test:
    rate, _, spread = row["t/s"].partition("±")
    lengths = _TEST.fullmatch(row["test"])
    if not lengths:
        raise BadInput(Fault("test", f"`{row['test'][:40]}`", "pp512, tg128 or the like", line=at))
    prompt, generated, depth = (int(length or 0) for length in lengths.groups())
    return _Test(
        file="",
        kind=row["model"],
        backends=row.get("backend", ""),
        gpu_layers=int(row["ngl"]) if "ngl" in row else None,
        threads=int(row["threads"]) if "threads" in row else None,
        processor="",
        about=(f"llama.cpp {build}".strip(), *_unusual(row), *(["flash attention"] if row.get("fa") == "1" else [])),
        prompt=prompt,
        generated=generated,
        depth=depth,
        rate=number(rate.strip(), "t/s", at),
        spread=number(spread.strip() or "0", "t/s", at),
        mean_ms=None,
        runs=None,
        date="",
        line=at,
    )


def _measurements(tests: list[_Test], notes: list[str]) -> list[Measurement]:
    """The only test of a kind goes with each of the other kind; where both have several lengths, each is alone."""
    prompts, generations = ([one for one in tests if one.prompt], [one for one in tests if one.generated])
    if len(prompts) > 1 and len(generations) > 1:
        return [_measurement([one], notes) for one in tests]
    pairs = [[*prompts[at : at + 1], *generations] for at in range(len(prompts))]
    if len(generations) > 1:
        pairs = [[*prompts, one] for one in generations]
    return [_measurement(pair, notes) for pair in pairs or [generations]]


def _measurement(tests: list[_Test], notes: list[str]) -> Measurement:
    first = tests[0]
    prompt = next((one for one in tests if one.prompt), None)
    generation = next((one for one in tests if one.generated), None)
    unit = _unit(first.backends, first.gpu_layers)
    if not unit:
        notes.append(f"which compute unit backend `{first.backends}` uses is not known (state it with --unit)")
    if unit == "CPU" and first.gpu_layers == 0 and _kind(first.backends) != "CPU":
        notes.append(f"built for {first.backends}, but no layer was offloaded: generation ran on the CPU")
    layers = first.gpu_layers if unit not in ("", "CPU") and first.gpu_layers not in (None, 99, -1) else None
    said = [f"{one.name} {one.rate:.6g} ± {one.spread:.3g} tokens/s" for one in tests]
    about = [
        *first.about,
        first.kind,
        first.file,
        first.backends if first.backends != unit else "",
        first.processor,
        *said,
    ]
    about += [f"{layers} layers offloaded" if layers is not None else ""]
    return Measurement(
        precision=_precision(first.kind),
        runtime="llama.cpp",
        unit=unit,
        threads=first.threads if unit == "CPU" else None,
        runs=first.runs,
        tokens_per_s=generation.rate if generation else None,
        first_token_ms=(prompt.mean_ms or prompt.prompt / prompt.rate * 1e3) if prompt else None,
        conditions="; ".join(part for part in about if part),
        date=first.date,
    )


def _kind(backends: str) -> str:
    """GPU, NPU or CPU by the names of the backends; what computes besides the CPU counts."""
    names = [name.strip().lower() for name in backends.split(",")]
    for unit, known in (("GPU", _GPUS), ("NPU", _NPUS), ("CPU", _CPUS)):
        if any(name.startswith(known) for name in names):
            return unit
    return ""


def _unit(backends: str, gpu_layers: int | None) -> str:
    return "CPU" if gpu_layers == 0 else _kind(backends)


def _precision(kind: str) -> str:
    """``llama 1B Q4_K - Medium`` is ``q4_k_m``, as the files are named; empty where no type stands there."""
    words = r"\b(?:all )?(I?Q\d\w*|TQ\d_\d|BF16|F16|F32|MXFP4|NVFP4)\b(?: - (Small|Medium|Large)\b)?"
    found = re.search(words, kind)
    if not found:
        return ""
    name = found[1].lower()
    suffix = _SIZES.get((found[2] or "").lower(), "")
    if suffix and name != "q2_k":  # whose file name has no size
        return f"{name}_{suffix}"
    return _PRECISIONS.get(name, name)
