"""What `engines.py` measures in a process of its own: ``engine_runs.py NAME SCENARIO PLACEMENT ARGUMENTS`` prints JSON.

Every run warms up first, so that no compiling and no loading of compiled code is in its figures.
"""

from __future__ import annotations

import json
import math
import pickle
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import bare_loop
import numpy as np

import scenarios
import sim
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from sim.bins import bins_of
from sim.control import Control, Handle, Handles
from sim.draws import NS, nanoseconds
from sim.network import Network
from sim.result import Result
from sim.simulation import ENGINES, Simulation

SECOND = NS
WARM_UP_REQUESTS = 5_000
FEWEST = 3  # replications of a slider move: with fewer nobody knows an interval
TABLES = ("tasks", "workloads", "stations", "links")

Found = dict[str, float]


# control processes


def outage(stations: Handles) -> Iterator[int]:
    """Every half minute all links are down for three seconds: a switch that starts anew."""
    links = [one for name, found in stations.items() if "." in name for one in found]
    at = 0
    while True:
        for up, lasting in ((True, 27 * SECOND), (False, 3 * SECOND)):
            for link in links:
                link.set_up(up)
            at += lasting
            yield at


def controller(stations: Handles) -> Iterator[int]:
    """Every second each pool gets a server more where somebody waits, and one less where two are idle."""
    pools: list[Handle] = [one for name, found in stations.items() if "." not in name for one in found]
    at = 0
    while True:
        at += SECOND
        yield at
        for pool in pools:
            servers = pool.servers or 1
            if pool.waiting:
                pool.set_servers(servers + 1)
            elif pool.busy + 2 <= servers:
                pool.set_servers(servers - 1)


CONTROLS: dict[str, tuple[Control, ...]] = {"": (), "outage": (outage,), "controller": (controller,)}


# measurements


@dataclass(frozen=True)
class Case:
    """A scenario under a placement, and the requests that are born in a second."""

    scenario: Scenario
    placement: Placement
    per_s: float

    def run(self, engine: str, requests: float, replications: int = 1, control: str = "") -> Simulation:
        """Made ready for so many requests, the warm-up and all replications together."""
        warm_up_s = self.scenario.study.warm_up_s
        span_s = nanoseconds(max(requests / replications / self.per_s - warm_up_s, 0.1)) / NS
        controls = CONTROLS[control]
        return sim.prepare(
            self.scenario, self.placement, span_s=span_s, warm_up_s=warm_up_s, engine=engine, controls=controls
        )


def throughput(case: Case, engine: str, requests: float, control: str = "") -> Found:
    """Requests played a second, percentiles included."""
    _timed(case.run(engine, min(requests, WARM_UP_REQUESTS), control=control))
    seconds, result = _timed(case.run(engine, requests, control=control))
    row = result.response().iloc[-1]
    born = _born(result)
    return {"requests_per_s": born / seconds, "requests": born, "p50_ms": row["p50_ms"], "p99_ms": row["p99_ms"]}


def bare(case: Case, requests: float) -> Found:
    """As ``throughput``, of the bare loop."""
    network = Network(case.scenario, case.placement)
    bare_loop.play(network, 1, 0, 0.1, 0.1)
    started = time.perf_counter()
    found = bare_loop.play(network, 1, 0, case.scenario.study.warm_up_s, requests / case.per_s)
    p50, p99 = found.percentile(0.5), found.percentile(0.99)
    seconds = time.perf_counter() - started
    return {"requests_per_s": found.born / seconds, "requests": found.born, "p50_ms": p50 * 1e3, "p99_ms": p99 * 1e3}


def equal(case: Case, requests: float, control: str = "") -> Found:
    """1 where both engines give the same tables on the same seed, else 0."""
    reference, compiled = (_timed(case.run(engine, requests, control=control))[1] for engine in ENGINES)
    same = [reference.response().equals(compiled.response())]
    same += [getattr(reference, table).equals(getattr(compiled, table)) for table in TABLES]
    return {"equal": float(all(same))}


def bare_equal(case: Case, requests: float) -> Found:
    """1 where the bare loop counts as many requests in every bin as the reference does, else 0."""
    result = _timed(case.run("simpy", requests))[1]
    times, numbers = result.distribution(result.network.flows[0].workload.name, "answer")
    counts = bare_loop.play(result.network, 1, 0, result.warm_up_s, result.span_s).counts.copy()
    np.subtract.at(counts, bins_of(np.round(times * NS).astype(np.int64)), numbers)
    return {"equal": float(not counts.any())}


def long(case: Case, requests: float, replications: int) -> Found:
    """Seconds and memory for so many requests on two cores, from making ready to percentiles."""
    _timed(case.run("compiled", WARM_UP_REQUESTS))
    started = time.perf_counter()
    run = case.run("compiled", requests, replications)
    run.add(replications, _told, workers=2)
    result = run.result()
    result.response()
    seconds = time.perf_counter() - started
    dropped = float(result.drops["requests"].sum() / result.workloads["requests"].sum())
    return {"seconds": seconds, "requests": _born(result), "dropped": dropped, "peak_mib": _peak_mib()}


def devices(case: Case, number: int, requests: float) -> Found:
    """Nanoseconds a request with so many devices that send as much as before in all, and seconds to make ready.

    ``more_ns`` is what a request more costs: without what a replication costs at its start, a stream for each device.
    """
    (workload,) = case.scenario.workloads
    source = workload.source
    rate = f"{case.per_s / number:g} request/s per {source}"
    changed = case.scenario.with_({f"pools.{source}.count": number, f"workloads.{workload.name}.arrivals.rate": rate})
    nodes = tuple(replace(one, count=number) if one.pool == source else one for one in case.placement.nodes)
    many = Case(changed, replace(case.placement, nodes=nodes), case.per_s)
    _timed(case.run("compiled", WARM_UP_REQUESTS))
    started = time.perf_counter()
    run = many.run("compiled", requests)
    ready = time.perf_counter() - started
    (few_s, few), (many_s, whole) = _timed(many.run("compiled", requests / 10)), _timed(run)
    born = _born(whole)
    return {"ns": many_s / born * 1e9, "more_ns": (many_s - few_s) / (born - _born(few)) * 1e9, "ready_s": ready}


def parallel(case: Case, requests: float) -> Found:
    """How many times as fast two replications are on two cores as one after the other; workers already started."""
    seconds = []
    for workers in (1, 2):
        case.run("compiled", WARM_UP_REQUESTS, 2 * workers).add(2 * workers, workers=workers)
        run = case.run("compiled", 2 * requests, 2)
        started = time.perf_counter()
        run.add(2, workers=workers)
        seconds.append(time.perf_counter() - started)
    return {"one_s": seconds[0], "two_s": seconds[1], "times": seconds[0] / seconds[1]}


def slider(case: Case, engine: str, moves: int) -> Found:
    """Seconds from a changed rate of the cameras to percentiles, p99 within 5 %; two moves before are not counted."""
    (workload,) = {flow.workload.name for flow in Network(case.scenario, case.placement).flows}
    found = []
    for move in range(-2, moves):
        changed = case.scenario.with_(
            {f"workloads.{workload}.arrivals.rate": f"{30 + 0.05 * move:g} frame/s per camera"}
        )
        started = time.perf_counter()
        run = sim.prepare(changed, case.placement, engine=engine)
        run.add(FEWEST)
        run.add_until(0.05, most=200)
        result = run.result()
        result.response()
        found.append((time.perf_counter() - started, result.replications, _born(result)))
    middle = map(statistics.median, zip(*found[2:], strict=True))
    return dict(zip(("seconds", "replications", "requests"), middle, strict=True))


# what they share


def _case(scenario: str, placement: str) -> Case:
    loaded, placed = scenarios.load(scenario), pickle.loads(Path(placement).read_bytes())
    flows = Network(loaded, placed).flows
    per_s = math.fsum(flow.sites * flow.sources.number * flow.sources.rate_per_s for flow in flows)
    return Case(loaded, placed, per_s)


def _timed(run: Simulation) -> tuple[float, Result]:
    started = time.perf_counter()
    run.add(1)
    result = run.result()
    result.response()
    return time.perf_counter() - started, result


def _born(result: Result) -> float:
    """Requests born, also during the warm-up."""
    return float(result.workloads["requests"].sum()) * (result.span_s + result.warm_up_s) / result.span_s


def _told(done: int, wanted: int) -> None:
    print(f"    {done} of {wanted} replications", file=sys.stderr, flush=True)


def _peak_mib() -> float:
    """Peak memory of this process and those it started, each at its own peak; ``nan`` where the system is not Linux."""
    if not Path("/proc/self/status").exists():
        return math.nan
    tasks = Path("/proc/self/task").iterdir()
    children = [pid for task in tasks for pid in (task / "children").read_text().split()]
    told = [Path(f"/proc/{pid}/status").read_text() for pid in ("self", *children)]
    return sum(int(kib) for text in told for kib in re.findall(r"VmHWM:\s+(\d+) kB", text)) / 1024


RUNS: dict[str, Callable[..., Found]] = {
    one.__name__: one for one in (throughput, bare, equal, bare_equal, long, devices, parallel, slider)
}

if __name__ == "__main__":
    name, scenario, placement, how = sys.argv[1:]
    print(json.dumps(RUNS[name](_case(scenario, placement), **json.loads(how))))
