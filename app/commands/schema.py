"""``tierwise schema``."""

from __future__ import annotations

from app.commands.options import Json
from app.printed.terminal import show_json


def schema(json: Json = False) -> None:
    """Print the JSON Schema of a scenario, for editors."""
    import scenarios as vocabulary

    del json  # it is JSON either way
    show_json(vocabulary.json_schema())
