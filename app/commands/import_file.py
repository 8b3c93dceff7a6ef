"""``tierwise import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Json, Quiet
from app.printed.terminal import show, show_json
from hardware_profiles.faults import BadInput, Fault


def import_file(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="What a benchmark tool wrote or printed.")
    ] = None,
    hardware: Annotated[str | None, typer.Option(metavar="NAME", help="Where it ran, of the catalogue or new.")] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="What ran, of the catalogue or new.")] = None,
    precision: Annotated[str | None, typer.Option(metavar="P", help="fp32, fp16, int8 …")] = None,
    runtime: Annotated[str | None, typer.Option(metavar="R", help="onnxruntime, tensorrt …")] = None,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="CPU, GPU, NPU … that did the work.")] = None,
    batch: Annotated[int | None, typer.Option(metavar="N", min=1, help="Inputs per execution.")] = None,
    input_size: Annotated[int | None, typer.Option(metavar="PX", min=1, help="Edge of the square input.")] = None,
    threads: Annotated[int | None, typer.Option(metavar="N", min=1, help="Of one execution.")] = None,
    power_mode: Annotated[str | None, typer.Option(metavar="MODE", help="Where not the usual one: 15 W.")] = None,
    date: Annotated[str | None, typer.Option(metavar="DATE", help="Of the measurement; else the file's.")] = None,
    source: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where it is from; else the file and its hash.")
    ] = None,
    format: Annotated[str | None, typer.Option(metavar="FORMAT", help="Else the content decides.")] = None,
    unit_of_time: Annotated[
        str | None, typer.Option(metavar="UNIT", help="s, ms, us or ns of a table that does not say it.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Keep every single duration, not only quantiles.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Is added to; else HARDWARE.json here.")] = None,
    formats: Annotated[bool, typer.Option("--formats", help="List the formats and exit.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Read a benchmark tool's output into a profile file for scenarios."""
    from app.printed.importing import formats_lines, lines
    from hardware_profiles import importing, profile_file, readers

    if formats:
        known = [(name, reader.ABOUT) for name, reader in readers.formats().items()]
        if json:
            show_json({"schema_version": 1, "formats": dict(known)})
        else:
            show(formats_lines(known))
        return
    if not files:
        raise BadInput(Fault("FILE", "nothing", "what a benchmark tool wrote (--formats lists them)"))
    stated = importing.Stated(
        model=model,
        hardware=hardware,
        precision=precision,
        runtime=runtime,
        unit=unit,
        batch=batch,
        input_px=input_size,
        threads=threads,
        power_mode=power_mode,
        date=date,
        source=source,
    )
    readings = [(file, readers.read(file, format, unit_of_time)) for file in files]
    imported = [importing.completed(file, reading, stated, sample) for file, reading in readings]
    joined = importing.joined(imported)
    target = out or _default({one.hardware for one in joined})
    machine = {key: value for file, one in readings if one.format == "profile" for key, value in _machine(file)}
    before = profile_file.read(target) if target.exists() else ()
    replaced = profile_file.replaced(target, joined)
    profile_file.save(target, joined, machine)
    if json:
        described = [{"file": one.file, "format": one.format, "notes": list(one.notes)} for one in imported]
        rows = [profile_file.row_of(one) for one in joined]
        why = [
            {"measurement": at, "why": why} for at, one in enumerate(joined) if (why := importing.no_service_time(one))
        ]
        shown = {"schema_version": 1, "written": str(target), "files": described, "measurements": rows}
        show_json({**shown, "not_for_scenarios": why, "notes": replaced})
    elif not quiet:
        held = profile_file.read(target)
        usable = not all(importing.no_service_time(one) for one in held)
        show(lines(imported, joined, target, added=len(held) - len(before), replaced=replaced, usable=usable))


def _default(hardware: set[str]) -> Path:
    if len(hardware) > 1:
        raise BadInput(Fault("--out", f"measurements of {len(hardware)} devices", "a file to write them to"))
    (name,) = hardware
    return Path(
        "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).lstrip(".") + ".json"
    )


def _machine(file: Path) -> list[tuple[str, str | float]]:
    from hardware_profiles.profile_file import load

    return list(load(file).machine.items())
