"""A run that keeps only its summary takes no more memory, however many requests it plays."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

from sim_cases import placement, poisson, pool, scenario, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.scenario import Scenario
from scenarios.workloads import QueueLimit
from sim.compiled.arrays import staged
from sim.network import Network

FEW, MANY = 100_000, 1_000_000
PER_S = 1_000.0
BYTES_A_REQUEST = 4  # a whole number for each request would be twice that


def in_stages() -> Scenario:
    pools = [pool("camera", "device", count=20), pool("box"), pool("server", "on_prem")]
    return scenario(pools, [workload("vision", poisson(PER_S / 20), [task("look"), task("read", after=("look",))])])


def in_lanes() -> Scenario:
    """The box has more to do than it can: of the patient many are dropped."""
    patient = task("patient", priority=2, queue=QueueLimit("latest", 20), drop_after_s=0.05)
    pools = [pool("camera", "device", count=20), pool("box")]
    return scenario(pools, [workload("vision", poisson(PER_S / 20), [task("urgent", priority=1), patient])])


CASES = {
    "stages": (in_stages, {"look": ("box", 0.7e-3), "read": ("server", 0.8e-3)}),
    "lanes": (in_lanes, {"urgent": ("box", 0.5e-3), "patient": ("box", 0.8e-3)}),
}


def played(name: str, requests: int) -> None:
    case, means = CASES[name]
    this = case()
    placed = placement(this, {of: (at, ServiceTime.exponential(mean_s)) for of, (at, mean_s) in means.items()})
    assert staged(Network(this, placed)) == (name == "stages")
    result = sim.simulate(this, placed, span_s=requests / PER_S, replications=1)
    drops = int(result.drops["requests"].sum())
    assert int(result.workloads["requests"].sum()) > 0.98 * requests
    assert drops > 0.1 * requests if name == "lanes" else drops == 0


def peak_bytes() -> int:
    """Of this process alone: what ``getrusage`` says in Linux counts the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    (kib,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(kib) * 1024


def test_ten_times_the_requests_take_no_more_memory() -> None:
    """In stages, and in the event heap with priorities, expiry and a queue limit; the few come first."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, __file__], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    few, *many = json.loads(done.stdout)
    for name, peak in zip(CASES, many, strict=True):
        assert peak - few < BYTES_A_REQUEST * (MANY - FEW), name


if __name__ == "__main__":
    for name in CASES:
        played(name, FEW)
    peaks = [peak_bytes()]
    for name in CASES:
        played(name, MANY)
        peaks.append(peak_bytes())
    json.dump(peaks, sys.stdout)
