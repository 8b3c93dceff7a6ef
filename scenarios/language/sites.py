"""Kinds of places of the user's own, in groups of identical ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from scenarios.language.quantities import SomeNumber
from scenarios.language.shape import Later, Shape


class GroupText(Shape):
    """Identical sites: how many, and whole-number facts of your own (``lanes: 4``)."""

    count: SomeNumber
    """How many sites."""
    facts: dict[str, SomeNumber] = Field(default_factory=dict)
    """Facts of one site, written directly beside the count."""
    hardware: dict[str, str] = Field(default_factory=dict)
    """``hardware.POOL: NAME`` where nobody chooses the hardware of a pool; ``none`` where it runs nothing."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        given = {key: word for key, word in value.items() if str(key).startswith("hardware.")}
        facts = {key: number for key, number in value.items() if key != "count" and key not in given}
        hardware = {key.removeprefix("hardware."): word for key, word in given.items()}
        return {**{k: v for k, v in value.items() if k == "count"}, "facts": facts, "hardware": hardware}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = super().__get_pydantic_json_schema__(schema, handler)
        found["properties"] = {"count": found["properties"]["count"]}
        found["additionalProperties"] = {"type": ["integer", "string"]}
        return found


class SiteText(Shape):
    """A kind of place: a store, a plant, a person."""

    region: str
    """Where it lies: a country or a region of the catalogue of places."""
    time_zone: str | None = None
    """Shown only."""
    groups: dict[str, GroupText] | None = None
    """Groups of identical sites."""
    count: SomeNumber | None = None
    """In place of groups: so many identical sites without facts."""
    member_of: Annotated[str | None, Field(alias="in"), Later("membership of sites in other sites")] = None
    """The kind of site that each of these belongs to."""
