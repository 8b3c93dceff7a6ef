"""What a drill showed: what was left out or dropped while it lasted, what waited, and how long until nobody did."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from app.printed.lines import hanging
from hardware_profiles.faults import BadInput, Fault, closest
from planner.formats import duration, plural, size
from scenarios.calendar import hour_name
from scenarios.disruptions import Drill
from scenarios.scenario import Scenario
from sim.result import Result


def drill_of(scenario: Scenario, name: str) -> Drill:
    """A drill of the study by its name; else a link that has outages, down for as long as its repair takes.

    Raises
    ------
    BadInput
        Where there is neither.
    """
    known = {drill.name: drill for drill in scenario.study.drills}
    for link in scenario.links:
        if link.outages:
            known.setdefault(link.name, Drill(link.name, link.outages.mttr_s, (link.name,)))
    if name not in known:
        named = ", ".join(known) if known else "none: add one to study.drills, or outages to a link"
        raise BadInput(
            Fault("--drill", f"`{name}`", f"a drill, or a link with outages: {named}", nearest=closest(name, known))
        )
    return known[name]


def drill_document(drill: Drill, result: Result) -> dict[str, Any]:
    """For ``simulate --json``: of each link the longest queue and the longest time until it was empty again."""
    returns = []
    for (link, direction, group), rows in result.returns.groupby(["link", "direction", "group"], sort=True):
        drained = rows["drained_s"].max(skipna=False)
        returns.append(
            {
                "link": link,
                "direction": direction,
                "group": group,
                "waiting": int(rows["waiting"].max()),
                "bytes": int(rows["bytes"].max()),
                "drained_s": None if math.isnan(drained) else float(drained),
            }
        )
    return {
        "name": drill.name,
        "for_s": drill.for_s,
        "links": list(drill.links),
        "pool": drill.pool,
        "nodes": drill.nodes,
        "hour": "busiest" if result.network.hour is None else hour_name(result.network.hour),
        "left_out": result.skips.to_dict("records"),
        "dropped": result.drops.to_dict("records"),
        "returns": returns,
    }


def drill_lines(found: dict[str, Any]) -> list[str]:
    """At most 80 columns."""
    what = ", ".join(found["links"]) or f"{plural(found['nodes'], 'node')} of {found['pool']}"
    head = f"DRILL  {found['name']}: {what} down for {duration(found['for_s'])}; what is measured was born meanwhile"
    return [line for part in (head, *_happened(found)) for line in hanging(part)] + [""]


def _happened(found: dict[str, Any]) -> Iterator[str]:
    for one in found["left_out"]:
        yield f"  left out  {one['workload']}, {one['task']}: {plural(one['requests'], 'request')} ({one['group']})"
    for one in found["dropped"]:
        many = f"{plural(one['requests'], 'request')}, {one['cause']}"
        yield f"  dropped   {one['workload']}, {one['task']}: {many} ({one['group']})"
    for one in found["returns"]:
        if one["waiting"]:
            where = f"{one['link']}.{one['direction']}" + (f" at each of {one['group']}" if one["group"] else "")
            drained = "never" if one["drained_s"] is None else f"{duration(one['drained_s'])} after its return"
            waited = f"{plural(one['waiting'], 'message')}, {size(one['bytes'])}"
            yield f"  waited    {where}: at most {waited}; none any more {drained}"
