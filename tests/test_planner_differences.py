"""What differs between two plans, and that nothing else is told."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from planner.differences import differences


def test_a_plan_does_not_differ_from_itself_made_again(documents: dict[str, Any]) -> None:
    again = copy.deepcopy(documents["toy"])
    again["seconds"] *= 2
    again["solver"]["seconds"] += 1
    again["scenario_file"] = "elsewhere.yaml"
    again["cost_usd_per_month"] *= 1 + 1e-13
    found = differences(documents["toy"], again)
    assert found.none
    assert found.to_dict()["equal"]


def test_a_busier_scenario_costs_egress_and_moves_nothing(documents: dict[str, Any]) -> None:
    found = differences(documents["toy"], documents["busier"])
    assert (found.dropped, found.added, found.same_text) == ((), ("with busier",), False)
    assert found.moves == found.nodes == ()
    (egress,) = found.bill
    assert (egress.item, egress.of) == ("egress", "westeurope")
    assert egress.before == pytest.approx(7.884 * 0.05)  # by hand, in the head of the scenario
    assert egress.after == pytest.approx(5 * 7.884 * 0.05)
    assert egress.change == pytest.approx(documents["busier"]["cost_usd_per_month"] - 14.6142)


def test_what_moves_is_told_with_its_nodes_and_its_requirement(documents: dict[str, Any]) -> None:
    old, new = documents["toy"], copy.deepcopy(documents["toy"])
    task = new["routes"][1]["tasks"][0]
    task.update(pool="region", tier="regional_cloud", on="toy-machine")
    box = next(pool for pool in new["pools"] if pool["pool"] == "box" and pool["group"] == "shop/south")
    box.update(count=0, nodes=0)
    late = next(one for one in new["requirements"] if one["of"] == "read" and one["group"] == "shop/south")
    late.update(simulated=0.03, met="missed")
    new["bill"] = [line for line in new["bill"] if (line["item"], line["group"]) != ("hardware", "shop/south")]
    new["cost_usd_per_month"] -= 2
    found = differences(old, new)
    (move,) = found.moves
    assert (move.workload, move.task, move.group) == ("scan", "read", "shop/south")
    assert move.before is not None
    assert (move.before["pool"], move.after) == ("box", task)
    (size,) = found.nodes
    assert (size.pool, size.group, size.after) == ("box", "shop/south", None)
    (price,) = found.bill
    assert (price.item, price.before, price.after, price.change) == ("hardware", 4.0, 2.0, -2.0)
    (judged,) = found.requirements
    assert judged.after == late
    back = differences(new, old)
    assert [(one.before, one.after) for one in back.moves] == [(move.after, move.before)]
    assert [one.change for one in back.bill] == [2.0]


def test_changes_of_the_bill_add_up_to_the_change_of_the_cost(documents: dict[str, Any]) -> None:
    for old, new in (("toy", "busier"), ("busier", "infeasible"), ("infeasible", "toy")):
        found = differences(documents[old], documents[new])
        before, after = (usd or 0.0 for usd in found.costs)
        assert sum(one.change for one in found.bill) == pytest.approx(after - before)


def test_a_plan_that_is_gone_takes_everything_with_it(documents: dict[str, Any]) -> None:
    found = differences(documents["toy"], documents["infeasible"])
    assert found.statuses == ("optimal", "infeasible")
    assert found.costs[1] is None
    assert len(found.moves) == 4
    assert all(one.after is None for one in (*found.moves, *found.nodes, *found.requirements, *found.bill))


def test_plans_of_different_scenarios_are_compared_by_their_names(documents: dict[str, Any]) -> None:
    other = {**documents["toy"], "scenario": "another"}
    found = differences(documents["toy"], other)
    assert not found.none
    assert found.scenarios == ("two-site-toy", "another")
    assert found.moves == found.bill == ()
