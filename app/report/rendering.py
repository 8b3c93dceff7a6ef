"""One report, written as a page (HTML) and as Markdown; text of a scenario stays text in both."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from app.charts.look import FONT, SIGN, css
from app.report.parts import Report

_URL = re.compile(r"https?://[^\s<>\"'|\\`;,()\[\]{}]+[^\s<>\"'|\\`;,.()\[\]{}]")
_MARKED = re.compile(r"[\\`*\[\]<>|~$#&]|(?<![^\W_])_|_(?![^\W_])")  # what Markdown could take for its own
_VERDICTS = {"met": "met", "MISSED": "missed", "undecided": "undecided", "not simulated": "undecided"}


def html(report: Report) -> str:
    """The whole page: it needs nothing else, runs no script, and points only at sources the reader may follow."""
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["linked"] = linked
    return page.from_string(_template("page.html")).render(
        report=report, css=Markup(css()), font=Markup(FONT), signs=SIGN, verdicts=_VERDICTS, inline=Markup
    )


def markdown(report: Report) -> str:
    """The same for GitHub and its kin: the pictures are files beside it."""
    page = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_plain, keep_trailing_newline=True
    )
    page.filters["fenced"] = _fenced
    return page.from_string(_template("page.md")).render(report=report, signs=SIGN, verdicts=_VERDICTS)


def linked(text: str) -> Markup:
    """Escaped, with its addresses as links; whoever follows one is not announced."""
    parts, end = Markup(), 0
    for found in _URL.finditer(text):
        parts += escape(text[end : found.start()])
        parts += Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found[0])
        end = found.end()
    return parts + escape(text[end:])


def _plain(value: Any) -> Any:
    """On one line, with nothing that Markdown would read; addresses stay as they are."""
    if isinstance(value, Markup):
        return value
    text, parts, end = " ".join(str(value).split()), [], 0
    for found in _URL.finditer(text):
        parts += [_MARKED.sub(_escaped, text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, _MARKED.sub(_escaped, text[end:])])


def _escaped(found: re.Match[str]) -> str:
    return "&amp;" if found[0] == "&" else f"\\{found[0]}"


def _fenced(text: str) -> Markup:
    """A block of code that nothing inside can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}sh\n{text}\n{fence}")


def _template(name: str) -> str:
    return (files("app.report") / name).read_text(encoding="utf-8")
