"""What a report consists of: sections of text, pictures and tables, before anybody writes them as HTML or Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from app.tables.verdict import Verdict

Kind = Literal["text", "figure", "short", "long", "sign"]  # right; on one line; broken anywhere; with a mark


@dataclass(frozen=True)
class Column:
    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """Rows of text, as wide as ``columns``, whose titles may all be empty; the first cell names its row.

    With ``sum`` the last row adds up the others.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    sum: bool = False

    @property
    def titled(self) -> bool:
        return any(column.title for column in self.columns)


@dataclass(frozen=True)
class Picture:
    """An SVG drawn in the ink of the page, and the name of its file beside the report."""

    file: str
    svg: str
    words: str  # what it shows, for who cannot see it
    caption: str = ""


@dataclass(frozen=True)
class Section:
    heading: str
    text: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z]+", "-", self.heading.lower()).strip("-")

    @property
    def filled(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.rows)

    @property
    def empty(self) -> bool:
        return not (self.text or self.pictures or self.filled)


@dataclass(frozen=True)
class Report:
    """``head`` is what the scenario is about, what was changed in it, and how much of it there is."""

    name: str
    head: tuple[str, ...]
    verdict: Verdict
    sections: tuple[Section, ...]
    command: str
