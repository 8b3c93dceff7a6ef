"""What is known of a model apart from how fast something runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from hardware_profiles.catalogue.facts import Fact, facts_of
from hardware_profiles.catalogue.identity import canonical_model
from hardware_profiles.catalogue.tables import rows_of

_SIZE = "size_mb_"


@dataclass(frozen=True)
class Model:
    """A model and its facts; None where no source says.

    Parameters
    ----------
    input_px, input_shape
        Edge of its usual input where that is a square picture [px], and the input in words: ``1x384 tokens``.
    parameters, macs
        How many weights it has, and multiply-accumulate operations for one usual input.
    size_mb
        Of its file [MB], by precision.
    """

    name: str
    family: str
    task: str
    input_px: int | None
    input_shape: str
    parameters: Fact | None = None
    macs: Fact | None = None
    size_mb: Mapping[str, Fact] = field(default_factory=dict)


def model(name: str) -> Model | None:
    """The model of a name or alias; of two values for one fact the newer counts. None if unknown."""
    canonical = canonical_model(name)
    return _model(canonical) if canonical else None


@cache
def usual_input_px(canonical: str) -> int | None:
    """Edge of a model's usual square input [px]; None where it is no such picture, or nobody says."""
    (row,) = rows_of("models", "name")[(canonical,)]
    return int(row["input_px"]) if row["input_px"] else None


@cache
def _model(name: str) -> Model:
    (row,) = rows_of("models", "name")[(name,)]
    facts = facts_of("model", name)
    return Model(
        name,
        row["family"],
        row["task"],
        usual_input_px(name),
        row["input_shape"],
        facts.get("parameters"),
        facts.get("macs"),
        {fact.removeprefix(_SIZE): value for fact, value in facts.items() if fact.startswith(_SIZE)},
    )
