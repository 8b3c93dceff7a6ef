"""The printed answer of `plan` and `run`: at most 80 columns and 30 lines, the reason before the tables."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from app.invocation import Invocation
from app.printed.lines import COLUMNS, LABEL, command, cut, hanging, labelled, listed, paragraph
from app.tables.requirements import requirement_rows
from app.tables.sources import sources
from app.tables.verdict import Verdict, verdict
from planner.formats import money, percent, plural, signed
from planner.plans import Baseline, Plan
from planner.wording import NEARLY_FULL, OVERLOADED, sampled_in_words
from scenarios.figures import DERIVED
from scenarios.scenario import Scenario
from scenarios.totals import figures_in_words, totals

LINES = 30
_NAME = 24  # letters of a requirement
_LOUD = 3  # requirements told before the name


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
    found = verdict(plan)
    text: list[str] = []
    for room in _ROOMS:
        text = [
            *_loud(found),
            *head(plan.scenario, asked),
            "",
            *_plan(found, room.plan),
            *_why(found, room),
            "",
            *_requirements(plan, room.rows),
            "",
            *_costs(plan),
            "",
            *_assumed(plan, room.assumed),
            *_judged(plan),
            *_sources(plan),
            *report_line(report),
            *(_next(plan, asked) if report else []),
        ]
        if len(text) <= LINES:
            break
    return text


def head(scenario: Scenario, asked: Invocation | None = None) -> list[str]:
    """Name, what it is about, what was changed in it, and how much of it there is."""
    about, *lines = about_it(scenario, asked)
    first = cut(f"{scenario.name}   {about}".rstrip(), COLUMNS)
    return [first, *(f"  {part}" for line in lines for part in hanging(line, COLUMNS - 2))]


def about_it(scenario: Scenario, asked: Invocation | None = None) -> list[str]:
    """The same without the name, each line whole; the first is empty where the scenario does not say."""
    changes = list(scenario.changes)
    if asked is not None:
        changes += [f"fix {one}" for one in asked.fixed] + [f"forbid {one}" for one in asked.forbidden]
    changed = [f"changed: {'; '.join(changes)}"] if changes else []
    counted = totals(scenario)
    figures = figures_in_words(scenario)
    streams = counted[: len(counted) - len(figures)]
    return [" ".join(scenario.about.split()), *changed, *streams[: max(1, 2 - len(figures))], *figures]


def _loud(found: Verdict) -> list[str]:
    queues = [line for line in found.loud if line.startswith((OVERLOADED, NEARLY_FULL))]
    lines = [*[line for line in found.loud if line not in queues][:_LOUD], *queues]
    return [*(part for line in lines for part in hanging(line)), ""] if lines else []


def _plan(found: Verdict, lines: int) -> list[str]:
    """Phrases are never cut: as many as fit, the first always."""
    phrases = [hanging(text, COLUMNS - LABEL) for text in found.placed]
    shown: list[str] = []
    for number, phrase in enumerate(phrases):
        last = number == len(phrases) - 1
        if number and len(shown) + len(phrase) > lines - (not last):
            shown.append(f"… and {len(phrases) - number} more")
            break
        shown += phrase
    return [labelled("" if i else "Plan", line) for i, line in enumerate(shown)] + paragraph("", found.cost, 2)


def _why(found: Verdict, room: _Room) -> list[str]:
    if not found.why:
        return []
    why = f"for {found.of} (the report has all): {found.why}" if found.of else found.why
    text = [*paragraph("Why", why, room.why), *listed("Else", "", found.otherwise, room.otherwise, "; ")]
    return text + (paragraph("Flips", found.flips, room.flips) if found.flips else [])


def _requirements(plan: Plan, rows: int) -> list[str]:
    table = [("requirement", "limit", "planned", "simulated (95 %)", "margin", ""), *requirement_rows(plan, _NAME)]
    widths = (_NAME + 1, 8, 9, 20, 8, 0)
    text = ["".join(cut(cell, _NAME).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    if len(text) > rows + 1:
        text = [*text[:rows], f"… and {len(text) - rows} more rows"]
    sampled = sampled_in_words(plan.scenario, plan.result.sampled) if plan.result is not None else ""
    return [cut(f"  {line}".rstrip(), COLUMNS) for line in (*text, *([sampled] if sampled else []))]


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
    figures = plural(len(plan.assumptions), "figure") + _derived(plan)
    effects = [
        f"{' '.join(one.what.split())} {_effect(plan, one.effect_usd_per_month)}"
        for one in plan.assumptions
        if one.effect_usd_per_month is not None and abs(one.effect_usd_per_month) >= 0.005
    ]
    if not effects:
        known = all(one.effect_usd_per_month is not None for one in plan.assumptions)
        return paragraph("Assumed", figures + (" without effect on the cost" if known else ", no price"), lines)
    return listed("Assumed", f"{figures}; if 10 % higher: ", effects, lines)


def _judged(plan: Plan) -> list[str]:
    """What the planner left to the simulation; nothing where that is nothing."""
    what = dict.fromkeys(part.what for part in plan.scenario.judged)
    return listed("Judged", "by the simulation alone: ", list(what), 1) if what else []


def _derived(plan: Plan) -> str:
    """``, 2 of them estimated, which leaves 1 requirement undecided``."""
    kinds = [one.kind for one in plan.assumptions]
    text = "".join(f", {kinds.count(kind)} of them {kind}" for kind in DERIVED if kind in kinds)
    left = sum(bool(check.note) for check in plan.checks)
    return text + (f", which leaves {plural(left, 'requirement')} undecided" if left else "")


def _effect(plan: Plan, usd_per_month: float) -> str:
    if not plan.usd_per_month:
        return f"{signed(usd_per_month)} USD"
    fraction = usd_per_month / plan.usd_per_month
    return f"{'+' if fraction > 0 else ''}{percent(fraction)}"


def _sources(plan: Plan) -> list[str]:
    known = sources(plan)
    dates = sorted(date for date in known["date"] if date)
    oldest = f", oldest {dates[0]}" if dates else ""
    rows = known_rows(plan.scenario, len(known)) if len(known) else "the scenario's own figures"
    text = f"{rows}{oldest}; seed {plan.seed}"
    if plan.result is not None:
        text += f"; simulated {plural(int(plan.result.workloads['requests'].sum()), 'request')}"
    return paragraph("Sources", text, 1)


def known_rows(scenario: Scenario, number: int) -> str:
    """``35 catalogue rows``, or ``35 rows of the catalogue and my-board.json``."""
    if not scenario.files:
        return plural(number, "catalogue row")
    return f"{plural(number, 'row')} of the catalogue and {', '.join(Path(file.path).name for file in scenario.files)}"


def report_line(report: Path | None) -> list[str]:
    """Where the report is, as a link where that fits."""
    if report is None:
        return []
    url = report.absolute().as_uri()
    return [labelled("Report", url if len(url) <= COLUMNS - LABEL else str(report))]


def _next(plan: Plan, asked: Invocation) -> list[str]:
    page = command("Next", replace(asked, fixed=(), forbidden=()).words("app"))
    mine = command("", [f"{asked.program} new my-scenario --like {shlex.quote(asked.scenario)}"])
    return [*page, *_another(plan, asked), *mine]


def _another(plan: Plan, asked: Invocation) -> list[str]:
    """What really moves the answer to another tier, where that is known."""
    if plan.flips:
        setting = plan.flips[0].setting
        others = tuple(one for one in asked.settings if not one.startswith(f"{setting.partition('=')[0]}="))
        return command("", [*replace(asked, settings=others).words("plan"), f"--set {setting}"])
    return command("", asked.words("simulate"))
