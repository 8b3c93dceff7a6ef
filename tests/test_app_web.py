"""The page without a browser: what is opened, changed and answered, against what the planner says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import planner
import scenarios
from app.invocation import Invocation
from app.tables.verdict import verdict
from app.web import answering
from app.web.kept import Kept, kept
from app.web.measures import UNKNOWN, Compared, measures, tightest
from app.web.opening import Opened, uploaded
from app.web.page import STALE, UNPLANNED
from app.web.serving import PAGE
from app.web.take_away import plan_text, report
from hardware_profiles.faults import BadInput
from planner.plans import Plan

TOY = "two-site-toy"
LIMIT = "workloads.scan.requires.latency.read.p99"
ROUND_TRIP = "links.line.rtt"
SITES = "sites.shop.groups.south.count"
BROKEN = b"schema: 1\nname: broken\nlinks: {line: {from: shop, to: westeurope, rtt: 20, up: 10 Mb}}\n"


def open_page(monkeypatch: pytest.MonkeyPatch, *settings: str, scenario: str = TOY) -> AppTest:
    """The page as `tierwise app` starts it."""
    asked = Invocation("tierwise", scenario, settings)
    monkeypatch.setattr(sys, "argv", [str(PAGE), json.dumps(asdict(asked))])
    return AppTest.from_file(str(PAGE), default_timeout=60).run()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_page(monkeypatch)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planner.plan(scenarios.load(TOY))


@pytest.fixture(scope="module")
def larger() -> Plan:
    return planner.plan(scenarios.load(TOY, set={SITES: "2"}))


def text(page: AppTest) -> str:
    """All that the page says in elements of our own."""
    assert not page.exception
    return unescape("\n".join(element.proto.body for element in page.html))


def toy_with(*changes: tuple[str, str]) -> bytes:
    """A file like the toy with other texts in it."""
    source = (Path(scenarios.__file__).parent / "library" / f"{TOY}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source.encode()


MINE = toy_with((f"name: {TOY}", "name: my-shops"), ("about: Two", "about: My two"), ("0.01 USD/h", "0.02 USD/h"))
NOT_PLANNED_YET = toy_with((f"name: {TOY}", "name: my-shops"), ("match: {after", "match: {split: conv4, after"))


def upload(page: AppTest, data: bytes) -> AppTest:
    return page.file_uploader[0].set_value(("mine.yaml", data, "application/yaml")).run()


def shows_nothing(page: AppTest) -> bool:
    """No result, nothing to compare, to edit or to take away."""
    rest = (page.header, page.expander, page.code, page.dataframe)
    return not any(map(len, rest)) and [one.key for one in page.selectbox] == ["picked"]


def slide(page: AppTest, path: str, value: str) -> AppTest:
    slider = next(one for one in page.select_slider if one.key and one.key.endswith(path))
    return slider.set_value(value).run()


def says(page: AppTest, plan: Plan) -> bool:
    """Whether the page shows the verdict of a plan: its every word."""
    found, told = verdict(plan), text(page)
    parts = (found.word, found.told, *found.loud, *found.placed, found.cost, found.why, *found.otherwise, found.flips)
    return all(part in told for part in parts)


def test_the_page_opens_on_the_verdict_of_the_plan(page: AppTest, plan: Plan) -> None:
    assert says(page, plan)
    assert page.title[0].value == TOY
    assert STALE not in text(page)
    assert "met" in text(page)


def test_the_page_says_the_sections_of_the_report_in_its_order(page: AppTest, plan: Plan) -> None:
    from app.report.sections import sections

    headings = [heading.value for heading in page.header] + [folded.label for folded in page.expander]
    assert {section.heading for section in sections(plan)} <= set(headings)
    assert headings[0] == "Requirements"


def test_a_slider_moved_is_a_plan_of_the_changed_scenario(page: AppTest, plan: Plan, larger: Plan) -> None:
    slide(page, SITES, "2")
    assert says(page, larger)
    assert not says(page, plan)
    assert larger.usd_per_month != plan.usd_per_month
    assert page.code[0].value == f"tierwise run {TOY} --set {SITES}=2"


def test_back_to_the_scenario_as_written(page: AppTest, plan: Plan) -> None:
    slide(page, SITES, "2")
    assert not says(page, plan)
    page.button(key="as written").click().run()
    assert says(page, plan)
    assert page.code[0].value == f"tierwise run {TOY}"


def test_a_slider_moved_back_is_no_change(page: AppTest, plan: Plan) -> None:
    slide(page, SITES, "2")
    slide(page, SITES, "1")
    assert says(page, plan)
    assert page.code[0].value == f"tierwise run {TOY}"


@pytest.mark.slow
def test_without_planning_at_each_change_the_results_say_that_they_are_old(
    page: AppTest, plan: Plan, larger: Plan
) -> None:
    kept().forget()  # what is known is shown at once
    page.toggle[0].set_value(False).run()
    slide(page, SITES, "2")
    assert STALE in text(page)
    assert "Stale" in text(page)
    assert says(page, plan)
    page.button(key="plan").click().run()
    assert STALE not in text(page)
    assert says(page, larger)


def test_what_cannot_be_met_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, f"{LIMIT}=1 ms")
    nothing = planner.plan(scenarios.load(TOY, set={LIMIT: "1 ms"}))
    assert says(page, nothing)
    assert "Infeasible" in text(page)
    assert "What would make a plan possible" in [heading.value for heading in page.header]
    assert [one.key for one in page.selectbox] == ["picked"]  # nothing to compare


def test_a_broken_file_is_told_with_every_fault_and_the_former_results_stay(page: AppTest, plan: Plan) -> None:
    upload(page, BROKEN)
    with pytest.raises(BadInput) as bad:
        scenarios.load_text(BROKEN, file="mine.yaml")
    assert len(bad.value.faults) > 2
    assert all(str(fault) in text(page) for fault in bad.value.faults)
    assert "mine.yaml:3: links.line.rtt" in text(page)
    assert says(page, plan)
    assert page.title[0].value == TOY


@pytest.mark.slow
def test_a_file_that_is_one_is_opened_and_can_be_left_again(page: AppTest, plan: Plan) -> None:
    upload(page, MINE)
    assert page.title[0].value == "my-shops"
    assert page.selectbox(key="picked").value == "mine.yaml"
    assert says(page, planner.plan(scenarios.load_text(MINE, file="mine.yaml")))
    assert page.code[0].value == "tierwise run mine.yaml"
    page.selectbox(key="picked").set_value(TOY).run()
    assert page.title[0].value == TOY
    assert says(page, plan)


def test_opened_without_planning_at_once_another_scenario_shows_nothing_of_the_former_one(
    page: AppTest, plan: Plan
) -> None:
    kept().forget()
    page.toggle[0].set_value(False).run()
    assert says(page, plan)
    assert not shows_nothing(page)
    upload(page, MINE)
    assert page.title[0].value == "my-shops"
    assert "My two shops" in text(page)
    assert f"{UNPLANNED} my-shops." in text(page)
    assert verdict(plan).told not in text(page)
    assert STALE not in text(page)
    assert shows_nothing(page)
    slide(page, SITES, "2")  # nothing of it is worked out unasked
    assert shows_nothing(page)
    mine = scenarios.load_text(MINE, file="mine.yaml")
    assert not any(answering.is_known(one, 1) for one in (mine, mine.with_({SITES: "2"})))
    page.button(key="as written").click().run()
    page.button(key="plan").click().run()
    assert says(page, planner.plan(mine))
    assert UNPLANNED not in text(page)
    assert page.code[0].value == "tierwise run mine.yaml"


@pytest.mark.parametrize("at_once", [True, False])
def test_another_scenario_that_cannot_be_planned_stands_under_its_own_name_alone(
    page: AppTest, plan: Plan, at_once: bool
) -> None:
    page.toggle[0].set_value(at_once).run()
    upload(page, NOT_PLANNED_YET)
    if not at_once:
        assert UNPLANNED in text(page)
        page.button(key="plan").click().run()
    with pytest.raises(BadInput) as bad:
        planner.plan(scenarios.load_text(NOT_PLANNED_YET, file="mine.yaml"))
    assert page.title[0].value == "my-shops"
    assert str(bad.value.faults[0]) in text(page)
    assert shows_nothing(page)
    assert STALE not in text(page)
    page.selectbox(key="picked").set_value(TOY).run()
    assert says(page, plan)  # which is known


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"x" * 3_000_000, b"a: [1,"])
def test_whatever_is_uploaded_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadInput) as bad:
        uploaded("mine.yaml", data, Invocation("tierwise", TOY))
    assert str(bad.value).startswith("mine.yaml")


def test_compared_with_a_baseline_the_figures_are_those_of_its_simulation(plan: Plan) -> None:
    other = answering.against(plan, "all_cloud", lambda _: None)
    cost, latency, within, saved = measures(plan, other)
    assert other.breaks  # so nothing is better or worse than it
    assert (cost.value, cost.change, cost.better) == ("14.61 USD", "-12.79 USD (-46.7 %)", None)
    assert (latency.label, latency.value, latency.better) == ("read, p99 (south)", "10.0 ms", None)
    allowed = measures(plan, replace(other, breaks=()))
    assert [one.better for one in allowed[:2]] == [True, True]
    assert latency.about == "95 %: 10.0 ms – 10.0 ms; limit 12 ms"
    assert other.result is not None
    theirs = other.result.percentile("scan", "read", 0.99, "shop/south").value
    assert latency.change == f"-{theirs * 1e3 - 10:.1f} ms"
    assert within.label == "Within 12 ms"
    assert (saved.value, saved.better) == ("89.7 %", None)


def test_a_plan_compared_with_itself_is_neither_better_nor_worse(plan: Plan) -> None:
    found = measures(plan, answering.compared(plan))
    assert [one.better for one in found] == [None] * 4
    assert {one.change for one in found} == {"0 USD (0.0 %)", "0.0 ms", "0.0 points"}


def test_more_than_the_raw_bytes_is_told_in_times_and_no_percentage_below_nought(plan: Plan) -> None:
    grown = {"workloads.scan.tasks.match.input": "250 kB of label", LIMIT.replace("read.p99", "match.p95"): "2 s"}
    swollen = planner.plan(scenarios.load(TOY, set=grown))
    card = measures(swollen, answering.compared(swollen))[3]
    assert (card.label, card.about) == ("Bandwidth", "the raw bytes leave the sites")
    assert card.value.endswith(" times")
    assert float(card.value.removesuffix(" times")) == pytest.approx(5, rel=0.1)  # one in ten, of fifty times 5 kB
    assert (card.change, card.better) == ("0 times", None)
    less = measures(swollen, answering.compared(plan))[3]
    assert (less.change[0], less.change.endswith(" times"), less.better) == ("+", True, False)
    assert float(less.change[1:].removesuffix(" times")) == pytest.approx(4.9, rel=0.1)


def test_what_cannot_be_compared_is_said_in_words(plan: Plan) -> None:
    impossible = Compared("all edge", plan.scenario, None, None, None)
    assert {one.change for one in measures(plan, impossible)} == {"all edge: impossible"}
    forbidden = replace(impossible, placement=plan.placement, usd_per_month=1.0, why="data may not leave")
    assert [one.change for one in measures(plan, forbidden)[1:]] == ["all edge: not played"] * 3
    assert UNKNOWN in measures(plan, replace(forbidden, why=""))[2].change


def test_a_baseline_that_breaks_privacy_is_not_played_and_says_so() -> None:
    changed = scenarios.load(TOY, set={"data.label.may_reach": "[shop]"})
    made = planner.plan(scenarios.load(TOY))
    plan = replace(made, scenario=changed)
    found = answering.against(plan, "all_cloud", lambda _: None)
    assert found.result is None
    assert "label would be seen at westeurope" in found.why


def test_the_tightest_requirement_is_the_one_with_the_least_left(plan: Plan) -> None:
    check = tightest(plan)
    assert check is not None
    assert (check.of, check.group) == ("read", "shop/south")


def test_everything_is_taken_away_as_the_commands_write_it(plan: Plan) -> None:
    assert json.loads(plan_text(plan))["cost_usd_per_month"] == plan.usd_per_month
    page = report(plan, Invocation("tierwise", TOY, (f"{LIMIT}=12 ms",)))
    assert page.startswith("<!doctype html>")
    assert verdict(plan).told in unescape(page)


def test_the_changes_of_the_command_stay_and_those_of_the_page_come_over_them() -> None:
    asked = Invocation("tierwise", TOY, (f"{LIMIT}=9 ms", f"{ROUND_TRIP}=8 ms"))
    opened = Opened(asked, scenarios.load(TOY, set={LIMIT: "9 ms", ROUND_TRIP: "8 ms"}))
    now, scenario = opened.changed({LIMIT: "60 ms"})
    assert now.settings == (f"{ROUND_TRIP}=8 ms", f"{LIMIT}=60 ms")
    assert scenario.hash == scenarios.load(TOY, set={LIMIT: "60 ms", ROUND_TRIP: "8 ms"}).hash
    assert opened.changed({}) == (asked, opened.scenario)


def test_what_is_kept_is_bounded_and_made_once() -> None:
    few, made = Kept(2), []
    for key in "aabca":
        few.get(key, lambda key=key: made.append(key) or key)  # type: ignore[misc]
    assert made == ["a", "b", "c", "a"]
    assert len(few) == 2
    with pytest.raises(ZeroDivisionError):
        few.get("z", lambda: 1 / 0)
    assert "z" not in few


@pytest.fixture(autouse=True, scope="module")
def _nothing_left() -> Iterator[None]:
    yield
    kept().forget()
