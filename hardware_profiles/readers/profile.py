"""A profile file of Tierwise itself, as the bench writes it on a board."""

from __future__ import annotations

from hardware_profiles.measurement import Measurement
from hardware_profiles.profile_file import parsed
from hardware_profiles.reading import json_of

NAME = "profile"
ABOUT = "a profile file of tierwise bench or tierwise import"


def recognises(text: str) -> bool:
    if not text.lstrip().startswith("{"):
        return False
    raw = json_of(text)
    return "schema_version" in raw and "measurements" in raw


def read(text: str) -> tuple[list[Measurement], list[str]]:
    found = parsed(text)
    return list(found.measurements), []
