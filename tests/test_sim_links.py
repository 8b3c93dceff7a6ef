"""Messages on their way: delays that vary, jitter, and what is lost and sent again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sim_cases import SHOP, link, periodic, placement, poisson, pool, scenario, source_key, task, workload
from test_sim_compiled import equal
from test_sim_events import Row, events

import sim
from hardware_profiles.service_time import ServiceTime
from planner.flows import planned_usage
from scenarios.links import Link
from scenarios.placement import Placement
from scenarios.places import Group
from scenarios.scenario import Scenario
from scenarios.workloads import Arrivals
from sim import load
from sim.compiled.arrays import staged
from sim.draws import draw, key, law, losses
from sim.network import Network
from sim.simulation import Simulation

MS = 1_000_000
S = 1_000_000_000
CAMERA = pool("camera", "device", count=2)
CLOUD = pool("cloud", "cloud", "west", slots=100)
VARYING = ServiceTime.gamma(0.020, 0.5)
LOSSY: dict[str, Any] = {"loss": 0.25, "again_after_s": 0.010}


def uploads(uplink: Link, arrivals: Arrivals, *more: str, size: int = 125) -> tuple[Scenario, Placement]:
    """125 B from each camera over the uplink and back, 1 ms of work in the cloud; tasks ``more`` in the shop."""
    tasks = [task("detect", input=(size,), output=(125,), answers=True), *map(task, more)]
    case = scenario([CAMERA, pool("box"), CLOUD], [workload("vision", arrivals, tasks)], [uplink])
    return case, placement(case, {"detect": ("cloud", 0.001), **dict.fromkeys(more, ("box", 0.003))})


def drawn(stream: str, of: ServiceTime | float, source: int, sequence: int, seed: int = 1, copy: int = 0) -> int:
    """A draw of a message of source 1, 2 … [ns], or how often it is lost."""
    hop = "uplink.down" if copy < 0 else "uplink.up"
    name = key(seed, 0, stream, "vision", "shop/all", "detect", copy, 0, hop)
    return draw(law(of) if isinstance(of, ServiceTime) else losses(of), source_key(name, 0, source - 1), sequence)


# delays


def test_a_message_travels_for_half_a_draw_of_the_round_trip_and_may_overtake() -> None:
    """Both cameras at once every 2 ms; the answer has a draw of its own."""
    rows = events(*uploads(link("uplink", ("shop", "west"), None, VARYING), periodic(500, "aligned")))
    half = VARYING.times(0.5)
    for _, source, sequence, entered, started, completed, delivered in rows:
        assert entered == started == (sequence * 2 * MS + drawn("delay", half, source, sequence)) / MS
        assert delivered * MS == pytest.approx(
            completed * MS + drawn("delay", half, source, sequence, copy=-1), abs=0.1
        )
    first = [row[3] for row in sorted(rows, key=lambda row: row[2]) if row[1] == 1]
    assert first != sorted(first)


def test_jitter_is_within_its_bounds_on_each_side_of_half_the_round_trip() -> None:
    rtt = ServiceTime.uniform(0.020, 0.008)  # a jitter of 4 ms
    rows = events(*uploads(link("uplink", ("shop", "west"), None, rtt), periodic(100)), 1.0)
    delays = np.array([row[3] - 10 * row[2] for row in rows if row[1] == 1])
    assert [round(one * MS) for one in delays[:20]] == [drawn("delay", rtt.times(0.5), 1, i) for i in range(20)]
    assert 6.0 <= delays.min() < 6.5
    assert 13.5 < delays.max() <= 14.0


def test_the_delay_of_a_message_does_not_depend_on_what_else_is_placed() -> None:
    uplink = link("uplink", ("shop", "west"), None, VARYING)
    alone, beside = (events(*uploads(uplink, periodic(100), *more)) for more in ((), ("count", "track")))
    assert [row[:4] for row in alone] == [row[:4] for row in beside if row[0] == "detect"]


def test_delays_of_several_hops_add_up() -> None:
    """Through the region without a bandwidth: half a constant and half a draw."""
    uplink, ocean = link("uplink", ("shop", "west"), None, VARYING), link("ocean", ("west", "east"), None, 0.080)
    case, placed = uploads(uplink, periodic(100))
    far = replace(case, links=(uplink, ocean), pools=(CAMERA, pool("box"), replace(CLOUD, at="east")))
    first = events(far, placed)[0]
    assert round(first[3] * MS) == drawn("delay", VARYING.times(0.5), 1, 0) + 40 * MS  # type: ignore[operator]


@pytest.mark.parametrize(
    "rtt", [VARYING, ServiceTime.through({0.5: 0.014, 0.99: 0.035}), ServiceTime.uniform(0.02, 0.02)]
)
def test_delays_have_the_law_that_the_link_states(rtt: ServiceTime) -> None:
    """By Kolmogorov and Smirnov at one in a thousand, and the mean of replications inside its 99.9 % interval."""
    run = sim.prepare(*uploads(link("uplink", ("shop", "west"), None, rtt), poisson(1000.0)), span_s=1.0, requests=True)
    run.add(8)
    table = run.result().requests
    delays = (table["entered_ns"] - table["born_ns"]) / S
    half = rtt.times(0.5)
    assert stats.kstest(delays, half.cdf).pvalue > 1e-3
    means = delays.groupby(table["replication"]).mean()
    within = stats.t.ppf(0.9995, len(means) - 1) * means.std() / math.sqrt(len(means))
    assert within < 0.05 * half.mean_s
    assert abs(means.mean() - half.mean_s) <= within


# loss


def lost(wanted: tuple[int, int], share: float = 0.25) -> int:
    """A seed by which the first messages of the two cameras are lost so often."""
    return next(seed for seed in range(1, 10_000) if tuple(drawn("loss", share, s, 0, seed) for s in (1, 2)) == wanted)


def first_of(case: Scenario, placed: Placement, seed: int) -> list[Row]:
    """(source, entered, delivered) of the first requests, in ms after the first birth."""
    run = sim.prepare(case, placed, span_s=0.1, warm_up_s=0.0, requests=True, seed=seed)
    run.add(1)
    table = run.result().requests
    table = table[table["sequence"] == 0].sort_values("source")
    columns = (((table[f"{name}_ns"] - table["born_ns"].min()) / MS).tolist() for name in ("entered", "delivered"))
    return list(zip(table["source"], *columns, strict=True))


@pytest.mark.parametrize(
    ("times", "rows"),
    [
        ((0, 0), [(1, 3.0), (2, 4.0)]),
        ((1, 0), [(1, 14.0), (2, 4.0)]),  # sent until 1, again from 11 to 12
        ((2, 1), [(1, 25.0), (2, 15.0)]),  # the second until 2 and from 12 to 13; the first again from 11 and from 22
    ],
)
def test_what_is_lost_has_occupied_the_link_and_comes_again_after_the_timeout(
    times: tuple[int, int], rows: list[Row]
) -> None:
    """1 ms of transmission, 2 ms on the way, 10 ms until the next try."""
    uplink = link("uplink", ("shop", "west"), 1e6, 0.004, **LOSSY)
    case, placed = uploads(uplink, periodic(10, "aligned"))
    assert [row[:2] for row in first_of(case, placed, lost(times))] == rows


def test_a_message_that_comes_again_waits_behind_those_who_came_meanwhile() -> None:
    """4 ms each and again after 2 ms: from 0 and 8 the first message, from 4 the second."""
    uplink = link("uplink", ("shop", "west"), 0.25e6, 0.004, loss=0.25, again_after_s=0.002)
    found = first_of(*uploads(uplink, periodic(10, "aligned")), lost((1, 0)))
    assert [row[:2] for row in found] == [(1, 14.0), (2, 10.0)]


def test_at_no_timeout_it_joins_the_queue_at_the_end_of_its_transmission() -> None:
    uplink = link("uplink", ("shop", "west"), 0.25e6, 0.004, loss=0.25)
    found = first_of(*uploads(uplink, periodic(10, "aligned")), lost((2, 0)))
    assert [row[:2] for row in found] == [(1, 18.0), (2, 10.0)]


def test_what_is_lost_on_a_link_without_a_bandwidth_only_takes_time() -> None:
    uplink = link("uplink", ("shop", "west"), None, 0.004, **LOSSY)
    found = first_of(*uploads(uplink, periodic(10, "aligned")), lost((2, 0)))
    assert [row[:2] for row in found] == [(1, 22.0), (2, 2.0)]


def simulated(case: Scenario, placed: Placement) -> Simulation:
    run = sim.prepare(case, placed, span_s=20.0, requests=True)
    run.add(5)
    return run


def test_losses_are_geometric_and_occupy_the_link() -> None:
    """Chi-square at one in a thousand; the busy time of the link inside its 99.9 % interval."""
    case, placed = uploads(link("uplink", ("shop", "west"), 1e6, loss=0.25, again_after_s=0.5), poisson(50.0))
    run = simulated(case, placed)
    table = run.result().requests
    times = ((table["entered_ns"] - table["born_ns"]) // (S // 2)).to_numpy()  # the waits are far below half a second
    expected = [0.75 * 0.25**k for k in range(4)] + [0.25**4]
    found = np.bincount(np.minimum(times, 4), minlength=5)
    assert stats.chisquare(found, np.array(expected) * len(times)).pvalue > 1e-3
    network = run.network
    up = next(i for i, queue in enumerate(network.queues) if queue.name == "uplink.up")
    busy = np.array([played.queues[up, 0] for played in run.result().played]) / (20.0 * S)
    offered = load.offered(network)[up]
    assert offered == pytest.approx(2 * 50 * 0.001 / 0.75)
    assert abs(busy.mean() - offered) <= stats.t.ppf(0.9995, 4) * busy.std(ddof=1) / math.sqrt(5)


def test_what_is_sent_again_is_planned_and_billed_as_bytes() -> None:
    case, placed = uploads(link("uplink", ("shop", "west"), 1e6, **LOSSY), periodic(50.0))
    result = sim.simulate(case, placed, replications=1)
    sent = result.usage.bytes["uplink", "up", "shop/all"]
    assert sent == pytest.approx(result.usage.messages["uplink", "up", "shop/all"] * 125 / 0.75)
    assert sent == pytest.approx(planned_usage(case, placed).bytes["uplink", "up", "shop/all"])


# both planes


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("bps", [None, 1e6])
def test_many_sites_with_such_links_are_played_alike(bps: float | None, shared: bool) -> None:
    """Two of forty sites in full: at the others nobody waits for a link of their own, but what it loses comes late."""
    uplink = link("uplink", ("shop", "west"), bps, VARYING, "shared" if shared else "site", **LOSSY)
    tasks = [task("detect", input=(125,), output=(250,), answers=True)]
    group = Group("shop", "all", 40, dict(SHOP.facts))
    case = scenario([CAMERA, CLOUD], [workload("vision", poisson(5.0), tasks)], [uplink], [group])
    case = replace(case, study=replace(case.study, sample={"shop/all": 2}))
    network = Network(case, placement(case, {"detect": ("cloud", 0.001)}))
    assert network.background
    births, visits = equal(network, 1, S // 2, 2 * S)
    assert 0 < len(births) <= len(visits)


def test_only_what_is_lost_on_a_queue_closes_a_circle() -> None:
    def stages(uplink: Link) -> bool:
        return staged(Network(*uploads(uplink, poisson(5.0))))

    assert stages(link("uplink", ("shop", "west"), 1e6, VARYING))
    assert stages(link("uplink", ("shop", "west"), None, VARYING, **LOSSY))
    assert not stages(link("uplink", ("shop", "west"), 1e6, **LOSSY))


# which link


def test_a_link_of_some_pools_carries_what_they_send_and_receive_and_nothing_else() -> None:
    """The camera's frames take the radio, though the cable stands before it; what the box sends on takes the cable."""
    cable, radio = link("cable", ("shop", "shop"), None, 0.002), link("radio", ("shop", "shop"), None, 0.010)
    tasks = [task("detect"), task("read", after=("detect",), answers=True)]
    pools = [pool("camera", "device"), pool("box"), pool("server", "on_prem")]

    def entered(*links: Link) -> list[object]:
        case = scenario(pools, [workload("vision", periodic(10), tasks)], links)
        placed = placement(case, {"detect": ("box", 0.0), "read": ("server", 0.0)})
        return [entered for *_, entered, _, _, _ in events(case, placed)] + [events(case, placed)[-1][-1]]

    assert entered(cable, replace(radio, of=("camera",))) == [5.0, 6.0, 11.0]  # the answer goes to the camera
    assert entered(cable, radio) == [1.0, 2.0, 3.0]
