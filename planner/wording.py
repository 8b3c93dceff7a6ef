"""Reasons, breaks, flips and relaxations as phrases."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from planner.formats import duration, money, quantity, short_percent, signed
from planner.plans import Alternative, Broken, Excluded, Flip, Reason, Relaxation
from scenarios.places import TIERS
from scenarios.scenario import Scenario

_MOST = 3  # reasons that are told of one pool


def tier_in_words(tier: str) -> str:
    """
    >>> tier_in_words("on_prem")
    'on-prem'
    """
    return tier.replace("_", "-" if tier == "on_prem" else " ")


def lost(reason: Reason) -> list[str]:
    """What the best candidate of each tier without an admissible one breaks, lowest tier first; like ones together."""
    lasting = {reason.tier} | ({reason.next_tier.tier} if reason.next_tier else set())
    best: dict[str, Excluded] = {}
    for one in reason.excluded:
        if one.tier not in lasting and (one.tier not in best or len(one.broken) < len(best[one.tier].broken)):
            best[one.tier] = one
    pools: dict[str, list[str]] = {}
    for tier in sorted(best, key=TIERS.index):
        kinds = {broken.requirement: broken for broken in reversed(best[tier].broken)}  # the first of each kind
        pools.setdefault(broken_in_words(_rules_first(kinds.values())[:_MOST]), []).append(best[tier].pool)
    return [f"{' and '.join(names)}: {why}" for why, names in pools.items()]


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
    """``3 rtx-3060 in server (on-prem), +251 USD a month``; the count is the scenario's own (``per line``)."""
    per = scenario.pool(other.pool).count.per
    number = f"{other.count} {other.on}" + (f" per {per}" if per else "") if other.count else other.on
    extra = other.extra_usd_per_month
    more = f"{signed(extra)} USD a month" if abs(extra) >= 0.005 else "at the same cost"
    return f"{number} in {other.pool} ({tier_in_words(other.tier)}), {more}"


def flips_in_words(flips: Sequence[Flip]) -> str:
    """``to camera (device) if the accuracy floor is 31.7 % or less``, one phrase for each tier that would win."""
    found: dict[str, list[str]] = {}
    for flip in flips:
        found.setdefault(f"to {flip.pool} ({tier_in_words(flip.tier)})", []).append(flip_in_words(flip))
    return "; ".join(f"{where} if {', or '.join(changes)}" for where, changes in found.items())


def flip_in_words(flip: Flip) -> str:
    change = "or more" if flip.at > flip.now else "or less"
    return f"{flip.what} is {quantity(flip.at, flip.unit)} {change}"


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
            return f"{path}={_up(needed * 1e3, 1)} ms"
        case "":
            return f"{path}={math.floor(needed * 1e3 + 1e-9) / 10:g} %"
        case "USD":
            return f"{path}={_up(needed, 0)} USD/month"
        case "nodes":
            return f"{path}={_count(scenario, path.split('.')[1], int(needed))}"
        case _:
            return f"{path}=absent"


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
