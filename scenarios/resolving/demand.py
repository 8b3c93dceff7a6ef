"""Shapes of demand: an hour of a day gets the numbers of that day, else of a weekday, else of every day."""

from __future__ import annotations

from scenarios.calendar import DAYS, EVEN, Week
from scenarios.language.calendar import DemandText
from scenarios.language.document import Document
from scenarios.source import Source


def weeks(document: Document, source: Source) -> dict[str, Week]:
    """Every shape by name; a fault for one that leaves a day out, or in which nothing ever comes."""
    return {name: _week(name, text, source) for name, text in document.demand.items()}


def _week(name: str, text: DemandText, source: Source) -> Week:
    cells: list[float] = []
    for number, day in enumerate(DAYS):
        weekday = text.weekday if number < 5 else None
        hours = next((one for one in (getattr(text, day), weekday, text.every_day) if one is not None), None)
        if hours is None:
            source.wrong(("demand", name), f"nothing for {day}", f"{day}: 24 numbers, or closed (or every day: …)")
            return EVEN
        cells += hours
    if not any(cells):
        source.wrong(("demand", name), "closed all week", "an hour in which something comes")
        return EVEN
    return Week(tuple(cells))
