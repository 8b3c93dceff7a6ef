"""Lines of text: paragraphs behind a label, commands to paste, never wider than the page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

COLUMNS = 80
LABEL = 8


def paragraph(label: str, text: str, lines: int) -> list[str]:
    """Wrapped text behind a label, cut after so many lines."""
    found = _wrapped(text)
    if len(found) > lines:
        found = [*found[: lines - 1], cut(f"{found[lines - 1]} …", COLUMNS - LABEL)]
    return [labelled("" if i else label, line) for i, line in enumerate(found)]


def listed(label: str, head: str, items: Sequence[str], lines: int, between: str = ", ") -> list[str]:
    """Behind a label as many whole items as fit into so many lines, and how many are left out."""
    for shown in range(len(items), 0, -1):
        rest = [f"{len(items) - shown} more"] if shown < len(items) else []
        text = head + between.join([*items[:shown], *rest])
        if len(_wrapped(text)) <= lines:
            return paragraph(label, text, lines)
    return paragraph(label, head + between.join(items), lines)


def command(label: str, words: Sequence[str]) -> list[str]:
    """A command to paste, over several lines where it is long."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 1 <= COLUMNS - LABEL - len(" \\"):
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    ends = [" \\"] * (len(lines) - 1) + [""]
    return [
        labelled(label if i == 0 else "", line + end) for i, (line, end) in enumerate(zip(lines, ends, strict=True))
    ]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS - LABEL, break_long_words=False, break_on_hyphens=False) or [""]


def hanging(text: str, columns: int = COLUMNS) -> list[str]:
    """The whole text, its further lines indented."""
    return textwrap.wrap(text, columns, subsequent_indent="  ", break_on_hyphens=False) or [""]


def labelled(label: str, line: str) -> str:
    """A line behind its label."""
    return f"{label:<{LABEL}}{line}"


def cut(text: str, columns: int) -> str:
    """The text, or its first words and an ellipsis."""
    if len(text) <= columns:
        return text
    kept = text[: columns - 1]
    words = kept.rsplit(" ", 1)[0]
    return (words if len(words) > columns - 16 else kept).rstrip(" ,;") + "…"
