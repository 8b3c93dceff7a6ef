"""What a report says of a plan, in its order: the requirements, what runs where, its cost, why, and how we know."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from app.charts.plan_picture import hottest
from app.invocation import quoted
from app.printed.simulated import energy_in_words, saved_in_words
from app.report.bill import bill_table
from app.report.figures import UNKNOWN, cents, pairs, table
from app.report.parts import Column, Section, Table
from app.report.pictures import cost_picture, response_pictures, split_picture, topology_picture
from app.report.traced import traced
from app.tables import plans as plan_tables
from app.tables.materials import materials
from app.tables.month import month
from app.tables.requirements import requirement_rows
from app.tables.sources import sources
from app.tables.split import split
from app.tables.unbilled import unbilled
from planner.formats import number, plural, quantity, size
from planner.plans import Plan
from planner.wording import sampled_in_words, set_to, tier_in_words


def sections(plan: Plan) -> tuple[Section, ...]:
    """Those that have something to say."""
    found = (
        _possible(plan),
        _requirements(plan),
        _where(plan),
        _responses(plan),
        _split(plan),
        _data(plan),
        _bill(plan),
        _why(plan),
        _excluded(plan),
        _flips(plan),
        _baselines(plan),
        _assumed(plan),
        _materials(plan),
        _sources(plan),
        traced(plan),
    )
    return tuple(section for section in found if not section.empty)


def _possible(plan: Plan) -> Section:
    titles = {"what": "requirement", "asked": "asked", "needed": "needed", "cost": "then a month", "setting": "try it"}
    found = plan_tables.relaxations(plan)
    found["setting"] = [f"--set {quoted(change)}" if change else "" for change in found["setting"]]
    rows = table("Each change alone, the others kept", found, titles)
    return Section("What would make a plan possible", tables=(rows,))


def _requirements(plan: Plan) -> Section:
    titles = ("requirement", "limit", "planned", "simulated (95 %)", "margin")
    columns = (*(Column(title) for title in titles), Column("verdict", "sign"))
    note = "Response times are in milliseconds where the limit is below ten seconds; the verdict is the simulation's."
    if any(check.planned_far is not None for check in plan.checks):
        note += " What would be missed with an estimated time at the far end of its error bar is undecided."
    sampled = sampled_in_words(plan.scenario, plan.result.sampled) if plan.result is not None else ""
    return Section(
        "Requirements",
        (sampled,) if sampled else (),
        tables=(Table("Every requirement", columns, tuple(requirement_rows(plan)), note),),
    )


def _where(plan: Plan) -> Section:
    if plan.placement is None:
        return Section("What there is", pictures=(topology_picture(plan),))
    return Section("What runs where", (hottest(plan),), (topology_picture(plan),))


def _data(plan: Plan) -> Section:
    """What is seen where, of the data that the scenario names."""
    if plan.result is None:
        return Section("Data")
    found = plan.result.data
    found = found[found["item"] != ""].assign(way=found["link"] + "." + found["direction"])
    found["bytes"] = [size(value) for value in found["bytes_per_month"]]
    titles = {"item": "data", "class": "class", "way": "link", "seen_at": "comes to", "region": "region"}
    rows = table("Bytes a month at the busiest hour, as simulated", found, {**titles, "bytes": "bytes"})
    return Section("Data", tables=(rows,))


def _responses(plan: Plan) -> Section:
    pictures, left_out = response_pictures(plan)
    text = f"Those with the least margin are drawn; {plural(left_out, 'other')} only in the table of requirements."
    return Section("Response times", (text,) if left_out else (), pictures)


def _split(plan: Plan) -> Section:
    titles = {
        "workload": "workload",
        "of": "up to",
        "group": "at",
        "requests": "requests",
        "waiting_ms": "waiting, ms",
        "service_ms": "service, ms",
        "network_ms": "network, ms",
        "response_ms": "response, ms",
    }
    note = "Means since birth, in the simulation. Waiting for a link counts as network."
    picture = split_picture(plan)
    rows = table("Mean response times in parts", split(plan), titles, note, UNKNOWN)
    return Section("Where the time goes", pictures=(picture,) if picture else (), tables=(rows,))


def _bill(plan: Plan) -> Section:
    left_out = table(
        "Not on this bill",
        unbilled(plan),
        {"what": "what", "why": "why"},
        "Used by the plan and paid by others, or of unknown price: unknown is not nothing.",
    )
    picture = cost_picture(plan)
    here = plan.placement is not None
    parts = (bill_table(plan), left_out, _month(plan)) if here else ()
    return Section("The bill" if here else "What it would cost", pictures=(picture,) if picture else (), tables=parts)


def _month(plan: Plan) -> Table:
    """The month again, from what was simulated."""
    rows: list[tuple[str, str]] = []
    if plan.result is not None and plan.placement is not None:
        found = month(plan.scenario, plan.placement, plan.result.usage)
        rows = [("cost", f"{cents(found['cost_usd_per_month'])} USD"), ("energy", energy_in_words(found))]
        saved = found["bandwidth_saved_fraction"]
        rows.append(("bandwidth", UNKNOWN if saved is None else " ".join(saved_in_words(saved))))
        for name, link in found["links"].items():
            up, down = size(link["bytes_up_per_month"]), size(link["bytes_down_per_month"])
            rows.append((f"over {name}", f"{up} up, {down} down"))
    return pairs("The month again, at the simulated demand", rows)


def _why(plan: Plan) -> Section:
    routes = plan_tables.routes(plan)
    titles = {
        "task": "task",
        "group": "at",
        "on": "runs on",
        "pool": "pool",
        "count": "nodes",
        "variant": "as",
        "mean_ms": "mean service, ms",
        "known": "known as",
    }
    placed = table("What runs where, and how long it takes", _placed(plan, routes), titles)
    reasons = table(
        "Why there, and what would be next best",
        _merged(plan_tables.reasons(plan)),
        {
            "workload": "workload",
            "on": "runs on",
            "because": "because",
            "next_route": "next best route",
            "next_tier": "next best tier",
        },
        empty="none",
    )
    return Section("The plan and its reasons", tables=(placed, reasons, _tried(plan)))


def _tried(plan: Plan) -> Table:
    """Without a plan it is all that were simulated."""
    titles = {
        "cost": "USD a month",
        "runs_on": "on",
        "limit": "requirement",
        "asked": "limit",
        "simulated": "simulated (95 %)",
        "replications": "replications",
        "verdict": "verdict",
    }
    note = "Of each the limit that it misses by most. It is played only until the verdict is clear."
    cheaper = "Cheaper placements that were simulated" if plan.placement else "Placements that were simulated"
    return table(cheaper, plan_tables.tried(plan), titles, note)


def _placed(plan: Plan, routes: pd.DataFrame) -> pd.DataFrame:
    """With the workload before the task, the tier behind the pool, spares behind the nodes."""
    several = len(plan.scenario.workloads) > 1
    rows = []
    for row in routes.to_dict("records"):
        stored = row["tier"] == "stored"
        count = "–" if stored or not row["nodes"] else number(row["nodes"])
        known = "–" if stored else str(row["kind"])
        rows.append(
            {
                **row,
                "task": f"{row['workload']}.{row['task']}" if several else row["task"],
                "pool": f"kept at {row['pool']}" if stored else f"{row['pool']} ({row['tier']})",
                "on": f"over {row['on']}" if stored else row["on"],
                "count": f"{count} and {number(row['spare'])} spare" if not stored and row["spare"] else count,
                "known": f"{known}, spread {row['spread']}" if not stored and row["spread"] else known,
            }
        )
    return pd.DataFrame(rows, columns=[*routes.columns, "count", "known"])


def _merged(reasons: pd.DataFrame) -> pd.DataFrame:
    """Groups of sites with the same reasons in one row."""
    same = [name for name in reasons.columns if name != "group"]
    several = reasons["group"].nunique() > 1
    rows = []
    for _, alike in reasons.groupby(same, sort=False):
        row = alike.iloc[0].to_dict()
        where = f" at {', '.join(alike['group'])}" if several else ""
        rows.append({**row, "workload": f"{row['workload']}{where}"})
    return pd.DataFrame(rows, columns=reasons.columns)


def _excluded(plan: Plan) -> Section:
    titles = {"pool": "pool", "tier": "tier", "on": "on", "variant": "best candidate", "breaks": "breaks"}
    rows = table("The best candidate of each pool that no admissible route uses", plan_tables.excluded(plan), titles)
    return Section("What the other pools break", tables=(rows,))


def _flips(plan: Plan) -> Section:
    if plan.placement is None:
        return Section("What would change the answer")
    rows = [
        {
            "what": flip.what,
            "now": quantity(flip.now, flip.unit),
            "at": f"{'≥' if flip.at > flip.now else '≤'} {set_to(flip)}",
            "to": f"{flip.on} in {flip.pool} ({tier_in_words(flip.tier)})",
            "setting": f"--set {flip.setting}",
        }
        for flip in plan.flips
    ]
    titles = {"what": "if", "now": "which is", "at": "becomes", "to": "it runs on", "setting": "try it"}
    tried = (
        "Tried, each alone: looser latency limits, lower accuracy floors, other prices of hardware that are assumed."
    )
    text = tried if rows else f"No other tier wins. {tried}"
    return Section(
        "What would change the answer", (text,), tables=(table("Another tier wins", _frame(rows, titles), titles),)
    )


def _frame(rows: list[dict[str, str]], titles: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(titles))


def _baselines(plan: Plan) -> Section:
    found = plan_tables.baselines(plan)
    found["cost"] = [cents(usd) if usd == usd else "impossible" for usd in found["usd_per_month"].astype(float)]
    found["more"] = [_more(plan, usd) for usd in found["usd_per_month"].astype(float)]
    found["breaks"] = [
        "" if cost == "impossible" else breaks or "nothing"
        for cost, breaks in zip(found["cost"], found["breaks"], strict=True)
    ]
    titles = {"name": "placement", "cost": "USD a month", "more": "more than here", "breaks": "breaks"}
    note = "The cheapest stable placement on those tiers with every other requirement dropped."
    return Section("All cloud, all edge", tables=(table("Baselines", found, titles, note),))


def _more(plan: Plan, usd: float) -> str:
    if plan.usd_per_month is None or usd != usd:
        return ""
    more = usd - plan.usd_per_month
    return f"{'+' if more > 0.005 else ''}{cents(more)}"


def _assumed(plan: Plan) -> Section:
    if plan.placement is None:
        return Section("Assumed")
    titles = {
        "what": "figure",
        "value": "value",
        "effect_usd_per_month": "10 % more, USD a month",
        "moves": "moves the decision",
        "source": "because",
        "path": "change it at",
    }
    text = (
        "Nobody measured these. Those that move the decision come first, then the largest effect on the bill."
        if plan.assumptions
        else "Nothing is assumed."
    )
    rows = table("Assumed figures", plan_tables.assumptions(plan), titles, empty=plan_tables.NOT_TRIED)
    judged = [f"{part.what} ({part.path})" for part in plan.scenario.judged]
    left = f"In no contract of the planner, judged by the simulation alone: {'; '.join(judged)}." if judged else ""
    return Section("Assumed", tuple(filter(None, (text, left))), tables=(rows,))


def _materials(plan: Plan) -> Section:
    found = materials(plan)
    found["pool"] = [f"{pool} ({tier})" for pool, tier in zip(found["pool"], found["tier"], strict=True)]
    titles = {
        "at": "at",
        "sites": "sites",
        "on": "what",
        "pool": "pool",
        "nodes_per_site": "at each",
        "nodes": "in all",
        "spare_nodes": "of them spare",
        "paid": "paid",
    }
    return Section("Bill of materials", tables=(table("What has to stand where", found, titles),))


def _sources(plan: Plan) -> Section:
    titles = {"what": "figure", "value": "value", "kind": "known as", "date": "date", "source": "source"}
    of = "row of the catalogue and the profile files" if plan.scenario.files else "catalogue row"
    return Section("Sources", tables=(table(f"Every {of} behind a figure", sources(plan), titles),))
