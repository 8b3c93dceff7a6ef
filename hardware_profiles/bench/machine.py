"""What machine this is, in words that a reader of the figures needs."""

from __future__ import annotations

import os
import platform
import re

from hardware_profiles.bench.board import Board


def machine(board: Board) -> dict[str, str | float]:
    """Processor, cores, memory, system and Python; what is not known is left out."""
    info = board.text("proc/cpuinfo") or ""
    memory = re.search(r"^MemTotal:\s+(\d+) kB", board.text("proc/meminfo") or "", re.MULTILINE)
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', board.text("etc/os-release") or "", re.MULTILINE)
    fastest = [board.number(path) for path in board.paths("sys/devices/system/cpu/cpu[0-9]*/cpufreq/cpuinfo_max_freq")]
    said: dict[str, str | float | None] = {
        "board": board.text("proc/device-tree/model"),
        "cpu": _line(info, "model name") or _line(info, "Model") or platform.processor(),
        "cpu_revision": ", ".join(
            f"{word} {value}" for word in ("cpu family", "model", "stepping") if (value := _line(info, word))
        ),
        "architecture": platform.machine(),
        "cores": cores(board),
        "logical_cpus": os.cpu_count(),
        "cpu_max_mhz": max((khz / 1000 for khz in fastest if khz is not None), default=None),
        "governor": board.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "virtual": "yes" if re.search(r"^flags\s*:.*\bhypervisor\b", info, re.MULTILINE) else None,
        "memory_gb": round(int(memory[1]) * 1024 / 1e9, 1) if memory else None,
        "os": system[1] if system else platform.system(),
        "kernel": platform.release(),
        "power_mode": power_mode(board),
        "python": platform.python_version(),
    }
    return {name: value for name, value in said.items() if value}


def cores(board: Board) -> int:
    """Physical cores that this process may use; logical ones where the kernel does not say which belong together."""
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    shared = {board.text(f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") for cpu in usable}
    return len(usable) if None in shared else len(shared)


def power_mode(board: Board) -> str:
    """The mode that an NVIDIA Jetson is set to (``15W``); empty elsewhere."""
    found = re.search(r"NV Power Mode:\s*(\S+)", board.said(["nvpmodel", "-q"]) or "")
    return found[1].removeprefix("MODE_") if found else ""


def _line(info: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.+)$", info, re.MULTILINE)
    return found[1].strip() if found else ""
