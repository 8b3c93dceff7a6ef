"""Lines of text: paragraphs behind a label, commands to paste, never wider than the page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

COLUMNS = 80
LABEL = 8


def paragraph(label: str, text: str, lines: int) -> list[str]:
    """Wrapped text behind a label, cut after so many lines."""
    found = textwrap.wrap(text, COLUMNS - LABEL, break_long_words=False, break_on_hyphens=False) or [""]
    if len(found) > lines:
        found = [*found[: lines - 1], cut(f"{found[lines - 1]} …", COLUMNS - LABEL)]
    return [labelled("" if i else label, line) for i, line in enumerate(found)]


def command(label: str, words: Sequence[str]) -> list[str]:
    """A command to paste, over several lines where it is long."""
    whole = " ".join(words)
    if len(whole) <= COLUMNS - LABEL:
        return [labelled(label, whole)]
    lines = [words[0], *(f"  {word}" for word in words[1:])]
    ends = [" \\"] * (len(lines) - 1) + [""]
    return [
        labelled(label if i == 0 else "", line + end) for i, (line, end) in enumerate(zip(lines, ends, strict=True))
    ]


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
