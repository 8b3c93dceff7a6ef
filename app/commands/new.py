"""``tierwise new``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Json, Quiet
from app.printed.terminal import show, show_json
from hardware_profiles.faults import BadInput, Fault


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the scenario, and of its file: NAME.yaml.")],
    like: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="What it starts from; else the smallest of the library.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the file is written.")] = Path(),
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a commented, valid scenario to start from; never over a file that is there."""
    from app.printed.started import started
    from scenarios.starting import SMALLEST, starting_text, valid_name

    chosen = valid_name(name)
    file = _write(out / f"{chosen}.yaml", starting_text(chosen, like or SMALLEST, out))
    if json:
        show_json({"schema_version": 1, "scenario": chosen, "like": like or SMALLEST, "file": str(file)})
    elif not quiet:
        show(started(file, like))


def _write(file: Path, text: str) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = file.open("x", encoding="utf-8", newline="\n")
    except FileExistsError:
        if not file.parent.is_dir():
            raise BadInput(Fault("--out", f"{file.parent}, which is a file", "a folder")) from None
        raise BadInput(Fault("", f"`{file}`, which is there already", "a name or an --out that is free")) from None
    except OSError as error:
        raise BadInput(Fault("--out", f"{file.parent} ({error.strerror})", "a folder that can be written")) from None
    try:
        with opened:
            opened.write(text)
    except OSError as error:
        file.unlink()
        raise BadInput(Fault("--out", f"{file.parent} ({error.strerror})", "a folder that can be written")) from None
    return file
