"""``tierwise hardware``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Json, Quiet
from app.printed.terminal import show, show_json
from hardware_profiles.faults import BadInput, Fault


def hardware(
    pattern: Annotated[
        list[str] | None,
        typer.Argument(help="A model, hardware, precision, runtime or unit; or words of them.", show_default=False),
    ] = None,
    models: Annotated[bool, typer.Option("--models", help="List models and what is known of them.")] = False,
    devices: Annotated[bool, typer.Option("--devices", help="List devices: memory, price, power.")] = False,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A profile file of your own.")] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Estimate MODEL HARDWARE [PRECISION] [RUNTIME], with an error bar.")
    ] = False,
    batch: Annotated[
        int | None,
        typer.Option("--batch", metavar="N", min=1, help="Times in batches of N, if need be between measured ones."),
    ] = None,
    near: Annotated[
        bool, typer.Option("--nearest", help="Where nobody ran it so, the nearest precision and runtime.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="All that is found, replaced measurements too.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what was measured on which hardware, with its sources, and of a pair asked for what nobody measured.

    Without words: how much is known, of what and from where.
    """
    looks_up = near or batch is not None
    if models + devices + estimate + (file is not None) + looks_up > 1:
        options = "--models, --devices, --file, --estimate and --batch or --nearest"
        raise BadInput(Fault("", f"several of {options}", "one of them"))
    words = " ".join(pattern or ())
    if estimate:
        _estimated(pattern or [], json, quiet)
    elif models or devices:
        _about(words, devices, everything, json, quiet)
    elif file is not None:
        _own(file, words, everything, json, quiet)
    elif looks_up:
        _at_batch(words, batch or 1, near, everything, json, quiet)
    else:
        _measured(words, everything, json, quiet)


def _measured(words: str, everything: bool, json: bool, quiet: bool) -> None:
    from app.printed.listing import overview_lines, profile_lines
    from hardware_profiles.listing import found_by
    from hardware_profiles.overview import overview

    found = found_by(words) if words or everything or json else None
    if json and found:
        profiles = [one.line() for one in found.rows]
        show_json({"schema_version": 1, "profiles": profiles, "holes": list(found.holes)})
    elif not quiet and not found:
        show(overview_lines(overview()))
    elif not quiet and found:
        show(profile_lines(found.rows, found.holes, words, everything, found.loosely))


def _at_batch(words: str, batch: int, near: bool, everything: bool, json: bool, quiet: bool) -> None:
    from app.printed.listing import batch_lines, profile_lines
    from hardware_profiles.listing import batches_of, found_by, looked_up

    if not words:
        raise BadInput(Fault("--batch or --nearest", "no names", "MODEL HARDWARE, such as resnet50 t4"))
    found, all_found = looked_up(words, batch, near), found_by(words)
    if json:
        holes = [] if found else list(all_found.holes)
        show_json({"schema_version": 1, "profiles": [one.line() for one in found], "holes": holes})
    elif not quiet and all_found.holes and not found:
        show(profile_lines([], all_found.holes, words, everything, all_found.loosely))
    elif not quiet:
        show(batch_lines(found, batch, {pair: batches_of(*pair) for pair in all_found.pairs}, words, everything))


def _own(file: Path, words: str, everything: bool, json: bool, quiet: bool) -> None:
    from app.printed.listing import profile_lines
    from hardware_profiles.listing import listed_among
    from hardware_profiles.profile_file import read

    found = listed_among(read(file), words)
    if json:
        show_json({"schema_version": 1, "profiles": [one.line() for one in found], "holes": []})
    elif not quiet:
        show(profile_lines(found, [], words, everything))


def _estimated(words: list[str], json: bool, quiet: bool) -> None:
    from app.printed.estimated import estimate_document, estimate_lines
    from hardware_profiles.catalogue.identity import canonical_precision, canonical_runtime
    from hardware_profiles.estimates import estimate

    if len(words) < 2:
        raise BadInput(
            Fault("--estimate", " ".join(words) or "no names", "MODEL HARDWARE, such as yolo11n raspberry-pi-4")
        )
    name, place, *how = words
    said = {"precision" if canonical_precision(word) else "runtime": word for word in how}
    unknown = [word for word in how if not canonical_precision(word) and not canonical_runtime(word)]
    if unknown or len(said) < len(how):
        raise BadInput(Fault("--estimate", " ".join(unknown or how), "one precision and one runtime behind the names"))
    found = estimate(name, place, precision=said.get("precision"), runtime=said.get("runtime"))
    if json:
        show_json({"schema_version": 1, "estimate": estimate_document(found)})
    elif not quiet:
        show(estimate_lines(found))


def _about(words: str, devices: bool, everything: bool, json: bool, quiet: bool) -> None:
    from dataclasses import asdict

    from app.printed.listing import device_lines, model_lines
    from hardware_profiles.overview import devices_like, models_like

    if json:
        found = devices_like(words) if devices else models_like(words)
        named = [{**asdict(one), "measurements": count} for one, count in found]
        show_json({"schema_version": 1, "devices" if devices else "models": named})
    elif not quiet and devices:
        show(device_lines(devices_like(words), words, everything))
    elif not quiet:
        show(model_lines(models_like(words), words, everything))
