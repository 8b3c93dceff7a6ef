"""What a simulation measured, as one JSON document and as lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.printed.lines import cut, hanging, paragraph
from app.printed.summary import head
from app.tables.month import month
from app.tables.requirements import MISSED
from planner.formats import energy, mass, money, number, percent, plural, short_percent, size, times
from planner.wording import precision_in_words, sampled_in_words, warnings
from scenarios.calendar import hour_name
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from sim.result import Result

_MOST = 12  # rows of each table
_VERDICTS = {"met": "met", "missed": MISSED, "undecided": "undecided"}


def document(scenario: Scenario, placement: Placement, result: Result, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The document of ``simulate --json``; ``notes`` say where a recorded plan and the question differ, and
    which times nobody measured."""
    measured, priced = result.summary(), month(scenario, placement, result.usage)
    months = priced.pop("links")
    nothing = {"bytes_up": 0.0, "bytes_down": 0.0, "busy_fraction": None}  # a link that only batches use is not played
    return {
        **measured,
        "scenario": scenario.name,
        "scenario_file": scenario.file,
        "scenario_changes": list(scenario.changes),
        "scenario_hash": scenario.hash,
        "notes": list(notes),
        "warnings": warnings(result),
        "links": {name: {**measured["links"].get(name, nothing), **sent} for name, sent in sorted(months.items())},
        **priced,
        "currency": scenario.currency,
    }


def simulation_lines(scenario: Scenario, result: Result, found: Mapping[str, Any]) -> list[str]:
    """At most 80 columns: limits first, then response times, pools, links and the month."""
    requests = sum(workload["requests"] for workload in found["workloads"].values())
    how = f"{plural(result.replications, 'replication')} of {result.span_s:g} s after {result.warm_up_s:.4g} s"
    how += " (detected)" if result.detected else ""
    how += "" if result.network.hour is None else f", {hour_name(result.network.hour)}"
    loud = [part for line in found["warnings"] for part in hanging(line)]
    text = [
        *(loud and [*loud, ""]),
        *head(scenario),
        *(line for note in found["notes"] for line in paragraph("  note:", note, 3)),
        "",
        f"{plural(requests, 'request')} in {how}, seed {result.seed}",
        *_how_closely(scenario, result),
        "",
        *_limits(found),
        *_responses(result),
        *_stations(found),
        *_links(found),
        *_month(found),
    ]
    return [line.rstrip() for line in text]


def _how_closely(scenario: Scenario, result: Result) -> list[str]:
    """What was not simulated in full, the precision reached, and why the reference played."""
    sampled = sampled_in_words(scenario, result.sampled)
    text = [line.strip() for line in paragraph("", sampled, 4)] if sampled else []
    if result.precision is not None:
        text.append(precision_in_words(result.precision, result.replications))
    if result.detected and not result.detected.settled:
        text.append("no steady state within half of the pilot runs: a longer span tells more")
    if result.engine_note:
        text += [line.strip() for line in paragraph("", result.engine_note, 4)]
    return text


def _limits(found: Mapping[str, Any]) -> list[str]:
    rows = []
    groups = len({one["group"] for workload in found["workloads"].values() for one in workload["attainment"]})
    for name, workload in found["workloads"].items():
        for one in workload["attainment"]:
            group = f" ({one['group'].partition('/')[2] or one['group']})" if groups > 1 else ""
            asked = cut(f"{name}, {one['of']} within {one['limit_ms']:g} ms", max(12, 33 - len(group))) + group
            low, high = one["low"], one["high"]
            interval = f" ({percent(low).removesuffix(' %')}–{percent(high)})" if low is not None else ""
            measured = percent(one["value"]) + interval
            rows.append(
                f"  {cut(asked, 33):<34}{short_percent(one['asked']):<9}{measured:<25}{_VERDICTS[one['verdict']]}"
            )
    return [f"  {'limit':<34}{'asked':<9}{'simulated (95 %)':<25}", *rows, ""] if rows else []


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
    rows = [f"  {'link, while measured':<24}{'up':>10}{'down':>10}{'busy':>10}{'month up':>12}{'down':>10}"]
    for name, one in list(found["links"].items())[:_MOST]:
        played = "".join(f"{size(one[f'bytes_{way}']):>10}" for way in ("up", "down"))
        up, down = (size(one[f"bytes_{way}_per_month"]) for way in ("up", "down"))
        rows.append(f"  {cut(name, 23):<24}{played}{percent(one['busy_fraction']):>10}{up:>12}{down:>10}")
    return [*rows, *_more(len(found["links"])), ""]


def _more(number_of_rows: int) -> list[str]:
    return [f"  … and {number_of_rows - _MOST} more (--json has all)"] if number_of_rows > _MOST else []


def _month(found: Mapping[str, Any]) -> list[str]:
    text = f"{money(found['cost_usd_per_month'])} USD at this demand, {energy_in_words(found)}"
    if found["bandwidth_saved_fraction"] is not None:
        text += f"; {' '.join(saved_in_words(found['bandwidth_saved_fraction']))}"
    return paragraph("A month", text, 3)


def energy_in_words(found: Mapping[str, Any]) -> str:
    """``239 kWh and 80 kg of CO2``, and whose power is not in it."""
    if not found["energy_covers"] and not found["energy_leaves_out"]:
        return "no energy"
    if found["energy_wh"] is None:
        return f"energy not known (no power of {', '.join(found['energy_leaves_out'])})"
    text = energy(found["energy_wh"])
    if found["carbon_g"] is not None:
        text += f" and {mass(found['carbon_g'])} of CO2"
    left_out = [f"{name}'s own power" for name in found["energy_leaves_out"]]
    return text + (f" without {', '.join(left_out)}" if left_out else "")


def more_than_raw(saved: float) -> bool:
    """Whether more leaves the sites than every input raw; what is shown as 0.0 % is not more."""
    return saved <= -0.0005


def saved_in_words(saved: float) -> tuple[str, str]:
    """How much, and of what: a sentence in two parts. Tasks may send on more than the sources give them.

    >>> " ".join(saved_in_words(0.897))
    '89.7 % of the raw bytes stay at the sites'
    >>> " ".join(saved_in_words(-9.0))
    '10 times the raw bytes leave the sites'
    """
    if not more_than_raw(saved):
        return percent(saved), "of the raw bytes stay at the sites"
    return times(1 - saved), "the raw bytes leave the sites"
