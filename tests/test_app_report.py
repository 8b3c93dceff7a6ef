"""The printed page and the report, from a real plan of the toy scenario and from plans bent in one place."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import scenarios
from app import plan_tables
from app.infeasible import infeasible
from app.invocation import Invocation
from app.lines import COLUMNS
from app.report import write_plan, write_report
from app.report_tables import tables
from app.summary import LINES, summary
from hardware_profiles.faults import BadInput
from planner import plan_file
from planner.formats import THIN, number
from planner.planning import plan as make
from planner.plans import Alternative, Broken, Check, Excluded, Flip, Plan, Relaxation
from planner.wording import setting

ASKED = Invocation("tierwise", "two-site-toy")
HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7 * 7 }} <img src=http://evil.example/x>"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make(scenarios.load("two-site-toy"))


@pytest.fixture(scope="module")
def no_plan() -> Plan:
    return make(scenarios.load("two-site-toy", set={"workloads.scan.requires.latency.read.p99": "1 ms"}))


def check(name: str = "read", verdict: str = "met", simulated: float = 0.0081) -> Check:
    return Check("scan", name, "p99", "shop/north", 0.01, "s", 0.0082, simulated, 0.0078, 0.0084, verdict, 0.0086)  # type: ignore[arg-type]


def fits(lines: list[str]) -> bool:
    return len(lines) <= LINES and all(len(line) <= COLUMNS for line in lines)


def report_of(plan: Plan, folder: Path) -> str:
    return write_report(plan, summary(plan, ASKED), ASKED, folder).read_text(encoding="utf-8")


class Page(HTMLParser):
    """What a browser would make of it: tags, attributes that fetch something, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action", "data")
        ]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_what_is_missed_is_the_first_line(plan: Plan) -> None:
    bent = replace(plan, checks=(check(), check("late", "missed", 0.0131)))
    lines = summary(bent, ASKED)
    assert lines[0] == "MISSED  late, p99 (shop/north): limit 10 ms, planned 8.2, simulated 13.1…"
    assert fits(lines)


def test_a_plan_that_meets_everything_starts_with_its_name(plan: Plan) -> None:
    assert summary(plan, ASKED)[0].startswith("two-site-toy")


def test_much_to_say_still_fits_on_the_page(plan: Plan) -> None:
    long = "a requirement with a very long name that goes on and on " * 3
    broken = (Broken("latency", long, 0.02, 0.01, "s"),)
    excluded = tuple(
        Excluded(f"pool-{i}", tier, "hardware", "variant", broken) for i, tier in enumerate(("device", "cloud"))
    )
    other = Alternative("tier", "box", "gateway", "hardware-with-a-long-name", 3, "variant", 1234.5)
    flips = tuple(Flip(f"a.{i}", long, 0.01, 0.02, "s", f"pool-{i}", "cloud", "x", f"a.{i}='20 ms'") for i in range(9))
    reasons = tuple(replace(reason, excluded=excluded, next_tier=other) for reason in plan.reasons)
    bent = replace(plan, reasons=reasons, flips=flips, checks=tuple(check(f"task-{i}", "missed") for i in range(40)))
    assert fits(summary(bent, ASKED, Path("out/two-site-toy/report.html")))


def test_thousands_are_parted_and_both_currencies_are_shown(plan: Plan) -> None:
    euro = replace(plan.scenario, currency="EUR", usd_per_currency=1.25)
    lines = summary(replace(plan, scenario=euro, usd_per_month=12_500.0), ASKED)
    text = "\n".join(lines)
    assert f"12{THIN}500 USD (10{THIN}000 EUR) a month" in text
    assert any(line.startswith("  EUR") and f"10{THIN}000" in line for line in lines)


def test_next_shows_the_setting_that_moves_the_answer(plan: Plan, tmp_path: Path) -> None:
    flip = Flip("links.line.rtt", "round trip", 0.01, 0.002, "s", "cloud", "cloud", "toy", "links.line.rtt='2 ms'")
    lines = summary(replace(plan, flips=(flip,)), ASKED, tmp_path / "report.html")
    assert lines[-1].strip() == "Next    tierwise plan two-site-toy --set links.line.rtt='2 ms'"


def test_infeasible_is_said_first_and_every_relaxation_is_listed(no_plan: Plan) -> None:
    lines = infeasible(no_plan, ASKED)
    assert lines[0].startswith("INFEASIBLE")
    assert fits(lines)
    for relaxation in no_plan.conflict:
        assert any(relaxation.what in line for line in lines)


@pytest.mark.parametrize(
    ("relaxation", "expected"),
    [
        (Relaxation("workloads.w.requires.latency.t.p99", "limit", 0.01, 0.01152, "s"), "11.6 ms"),
        (Relaxation("workloads.w.requires.accuracy.at_least", "floor", 0.36, 0.3178, ""), "31.7 %"),
        (Relaxation("limits.budget", "budget", 100.0, 314.2, "USD"), "315 USD/month"),
        (Relaxation("pools.box.count", "box", 2, 3, "nodes"), "0..3"),
        (Relaxation("pools.till.count", "till per till", 1, 3, "nodes"), "1..3 per till"),
        (Relaxation("links.line.up", "without: line.up would be loaded 432 %", 1.0, 4.321, ""), "4.33 times"),
        (Relaxation("data.label.may_reach", "without: label may not leave", 0.0, None, ""), "absent"),
    ],
)
def test_a_relaxation_becomes_a_setting_never_short_of_what_is_needed(
    plan: Plan, relaxation: Relaxation, expected: str
) -> None:
    assert setting(plan.scenario, relaxation) == f"{relaxation.path}={expected}"


def test_the_report_holds_the_printed_lines_the_bill_and_its_total(plan: Plan, tmp_path: Path) -> None:
    page = Page(report_of(plan, tmp_path))
    text = " ".join(page.words)
    for line in summary(plan, ASKED):
        assert line in text
    for line in plan.bill:
        assert line.item in text
    assert plan.usd_per_month is not None
    assert number(plan.usd_per_month, 2) in text
    assert "tierwise run two-site-toy" in text
    assert f"seed {plan.seed}" in text
    assert page.tags.count("svg") >= 2
    assert (tmp_path / "two-site-toy" / "topology.svg").read_text().startswith("<svg")


def test_the_report_fetches_nothing(plan: Plan, tmp_path: Path) -> None:
    text = report_of(plan, tmp_path)
    page = Page(text)
    assert all(target.startswith("#") for target in page.fetched)
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    assert not re.search(r"@import|url\((?!#)", text)


def test_hostile_text_of_a_scenario_stays_text(plan: Plan, tmp_path: Path) -> None:
    scenario = replace(plan.scenario, name="../" + HOSTILE, about=HOSTILE)
    checks = (replace(check(), of=HOSTILE, group=HOSTILE),)
    bill = tuple(replace(line, source=HOSTILE, item=HOSTILE) for line in plan.bill)
    written = write_report(replace(plan, scenario=scenario, checks=checks, bill=bill), [HOSTILE], ASKED, tmp_path)
    assert tmp_path in written.parents
    page = Page(written.read_text(encoding="utf-8"))
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert('x')</script>" in " ".join(page.words)
    assert "{{ 7 * 7 }}" in " ".join(page.words)


def test_the_report_of_no_plan_says_what_stands_in_the_way(no_plan: Plan, tmp_path: Path) -> None:
    lines = infeasible(no_plan, ASKED)
    text = write_report(no_plan, lines, ASKED, tmp_path).read_text(encoding="utf-8")
    assert "What would make a plan possible" in text
    assert "What the other pools break" in text
    assert "The bill of a month" not in text


def test_every_table_is_as_wide_as_its_heading(plan: Plan, no_plan: Plan) -> None:
    for table in (*tables(plan), *tables(no_plan)):
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_the_bill_of_the_tables_adds_up_to_the_plan(plan: Plan) -> None:
    assert plan_tables.bill(plan)["usd_per_month"].sum() == pytest.approx(plan.usd_per_month)


def test_every_source_is_named_once_and_not_empty(plan: Plan) -> None:
    found = plan_tables.sources(plan)
    assert not found.duplicated().any()
    assert (found["source"] != "").all()


def test_the_written_plan_is_the_plan_and_nothing_unfinished_is_left(plan: Plan, tmp_path: Path) -> None:
    path = write_plan(plan, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(plan_file.to_dict(plan)))
    assert [one.name for one in path.parent.iterdir()] == ["plan.json"]


def test_a_folder_that_is_a_file_is_bad_input(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--out"):
        write_plan(plan, tmp_path / "file")
