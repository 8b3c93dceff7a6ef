"""A whole scenario file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from scenarios.language.calendar import DemandText, JobText, LifecycleText
from scenarios.language.data import DataText
from scenarios.language.figures import Figures
from scenarios.language.links import LinkText
from scenarios.language.pools import PoolText
from scenarios.language.prices import PricesText
from scenarios.language.requirements import LimitsText
from scenarios.language.shape import Later, Names, Shape
from scenarios.language.sites import SiteText
from scenarios.language.study import StudyText
from scenarios.language.workloads import WorkloadText
from scenarios.units import CURRENCIES

Value = Annotated[Any, WithJsonSchema({})]


class Document(Shape):
    """A scenario: what there is, what flows, what is required, what it costs."""

    version: Annotated[Literal[1], Field(alias="schema")] = 1
    """Version of the language."""
    name: str
    """Its name, in words-with-dashes."""
    about: str = ""
    """What it is about."""
    patterns: Names = ()
    """Architecture patterns that it is an example of."""
    currency: Literal[CURRENCIES] = "USD"  # type: ignore[valid-type]
    """Shown beside USD."""
    exchange: dict[str, str] = Field(default_factory=dict)
    """``{USD: 0.92 EUR, date: 2026-11-02}``: what one unit of the key costs."""
    sites: dict[str, SiteText] = Field(default_factory=dict)
    """Kinds of places of your own."""
    pools: dict[str, PoolText] = Field(min_length=1)
    """Identical nodes at one tier of a place."""
    links: dict[str, LinkText] = Field(default_factory=dict)
    """Two-way links between places."""
    data: dict[str, DataText] = Field(default_factory=dict)
    """What flows, and where it may be seen."""
    law: Annotated[Names | None, Later("presets of law")] = None
    """Presets of checks."""
    demand: dict[str, DemandText] = Field(default_factory=dict)
    """Shapes of the load over the week."""
    workloads: dict[str, WorkloadText] = Field(min_length=1)
    """Streams of requests through a graph of tasks."""
    limits: LimitsText = LimitsText()
    """Budget and carbon of the whole scenario."""
    prices: PricesText = PricesText()
    """Your own prices, by name."""
    figures: Figures = Field(default_factory=list)
    """Your own measurements or assumptions, or the path of a file with them: ``./my-board.json``."""
    study: StudyText = StudyText()
    """How long and how often to look."""
    sources: dict[str, str] = Field(default_factory=dict)
    """Where your own figures are from, by path."""
    what_if: dict[str, dict[str, Value]] = Field(default_factory=dict)
    """Named changes: path → value."""
    jobs: Annotated[dict[str, JobText] | None, Later("work by the calendar")] = None
    """Work by the calendar."""
    lifecycle: Annotated[dict[str, LifecycleText] | None, Later("the life of models")] = None
    """The life of models."""


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = Document.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
