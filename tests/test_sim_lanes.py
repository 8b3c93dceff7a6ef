"""Who waits in lanes: by priority, in limited numbers, for a limited time. In milliseconds after the first birth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sim_cases import MS, link, periodic, placement, pool, scenario, task, together, workload

import sim
from hardware_profiles.faults import NotSupported
from scenarios.places import Group
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from scenarios.workloads import Batching, QueueLimit, Workload
from sim.simulation import ENGINES

BOX = pool("box")


def shop(streams: list[Workload], cameras: int, box: Pool = BOX, **more: Any) -> Scenario:
    return scenario([pool("camera", "device", count=cameras), box], streams, **more)


def events(
    case: Scenario, times_s: dict[str, float], span_s: float = 0.1, batches_s: tuple[float, ...] = ()
) -> list[tuple[Any, ...]]:
    """(task, source, sequence, entered, started or dropped, cause), alike on both engines.

    Each task takes so long alone, and in a batch of 2, 3 … as long as ``batches_s`` say.
    """
    placed = placement(case, {name: ("box", time) for name, time in times_s.items()})
    placed = together(placed, *batches_s)
    tables = [sim.simulate(case, placed, replications=1, span_s=span_s, warm_up_s=0.0, engine=e, requests=True).requests
              for e in ENGINES]  # fmt: skip
    table = tables[0]
    assert table.equals(tables[1])
    first = table["born_ns"].min()
    instants = ((table[f"{name}_ns"] - first) / MS for name in ("entered", "started"))
    names = (table[name] for name in ("task", "source", "sequence"))
    rows = zip(*names, *(column.tolist() for column in instants), table["dropped"], strict=True)
    return sorted(rows, key=lambda row: (row[4], row[2], row[1], row[0]))


def test_the_smaller_number_is_served_first_and_nobody_is_interrupted() -> None:
    """Two cameras send ``slow`` and ``urgent`` at once: a slow one begins; both urgent ones pass the other."""
    stream = workload("w", periodic(10, "aligned"), [task("slow", priority=2), task("urgent", priority=1)])
    assert events(shop([stream], 2), {"slow": 0.005, "urgent": 0.001}) == [
        ("slow", 1, 0, 0.0, 0.0, ""),
        ("urgent", 1, 0, 0.0, 5.0, ""),
        ("urgent", 2, 0, 0.0, 6.0, ""),
        ("slow", 2, 0, 0.0, 7.0, ""),
    ]


def test_who_names_no_priority_comes_after_all_that_do() -> None:
    stream = workload("w", periodic(10, "aligned"), [task("a_quiet"), task("last", priority=9)])
    rows = events(shop([stream], 2), {"a_quiet": 0.002, "last": 0.002})
    assert [row[:2] for row in rows] == [("a_quiet", 1), ("last", 1), ("last", 2), ("a_quiet", 2)]


def test_equal_priorities_are_served_in_the_order_in_which_they_came() -> None:
    """Two lanes, of which only one is limited: still first come, first served."""
    stream = workload("w", periodic(10, "aligned"), [task("one", queue=QueueLimit("oldest", 9)), task("two")])
    rows = events(shop([stream], 2), {"one": 0.002, "two": 0.001})
    assert [row[:2] for row in rows] == [("one", 1), ("two", 1), ("one", 2), ("two", 2)]


def test_who_comes_to_a_full_queue_is_dropped() -> None:
    """Of four at one instant the first is served, one waits, two are dropped."""
    case = shop([workload("a", periodic(10, "aligned"), [task("look", queue=QueueLimit("oldest", 1))])], 4)
    assert events(case, {"look": 0.004}) == [
        ("look", 1, 0, 0.0, 0.0, ""),
        ("look", 3, 0, 0.0, 0.0, "blocked"),
        ("look", 4, 0, 0.0, 0.0, "blocked"),
        ("look", 2, 0, 0.0, 4.0, ""),
    ]


def test_where_the_latest_are_kept_the_one_that_waited_longest_makes_room() -> None:
    case = shop([workload("a", periodic(10, "aligned"), [task("look", queue=QueueLimit("latest", 1))])], 4)
    assert events(case, {"look": 0.004}) == [
        ("look", 1, 0, 0.0, 0.0, ""),
        ("look", 2, 0, 0.0, 0.0, "displaced"),
        ("look", 3, 0, 0.0, 0.0, "displaced"),
        ("look", 4, 0, 0.0, 4.0, ""),
    ]


def test_only_the_latest_of_each_source_waits() -> None:
    """Pictures each 10 ms, 25 ms of work: the box turns to what is latest of a camera, and of the other in between."""
    case = shop([workload("a", periodic(100, "aligned"), [task("look", queue=QueueLimit("latest", None))])], 2)
    rows = events(case, {"look": 0.025}, 0.05)
    assert [row for row in rows if row[2] < 3] == [
        ("look", 1, 0, 0.0, 0.0, ""),
        ("look", 2, 0, 0.0, 10.0, "displaced"),
        ("look", 1, 1, 10.0, 20.0, "displaced"),
        ("look", 2, 1, 10.0, 20.0, "displaced"),
        ("look", 1, 2, 20.0, 25.0, ""),
        ("look", 2, 2, 20.0, 30.0, "displaced"),
    ]


def test_who_cannot_start_in_time_leaves_at_that_instant_and_to_start_just_then_is_in_time() -> None:
    """5 ms of work, 10 ms of patience after birth: the third starts at 10, the fourth leaves."""
    case = shop([workload("a", periodic(10, "aligned"), [task("look", drop_after_s=0.010)])], 4)
    assert events(case, {"look": 0.005}) == [
        ("look", 1, 0, 0.0, 0.0, ""),
        ("look", 2, 0, 0.0, 5.0, ""),
        ("look", 3, 0, 0.0, 10.0, ""),
        ("look", 4, 0, 0.0, 10.0, "expired"),
    ]


def test_who_comes_too_late_is_dropped_although_a_server_is_free() -> None:
    """``slow`` takes 12 ms; ``after`` is worth nothing later than 10 ms after birth."""
    tasks = [task("slow"), task("then", after=("slow",), drop_after_s=0.010, answers=True)]
    assert events(shop([workload("a", periodic(10), tasks)], 1), {"slow": 0.012, "then": 0.001}) == [
        ("slow", 1, 0, 0.0, 0.0, ""),
        ("then", 1, 0, 12.0, 12.0, "expired"),
    ]


def test_what_follows_a_dropped_task_is_not_done_and_a_join_never_starts() -> None:
    """Two tasks at once on one server with no room: ``b`` is dropped, and with it ``both``."""
    tasks = [
        task("a"),
        task("b", queue=QueueLimit("oldest", 0)),
        task("both", after=("a", "b"), answers=True),
        task("more", after=("b",), answers=True),
    ]
    times = dict.fromkeys(("a", "b", "both", "more"), 0.002)
    case = shop([workload("w", periodic(10), tasks)], 1)
    assert events(case, times) == [("a", 1, 0, 0.0, 0.0, ""), ("b", 1, 0, 0.0, 0.0, "blocked")]


def batched(at_most: int, wait_s: float) -> Workload:
    return workload("w", periodic(10, "aligned"), [task("look", batching=Batching(at_most, wait_s, {}))])


def test_a_free_server_takes_all_who_wait_together_and_as_many_as_it_can() -> None:
    """No wait for others: the first of five is served alone for 4 ms, then three in 6 ms, then the last."""
    rows = events(shop([batched(3, 0.0)], 5), {"look": 0.004}, batches_s=(0.005, 0.006))
    assert [row[1:2] + row[4:5] for row in rows] == [(1, 0.0), (2, 4.0), (3, 4.0), (4, 4.0), (5, 10.0)]


def test_a_batch_waits_until_it_is_full_or_its_first_has_waited_long_enough() -> None:
    """Five at once, two a batch, 10 ms of wait: full ones go at once or as the server is free, the last at 10."""
    rows = events(shop([batched(2, 0.010)], 5), {"look": 0.003}, batches_s=(0.004,))
    assert [row[1:2] + row[4:5] for row in rows] == [(1, 0.0), (2, 0.0), (3, 4.0), (4, 4.0), (5, 10.0)]


def test_who_comes_at_the_instant_at_which_a_batch_has_waited_long_enough_is_among_it() -> None:
    """A picture each 10 ms and a wait of 10 ms."""
    one = workload("w", periodic(100), [task("look", batching=Batching(4, 0.010, {}))])
    rows = events(shop([one], 1), {"look": 0.001}, 0.04, (0.001, 0.001, 0.001))
    assert [row[2:5] for row in rows][:4] == [(0, 0.0, 10.0), (1, 10.0, 10.0), (2, 20.0, 30.0), (3, 30.0, 30.0)]


def test_no_more_are_executed_together_than_somebody_measured() -> None:
    """Eight are asked for, the times of two are known."""
    rows = events(shop([batched(8, 0.0)], 5), {"look": 0.004}, batches_s=(0.005,))
    assert [row[4] for row in rows] == [0.0, 4.0, 4.0, 9.0, 9.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_keeps_one_server_busy_and_each_request_has_its_part_of_the_work(engine: str) -> None:
    """10 times a second 4 at once, all in one service of 8 ms after the first alone in 5."""
    case = shop([batched(3, 0.0)], 4)
    placed = together(placement(case, {"look": ("box", 0.005)}), 0.006, 0.009)
    result = sim.simulate(case, placed, replications=1, span_s=1.0, warm_up_s=0, engine=engine)
    assert result.stations["utilisation"].tolist() == [pytest.approx(10 * (0.005 + 0.009))]
    assert result.usage.busy_node_s["box", "shop/all"] == pytest.approx(730 * 3600 * 0.14)
    assert result.split("w", "look") == {
        "waiting_s": pytest.approx(0.75 * 0.005),
        "service_s": pytest.approx((0.005 + 3 * 0.009) / 4),
        "network_s": 0.0,
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_dropped_took_for_ever_and_every_request_is_accounted_for(engine: str) -> None:
    """Born = completed + dropped by cause + unfinished; of four a period two are blocked."""
    tasks = [task("look", queue=QueueLimit("oldest", 1), answers=True)]
    case = shop([workload("a", periodic(10, "aligned"), tasks)], 4)
    result = sim.simulate(
        case, placement(case, {"look": ("box", 0.004)}), replications=2, span_s=1.0, warm_up_s=0, engine=engine
    )
    row = result.workloads.iloc[0]
    assert (row["requests"], row["completed"], row["unfinished"]) == (80, 40, 0)
    assert result.drops.to_dict("records") == [
        {"group": "shop/all", "workload": "a", "task": "look", "cause": "blocked", "requests": 40, "fraction": 0.5}
    ]
    assert result.percentile("a", "answer", 0.5).value == pytest.approx(0.008)
    assert result.percentile("a", "answer", 0.51).value == float("inf")


def test_where_many_sites_share_a_queue_but_are_not_played_nobody_knows_the_latest_of_each_source() -> None:
    look = task("look", queue=QueueLimit("latest", None))
    groups = [Group("shop", "all", 3, {})]
    pools = [pool("camera", "device"), pool("box", "cloud", "west")]
    case = scenario(pools, [workload("a", periodic(10), [look])], [link("up", ("shop", "west"))], groups)
    sampled = replace(case, study=replace(case.study, sample={"shop/all": 2}))
    with pytest.raises(NotSupported, match="latest of each source"):
        sim.prepare(sampled, placement(sampled, {"look": ("box", 0.004)}))
