"""``tierwise hardware``."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.options import Json, Quiet
from app.printed.terminal import show, show_json


def hardware(
    pattern: Annotated[str, typer.Argument(help="Words that model, hardware, precision, runtime or unit hold.")] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List measured profiles with their sources, and what nobody measured."""
    import hardware_profiles
    from app.printed.listing import profile_lines, records

    found, holes = hardware_profiles.search(pattern), hardware_profiles.holes(pattern)
    if json:
        show_json({"schema_version": 1, "profiles": records(found), "holes": records(holes)})
    elif not quiet:
        show(profile_lines(found, holes, pattern))
