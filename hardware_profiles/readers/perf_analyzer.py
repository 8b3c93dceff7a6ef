"""Triton's ``perf_analyzer -f``: a CSV with a row per concurrency or request rate, durations in µs.

They are those of a client: sending, the network, the server's queue, the model, receiving. One request at a time is a
plain benchmark loop; with more the requests wait for one another, so that the durations are those of a server under
load.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import in_ms, number, supported

NAME = "perf-analyzer"
ABOUT = "the CSV of Triton's perf_analyzer (-f)"

_RATE = "Inferences/Second"
_NETWORK = "Network+Server Send/Recv"
_MODEL = ("Server Compute Input", "Server Compute Infer", "Server Compute Output", "Server Compute")
_PARTS = ("Client Send", _NETWORK, "Server Queue", *_MODEL, "Server Cache Hit", "Server Cache Miss", "Client Recv")


def recognises(text: str) -> bool:
    """Whether a head has its columns."""
    return bool(re.search(r"(?m)^\ufeff?(?:[^,\n]*,)*Inferences/Second,Client Send,", text))


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement per row; the file names neither the model nor the batch."""
    table = csv.reader(io.StringIO(text))
    head: list[str] = []
    found: list[Measurement] = []
    notes: list[str] = []
    for row in table:
        cells = [cell.strip() for cell in row]
        if _RATE in cells:
            head = cells
        elif head and any(cells):
            if len(cells) != len(head):
                what = f"{len(cells)} cells"
                raise BadInput(Fault("", what, f"{len(head)} as in the head; is it cut off?", line=table.line_num))
            found.append(_measurement(dict(zip(head, cells, strict=True)), table.line_num, notes))
    if any(one.load == "server" for one in found):
        notes.append("several requests at once wait for one another: those durations are never service times")
    if any(one.load == "single_stream" for one in found):
        notes.append("durations are a client's: with the network and the server's queue")
    notes.append("the file names neither the model nor the hardware")
    if "Batch Size" not in head:
        notes.append("batch 1: the file does not say how many inputs a request held")
    return found, notes


def _measurement(row: Mapping[str, str], line: int, notes: list[str]) -> Measurement:
    def us(name: str) -> float:
        return number(row[name], name, line)

    batch = int(us("Batch Size")) if row.get("Batch Size") else 1  # a column of scripts that join several files
    concurrency = us("Concurrency") if row.get("Concurrency") else None
    alone = concurrency == 1
    load = f"concurrency {concurrency:g}" if concurrency is not None else ""
    if row.get("Request Rate"):
        load = f"{us('Request Rate'):g} requests/s offered"
    columns = {name: re.fullmatch(r"p(\d+(?:\.\d+)?) latency", name) for name in row}
    quantiles = {round(float(found[1]) / 100, 6): in_ms(us(name), "us") for name, found in columns.items() if found}
    model = [us(name) for name in _MODEL if row.get(name)]
    about = ["Triton perf_analyzer", load]
    if model:
        about.append(
            f"on the server {sum(model) / 1e3:g} ms in the model, {us('Server Queue') / 1e3:g} ms in the queue"
        )
    return Measurement(
        batch=batch,
        load="single_stream" if alone else "server",
        mean_ms=_mean_ms(row, us, notes),
        quantiles_ms=supported(quantiles, None),
        per_s=us(_RATE),
        conditions="; ".join(part for part in about if part),
    )


def _mean_ms(row: Mapping[str, str], us: Callable[[str], float], notes: list[str]) -> float | None:
    """Mean duration [ms]: as given, else the sum of its parts, of which the network is what the others leave."""
    if row.get("Avg latency"):
        return in_ms(us("Avg latency"), "us")
    if not row.get(_NETWORK) or us(_NETWORK) == 0:  # cut at 0: then the parts are more than the whole
        return None
    notes.append("the mean is the sum of its parts, each cut to whole µs")
    return in_ms(sum(us(part) for part in _PARTS if row.get(part)), "us")
