"""The report as a page and as Markdown, proven against the plan it tells of."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import scenarios
from app.charts.look import PAPER, SIGN, TIER
from app.invocation import Invocation
from app.report.bill import bill_table, factors
from app.report.parts import Report, Table
from app.report.rendering import html, linked, markdown
from app.report.report import report_html, report_of, write_report
from app.tables.sources import sources
from app.tables.verdict import verdict
from hardware_profiles.faults import BadInput
from hardware_profiles.writing import place
from planner.formats import THIN, number
from planner.planning import plan as make
from planner.plans import Assumption, Broken, Flip, Plan

ASKED = Invocation("tierwise", "two-site-toy", ("links.line.rtt=30 ms",))
HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7 * 7 }} <img src=http://evil.example/x> | *a* _b_ `c` [d](e)"
VOID = {"meta", "br", "img", "link", "input", "hr"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make(scenarios.load("two-site-toy"))


@pytest.fixture(scope="module")
def report(plan: Plan) -> Report:
    return report_of(plan, ASKED)


@pytest.fixture(scope="module")
def page(report: Report) -> Page:
    return Page(html(report))


@pytest.fixture(scope="module")
def no_plan() -> Plan:
    return make(scenarios.load("two-site-toy", set={"workloads.scan.requires.latency.read.p99": "1 ms"}))


@pytest.fixture(scope="module")
def no_report(no_plan: Plan) -> Report:
    return report_of(no_plan, ASKED)


class Page(HTMLParser):
    """What a browser would make of it: tags that open and close, what would be fetched, headings, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.unbalanced: list[str] = []
        self._open: list[str] = []
        self.source = text
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "srcset", "href", "xlink:href", "action", "data", "poster"):
                self.fetched.append(value or "")
            elif name == "id":
                self.ids.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def finished(self) -> bool:
        return not self._open and not self.unbalanced


def table_of(report: Report, caption: str) -> Table:
    return next(table for section in report.sections for table in section.tables if table.caption == caption)


def value(text: str) -> float:
    return float(text.replace(THIN, "").replace("+", ""))


def parsed(text: str) -> list[Token]:
    """As an independent reader of Markdown takes it, what stands within a line included."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


def shapes(text: str) -> list[list[int]]:
    """Of each table, how many cells each row has, by its bare lines: a reader would fill up a short one."""
    found: list[list[int]] = []
    for before, line in pairwise(["", *text.splitlines()]):
        if line.startswith("|"):
            found += [] if before.startswith("|") else [[]]
            found[-1].append(len(re.split(r"(?<!\\)\|", line)[1:-1]))
    return found


def test_both_open_on_the_verdict_and_its_reason(plan: Plan, report: Report, page: Page) -> None:
    said = verdict(plan)
    order = [said.headline, said.placed[0], said.cost, said.why, said.otherwise[0]]
    for text in (page.text, markdown(report).replace("\\", "")):
        places = [text.index(sentence) for sentence in order]
        assert places == sorted(places)
        assert places[-1] < text.index("read, p99 (north)")
    assert f"{SIGN['met'].glyph} Met" in page.text


def test_what_is_missed_comes_before_the_plan(plan: Plan) -> None:
    checks = (replace(plan.checks[0], verdict="missed", simulated=0.0131), *plan.checks[1:])
    text = Page(report_html(replace(plan, checks=checks), ASKED)).text
    assert text.index("Missed: 1 of 5 requirements") < text.index("MISSED read, p99 (north): limit 12 ms")
    assert text.index("MISSED read, p99 (north)") < text.index("read on 1 toy-box")


def test_the_page_is_whole_and_its_headings_and_ids_are_in_order(page: Page, no_report: Report) -> None:
    for one in (page, Page(html(no_report))):
        assert one.finished(), one.unbalanced
        assert [tag for tag in one.tags if tag == "h1"] == ["h1"]
        assert not {"h3", "h4"} & set(one.tags)
        assert len(one.ids) == len(set(one.ids))
        assert {f"#{name}" for name in one.ids} >= {link for link in one.links if link.startswith("#")}
        assert one.tags.count("caption") == one.tags.count("table")
        assert 'lang="en"' in one.source


def test_nothing_is_fetched_and_only_sources_are_linked(plan: Plan, page: Page) -> None:
    assert all(target.startswith("#") for target in page.fetched)
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    assert not re.search(r"@import|url\((?!#)", page.source)
    told = " ".join(sources(plan)["source"])
    assert all(link.startswith("#") or link in told for link in page.links)


def test_every_colour_of_the_page_is_of_the_visual_language(page: Page) -> None:
    known = {mark.colour for mark in TIER.values()} | {one for sign in SIGN.values() for one in (sign.light, sign.dark)}
    known |= {colour for paper in PAPER.values() for colour in vars(paper).values()}
    style = page.source[page.source.index("body {") : page.source.index("</style>")]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb", style)
    assert all(colour in page.source for colour in (PAPER["light"].ink, PAPER["dark"].ink))
    assert "prefers-color-scheme: dark" in page.source
    assert "@page { size: A4" in page.source


def test_every_line_of_the_bill_can_be_multiplied_and_the_sum_is_the_total(plan: Plan, report: Report) -> None:
    *lines, total = table_of(report, "The bill of a month (730 h)").rows
    assert len(lines) == len(plan.bill)
    for row, line in zip(lines, plan.bill, strict=True):
        product = value(row[1].split(" ")[0]) * value(row[2])
        assert round(product, 2) == value(row[3]) == round(line.usd_per_month, 2)
        assert line.item in row[0]
        assert row[1].split(" ")[1] in (line.unit, line.unit.removesuffix("s"))
        assert line.source in row[6]
        assert row[5] == (line.date or "undated")
    assert sum(value(row[3]) for row in lines) == pytest.approx(value(total[3]), abs=0.01 * len(lines))
    assert plan.usd_per_month is not None
    assert total[3] == number(plan.usd_per_month, 2)


@pytest.mark.parametrize(
    ("quantity", "price"),
    [(30, 5.196971), (7.884, 0.05), (238.60488, 0.206522), (1e6, 0.0012), (4.7304e9, 1.37e-6), (0, 3.5), (2, 0.0)],
)
def test_the_factors_of_a_line_give_its_amount_to_the_cent(quantity: float, price: float) -> None:
    shown = factors(quantity, price)
    assert round(value(shown[0]) * value(shown[1]), 2) == round(quantity * price, 2)


def test_a_bill_whose_rounded_lines_do_not_add_up_says_so(plan: Plan) -> None:
    bill = tuple(replace(line, quantity=1, unit_price_usd=0.004, usd_per_month=0.004) for line in plan.bill[:2])
    bent = replace(plan, bill=bill, usd_per_month=0.008)
    assert "rounded to the cent" in bill_table(bent).note
    assert "rounded to the cent" not in bill_table(plan).note


def test_another_currency_is_told_with_its_rate_and_date(plan: Plan) -> None:
    euro = replace(plan.scenario, currency="EUR", usd_per_currency=1.25, exchange_date="2026-11-02")
    total = bill_table(replace(plan, scenario=euro)).rows[-1]
    assert total[6] == "11.69 EUR (1 EUR = 1.25 USD, 2026-11-02)"


def test_what_has_no_source_or_date_is_unknown_and_no_zero(plan: Plan) -> None:
    bill = (replace(plan.bill[0], source="", date="", kind="listed"), *plan.bill[1:])
    row = bill_table(replace(plan, bill=bill)).rows[0]
    assert row[4:] == ("listed", "undated", "unknown")


def test_the_hottest_element_is_the_busiest_station(plan: Plan, report: Report) -> None:
    assert plan.result is not None
    busiest = plan.result.stations.sort_values("utilisation").iloc[-1]
    assert max(plan.result.links["busiest_fraction"]) < busiest["utilisation"]
    (told,) = next(section.text for section in report.sections if section.heading == "What runs where")
    assert str(busiest["pool"]) in told
    assert f"{busiest['utilisation'] * 100:.1f} %" in told


def test_every_source_and_every_requirement_is_a_row(plan: Plan, report: Report) -> None:
    rows = table_of(report, "Every catalogue row behind a figure").rows
    assert {row[0] for row in rows} == set(sources(plan)["what"])
    assert all(cell for row in rows for cell in row)
    assert len(table_of(report, "Every requirement").rows) == len(plan.checks)


def test_every_baseline_is_told_with_all_it_breaks(plan: Plan, report: Report) -> None:
    rows = table_of(report, "Baselines").rows
    for row, baseline in zip(rows, plan.baselines, strict=True):
        assert baseline.usd_per_month is not None
        assert row[1] == number(baseline.usd_per_month, 2)
        assert all(broken.text in row[3] for broken in baseline.breaks)
    bent = replace(plan, baselines=(replace(plan.baselines[0], usd_per_month=None, placement=None, breaks=()),))
    assert table_of(report_of(bent, ASKED), "Baselines").rows == (("all cloud", "impossible", "–", "–"),)


def test_assumptions_say_what_they_move_and_what_was_not_tried(plan: Plan) -> None:
    flip = Flip("prices.a.price", "price of a", 9.0, 7.0, "USD", "box", "gateway", "a", "prices.a.price='7 USD'")
    assumptions = (
        Assumption("prices.per_node.lifetime", "lifetime", "5 year", "assumed", "usual", -2.0),
        Assumption("prices.a.price", "price of a", "9 USD", "assumed", "no list", 0.0),
        Assumption("figures.0", "overhead", "1 ms", "assumed", "left out", None),
    )
    rows = table_of(report_of(replace(plan, assumptions=assumptions, flips=(flip,)), ASKED), "Assumed figures").rows
    assert [row[:4] for row in rows] == [
        ("price of a", "9 USD", "0", "to box (gateway) at ≤ 7 USD"),
        ("lifetime", "5 year", "-2.00", "not tried"),
        ("overhead", "1 ms", "not tried", "not tried"),
    ]


def test_a_report_can_be_repeated(plan: Plan, report: Report, page: Page) -> None:
    assert report.command == "tierwise run two-site-toy --set links.line.rtt='30 ms'"
    assert report.command in page.text
    assert plan.result is not None
    told = {row[0]: row[1] for row in table_of(report, "To have it again").rows}
    assert told["seed"] == str(plan.seed)
    assert told["replications"] == str(plan.result.replications)
    assert told["measured span"].startswith(f"{plan.result.span_s:g} s each")
    assert all(f"{name} {version}" in told["versions"] for name, version in plan.result.versions.items())
    assert plan.scenario.hash in told["scenario"]


def test_the_report_of_no_plan_says_first_what_stands_in_the_way(no_plan: Plan, no_report: Report) -> None:
    text = Page(html(no_report)).text
    assert text.index("Infeasible: no placement meets every requirement") < text.index(
        "What would make a plan possible"
    )
    headings = [section.heading for section in no_report.sections]
    assert headings[0] == "What would make a plan possible"
    assert "What the other pools break" in headings
    assert "The bill" not in headings
    (row,) = table_of(no_report, "Each change alone, the others kept").rows
    assert row[0] == no_plan.conflict[0].what
    assert row[-1].startswith(f"--set {no_plan.conflict[0].path}='")


def test_a_report_where_the_search_ran_out_claims_nothing(no_plan: Plan) -> None:
    text = Page(report_html(replace(no_plan, status="unknown", refuted=9, undecided=3), ASKED)).text
    assert "No plan found: within the budget of simulations; none is proven impossible" in text
    assert "9 placements failed in simulation, 3 stayed undecided" in text
    assert "nfeasible" not in text


def test_the_tables_of_the_markdown_are_tables(report: Report, no_report: Report) -> None:
    for one in (report, no_report):
        told = [table for section in one.sections for table in section.filled]
        assert shapes(markdown(one)) == [[len(table.columns)] * (len(table.rows) + 2) for table in told]
        kinds = [token.type for token in parsed(markdown(one))]
        assert kinds.count("table_open") == len(told)
        assert kinds.count("tr_open") == sum(len(table.rows) + 1 for table in told)
        assert kinds.count("heading_open") == len(one.sections) + 2


def test_page_and_markdown_say_the_same(report: Report, page: Page) -> None:
    text = " ".join(re.sub(r"\\(.)", r"\1", markdown(report)).split())
    for section in report.sections:
        for table in section.filled:
            for cell in (cell for row in table.rows for cell in row if cell):
                assert " ".join(cell.split()) in page.text
                assert " ".join(cell.split()).replace("&", "&amp;") in text


def test_hostile_text_stays_text_in_both(plan: Plan) -> None:
    scenario = replace(plan.scenario, name="../" + HOSTILE, about=f"{HOSTILE}\n# not a heading\n\n- not a list")
    checks = (replace(plan.checks[0], of=HOSTILE, group=f"{HOSTILE}\n|---|"),)
    bill = tuple(replace(line, source=HOSTILE, item=HOSTILE) for line in plan.bill)
    excluded = tuple(
        replace(reason, excluded=tuple(replace(one, broken=(Broken("x", HOSTILE),)) for one in reason.excluded))
        for reason in plan.reasons
    )
    asked = replace(ASKED, scenario=f"{HOSTILE}\n```\n<script>")
    report = report_of(replace(plan, scenario=scenario, checks=checks, bill=bill, reasons=excluded), asked)
    page, text = Page(html(report)), markdown(report)
    assert page.finished()
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert('x')</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    tokens = parsed(text)
    assert not {"html_block", "html_inline", "link_open", "code_inline"} & {token.type for token in tokens}
    assert [token.content for token in tokens if token.type == "fence"] == [asked.line("run") + "\n"]
    assert [token.type for token in tokens].count("heading_open") == len(report.sections) + 2
    assert all(len(set(rows)) == 1 for rows in shapes(text))
    assert any("<script>alert('x')</script>" in token.content for token in tokens if token.type == "text")


def test_only_the_address_within_a_text_is_a_link() -> None:
    text = 'list price; https://prices.example/a_b?c=1&d=2. "x" javascript:alert(1)'
    assert str(linked(text)) == (
        'list price; <a href="https://prices.example/a_b?c=1&amp;d=2" rel="noreferrer">'
        "https://prices.example/a_b?c=1&amp;d=2</a>. &#34;x&#34; javascript:alert(1)"
    )


def test_every_file_of_the_report_is_written_and_the_markdown_shows_those_beside_it(
    plan: Plan, report: Report, tmp_path: Path
) -> None:
    files = write_report(plan, ASKED, tmp_path)
    names = [file.name for file in files]
    assert names[:2] == ["report.html", "report.md"]
    assert {"topology.svg", "split.svg", "cost.svg", "plan.json", "figures.pdf"} <= set(names)
    assert sum(name.startswith("response-") for name in names) == 4
    assert {file.name for file in (tmp_path / "two-site-toy").iterdir()} == set(names)
    shown = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", files[1].read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(name for name in names if name.endswith(".svg"))
    for name in shown:
        ET.fromstring((tmp_path / "two-site-toy" / name).read_text(encoding="utf-8"))
    assert (tmp_path / "two-site-toy" / "figures.pdf").read_bytes().startswith(b"%PDF")
    assert files[0].read_text(encoding="utf-8") == html(report)


def test_a_run_leaves_no_file_of_a_former_one_beside_its_report(plan: Plan, no_plan: Plan, tmp_path: Path) -> None:
    here = tmp_path / "two-site-toy"
    drawn = {file.name for file in write_report(plan, ASKED, tmp_path)}
    others = {"notes.md", "split.png", "simulation.json", "my-figures.pdf"}
    for name in others:
        (here / name).write_text("mine")
    (here / "response-of-mine.svg").mkdir()  # no file of ours
    files = {file.name for file in write_report(no_plan, ASKED, tmp_path)}
    assert {"figures.pdf", "split.svg"} <= drawn - files
    assert {path.name for path in here.iterdir()} == files | others | {"response-of-mine.svg"}
    assert {(here / name).read_text() for name in others} == {"mine"}
    again = {file.name for file in write_report(plan, ASKED, tmp_path)}
    assert again == drawn
    assert {path.name for path in here.iterdir()} == drawn | others | {"response-of-mine.svg"}


def test_names_that_differ_only_in_signs_have_pictures_of_their_own(plan: Plan) -> None:
    assert plan.result is not None
    from app.report.pictures import _apart, cost_picture

    picture = cost_picture(plan)
    assert picture is not None
    assert [one.file for one in _apart([picture, picture])] == ["cost.svg", "cost--2.svg"]


def test_a_file_that_cannot_be_finished_stays_what_it_was(tmp_path: Path) -> None:
    def half(unfinished: Path) -> None:
        assert unfinished.suffix == ".pdf"
        unfinished.write_text("half")
        raise OSError(28, "No space left on device")

    old = tmp_path / "figures.pdf"
    old.write_text("old")
    with pytest.raises(BadInput, match=r"--out.*No space left"):
        place(old, half)
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]
