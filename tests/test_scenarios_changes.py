"""Changes: --set and what-ifs give a new validated scenario, recorded, and a path that leads nowhere is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from hardware_profiles import BadInput
from scenarios.changes import changed, leads_somewhere, paths
from scenarios.workloads import Message

TREE = {
    "links": {"line": {"rtt": "14 ms", "up": "10 Mbit/s"}},
    "prices": {"openai gpt-4o": {"input": "5 USD/1e6 token", "output": "15 USD/1e6 token"}, "per_node": {}},
    "demand": {"week": {"sunday": [1, 0.5, 0]}},
    "sites": {"person": {"groups": {"old": {"count": 2, "hardware.phone": "none"}}}},
    "pools": {"box": {"hardware": ["a", "b"]}},
    "requires": {"p99": "5 ms"},
}


@pytest.mark.parametrize(
    ("path", "value", "where", "found"),
    [
        ("links.line.rtt", "80 ms", ("links", "line", "rtt"), "80 ms"),
        ("links.line.rtt", "1.6 times", ("links", "line", "rtt"), "22.4 ms"),
        ("links.line.down", "5 Mbit/s", ("links", "line", "down"), "5 Mbit/s"),
        ("links.line.up", "absent", ("links", "line"), {"rtt": "14 ms"}),
        ("prices.openai gpt-4o", "0.5 times", ("prices", "openai gpt-4o", "output"), "7.5 USD/1e6 token"),
        ("prices.aws g6.xlarge at eu-central-1", "1 USD/h", ("prices", "aws g6.xlarge at eu-central-1"), "1 USD/h"),
        ("prices.aws g6.xlarge.kind", "assumed", ("prices", "aws g6.xlarge", "kind"), "assumed"),
        ("prices.per_node.truck_roll", "5 USD", ("prices", "per_node", "truck_roll"), "5 USD"),
        ("prices.money.discount_rate", "5 %", ("prices", "money"), {"discount_rate": "5 %"}),
        ("study.simulate.replications", "3", ("study", "simulate"), {"replications": 3}),
        ("demand.week.sunday", "2 times", ("demand", "week", "sunday"), [2, 1, 0]),
        ("demand.week.sunday.1", "0.75", ("demand", "week", "sunday"), [1, 0.75, 0]),
        ("sites.person.groups.old.hardware.phone", "t4", ("sites", "person", "groups", "old", "hardware.phone"), "t4"),
        ("sites.person.groups.old.count", "1.5 times", ("sites", "person", "groups", "old", "count"), 3),
        ("pools.box.hardware", "[c, d]", ("pools", "box", "hardware"), ["c", "d"]),
        ("pools.box.hardware.0", "c", ("pools", "box", "hardware"), ["c", "b"]),
        ("requires.p99.9", "7 ms", ("requires",), {"p99": "5 ms", "p99.9": "7 ms"}),
    ],
)
def test_a_path_leads_to_the_value(path: str, value: str, where: tuple[str, ...], found: object) -> None:
    here: object = changed(TREE, {path: value})
    for key in where:
        here = here[key]  # type: ignore[index]
    assert here == found


@pytest.mark.parametrize(
    ("path", "value", "nearest"),
    [
        ("links.lane.rtt", "80 ms", "links.line.rtt"),
        ("links.line.rtt.up", "80 ms", "links.line.rtt"),
        ("demand.week.sunday.3", "1", "demand.week.sunday"),
        ("links.lane", "absent", "links.line"),
        ("links.line.down", "2 times", "links.line"),
    ],
)
def test_a_path_that_leads_nowhere_names_the_nearest(path: str, value: str, nearest: str) -> None:
    with pytest.raises(BadInput) as problem:
        changed(TREE, {path: value}, "x.yaml")
    (fault,) = problem.value.faults
    assert (fault.path, fault.found) == (path, "a path that leads nowhere")
    assert fault.nearest.startswith(nearest)


def test_a_value_that_is_no_yaml_is_named() -> None:
    with pytest.raises(BadInput, match=r"^links.line.rtt: found `\[1` .* expected a value in YAML$"):
        changed(TREE, {"links.line.rtt": "[1"})


def test_every_wrong_change_is_named() -> None:
    with pytest.raises(BadInput) as problem:
        changed(TREE, {"a.b": "1", "c.d": "2", "links.line.rtt": "1 ms"})
    assert [fault.path for fault in problem.value.faults] == ["a.b", "c.d"]


@given(st.sampled_from([".".join(path) for path in paths(TREE)]))
def test_a_change_touches_nothing_but_its_path(path: str) -> None:
    assert leads_somewhere(TREE, path)
    before = repr(TREE)
    after = changed(TREE, {path: "word"})
    assert repr(TREE) == before
    assert {".".join(p) for p in paths(TREE) if not ".".join(p).startswith(path)} <= {".".join(p) for p in paths(after)}


def test_changes_are_applied_in_order_and_recorded() -> None:
    scenario = scenarios.load("two-site-toy", what_if=["busier"], set={"workloads.scan.arrivals.rate": "2 times"})
    assert scenario.changes == ("with busier", "workloads.scan.arrivals.rate=2 times")
    assert scenario.workload("scan").arrivals.rate_per_s == 100  # type: ignore[union-attr]


def test_a_changed_scenario_is_new_and_validated() -> None:
    toy = scenarios.load("two-site-toy")
    slower = toy.with_({"links.line.rtt": "80 ms"})
    assert (toy.links[0].rtt_s, slower.links[0].rtt_s) == (0.02, 0.08)
    assert slower.changes == ("links.line.rtt=80 ms",)
    assert slower.hash != toy.hash == scenarios.load("two-site-toy").hash
    assert slower.with_({"links.line.rtt": "20 ms"}).hash == toy.hash
    with pytest.raises(BadInput, match=r"found `fast`, expected a number with its unit"):
        toy.with_({"links.line.rtt": "fast"})


def test_a_change_to_a_workload_reaches_those_like_it() -> None:
    text = """
name: two
sites: {home: {region: de, count: 1}}
pools: {pi: {tier: device, at: home, hardware: raspberry-pi-5}}
workloads:
  one: {source: pi, arrivals: {kind: poisson, rate: 1 /s per pi}, tasks: {look: {time: 1 ms}, keep: {time: 2 ms}}}
  two: {like: one, tasks: {keep: absent}}
"""
    two = scenarios.load_text(text).with_({"workloads.one.tasks.look.time": "3 ms"}).workload("two")
    assert [(task.name, task.times[""].mean_s) for task in two.tasks] == [("look", 0.003)]
    with pytest.raises(BadInput, match="a circle over `one`"):
        scenarios.load_text(text.replace("one: {source", "one: {like: two, source"))


def test_an_unknown_what_if_gets_the_nearest() -> None:
    with pytest.raises(BadInput) as problem:
        scenarios.load("factory-vision", what_if=["stagered"])
    assert problem.value.faults[0].nearest == "staggered"


def test_prices_can_be_exchanged_without_reading_again() -> None:
    toy = scenarios.load("two-site-toy")
    dearer = toy.with_prices(toy.prices.scaled("prices.toy-box.price", 2))
    assert dearer.prices.node("toy-box").price.value == 240  # type: ignore[union-attr]
    assert toy.prices.node("toy-box").price.value == 120  # type: ignore[union-attr]
    assert dearer.prices.node("toy-box").busy_w == toy.prices.node("toy-box").busy_w


def test_a_map_that_is_given_stays_as_it_was() -> None:
    given = {"time": {"box": "1 ms"}, "output": "1 kB of label"}
    changes = {"workloads.scan.tasks.third": given, "workloads.scan.tasks.third.output": "2 kB of label"}
    changed = scenarios.load("two-site-toy").with_(changes)
    assert changed.workload("scan").task("third").output == Message(2000.0, "label")
    assert given["output"] == "1 kB of label"
