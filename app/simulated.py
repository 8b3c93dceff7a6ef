"""What a simulation measured, as one JSON document and as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.lines import COLUMNS, cut
from app.month import month
from app.summary import head
from planner.formats import money, number, percent, plural, short_percent, size
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from sim.result import Result

_MOST = 12  # rows of each table


def document(scenario: Scenario, placement: Placement, result: Result) -> dict[str, Any]:
    """The document of ``simulate --json``."""
    return {**result.summary(), **month(scenario, placement, result.usage), "currency": scenario.currency}


def simulation_lines(scenario: Scenario, result: Result, found: Mapping[str, Any]) -> list[str]:
    """At most 80 columns: limits first, then response times, pools, links and the month."""
    requests = sum(workload["requests"] for workload in found["workloads"].values())
    how = f"{plural(result.replications, 'replication')} of {result.span_s:g} s after {result.warm_up_s:g} s"
    loud = [f"OVERLOADED  {', '.join(result.overloaded)}: queues grow without end", ""] if result.overloaded else []
    text = [
        *loud,
        *head(scenario),
        "",
        f"{plural(requests, 'request')} in {how}, seed {result.seed}",
        "",
        *_limits(found),
        *_responses(result),
        *_stations(found),
        *_links(found),
        *_month(found),
    ]
    return [line.rstrip() for line in text]


def _limits(found: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, workload in found["workloads"].items():
        for one in workload["attainment"]:
            asked = f"{name}, {one['of']} within {one['limit_ms']:g} ms"
            interval = f" ({percent(one['low'])}–{percent(one['high'])})" if one["low"] is not None else ""
            measured = percent(one["value"]) + interval
            rows.append(f"  {cut(asked, 33):<34}{short_percent(one['asked']):<9}{measured:<27}{_verdict(one)}")
    return [f"  {'limit':<34}{'asked':<9}{'simulated (95 %)':<27}", *rows, ""] if rows else []


def _verdict(one: Mapping[str, Any]) -> str:
    if one["low"] is None:
        return "undecided"
    if one["low"] >= one["asked"]:
        return "met"
    return "MISSED" if one["high"] < one["asked"] else "undecided"


def _responses(result: Result) -> list[str]:
    table = result.response()
    groups = table["group"].nunique() > 1
    rows = [f"  {'response, ms':<34}{'requests':>10}{'mean':>8}{'p50':>8}{'p95':>8}{'p99':>8}"]
    for row in table.to_dict("records")[:_MOST]:
        name = f"{row['workload']}, {row['of']}" + (f" ({row['group']})" if groups else "")
        times = "".join(f"{number(row[f'{what}_ms'], 1):>8}" for what in ("mean", "p50", "p95", "p99"))
        rows.append(f"  {cut(name, 33):<34}{number(row['requests']):>10}{times}")
    return [*rows, *_more(len(table)), ""]


def _stations(found: Mapping[str, Any]) -> list[str]:
    rows = [f"  {'pool':<34}{'utilisation':>12}{'busiest':>10}{'in queue':>10}"]
    for name, one in list(found["stations"].items())[:_MOST]:
        busiest, queue = percent(one["busiest_utilisation"]), number(one["mean_queue_length"], 2)
        rows.append(f"  {cut(name, 33):<34}{percent(one['utilisation']):>12}{busiest:>10}{queue:>10}")
    return [*rows, *_more(len(found["stations"])), ""]


def _links(found: Mapping[str, Any]) -> list[str]:
    if not found["links"]:
        return []
    rows = [f"  {'link, while measured':<34}{'up':>12}{'down':>10}{'busy':>10}"]
    for name, one in list(found["links"].items())[:_MOST]:
        up, down = size(one["bytes_up"]), size(one["bytes_down"])
        rows.append(f"  {cut(name, 33):<34}{up:>12}{down:>10}{percent(one['busy_fraction']):>10}")
    return [*rows, *_more(len(found["links"])), ""]


def _more(number_of_rows: int) -> list[str]:
    return [f"  … and {number_of_rows - _MOST} more (--json has all)"] if number_of_rows > _MOST else []


def _month(found: Mapping[str, Any]) -> list[str]:
    text = f"A month at this demand: {money(found['cost_usd_per_month'])} USD, {number(found['energy_wh'] / 1e3)} kWh"
    saved = found["bandwidth_saved_fraction"]
    if saved is not None:
        text += f"; {percent(saved)} of the raw bytes stay local"
    return [cut(text, COLUMNS)]
