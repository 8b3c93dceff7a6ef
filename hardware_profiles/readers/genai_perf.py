"""NVIDIA's ``genai-perf`` (and AIPerf): the CSV of what a client saw of a language model's server.

How many requests were under way is not in the file; by Little's law it is their rate times their mean duration.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import MS_PER, number, supported

NAME = "genai-perf"
ABOUT = "profile_export_genai_perf.csv of NVIDIA's genai-perf"

_ALONE = 1.1
"""Requests under way on average up to which they are taken for one after the other."""


def recognises(text: str) -> bool:
    """Whether it has the heads of its two tables and a row of a language model's."""
    heads = re.search(r"(?m)^Metric,avg,", text) and re.search(r"(?m)^Metric,Value\s*$", text)
    return bool(heads) and "Request Latency" in text


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement; the file names neither the model nor the hardware."""
    metrics = _metrics(text)
    latency, rate = metrics["Request Latency"], metrics["Request Throughput"]["Value"]
    under_way = rate * latency["avg"] / 1e3
    alone = under_way <= _ALONE
    per_token = metrics.get("Inter Token Latency", {}).get("avg")
    together = metrics.get("Output Token Throughput", {}).get("Value")
    lengths = [
        f"{metrics[name]['avg']:g} tokens {way}"
        for name, way in (("Input Sequence Length", "in"), ("Output Sequence Length", "out"))
        if name in metrics
    ]
    notes = [
        f"{under_way:.2f} requests under way on average (rate times duration): taken for "
        + ("one after the other" if alone else "several at once, which wait for one another"),
        "the file names neither the model nor the hardware",
    ]
    quantiles = {int(name[1:]) / 100: ms for name, ms in latency.items() if re.fullmatch(r"p\d+", name)}
    first = metrics.get("Time To First Token", {}).get("avg")
    measurement = Measurement(
        load="single_stream" if alone else "server",
        mean_ms=latency["avg"],
        quantiles_ms=supported(quantiles, None),
        runs=round(metrics["Request Count"]["Value"]) or None if "Request Count" in metrics else None,
        per_s=rate,
        tokens_per_s=(1e3 / per_token if per_token else None) if alone else together,
        first_token_ms=first or None,
        conditions="; ".join(["genai-perf, whole requests", *lengths]),
    )
    return [measurement], notes


def _metrics(text: str) -> Mapping[str, dict[str, float]]:
    """Metric → column → value, durations in ms; tables are parted by empty lines."""
    if not text.endswith("\n"):  # a number on it may have lost its last digits
        end = text.count("\n") + 1
        raise BadInput(Fault("", "a last line without its end", "a whole file; is it cut off?", line=end))
    found: dict[str, dict[str, float]] = {}
    head: list[str] = []
    table = csv.reader(io.StringIO(text))
    for row in table:
        if not row:
            head = []
        elif row[0] == "Metric":
            head = [] if "GPU" in row else row  # telemetry of the machine that asked
        elif head:
            if len(row) != len(head):
                what = f"{len(row)} cells"
                raise BadInput(Fault(row[0][:40], what, f"{len(head)}; is it cut off?", line=table.line_num))
            name, _, unit = row[0].rstrip(")").partition(" (")
            scale = MS_PER.get(unit, 1.0)
            cells = zip(head[1:], row[1:], strict=True)
            found[name] = {
                column: number(cell.replace(",", ""), row[0], table.line_num) * scale for column, cell in cells if cell
            }
    return found
