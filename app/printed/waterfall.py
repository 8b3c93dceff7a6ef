"""Single requests as waterfalls of text: a line for each step, its bar below those before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.printed.lines import COLUMNS, cut, hanging
from app.tables.watched import heading, task_in_words
from planner.formats import ms
from sim.watching import Watched

_BAR = {"wait": "░", "transmission": "▓", "propagation": "─", "service": "█"}
_ROOM = 26  # of the bars
_MOST = 30  # steps of a request

LEGEND = "  " + ", ".join(f"{bar} {what}" for what, bar in _BAR.items())


def waterfall_lines(requests: Sequence[Watched]) -> list[str]:
    """At most 80 columns; each request on a scale of its own, from its birth to its end."""
    if not requests:
        return []
    return [
        "",
        "Slowest requests",
        LEGEND,
        *(line for number, one in enumerate(requests, 1) for line in _lines(number, one)),
    ]


def _lines(number: int, one: Watched) -> Iterator[str]:
    yield ""
    yield from (f"  {line}" for line in hanging(heading(number, one), COLUMNS - 2))
    whole = max(one.ended_ns - one.born_ns, 1)
    for step in one.steps[:_MOST]:
        begin, end = ((instant - one.born_ns) / whole * _ROOM for instant in (step.begin_ns, step.end_ns))
        first = min(int(begin), _ROOM - 1)
        bar = " " * first + _BAR[step.what] * max(round(end) - first, 1)
        took = f"{ms((step.end_ns - step.begin_ns) / 1e9)} ms"
        yield f"  {cut(task_in_words(step), 16):<17}{cut(step.where, 18):<19}{took:>11}  {bar}".rstrip()
    if len(one.steps) > _MOST:
        yield f"  … and {len(one.steps) - _MOST} more steps (--json has all)"
