"""``tierwise scenarios``."""

from __future__ import annotations

from app.commands.options import Json, Quiet
from app.printed.terminal import show, show_json


def scenarios(json: Json = False, quiet: Quiet = False) -> None:
    """List the library."""
    import scenarios as vocabulary
    from app.printed.listing import library_lines

    library = vocabulary.library()
    if json:
        entries = [{"name": name, "about": about} for name, about in library.items()]
        show_json({"schema_version": 1, "scenarios": entries})
    elif not quiet:
        show(library_lines(library))
