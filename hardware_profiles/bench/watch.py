"""Keeps an eye on the board while it is measured: energy, heat, clocks, brakes."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from types import TracebackType

from hardware_profiles.bench.board import Board
from hardware_profiles.bench.energy import Meter
from hardware_profiles.bench.gauges import brakes, braking, busy_s, clock_mhz, temperature_c

_PERIOD_S = 0.5  # reading takes a millisecond or so: seldom enough not to be felt, often enough for power
_COUNTED_S = 1  # the kernel counts processor time in hundredths of a second


@dataclass(frozen=True)
class Observed:
    """What the gauges showed: ``temperatures_c`` and ``clocks_mhz`` in order, empty where there is no gauge.

    ``braked`` are the causes for which the board says it was held back meanwhile, ``others`` is the share of all
    processors that other work took.
    """

    seconds: float
    joules: float | None = None
    temperatures_c: tuple[float, ...] = ()
    clocks_mhz: tuple[float, ...] = ()
    braked: tuple[str, ...] = ()
    others: float | None = None


class Watch:
    """Reads the gauges in the background from entering to leaving; then `observed` says what they showed."""

    def __init__(self, board: Board, meter: Meter | None, period_s: float = _PERIOD_S) -> None:
        self._board, self._meter, self._period_s = board, meter, period_s
        self._temperatures: list[float] = []
        self._clocks: list[float] = []
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.observed = Observed(0)

    def __enter__(self) -> Watch:
        self._braked, self._before = set(braking(self._board)), brakes(self._board)
        if self._meter is not None:
            self._meter.start()
        self._busy, self._own = busy_s(self._board), time.process_time()
        self._began = time.perf_counter()
        self._read()
        if self._meter is not None or self._temperatures or self._clocks:
            self._thread = threading.Thread(target=self._keep_reading, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        if self._meter is not None:
            self._meter.tick()
        seconds = time.perf_counter() - self._began
        others = self._others(seconds)
        self._read()
        after = brakes(self._board)
        self._braked |= {cause for cause in after if after[cause] > self._before[cause]} | set(braking(self._board))
        joules = self._meter.joules if self._meter is not None else None
        gauges = tuple(self._temperatures), tuple(self._clocks)
        self.observed = Observed(seconds, joules, *gauges, tuple(sorted(self._braked)), others)

    def _others(self, seconds: float) -> float | None:
        busy = busy_s(self._board)
        if busy is None or self._busy is None or seconds < _COUNTED_S:
            return None
        own = time.process_time() - self._own
        return max(busy - self._busy - own, 0) / (seconds * (os.cpu_count() or 1))

    def _keep_reading(self) -> None:
        while not self._over.wait(self._period_s):
            if self._meter is not None:
                self._meter.tick()
            self._read()

    def _read(self) -> None:
        for kept, gauge in ((self._temperatures, temperature_c), (self._clocks, clock_mhz)):
            value = gauge(self._board)
            if value is not None:
                kept.append(value)
