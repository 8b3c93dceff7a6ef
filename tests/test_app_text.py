"""How figures and pictures are written: no scenario is needed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from app.charts.response import response_chart
from app.charts.topology import topology
from app.invocation import Invocation
from app.printed.lines import COLUMNS, command, cut, paragraph
from planner.formats import THIN, money, ms, number

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("value", [0.0, 0.004, 0.99, 9.99, 9.996, 1234.5, 1e9, -3.2, float("inf"), float("nan")])
def test_no_figure_is_empty_or_minus_zero(value: float) -> None:
    for write in (number, money, ms):
        text = write(value)
        assert text
        assert text not in ("-0", "-0.0", "-0.00")


def test_thousands_stay_on_one_line_when_text_is_wrapped() -> None:
    text = " ".join(["word"] * 13 + [number(72_000)] + ["word"] * 20)
    assert any(f"72{THIN}000" in line for line in paragraph("Label", text, 5))


def test_a_paragraph_says_that_it_was_cut() -> None:
    lines = paragraph("Why", "reason " * 60, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(len(line) <= COLUMNS for line in lines)


def test_cutting_keeps_whole_words() -> None:
    assert cut("pictures must not leave the plant", 24) == "pictures must not…"
    assert cut("short", 24) == "short"


def test_a_long_command_is_continued_so_that_a_shell_reads_it_as_one() -> None:
    asked = Invocation(".venv/bin/tierwise", "factory vision.yaml", ("links.uplink.rtt=80 ms",), ("busy",), seed=7)
    lines = command("Next", asked.words("plan"))
    assert all(len(line) <= COLUMNS for line in lines)
    assert all(line.endswith("\\") for line in lines[:-1])
    joined = " ".join(line[8:].removesuffix("\\").strip() for line in lines)
    assert joined == asked.line("plan")
    assert joined == (
        ".venv/bin/tierwise plan 'factory vision.yaml' --set links.uplink.rtt='80 ms' --with busy --seed 7"
    )


def test_the_chart_draws_limit_and_percentile_and_points_nowhere_else() -> None:
    chart = response_chart(np.array([1.0, 2.0, 3.0, 9.0, np.inf]), 10.0, 0.75)
    ET.fromstring(chart)
    assert "limit 10 ms" in chart
    assert "p75 9 ms" in chart
    assert 'href="http' not in chart
    assert "currentColor" in chart


def test_a_chart_without_any_answer_is_empty_but_drawn() -> None:
    ET.fromstring(response_chart(np.array([np.inf, np.inf]), 10.0, 0.99))


def _picture(name: str = "box") -> ET.Element:
    places = pd.DataFrame([("plant", "1 site", True), ("cloud-1", "", False)], columns=["place", "text", "local"])
    rows = [(name, "plant", "gateway", True, ["3 × thing"]), ("far", "cloud-1", "cloud", False, ["not used"])]
    pools = pd.DataFrame(rows, columns=["pool", "place", "tier", "used", "text"])
    ends = [("field", "plant", "plant", "1 Gbit/s"), ("uplink", "plant", "cloud-1", "200 Mbit/s")]
    return ET.fromstring(topology(places, pools, pd.DataFrame(ends, columns=["link", "start", "end", "text"])))


def test_the_picture_has_a_frame_for_each_place_and_a_box_for_each_pool() -> None:
    root = _picture()
    shapes = [rect.get("class") for rect in root.iter(f"{SVG}rect")]
    assert sorted(shapes) == ["frame", "frame", "idle", "used"]
    assert len(list(root.iter(f"{SVG}line"))) == 1
    words = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert "3 × thing" in words
    assert "not used" in words
    assert "field: 1 Gbit/s" in words


def test_hostile_names_stay_text_in_the_picture() -> None:
    root = _picture('<script>"&')
    assert not list(root.iter(f"{SVG}script"))
    assert '<script>"&' in [text.text for text in root.iter(f"{SVG}text")]


def test_everything_of_the_picture_lies_inside_it() -> None:
    root = _picture()
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    for rect in root.iter(f"{SVG}rect"):
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= width
        assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= height
