"""Plans as tables: each figure against the plan, the scenario or the simulation that it is made from."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import scenarios
from app.report.sections import sections
from app.tables import plans as plan_tables
from app.tables.costs import HERE, costs, placement_bill
from app.tables.materials import materials
from app.tables.split import MOST_DRAWN, PARTS, split, split_parts
from app.tables.unbilled import unbilled
from app.tables.verdict import verdict
from planner.bill import total
from planner.planning import plan as make
from planner.plans import Assumption, Plan, Tried


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make(scenarios.load("two-site-toy"))


@pytest.fixture(scope="module")
def no_plan() -> Plan:
    return make(scenarios.load("two-site-toy", set={"workloads.scan.requires.latency.read.p99": "1 ms"}))


@pytest.fixture(scope="module")
def service() -> Plan:
    """A cloud service that is bought by the request."""
    return make(scenarios.load("smart-camera-million"), fix={"recognise": "service"})


def row(table: pd.DataFrame, **where: str) -> dict[Hashable, Any]:
    """The only row with these values."""
    for column, value in where.items():
        table = table[table[column] == value]
    (found,) = table.to_dict("records")
    return found


def test_a_verdict_has_whole_sentences(plan: Plan) -> None:
    said = verdict(plan)
    assert said.tone == "met"
    assert said.headline == (
        "Met: every requirement, for 14.61 USD a month, with read (gateway) and match (regional cloud)"
    )
    assert said.placed[1] == "match on 1 toy-machine (regional cloud)"
    assert said.cost == "14.61 USD a month, cheapest within 0.0 % (solver), 0.0 % (model)"
    assert said.why == "till: no time is stated for read on till; region: read needs 30 ms (p99), limit 12 ms"
    assert said.otherwise == ("nothing else can run it",)
    assert said.loud == ()


def test_the_worst_of_the_requirements_is_the_verdict(plan: Plan) -> None:
    first, second, *others = plan.checks
    undecided = replace(plan, checks=(first, replace(second, verdict="undecided"), *others))
    assert verdict(undecided).headline.startswith("Undecided: 1 of 5 requirements, for 14.61 USD")
    missed = replace(undecided, checks=(replace(first, verdict="missed"), *undecided.checks[1:]))
    said = verdict(missed)
    assert said.headline.startswith("Missed: 1 of 5 requirements, for 14.61 USD")
    assert [line.split("  ")[0] for line in said.loud] == ["MISSED", "UNDECIDED"]


def test_no_sentence_of_a_verdict_is_cut(plan: Plan) -> None:
    long = "a requirement with a name that goes on and on " * 5
    bent = replace(plan, checks=tuple(replace(plan.checks[0], of=long, verdict="missed") for _ in range(9)))
    said = verdict(bent)
    assert len(said.loud) == 9
    assert all(long.strip() in line and "…" not in line for line in said.loud)


def test_what_was_simulated_for_less_is_a_table_and_its_nearest_is_named(plan: Plan) -> None:
    def late(usd: float, nodes: str, seen_s: float) -> Tried:
        return Tried(usd, (nodes,), "scan", "read", "p99", "shop/north", 0.012, seen_s, 0.012, 0.02, "missed", 5)

    far, near = late(9.0, "1 toy-box in box", math.inf), late(12.0, "2 toy-box in box", 0.0131)
    bent = replace(plan, refuted=2, tried=(far, near))
    assert verdict(bent).why.endswith(
        "; 2 cheaper placements failed in simulation, the nearest with 2 toy-box in box: read p99 13.1 ms"
    )
    assert verdict(replace(bent, tried=(far,))).why.endswith("with 1 toy-box in box: read p99 without bound")
    told = plan_tables.tried(bent)[["cost", "runs_on", "limit", "asked", "simulated"]].to_numpy().tolist()
    assert told[1] == ["12.00", "2 toy-box in box", "read, p99 (north)", "12 ms", "13.1 (12.0–20.0)"]
    (table,) = (
        table
        for section in sections(bent)
        for table in section.tables
        if table.caption == "Cheaper placements that were simulated"
    )
    assert len(table.rows) == 2


def test_the_verdict_without_a_plan_says_why_and_what_would_help(no_plan: Plan) -> None:
    said = verdict(no_plan)
    assert said.headline == "Infeasible: no placement meets every requirement of two-site-toy"
    assert "box, toy-box: read needs 5 ms (p99), limit 1 ms" in said.why
    assert said.otherwise == ("read p99 limit 5 ms instead of 1 ms (18.07 USD a month)",)
    assert verdict(replace(no_plan, conflict=())).otherwise == (
        "no single requirement stands in the way: dropping any one of them is not enough",
    )
    assert verdict(replace(no_plan, status="unknown")).headline.startswith("No plan found: within the budget")


def test_waiting_service_and_network_add_up_to_the_simulated_mean(plan: Plan) -> None:
    assert plan.result is not None
    means = plan.result.response().set_index(["workload", "group", "of"])["mean_ms"]
    found = split(plan).set_index(["workload", "group", "of"])
    assert set(found.index) == set(means.index)
    assert found["response_ms"].to_dict() == pytest.approx(means.to_dict())
    for one in found.to_dict("records"):
        parts = [one[f"{part}_ms"] for part in PARTS]
        assert sum(parts) == pytest.approx(one["response_ms"])
        assert min(parts) >= 0
    match = row(split(plan), group="shop/north", of="match")  # 9 ms of work, 24.8 on the line: see the scenario's head
    assert [match[f"{part}_ms"] for part in PARTS] == pytest.approx([0, 9, 24.8], abs=0.1)


def test_what_is_drawn_of_the_split_is_in_the_table_and_not_too_much(plan: Plan) -> None:
    drawn = split_parts(plan)
    assert list(drawn["what"].unique())[:2] == ["read at shop/north", "match at shop/north"]
    assert len(drawn) == len(PARTS) * len(split(plan)) <= len(PARTS) * MOST_DRAWN
    assert drawn["ms"].sum() == pytest.approx(split(plan)["response_ms"].sum())


def test_an_answer_that_comes_with_its_task_is_drawn_once() -> None:
    beside = make(scenarios.load("smart-camera-million"))
    assert split(beside)["of"].tolist() == ["recognise", "answer"]
    assert set(split_parts(beside)["what"]) == {"recognise"}


def test_the_costs_of_every_placement_add_up_to_its_price(plan: Plan) -> None:
    sums = costs(plan).groupby("placement")["usd_per_month"].sum()
    assert sums[HERE] == pytest.approx(plan.usd_per_month)
    for baseline in plan.baselines:
        assert baseline.placement is not None
        assert sums[baseline.name.replace("_", " ")] == pytest.approx(baseline.usd_per_month)
        assert total(placement_bill(plan, baseline.placement)) == pytest.approx(baseline.usd_per_month)
    assert (costs(plan)["usd_per_month"] != 0).all()


def test_a_placement_that_is_impossible_has_no_price_and_one_that_is_free_has_none_to_pay(plan: Plan) -> None:
    impossible = replace(plan.baselines[0], usd_per_month=None, placement=None)
    rows = costs(replace(plan, baselines=(impossible,))).to_dict("records")[-1]
    assert rows["placement"] == "all cloud"
    assert math.isnan(rows["usd_per_month"])
    free = costs(replace(plan, bill=(), baselines=()))
    assert free.to_dict("records") == [{"placement": HERE, "item": "nothing", "usd_per_month": 0.0}]


def test_materials_are_every_node_of_the_plan_by_place(plan: Plan) -> None:
    found = materials(plan)
    told = found[["at", "sites", "on", "nodes_per_site", "nodes", "paid"]].to_numpy().tolist()
    assert told == [
        ["shop/north", 1, "toy-till", 1.0, 1.0, "by its user, runs no task"],
        ["shop/north", 1, "toy-box", 1.0, 1.0, "to be bought"],
        ["shop/south", 1, "toy-till", 2.0, 2.0, "by its user, runs no task"],
        ["shop/south", 1, "toy-box", 1.0, 1.0, "to be bought"],
        ["westeurope", 1, "toy-machine", 1.0, 1.0, "rented by the hour"],
    ]


def test_materials_are_per_site_and_in_all_with_their_spares() -> None:
    changes = {"sites.shop.groups.south.count": "4", "pools.box.spare": "1"}
    found = materials(make(scenarios.load("two-site-toy", set=changes)))
    box = row(found, at="shop/south", pool="box")
    assert (box["sites"], box["nodes_per_site"], box["nodes"], box["spare_nodes"]) == (4, 2, 8, 4)
    assert row(found, at="shop/south", pool="till")["nodes"] == 4 * 2


def test_a_service_bought_by_the_request_has_no_number_of_nodes(service: Plan) -> None:
    found = row(materials(service), pool="service")
    assert math.isnan(found["nodes"])
    assert found["paid"] == "rented by the request"


def test_what_is_not_on_the_bill_is_named(plan: Plan, service: Plan) -> None:
    told = dict(unbilled(plan).to_numpy().tolist())
    assert told["till at shop/south: 2 toy-till, with power"] == "paid by the user"
    assert told["the power of region"] == "within the rent; how much it is, is unknown"
    assert told["the link line"] == "no price stated at links.line.price"
    assert "the link line" not in dict(unbilled(service).to_numpy().tolist())  # 800 USD for a million messages


def test_a_power_or_price_that_nobody_knows_is_not_nothing(plan: Plan) -> None:
    book = plan.scenario.prices
    unknown = replace(book, nodes={**book.nodes, "toy-box": replace(book.node("toy-box"), idle_w=None, price=None)})
    told = dict(unbilled(replace(plan, scenario=plan.scenario.with_prices(unknown))).to_numpy().tolist())
    assert told["the power of box"] == "unknown for toy-box"
    assert told["toy-box itself"] == "its price is unknown"


def test_a_price_is_tried_only_where_somebody_would_pay_it() -> None:
    """The paths that are called tried are those that the planner tries: assumed, and on a bill."""
    assumed = "{price: 120 USD, power: {idle: 10 W, busy: 10 W}, kind: assumed, why: a guess}"
    found = plan_tables.assumptions(make(scenarios.load("two-site-toy", set={"prices.toy-box": assumed})))
    moves = found.set_index("path")["moves"]
    assert moves["prices.toy-box.price"] == plan_tables.NONE_FOUND
    assert moves["prices.toy-box.power.idle"] == plan_tables.NOT_TRIED


def test_an_effect_that_was_not_worked_out_is_no_zero(plan: Plan) -> None:
    told = Assumption("figures.0", "overhead", "1 ms", "assumed", "left out", None)
    priced = Assumption("prices.toy-box.price", "price of toy-box", "120 USD", "assumed", "a guess", 0.4)
    found = plan_tables.assumptions(replace(plan, assumptions=(priced, told)))
    assert found["what"].tolist() == ["price of toy-box", "overhead"]
    assert found["effect_usd_per_month"].isna().tolist() == [False, True]


def test_without_a_plan_there_is_nothing_to_buy_or_to_part(no_plan: Plan) -> None:
    for table in (materials(no_plan), unbilled(no_plan), split(no_plan), split_parts(no_plan)):
        assert table.empty
        assert len(table.columns) > 1
    assert HERE not in set(costs(no_plan)["placement"])
