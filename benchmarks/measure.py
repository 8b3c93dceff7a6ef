"""Speed and size of the whole, measured side by side in one run: `make benchmark` prints the table of README.md.

Each figure comes from a fresh process, so that peak memory and start-up are its own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
PATH = HERE / "three-stations.yaml"
LIBRARY = ("factory-vision", "smart-camera-million", "two-site-toy")


def engine(name: str) -> dict[str, float]:
    """Requests simulated a second by the reference engine, under the plan of the scenario."""
    import planner
    import scenarios
    import sim

    scenario = scenarios.load(name)
    placement = planner.plan(scenario).placement
    run = sim.prepare(scenario, placement)
    run.add(1)
    started = time.perf_counter()
    run.add(10)
    seconds = time.perf_counter() - started
    born = run.result().workloads["requests"].sum() / 11 * 10
    whole = (scenario.study.span_s + scenario.study.warm_up_s) / scenario.study.span_s
    return {"requests_per_s": born * whole / seconds, "peak_mib": peak_mib()}


def planning(name: str) -> dict[str, float]:
    """Seconds from a loaded scenario to a verified, explained plan; warm caches of compiled code."""
    import planner
    import scenarios

    scenario = scenarios.load(name)
    started = time.perf_counter()
    planner.plan(scenario)
    return {"seconds": time.perf_counter() - started, "peak_mib": peak_mib()}


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def start_up() -> float:
    """Median seconds of `tierwise --help`."""
    command = [str(Path(sys.executable).with_name("tierwise")), "--help"]
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def alone(function: str, name: str) -> dict[str, float]:
    """Run one measurement in a process of its own, three times; medians."""
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, __file__, function, name], check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout))
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main() -> None:
    print("| what | figure | peak memory |\n|---|---|---|")
    for name in (str(PATH), "factory-vision"):
        found = alone("engine", name)
        what = f"reference engine, {Path(name).stem}"
        print(f"| {what} | {found['requests_per_s']:,.0f} requests/s | {found['peak_mib']:.0f} MiB |")
    for name in LIBRARY:
        found = alone("planning", name)
        print(f"| plan, simulated and explained, {name} | {found['seconds']:.1f} s | {found['peak_mib']:.0f} MiB |")
    print(f"| `tierwise --help` | {start_up():.2f} s | |")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps({"engine": engine, "planning": planning}[sys.argv[1]](sys.argv[2])))
    else:
        main()
