"""What a plan comes down to, in sentences: terminal, report and page say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.tables.placements import placed_in_words
from app.tables.plans import NOTHING_ELSE, because, excluded
from app.tables.requirements import loud
from planner.formats import money, percent, plural
from planner.plans import Plan, Reason, Relaxation
from planner.wording import alternative, flips_in_words, lost, nearest_in_words, relaxed, tier_in_words, warnings

Tone = Literal["met", "missed", "undecided", "infeasible", "unknown"]

WORDS: dict[Tone, str] = {
    "met": "Met",
    "missed": "Missed",
    "undecided": "Undecided",
    "infeasible": "Infeasible",
    "unknown": "No plan found",
}
NO_SINGLE_ONE = "no single requirement stands in the way: dropping any one of them is not enough"
_MOST_NAMED = 4  # tasks in the headline


@dataclass(frozen=True)
class Verdict:
    """Whole sentences, never cut; what a plan does not have is empty.

    Attributes
    ----------
    loud
        What is missed, undecided, overloaded or nearly full, one line each: it is told before everything else.
    placed
        What runs where, one phrase for each pool and group, then what is only moved.
    otherwise
        The next best with what they cost more; of no plan, what would make one possible, cheapest first.
    why
        Why it runs there; of the workload in ``of`` where the others have reasons of their own.
    flips
        What would have to change for another tier to win.
    """

    tone: Tone
    told: str  # the verdict in one line, without its word
    loud: tuple[str, ...]
    placed: tuple[str, ...]
    cost: str
    of: str
    why: str
    otherwise: tuple[str, ...]
    flips: str

    @property
    def word(self) -> str:
        return WORDS[self.tone]

    @property
    def headline(self) -> str:
        """``Met: every requirement, for 317 USD a month, with inspect (gateway)``."""
        return f"{self.word}: {self.told}"


def verdict(plan: Plan) -> Verdict:
    """Of a plan, or of none: then why there is none, and what would help."""
    if plan.placement is None:
        return _none(plan)
    return Verdict(
        tone=tone(plan),
        told=_told(plan),
        loud=(*loud(plan), *(warnings(plan.result) if plan.result else ())),
        placed=tuple(placed_in_words(plan)),
        cost=f"{money(plan.usd_per_month)} USD{in_currency(plan)} a month, {_within(plan)}",
        of=_of(plan),
        why=_why(plan),
        otherwise=_otherwise(plan),
        flips=flips_in_words(plan.flips),
    )


def tone(plan: Plan) -> Tone:
    """The worst of what the simulation said of the requirements."""
    if plan.placement is None:
        return "unknown" if plan.status == "unknown" else "infeasible"
    verdicts = {check.verdict for check in plan.checks}
    if "missed" in verdicts or (plan.result is not None and plan.result.overloaded):
        return "missed"
    return "undecided" if verdicts & {"undecided", "not simulated"} else "met"


def in_currency(plan: Plan) -> str:
    """The cost in the scenario's own currency, in brackets, where that is another one."""
    scenario = plan.scenario
    if scenario.currency == "USD" or plan.usd_per_month is None:
        return ""
    return f" ({money(plan.usd_per_month / scenario.usd_per_currency)} {scenario.currency})"


def explained(plan: Plan) -> Reason | None:
    """The reason of the most expensive workload: the one that the verdict tells."""
    return max(plan.reasons, key=lambda one: _cost_of(plan, one), default=None)


def helpful(plan: Plan) -> list[Relaxation]:
    """What would make a plan possible, each alone, cheapest first."""
    return sorted(plan.conflict, key=lambda one: one.usd_per_month if one.usd_per_month is not None else float("inf"))


def _none(plan: Plan) -> Verdict:
    found = "; ".join(f"{row['pool']}, {row['on']}: {row['breaks']}" for row in excluded(plan).to_dict("records"))
    told, first = f"no placement meets every requirement of {plan.scenario.name}", tuple[str, ...]()
    if plan.status == "unknown":
        told = "within the budget of simulations; none is proven impossible"
        first = (f"{plural(plan.refuted, 'placement')} failed in simulation, {plan.undecided} stayed undecided",)
    return Verdict(
        tone=tone(plan),
        told=told,
        loud=first,
        placed=(),
        cost="",
        of="",
        why=found or "each pool could do it alone, but not within the counts and the budget",
        otherwise=tuple(_relaxed(one) for one in helpful(plan)) or _without_a_way(plan) or (NO_SINGLE_ONE,),
        flips="",
    )


def _without_a_way(plan: Plan) -> tuple[str, ...]:
    """Workloads that nothing can carry: no requirement helps them."""
    return tuple(
        dict.fromkeys(
            f"{broken.text}; no requirement stands in its way"
            for one in plan.excluded
            for broken in one.broken
            if broken.requirement == "path" and broken.path
        )
    )


def _relaxed(one: Relaxation) -> str:
    asked, needed, cost = relaxed(one)
    change = one.what if asked == "asked" else f"{one.what} {needed} instead of {asked}"
    return change + (f" ({cost} a month)" if cost else "")


def _told(plan: Plan) -> str:
    judged = tone(plan)
    number = sum(check.verdict == "missed" for check in plan.checks)
    if judged == "undecided":
        number = sum(check.verdict in ("undecided", "not simulated") for check in plan.checks)
    what = f"{number} of {plural(len(plan.checks), 'requirement')}"
    if judged == "met":
        what = "every requirement" if plan.checks else "nothing is required"
    elif not number:
        what = "queues grow without end"
    return f"{what}, for {money(plan.usd_per_month)} USD{in_currency(plan)} a month, with {_tiers(plan)}"


def _tiers(plan: Plan) -> str:
    """``read (gateway) and match (regional cloud)``; where there are many tasks, how many run on each tier."""
    assert plan.placement is not None
    where: dict[str, list[str]] = {}  # tiers of each task
    for route in plan.placement.routes:
        for step in route.steps:
            tier = tier_in_words(plan.scenario.pool(step.pool).tier)
            found = where.setdefault(f"{route.workload}.{step.task}", [])
            if tier not in found:
                found.append(tier)
    names = [name.partition(".")[2] for name in where]
    if not where:
        return "nothing to run"
    if len(where) <= _MOST_NAMED and len(set(names)) == len(names):
        return _and([f"{name} ({', '.join(tiers)})" for name, tiers in zip(names, where.values(), strict=True)])
    tiers = dict.fromkeys(tier for found in where.values() for tier in found)
    return _and([f"{plural(sum(t in found for found in where.values()), 'task')} on {t}" for t in tiers])


def _and(phrases: list[str]) -> str:
    return " and ".join([", ".join(phrases[:-1]), phrases[-1]] if len(phrases) > 1 else phrases)


def _within(plan: Plan) -> str:
    text = f"cheapest within {percent(max(plan.solver.gap, 0.0) if plan.solver else 0.0)} (solver)"
    text += f", {percent(plan.model_gap)} (model)" if plan.model_gap is not None else ", no bound (model)"
    if plan.undecided and plan.bound_usd_per_month is not None:
        text += f": one at {money(plan.bound_usd_per_month)} USD stays undecided in simulation"
    return text


def _of(plan: Plan) -> str:
    """The explained workload, where the others have reasons of their own."""
    reason = explained(plan)
    if reason is None or all(lost(other) == lost(reason) for other in plan.reasons):
        return ""
    return f"{reason.workload} at {reason.group}" if reason.group and len(plan.scenario.groups) > 1 else reason.workload


def _why(plan: Plan) -> str:
    reason = explained(plan)
    if reason is None:
        return ""
    why = because(reason)
    if not plan.refuted:
        return why
    failed = f"{plural(plan.refuted, 'cheaper placement')} failed in simulation"
    nearest = nearest_in_words(plan.tried)
    if nearest:
        failed += f", {'the nearest ' if plan.refuted > 1 else ''}{nearest}"
    return f"{why}; {failed}"


def _otherwise(plan: Plan) -> tuple[str, ...]:
    """The next best tier, then the next best route where that is another."""
    reason = explained(plan)
    if reason is None:
        return ()
    tier, route = reason.next_tier, reason.next_route
    others = [tier] if tier else []
    if route is not None and (tier is None or (route.pool, route.on) != (tier.pool, tier.on)):
        others.append(route)
    return tuple(alternative(plan.scenario, other) for other in others) or (NOTHING_ELSE,)


def _cost_of(plan: Plan, reason: Reason) -> float:
    """Of the pool that the workload runs on [USD a month]."""
    here = (line for line in plan.bill if line.of == reason.pool and line.group in (None, reason.group))
    return sum(line.usd_per_month for line in here)
