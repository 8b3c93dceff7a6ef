"""What excludes a route, what is remembered of it, and what a plan keeps through a file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import planner
import scenarios
import sim
from app.tables.verdict import verdict
from hardware_profiles.faults import BadInput, NotSupported
from planner import plan_file
from planner.plans import Broken, Check, Plan
from planner.problem import pose
from scenarios.scenario import Scenario

SHOP = """
schema: 1
name: rules
about: One shop, three places to look at a picture.
currency: USD
sites:
  shop: {region: de, groups: {all: {count: 1}}}
pools:
  camera: {tier: device, at: shop, hardware: raspberry-pi-5, count: 2, owned: all, paid_by: user}
  box: {tier: gateway, at: shop, hardware: [jetson-orin-nano-super, jetson-orin-nx-16gb], count: 0..3}
  region: {tier: regional_cloud, at: westeurope, offer: azure NC4as_T4_v3, count: 0..2}
links:
  uplink: {from: shop, to: westeurope, rtt: 20 ms, up: 50 Mbit/s, down: 50 Mbit/s}
data:
  picture: {class: personal, may_reach: [shop, eu]}
workloads:
  people:
    source: camera
    arrivals: {kind: periodic, rate: 5 frame/s per camera}
    tasks:
      detect: {model: yolo11n, input: 100 kB of picture, output: 1 kB, answers: true}
    requires:
      latency: {detect: {p99: 100 ms}}
prices:
  jetson-orin-nx-16gb: {price: 700 USD, power: {idle: 8 W, busy: 25 W}}
study:
  simulate: {busiest: 4 s, warm_up: 0.5 s, replications: 10}
"""


def shop(**changes: str) -> Scenario:
    scenario = scenarios.load_text(SHOP, file="rules.yaml")
    return scenario.with_({path.replace("__", "."): value for path, value in changes.items()}) if changes else scenario


def broken(scenario: Scenario, pool: str) -> list[Broken]:
    """What every route on a pool breaks."""
    (routes,) = pose(scenario).enumerated
    return [b for c in routes.candidates if c.route.steps[0].pool == pool for b in c.broken]


def placed(plan: Plan) -> str:
    assert plan.placement is not None
    return plan.placement.routes[0].steps[0].pool


def test_the_rule_that_each_route_breaks_is_remembered_with_its_amount() -> None:
    late = broken(shop(), "camera")
    assert {b.requirement for b in late} == {"latency"}
    assert all(b.found is not None and b.limit == 0.1 and b.found > b.limit for b in late)
    assert not broken(shop(), "region")
    assert "privacy" in {b.requirement for b in broken(shop(data__picture__may_reach="[shop]"), "region")}
    offline = "{keep: [detect], for: 1 h}"
    assert "offline" in {b.requirement for b in broken(shop(workloads__people__requires__offline=offline), "region")}
    tiers = shop(workloads__people__requires__tiers="[device, gateway]")
    assert {b.requirement for b in broken(tiers, "region")} == {"tiers"}
    overloaded = broken(shop(links__uplink__up="5 Mbit/s"), "region")
    assert next(b.found for b in overloaded if b.requirement == "uplink") == pytest.approx(2 * 5 * 800_000 / 5e6)


def test_a_floor_excludes_variants_without_an_accuracy() -> None:
    """int8 on the Jetson was never measured on the full data set: with a floor it does not count."""
    free = planner.plan(shop())
    floor = "{at_least: 30 %, measure: mAP50-95 on COCO val2017}"
    floored = planner.plan(shop(workloads__people__requires__accuracy=floor))
    assert free.placement is not None
    assert floored.placement is not None
    assert free.placement.routes[0].steps[0].variant.precision == "int8"
    assert floored.placement.routes[0].steps[0].variant.precision == "fp16"


def test_fixed_and_forbidden_pools() -> None:
    assert placed(planner.plan(shop())) == "box"
    assert placed(planner.plan(shop(), fix={"detect": "region"})) == "region"
    assert placed(planner.plan(shop(), forbid=["box"])) == "region"
    with pytest.raises(BadInput, match="did you mean box"):
        planner.plan(shop(), forbid=["bax"])


def test_a_tighter_requirement_never_makes_a_plan_cheaper() -> None:
    """Down to where nothing is left."""
    costs = []
    for limit in (400, 200, 100, 50, 20, 8, 3):
        plan = planner.plan(shop(workloads__people__requires__latency__detect__p99=f"{limit} ms"))
        costs.append(float("inf") if plan.usd_per_month is None else plan.usd_per_month)
    assert costs == sorted(costs)
    assert costs[0] == 0.0, "the camera itself is fast enough for 400 ms"
    assert costs[-1] == float("inf")


def test_the_budget_is_a_requirement() -> None:
    in_turn = {"workloads__people__arrivals__phase": "staggered"}  # nobody waits, whatever the seed
    cheap = planner.plan(shop(limits="{budget: 5 USD/month}", **in_turn))
    assert cheap.status == "infeasible"
    assert next(r.needed for r in cheap.conflict if r.path == "limits.budget") == pytest.approx(
        planner.plan(shop(**in_turn)).usd_per_month
    )


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    scenario = scenarios.load("two-site-toy").with_({"workloads.scan.tasks.match.share": "20 %"})
    plan = planner.plan(scenario)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan_file.to_dict(plan), allow_nan=False))
    again, placement = plan_file.read(file)
    assert placement == plan.placement
    assert again.hash == scenario.hash
    first = sim.simulate(scenario, placement, replications=2).summary()
    assert sim.simulate(again, placement, replications=2).summary() == first


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no JSON"),
        ("[]", "something else"),
        ('{"kind": "tierwise plan", "schema_version": 99}', "99"),
        ('{"kind": "tierwise plan", "schema_version": 1, "status": "infeasible"}', "infeasible"),
        ('{"kind": "tierwise plan", "schema_version": 1, "status": "optimal"}', "scenario"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_in_one_line(tmp_path: Path, text: str, found: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(BadInput, match=found) as caught:
        plan_file.read(file)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda d: d["routes"].clear(), "0 routes of scan"),
        (lambda d: d["routes"].append(d["routes"][0]), "2 routes of scan"),
        (lambda d: d["pools"].append(d["pools"][0]), "twice"),
        (lambda d: next(p for p in d["pools"] if p["pool"] == "box").update(count=0), "no nodes of box"),
        (lambda d: d["pools"][0].update(count=10**30), "a whole number from 0"),
        (lambda d: d["pools"][0].update(pool="nope"), "nope"),
        (lambda d: d["routes"][0]["tasks"][0].update(variant="fp99"), "fp99"),
    ],
)
def test_a_plan_edited_by_hand_is_checked_like_a_scenario(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], found: str
) -> None:
    document = plan_file.to_dict(planner.plan(scenarios.load("two-site-toy")))
    change(document)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document))
    with pytest.raises(BadInput, match=found):
        plan_file.read(file)


def test_parts_that_are_not_planned_yet_are_refused_by_name() -> None:
    scenario = shop(workloads__people__tasks__detect__split="conv4")
    with pytest.raises(NotSupported, match=r"workloads\.people\.tasks\.detect\.split"):
        planner.plan(scenario)


CHAIN = """
schema: 1
name: chain
about: Two steps, one of which must go on while the line is down.
currency: USD
sites:
  shop: {region: de, groups: {all: {count: 2}}}
pools:
  till: {tier: device, at: shop, hardware: till, count: 1, owned: all, paid_by: user}
  box: {tier: gateway, at: shop, hardware: small, count: 0..1}
  region: {tier: regional_cloud, at: westeurope, offer: node, count: 0..4}
links:
  line: {from: shop, to: westeurope, each: shared, rtt: 10 ms, up: 10 Mbit/s, down: 10 Mbit/s, price: 30 USD/month}
data:
  label: {class: internal, may_reach: [shop, eu]}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 10 /s per till}
    tasks:
      read: {time: {box: 5 ms, region: 2 ms}, input: 10 kB of label, output: 1 kB of label}
      act: {after: read, time: {till: 1 ms, region: 1 ms}, output: 1 kB of label, answers: true}
    requires: {latency: {act: {p95: 80 ms}}}
prices:
  till: {price: 0 USD, power: {idle: 0 W, busy: 0 W}}
  small: {price: 9_000 USD, power: {idle: 10 W, busy: 10 W}}
  node at westeurope: 0.01 USD/h
study: {simulate: {busiest: 10 s, warm_up: 1 s, replications: 5}}
"""


def chain(**changes: str) -> Scenario:
    scenario = scenarios.load_text(CHAIN, file="chain.yaml")
    return scenario.with_({path.replace("__", "."): value for path, value in changes.items()}) if changes else scenario


def test_what_comes_before_a_kept_task_stays_at_the_site_too() -> None:
    free = planner.plan(chain())
    kept = planner.plan(chain(workloads__scan__requires__offline="{keep: [act], for: 1 h}"))
    assert free.placement is not None
    assert kept.placement is not None
    assert free.placement.routes[0].step("read").pool == "region"
    assert kept.placement.routes[0].step("read").pool == "box"


def test_a_shared_link_is_paid_and_loaded_once_for_all_sites() -> None:
    plan = planner.plan(chain())
    assert [line.usd_per_month for line in plan.bill if line.item == "line"] == [30.0]
    crowded = planner.plan(chain(workloads__scan__arrivals__rate="80 /s per till", pools__box__count="0"))
    assert crowded.status == "infeasible", "two shops load the one line 128 %, each alone 64 %"
    assert next(r.needed for r in crowded.conflict if r.path == "links.line.up") == pytest.approx(1.28)


def test_places_that_no_link_joins_are_a_reason() -> None:
    plan = planner.plan(chain(links="{}", pools__box__count="0"))
    assert plan.status == "infeasible"
    assert any("no link leads from shop" in b.text for one in plan.excluded for b in one.broken)


NIGHTLY = """
  nightly:
    source: camera
    arrivals: {kind: batch, each: day, window: 22:00-04:00, per: site}
    tasks:
      send: {input: 1 GB, store_at: westeurope, deferrable: true}
    requires: {done_by: 04:00}
prices:"""


def test_a_batch_that_no_link_carries_is_named() -> None:
    text = SHOP.replace("\nprices:", NIGHTLY).replace("links:\n  uplink:", "links: {}\n#")
    plan = planner.plan(scenarios.load_text(text, file="rules.yaml"))
    assert plan.status == "infeasible"
    why = "nightly.send: no link leads from shop (camera) to westeurope"
    assert why in [b.text for one in plan.excluded for b in one.broken if one.pool == "camera"]
    assert verdict(plan).otherwise == (f"{why}; no requirement stands in its way",)
    assert why in verdict(plan).why


def test_a_place_without_a_link_is_assumed_to_be_instantaneous() -> None:
    def assumed(scenario: Scenario, pool: str) -> list[tuple[str, str, float | None]]:
        found = planner.plan(scenario, fix={"detect": pool}).assumptions
        return [(one.what, one.value, one.effect_usd_per_month) for one in found if one.path == "links"]

    assert assumed(shop(), "box") == [("no link within shop", "instantaneous", None)]
    assert assumed(shop(), "region") == []
    field = "{within: shop, each: node, rtt: 0.3 ms, up: 1 Gbit/s, down: 1 Gbit/s}"
    assert assumed(shop(links__field=field), "box") == []


def test_the_margin_is_that_of_the_worse_of_what_was_planned_and_simulated() -> None:
    check = Check("people", "detect", "p99", None, 0.1, "s", 0.08)
    assert check.margin == pytest.approx(0.2)
    seen = replace(check, simulated=0.07, low=0.06, high=0.075)
    assert seen.margin == pytest.approx(0.2)
    assert replace(seen, high=0.09).margin == pytest.approx(0.1)
    assert replace(seen, simulated=0.12, low=math.nan, high=math.nan).margin == pytest.approx(-0.2)
    accuracy = replace(check, metric="accuracy", unit="", limit=0.4, planned=0.5, simulated=None)
    assert accuracy.margin == pytest.approx(0.25)


def test_data_that_may_not_be_seen_where_it_is_born_excludes_the_site() -> None:
    plan = planner.plan(shop(data__picture__may_reach="[westeurope]"))
    assert plan.status == "infeasible"
    assert any("may not be seen at shop" in b.text for one in plan.excluded for b in one.broken)


def test_accuracies_of_different_measures_do_not_compete() -> None:
    """ResNet's top-1 of 0.76 is no reason to drop a detector with 0.37 mAP."""
    floor = "{at_least: 30 %, measure: mAP50-95 on COCO val2017}"
    changes = {"workloads__people__requires__accuracy": floor}
    alone = planner.plan(shop(**changes, workloads__people__tasks__detect__model="[yolo11n]"))
    both = planner.plan(shop(**changes, workloads__people__tasks__detect__model="[yolo11n, resnet50]"))
    assert both.usd_per_month == pytest.approx(alone.usd_per_month)


def test_a_route_that_is_not_taken_may_cost_more_than_the_first_price_tier() -> None:
    """120 GB a month fit; the same answers a thousand times larger only matter where they leave the region."""
    large = {"workloads__people__tasks__detect__output": "600 kB", "links__uplink__down": "1 Gbit/s"}
    assert placed(planner.plan(shop(**large))) == "box"
    with pytest.raises(NotSupported, match="egress"):
        planner.plan(shop(**large), forbid=["box", "camera"])


def test_baselines_name_what_cannot_run_there() -> None:
    cloud, edge = planner.plan(scenarios.load("two-site-toy")).baselines
    assert cloud.usd_per_month is not None
    assert any("match cannot run in the edge" in b.text for b in edge.breaks)


def test_relaxations_hold_when_simulated() -> None:
    """Every box a reading needs 30 ms on is late for 25 ms; what is said to help does."""
    tight = chain(pools__region__count="0", workloads__scan__requires__latency__act__p95="5 ms")
    plan = planner.plan(tight)
    assert plan.status == "infeasible"
    needed = next(r.needed for r in plan.conflict if r.path.endswith("p95"))
    assert needed is not None
    again = planner.plan(tight.with_({"workloads.scan.requires.latency.act.p95": f"{needed * 1.05e3} ms"}))
    assert again.status in ("optimal", "feasible")


def test_more_nodes_are_tried_before_a_scenario_is_called_infeasible() -> None:
    """Forty aligned cameras need far more boxes than their load: one more box at a time would not get there."""
    text = CHAIN.replace("count: 1, owned", "count: 40, owned").replace(
        "hardware: small, count: 0..1", "hardware: small, count: 0..60"
    )
    text = text.replace("kind: poisson, rate: 10 /s per till", "kind: periodic, rate: 1 /s per till, phase: aligned")
    text = (
        text.replace("box: 5 ms", "box: 300 ms").replace("p95: 80 ms", "p95: 330 ms").replace("count: 0..4", "count: 0")
    )
    plan = planner.plan(scenarios.load_text(text, file="many.yaml"))
    assert plan.placement is not None
    assert plan.placement.nodes_of("box", "shop/all").count >= 38
