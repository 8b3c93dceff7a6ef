"""The catalogue as tables, for people: what is known and, of the pairs asked for, what nobody measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hardware_profiles.catalogue.devices import device
from hardware_profiles.catalogue.identity import aliases, canonical_model, known_hardware, known_models
from hardware_profiles.catalogue.measured import is_timed, measurements, newest_first
from hardware_profiles.catalogue.models import usual_input_px
from hardware_profiles.catalogue.tables import COLUMNS, measured_pairs
from hardware_profiles.measurement import Measurement
from hardware_profiles.profile import profile_of, profiles, profiles_of

if TYPE_CHECKING:
    import pandas as pd

Line = dict[str, object]

_MOST_PAIRS = 20  # whoever names more asks for none of them


@dataclass(frozen=True)
class Listed:
    """A measurement and the newer one of the same configuration that counts instead, None where it counts itself."""

    measured: Measurement
    replaced_by: Measurement | None = None

    def line(self) -> Line:
        """All that is shown of it; see `search`."""
        measured, newest = self.measured, self.replaced_by
        profile = profile_of(measured) if is_timed(measured) else None
        best = profile.accuracy[0] if profile and profile.accuracy else None
        return {
            **{name: getattr(measured, name) for name in _AS_IT_STANDS},
            "batch": measured.batch if profile or measured.batch != 1 else None,  # under load it is seldom said
            "p50_ms": profile.service.quantile(0.50) * 1e3 if profile else None,
            "p99_ms": profile.service.quantile(0.99) * 1e3 if profile else None,
            "spread": profile.spread if profile else "",
            "accuracy": best.value if best else None,
            "measure": best.measure if best else "",
            "accuracy_from": best.where if best else "",
            "counts": newest is None,
            "note": ", ".join(self._notes()),
            **{name: getattr(measured, name) for name in ("kind", "date", "conditions", "source")},
        }

    @property
    def unusual_size(self) -> int | None:
        """Edge of the input [px] where it is not the model's usual one."""
        model, px = canonical_model(self.measured.model), self.measured.input_px
        return px if model is None or px != usual_input_px(model) else None

    def _notes(self) -> Iterator[str]:
        if (px := self.unusual_size) is not None:
            yield f"{px} px"
        if (newest := self.replaced_by) is not None:
            yield f"replaced by {f'{newest.mean_ms:.4g} ms' if newest.mean_ms else 'that'} of {newest.date}"


_AS_IT_STANDS = (
    *("model", "hardware", "precision", "runtime", "unit", "batch", "input_px", "threads", "power_mode", "load"),
    *("mean_ms", "per_s", "tokens_per_s", "first_token_ms", "power_w", "energy_mj", "memory_mb"),
)


def listed(pattern: str = "") -> list[Listed]:
    """The measurements that `search` finds, by model and hardware, the fastest of a pair first."""
    words = _words(pattern)
    hows = {word for word in words if word not in _whole_names() and any(word in how for how in _hows())}
    found: list[Listed] = []
    for pair in sorted(measured_pairs()):
        rest = {word for word in words if not _named(word, *pair)}
        if rest <= hows:
            group = _fastest_first(measurements(*pair))
            found += [one for one in group if all(word in _how(one.measured) for word in rest)]
    return found


def listed_among(own: Sequence[Measurement], pattern: str = "") -> list[Listed]:
    """The same of measurements of one's own, whose models and hardware the catalogue need not know."""
    pairs: dict[tuple[str, str], list[Measurement]] = {}
    for one in own:
        if all(word in f"{one.model} {one.hardware} {_how(one)}".lower() for word in pattern.lower().split()):
            pairs.setdefault((one.model, one.hardware), []).append(one)
    return [one for _, group in sorted(pairs.items()) for one in _fastest_first(group)]


def _fastest_first(group: Sequence[Measurement]) -> list[Listed]:
    """Measurements of one pair of model and hardware, each with the newer one that counts instead."""
    found = [Listed(one, None if one is newest[0] else newest[0]) for newest in newest_first(group) for one in newest]
    return sorted(found, key=lambda one: one.measured.mean_ms or math.inf)


def search(pattern: str = "") -> pd.DataFrame:
    """All measurements whose model, hardware (or an alias), precision, runtime, unit, load or power mode hold every
    word of ``pattern``; a word that is the whole name of a model or of hardware means only that.

    One row per measurement; ``counts`` is False for one that a newer measurement of the same configuration
    replaces. ``note`` says what sets a row apart from others of its pair: an unusual input size, what replaces it.
    ``mean_ms`` is as published; ``p50_ms`` and ``p99_ms`` are those of the service time, so they rest on
    ``spread`` where that is not empty, and are missing where it is no service time: under load, or tokens only.
    """
    import pandas as pd

    return pd.DataFrame([one.line() for one in listed(pattern)], columns=list(Listed(Measurement()).line()))


def holes(pattern: str) -> list[dict[str, str]]:
    """The pairs among those that ``pattern`` names that nobody measured at batch 1 and the model's usual input.

    The pattern must name both a model and hardware, and not more than 20 pairs of them; else nothing is asked for.
    Each has ``model``, ``hardware`` and a ``note`` to go behind them: ``at 640 px; measured at 320 and 512``; empty
    where there is no figure at all.
    """
    words = _words(pattern)
    places = [name for name in known_hardware() if _at_itself(name) and any(_named(word, "", name) for word in words)]
    pairs = [
        (name, place)
        for name in known_models()
        if places and any(_named(word, name, "") for word in words)
        for place in places
        if all(_named(word, name, place) for word in words)
    ]
    if len(pairs) > _MOST_PAIRS:
        return []
    return [{"model": m, "hardware": h, "note": _instead(m, h)} for m, h in pairs if not profiles(m, h)]


def _instead(model: str, hardware: str) -> str:
    """What was measured of a pair in place of its usual input at batch 1."""
    known, usual = profiles_of(model, hardware), usual_input_px(model)
    if sizes := sorted({p.input_px for p in known if p.batch == 1 and p.input_px}):
        return f"at {usual} px; measured at {' and '.join(map(str, sizes))}" if usual else ""
    if batches := sorted({p.batch for p in known}):
        return f"one by one; measured in batches of {' and '.join(map(str, batches))}"
    loads = dict.fromkeys(one.load for one in measurements(model, hardware) if not is_timed(one))
    return f"one by one; measured {' and '.join(loads).replace('_', ' ')}" if loads else ""


def _at_itself(hardware: str) -> bool:
    box = device(hardware)
    return box is not None and box.profiled_as == hardware


def _words(pattern: str) -> list[str]:
    """The words of a pattern; a server that counts as the card inside it is replaced by that."""
    found = pattern.lower().split()
    return [box.profiled_as if (box := device(word)) and box.name == word else word for word in found]


def _named(word: str, model: str, hardware: str) -> bool:
    """Whether a word means a model or a piece of hardware: its whole name where it is one, else a part of a name."""
    if word in _whole_names():
        return word in (model, hardware)
    return word in _spellings("models", model) or word in _spellings("devices", hardware)


@cache
def _whole_names() -> frozenset[str]:
    return frozenset((*known_models(), *known_hardware()))


@cache
def _spellings(table: str, name: str) -> str:
    return " ".join((name, *aliases(table, name))).lower() if name else ""


@cache
def _hows() -> frozenset[str]:
    """What `_how` says of any row."""
    at = [COLUMNS.index(name) for name in ("precision", "runtime", "unit", "load", "power_mode")]
    return frozenset(" ".join(line[i] for i in at).lower() for lines in measured_pairs().values() for line in lines)


def _how(measured: Measurement) -> str:
    words = (measured.precision, measured.runtime, measured.unit, measured.load, measured.power_mode)
    return " ".join(words).lower()
