"""A stream of requests through a graph of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from scenarios.language.arrivals import ArrivalsText
from scenarios.language.quantities import Share
from scenarios.language.requirements import RequirementsText
from scenarios.language.shape import Shape
from scenarios.language.tasks import TaskText


def _by_precision(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {"": value}


Accuracies = Annotated[
    dict[str, Share],
    BeforeValidator(_by_precision),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
"""One accuracy (key ``""``), or one for each precision or model."""


class AccuracyText(Shape):
    """The user's own accuracies, each of the answers that a task gives."""

    gathers: ClassVar[str] = "tasks"

    measure: str
    """What was counted, on which data."""
    tasks: dict[str, Accuracies] = Field(default_factory=dict)
    """By task, written directly beside the measure."""


class WorkloadText(Shape):
    """A stream of requests from a source through a graph of tasks."""

    like: str | None = None
    """Another workload that it starts from."""
    source: str
    """The pool where its requests are born."""
    arrivals: ArrivalsText
    """How they come."""
    tasks: dict[str, TaskText] = Field(min_length=1)
    """What is done with each."""
    accuracy: AccuracyText | None = None
    """Your own figures, which beat the catalogue."""
    requires: RequirementsText = RequirementsText()
    """What must hold."""
