"""The measurements of the catalogue, made from its cells pair by pair as they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from hardware_profiles.catalogue.models import usual_input_px
from hardware_profiles.catalogue.tables import COLUMNS, Cells, measured_pairs
from hardware_profiles.measurement import Measurement

_AT = {column: i for i, column in enumerate(COLUMNS)}
_POWER_MODE, _LOAD = _AT["power_mode"], _AT["load"]
_TIMES = slice(_AT["mean_ms"], _AT["p99_ms"] + 1)

_TEXTS = ("precision", "runtime", "unit", "power_mode", "load", "kind", "conditions", "source", "date")
_NUMBERS = ("mean_ms", "per_s", "tokens_per_s", "first_token_ms", "power_w", "energy_mj", "memory_mb")
_PERCENTILES = {0.50: _AT["p50_ms"], 0.90: _AT["p90_ms"], 0.99: _AT["p99_ms"]}

ONE_AFTER_THE_OTHER = ("single_stream", "multi_stream")
"""Loads under which a duration is that of an execution, and nothing waits."""


@cache
def measurements(model: str, hardware: str) -> tuple[Measurement, ...]:
    """Every measurement of a pair of canonical names, in the catalogue's order, whatever it measured.

    A row without an input size was taken at the model's usual one.
    """
    return tuple(map(_measurement, measured_pairs().get((model, hardware), ())))


@cache
def timed_pairs() -> Mapping[str, tuple[str, ...]]:
    """By model the hardware on which its executions were timed in the usual power mode, in the catalogue's order."""
    found: dict[str, list[str]] = {}
    for (model, hardware), lines in measured_pairs().items():
        if any(_timed(cells) for cells in lines):
            found.setdefault(model, []).append(hardware)
    return {model: tuple(places) for model, places in found.items()}


def counts_of(column: str) -> Mapping[str, int]:
    """How many measurements there are by ``model`` or by ``hardware``."""
    found: dict[str, int] = {}
    for pair, lines in measured_pairs().items():
        name = pair[_AT[column]]
        found[name] = found.get(name, 0) + len(lines)
    return found


def configuration(measured: Measurement) -> tuple[object, ...]:
    """What two measurements of a pair have in common when the newer replaces the older: what ran and what is known."""
    how = (measured.precision, measured.runtime, measured.unit, measured.batch, measured.input_px, measured.threads)
    return (*how, measured.power_mode, measured.load, is_timed(measured), measured.tokens_per_s is not None)


def newest_first(measured: Sequence[Measurement]) -> list[list[Measurement]]:
    """By configuration, in the order of their first rows; of two of the same date the later row is the newer."""
    groups: dict[tuple[object, ...], list[Measurement]] = {}
    for one in measured:
        groups.setdefault(configuration(one), []).append(one)
    return [sorted(group, key=lambda one: one.date)[::-1] for group in groups.values()]


def is_timed(measured: Measurement) -> bool:
    """Whether it says how long one execution takes, without waiting for others."""
    known = measured.mean_ms is not None or bool(measured.quantiles_ms)
    return known and measured.load in ONE_AFTER_THE_OTHER


def _timed(cells: Cells) -> bool:
    return cells[_LOAD] in ONE_AFTER_THE_OTHER and not cells[_POWER_MODE] and any(cells[_TIMES])


def _measurement(cells: Cells) -> Measurement:
    model = cells[0]
    values: dict[str, Any] = {name: cells[_AT[name]] for name in _TEXTS}
    values |= {name: float(cell) for name in _NUMBERS if (cell := cells[_AT[name]])}
    return Measurement(
        model=model,
        hardware=cells[1],
        batch=int(cells[_AT["batch"]] or 1),
        input_px=_whole(cells[_AT["input_px"]]) or usual_input_px(model),
        threads=_whole(cells[_AT["threads"]]),
        quantiles_ms=tuple((p, float(cell)) for p, at in _PERCENTILES.items() if (cell := cells[at])),
        **values,
    )


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None
