"""Heat, clocks and brakes of a board, as its kernel shows them."""

from __future__ import annotations

import os
import re
from contextlib import suppress

from hardware_profiles.bench.board import Board

_ELSEWHERE = re.compile(r"wifi|nvme|battery|charger|acpitz", re.IGNORECASE)  # heat that is not the computing's
_HOT_C = (-40, 150)  # a sensor that is off reads outside of it

# The lower bits of the Raspberry Pi's `get_throttled`: what is the case now.
_PI = {0: "under-voltage", 1: "clock capped", 2: "throttled", 3: "soft temperature limit"}


def temperature_c(board: Board) -> float | None:
    """The hottest thermal zone [°C]; where there is none, the hottest sensor."""
    zones = [(zone / "type", zone / "temp") for zone in board.paths("sys/class/thermal/thermal_zone*")]
    sensors = [
        (chip / "name", sensor)
        for chip in board.paths("sys/class/hwmon/hwmon*")
        for sensor in board.paths(f"{chip.relative_to(board.root)}/temp*_input")
    ]
    for places in (zones, sensors):
        read = [board.number(place) for kind, place in places if not _ELSEWHERE.search(board.text(kind) or "")]
        hot = [milli / 1000 for milli in read if milli is not None and _HOT_C[0] < milli / 1000 < _HOT_C[1]]
        if hot:
            return max(hot)
    return None


def clock_mhz(board: Board) -> float | None:
    """The clock of the fastest core at this instant [MHz]."""
    read = [board.number(place) for place in board.paths("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")]
    known = [khz for khz in read if khz is not None]
    return max(known) / 1000 if known else None


def busy_s(board: Board) -> float | None:
    """Processor seconds used since the start, by everybody, and taken away by a hypervisor [s]; Linux only."""
    found = re.match(r"cpu +([\d ]+)", board.text("proc/stat") or "")
    if not found:
        return None
    user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, found[1].split()[:8])  # proc_stat(5)
    return (user + nice + system + sum(interrupts_and_stolen)) / os.sysconf("SC_CLK_TCK")


def brakes(board: Board) -> dict[str, int]:
    """How often the board says it was held back so far, by cause.

    Intel's counts of thermal throttling and NVIDIA Jetson's of over-current.
    """
    places = {
        "thermal throttling": board.paths("sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count"),
        "over-current": board.paths("sys/class/hwmon/hwmon*/oc*_event_cnt"),
    }
    return {cause: int(sum(board.number(file) or 0 for file in files)) for cause, files in places.items()}


def braking(board: Board) -> tuple[str, ...]:
    """What holds the board back at this instant, where it is a Raspberry Pi."""
    _, _, flags = (board.said(["vcgencmd", "get_throttled"]) or "").partition("=")
    with suppress(ValueError):
        return tuple(cause for bit, cause in _PI.items() if int(flags, 16) >> bit & 1)
    return ()
