"""Stations and workloads step by step: exact, the same in both planes, and adding up to the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from random_controls import controls
from random_networks import Case, networks
from sim_cases import link, periodic, placement, pool, scenario, task, workload
from test_sim_background import shops
from test_sim_properties import two_workloads
from test_sim_warm_up import queue

import sim
from sim.control import Control
from sim.draws import NS
from sim.result import Result
from sim.simulation import ENGINES

CAMERA, BOX = pool("camera", "device", count=2), pool("edge_box")


@pytest.mark.parametrize("engine", ENGINES)
def test_every_step_of_two_cameras_at_one_box(engine: str) -> None:
    """In phase, 100 ms apart, 40 ms of work: the second waits 40 ms. The phase is drawn, so steps are whole periods."""
    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "aligned"), [task("detect")])])
    placed = placement(case, {"detect": ("edge_box", 0.040)})
    result = sim.simulate(case, placed, span_s=0.35, warm_up_s=1.0, timeline_s=0.1, engine=engine)
    table = result.timeline
    assert table["t_s"].tolist() == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert table["name"].tolist() == ["edge_box"] * 4
    assert table["servers"].tolist() == [1] * 4
    assert table["busy_servers"].tolist()[:3] == pytest.approx([0.8] * 3)
    assert table["queue_length"].tolist()[:3] == pytest.approx([0.4] * 3)
    assert table["started"].tolist()[:3] == [2] * 3
    born = result.workload_timeline
    assert born["requests"].tolist()[:3] == [2] * 3
    assert born["p50_ms"].tolist()[:3] == pytest.approx([40.0] * 3)
    assert born["p95_ms"].tolist()[:3] == pytest.approx([80.0] * 3)


def played(case: Case, engine: str, span_s: float, step_s: float, these: Sequence[Control]) -> Result:
    options: Any = {"span_s": span_s, "warm_up_s": span_s / 3, "engine": engine, "controls": these}
    return sim.simulate(case.scenario, case.placement, timeline_s=step_s, **options)


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(networks(), st.sampled_from([3, 7, 50]), st.data())
def test_both_planes_tell_the_same_and_it_adds_up(case: Case, steps: int, data: st.DataObject) -> None:
    """Of any network, with control that takes servers away meanwhile."""
    these = data.draw(controls(case.tick_ns))
    span = case.span(80)
    span_s, step_s = span / NS, max(span // steps, 1) / NS
    one, other = (played(case, engine, span_s, step_s, these) for engine in ENGINES)
    pd.testing.assert_frame_equal(one.timeline, other.timeline, check_exact=True)
    pd.testing.assert_frame_equal(one.workload_timeline, other.workload_timeline, check_exact=True)
    assert one.workload_timeline["requests"].sum() == one.workloads["requests"].sum()
    table = one.timeline
    lasts = np.minimum(table["t_s"] + step_s, span_s) - table["t_s"]
    for mean in ("busy_servers", "queue_length"):
        table[mean] *= lasts / span_s
    sums = table.groupby(["name", "group"])[["busy_servers", "queue_length", "started"]].sum()
    stations = one.stations.rename(columns={"pool": "name", "mean_busy_servers": "busy_servers"})
    stations = stations.rename(columns={"mean_queue_length": "queue_length", "visits": "started"})
    stations = stations[stations["servers"].notna()].groupby(["name", "group"])[sums.columns.tolist()].sum()
    pd.testing.assert_frame_equal(sums.loc[stations.index], stations, check_dtype=False)
    assert (table["busy_servers"] >= 0).all()
    assert (table["queue_length"] >= 0).all()


def test_links_stand_beside_pools_and_the_background_is_in_it() -> None:
    line = link("uplink", ("shop", "west"), bps=1e6, rtt_s=0.02)
    case = scenario(
        [pool("camera", "device"), pool("hub", "cloud", "west")],
        [workload("vision", periodic(10), [task("detect", input=(1000.0,))])],
        [line],
    )
    table = sim.simulate(case, placement(case, {"detect": ("hub", 0.01)}), timeline_s=0.5).timeline
    rows = table[["name", "link", "group"]].drop_duplicates().to_numpy().tolist()
    assert rows == [["hub", False, ""], ["uplink.up", True, "shop/all"]]
    found = sim.simulate(*shops(30, periodic(1.0), {"shop/all": 1}), span_s=10.0, timeline_s=0.25).timeline
    started = found.groupby("name")["started"].sum().to_dict()
    assert started["cloud"] == pytest.approx(1200, rel=0.01)  # of thirty shops
    assert started["box"] == 40  # of the one that is simulated in full


def test_a_queue_that_grows_is_seen_to_grow() -> None:
    """Offered three times what it can serve, the queue of a whole second more in each second of a hundred."""
    table = sim.simulate(*queue(3.0), span_s=100.0, warm_up_s=0.0, timeline_s=10.0).timeline
    lengths = table["queue_length"].tolist()
    assert lengths == sorted(lengths)
    assert lengths[-1] == pytest.approx(2 * 95, rel=0.2)


def test_what_comes_too_late_is_told_and_a_step_without_births_has_no_time() -> None:
    case = scenario([pool("camera", "device"), BOX], [workload("vision", periodic(1.0), [task("detect")])])
    found = sim.simulate(case, placement(case, {"detect": ("edge_box", 0.1)}), span_s=2.0, timeline_s=0.25)
    table = found.workload_timeline
    assert sorted(table["requests"]) == [0] * 6 + [1] * 2
    assert table["p95_ms"].isna().tolist() == (table["requests"] == 0).tolist()
    assert table["p95_ms"].dropna().tolist() == pytest.approx([100.0] * 2)


def test_the_timeline_changes_nothing_else() -> None:
    case = two_workloads(with_second=True)
    without = sim.simulate(*case, replications=3)
    with_it = sim.simulate(*case, replications=3, timeline_s=0.1, requests=True, slowest=2)
    assert with_it.summary() == without.summary()
    assert sorted(set(with_it.timeline["replication"])) == [0, 1, 2]
    assert with_it.slowest(2) == sim.simulate(*case, replications=3, slowest=2).slowest(2)
    assert math.isclose(with_it.timeline["t_s"].max(), without.span_s - 0.1, abs_tol=0.1)
    with pytest.raises(ValueError, match="timeline_s="):
        _ = without.timeline
    with pytest.raises(ValueError, match="steps of 0 s have no length"):
        sim.simulate(*case, timeline_s=0.0)
