"""Profile files that a scenario names among its figures: what `tierwise bench` and `tierwise import` write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hardware_profiles import (
    BadInput,
    Fault,
    Measurement,
    canonical_hardware,
    canonical_model,
    canonical_precision,
    canonical_runtime,
    profile_file,
    profile_of,
)
from hardware_profiles.catalogue.measured import is_timed
from hardware_profiles.faults import closest
from hardware_profiles.measurement import quantiles_of
from hardware_profiles.profile_file import A_PROFILE_FILE
from scenarios.language.document import Document
from scenarios.language.shape import StandIn
from scenarios.source import Source
from scenarios.user_figures import FigureFile, UserFigure

_Loc = tuple[str | int, ...]
_Key = tuple[str | int | None, ...]


@dataclass(frozen=True)
class _Row:
    """A measurement with the entry of the scenario that it comes by."""

    measurement: Measurement
    file: str
    entry: int

    @property
    def key(self) -> _Key:
        """What two measurements of one configuration share."""
        m = self.measurement
        return m.model, m.hardware, m.precision, m.runtime, m.unit, m.threads, m.input_px


def files(document: Document, source: Source) -> tuple[FigureFile, ...]:
    """Every profile file of the scenario, each once; a fault for one that cannot be read or says no time."""
    found = {path: _file(path, loc, source) for path, loc in _named(document)}
    return tuple(file for file in found.values() if file is not None)


def figures_of(document: Document, source: Source, files: Iterable[FigureFile]) -> tuple[UserFigure, ...]:
    """The service times of profile files: of each configuration the newest, of one date the one named later.

    A configuration in several power modes counts in the usual one, which has no name; several with names are a fault.
    """
    by_path = {file.path: file for file in files}
    alike: dict[_Key, list[_Row]] = {}
    for path, loc in _named(document):
        for one in by_path[path].measurements if path in by_path else ():
            if _is_service_time(one):
                row = _Row(one, path, int(loc[1]))
                alike.setdefault(row.key, []).append(row)
    found = []
    for rows in alike.values():
        modes = list(dict.fromkeys(row.measurement.power_mode for row in rows))
        if len(modes) > 1 and "" not in modes:
            one = rows[0].measurement
            expected = "one of them: measure the other as a piece of hardware with a name of its own"
            modes_found = f"{one.model} on {one.hardware} in the power modes {' and '.join(modes)}"
            source.wrong(("figures", rows[-1].entry, "file"), modes_found, expected)
        usual = [row for row in rows if row.measurement.power_mode == ("" if "" in modes else modes[0])]
        found.append(_figure(max(reversed(usual), key=lambda row: row.measurement.date)))
    return tuple(found)


def _named(document: Document) -> Iterator[tuple[str, _Loc]]:
    for number, text in enumerate(document.figures):
        if text.file is not None and not isinstance(text.file, StandIn):
            yield text.file, ("figures", number, "file")


def _is_service_time(one: Measurement) -> bool:
    return is_timed(one) and one.batch == 1


def _whole(one: Measurement) -> Measurement:
    """With the catalogue's names, and the quantiles of its sample where it states none."""
    sampled = quantiles_of(one.sample_ms) if one.sample_ms and not one.quantiles_ms else one.quantiles_ms
    return replace(
        one,
        model=canonical_model(one.model) or one.model,
        hardware=canonical_hardware(one.hardware) or one.hardware,
        precision=canonical_precision(one.precision) or one.precision,
        runtime=canonical_runtime(one.runtime) or one.runtime,
        quantiles_ms=tuple((p, ms) for p, ms in sampled if ms > 0),  # a coarse clock reads zero, which says nothing
    )


def _file(path: str, loc: _Loc, source: Source) -> FigureFile | None:
    if path in source.files:
        return source.files[path]
    if source.folder is None:
        source.wrong(loc, f"`{path}` in a text without a folder", "the figures themselves, or the scenario as a file")
        return None
    where = source.folder / path
    try:
        measurements = tuple(map(_whole, profile_file.read(where)))
    except BadInput as bad:
        first, near = bad.faults[0], "" if where.exists() else _near(path, where.parent)
        expected = first.expected if first.path and first.expected else A_PROFILE_FILE
        source.wrong(loc, f"`{path}` ({_told(bad.faults)})", expected, [near] if near else (), near)
        return None
    left_out = sum(not _is_service_time(one) for one in measurements)
    if left_out == len(measurements):
        source.wrong(loc, f"`{path}` without a service time", "how long executions for a single input take")
        return None
    text = json.dumps(profile_file.document(measurements), sort_keys=True)
    found = FigureFile(path, measurements, left_out, hashlib.sha256(text.encode()).hexdigest()[:16])
    source.files[path] = found
    return found


def _near(path: str, folder: Path) -> str:
    """The file beside a missing one that was probably meant."""
    name = Path(path).name
    beside = {one.stem: one.name for one in folder.glob("*.json")} if folder.is_dir() else {}
    near = beside.get(closest(Path(name).stem, beside), "")
    return path.removesuffix(name) + near if near else ""


def _told(faults: tuple[Fault, ...]) -> str:
    """What is wrong in a profile file, in one phrase."""
    first, more = faults[0], len(faults) - 1
    place = f"line {first.line}" if first.line is not None else ""
    text = ": ".join(part for part in (place, first.path, first.found) if part)
    text += f", perhaps {first.nearest}" if first.nearest else ""
    return text + (f", and {more} more fault{'s' if more > 1 else ''}" if more else "")


def _figure(row: _Row) -> UserFigure:
    profile = profile_of(row.measurement)
    return UserFigure(
        model=profile.model,
        offer=None,
        hardware=profile.hardware,
        precision=profile.precision or None,
        service=profile.service,
        overhead_s=None,
        kind=profile.kind,
        why="; ".join(part for part in (f"{profile.source} ({row.file})", profile.conditions) if part),
        path=f"figures.{row.entry}",
        text=f"{profile.service.mean_s * 1e3:.4g} ms",
        runtime=profile.runtime,
        unit=profile.unit,
        threads=profile.threads,
        input_px=profile.input_px,
        date=profile.date,
        spread=profile.spread,
        accuracy=profile.accuracy,
        file=row.file,
    )
