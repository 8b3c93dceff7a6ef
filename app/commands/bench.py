"""``tierwise bench``."""

from __future__ import annotations

import typer

from app.printed.terminal import program


def bench(context: typer.Context) -> None:
    """Measure a model on this very machine, or pack the bench for a board."""
    from hardware_profiles.bench.command_line import bench as measure

    raise typer.Exit(measure(context.args, f"{program()} bench"))
