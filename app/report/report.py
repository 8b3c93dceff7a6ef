"""The report of a plan: what it says, and the files in which `run` leaves it."""

from __future__ import annotations

from pathlib import Path

from app.charts.look import standing_alone
from app.charts.printed import print_figures
from app.invocation import Invocation
from app.printed.summary import about_it
from app.report.parts import Report
from app.report.rendering import html, markdown
from app.report.sections import sections
from app.report.writing import folder, place, write, write_plan
from app.tables.verdict import verdict
from planner.plans import Plan


def report_of(plan: Plan, asked: Invocation) -> Report:
    """Everything a report says, to be written by `app.report.rendering`."""
    scenario = plan.scenario
    told = tuple(line for line in about_it(scenario, asked) if line)
    return Report(scenario.name, told, verdict(plan), sections(plan), asked.line("run"))


def report_html(plan: Plan, asked: Invocation) -> str:
    """The page alone, as a text."""
    return html(report_of(plan, asked))


def write_report(plan: Plan, asked: Invocation, out: Path) -> tuple[Path, ...]:
    """Writes the files of a report into ``out/SCENARIO``; each is whole or as it was before.

    ``report.html`` comes first and needs none of the others; then ``report.md``, the pictures it shows, ``plan.json``,
    and, where there is a plan, ``figures.pdf`` for print.

    Raises
    ------
    BadInput
        Where the folder cannot be written.
    """
    here, report = folder(plan.scenario, out), report_of(plan, asked)
    pictures = {picture.file: picture for section in report.sections for picture in section.pictures}
    written = [write(here / "report.html", html(report)), write(here / "report.md", markdown(report))]
    written += [write(here / name, standing_alone(picture.svg)) for name, picture in pictures.items()]
    written.append(write_plan(plan, out))
    if plan.placement is not None:
        written.append(place(here / "figures.pdf", lambda path: print_figures(plan, path)))
    return tuple(written)
