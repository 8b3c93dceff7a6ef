"""Reasons in words: short sentences that an architect can repeat."""

from __future__ import annotations

from planner.plans import Alternative, Excluded, Reason


def because(reason: Reason) -> str:
    """Why the others lost: what the excluded ones break, else that they cost more."""
    parts = [excluded(one) for one in _telling(reason)]
    if reason.next_route is not None:
        parts.append(f"the next best, {instead(reason.next_route)}")
    return "; ".join(parts) if parts else "nothing else can run it"


def _telling(reason: Reason) -> list[Excluded]:
    """One excluded candidate for each tier that has no admissible one."""
    tiers: dict[str, Excluded] = {}
    for one in reason.excluded:
        if one.tier != reason.tier and not (reason.next_tier and one.tier == reason.next_tier.tier):
            best = tiers.get(one.tier)
            if best is None or len(one.broken) < len(best.broken):
                tiers[one.tier] = one
    return list(tiers.values())


def excluded(one: Excluded) -> str:
    """``camera (rb3-gen-2): inspect needs 11.8 ms (p99)``."""
    texts = dict.fromkeys(broken.text for broken in one.broken)
    return f"{one.pool} ({one.on}): {', '.join(texts)}"


def instead(other: Alternative) -> str:
    """``3 rtx-3060 in server (on_prem), costs 251 USD a month more``."""
    number = f"{other.count} " if other.count else ""
    extra = other.extra_usd_per_month
    more = f"costs {extra:,.0f} USD a month more" if extra >= 0.5 else "costs the same"
    return f"{number}{other.on} in {other.pool} ({other.tier}), {more}"
