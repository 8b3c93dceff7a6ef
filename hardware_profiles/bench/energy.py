"""What a measurement draws, where the board has a counter or a meter for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hardware_profiles.bench.board import Board

_WHOLE_BOARD = ("VDD_IN", "POM_5V_IN")  # NVIDIA Jetson: the rail through which everything else is fed
_PMIC = re.compile(r"(\w+)_([AV]) (?:current|volt)\(\d+\)=([\d.]+)[AV]")


class Meter(Protocol):
    """Counts joules from `start`; `tick` is called now and then, and once at the end."""

    about: str
    joules: float

    def start(self) -> None: ...
    def tick(self) -> None: ...


@dataclass
class Counters:
    """Energy counters of the processor (Intel's and AMD's RAPL, through powercap): file and the count it wraps at."""

    about: str
    board: Board
    zones: dict[Path, float]
    joules: float = 0
    _last: dict[Path, float] = field(default_factory=dict)

    def start(self) -> None:
        self.joules = 0
        self._last = self._read()

    def tick(self) -> None:
        now = self._read()
        for zone, count in now.items():
            grown = count - self._last.get(zone, count)
            self.joules += (grown if grown >= 0 else grown + self.zones[zone]) / 1e6
        self._last |= now

    def _read(self) -> dict[Path, float]:
        read = {zone: self.board.number(zone / "energy_uj") for zone in self.zones}
        return {zone: count for zone, count in read.items() if count is not None}


@dataclass
class PowerMeter:
    """A meter of power [W], read now and then; between two readings the power lies on a straight line."""

    about: str
    watts: Callable[[], float | None]
    clock: Callable[[], float] = time.perf_counter
    joules: float = 0
    _last: tuple[float, float] | None = None

    def start(self) -> None:
        self.joules = 0
        self._last = None
        self.tick()

    def tick(self) -> None:
        watts = self.watts()
        if watts is None:
            return
        now = self.clock()
        if self._last is not None:
            then, before = self._last
            self.joules += (now - then) * (watts + before) / 2
        self._last = now, watts


def meter_of(board: Board, unit: str) -> tuple[Meter | None, str]:
    """The meter that counts what ``unit`` draws, and what is to be said about there being none.

    Meters of the whole board come first; RAPL sees processor and memory only, so it counts for work on the CPU alone.
    """
    if rails := _rails(board):
        about = f"power of {' + '.join(rails)} (INA)"
        return PowerMeter(about, lambda: sum(watts for one in rails.values() if (watts := one()) is not None)), ""
    if board.said(["vcgencmd", "pmic_read_adc"]):
        return PowerMeter("power of the PMIC's rails, without what hangs on 5 V", lambda: _pmic_w(board)), ""
    zones = _rapl(board)
    if not zones:
        return None, ""
    if unit != "CPU":
        return None, "energy: not known; RAPL counts the processor, which is not what did the work"
    if all(board.number(zone / "energy_uj") is None for zone in zones):
        return None, "energy: RAPL may be read by root only (sudo, or chmod a+r energy_uj)"
    about = f"RAPL {' + '.join(board.text(zone / 'name') or zone.name for zone in zones)}"
    return Counters(about, board, {zone: board.number(zone / "max_energy_range_uj") or 0 for zone in zones}), ""


def _rapl(board: Board) -> list[Path]:
    """The zones that add up to processor and memory: packages hold their cores, memory is a zone of its own."""
    zones = board.paths("sys/class/powercap/intel-rapl:*")
    return [zone for zone in zones if re.match(r"package|dram", board.text(zone / "name") or "")]


def _rails(board: Board) -> dict[str, Callable[[], float | None]]:
    """The rails of INA sensors that add up to the board: the one that feeds all, or else every labelled one."""
    rails: dict[str, Callable[[], float | None]] = {}
    for chip in board.paths("sys/class/hwmon/hwmon*"):
        if not (board.text(chip / "name") or "").startswith("ina"):
            continue
        for label in board.paths(f"{chip.relative_to(board.root)}/in*_label"):
            name, channel = board.text(label) or "", label.name[2 : -len("_label")]
            if board.number(chip / f"curr{channel}_input") is not None and name != "NC":
                rails[name] = _rail(board, chip, channel)
    whole = next((name for name in _WHOLE_BOARD if name in rails), None)
    return {whole: rails[whole]} if whole else rails


def _rail(board: Board, chip: Path, channel: str) -> Callable[[], float | None]:
    def watts() -> float | None:
        volts, amperes = (board.number(chip / f"{kind}{channel}_input") for kind in ("in", "curr"))
        return None if volts is None or amperes is None else volts * amperes / 1e6  # mV, mA

    return watts


def _pmic_w(board: Board) -> float | None:
    """Current times voltage of each rail that the Raspberry Pi 5's PMIC reads both of."""
    rails: dict[str, dict[str, float]] = {}
    for rail, kind, value in _PMIC.findall(board.said(["vcgencmd", "pmic_read_adc"]) or ""):
        rails.setdefault(rail, {})[kind] = float(value)
    both = [rail["A"] * rail["V"] for rail in rails.values() if len(rail) == 2]
    return sum(both) if both else None
