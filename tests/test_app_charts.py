"""Charts say what their numbers say: real pictures, read back."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.charts.canvas import text_width
from app.charts.cost import cost_chart
from app.charts.distribution import distribution, nice
from app.charts.look import Scheme, standing_alone, svg
from app.charts.response import _placed, response_chart
from app.charts.split import split_chart
from app.charts.timeline import MOST_COLUMNS, timeline_chart
from app.charts.waterfall import waterfall_chart
from planner.formats import THIN

SVG = "{http://www.w3.org/2000/svg}"
SAMPLES = np.random.default_rng(1).gamma(9.0, 0.7, 20_000)


def counted(samples: Any) -> tuple[Any, Any]:
    """Values and how often each occurs."""
    return np.unique(samples, return_counts=True)


def words(picture: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(picture).iter(f"{SVG}text")]


def rows(chart: Any) -> list[dict[str, Any]]:
    return [row for table in chart.to_dict()["datasets"].values() for row in table]


def split_table(waiting: float = 1234.0) -> pd.DataFrame:
    parts = [("inspect at plant/all", "waiting", waiting), ("inspect at plant/all", "service", 5.4)]
    return pd.DataFrame([*parts, ("inspect at plant/all", "network", 0.0)], columns=["what", "part", "ms"])


def cost_table() -> pd.DataFrame:
    here = [("here", "hardware", 200.0), ("here", "maintenance", 39.4), ("here", "electricity", 76.0)]
    cloud = [("all cloud", "instances", 1921.0), ("all cloud", "egress", 82.3), ("all edge", "", float("nan"))]
    return pd.DataFrame([*here, *cloud], columns=["placement", "item", "usd_per_month"])


def waterfall_table() -> pd.DataFrame:
    one, other = "1. scan, 40.8 ms: till 3", "2. scan, 5.0 ms: till 4"
    steps = [(one, "read", "wait", "box", 0.0, 8.0), (one, "read", "service", "box", 8.0, 30.0)]
    steps += [
        (one, "read, answer", "transmission", "line.down", 30.0, 30.8),
        (other, "read", "service", "box", 0.0, 5.0),
    ]
    return pd.DataFrame(steps, columns=["request", "task", "what", "where", "begin_ms", "end_ms"])


def timeline_table(steps: int = 4) -> pd.DataFrame:
    """A queue that grows, and a workload with nothing born in the first step and nothing answered in the last."""
    times = [float(step) for step in range(steps)]
    late = [float("nan"), *[20.0] * (steps - 2), float("inf")]
    rows = [("box, in queue", "waiting", t, t, f"{times[-1]:g}") for t in times]
    rows += [("scan, p95", "response", t, value, "never answered") for t, value in zip(times, late, strict=True)]
    return pd.DataFrame(rows, columns=["strip", "kind", "t_s", "value", "largest"]).assign(step_s=1.0)


CHARTS = {
    "timeline": lambda scheme: timeline_chart(timeline_table(), scheme),
    "no timeline": lambda scheme: timeline_chart(timeline_table()[:0], scheme),
    "waterfall": lambda scheme: waterfall_chart(waterfall_table(), scheme),
    "no waterfall": lambda scheme: waterfall_chart(waterfall_table()[:0], scheme),
    "response": lambda scheme: response_chart(*counted(SAMPLES), 10.0, 0.99, scheme),
    "no response": lambda scheme: response_chart(*counted(np.array([np.inf, np.inf])), 10.0, 0.99, scheme),
    "split": lambda scheme: split_chart(split_table(), scheme),
    "cost": lambda scheme: cost_chart(cost_table(), scheme),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_is_one_named_element_that_points_nowhere(name: str) -> None:
    picture = svg(CHARTS[name]("page"))
    root = ET.fromstring(picture)
    assert picture.startswith("<svg")
    assert root.get("role") == "img"
    assert root.get("aria-label") == CHARTS[name]("page").description
    assert not re.search(r'href|@import|url\((?!#)|http(?!://www\.w3\.org/2000/svg")', picture)
    assert not {"script", "style", "image"} & {element.tag.removeprefix(SVG) for element in root.iter()}


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_has_the_ink_of_its_page_and_no_paper(name: str) -> None:
    picture = svg(CHARTS[name]("page"))
    assert 'fill="currentColor"' in picture
    assert not re.search(r'"(#fff(fff)?|white|#000(000)?|black)"', picture)
    assert "currentColor" not in svg(CHARTS[name]("dark"))


@pytest.mark.parametrize("name", CHARTS)
def test_text_is_large_enough_to_read(name: str) -> None:
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg(CHARTS[name]("page")))]
    assert sizes
    assert min(sizes) >= 11


def test_equal_charts_are_equal_bytes_and_different_ones_share_no_name() -> None:
    first, again = (svg(CHARTS["response"]("page")) for _ in range(2))
    assert first == again
    one, other = (set(re.findall(r'id="([^"]+)"', svg(CHARTS[name]("page")))) for name in ("response", "split"))
    assert not one & other
    for name in re.findall(r"url\(#([^)]+)\)", first):
        assert f'id="{name}"' in first


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_file_of_its_own_is_a_picture_with_its_own_paper(scheme: Scheme) -> None:
    text = standing_alone(svg(CHARTS["split"](scheme)))
    root = ET.fromstring(text)
    style = root.find(f"{SVG}style")
    assert style is not None
    assert "prefers-color-scheme: dark" in (style.text or "")


# response times


def test_the_chart_draws_limit_and_percentile() -> None:
    chart = response_chart(*counted(np.array([1.0, 2.0, 3.0, 9.0, np.inf])), 10.0, 0.75)
    told = words(svg(chart))
    assert "limit 10 ms" in told
    assert "p75 9.0 ms" in told
    assert "response time [ms] – 1 of 5 were never answered" in told
    assert chart.description == "Response times of 5 requests, p75 9.0 ms, limit 10 ms, 80.0 % within the limit."


def test_without_any_answer_it_says_so() -> None:
    assert words(svg(CHARTS["no response"]("page"))) == ["none of 2 requests was answered"]
    assert words(svg(response_chart(*counted(np.array([]))))) == ["none of 0 requests was answered"]


def test_a_limit_far_beyond_does_not_squeeze_the_distribution() -> None:
    found = distribution(*counted(SAMPLES), 1000.0, 0.99)
    assert found.right_ms < 30
    assert [line.text for line in found.lines if line.far] == ["limit 1 s →"]
    assert "limit 1 s →" in words(svg(response_chart(*counted(SAMPLES), 1000.0, 0.99)))


def test_large_times_are_parted_by_thin_spaces() -> None:
    assert f"2{THIN}000" in words(svg(response_chart(*counted(SAMPLES * 300), 3000.0, 0.99)))


positive = st.floats(1e-3, 1e6)


@example(np.array([1.0, 761905.0]), 0.015625)  # a limit much nearer to zero than a bar is wide
@settings(deadline=None)
@given(
    st.lists(st.one_of(positive, st.just(0.0), st.just(np.inf)), max_size=60).map(np.array),
    st.one_of(st.none(), positive),
)
def test_bars_hold_every_request_that_is_not_told_beside_them(response: Any, limit: float | None) -> None:
    found = distribution(*counted(response), limit, None)
    answered = response[np.isfinite(response)]
    shown = answered[answered <= found.right_ms]
    assert len(found.bars) <= 100
    assert (found.bars["to_ms"] - found.bars["from_ms"] <= found.step_ms * 1.001).all()
    assert found.bars["percent"].sum() == pytest.approx(100 * len(shown) / max(len(response), 1))
    assert bool(found.notes) == (len(shown) < len(response))
    if limit is not None and not any(line.far for line in found.lines):
        late = found.bars.loc[found.bars["late"], "percent"].sum()
        assert late == pytest.approx(100 * np.sum(shown > limit) / max(len(response), 1))


@settings(deadline=None)
@given(st.lists(positive, min_size=1, max_size=40).map(np.array), positive, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_labels_stay_in_the_picture_and_cross_neither_each_other_nor_a_line(
    response: Any, limit: float, percentile: float
) -> None:
    found = distribution(*counted(response), limit, percentile)
    placed = _placed(found.lines, found.right_ms)
    spans = []
    for one in placed:
        at, width = one.line.at_ms / found.right_ms * 640, text_width(one.line.text, bold=True) + 5
        spans.append((at - width, at) if one.leftwards else (at, at + width))
        assert spans[-1][0] >= -1e-6
        assert spans[-1][1] <= 640 + 1e-6
    assert len({one.row for one in placed}) == len(placed)
    for one, (low, high) in zip(placed, spans, strict=True):
        for other in placed:
            longer = other.row < one.row and not other.line.far
            assert not (longer and low + 1e-6 < other.line.at_ms / found.right_ms * 640 < high - 1e-6)


@settings(deadline=None)
@given(st.floats(1e-9, 1e9))
def test_steps_are_round_and_not_too_small(least: float) -> None:
    step = nice(least)
    assert least * (1 - 1e-9) <= step <= least * 2.5 * (1 + 1e-9)
    assert f"{step:e}"[0] in "125"


# bars


def test_every_value_of_a_split_is_written() -> None:
    assert words(svg(split_chart(split_table()))) == [
        "inspect at plant/all",
        f"1{THIN}239 ms",
        f"waiting 1{THIN}234",
        "service 5.4",
        "network 0.0",
    ]


def test_what_was_never_answered_has_no_bar() -> None:
    picture = svg(split_chart(split_table(float("nan"))))
    assert words(picture) == ["inspect at plant/all", "nothing was answered"]


def test_lengths_are_in_proportion() -> None:
    boxes = {
        row["tip"].split(", ")[1].split(":")[0]: row["x2"] - row["x"]
        for row in rows(cost_chart(cost_table()))
        if "tip" in row
    }
    assert boxes["equipment"] / boxes["electricity"] == pytest.approx(239.4 / 76.0, rel=0.01)
    assert boxes["cloud"] / boxes["equipment"] == pytest.approx(1921.0 / 239.4, rel=0.01)


def test_a_cost_has_its_total_and_what_is_impossible_is_said() -> None:
    told = words(svg(cost_chart(cost_table())))
    assert "315 USD a month" in told
    assert f"2{THIN}003 USD a month" in told
    assert "equipment 239" in told
    assert told.count("impossible") == 1


def test_an_unknown_item_is_not_lost() -> None:
    table = pd.DataFrame([("here", "something new", 5.0)], columns=["placement", "item", "usd_per_month"])
    assert "other 5.00" in words(svg(cost_chart(table)))


# waterfalls


def test_a_waterfall_writes_every_step_with_its_time_below_its_request() -> None:
    told = words(svg(CHARTS["waterfall"]("page")))
    assert {"1. scan, 40.8 ms: till 3", "read: wait at box", "8.0 ms", "read: box", "22.0 ms"} <= set(told)
    assert {"read, answer: sent over line.down", "0.8 ms", "2. scan, 5.0 ms: till 4", "5.0 ms"} <= set(told)


def test_the_bars_of_a_request_share_a_scale_that_ends_with_it() -> None:
    boxes = [row for row in rows(CHARTS["waterfall"]("page")) if "tip" in row]
    wait, service, sent, other = sorted(boxes, key=lambda row: row["y"])
    assert (service["x2"] - service["x"]) / (wait["x2"] - wait["x"]) == pytest.approx(22 / 8, rel=0.01)
    assert service["x"] == pytest.approx(wait["x2"], abs=0.2)
    assert sent["x2"] == pytest.approx(other["x2"], abs=1.0)


def test_without_any_request_the_waterfall_says_so() -> None:
    assert "no request was answered" in words(svg(CHARTS["no waterfall"]("page")))


# timelines


def test_a_timeline_has_a_strip_for_each_with_its_largest_value_and_an_axis() -> None:
    told = words(svg(CHARTS["timeline"]("page")))
    assert {"box, in queue: at most 3", "scan, p95: at most never answered", "0 ms", "2 s"} <= set(told)
    assert "nothing happened" in words(svg(CHARTS["no timeline"]("page")))


def test_columns_are_as_tall_as_their_values_and_what_is_not_known_has_none() -> None:
    boxes = [row for row in rows(CHARTS["timeline"]("page")) if "tip" in row]
    queue = sorted((row for row in boxes if row["y2"] < 60), key=lambda row: row["x"])
    tall = [row["y2"] - row["y"] for row in queue]
    assert len(tall) == 3
    assert np.array(tall) / tall[-1] == pytest.approx([1 / 3, 2 / 3, 1.0], abs=0.01)
    late = [row["y2"] - row["y"] for row in boxes if row["y2"] > 60]
    assert late == pytest.approx([tall[-1]] * 3, abs=0.2)


def test_the_largest_of_several_steps_stands_for_them() -> None:
    table = timeline_table(1000)
    boxes = [row for row in rows(timeline_chart(table[table["kind"] == "waiting"])) if "tip" in row]
    assert MOST_COLUMNS / 2 < len(boxes) <= MOST_COLUMNS
    assert max(row["y2"] - row["y"] for row in boxes) == pytest.approx(34.0, abs=0.2)
