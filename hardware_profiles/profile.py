"""Profiles: how long one execution of a model takes on a piece of hardware, as somebody measured it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from hardware_profiles.accuracy import AccuracyRow, accuracies
from hardware_profiles.devices import device
from hardware_profiles.identity import canonical_model, model
from hardware_profiles.service_time import ServiceTime
from hardware_profiles.tables import Row, rows

# Spread around a mean that was published without percentiles: an accelerator of one's own hardly varies,
# a processor shared with the operating system does.
_CV = {"GPU": 0.1, "NPU": 0.1, "TPU": 0.1, "CPU": 0.25}

_PERCENTILES = {"p50_ms": 0.50, "p90_ms": 0.90, "p99_ms": 0.99}


@dataclass(frozen=True)
class Profile:
    """One measured configuration.

    Parameters
    ----------
    unit
        The compute unit that did the work: CPU, GPU, NPU or TPU.
    batch, input_px
        Inputs per execution [1] and edge of the square input [px].
    service
        Duration of one execution, of the whole batch, without pre- and post-processing.
    mean_ms
        The mean as published [ms].
    spread
        ``assumed cv 0.1`` where only a mean was published, else empty.
    accuracy
        The most applicable first; see `accuracies`.
    superseded
        Older measurements of the same configuration, the newest first.
    """

    model: str
    hardware: str
    precision: str
    runtime: str
    unit: str
    batch: int
    input_px: int
    service: ServiceTime
    mean_ms: float
    spread: str
    kind: str
    conditions: str
    source: str
    date: str
    accuracy: tuple[AccuracyRow, ...]
    superseded: tuple[Profile, ...] = ()


def profiles(model_name: str, hardware: str, *, batch: int = 1, input_px: int | None = None) -> tuple[Profile, ...]:
    """Every measured (precision, runtime, unit) of a model on a piece of hardware, fastest first.

    Names may be aliases; a server counts as the card inside it. ``input_px`` defaults to the model's usual input,
    and another size is never used in its place. The newest measurement of a configuration counts (of two of the
    same date the later row); the others are in its ``superseded``. Empty if nobody measured it.
    """
    ours = canonical_model(model_name)
    box = device(hardware)
    if ours is None or box is None:
        return ()
    size = model(ours).input_px if input_px is None else input_px
    wanted = (ours, box.profiled_as, batch, size)
    found = (p for p in every_profile() if (p.model, p.hardware, p.batch, p.input_px) == wanted)
    return tuple(sorted(found, key=lambda p: p.mean_ms))


@lru_cache
def every_profile() -> tuple[Profile, ...]:
    """All configurations of the catalogue in its order, each by its newest measurement."""
    measured: dict[tuple[str, ...], list[Profile]] = {}
    for row in rows("profiles"):
        key = tuple(row[k] for k in ("model", "hardware", "precision", "runtime", "unit", "batch", "input_px"))
        measured.setdefault(key, []).append(_profile(row))
    newest_last = (sorted(group, key=lambda p: p.date) for group in measured.values())
    return tuple(replace(group[-1], superseded=tuple(reversed(group[:-1]))) for group in newest_last)


def _profile(row: Row) -> Profile:
    service, spread = _service(row)
    return Profile(
        model=row["model"],
        hardware=row["hardware"],
        precision=row["precision"],
        runtime=row["runtime"],
        unit=row["unit"],
        batch=int(row["batch"]),
        input_px=int(row["input_px"]),
        service=service,
        mean_ms=float(row["mean_ms"]),
        spread=spread,
        kind=row["kind"],
        conditions=row["conditions"],
        source=row["source"],
        date=row["date"],
        accuracy=accuracies(row["model"], row["precision"], row["runtime"], row["hardware"]),
    )


def _service(row: Row) -> tuple[ServiceTime, str]:
    quantiles = {p: float(row[column]) / 1e3 for column, p in _PERCENTILES.items() if row[column]}
    if quantiles:
        return ServiceTime.through(quantiles), ""
    cv = _CV[row["unit"]]
    return ServiceTime.lognormal(float(row["mean_ms"]) / 1e3, cv), f"assumed cv {cv}"
