"""What the bench prints: a line per configuration as it is done, notes, and progress where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hardware_profiles.bench.running import Say
from hardware_profiles.measurement import Measurement

_COLUMNS = (("batch", 5), ("threads", 7), ("mean", 9), ("p50", 9), ("p99", 9), ("inputs/s", 9), ("memory", 8))
_ENERGY = ("energy", 10)


def show(line: str) -> None:
    """A line on standard output, without anything that steers a terminal."""
    sys.stdout.write("".join(letter for letter in line if letter.isprintable()) + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """What is wrong, on standard error."""
    for line in text.splitlines():
        sys.stderr.write("".join(letter for letter in line if letter.isprintable()) + "\n")


def heading() -> str:
    return "  ".join(f"{name:>{width}}" for name, width in (*_COLUMNS, _ENERGY))


def row(measurement: Measurement) -> str:
    """A measurement under `heading`; what is not known is a dash."""
    quantiles = dict(measurement.quantiles_ms)
    cells = [
        str(measurement.batch),
        _or_dash(measurement.threads, ""),
        *(_or_dash(ms, " ms") for ms in (measurement.mean_ms, quantiles.get(0.5), quantiles.get(0.99))),
        _or_dash(measurement.per_s, ""),
        _or_dash(measurement.memory_mb, " MB"),
        _or_dash(measurement.energy_mj, " mJ"),
    ]
    widths = [width for _, width in (*_COLUMNS, _ENERGY)]
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def title(measurement: Measurement) -> str:
    on = f" ({measurement.unit})" if measurement.unit else ""
    precision = measurement.precision or "precision not known"
    return f"{measurement.model} on {measurement.hardware}: {precision}, {measurement.runtime}{on}"


def notes(said: Sequence[str]) -> list[str]:
    """Each note once, in order."""
    return [f"note: {note}" for note in dict.fromkeys(said)]


@contextmanager
def progress(quiet: bool) -> Iterator[Say]:
    """A function that shows what is being done on one line of a terminal that is wiped at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return

    def say(text: str) -> None:
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()

    try:
        yield say
    finally:
        say("")


def _or_dash(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{_three_digits(value)}{unit}"


def _three_digits(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:#.3g}" if value >= 0.001 else f"{value:.1e}"
