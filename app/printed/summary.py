"""The printed answer of `plan` and `run`: at most 80 columns and 30 lines, the reason before the tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.invocation import Invocation
from app.printed.lines import COLUMNS, LABEL, command, cut, labelled, listed, paragraph
from app.tables.placements import placed_in_words
from app.tables.requirements import loud, requirement_rows
from app.tables.sources import sources
from planner.formats import money, percent, plural, signed
from planner.plans import Assumption, Baseline, Plan, Reason
from planner.wording import alternative, flips_in_words, lost
from scenarios.scenario import Scenario
from scenarios.totals import totals

LINES = 30
_NAME = 24  # letters of a requirement


@dataclass(frozen=True)
class _Room:
    """How many rows the requirements and how many lines each paragraph may take."""

    rows: int
    plan: int
    why: int
    otherwise: int
    flips: int
    assumed: int


# The first that fits on the page is taken.
_ROOMS = (
    _Room(rows=12, plan=6, why=6, otherwise=3, flips=4, assumed=3),
    _Room(rows=9, plan=4, why=5, otherwise=2, flips=3, assumed=2),
    _Room(rows=7, plan=4, why=4, otherwise=2, flips=3, assumed=1),
    _Room(rows=6, plan=3, why=3, otherwise=2, flips=2, assumed=1),
    _Room(rows=6, plan=3, why=3, otherwise=1, flips=2, assumed=1),
    _Room(rows=4, plan=3, why=2, otherwise=1, flips=2, assumed=1),
    _Room(rows=3, plan=2, why=1, otherwise=1, flips=1, assumed=1),
)


def summary(plan: Plan, asked: Invocation, report: Path | None = None) -> list[str]:
    """The lines of a plan that exists; what is missed comes first.

    Parameters
    ----------
    plan
        With a placement; see `app.printed.infeasible` for the other kind.
    asked
        How the user asked, for the commands under ``Next``.
    report
        Where the report was written.
    """
    text: list[str] = []
    for room in _ROOMS:
        text = [
            *_loud(plan),
            *head(plan.scenario, asked),
            "",
            *_plan(plan, room.plan),
            *_why(plan, room),
            "",
            *_requirements(plan, room.rows),
            "",
            *_costs(plan),
            "",
            *_assumed(plan, room.assumed),
            *_sources(plan),
            *report_line(report),
            *(_next(plan, asked) if report else []),
        ]
        if len(text) <= LINES:
            break
    return text


def head(scenario: Scenario, asked: Invocation | None = None) -> list[str]:
    """Name, what it is about, what was changed in it, and how much of it there is."""
    about = " ".join(scenario.about.split())
    lines = [cut(f"{scenario.name}   {about}".rstrip(), COLUMNS)]
    changes = list(scenario.changes)
    if asked is not None:
        changes += [f"fix {one}" for one in asked.fixed] + [f"forbid {one}" for one in asked.forbidden]
    if changes:
        lines.append(cut(f"  changed: {'; '.join(changes)}", COLUMNS))
    return lines + [cut(f"  {line}", COLUMNS) for line in totals(scenario)[:2]]


def _loud(plan: Plan) -> list[str]:
    lines = loud(plan)[:3]
    if plan.result is not None and plan.result.overloaded:
        lines.append(f"OVERLOADED  {', '.join(plan.result.overloaded)}: queues grow without end")
    return [*(cut(line, COLUMNS) for line in lines), ""] if lines else []


def _plan(plan: Plan, lines: int) -> list[str]:
    assert plan.placement is not None
    placed = placed_in_words(plan)
    if len(placed) > lines:
        placed = [*placed[: lines - 1], f"… and {len(placed) - lines + 1} more"]
    cost = f"{money(plan.usd_per_month)} USD{_in_currency(plan, plan.usd_per_month)} a month, {_within(plan)}"
    shown = [cut(text, COLUMNS - LABEL) for text in placed]
    return [labelled("" if i else "Plan", line) for i, line in enumerate(shown)] + paragraph("", cost, 2)


def _within(plan: Plan) -> str:
    text = f"cheapest within {percent(max(plan.solver.gap, 0.0) if plan.solver else 0.0)} (solver)"
    text += f", {percent(plan.model_gap)} (model)" if plan.model_gap is not None else ", no bound (model)"
    if plan.undecided and plan.bound_usd_per_month is not None:
        text += f": one at {money(plan.bound_usd_per_month)} USD stays undecided in simulation"
    return text


def _in_currency(plan: Plan, usd: float | None) -> str:
    scenario = plan.scenario
    if scenario.currency == "USD" or usd is None:
        return ""
    return f" ({money(usd / scenario.usd_per_currency)} {scenario.currency})"


def _why(plan: Plan, room: _Room) -> list[str]:
    """Of the most expensive workload where the others have reasons of their own."""
    if not plan.reasons:
        return []
    reason = max(plan.reasons, key=lambda one: _cost_of(plan, one))
    others_cost = reason.next_route is not None or reason.next_tier is not None
    why = "; ".join(lost(reason)) or ("what else can run it costs more" if others_cost else "nothing else can run it")
    if any(lost(other) != lost(reason) for other in plan.reasons):
        why = f"for {_named(plan, reason)} (the report has all): {why}"
    if plan.refuted:
        why += f"; {plural(plan.refuted, 'cheaper placement')} failed in simulation"
    others = [reason.next_tier] if reason.next_tier else []
    if reason.next_route is not None and reason.next_route.tier == reason.tier:
        others.append(reason.next_route)
    otherwise = [alternative(plan.scenario, other) for other in others] or ["nothing else can run it"]
    text = [*paragraph("Why", why, room.why), *listed("Else", "", otherwise, room.otherwise, "; ")]
    return text + (paragraph("Flips", flips_in_words(plan.flips), room.flips) if plan.flips else [])


def _cost_of(plan: Plan, reason: Reason) -> float:
    """Of the pool that the workload runs on [USD a month]."""
    here = (line for line in plan.bill if line.of == reason.pool and line.group in (None, reason.group))
    return sum(line.usd_per_month for line in here)


def _named(plan: Plan, reason: Reason) -> str:
    return f"{reason.workload} at {reason.group}" if reason.group and len(plan.scenario.groups) > 1 else reason.workload


def _requirements(plan: Plan, rows: int) -> list[str]:
    table = [("requirement", "limit", "planned", "simulated (95 %)", "margin", ""), *requirement_rows(plan, _NAME)]
    widths = (_NAME + 1, 8, 9, 19, 8, 0)
    text = ["".join(cut(cell, _NAME).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    if len(text) > rows + 1:
        text = [*text[:rows], f"… and {len(text) - rows} more rows"]
    return [cut(f"  {line}".rstrip(), COLUMNS) for line in text]


def _costs(plan: Plan) -> list[str]:
    columns = [("here", plan.usd_per_month, "")]
    columns += [
        (baseline.name.replace("_", " "), baseline.usd_per_month, breaks(baseline)) for baseline in plan.baselines
    ]
    head_line = "  cost a month".ljust(20) + "".join(f"{name:<20}" for name, _, _ in columns)
    lines = [head_line.rstrip()]
    rates = {"USD": 1.0}
    if plan.scenario.currency != "USD":
        rates[plan.scenario.currency] = plan.scenario.usd_per_currency
    for i, (currency, rate) in enumerate(rates.items()):
        cells = (_cell(usd, rate, broken if i == 0 else "") for _, usd, broken in columns)
        lines.append((f"  {currency}".ljust(20) + "".join(f"{cell:<20}" for cell in cells)).rstrip())
    return lines


def _cell(usd: float | None, rate: float, broken: str) -> str:
    return "impossible" if usd is None else f"{money(usd / rate)} {broken}".strip()


def breaks(baseline: Baseline) -> str:
    """``breaks 4``, in as many requirements."""
    return f"breaks {len(baseline.breaks)}" if baseline.breaks else "breaks none"


def _assumed(plan: Plan, lines: int) -> list[str]:
    if not plan.assumptions:
        return paragraph("Assumed", "nothing", 1)
    figures = plural(len(plan.assumptions), "figure")
    telling = [one for one in plan.assumptions if abs(one.effect_usd_per_month) >= 0.005]
    if not telling:
        return paragraph("Assumed", f"{figures} without effect on the cost", lines)
    effects = [f"{' '.join(one.what.split())} {_effect(plan, one)}" for one in telling]
    return listed("Assumed", f"{figures}; if 10 % higher: ", effects, lines)


def _effect(plan: Plan, one: Assumption) -> str:
    if not plan.usd_per_month:
        return f"{signed(one.effect_usd_per_month)} USD"
    fraction = one.effect_usd_per_month / plan.usd_per_month
    return f"{'+' if fraction > 0 else ''}{percent(fraction)}"


def _sources(plan: Plan) -> list[str]:
    known = sources(plan)
    dates = sorted(date for date in known["date"] if date)
    oldest = f", oldest {dates[0]}" if dates else ""
    rows = plural(len(known), "catalogue row") if len(known) else "the scenario's own figures"
    text = f"{rows}{oldest}; seed {plan.seed}"
    if plan.result is not None:
        text += f"; simulated {plural(int(plan.result.workloads['requests'].sum()), 'request')}"
    return paragraph("Sources", text, 1)


def report_line(report: Path | None) -> list[str]:
    """Where the report is, as a link where that fits."""
    if report is None:
        return []
    url = report.absolute().as_uri()
    return [labelled("Report", url if len(url) <= COLUMNS - LABEL else str(report))]


def _next(plan: Plan, asked: Invocation) -> list[str]:
    if plan.flips:
        setting = plan.flips[0].setting
        others = tuple(one for one in asked.settings if not one.startswith(f"{setting.partition('=')[0]}="))
        return command("Next", [*replace(asked, settings=others).words("plan"), f"--set {setting}"])
    return command("Next", asked.words("simulate"))
