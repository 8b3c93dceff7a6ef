"""How `engines.py` measures: rounds of processes of their own, and what comes of them as lines of a table."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PEERS_PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
PEER_SECONDS = {"SimPy": 60, "Ciw": 20, "salabim": 10}  # simulated, a thousand requests each

PLAN = """
import pickle, sys, planner, scenarios
pickle.dump(planner.plan(scenarios.load(sys.argv[1])).placement, open(sys.argv[2], "wb"))
"""
FIRST_CALL = """
import json, pickle, sys, time
import scenarios, sim
scenario, placement, started = scenarios.load(sys.argv[1]), pickle.load(open(sys.argv[2], "rb")), float(sys.argv[3])
loaded = time.monotonic()
result = sim.simulate(scenario, placement, engine="compiled")
simulated = time.monotonic()
result.response()
seconds = {"loaded_s": loaded, "seconds": simulated, "table_s": time.monotonic()}
print(json.dumps({name: at - started for name, at in seconds.items()}))
"""

Found = Mapping[str, float]
Rounds = Mapping[str, list[Found]]


@dataclass(frozen=True)
class Row:
    """A line of the table; ``reached`` is ``None`` where nothing was set as a goal."""

    what: str
    figure: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        reached = {None: "", True: "yes", False: "**no**"}[self.reached]
        return f"| {self.what} | {self.figure} | {self.beside} | {self.ratio} | {self.goal} | {reached} |"


class Bench:
    """What all parts share: sizes, plans, and a cache of compiled code of their own, so that none is out of date."""

    def __init__(self, work: Path, rounds: int, scale: float, size: int) -> None:
        self.work, self.rounds, self.scale, self.size = work, rounds, scale, size

    def requests(self, number: float) -> int:
        return max(int(number * self.scale), 2_000)

    def run(self, name: str, scenario: str, **how: object) -> Callable[[], Found]:
        """A measurement of `engine_runs`, to be made in a process of its own."""
        command = [sys.executable, str(HERE / "engine_runs.py"), name, scenario, self.placement(scenario)]
        return lambda: found([*command, json.dumps(how)], self.environment())

    def peer(self, name: str) -> Callable[[], Found]:
        seconds = str(max(PEER_SECONDS[name] * min(self.scale, 1), 2))
        return lambda: found([str(PEERS_PYTHON), str(HERE / "peers" / f"path_{name.lower()}.py"), seconds])

    def first_call(self, scenario: str, cold: bool) -> Callable[[], Found]:
        """From the start of Python to the first result and its table; where ``cold``, everything is compiled first."""
        placement = self.placement(scenario)

        def measure() -> Found:
            with tempfile.TemporaryDirectory(dir=self.work) as empty:
                cache = Path(empty) if cold else None
                command = [sys.executable, "-c", FIRST_CALL, scenario, placement, repr(time.monotonic())]
                return found(command, self.environment(cache))

        return measure

    def placement(self, scenario: str) -> str:
        """The file with the plan of a scenario, which is made the first time."""
        file = self.work / f"{Path(scenario).stem}.pickle"
        if not file.exists():
            say(f"planning {Path(scenario).stem}")
            subprocess.run([sys.executable, "-c", PLAN, scenario, str(file)], check=True, env=self.environment())
        return str(file)

    def environment(self, compiled: Path | None = None) -> dict[str, str]:
        return os.environ | {"NUMBA_CACHE_DIR": str(compiled or self.work / "compiled")}

    def measure(self, part: str, jobs: Mapping[str, Callable[[], Found]]) -> Rounds:
        """Each once in every round, so that what disturbs the machine disturbs all."""
        results: dict[str, list[Found]] = {name: [] for name in jobs}
        for number in range(self.rounds):
            for name, job in jobs.items():
                say(f"{part}, round {number + 1} of {self.rounds}: {name}")
                results[name].append(job())
        return results

    @cached_property
    def peers(self) -> tuple[str, ...]:
        if PEERS_PYTHON.exists():
            return tuple(PEER_SECONDS)
        say("no peers: benchmarks/peers/setup.sh installs them")
        return ()


def middle(rounds: Rounds, name: str, key: str) -> float:
    return statistics.median(one[key] for one in rounds[name])


def ratio(rounds: Rounds, name: str, other: str, key: str = "requests_per_s") -> float:
    """Median over the rounds."""
    return statistics.median(a[key] / b[key] for a, b in zip(rounds[name], rounds[other], strict=True))


def thousands(number: float) -> str:
    """With three digits that count: what is behind them is noise."""
    rounded = round(number, 2 - math.floor(math.log10(number))) if number else 0
    return f"{rounded:,.0f}".replace(",", " ")


def machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "simpy"))
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = (
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        )
        model = next(named, model)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    hardware = f"{cores} cores ({model}), load before {os.getloadavg()[0]:.1f}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {hardware}, Python {platform.python_version()}, {libraries}"


def found(command: list[str], environment: dict[str, str] | None = None) -> Found:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    one: Found = json.loads(done.stdout)
    return one


def say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)
