"""Every requirement of a plan as a row of text: its limit, what was planned, what was simulated, the verdict."""

from __future__ import annotations

import math

from app.printed.lines import cut
from planner.formats import duration, money, ms, number, percent, quantity, short_percent, size
from planner.plans import Check, Plan

MISSED = "MISSED"
FAR_END = "  estimate's far end"  # planned again, with the estimated times at the far ends of their error bars

Row = tuple[str, str, str, str, str, str]


def requirement_rows(plan: Plan, columns: int = 1000) -> list[Row]:
    """(requirement, limit, planned, simulated with its 95 % interval, margin, verdict): what is missed first.

    Names longer than ``columns`` lose their middle, never the group.
    """
    order = {"missed": 0, "undecided": 1}
    inside = [check for check in plan.checks if check.metric == "bytes outside" and check.verdict == "met"]
    others = sorted((check for check in plan.checks if check not in inside), key=lambda one: order.get(one.verdict, 2))
    rows = [row for check in others for row in _rows(check, check_name(plan, check, columns))]
    for simulated in ("0 B", ""):  # one row for all data that stayed where it may be, one for what was not played
        names = [check.of for check in inside if (check.simulated is None) == (not simulated)]
        if names:
            rows.append((f"outside: {', '.join(names)}", "0 B", "0 B", simulated, "", "met"))
    return rows


def loud(plan: Plan) -> list[str]:
    """What is missed, then what stays undecided: ``MISSED  inspect, p99: limit 10 ms, simulated 13.1, planned 8.2``.

    Where it is an estimate that leaves it open, that is said.
    """
    found = []
    for verdict in ("missed", "undecided"):
        for check in plan.checks:
            if check.verdict == verdict:
                (_, limit, planned, simulated, *_), *_ = _rows(check, "")
                parts = {"limit": limit, "simulated": simulated, "planned": planned}
                told = ", ".join(f"{word} {value}" for word, value in parts.items() if value)
                told += f"; {check.note}" if check.note else ""
                found.append(f"{verdict.upper()}  {check_name(plan, check)}: {told}")
    return found


def check_name(plan: Plan, check: Check, columns: int = 1000) -> str:
    """``inspect, p99 (plant/all)``; the group is named where there are several, its site where there are several."""
    if not check.group or len(plan.scenario.groups) < 2:
        return cut(check_in_words(check), columns)
    group = check.group if len(plan.scenario.sites) > 1 else check.group.partition("/")[2] or check.group
    return f"{cut(check_in_words(check), max(columns - len(group) - 3, 8))} ({group})"


def _rows(check: Check, name: str) -> list[Row]:
    verdict = MISSED if check.verdict == "missed" else check.verdict
    if check.metric == "offline":
        return [(name, "", "local" if check.verdict == "met" else "not local", "", "", verdict)]
    planned = value_in_words(check, check.planned)
    margin = "" if check.margin is None else percent(check.margin, 0)
    rows = [(name, quantity(check.limit, check.unit), planned, simulated_in_words(check), margin, verdict)]
    if check.worst_queue is not None and check.simulated is not None and check.worst_queue > check.simulated:
        rows.append(("  its worst queue", "", "", value_in_words(check, check.worst_queue), "", ""))
    if check.planned_far is not None:
        rows.append((FAR_END, "", value_in_words(check, check.planned_far), "", "", ""))
    return rows


def check_in_words(check: Check) -> str:
    """``inspect, p99``."""
    match check.metric:
        case "bytes outside":
            return f"outside: {check.of}"
        case "offline":
            return f"{check.of}, uplink down"
        case "cost":
            return "budget"
        case "accuracy":
            return f"{check.workload}, accuracy"
        case "done within":
            return f"{check.workload} done"
        case metric:
            return f"{check.workload if check.of == 'answer' else check.of}, {metric}"


def simulated_in_words(check: Check) -> str:
    if check.simulated is None:
        return ""
    text = value_in_words(check, check.simulated)
    if check.unit == "s" and check.low is not None and check.high is not None and not math.isnan(check.low):
        text += f" ({value_in_words(check, check.low)}–{value_in_words(check, check.high)})"
    return text


def value_in_words(check: Check, value: float) -> str:
    match check.unit:
        case "s":  # milliseconds beside limits of seconds; longer ones in the unit that suits them
            return ms(value) if check.limit < 10 or not math.isfinite(value) else duration(value)
        case "B":
            return size(value)
        case "":
            return short_percent(value)
        case "USD":
            return money(value)
        case _:
            return number(value)
