"""Qualcomm AI Hub: the profile of one job (``ProfileJob.download_profile``) as JSON.

Times are in µs, memory in bytes. The service's ``estimated_inference_time`` lies near the fastest of its runs: where
the runs themselves are there (``all_inference_times``), the figures are of all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.readers import UNSAID
from hardware_profiles.readers.durations import in_ms, number, timed
from hardware_profiles.reading import json_of

NAME = "ai-hub-profile"
ABOUT = "the profile JSON of a Qualcomm AI Hub job"

BYTES_PER_MB = 2**20
"""What Qualcomm calls a megabyte."""


def recognises(text: str) -> bool:
    """Whether it is JSON with a job's summary."""
    return text.lstrip().startswith("{") and '"execution_summary"' in text


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement; the file names neither the model nor the device."""
    whole = json_of(text)
    summary, detail = whole["execution_summary"], whole.get("execution_detail") or []
    notes = ["the profile names neither the model nor the device"]
    estimate = number(summary["estimated_inference_time"], "execution_summary.estimated_inference_time")
    estimate_ms = in_ms(estimate, "us")
    durations = [in_ms(number(us, "execution_summary.all_inference_times"), "us") for us in _runs(summary)]
    sample = timed(durations) if durations else None
    about = ["Qualcomm AI Hub", f"service's own estimate {estimate_ms:g} ms"] if durations else ["Qualcomm AI Hub"]
    if not durations:
        notes.append("without the single runs: the time is the service's estimate, near its fastest run")
    unit, placed = _unit(detail, notes)
    loads = [f"{key} load {summary[f'{key}_load_time'] / 1e3:g} ms" for key in ("first", "warm") if _is(summary, key)]
    measurement = Measurement(
        unit=unit,
        batch=UNSAID,
        **(sample or {"mean_ms": estimate_ms}),
        memory_mb=_peak_mb(summary),
        layers=tuple(_layer(at, one) for at, one in enumerate(detail) if _spent(one) is not None),
        conditions="; ".join([*about, *placed, *loads]),
    )
    return [measurement], notes


def _runs(summary: dict[str, Any]) -> list[Any]:
    runs = summary.get("all_inference_times") or []
    if not isinstance(runs, list):
        raise BadInput(Fault("execution_summary.all_inference_times", "no list", "a list of µs"))
    return runs


def _is(summary: dict[str, Any], key: str) -> bool:
    value = summary.get(f"{key}_load_time")
    return isinstance(value, int | float) and value > 0


def _peak_mb(summary: dict[str, Any]) -> float | None:
    """Upper end of the peak memory while running [MB]; -1 stands for a figure that was not taken."""
    reach = summary.get("inference_memory_peak_range")
    peak = reach[1] if isinstance(reach, list) else summary.get("estimated_inference_peak_memory")
    return peak / BYTES_PER_MB if isinstance(peak, int | float) and peak > 0 else None


def _spent(layer: dict[str, Any]) -> float | None:
    value = layer.get("execution_time")
    return value if isinstance(value, int | float) and value >= 0 else None


def _layer(at: int, layer: dict[str, Any]) -> Layer:
    spent = number(layer["execution_time"], f"execution_detail[{at}].execution_time")
    return Layer(str(layer["name"]), str(layer.get("type", "")), in_ms(spent, "us"))


def _unit(detail: list[dict[str, Any]], notes: list[str]) -> tuple[str, list[str]]:
    """Where most of the time went (else most cycles, else most layers), and the number of layers on each unit."""
    layers = Counter(str(one.get("compute_unit", "")).upper() for one in detail)
    by: Counter[str] = Counter()
    for key in ("execution_time", "execution_cycles"):
        for one in detail:
            by[str(one.get("compute_unit", "")).upper()] += max(one.get(key) or 0, 0)
        if any(by.values()):
            break
    ranked = by if any(by.values()) else layers
    if not ranked:
        notes.append("the profile lists no layers: the compute unit is not known")
        return "", []
    unit = max(ranked, key=lambda name: ranked[name])
    return unit, fallback(unit, layers, notes)


def fallback(unit: str, layers: Counter[str], notes: list[str], where: str = "") -> list[str]:
    """The number of layers on each unit, as conditions; a note where some are not on the main one."""
    placed = [f"{count} layers on {name}" for name, count in layers.most_common() if count and name]
    if len(placed) > 1:
        notes.append(f"{where}not all of it ran on the {unit}: {', '.join(placed)}")
    return placed
