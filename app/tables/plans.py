"""A plan as tables: what the report and the pages show."""

from __future__ import annotations

import pandas as pd

from app.tables.placements import node_count, over
from app.tables.requirements import check_name, simulated_in_words
from planner.flips import assumed_prices, price_path
from planner.formats import money, quantity, size
from planner.plans import Check, Plan, Reason
from planner.problem import stocks
from planner.wording import alternative, broken_in_words, lost, marked, relaxed, set_to, setting, tier_in_words
from scenarios.journey import stored

NONE_FOUND = "none found"
NOT_TRIED = "not tried"
NOTHING_ELSE = "nothing else can run it"


def bill(plan: Plan) -> pd.DataFrame:
    """The bill line by line [USD a month], with where each price comes from."""
    columns = [
        "item",
        "of",
        "group",
        "quantity",
        "unit",
        "unit_price_usd",
        "usd_per_month",
        "kind",
        "source",
        "date",
        "path",
    ]
    table = pd.DataFrame([{name: getattr(line, name) for name in columns} for line in plan.bill], columns=columns)
    undated = table["date"] == ""
    table.loc[undated, "date"] = table.loc[undated, "kind"] + ", undated"
    return table


def routes(plan: Plan) -> pd.DataFrame:
    """What runs where: one row per workload, group and task; ``mean_ms`` is the service with its overhead.

    A task that only moves its input has the place in ``pool`` and the links in ``on``.
    """
    columns = [
        "workload",
        "group",
        "task",
        "pool",
        "tier",
        "on",
        "nodes",
        "spare",
        "variant",
        "unit",
        "mean_ms",
        "spread",
        "kind",
    ]
    rows: list[dict[str, object]] = []
    for route in plan.placement.routes if plan.placement else ():
        for step in route.steps:
            pool, variant = plan.scenario.pool(step.pool), step.variant
            group = route.group if pool.local else None
            assert plan.placement is not None
            rows.append(
                {
                    "workload": route.workload,
                    "group": route.group,
                    "task": step.task,
                    "pool": step.pool,
                    "tier": tier_in_words(pool.tier),
                    "on": variant.hardware,
                    "nodes": node_count(plan, step.pool, group),
                    "spare": plan.placement.nodes_of(step.pool, group).spare,
                    "variant": variant.name,
                    "unit": variant.unit,
                    "mean_ms": variant.service.mean_s * 1e3,
                    "spread": variant.spread,
                    "kind": variant.origin.kind,
                }
            )
        for leg in stored(plan.scenario, route):
            moved = {"workload": route.workload, "group": route.group, "task": leg.task, "pool": leg.receiver}
            rows.append({**moved, "tier": "stored", "on": over(leg), "variant": size(leg.message.size_bytes)})
    return pd.DataFrame(rows, columns=columns)


def reasons(plan: Plan) -> pd.DataFrame:
    """Why each workload runs where it does, and what the next best would be."""
    rows = [
        {
            "workload": reason.workload,
            "group": reason.group or "",
            "task": reason.task,
            "on": f"{reason.on} in {reason.pool} ({tier_in_words(reason.tier)})",
            "because": because(reason),
            "excluded": "; ".join(lost(reason)),
            "next_route": alternative(plan.scenario, reason.next_route) if reason.next_route else "",
            "next_tier": alternative(plan.scenario, reason.next_tier) if reason.next_tier else "",
        }
        for reason in plan.reasons
    ]
    return pd.DataFrame(
        rows, columns=["workload", "group", "task", "on", "because", "excluded", "next_route", "next_tier"]
    )


def because(reason: Reason) -> str:
    """What keeps a workload from everywhere else."""
    others_cost = reason.next_route is not None or reason.next_tier is not None
    return "; ".join(lost(reason)) or ("what else can run it costs more" if others_cost else NOTHING_ELSE)


def excluded(plan: Plan) -> pd.DataFrame:
    """Every pool that no admissible route uses, and what its best candidate breaks."""
    found = {
        (one.pool, one.on): {
            "pool": one.pool,
            "tier": tier_in_words(one.tier),
            "on": one.on,
            "variant": marked(one.variant, one.kind),
            "breaks": broken_in_words(one.broken),
        }
        for one in (*plan.excluded, *(one for reason in plan.reasons for one in reason.excluded))
    }
    return pd.DataFrame(list(found.values()), columns=["pool", "tier", "on", "variant", "breaks"])


def baselines(plan: Plan) -> pd.DataFrame:
    """What everybody would try first: its price [USD a month] and everything it breaks."""
    rows = [
        {
            "name": baseline.name.replace("_", " "),
            "usd_per_month": baseline.usd_per_month,
            "breaks": "; ".join(broken_in_words([one]) for one in baseline.breaks),
        }
        for baseline in plan.baselines
    ]
    return pd.DataFrame(rows, columns=["name", "usd_per_month", "breaks"])


def assumptions(plan: Plan) -> pd.DataFrame:
    """The figures nobody measured: those that move the decision first, then by their effect on the bill.

    ``effect_usd_per_month`` is what 10 % more adds; NaN where it was not worked out.
    ``moves`` says which tier wins from which value on, or what an estimate leaves undecided; ``none found`` where no
    value moved anything, else ``not tried``.
    """
    columns = ["what", "value", "kind", "effect_usd_per_month", "moves", "path", "source"]
    tried = {price_path(choice) for choice in assumed_prices(plan.scenario, stocks(plan.scenario))}
    moved: dict[str, list[str]] = {}
    for flip in plan.flips:
        where = f"to {flip.pool} ({tier_in_words(flip.tier)})"
        moved.setdefault(flip.path, []).append(f"{where} at {'≥' if flip.at > flip.now else '≤'} {set_to(flip)}")
    for check in plan.checks:
        for path in check.hangs_on:
            moved.setdefault(path, []).append(f"leaves {check_name(plan, check)} undecided")
    rows = [
        {
            "what": one.what,
            "value": marked(one.value, one.kind),
            "kind": one.kind,
            "effect_usd_per_month": float("nan") if one.effect_usd_per_month is None else one.effect_usd_per_month,
            "moves": "; ".join(moved.get(one.path, ())) or (NONE_FOUND if one.path in tried else NOT_TRIED),
            "path": one.path,
            "source": one.source,
        }
        for one in sorted(plan.assumptions, key=lambda one: one.path not in moved)  # by effect within each
    ]
    return pd.DataFrame(rows, columns=columns)


def tried(plan: Plan) -> pd.DataFrame:
    """Placements that were simulated and are not the plan: what each costs, and the limit that it misses by most."""
    rows = []
    for one in plan.tried:
        check = Check(
            one.workload,
            one.of,
            one.metric,
            one.group,
            one.limit_s,
            "s",
            one.simulated_s,
            one.simulated_s,
            one.low_s,
            one.high_s,
        )
        rows.append(
            {
                "usd_per_month": one.usd_per_month,
                "cost": money(one.usd_per_month),
                "runs_on": ", ".join(one.nodes),
                "limit": check_name(plan, check),
                "asked": quantity(one.limit_s, "s"),
                "simulated": simulated_in_words(check),
                "replications": one.replications,
                "verdict": one.verdict,
            }
        )
    columns = ["usd_per_month", "cost", "runs_on", "limit", "asked", "simulated", "replications", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def flips(plan: Plan) -> pd.DataFrame:
    """Values at which another tier wins, and the setting that shows it."""
    columns = ["what", "now", "at", "unit", "pool", "tier", "on", "setting", "path"]
    return pd.DataFrame([{name: getattr(one, name) for name in columns} for one in plan.flips], columns=columns)


def relaxations(plan: Plan) -> pd.DataFrame:
    """Of an infeasible plan: the least change of each requirement that helps on its own."""
    rows = []
    for one in plan.conflict:
        asked, needed, cost = relaxed(one)
        change = setting(plan.scenario, one)
        rows.append({"what": one.what, "asked": asked, "needed": needed, "cost": cost, "setting": change or ""})
    return pd.DataFrame(rows, columns=["what", "asked", "needed", "cost", "setting"])
