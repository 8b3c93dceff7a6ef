"""The report of a plan: what it says, and the files in which `run` leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.charts.look import standing_alone
from app.charts.printed import print_figures
from app.invocation import Invocation
from app.printed.summary import about_it
from app.report.parts import Report
from app.report.rendering import html, markdown
from app.report.sections import sections
from app.report.writing import folder, write, write_plan
from app.tables.verdict import verdict
from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.writing import place
from planner.plans import Plan

_AT_TIMES = ("topology.svg", "split.svg", "cost.svg", "response-*.svg", "figures.pdf")  # files that not every run makes


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
    and, where there is a plan, ``figures.pdf`` for print. Then
    those of an earlier run that this one has none of go away; whatever else lies there stays.

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
    _tidy(here, written)
    return tuple(written)


def _tidy(here: Path, written: Sequence[Path]) -> None:
    """Removes what an earlier run drew, which would be taken for this one's."""
    drawn = {path for pattern in _AT_TIMES for path in here.glob(pattern) if path.is_file()}
    try:
        for path in drawn.difference(written):
            path.unlink()
    except OSError as error:
        raise BadInput(Fault("--out", f"{here} ({error.strerror})", "a folder that can be written")) from None
