"""The command ``tierwise``. Exit codes: 0 done, 1 a fault of ours, 2 bad input, 3 infeasible, 130 interrupted.

Everything heavy is imported by the command that needs it, so that ``tierwise --help`` is instant.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from app.commands.bench import bench
from app.commands.check import check
from app.commands.diff import diff
from app.commands.export import export
from app.commands.hardware import hardware
from app.commands.import_file import import_file
from app.commands.library import scenarios
from app.commands.new import new
from app.commands.plan import plan
from app.commands.run import run
from app.commands.schema import schema
from app.commands.simulate import simulate
from app.commands.web import web
from app.printed.terminal import complain, program, show
from hardware_profiles.faults import BadInput

BAD_INPUT = 2

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """Entry point: runs a command and turns whatever happens into an exit code and, at worst, one line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show × still shows the rest
    try:
        app(prog_name="tierwise")
    except BadInput as bad:
        complain(str(bad))
        sys.exit(BAD_INPUT)
    except Exception as error:
        if os.environ.get("TIERWISE_DEBUG"):
            raise
        about = " ".join(f"{type(error).__name__}: {error}".split())
        complain(f"tierwise failed: {about} (a fault of ours; TIERWISE_DEBUG=1 shows where)")
        sys.exit(1)


@app.callback(invoke_without_command=True)
def top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Where should each AI task run, what will it cost, how fast will it be, and what if the uplink drops?"""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"tierwise {installed('tierwise')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        here = program()
        show(
            [
                "Tierwise plans where each AI task should run, and proves the plan by simulation.",
                "",
                f"  {here} run factory-vision      plan, simulate and report an example",
                f"  {here} scenarios               list the examples",
                f"  {here} check my-scenario.yaml  see what is understood of a file of yours",
                "",
                f"{here} --help lists every command.",
            ]
        )


for command in (scenarios, hardware, new, check, schema, plan, simulate, run, export, diff):
    app.command()(command)
app.command("import")(import_file)
# The bench has a command line of its own, because it also runs where none of our libraries are.
app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})(bench)
app.command("app")(web)
