"""A scenario whose only workload is a batch: checked by bytes, with nothing to play."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_cases import Run

TEXT = """
name: nightly
sites: {shop: {region: de, groups: {all: {count: 300}}}}
pools:
  store: {tier: gateway, at: shop, hardware: toy-box, count: 1, owned: all}
links: {uplink: {from: shop, to: westeurope, rtt: 14 ms, up: 20 Mbit/s, down: 50 Mbit/s}}
data: {picture: {class: personal, may_reach: [shop, eu]}}
workloads:
  upload:
    source: store
    arrivals: {kind: batch, each: day, window: 22:00-05:00, per: site}
    tasks: {send: {input: 1 GB of picture, store_at: westeurope}}
    requires: {done_by: 05:00}
prices:
  toy-box: {price: 120 USD, power: {idle: 10 W, busy: 10 W}}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    written = tmp_path / "nightly.yaml"
    written.write_text(TEXT, encoding="utf-8")
    return str(written)


def test_it_is_planned(run: Run, file: str) -> None:
    code, out, err = run("plan", file)
    assert (code, err) == (0, "")
    assert "6.667 min" in out


def test_it_is_simulated_with_nothing_to_measure(run: Run, file: str) -> None:
    code, out, err = run("simulate", file)
    assert (code, err) == (0, "")
    assert "0 requests in" in out
    code, out, err = run("simulate", file, "--precision", "2 %")
    assert (code, err) == (0, "")
    assert "precision not known, not 2 %" in out
    code, out, _ = run("simulate", file, "--json", "--precision", "2 %")
    document = json.loads(out)
    assert code == 0
    assert document["precision"] == {"asked": 0.02, "reached": None}
    assert document["stations"] == document["workloads"] == {}
    assert document["links"]["uplink"]["busy_fraction"] is None


def test_it_is_reported(run: Run, file: str, tmp_path: Path) -> None:
    code, out, err = run("run", file)
    assert (code, err) == (0, "")
    assert "report.html" in out
    assert "Nothing is ever busy" in (tmp_path / "out" / "nightly" / "report.md").read_text(encoding="utf-8")
