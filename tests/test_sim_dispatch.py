"""Nodes with a queue of their own, to one of which a task is sent. In milliseconds after the first birth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sim_cases import MS, link, periodic, placement, pool, scenario, task, together, workload
from test_sim_compiled import equal
from test_sim_network import refused

import sim
from scenarios.links import Link
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from scenarios.workloads import Batching, Task
from sim.control import Handles
from sim.draws import key, one_of
from sim.network import Network
from sim.policies import Entry, Gauges
from sim.simulation import ENGINES
from sim.streams import Streams


def shop(box: Pool, cameras: int, tasks: list[Task], links: tuple[Link, ...] = (), *more: Pool) -> Scenario:
    """Cameras that all send at once, each 100 ms."""
    camera = pool("camera", "device", count=cameras)
    return scenario([camera, box, *more], [workload("w", periodic(10, "aligned"), tasks)], links)


def events(case: Scenario, on: dict[str, tuple[str, float]], *batches_s: float) -> list[tuple[Any, ...]]:
    """(task, source, entered, started, delivered) of the first request of each source, alike on both engines."""
    placed = together(placement(case, on), *batches_s)
    asked: dict[str, Any] = {"replications": 1, "span_s": 0.1, "warm_up_s": 0.0, "requests": True}
    table, other = (sim.simulate(case, placed, engine=e, **asked).requests for e in ENGINES)
    assert table.equals(other)
    table = table[table["sequence"] == 0]
    first = table["born_ns"].min()
    instants = ((table[f"{name}_ns"] - first) / MS for name in ("entered", "started", "delivered"))
    rows = zip(table["task"], table["source"], *(column.tolist() for column in instants), strict=True)
    return sorted(rows, key=lambda row: (row[2], row[3], row[1]))


def nodes_of(case: Scenario, name: str, nodes: int, sources: int) -> list[int]:
    """Where the draws send the first request of each source for a task."""
    network = Network(case, placement(case, {one.name: ("box", 0.004) for one in case.workloads[0].tasks}))
    flow = network.flows[0]
    column = flow.columns.index(("dispatch", name, 0))
    keys = Streams(1, 0).work(flow)[:, column]
    found = [one_of(float(nodes), keys[source], 0) for source in range(sources)]
    assert keys[0] != key(1, 0, "dispatch", "w", "shop/all", name, 0, 0)  # each source has its own
    return found


def test_the_least_loaded_node_is_that_with_the_fewest_there_and_of_equal_ones_the_first() -> None:
    """4 ms for each: of five at once two come to each of two nodes, in turn, and the last to the first again."""
    rows = events(shop(pool("box", count=2, dispatch="least_loaded"), 5, [task("look")]), {"look": ("box", 0.004)})
    assert rows == [
        ("look", 1, 0.0, 0.0, 4.0),
        ("look", 2, 0.0, 0.0, 4.0),
        ("look", 3, 0.0, 4.0, 8.0),
        ("look", 4, 0.0, 4.0, 8.0),
        ("look", 5, 0.0, 8.0, 12.0),
    ]


def test_who_was_sent_to_a_node_stays_there_although_another_is_idle() -> None:
    """``slow`` to the first node, ``fast`` to the second, ``last`` behind ``slow``: the second is idle from 1 ms on."""
    times = {"a_slow": ("box", 0.009), "b_fast": ("box", 0.001), "c_last": ("box", 0.002)}
    case = shop(pool("box", count=2, dispatch="least_loaded"), 1, [task(name) for name in times])
    assert events(case, times) == [
        ("a_slow", 1, 0.0, 0.0, 9.0),
        ("b_fast", 1, 0.0, 0.0, 1.0),
        ("c_last", 1, 0.0, 9.0, 11.0),
    ]
    shared = shop(pool("box", count=2), 1, [task(name) for name in times])
    assert events(shared, times)[-1] == ("c_last", 1, 0.0, 1.0, 3.0)


def test_what_ends_at_that_instant_has_left_a_node_and_slots_are_servers_of_one() -> None:
    """Two slots a node: ``a`` to node 1, ``b`` to node 2; when ``c`` comes ``a`` has just ended."""
    times = {"a": ("box", 0.004), "b": ("box", 0.009), "c": ("box", 0.001)}
    case = shop(
        pool("box", count=2, slots=2, dispatch="least_loaded"), 2, [task("a"), task("b"), task("c", after=("a",))]
    )
    assert events(case, times) == [
        ("a", 1, 0.0, 0.0, 4.0),
        ("b", 1, 0.0, 0.0, 9.0),
        ("a", 2, 0.0, 0.0, 4.0),
        ("b", 2, 0.0, 0.0, 9.0),
        ("c", 1, 4.0, 4.0, 5.0),
        ("c", 2, 4.0, 4.0, 5.0),
    ]


def test_a_draw_of_the_work_says_which_node_and_not_what_is_there() -> None:
    """Each of six waits for those before it whose draw is the same."""
    case = shop(pool("box", count=3, dispatch="random"), 6, [task("look")])
    rows = events(case, {"look": ("box", 0.004)})
    sent = nodes_of(case, "look", 3, 6)
    assert len(set(sent)) > 1
    assert [row[3] for row in sorted(rows, key=lambda row: row[1])] == [
        4.0 * sent[:number].count(node) for number, node in enumerate(sent)
    ]


def test_the_same_draw_sends_the_work_whatever_else_there_is() -> None:
    """Two nodes instead of four: those of the lower half go to the first. Another task has draws of its own."""
    one = [task("look")]
    many, few = (shop(pool("box", count=count, dispatch="random"), 20, one) for count in (4, 2))
    both = shop(pool("box", count=2, dispatch="random"), 20, [task("look"), task("other")])
    sent = nodes_of(few, "look", 2, 20)
    assert [node // 2 for node in nodes_of(many, "look", 4, 20)] == sent == nodes_of(both, "look", 2, 20)
    assert nodes_of(both, "other", 2, 20) != sent


@pytest.mark.parametrize("dispatch", ["random", "least_loaded"])
def test_a_node_has_its_own_port_by_which_it_sends(dispatch: Any) -> None:
    """1 ms on a line; who was served on one node leaves by one port, one after the other."""
    tasks = [task("look", output=(125,)), task("store", after=("look",), answers=True, input=(125,))]
    up = link("up", ("shop", "west"), 1e6, each="node")
    boxes, cloud = pool("box", count=2, slots=9, dispatch=dispatch), pool("cloud", "cloud", "west", slots=9)
    case = shop(boxes, 4, tasks, (up,), cloud)
    rows = events(case, {"look": ("box", 0.004), "store": ("cloud", 0.0)})
    arrived = sorted((row[1], row[2]) for row in rows if row[0] == "store")
    sent = [0, 1, 0, 1]
    if dispatch == "random":
        sent = nodes_of(shop(boxes, 4, [task("look")]), "look", 2, 4)
    assert arrived == [(number + 1, 5.0 + sent[:number].count(node)) for number, node in enumerate(sent)]


def test_ports_at_which_nobody_has_a_node_yet_are_refused() -> None:
    tasks = [task("first"), task("back", after=("first",))]
    up = link("up", ("shop", "west"), 1e6, each="node")
    case = shop(pool("box", dispatch="random"), 1, tasks, (up,), pool("cloud", "cloud", "west"))
    message = refused(case, placement(case, {"first": ("cloud", 0.001), "back": ("box", 0.001)}))
    assert message == (
        "pools.box.dispatch: found random behind the ports of up: who comes has no node yet, "
        "expected shared_queue, or `each: site` at up"
    )


def test_each_sub_pool_has_nodes_of_its_own() -> None:
    """Two lines with two nodes and two cameras each: nobody waits."""
    camera, box = (
        pool("camera", "device", count=2, per="line"),
        pool("box", count=2, per="line", dispatch="least_loaded"),
    )
    case = scenario([camera, box], [workload("w", periodic(10, "aligned"), [task("look")])])
    network = Network(case, placement(case, {"look": ("box", 0.004)}))
    assert [queue.servers for queue in network.queues] == [1, 1, 1, 1]
    births, visits = equal(network, 1, 0, 100 * MS)
    assert len(births) == 4
    assert (visits[:, 3] == visits[:, 4]).all()  # started as it entered


def test_a_batch_is_one_service_of_a_node() -> None:
    """Batches of two, or of one after 10 ms. The first and the third start on node 1: one service, with which the
    fourth waits; the fifth starts with the second on node 2.
    """
    case = shop(pool("box", count=2, dispatch="least_loaded"), 5, [task("look", batching=Batching(2, 0.010, {}))])
    rows = events(case, {"look": ("box", 0.004)}, 0.004)
    assert [(row[1], row[3]) for row in rows] == [(1, 0.0), (2, 0.0), (3, 0.0), (5, 0.0), (4, 10.0)]


def test_a_policy_is_told_the_node_that_would_serve_and_chooses_another() -> None:
    asked: list[int] = []

    def last(entry: Entry, queues: Any) -> int:
        asked.append(entry.own)
        assert all(isinstance(one, Gauges) for one in queues)
        return len(queues) - 1

    case = shop(pool("box", count=3, dispatch="least_loaded"), 4, [task("look")])
    placed = placement(case, {"look": ("box", 0.001)})
    found = sim.simulate(case, placed, replications=1, span_s=0.1, warm_up_s=0.0, policies={"box": last})
    assert asked[:4] == [0, 0, 0, 0]
    assert found.stations.query("pool == 'box'")["visits"].tolist() == [0, 0, 4]


def test_a_node_that_is_down_is_sent_its_part() -> None:
    def control(stations: Handles) -> Any:
        yield 0
        stations["box"][0].set_up(False)

    case = shop(pool("box", count=2, dispatch="least_loaded"), 4, [task("look")])
    network = Network(case, placement(case, {"look": ("box", 0.004)}))
    _, visits = equal(network, 1, 0, 100 * MS, control)
    assert np.unique(visits[visits[:, 1] == 0, 0]).tolist() == [1, 3]
