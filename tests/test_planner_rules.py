"""What excludes a route, what is remembered of it, and what a plan keeps through a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import planner
import scenarios
import sim
from hardware_profiles.faults import BadInput, NotSupported
from planner import plan_file
from planner.plans import Broken, Plan
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
    cheap = planner.plan(shop(limits="{budget: 5 USD/month}"))
    assert cheap.status == "infeasible"
    assert next(r.needed for r in cheap.conflict if r.path == "limits.budget") == pytest.approx(
        planner.plan(shop()).usd_per_month
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


def test_parts_that_are_not_planned_yet_are_refused_by_name() -> None:
    scenario = shop(workloads__people__tasks__detect__priority="1")
    with pytest.raises(NotSupported, match=r"workloads\.people\.tasks\.detect\.priority"):
        planner.plan(scenario)
