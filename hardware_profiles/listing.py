"""The catalogue as tables, for people: what is known and what nobody measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hardware_profiles.identity import aliases, model
from hardware_profiles.profile import Profile, every_profile
from hardware_profiles.tables import rows

if TYPE_CHECKING:
    import pandas as pd


def search(pattern: str = "") -> pd.DataFrame:
    """All measurements whose model, hardware (or an alias), precision, runtime or unit holds every word of ``pattern``.

    One row per measurement; ``counts`` is False for one that a newer measurement of the same configuration
    replaces. ``note`` says what sets a row apart from others of its pair: an unusual input size, what replaces it.
    ``mean_ms`` is as published; ``p50_ms`` and ``p99_ms`` are those of the service time, so they rest on
    ``spread`` where that is not empty.
    """
    import pandas as pd

    found = [
        _line(profile, newest)
        for newest in every_profile()
        for profile in (newest, *newest.superseded)
        if _matches(pattern, profile.model, profile.hardware, profile.precision, profile.runtime, profile.unit)
    ]
    return pd.DataFrame(found, columns=list(_COLUMNS))


def holes(pattern: str = "") -> pd.DataFrame:
    """The pairs of the reviewed models and hardware that nobody measured at batch 1 and the usual input.

    ``note`` goes behind the pair: ``at 640 px; measured at 320 and 512``; empty where there is no figure at all.
    """
    import pandas as pd

    found = [dict(row) for row in rows("holes") if _matches(pattern, row["model"], row["hardware"])]
    return pd.DataFrame(found, columns=["model", "hardware", "note"])


_COLUMNS = (
    "model",
    "hardware",
    "precision",
    "runtime",
    "unit",
    "batch",
    "input_px",
    "mean_ms",
    "p50_ms",
    "p99_ms",
    "spread",
    "accuracy",
    "measure",
    "accuracy_from",
    "counts",
    "note",
    "kind",
    "date",
    "conditions",
    "source",
)


def _line(profile: Profile, newest: Profile) -> dict[str, object]:
    best = profile.accuracy[0] if profile.accuracy else None
    return {
        **{name: getattr(profile, name) for name in _COLUMNS if hasattr(profile, name)},
        "p50_ms": profile.service.quantile(0.50) * 1e3,
        "p99_ms": profile.service.quantile(0.99) * 1e3,
        "accuracy": best.value if best else None,
        "measure": best.measure if best else "",
        "accuracy_from": best.where if best else "",
        "counts": profile is newest,
        "note": ", ".join(_notes(profile, newest)),
    }


def _notes(profile: Profile, newest: Profile) -> Iterator[str]:
    if profile.input_px != model(profile.model).input_px:
        yield f"{profile.input_px} px"
    if profile is not newest:
        yield f"replaced by {newest.mean_ms:.4g} ms of {newest.date}"


def _matches(pattern: str, name: str, hardware: str, *more: str) -> bool:
    text = " ".join((name, *aliases("models", name), hardware, *aliases("devices", hardware), *more)).lower()
    return all(word in text for word in pattern.lower().split())
