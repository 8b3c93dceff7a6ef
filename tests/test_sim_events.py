"""Tiny cases, event by event, in milliseconds after the first birth. Each says what it is about."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import pytest
from sim_cases import MS, link, periodic, placement, pool, scenario, task, workload
from simpy import Event

import sim
from scenarios.placement import Placement
from scenarios.places import Group
from scenarios.scenario import Scenario
from sim.control import Handles
from sim.stations import Clock, Station, after

Row = tuple[object, ...]


def events(
    case: Scenario, placed: Placement, span_s: float = 0.1, controls: list[Callable[..., Iterator[int]]] | None = None
) -> list[Row]:
    """(task, source, sequence, entered, started, completed, delivered) in ms after the first birth of all."""
    run = sim.prepare(case, placed, span_s=span_s, warm_up_s=0.0, controls=controls or [], requests=True)
    run.add(1)
    table = run.result().requests
    first = table["born_ns"].min()
    instants = [(table[f"{name}_ns"] - first) / MS for name in ("entered", "started", "completed", "delivered")]
    rows = zip(
        table["task"], table["source"], table["sequence"], *(column.tolist() for column in instants), strict=True
    )
    return sorted(rows, key=lambda row: (row[2], row[4], row[1]))


CAMERA = pool("camera", "device", count=2)
BOX = pool("edge_box")


def test_of_two_births_at_one_instant_the_first_source_enters_first() -> None:
    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "aligned"), [task("detect")])])
    assert events(case, placement(case, {"detect": ("edge_box", 0.004)})) == [
        ("detect", 1, 0, 0.0, 0.0, 4.0, 4.0),
        ("detect", 2, 0, 0.0, 4.0, 8.0, 8.0),
    ]


def test_a_completion_frees_its_server_before_a_birth_at_the_same_instant() -> None:
    """At 100 a second and 10 ms of work the server is always busy and nobody ever waits."""
    one = pool("camera", "device")
    case = scenario([one, BOX], [workload("vision", periodic(100), [task("detect")])])
    assert events(case, placement(case, {"detect": ("edge_box", 0.010)}), 0.03) == [
        ("detect", 1, 0, 0.0, 0.0, 10.0, 10.0),
        ("detect", 1, 1, 10.0, 10.0, 20.0, 20.0),
        ("detect", 1, 2, 20.0, 20.0, 30.0, 30.0),
    ]


def test_staggered_sources_take_turns() -> None:
    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "staggered"), [task("detect")])])
    rows = events(case, placement(case, {"detect": ("edge_box", 0.004)}))
    assert [row[1:2] + row[3:] for row in sorted(rows, key=lambda row: row[4])] == [
        (rows[0][1], 0.0, 0.0, 4.0, 4.0),
        (3 - rows[0][1], 50.0, 50.0, 54.0, 54.0),
    ]


def test_each_line_has_a_box_of_its_own() -> None:
    """Two cameras a line, two lines: cameras 1 and 2 share a queue, 3 and 4 the other; all in phase within a line."""
    camera, box = pool("camera", "device", count=2, per="line"), pool("edge_box", per="line")
    case = scenario([camera, box], [workload("vision", periodic(10, "aligned"), [task("detect")])])
    rows = events(case, placement(case, {"detect": ("edge_box", 0.004)}))
    waits = {source: started - entered for _, source, _, entered, started, *_ in rows}
    assert waits == pytest.approx({1: 0.0, 2: 4.0, 3: 0.0, 4: 4.0})


def test_a_pooled_box_is_one_queue_for_all_lines() -> None:
    camera, box = pool("camera", "device", count=1, per="line"), pool("edge_box", per="line", pooled=True)
    case = scenario([camera, box], [workload("vision", periodic(10), [task("detect")])])
    run = sim.prepare(case, placement(case, {"detect": ("edge_box", 0.004)}), span_s=1.0)
    run.add(1)
    assert run.result().stations[["pool", "queue", "servers"]].to_numpy().tolist() == [["edge_box", 1, 2.0]]


def test_own_dispatch_serves_each_node_alone() -> None:
    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "aligned"), [task("detect")])])
    assert events(case, placement(case, {"detect": ("camera", 0.004)})) == [
        ("detect", 1, 0, 0.0, 0.0, 4.0, 4.0),
        ("detect", 2, 0, 0.0, 0.0, 4.0, 4.0),
    ]


def test_slots_are_servers_of_one_node() -> None:
    case = scenario(
        [CAMERA, pool("edge_box", slots=2)], [workload("vision", periodic(10, "aligned"), [task("detect")])]
    )
    rows = events(case, placement(case, {"detect": ("edge_box", 0.004)}))
    assert [row[4] for row in rows] == [0.0, 0.0]


def test_simultaneous_tasks_of_a_request_enter_in_the_order_of_their_names() -> None:
    """Listed b, a; served a, b."""
    one = pool("camera", "device")
    case = scenario([one, BOX], [workload("vision", periodic(10), [task("b"), task("a")])])
    assert events(case, placement(case, {"a": ("edge_box", 0.001), "b": ("edge_box", 0.002)})) == [
        ("a", 1, 0, 0.0, 0.0, 1.0, 1.0),
        ("b", 1, 0, 0.0, 1.0, 3.0, 3.0),
    ]


def test_at_one_instant_completions_come_before_arrivals_and_arrivals_before_births() -> None:
    """Names and sources would order them the other way round: ``z`` follows a completion, ``m`` an arrival.

    Each camera takes 10 ms for ``before_z``; ``before_m`` takes no time but travels for 10 ms; the next ``a`` are
    born at that instant.
    """
    pools = [replace(CAMERA, slots=2), pool("hub", "on_prem"), pool("cloud", "cloud", "west")]
    tasks = [
        task("before_z"),
        task("before_m"),
        task("z", after=("before_z",)),
        task("m", after=("before_m",)),
        task("a"),
    ]
    uplink = link("uplink", ("shop", "west"), rtt_s=0.010)
    case = scenario(pools, [workload("vision", periodic(100, "aligned"), tasks)], [uplink])
    hub = dict.fromkeys(("a", "m", "z"), ("hub", 0.001))
    placed = placement(case, {"before_z": ("camera", 0.010), "before_m": ("cloud", 0.0), **hub})
    rows = [row for row in events(case, placed, 0.02) if row[0] in hub]
    assert [row[:5] for row in sorted(rows, key=lambda row: row[4])][:8] == [
        ("a", 1, 0, 0.0, 0.0),
        ("a", 2, 0, 0.0, 1.0),
        ("z", 1, 0, 10.0, 10.0),
        ("z", 2, 0, 10.0, 11.0),
        ("m", 1, 0, 10.0, 12.0),
        ("m", 2, 0, 10.0, 13.0),
        ("a", 1, 1, 10.0, 14.0),
        ("a", 2, 1, 10.0, 15.0),
    ]


def test_a_link_sends_one_message_after_the_other_and_propagates_them_together() -> None:
    """125 B at 1 Mbit/s take 1 ms of the uplink, then 2 ms to travel; the 250 B answers take 2 ms and 2 ms."""
    cloud = pool("cloud", "cloud", "west", count=2)
    detect = task("detect", input=(125,), output=(250,), answers=True)
    uplink = link("uplink", ("shop", "west"), 1e6, 0.004)
    case = scenario([CAMERA, cloud], [workload("vision", periodic(10, "aligned"), [detect])], [uplink])
    assert events(case, placement(case, {"detect": ("cloud", 0.003)})) == [
        ("detect", 1, 0, 3.0, 3.0, 6.0, 10.0),
        ("detect", 2, 0, 4.0, 4.0, 7.0, 12.0),
    ]


@pytest.mark.parametrize(("each", "second"), [("node", 1.0), ("site", 2.0), ("shared", 2.0)])
def test_a_link_within_a_site_is_a_port_of_each_node_or_one_medium(each: str, second: float) -> None:
    field = link("field", ("shop", "shop"), 1e6, each=each)
    case = scenario(
        [CAMERA, pool("edge_box", count=2)],
        [workload("vision", periodic(10, "aligned"), [task("detect", input=(125,))])],
        [field],
    )
    rows = events(case, placement(case, {"detect": ("edge_box", 0.003)}))
    assert [row[3] for row in rows] == [1.0, second]


def test_the_port_of_an_answer_is_that_of_the_node_that_served() -> None:
    """Two boxes answer at once through two ports; a third picture waits for the first box and uses its port."""
    camera = pool("camera", "device", count=3)
    field = link("field", ("shop", "shop"), 1e6, each="node")
    detect = task("detect", output=(500,), answers=True)
    case = scenario(
        [camera, pool("edge_box", count=2)], [workload("vision", periodic(10, "aligned"), [detect])], [field]
    )
    assert events(case, placement(case, {"detect": ("edge_box", 0.001)})) == [
        ("detect", 1, 0, 0.0, 0.0, 1.0, 5.0),
        ("detect", 2, 0, 0.0, 0.0, 1.0, 5.0),
        ("detect", 3, 0, 0.0, 1.0, 2.0, 9.0),
    ]


def test_no_link_at_one_place_means_no_delay() -> None:
    one = pool("camera", "device")
    case = scenario([one, BOX], [workload("vision", periodic(10), [task("detect", input=(10**6,))])])
    assert events(case, placement(case, {"detect": ("edge_box", 0.001)})) == [("detect", 1, 0, 0.0, 0.0, 1.0, 1.0)]


def test_a_join_starts_when_the_last_message_has_come() -> None:
    one = pool("camera", "device", slots=2)
    tasks = [task("left"), task("right"), task("both", after=("left", "right"), answers=True)]
    case = scenario([one, BOX], [workload("vision", periodic(10), tasks)])
    assert events(
        case, placement(case, {"left": ("camera", 0.002), "right": ("camera", 0.005), "both": ("edge_box", 0.001)})
    ) == [
        ("left", 1, 0, 0.0, 0.0, 2.0, 2.0),
        ("right", 1, 0, 0.0, 0.0, 5.0, 5.0),
        ("both", 1, 0, 5.0, 5.0, 6.0, 6.0),
    ]


def test_zero_service_times_let_everyone_through_at_once() -> None:
    tasks = [task("first"), task("second", after=("first",), answers=True)]
    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "aligned"), tasks)])
    rows = events(case, placement(case, {"first": ("edge_box", 0.0), "second": ("edge_box", 0.0)}))
    assert sorted(rows) == [(name, source, 0, 0.0, 0.0, 0.0, 0.0) for name in ("first", "second") for source in (1, 2)]


def test_a_service_bought_by_the_request_makes_nobody_wait() -> None:
    api = pool("api", "cloud", "west", offers=("api",))
    case = scenario(
        [CAMERA, api], [workload("vision", periodic(10, "aligned"), [task("detect")])], [link("up", ("shop", "west"))]
    )
    rows = events(case, placement(case, {"detect": ("api", 0.5)}, without_nodes=["api"]))
    assert [row[4:6] for row in rows] == [(0.0, 500.0), (0.0, 500.0)]


def test_a_pool_in_a_region_is_one_queue_for_all_sites() -> None:
    groups = [Group("shop", "big", 2, {"line": 2}), Group("shop", "small", 1, {"line": 1})]
    pools = [pool("camera", "device"), pool("cloud", "cloud", "west"), BOX]
    streams = [workload("vision", periodic(10), [task("local"), task("remote")])]
    case = scenario(pools, streams, [link("up", ("shop", "west"))], groups)
    run = sim.prepare(case, placement(case, {"local": ("edge_box", 0.001), "remote": ("cloud", 0.001)}))
    run.add(1)
    stations = run.result().stations
    assert stations[["pool", "group", "site"]].to_numpy().tolist() == [
        ["cloud", "", 1],
        ["edge_box", "shop/big", 1],
        ["edge_box", "shop/big", 2],
        ["edge_box", "shop/small", 1],
    ]
    assert stations["visits"].tolist() == [30.0, 10.0, 10.0, 10.0]


# stations and control


def test_a_control_process_stops_and_restarts_a_station_at_exact_instants() -> None:
    """Down from 12 to 27 ms: what is in service is finished, who comes meanwhile starts in turn at 27."""

    seen = []

    def outage(stations: Handles) -> Iterator[int]:
        (box,) = stations["edge_box"]
        yield 12 * MS
        box.set_up(False)
        yield 27 * MS
        seen.append((box.waiting, box.busy, box.up))
        box.set_up(True)

    case = scenario([pool("camera", "device"), BOX], [workload("vision", periodic(200), [task("detect")])])
    placed = placement(case, {"detect": ("edge_box", 0.004)})
    table = sim.simulate(case, placed, span_s=0.1, controls=[outage], requests=True).requests
    expected, free = [], 0
    for born in table["born_ns"].tolist():
        start = max(born, free)
        start = 27 * MS if 12 * MS <= start < 27 * MS else start
        free = start + 4 * MS
        expected.append(start)
    assert table["started_ns"].tolist() == expected
    assert seen == [(3, 0, False)]


def test_control_comes_before_everything_else_of_its_instant() -> None:
    """A second server granted at the very instant of two births serves the second of them."""

    case = scenario([CAMERA, BOX], [workload("vision", periodic(10, "aligned"), [task("detect")])])
    placed = placement(case, {"detect": ("edge_box", 0.004)})
    born = int(sim.simulate(case, placed, span_s=0.1, requests=True).requests["born_ns"].min())

    def scale(stations: Handles) -> Iterator[int]:
        yield born
        stations["edge_box"][0].set_servers(2)

    assert [row[4] for row in events(case, placed, controls=[scale])] == [0.0, 0.0]


def served(station: Station, clock: Clock, visits: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """(name, server, completion) of visits (name, entry, service), in the order of completion."""
    found = []

    def request(name: str, at: int, service: int) -> Generator[Event, object, None]:
        yield after(clock, at, 100)
        done = station.serve(service, 50)
        yield done
        station.leave(done)
        found.append((name, done.server, clock.now))

    for visit in visits:
        clock.process(request(*visit))
    clock.run()
    return found


def test_the_free_server_with_the_lowest_number_serves() -> None:
    """Server 1 is free before server 0; who comes when both are gets server 0 first."""
    clock = Clock()
    visits = [("a", 0, 10), ("b", 0, 4), ("c", 5, 2), ("d", 12, 1), ("e", 12, 2)]
    assert served(Station(clock, 2), clock, visits) == [
        ("b", 1, 4),
        ("c", 1, 7),
        ("a", 0, 10),
        ("d", 0, 13),
        ("e", 1, 14),
    ]


def test_a_server_that_is_withdrawn_finishes_what_it_has() -> None:
    """One of two servers goes at 8, while both work; at 19 there are three."""
    clock = Clock()
    station = Station(clock, 2)

    def control() -> Generator[Event, object, None]:
        yield after(clock, 8, 10)
        station.set_servers(1)
        assert (station.servers, station.busy) == (1, 2)
        yield after(clock, 11, 10)
        station.set_servers(3)

    clock.process(control())
    visits = [("a", 0, 10), ("b", 7, 2), ("c", 9, 3), ("d", 12, 8), ("e", 13, 3)]
    assert served(station, clock, visits) == [("b", 1, 9), ("a", 0, 10), ("c", 0, 13), ("d", 0, 21), ("e", 1, 22)]


def test_two_sources_of_one_line_never_meet_another_line_of_another_site() -> None:
    """The same shop twice: equal numbers of visits, queues apart."""
    case = scenario(
        [pool("camera", "device", per="line"), pool("edge_box", per="line")],
        [workload("vision", periodic(10), [task("detect")])],
        groups=[Group("shop", "all", 2, {"line": 2})],
    )
    run = sim.prepare(case, placement(case, {"detect": ("edge_box", 0.001)}))
    run.add(1)
    table = run.result().stations
    assert table[["site", "queue", "visits"]].to_numpy().tolist() == [[1, 1, 10], [1, 2, 10], [2, 1, 10], [2, 2, 10]]
