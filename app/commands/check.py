"""``tierwise check``."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.options import Json, Quiet, Settings, WhatIfs, pairs
from app.printed.terminal import show, show_json
from hardware_profiles.faults import BadInput


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Scenarios, names of the library, plans, profile files.")
    ],
    set_: Settings = None,
    with_: WhatIfs = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Validate scenarios, plans and profile files; all faults at once."""
    from app.printed.checking import checked, lines

    found = [checked(file, pairs("--set", set_, "PATH=VALUE"), with_ or ()) for file in files]
    if json:
        show_json({"schema_version": 1, "files": [one.to_dict() for one in found]})
    elif not quiet:
        show([line for one in found if not one.faults for line in lines(one)])
    faults = [fault for one in found for fault in one.faults]
    if faults:
        raise BadInput(faults)
