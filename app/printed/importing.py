"""What `tierwise import` understood, as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from hardware_profiles.importing import Imported, no_service_time, option_of, unsaid
from hardware_profiles.measurement import Measurement
from planner.formats import number, plural

_MOST = 12


def lines(
    imported: Sequence[Imported],
    joined: Sequence[Measurement],
    out: Path,
    *,
    added: int,
    replaced: Sequence[str],
    usable: bool,
) -> list[str]:
    """By file what was understood and assumed, then what is missing, where it was written and how to use it.

    ``added`` counts those that ``out`` did not hold before; ``replaced`` says which of its own no longer count, and
    ``usable`` whether a scenario can use anything in it now.
    """
    text: list[str] = []
    for one in imported:
        text.append(f"{one.file}: {one.format}, {plural(len(one.measurements), 'configuration')}")
        shown = one.measurements[:_MOST]
        for pair, some in groupby(shown, lambda m: f"{m.model} on {m.hardware}"):
            text += [f"  {pair}", *(f"    {_line(measurement)}" for measurement in some)]
        if len(one.measurements) > _MOST:
            text.append(f"  … and {len(one.measurements) - _MOST} more")
        text += [f"  - {note}" for note in one.notes]
    open_fields = unsaid(joined)
    if open_fields:
        options = ", ".join(f"{name} ({option_of(name)})" for name in open_fields)
        text.append(f"not said, and left open: {options}")
    text += [f"note: {note}" for note in replaced]
    known = f", {len(joined) - added} of them there already" if added < len(joined) else ""
    text += ["", f"written: {out} ({plural(len(joined), 'measurement')}{known})"]
    if not usable:
        return [*text, "", "No scenario can use it: how long executions of a single input take is not in it."]
    return [*text, "", "In a scenario:", f"  figures: {_from_here(out)}"]


def formats_lines(formats: Sequence[tuple[str, str]]) -> list[str]:
    """One line for each format: its name and what it reads."""
    width = max(len(name) for name, _ in formats) + 3
    return [f"{name:<{width}}{about}" for name, about in formats]


def _from_here(out: Path) -> str:
    return str(out) if out.is_absolute() else f"./{out.as_posix()}"


def _line(one: Measurement) -> str:
    how = [one.precision or "precision unknown", one.runtime, one.unit, f"batch {one.batch}" if one.batch > 1 else ""]
    how += [f"{one.input_px} px" if one.input_px else "", plural(one.threads, "thread") if one.threads else ""]
    how += [one.power_mode, "" if one.load == "single_stream" else one.load.replace("_", " ")]
    points = dict(one.quantiles_ms)
    figures = {"mean": one.mean_ms, "p50": points.get(0.5), "p90": points.get(0.9), "p99": points.get(0.99)}
    told = [f"{name} {number(ms, 3)} ms" for name, ms in figures.items() if ms is not None]
    rates = {"inputs/s": one.per_s, "tokens/s": one.tokens_per_s}
    told += [f"{number(rate, 1)} {unit}" for unit, rate in rates.items() if rate is not None]
    told += [f"first token {number(one.first_token_ms, 1)} ms"] if one.first_token_ms is not None else []
    told += [f"{number(one.energy_mj, 3)} mJ"] if one.energy_mj is not None else []
    told += [plural(one.runs, "run")] if one.runs else []
    told += [plural(len(one.layers), "layer")] if one.layers else []
    why = no_service_time(one)
    told += [f"not for scenarios ({why})"] if why else []
    return f"{' '.join(part for part in how if part)}: {', '.join(told)}"
