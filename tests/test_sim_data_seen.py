"""What data is seen where: every byte once, and with its class."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from random_networks import Case, networks
from sim_cases import link, periodic, placement, pool, scenario, task, workload

import sim
from scenarios.workloads import DataItem
from sim.draws import NS
from sim.usage import MONTH_S


def test_bytes_by_class_item_link_and_place() -> None:
    """Ten frames a second up; its plate goes on to the far region; what comes back is not named."""
    items = [DataItem("frame", "personal", None), DataItem("plate", "internal", None)]
    read = task("read", input=(1000.0, "frame"), output=(100.0, "plate"))
    match = task("match", after=("read",), output=(10.0,), answers=True)
    links = [link("uplink", ("shop", "west"), rtt_s=0.02), link("backbone", ("west", "east"), rtt_s=0.02)]
    pools = [pool("camera", "device"), pool("hub", "regional_cloud", "west"), pool("far", "cloud", "east")]
    case = scenario(pools, [workload("watch", periodic(10), [read, match])], links, data=items)
    result = sim.simulate(case, placement(case, {"read": ("hub", 0.001), "match": ("far", 0.001)}), span_s=2.0)
    month = 10 * MONTH_S
    assert [(*row[:-1], pytest.approx(row[-1])) for row in result.data.to_numpy().tolist()] == [
        ("", "", "backbone", "down", "west", "west", 10 * month),
        ("", "", "uplink", "down", "shop", "west", 10 * month),
        ("internal", "plate", "backbone", "up", "east", "east", 100 * month),
        ("personal", "frame", "uplink", "up", "west", "west", 1000 * month),
    ]
    assert result.summary()["privacy"][-1] == {
        "class": "personal",
        "item": "frame",
        "link": "uplink",
        "direction": "up",
        "seen_at": "west",
        "region": "west",
        "bytes_per_month": pytest.approx(1000 * month),
    }


@settings(max_examples=40, deadline=None)
@given(networks())
def test_no_byte_is_lost_or_counted_twice(case: Case) -> None:
    result = sim.simulate(case.scenario, case.placement, span_s=case.span(60) / NS)
    seen = result.data.groupby(["link", "direction"])["bytes_per_month"].sum().to_dict()
    used: dict[tuple[str, str], float] = {}
    for (name, direction, _), size in result.usage.bytes.items():
        used[name, direction] = used.get((name, direction), 0.0) + size
    assert seen == pytest.approx(used)
