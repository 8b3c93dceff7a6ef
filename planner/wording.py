"""Reasons, breaks, flips and relaxations as phrases."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hardware_profiles.estimates import in_ms
from planner.formats import duration, money, number, percent, plural, quantity, short_percent, signed
from planner.plans import Alternative, Broken, Excluded, Flip, Reason, Relaxation, Tried
from scenarios.figures import DERIVED, Figure
from scenarios.placement import Placement
from scenarios.places import TIERS
from scenarios.scenario import Scenario
from scenarios.totals import counted
from sim.precision import Precision

if TYPE_CHECKING:
    from sim.result import Result

SLACK = 1.02  # a suggested limit leaves so much room that the simulation can tell that it is met
OVERLOADED, NEARLY_FULL = "OVERLOADED", "NEARLY FULL"
_MOST = 3  # reasons that are told of one pool


def tier_in_words(tier: str) -> str:
    """
    >>> tier_in_words("on_prem")
    'on-prem'
    """
    return tier.replace("_", "-" if tier == "on_prem" else " ")


def marked(name: str, kind: str | None) -> str:
    """The name of a variant, or a value, with a mark where nobody measured it.

    >>> marked("yolo11n fp16", "estimated"), marked("yolo11n fp16 tensorrt", "measured")
    ('yolo11n fp16 (estimated)', 'yolo11n fp16 tensorrt')
    """
    return f"{name} ({kind})" if kind in DERIVED else name


def derived(placement: Placement) -> list[str]:
    """``the time of yolo11n on raspberry-pi-4 is estimated``, for each that nobody measured; with its error bar."""
    variants = (step.variant for route in placement.routes for step in route.steps)
    found = ((one.name, one.hardware, one.origin) for one in variants if one.origin.kind in DERIVED)
    return [f"the time of {name} on {on} is {origin.kind}{_bar(origin)}" for name, on, origin in dict.fromkeys(found)]


def _bar(origin: Figure) -> str:
    """``: played at 2.99 ms, it may be 0.972 ms to 9.19 ms``."""
    if origin.bar is None:
        return ""
    mean, low, high = (in_ms(seconds * 1e3) for seconds in (origin.value, *origin.bar))
    return f": played at {mean}, it may be {low} to {high}"


def lost(reason: Reason) -> list[str]:
    """What the best candidate of each pool without an admissible one breaks; like ones together.

    Tiers on which nothing would do come first, from the lowest. Other hardware of the chosen pool is named after the
    hardware. What is broken by a time that nobody measured says so.
    """
    best: dict[str, Excluded] = {}
    for one in reason.excluded:
        name = one.on if one.pool == reason.pool else one.pool
        if name not in best or _telling(one) < _telling(best[name]):
            best[name] = one
    pools: dict[str, list[str]] = {}
    lasting = {reason.tier, *reason.possible}
    for name in sorted(best, key=lambda name: (best[name].tier in lasting, TIERS.index(best[name].tier))):
        kinds = {broken.requirement: broken for broken in reversed(best[name].broken)}  # the first of each kind
        why = broken_in_words(_rules_first(kinds.values())[:_MOST])
        kind = best[name].kind
        pools.setdefault(why, []).append(f"{name} (its time {kind})" if kind in DERIVED else name)
    return [f"{' and '.join(names)}: {why}" for why, names in pools.items()]


def _telling(one: Excluded) -> tuple[bool, int]:
    """First what could run it at all: that nobody measured other hardware of the pool says less."""
    return one.kind is None, len(one.broken)


def broken_in_words(broken: Sequence[Broken]) -> str:
    """Everything that is broken, each once."""
    return ", ".join(dict.fromkeys(one_broken(one) for one in _rules_first(broken)))


def _rules_first(broken: Iterable[Broken]) -> list[Broken]:
    """No faster hardware helps where data may not go."""
    return sorted(broken, key=lambda one: one.requirement in ("latency", "accuracy", "done_by"))


def one_broken(broken: Broken) -> str:
    """With the limit beside what was found, where there is one.

    >>> one_broken(Broken("latency", "inspect needs 11.8 ms (p99)", 0.0118, 0.01, "s"))
    'inspect needs 11.8 ms (p99), limit 10 ms'
    """
    if broken.found is not None and broken.limit is not None:
        if broken.requirement == "accuracy":
            return f"accuracy {short_percent(broken.found)}, floor {short_percent(broken.limit)}"
        if broken.requirement in ("latency", "done_by"):
            return f"{broken.text}, limit {duration(broken.limit)}"
    return broken.text


def alternative(scenario: Scenario, other: Alternative) -> str:
    """``+251 USD a month: 3 rtx-3060 and 1 spare in server (on-prem)``; the count is as the scenario counts."""
    pool = scenario.pool(other.pool)
    extra = other.extra_usd_per_month
    more = f"{signed(extra)} USD a month" if abs(extra) >= 0.005 else "the same cost"
    number = f"{other.count} {other.on}" if other.count else other.on
    number += f" per {pool.count.per}" if other.count and pool.count.per else ""
    number += f" and {pool.spare} spare" if other.count and pool.spare else ""
    time = f", its time {other.kind}" if other.kind in DERIVED else ""
    return f"{more}: {number} in {other.pool} ({tier_in_words(other.tier)}){time}"


def nodes_in_words(scenario: Scenario, name: str, group: str | None, on: str, count: int) -> str:
    """``2 jetson-orin-nano-super per line in gateway``; the group of sites is named where there are several."""
    pool = scenario.pool(name)
    nodes = f"{number(count)} {on}" if count else on
    nodes += f" per {pool.count.per}" if count and pool.count.per else ""
    nodes += f" and {number(pool.spare)} spare" if count and pool.spare else ""
    return f"{nodes} in {name}" + (f" at {group}" if group and len(scenario.groups) > 1 else "")


def nearest_in_words(tried: Iterable[Tried]) -> str:
    """``with 2 toy-box in box: read p99 13.1 ms``: of what missed a limit the one that missed it least."""
    missed = (one for one in tried if one.verdict == "missed")
    one = min(missed, key=lambda one: (one.simulated_s / one.limit_s, one.usd_per_month), default=None)
    if one is None:
        return ""
    what = one.workload if one.of == "answer" else one.of
    late = duration(one.simulated_s) if one.limit_s >= 10 else f"{one.simulated_s * 1e3:.3g} ms"
    late = late if math.isfinite(one.simulated_s) else "without bound"
    return f"with {' and '.join(one.nodes) or 'nothing'}: {what} {one.metric} {late}"


def flips_in_words(flips: Sequence[Flip]) -> str:
    """``to camera (device) if accuracy floor ≤ 31 %``, one phrase for each tier that would win."""
    found: dict[str, list[str]] = {}
    for flip in flips:
        found.setdefault(f"to {flip.pool} ({tier_in_words(flip.tier)})", []).append(flip_in_words(flip))
    return "; ".join(f"{where} if {' or '.join(changes)}" for where, changes in found.items())


def flip_in_words(flip: Flip) -> str:
    """With the value of the setting, which is rounded to the safe side of the break-even.

    >>> flip_in_words(Flip("a.p99", "p99 limit", 0.010, 0.0119, "s", "camera", "device", "npu", "a.p99='12 ms'"))
    'p99 limit ≥ 12 ms'
    """
    return f"{flip.what} {'≥' if flip.at > flip.now else '≤'} {set_to(flip)}"


def set_to(flip: Flip) -> str:
    """The value in the setting of a flip."""
    return flip.setting.partition("=")[2].strip("'")


def setting(scenario: Scenario, relaxation: Relaxation) -> str | None:
    """The ``PATH=VALUE`` that makes a relaxation come true; ``None`` where no single value does."""
    path, needed = relaxation.path, relaxation.needed
    if not path:
        return None
    if path.startswith("links."):
        return None if needed is None or not relaxation.limit else f"{path}={_up(needed / relaxation.limit, 2)} times"
    if needed is None:
        return f"{path}=absent" if path.startswith(("data.", "workloads.")) else None
    match relaxation.unit:
        case "s":
            return f"{path}={_up(needed * SLACK * 1e3, 1)} ms"
        case "":
            return f"{path}={math.floor(needed * 1e3 + 1e-9) / 10:g} %"
        case "USD":
            return f"{path}={_up(needed, 0)} USD/month"
        case "nodes":
            return f"{path}={_count(scenario, path.split('.')[1], int(needed))}"
        case _:
            return f"{path}=absent"


def sampled_in_words(scenario: Scenario, sampled: Mapping[str, tuple[int, int]]) -> str:
    """``200 of 900 stores simulated in full, …`` of ``Result.sampled``; empty where every site is simulated."""
    if not sampled:
        return ""
    named = []
    for key, (some, of) in sampled.items():
        site, group = key.split("/", 1)
        alone = sum(one.site == site for one in scenario.groups) == 1
        named.append(f"{number(some)} of {counted(of, site)}" + ("" if alone else f" ({group})"))
    sites = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"{sites} simulated in full, the others at shared queues only"


def warnings(result: Result) -> list[str]:
    """Where queues grow without end, then where percentiles are not to be trusted, one line each."""
    found = [f"{OVERLOADED}  {', '.join(result.overloaded)}: queues grow without end"] if result.overloaded else []
    if full := result.nearly_full:
        named = ", ".join(f"{name} ({percent(busy)} busy)" for name, busy in full.items())
        drift = "service times drift by 10 to 25 % with load, so percentiles there are not to be trusted"
        found.append(f"{NEARLY_FULL}  {named}: {drift}")
    return found


def precision_in_words(precision: Precision, replications: int) -> str:
    """
    >>> precision_in_words(Precision(0.02, 0.0183), 30)
    'precision 1.8 % after 30 replications'
    >>> precision_in_words(Precision(0.02, 0.0312), 200)
    'precision 3.12 %, not 2 %, after 200 replications'
    """
    after = f"after {plural(replications, 'replication')}"
    if precision.met:
        return f"precision {percent(precision.reached)} {after}"
    reached = percent(precision.reached, 2) if math.isfinite(precision.reached) else "not known"
    return f"precision {reached}, not {short_percent(precision.asked)}, {after}"


def _up(value: float, digits: int) -> str:
    return f"{math.ceil(value * 10**digits - 1e-6) / 10**digits:.12g}"


def _count(scenario: Scenario, pool: str, high: int) -> str:
    count = scenario.pool(pool).count
    return f"{count.low}..{high}" + (f" per {count.per}" if count.per else "")


def relaxed(relaxation: Relaxation) -> tuple[str, str, str]:
    """(asked, needed, what it then costs) of a relaxation."""
    usd = relaxation.usd_per_month
    cost = "" if usd is None else f"{money(usd)} USD"
    if relaxation.needed is None or relaxation.what.startswith("without"):
        return "asked", "dropped", cost
    return quantity(relaxation.limit, relaxation.unit), quantity(relaxation.needed, relaxation.unit), cost
