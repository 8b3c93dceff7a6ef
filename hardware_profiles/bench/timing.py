"""Warming up, and timing one execution after the other."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns

Run = Callable[[], object]
Tick = Callable[[int, float], None]
"""Called between runs, a few times a second: with runs and seconds so far."""

_WINDOW = 5
_TOLERANCE = 0.02
_AT_LEAST_S = 0.2  # clocks take that long to rise
_TICK_NS = 250_000_000


@dataclass(frozen=True)
class WarmUp:
    """How warming up went: it ended ``stable``, or with the last two medians ``apart`` [fraction]."""

    runs: int
    seconds: float
    stable: bool
    apart: float


@dataclass(frozen=True)
class Sample:
    """Durations of single executions in order [ns], and what they took altogether, first to last [s]."""

    durations_ns: tuple[int, ...]
    seconds: float


def warm_up(run: Run, cap_s: float, clock: Callable[[], int] = perf_counter_ns, tick: Tick | None = None) -> WarmUp:
    """Runs until the medians of two successive windows of runs agree, at most for ``cap_s``; at least once."""
    began = told = clock()
    durations: list[int] = []
    apart = 1.0
    while True:
        before = clock()
        run()
        now = clock()
        durations.append(now - before)
        seconds = (now - began) / 1e9
        if len(durations) >= 2 * _WINDOW:
            older, newer = median(durations[-2 * _WINDOW : -_WINDOW]), median(durations[-_WINDOW:])
            apart = abs(newer - older) / max(older, 1)
            if apart <= _TOLERANCE and seconds >= min(_AT_LEAST_S, cap_s):
                return WarmUp(len(durations), seconds, True, apart)
        if seconds >= cap_s:
            return WarmUp(len(durations), seconds, False, apart)
        if tick is not None and now - told > _TICK_NS:
            tick(len(durations), seconds)
            told = now


def measure(
    run: Run,
    runs: int | None,
    seconds: float | None,
    clock: Callable[[], int] = perf_counter_ns,
    tick: Tick | None = None,
) -> Sample:
    """Times executions until ``runs`` are done or ``seconds`` have passed, whichever comes first; at least one."""
    if runs is None and seconds is None:
        raise ValueError("a measurement ends after some runs or some seconds")
    durations: list[int] = []
    with _no_garbage_collection():
        began = told = clock()
        while True:
            before = clock()
            run()
            now = clock()
            durations.append(now - before)
            if len(durations) == runs or (seconds is not None and now - began >= seconds * 1e9):
                return Sample(tuple(durations), (now - began) / 1e9)
            if tick is not None and now - told > _TICK_NS:
                tick(len(durations), (now - began) / 1e9)
                told = now


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
