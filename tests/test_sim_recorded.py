"""From a recording in a CSV file to response times: what is written beside it is simulated to the microsecond."""

from __future__ import annotations

from pathlib import Path

import pytest

import planner
import scenarios
import sim
from sim.simulation import ENGINES

FOLDER = Path(__file__).parent / "data" / "recorded"
RECORDED = """\
schema: 1
name: recorded
currency: USD
sites:
  lab: {region: de, groups: {all: {count: 1}}}
pools:
  device: {tier: device, at: lab, hardware: sender, count: 1, owned: all, paid_by: user}
  server: {tier: on_prem, at: lab, hardware: box, count: 1}
links:
  line: {within: lab, each: site, rtt: 20 ms}
workloads:
  pictures:
    source: device
    arrivals: {kind: trace, file: run.csv, column: t_sched_s, per: device}
    tasks:
      infer: {service: {trace: run.csv, column: t_end_ms - t_start_ms, order: kept}, tiers: [on_prem], answers: true}
prices:
  sender: {price: 0 USD, power: {idle: 0 W, busy: 0 W}}
  box: {price: 100 USD, power: {idle: 5 W, busy: 10 W}}
study:
  simulate: {busiest: 1 s, warm_up: 15 ms, replications: 1}
"""
EXPECTED_MS = [
    35.0,  # is there at 30 ms, when the one of the warm-up has just been served: 15 ms
    36.0,  # comes with it, is served from 45 ms on: 1 ms
    24.0,  # finds nobody: 10 ms there, 4 ms, 10 ms back
    27.5,  # waits 2.5 ms for the one before, 5 ms
]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_recording_is_replayed_to_its_response_times(engine: str) -> None:
    scenario = scenarios.load_text(RECORDED, folder=FOLDER)
    placement = planner.plan(scenario).placement
    assert placement is not None
    rows = sim.simulate(scenario, placement, engine=engine, requests=True).requests
    assert ((rows["delivered_ns"] - rows["born_ns"]) / 1e6).tolist() == EXPECTED_MS
