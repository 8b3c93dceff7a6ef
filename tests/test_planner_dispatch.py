"""Plans of pools whose nodes each have a queue of their own."""

from __future__ import annotations

import pytest
from command_cases import TOY

import planner
import scenarios
from planner.plans import Plan

BUSY = {
    "workloads.scan.arrivals": {"kind": "poisson", "rate": "100 /s per till"},
    "workloads.scan.requires.latency": {"read": {"p99": "20 ms"}},
    "pools.box.count": "0..6",
    "study.simulate.busiest": "60 s",
}


def planned(dispatch: str) -> Plan:
    return planner.plan(scenarios.load(TOY).with_({**BUSY, "pools.box.dispatch": dispatch}))


def boxes(plan: Plan) -> dict[str | None, int]:
    assert plan.placement is not None
    return {nodes.group: nodes.count for nodes in plan.placement.nodes if nodes.pool == "box"}


def test_the_contract_of_nodes_at_random_is_that_of_one_with_its_part_of_the_work() -> None:
    """A node more at the busier shop than one queue for all would need; the simulation agrees with every contract."""
    shared, random = planned("shared_queue"), planned("random")
    assert boxes(shared) == {"shop/north": 2, "shop/south": 2}
    assert boxes(random) == {"shop/north": 2, "shop/south": 3}
    checks = [check for check in random.checks if check.metric == "p99"]
    assert [check.verdict for check in checks] == ["met", "met"]
    for check in checks:
        assert check.simulated == pytest.approx(check.planned, rel=0.05)
    assert random.scenario.judged == ()


def test_the_least_loaded_node_is_planned_as_one_queue_and_judged_by_the_simulation() -> None:
    plan = planned("least_loaded")
    assert boxes(plan) == {"shop/north": 2, "shop/south": 2}
    assert [part.path for part in plan.scenario.judged] == ["pools.box.dispatch"]
    checks = [check for check in plan.checks if check.metric == "p99"]
    assert [check.verdict for check in checks] == ["met", "met"]
    assert all(check.simulated > check.planned for check in checks)  # one queue for all waits less
