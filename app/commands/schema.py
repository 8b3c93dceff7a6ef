"""``tierwise schema``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from app.commands.options import Json
from app.printed.terminal import show_json


class Of(StrEnum):
    """What there is a schema of."""

    scenario = "scenario"
    plan = "plan"
    profile = "profile"


def schema(
    of: Annotated[Of, typer.Option(help="The file that it describes.")] = Of.scenario,
    json: Json = False,
) -> None:
    """Print the JSON Schema of a scenario, for editors, or of a plan or a profile file."""
    del json  # it is JSON either way
    if of is Of.plan:
        from planner.plan_schema import plan_schema

        show_json(plan_schema())
    elif of is Of.profile:
        from hardware_profiles.profile_schema import profile_schema

        show_json(profile_schema())
    else:
        import scenarios as vocabulary

        show_json(vocabulary.json_schema())
