"""How to look at a scenario; it never changes the question."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.language.quantities import Number, Seconds
from scenarios.language.shape import Later, Shape


class SimulateText(Shape):
    """How long and how often."""

    busiest: Seconds | None = None
    """Span that is measured, in the busiest hour."""
    warm_up: Seconds | None = None
    """Span before it."""
    replications: Number | None = None
    """How often, with other draws."""
    sample: Annotated[str | None, Later("samples of sites")] = None
    """Share of the sites in full: ``2 % of person``."""


class DrillText(Shape):
    """A break that is tried out."""

    name: str
    link: str | None = None
    pool: str | None = None
    count: Number | None = None
    at: str
    duration: Annotated[Seconds, Field(alias="for")]
    sites: str | None = None


class StudyText(Shape):
    """How to look at it."""

    month: Seconds | None = None
    """A month is 730 h."""
    simulate: SimulateText = SimulateText()
    """How long and how often."""
    drills: Annotated[list[DrillText] | None, Later("drills")] = None
    """Breaks that are tried out."""
