"""The picture of what runs where, what it says of the hottest element, and the figures for print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from app.charts.canvas import text_width
from app.charts.look import TIER, svg
from app.charts.plan_picture import hottest, links, plan_picture, pools
from app.charts.printed import print_figures
from app.charts.topology import topology
from planner.formats import percent
from planner.planning import plan as make
from planner.plans import Plan
from scenarios.places import TIERS
from sim import simulate

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make(scenarios.load("two-site-toy"))


@pytest.fixture(scope="module")
def overloaded(plan: Plan) -> Plan:
    """The same placement where ten times as much arrives over the line as it can carry."""
    scenario = plan.scenario.with_({"links.line.up": "50 kbit/s"})
    assert plan.placement is not None
    return replace(plan, scenario=scenario, result=simulate(scenario, plan.placement, replications=2, seed=1))


Spec = dict[str, Any]


def drawn(spec: Spec) -> list[dict[str, Any]]:
    return [row for table in spec["datasets"].values() for row in table]


def words(chart: Any) -> list[str]:
    return [row["text"] for row in drawn(chart.to_dict(validate=False)) if "text" in row]


def spans(spec: Spec) -> list[tuple[str, float, float]]:
    """Every text with where it begins and ends."""
    found = []
    for layer in spec["layer"]:
        if layer["mark"]["type"] == "text":
            to_the_left = layer["mark"]["align"] == "right"
            for row in spec["datasets"][layer["data"]["name"]]:
                width = text_width(row["text"], layer["mark"]["fontWeight"] == "bold")
                found.append((row["text"], row["x"] - width * to_the_left, row["x"] + width * (not to_the_left)))
    return found


def picture(name: str = "box") -> Any:
    places = pd.DataFrame([("plant", "1 site", True), ("cloud-1", "", False)], columns=["place", "text", "local"])
    used = (name, "plant", "gateway", True, True, ["3 × thing", "hottest: 78.0 % busy"])
    rows = [used, ("far", "cloud-1", "cloud", False, False, ["not used"])]
    boxes = pd.DataFrame(rows, columns=["pool", "place", "tier", "used", "hottest", "text"])
    ends = [("field", "plant", "plant", "1 Gbit/s", False), ("uplink", "plant", "cloud-1", "200 Mbit/s", False)]
    return topology(places, boxes, pd.DataFrame(ends, columns=["link", "start", "end", "text", "hottest"]))


def test_a_box_has_name_tier_and_mark_and_is_dashed_where_unused() -> None:
    root = ET.fromstring(svg(picture()))
    told = [text.text for text in root.iter(f"{SVG}text")]
    for text in ("box", "gateway", "3 × thing", "far", "cloud", "not used", "plant · 1 site", "field: 1 Gbit/s"):
        assert text in told
    shapes = [path for path in root.iter(f"{SVG}path") if path.get("stroke-dasharray")]
    assert len(shapes) == 1
    filled = {path.get("fill") for path in root.iter(f"{SVG}path")}
    assert {TIER["gateway"].colour, TIER["cloud"].colour} <= filled
    bold = [text.text for text in root.iter(f"{SVG}text") if text.get("font-weight") == "bold"]
    assert "hottest: 78.0 % busy" in bold


def test_a_link_between_places_is_a_line_and_one_within_a_note() -> None:
    lines = list(ET.fromstring(svg(picture())).iter(f"{SVG}line"))
    assert len(lines) == 1
    assert words(picture()).count("uplink") == 1


def test_hostile_names_stay_text() -> None:
    root = ET.fromstring(svg(picture('<script>"&')))
    assert not list(root.iter(f"{SVG}script"))
    assert '<script>"&' in [text.text for text in root.iter(f"{SVG}text")]


TABLES = st.tuples(
    st.lists(st.booleans(), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(TIERS), st.booleans()), max_size=9),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6),
)


@settings(max_examples=15, deadline=None)
@given(TABLES)
def test_nothing_leaves_the_picture_and_no_frame_overlaps_another(
    tables: tuple[list[bool], list[tuple[int, str, bool]], list[tuple[int, int]]],
) -> None:
    local, boxes, ends = tables
    number = len(local)
    places = pd.DataFrame(
        [(f"p{i}", "3 sites in de", one) for i, one in enumerate(local)], columns=["place", "text", "local"]
    )
    rows = [
        (f"pool{i}", f"p{at % number}", tier, used, False, ["9 × thing"]) for i, (at, tier, used) in enumerate(boxes)
    ]
    table = pd.DataFrame(rows, columns=["pool", "place", "tier", "used", "hottest", "text"])
    joins = [
        (f"link{i}", f"p{a % number}", f"p{b % number}", "1 Gbit/s, 3 ms", i == 0) for i, (a, b) in enumerate(ends)
    ]
    chart = topology(places, table, pd.DataFrame(joins, columns=["link", "start", "end", "text", "hottest"]))
    spec = chart.to_dict(validate=False)
    for row in drawn(spec):
        assert min(row["x"], row["y"]) >= 0
        assert max(row["x"], row.get("x2", 0.0)) <= spec["width"]
        assert max(row["y"], row.get("y2", 0.0)) <= spec["height"]
    for text, left, right in spans(spec):
        assert left >= 0, text
        assert right <= spec["width"], text
    assert sum(row.get("text") == "9 × thing" for row in drawn(spec)) == len(boxes)
    corners = [row for row in drawn(spec) if set(row) == {"x", "y", "x2", "y2"}]
    frames = [row for row in corners if row["x2"] > row["x"] and row["y2"] > row["y"]]  # not lines
    for i, one in enumerate(frames):
        for other in frames[:i]:
            apart = (
                one["x2"] <= other["x"] or other["x2"] <= one["x"] or one["y2"] <= other["y"] or other["y2"] <= one["y"]
            )
            assert apart


def test_the_hottest_pool_is_the_busiest_station(plan: Plan) -> None:
    assert plan.result is not None
    busiest = plan.result.stations.sort_values("utilisation").iloc[-1]
    table = pools(plan)
    assert list(table.loc[table["hottest"], "pool"]) == [busiest["pool"]]
    told = hottest(plan)
    assert told.startswith(f"Hottest: {busiest['pool']}, {busiest['group']}, {percent(busiest['utilisation'])} busy.")
    assert "much room" in told
    assert "waits 2.5 ms there on average" in told  # two tills fire together: every second reading waits 5 ms
    assert f"hottest: {percent(busiest['utilisation'])} busy" in words(plan_picture(plan))


def test_a_link_can_be_the_hottest(plan: Plan) -> None:
    scenario = plan.scenario.with_({"links.line.up": "200 kbit/s"})
    assert plan.placement is not None
    hot = replace(plan, scenario=scenario, result=simulate(scenario, plan.placement, replications=2, seed=1))
    assert hot.result is not None
    assert hot.result.links["busiest_fraction"].max() > hot.result.stations["utilisation"].max()
    assert list(links(hot).loc[links(hot)["hottest"], "link"]) == ["line"]
    assert hottest(hot).startswith("Hottest: link line, up at shop/south")
    assert not pools(hot)["hottest"].any()


def test_overload_is_said_loudly(overloaded: Plan) -> None:
    assert hottest(overloaded).startswith("OVERLOADED: line.up.")
    assert any("OVERLOADED" in text for text in words(plan_picture(overloaded)))


def test_without_a_simulation_nothing_is_hot(plan: Plan) -> None:
    bare = replace(plan, result=None)
    assert hottest(bare).startswith("Not simulated")
    assert not pools(bare)["hottest"].any()
    assert not links(bare)["hottest"].any()


def test_groups_are_told_apart_in_a_box(plan: Plan) -> None:
    assert {"1 × toy-box in north", "1 × toy-box in south"} <= set(words(plan_picture(plan)))


def test_the_picture_is_described_for_those_who_do_not_see_it(plan: Plan) -> None:
    told = str(plan_picture(plan).description)
    assert told.startswith("What runs where. In use: till (device), box (gateway), region (regional cloud).")
    assert hottest(plan) in told


def test_print_has_a_page_for_each_limit_and_one_for_the_cost(plan: Plan, tmp_path: Path) -> None:
    print_figures(plan, tmp_path / "one.pdf")
    print_figures(plan, tmp_path / "other.pdf")
    text = (tmp_path / "one.pdf").read_bytes()
    assert text.startswith(b"%PDF")
    assert text.count(b"/Type /Page\n") + text.count(b"/Type /Page ") == 5  # two limits at two shops
    assert text == (tmp_path / "other.pdf").read_bytes()
    assert b"CreationDate" not in text


def test_a_name_in_print_is_no_formula_and_may_have_any_letter(plan: Plan, tmp_path: Path) -> None:
    scenario = replace(plan.scenario, name="$\\frac{1}$ 店")
    none = replace(plan, scenario=scenario, placement=None, result=None, baselines=())
    print_figures(none, tmp_path / "named.pdf")
    assert (tmp_path / "named.pdf").stat().st_size > 1000


def test_a_plan_without_placement_prints_one_page(plan: Plan, tmp_path: Path) -> None:
    none = replace(plan, placement=None, result=None, baselines=(), bill=(), usd_per_month=None)
    print_figures(none, tmp_path / "none.pdf")
    assert (tmp_path / "none.pdf").read_bytes().startswith(b"%PDF")
