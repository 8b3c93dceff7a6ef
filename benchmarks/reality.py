"""Predicted beside measured latencies of a real deployment: ``reality.py FOLDER`` prints the tables of README.md.

The folder holds ``runs.csv`` and a CSV file for each run, whose columns its README explains. It is no part of the
repository. Each measured run becomes a scenario as a user would write it, with a trace of its own, and is simulated.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq

import planner
import scenarios
import sim
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from sim.draws import NS

PERCENTILES = (50, 95, 99)
ALLOWED = {"kept": (0.02, 0.04, 0.05), "bag": (0.03, 0.07, 0.12)}
BAG_UTILISATION = 0.7  # up to here something is promised of the bag
LEFT_OUT = 300  # requests at the start, while TCP windows open
SHUFFLES = 20
DRIFT = (0.75, 1.0)  # of the service times of the idle server; under load they were 5 to 20 % shorter
OVERHEAD = (("t_srv_recv_s", "t_sched_s"), ("t_done_s", "t_srv_end_s"))  # up and down
HAND_OFF_S = 50e-6  # from one queued request to the next, beyond its service
BURST_BYTES = 16 * 1024  # of the token bucket
SEGMENT_BYTES, HEADER_BYTES = 1448, 66  # of TCP with timestamps in an Ethernet frame

SCENARIO = """\
schema: 1
name: recorded
about: A device sends pictures to a server, as it was recorded.
currency: USD
sites:
  lab: {{region: de, groups: {{all: {{count: 1}}}}}}
pools:
  device: {{tier: device, at: lab, hardware: sender, count: 1, owned: all, paid_by: user}}
  server: {{tier: on_prem, at: lab, hardware: box, count: {workers}}}
links:
  line: {{within: lab, each: site, rtt: {rtt_ms:.6f} ms{limited}}}
workloads:
  pictures:
    source: device
    arrivals: {arrivals}
    tasks:
      infer: {{input: {wire:.0f} B, service: {{trace: run.csv, column: {column}, order: {order}}},
              tiers: [on_prem], answers: true}}
prices:
  sender: {{price: 0 USD, power: {{idle: 0 W, busy: 0 W}}}}
  box: {{price: 100 USD, power: {{idle: 5 W, busy: 10 W}}}}
study:
  simulate: {{busiest: {span_s:.6f} s, warm_up: {warm_up_s:.6f} s, replications: 1}}
"""


@dataclass(frozen=True)
class Run:
    """A measured run, with the calibration that was made before it; times are in seconds."""

    name: str
    workers: int
    rate_per_s: float
    limit_bps: float | None  # of the token bucket before the gateway
    picture_bytes: float  # on average
    table: pd.DataFrame
    calibration: pd.DataFrame

    @property
    def sent(self) -> np.ndarray:
        return self.table["t_sched_s"].to_numpy()

    @property
    def measured(self) -> np.ndarray:
        """Response times, without the first requests."""
        return (self.table["t_done_s"] - self.table["t_sched_s"]).to_numpy()[LEFT_OUT:]

    @cached_property
    def service(self) -> np.ndarray:
        """With the hand-off, where the recording shows that all workers were at work when the request came."""
        came, ended = self.table["t_srv_recv_s"].to_numpy(), self.table["t_srv_end_s"].to_numpy()
        inside = np.arange(len(came)) - np.searchsorted(np.sort(ended), came)
        return served(self.table) + HAND_OFF_S * (inside >= self.workers)

    @property
    def utilisation(self) -> float:
        return self.rate_per_s * float(served(self.table).mean()) / self.workers

    @property
    def wire_bytes(self) -> float:
        return self.picture_bytes + HEADER_BYTES * math.ceil(self.picture_bytes / SEGMENT_BYTES)

    @property
    def overhead_s(self) -> float:
        """Median of the network's part in the calibration, up and down."""
        up, down = (self.calibration[end] - self.calibration[start] for end, start in OVERHEAD)
        return float(up.median() + down.median())

    @property
    def propagation_s(self) -> float:
        """The overhead without what the limited link takes for a message that finds it idle.

        A token bucket that is never asked for less than its burst is a first come, first served line that starts on
        each message a burst earlier than it came, so that the burst is taken from the way behind it.
        """
        return self.overhead_s - (self.wire_bytes * 8 / self.limit_bps if self.limit_bps else 0.0)


def served(table: pd.DataFrame) -> np.ndarray:
    times: np.ndarray = (table["t_srv_end_s"] - table["t_srv_start_s"]).to_numpy()
    return times


def runs(folder: Path) -> Iterator[Run]:
    calibration = pd.DataFrame()
    for row in pd.read_csv(folder / "runs.csv", dtype={"sizes_px": str, "probs": str}).to_dict("records"):
        table = pd.read_csv(folder / f"{row['run']}.csv")
        if row["role"] == "calibration":
            calibration = table
            continue
        sides, shares = ([float(one) for one in str(row[column]).split(",")] for column in ("sizes_px", "probs"))
        yield Run(
            name=row["run"].removeprefix("shared_"),
            workers=row["workers"],
            rate_per_s=row["rate_rps"],
            limit_bps=None if math.isnan(row["access_tbf_mbit"]) else row["access_tbf_mbit"] * 1e6,
            picture_bytes=sum(3 * side**2 * share for side, share in zip(sides, shares, strict=True)),
            table=table,
            calibration=calibration,
        )


# predictions


class Predictions:
    """Of one run: its scenario in a folder of its own, and the placement that there is."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder

    def kept(self) -> list[float]:
        """From the recorded arrivals and service times, in order [s]."""
        return self._replayed("kept", [1])[0]

    def bag(self) -> list[float]:
        """From the recorded arrivals, and service times in any order: the median of so many shuffles [s]."""
        return [statistics.median(found) for found in zip(*self._replayed("bag", range(1, SHUFFLES + 1)), strict=True)]

    def covering(self) -> list[tuple[float, float]]:
        """From the rate and the calibration alone: 95 % of runs of this length, between both ends of the drift [s]."""
        number = len(self.run.sent)
        ends = []
        for drift in DRIFT:
            self._write({"service_s": served(self.run.calibration) * drift})
            arrivals = f"{{kind: poisson, rate: {self.run.rate_per_s} request/s per device}}"
            warm_up_s = LEFT_OUT / self.run.rate_per_s
            scenario = self._scenario("bag", arrivals, number / self.run.rate_per_s - warm_up_s, warm_up_s)
            ends.append(simulated(scenario, placed(scenario), range(1, SHUFFLES + 1)))
        return [
            (float(np.quantile(few, 0.025)), float(np.quantile(many, 0.975)))
            for few, many in zip(*(zip(*end, strict=True) for end in ends), strict=True)
        ]

    def _replayed(self, order: str, seeds: Sequence[int]) -> list[list[float]]:
        sent = self.run.sent
        self._write({"t_sched_s": sent, "service_s": self.run.service})
        warm_up_s = float(sent[LEFT_OUT - 1] + sent[LEFT_OUT]) / 2
        arrivals = "{kind: trace, file: run.csv, column: t_sched_s, per: device}"
        scenario = self._scenario(order, arrivals, float(sent[-1]) - warm_up_s + 1e-3, warm_up_s)
        return simulated(scenario, placed(scenario), seeds)

    def _write(self, columns: dict[str, np.ndarray]) -> None:
        pd.DataFrame(columns).to_csv(self.folder / "run.csv", index=False, float_format="%.9f")

    def _scenario(self, order: str, arrivals: str, span_s: float, warm_up_s: float) -> Scenario:
        run = self.run
        text = SCENARIO.format(
            workers=run.workers,
            rtt_ms=run.propagation_s * 1e3,
            limited=f", up: {run.limit_bps / 1e6:g} Mbit/s" if run.limit_bps else "",
            arrivals=arrivals,
            wire=run.wire_bytes,
            column="service_s",
            order=order,
            span_s=span_s,
            warm_up_s=warm_up_s,
        )
        return scenarios.load_text(text, folder=self.folder)


def placed(scenario: Scenario) -> Placement:
    placement = planner.plan(scenario).placement
    assert placement is not None
    return placement


def simulated(scenario: Scenario, placement: Placement, seeds: Sequence[int]) -> list[list[float]]:
    """Percentiles of the response time [s] for each seed."""
    found = []
    for seed in seeds:
        rows = sim.simulate(scenario, placement, seed=seed, requests=True).requests
        found.append(np.percentile((rows["delivered_ns"] - rows["born_ns"]) / NS, PERCENTILES).tolist())
    return found


# naive answers


def without_a_queue(run: Run) -> float:
    """Network and mean service [s]: one number for every percentile."""
    return run.overhead_s + float(served(run.table).mean())


def by_formula(run: Run) -> list[float]:
    """Network and percentiles of the sojourn time in M/M/c with the mean service time of the run [s] (Erlang C)."""
    mean, servers = float(served(run.table).mean()), run.workers
    load = run.rate_per_s * mean
    terms = [load**k / math.factorial(k) for k in range(servers + 1)]
    waits = terms[-1] / ((1 - load / servers) * sum(terms[:-1]) + terms[-1])
    rate, drained = 1 / mean, (servers - load) / mean

    def longer(t: float) -> float:
        """Served at once, or a wait and a service, both exponential; of one server that is exponential again."""
        if servers == 1:
            return math.exp(-drained * t)
        both = (rate * math.exp(-drained * t) - drained * math.exp(-rate * t)) / (rate - drained)
        return (1 - waits) * math.exp(-rate * t) + waits * both

    return [run.overhead_s + brentq(lambda t, p=p: longer(t) - (1 - p / 100), 0, 1000 * mean) for p in PERCENTILES]


# tables


def in_ms(values: Sequence[float]) -> str:
    return " / ".join(f"{value * 1e3:.1f}" for value in values)


def errors(found: Sequence[float], measured: Sequence[float], allowed: Sequence[float] | None = None) -> str:
    """In per cent; bold where more than allowed."""
    shares = [one / other - 1 for one, other in zip(found, measured, strict=True)]
    told = [f"{share * 100:+.1f}".replace("-", "−") for share in shares]
    if allowed is not None:
        told = [f"**{text}**" if abs(s) > most else text for text, s, most in zip(told, shares, allowed, strict=True)]
    return " / ".join(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="with runs.csv and the recordings that it names")
    first = "| run | utilisation | measured [ms] | kept [ms] | error [%] | bag [ms] | error [%] | no queue | M/M/c |"
    print(first + "\n|---|---|---|---|---|---|---|---|---|", flush=True)
    covers = []
    for run in runs(parser.parse_args().folder):
        with tempfile.TemporaryDirectory() as work:
            predicted = Predictions(run, Path(work))
            kept, bag, covering = predicted.kept(), predicted.bag(), predicted.covering()
        measured = np.percentile(run.measured, PERCENTILES).tolist()
        cells = [run.name, f"{run.utilisation:.2f}", in_ms(measured)]
        cells += [in_ms(kept), errors(kept, measured, ALLOWED["kept"])]
        cells += [in_ms(bag), errors(bag, measured, ALLOWED["bag"] if run.utilisation <= BAG_UTILISATION else None)]
        cells += [errors([without_a_queue(run)] * len(measured), measured), errors(by_formula(run), measured)]
        print(f"| {' | '.join(cells)} |", flush=True)
        inside = [low <= one <= high for one, (low, high) in zip(measured, covering, strict=True)]
        drifted = float(served(run.table).mean() / served(run.calibration).mean())
        ranges = [f"{low * 1e3:.1f}–{high * 1e3:.1f}" for low, high in covering]
        within = "yes" if all(inside) else "**no**"
        covers.append(f"| {run.name} | {drifted:.2f} | {in_ms(measured)} | {' / '.join(ranges)} | {within} |")
    print("\n| run | drift | measured [ms] | predicted [ms] | covered |\n|---|---|---|---|---|", *covers, sep="\n")


if __name__ == "__main__":
    main()
