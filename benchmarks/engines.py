"""Both engines beside each other, the peers and a bare loop: `make engines` prints the table of README.md.

``engines.py --only path slider`` measures some parts, ``--scale 0.01`` with so much smaller sizes, to see it run.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rounds import HERE, Bench, Rounds, Row, machine, middle, ratio, say, thousands

PATH, BACK, FACTORY = str(HERE / "three-stations.yaml"), str(HERE / "there-and-back.yaml"), "factory-vision"
LANES = str(HERE / "urgent-and-patient.yaml")
QUOTED = {"YAFS": 0.16, "faas-sim": 0.19}  # of idiomatic SimPy's requests/s, from issue 5
REFERENCE_REQUESTS, COMPILED_REQUESTS, HEAP_REQUESTS = 60_000, 10_000_000, 2_000_000
LONG_REPLICATIONS = 20
KINDS = ("warm", "cold")

# the parts


def equal(bench: Bench) -> Iterator[Row]:
    """Before anything is compared: do they play the same?"""
    small, large = 10_000, 100_000
    jobs = {
        "three-stations": bench.run("equal", PATH, requests=small),
        "there-and-back": bench.run("equal", BACK, requests=small),
        "factory-vision, outage": bench.run("equal", FACTORY, requests=large, control="outage"),
        "factory-vision, controller": bench.run("equal", FACTORY, requests=large, control="controller"),
        "three-stations, bare loop": bench.run("bare_equal", PATH, requests=small),
    }
    for name, job in jobs.items():
        say(f"equal: {name}")
        same = bool(job()["equal"])
        what = "every bin of the bare loop" if "bare" in name else "every table of both engines"
        yield Row(f"{name}: {what}", "equal" if same else "different", "reference", "", "equal", same)


def path(bench: Bench) -> Iterator[Row]:
    rounds = bench.measure(
        "path",
        {name: bench.peer(name) for name in bench.peers}
        | {
            "reference": bench.run("throughput", PATH, engine="simpy", requests=bench.requests(REFERENCE_REQUESTS)),
            "bare loop": bench.run("bare", PATH, requests=bench.requests(COMPILED_REQUESTS)),
            "compiled": bench.run("throughput", PATH, engine="compiled", requests=bench.requests(COMPILED_REQUESTS)),
        },
    )
    for name in (*bench.peers, "reference", "bare loop"):
        title = f"{name} {peer_version(name)}" if name in bench.peers else name
        other = "SimPy" if bench.peers and name != "SimPy" else ""
        yield Row(f"path, {title}", per_s(rounds, name), other, in_words(ratio(rounds, name, other)) if other else "")
    if bench.peers:
        for name, share in QUOTED.items():
            quoted = share * middle(rounds, "SimPy", "requests_per_s")
            yield Row(f"path, {name}, quoted", f"{thousands(quoted)} requests/s", "SimPy", in_words(share))
    yield compared("path", rounds, "reference", 100)
    if bench.peers:
        yield compared("path", rounds, "SimPy", 80)
        yafs = ratio(rounds, "compiled", "SimPy") / QUOTED["YAFS"]
        yield goal("path, compiled", per_s(rounds, "compiled"), "YAFS, quoted", yafs, 500)
        for name in bench.peers[1:]:
            yield compared("path", rounds, name, None)
    yield compared("path", rounds, "bare loop", 0.5)
    p99 = ", ".join(f"{name} {middle(rounds, name, 'p99_ms'):.1f}" for name in rounds)
    yield Row("path, p99 [ms], as a check", p99)


def outage(bench: Bench) -> Iterator[Row]:
    yield from engines_beside(bench, "outage", "factory-vision, outage", FACTORY, 80, COMPILED_REQUESTS, "outage")


def controller(bench: Bench) -> Iterator[Row]:
    what = "factory-vision, controller every second"
    yield from engines_beside(bench, "controller", what, FACTORY, 50, COMPILED_REQUESTS, "controller")


def heap(bench: Bench) -> Iterator[Row]:
    yield from engines_beside(bench, "heap", "there-and-back (heap only)", BACK, 15, HEAP_REQUESTS)


def engines_beside(
    bench: Bench, part: str, what: str, scenario: str, wanted: float, requests: int, control: str = ""
) -> Iterator[Row]:
    how = {"simpy": bench.requests(REFERENCE_REQUESTS), "compiled": bench.requests(requests)}
    names = {"reference": "simpy", "compiled": "compiled"}
    jobs = {
        name: bench.run("throughput", scenario, engine=engine, requests=how[engine], control=control)
        for name, engine in names.items()
    }
    rounds = bench.measure(part, jobs)
    yield Row(f"{what}, reference", per_s(rounds, "reference"))
    yield compared(what, rounds, "reference", wanted)


def long(bench: Bench) -> Iterator[Row]:
    jobs = {
        Path(scenario).stem: bench.run("long", scenario, requests=bench.size, replications=LONG_REPLICATIONS)
        for scenario in (PATH, FACTORY)
    }
    rounds = bench.measure("long", jobs)
    for name, limit in zip(jobs, (30, 120), strict=True):
        seconds, mib = (middle(rounds, name, key) for key in ("seconds", "peak_mib"))
        allowed = limit * bench.size / 1e8
        what, figure = f"{name}, {bench.size:.0e} requests, two cores", f"{seconds:.1f} s, {mib:.0f} MiB"
        yield Row(what, figure, "", "", f"≤ {allowed:g} s, < 1024 MiB", seconds <= allowed and mib < 1024)


def flat(bench: Bench) -> Iterator[Row]:
    """One replication, in stages and in the event heap with lanes; a tenth of it first."""
    requests = bench.requests(COMPILED_REQUESTS)
    jobs = {
        f"{Path(scenario).stem}, {thousands(number)} requests": bench.run(
            "long", scenario, requests=number, replications=1
        )
        for scenario in (PATH, LANES)
        for number in (requests / 10, requests)
    }
    rounds = bench.measure("flat", jobs)
    for name in jobs:
        seconds, mib, dropped = (middle(rounds, name, key) for key in ("seconds", "peak_mib", "dropped"))
        figure = f"{seconds:.1f} s, {mib:.0f} MiB, {100 * dropped:.1f} % dropped"
        yield Row(f"{name}, one replication", figure, "", "", "< 1024 MiB", mib < 1024)


def devices(bench: Bench) -> Iterator[Row]:
    numbers = (100, 1_000, 10_000, 100_000)
    requests = bench.requests(COMPILED_REQUESTS)
    rounds = bench.measure(
        "devices", {str(number): bench.run("devices", PATH, number=number, requests=requests) for number in numbers}
    )
    for number in numbers:
        ns, more, ready = (middle(rounds, str(number), key) for key in ("ns", "more_ns", "ready_s"))
        figure = f"{ns:.0f} ns a request, {more:.0f} for one more; {ready:.1f} s to make ready"
        if number == numbers[0]:
            yield Row(f"path, {thousands(number)} devices", figure)
            continue
        what, grown = f"path, {thousands(number)} devices", ratio(rounds, str(number), "100", "ns")
        allowed = math.log(number) / math.log(100)
        yield Row(what, figure, "100 devices", in_words(grown), f"≤ {allowed:.1f} ×", grown <= allowed)


def parallel(bench: Bench) -> Iterator[Row]:
    rounds = bench.measure(
        "parallel", {"both": bench.run("parallel", PATH, requests=bench.requests(COMPILED_REQUESTS))}
    )
    one, two, times = (middle(rounds, "both", key) for key in ("one_s", "two_s", "times"))
    yield goal("path, two replications on two cores", f"{two:.1f} s", f"one after the other, {one:.1f} s", times, 1.7)


def slider(bench: Bench) -> Iterator[Row]:
    jobs = {
        "reference": bench.run("slider", FACTORY, engine="simpy", moves=3),
        "compiled": bench.run("slider", FACTORY, engine="compiled", moves=15),
    }
    rounds = bench.measure("slider", jobs)
    seconds, replications, requests = (middle(rounds, "compiled", k) for k in ("seconds", "replications", "requests"))
    what = "factory-vision, a slider move, p99 ± 5 %, simulation"
    figure = f"{seconds * 1e3:.0f} ms ({replications:.0f} replications, {thousands(requests)} requests)"
    reference = f"reference, {middle(rounds, 'reference', 'seconds') * 1e3:.0f} ms"
    quicker = in_words(ratio(rounds, "reference", "compiled", "seconds"))
    yield Row(what, figure, reference, quicker, "< 300 ms", seconds < 0.3)


def first_call(bench: Bench) -> Iterator[Row]:
    for scenario in (PATH, FACTORY):
        bench.first_call(scenario, cold=False)()  # fills the cache
    jobs = {
        f"{Path(s).stem}, {kind} cache": bench.first_call(s, kind == "cold") for s in (PATH, FACTORY) for kind in KINDS
    }
    rounds = bench.measure("first call", jobs)
    for name in jobs:
        seconds, loaded, table = (middle(rounds, name, key) for key in ("seconds", "loaded_s", "table_s"))
        figure = f"{seconds:.2f} s, of which {loaded:.2f} s to read the scenario; {table:.2f} s with its table"
        warm = "warm" in name
        yield Row(f"first call, {name}", figure, "", "", "≤ 2 s" if warm else "", seconds <= 2 if warm else None)


PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    one.__name__.replace("_", "-"): one
    for one in (equal, path, outage, controller, heap, long, flat, devices, parallel, slider, first_call)
}


# figures in words


def per_s(rounds: Rounds, name: str) -> str:
    return f"{thousands(middle(rounds, name, 'requests_per_s'))} requests/s"


def compared(what: str, rounds: Rounds, other: str, wanted: float | None) -> Row:
    times = ratio(rounds, "compiled", other)
    return goal(f"{what}, compiled", per_s(rounds, "compiled"), other, times, wanted)


def goal(what: str, figure: str, other: str, times: float, wanted: float | None) -> Row:
    asked = "" if wanted is None else f"≥ {wanted:g} ×"
    return Row(what, figure, other, in_words(times), asked, None if wanted is None else times >= wanted)


def in_words(times: float) -> str:
    return f"{times:.0f} ×" if times >= 100 else f"{times:.3g} ×"


def peer_version(name: str) -> str:
    lines = (HERE / "peers" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name.lower()}=="))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each figure; medians are printed")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes but --size, to see that it runs")
    parser.add_argument("--size", type=float, default=1e8, help="requests of the part `long`")
    asked = parser.parse_args()
    print(f"Measured on {machine()}; medians of {asked.rounds} processes.")
    if asked.scale != 1 or asked.size != 1e8:
        print(f"Sizes × {asked.scale:g}, long runs of {asked.size:g} requests: no figures to keep.")
    print("\n| what | figure | beside | ratio | goal | reached |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(Path(work), asked.rounds, asked.scale, int(asked.size))
        for name in PARTS:
            if name in asked.only:
                try:
                    for row in PARTS[name](bench):
                        print(row, flush=True)
                except subprocess.CalledProcessError:
                    print(Row(name, "failed, as told above", reached=False), flush=True)


if __name__ == "__main__":
    main()
