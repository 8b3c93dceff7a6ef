"""The four figures of an answer, each with its interval and its change against something to compare with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.printed.simulated import more_than_raw, saved_in_words
from app.tables.month import month
from app.tables.requirements import check_name
from planner.formats import NOTHING, duration, energy, money, ms, number, percent, times
from planner.plans import Broken, Check, Plan
from scenarios.placement import Placement
from scenarios.scenario import Scenario
from scenarios.workloads import Latency
from sim.measures import Interval
from sim.result import NotCounted, Result

UNKNOWN = "unknown"
_SOME = set("123456789∞")  # in every figure that is not nought


@dataclass(frozen=True)
class Compared:
    """What an answer is compared with: a placement, its cost, and what was simulated of it."""

    name: str
    scenario: Scenario
    placement: Placement | None
    usd_per_month: float | None
    result: Result | None
    why: str = ""  # there is no result
    breaks: tuple[Broken, ...] = ()


@dataclass(frozen=True)
class Measure:
    """One figure in words.

    Attributes
    ----------
    about
        Its interval and its limit.
    change
        Against what it is compared with; in words where there is no difference to take.
    better
        ``None`` where the change is neither better nor worse.
    """

    label: str
    value: str
    about: str = ""
    change: str = ""
    better: bool | None = None


def measures(plan: Plan, other: Compared) -> tuple[Measure, ...]:
    """Cost, the tightest latency, the answers within it, and what stays off the uplink (or else energy)."""
    assert plan.placement is not None
    cost = _cost(plan, other)
    if plan.result is None:
        return (cost,)
    watched = tightest(plan)
    of = _of(plan.result) if watched is None else None
    timed = _latency(plan, plan.result, watched, other) if watched else _typical(plan.result, of, other)
    found = (cost, *timed, _month(plan, plan.result, other))
    if other.breaks:  # what may not be is no better, however cheap and fast
        return tuple(replace(one, better=None) for one in found)
    return found


def tightest(plan: Plan) -> Check | None:
    """The latency requirement with the least left of its limit, as simulated."""
    found = [one for one in plan.checks if _wanted(plan, one) is not None and one.simulated is not None]
    return min(found, key=_left, default=None)


def _left(check: Check) -> float:
    assert check.simulated is not None
    return 1 - check.simulated / check.limit


def _wanted(plan: Plan, check: Check) -> Latency | None:
    """The latency requirement that a check is of."""
    if not check.workload:
        return None
    limits = plan.scenario.workload(check.workload).requires.latency
    return next((one for one in limits if (one.of, one.metric) == (check.of, check.metric)), None)


def _cost(plan: Plan, other: Compared) -> Measure:
    gap = "no bound" if plan.model_gap is None else f"cheapest within {percent(plan.model_gap)}"
    value = f"{money(plan.usd_per_month)} USD"
    if plan.usd_per_month is None or other.usd_per_month is None:
        return Measure("Cost a month", value, gap, f"{other.name}: impossible")
    less = plan.usd_per_month - other.usd_per_month
    share = f" ({_signed(less / other.usd_per_month, percent)})" if other.usd_per_month else ""
    return Measure("Cost a month", value, gap, f"{_signed(less, money)} USD{share}", _better(less, 0.005, -1))


def _latency(plan: Plan, result: Result, check: Check, other: Compared) -> Iterator[Measure]:
    latency = _wanted(plan, check)
    assert latency is not None
    shown = _shown(latency.limit_s)
    interval = result.percentile(check.workload, latency.of, latency.percentile, check.group)
    about = _about(interval, shown, f"limit {duration(latency.limit_s)}")

    def theirs(of: Result) -> Interval:
        return of.percentile(check.workload, latency.of, latency.percentile, check.group)

    difference = _difference(interval, other, theirs)
    if difference is None:
        planned = next((one for one in other.breaks if one.path == check.path and one.found is not None), None)
        change = _nothing(other)
        if planned and planned.found:
            change = f"{other.name}: {shown(planned.found) if math.isfinite(planned.found) else 'no bound'} planned"
        yield Measure(check_name(plan, check), shown(interval.value), about, change)
    else:
        change = _signed(difference, shown)
        yield Measure(check_name(plan, check), shown(interval.value), about, change, _better(difference, 5e-7, -1))
    yield _attainment(result, check, latency, other)


def _attainment(result: Result, check: Check, latency: Latency, other: Compared) -> Measure:
    def within(of: Result) -> Interval:
        return of.attainment(check.workload, latency.of, latency.limit_s, check.group)

    interval = within(result)
    about = _about(interval, _percent, f"asked {_percent(latency.percentile)}")
    difference = _difference(interval, other, within)
    label = f"Within {duration(latency.limit_s)}"
    if difference is None:
        return Measure(label, _percent(interval.value), about, _nothing(other))
    change = f"{_signed(difference * 100, lambda points: number(points, 1))} points"
    return Measure(label, _percent(interval.value), about, change, _better(difference, 5e-4, 1))


def _typical(result: Result, of: str | None, other: Compared) -> Iterator[Measure]:
    """Of the first workload, where nothing is required."""
    if of is None:
        return
    for p in (0.5, 0.95):

        def theirs(result: Result, p: float = p) -> Interval:
            return result.percentile(of, "answer", p)

        interval = theirs(result)
        shown = _shown(interval.value)
        difference = _difference(interval, other, theirs)
        change = _nothing(other) if difference is None else _signed(difference, shown)
        better = None if difference is None else _better(difference, 5e-7, -1)
        yield Measure(f"{of}, p{p * 100:g}", shown(interval.value), _about(interval, shown, "no limit"), change, better)


def _of(result: Result) -> str | None:
    names = result.workloads["workload"]
    return str(names.iloc[0]) if len(names) else None


def _month(plan: Plan, result: Result, other: Compared) -> Measure:
    assert plan.placement is not None
    mine = month(plan.scenario, plan.placement, result.usage)
    theirs = None
    if other.result is not None and other.placement is not None:
        theirs = month(other.scenario, other.placement, other.result.usage)
    for key, measured in (("bandwidth_saved_fraction", _saved), ("energy_wh", _energy)):
        if mine[key] is not None:
            return measured(mine[key], theirs[key] if theirs is not None else None, other)
    return Measure("Energy", UNKNOWN, "no pool whose power is known")


def _saved(mine: float, theirs: float | None, other: Compared) -> Measure:
    """In percentage points; in times the raw bytes where one of the two lets more than those leave."""
    value, about = saved_in_words(mine)
    if theirs is None:
        return Measure("Bandwidth", value, about, _nothing(other))
    more = mine - theirs
    if more_than_raw(mine) or more_than_raw(theirs):
        change = _signed(-more, times)
    else:
        change = f"{_signed(more * 100, lambda points: number(points, 1))} points"
    return Measure("Bandwidth", value, about, change, _better(more, 5e-4, 1))


def _energy(mine: float, theirs: float | None, other: Compared) -> Measure:
    label, about = "Energy a month", "of the nodes whose power is known"
    if theirs is None:
        return Measure(label, energy(mine), about, _nothing(other))
    return Measure(label, energy(mine), about, _signed(mine - theirs, energy), _better(mine - theirs, 5e-4, -1))


def _difference(mine: Interval, other: Compared, of: Callable[[Result], Interval]) -> float | None:
    if other.result is None or other.result.overloaded or not math.isfinite(mine.value):
        return None
    try:
        theirs = of(other.result)
    except (KeyError, NotCounted):  # another scenario may lack the workload or the group, or have another limit
        return None
    return mine.value - theirs.value if math.isfinite(theirs.value) else None


def _nothing(other: Compared) -> str:
    """Why there is no difference."""
    if other.result is not None and other.result.overloaded:
        return f"{other.name}: overloaded ({', '.join(other.result.overloaded)})"
    if other.placement is None:
        return f"{other.name}: impossible"
    return f"{other.name}: {'not played' if other.why else UNKNOWN}"


def _about(interval: Interval, shown: Callable[[float], str], more: str) -> str:
    if math.isnan(interval.low) or math.isnan(interval.high):
        return more
    return f"95 %: {shown(interval.low)} – {shown(interval.high)}; {more}"


def _shown(scale_s: float) -> Callable[[float], str]:
    """Milliseconds beside short limits, else the unit that suits."""
    return (lambda seconds: f"{ms(seconds)} ms") if scale_s < 10 else duration


def _percent(fraction: float) -> str:
    return percent(fraction, 2)


def _signed(value: float, shown: Callable[[float], str]) -> str:
    """
    >>> _signed(-0.012, lambda seconds: f"{ms(seconds)} ms")
    '-12.0 ms'
    >>> _signed(0.0, energy)
    '0 Wh'
    """
    text = shown(abs(value))
    return f"{'+' if value > 0 else '-'}{text}" if set(text) & _SOME else text.removeprefix("-") or NOTHING


def _better(change: float, least: float, sign: int) -> bool | None:
    return None if abs(change) < least else change * sign > 0
