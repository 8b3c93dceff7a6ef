"""The catalogue as tables, for people: what is known and, of the pairs asked for, what nobody measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from hardware_profiles.asked import Asked, understood
from hardware_profiles.catalogue.identity import (
    canonical_model,
    canonical_precision,
    canonical_runtime,
    known_models,
)
from hardware_profiles.catalogue.measured import is_timed, measurements, newest_first
from hardware_profiles.catalogue.models import usual_input_px
from hardware_profiles.catalogue.tables import measured_pairs
from hardware_profiles.catalogue.vocabulary import UNITS
from hardware_profiles.lookup import look_up
from hardware_profiles.matching import WAY, Part, is_held
from hardware_profiles.measurement import Measurement
from hardware_profiles.profile import Profile, profile_of, profiles, profiles_of

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
        profile = measured if isinstance(measured, Profile) else profile_of(measured) if is_timed(measured) else None
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

    @property
    def stands_for(self) -> str:
        """The precision and runtime asked for that it is the nearest to; else empty."""
        return self.measured.stands_for if isinstance(self.measured, Profile) else ""

    def _notes(self) -> Iterator[str]:
        if (px := self.unusual_size) is not None:
            yield f"{px} px"
        if self.stands_for:
            yield f"nearest to {self.stands_for}"
        if (newest := self.replaced_by) is not None:
            yield f"replaced by {f'{newest.mean_ms:.4g} ms' if newest.mean_ms else 'that'} of {newest.date}"


_AS_IT_STANDS = (
    *("model", "hardware", "precision", "runtime", "unit", "batch", "input_px", "threads", "power_mode", "load"),
    *("mean_ms", "per_s", "tokens_per_s", "first_token_ms", "power_w", "energy_mj", "memory_mb"),
)


@dataclass(frozen=True)
class Found:
    """What a pattern finds.

    Parameters
    ----------
    rows
        Measurements, the best fit of a pair first, of a pair the fastest first.
    pairs
        Model and hardware that the pattern names, of those that were measured in any way.
    holes
        See `holes`.
    loosely
        Words that are held, but not as one name, by what was found: ``jetson nano``. Else empty.
    """

    rows: tuple[Listed, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    holes: tuple[dict[str, str], ...] = ()
    loosely: str = ""


@lru_cache(maxsize=8)
def found_by(pattern: str) -> Found:
    """What was measured of that which the words of a pattern name, and of a pair so named what was not."""
    found = Found()
    for asked in understood(pattern):
        pairs = tuple(sorted(filter(asked.names, measured_pairs()), key=asked.rank))
        rows: list[Listed] = []
        for pair in pairs:
            ways = asked.ways(pair)
            rows += [one for one in _fastest_first(measurements(*pair)) if _ran_so(one.measured, ways)]
        found = Found(tuple(rows), pairs, tuple(_holes(asked)), asked.loosely)
        if found.pairs or found.holes:
            break
    return found


def listed(pattern: str = "") -> list[Listed]:
    """The measurements that `search` finds, what fits best first, the fastest of a pair first."""
    return list(found_by(pattern).rows)


def looked_up(pattern: str, batch: int, nearest: bool = False) -> list[Listed]:
    """Of each pair that a pattern names what `look_up` gives in the precision, runtime and unit named."""
    found: list[Listed] = []
    for asked in understood(pattern):
        said = {part.how for part in asked.said}
        precision = next(filter(canonical_precision, said), None)
        runtime = next(filter(canonical_runtime, said), None)
        unit = next((unit for unit in UNITS if unit.lower() in said), None)
        pairs = sorted(filter(asked.names, measured_pairs()), key=asked.rank)
        for pair in pairs:
            others = [part for part in asked.ways(pair) if not part.how]
            known = look_up(*pair, precision=precision, runtime=runtime, unit=unit, batch=batch, nearest=nearest)
            found += [Listed(one) for one in known if _ran_so(one, others)]
        if pairs:
            break
    return found


def batches_of(model: str, hardware: str) -> list[int]:
    """The batches in which executions of a pair of canonical names were timed at the model's usual input."""
    usual = usual_input_px(model)
    return sorted({profile.batch for profile in profiles_of(model, hardware) if profile.input_px == usual})


def listed_among(own: Sequence[Measurement], pattern: str = "") -> list[Listed]:
    """The same of measurements of one's own, whose models and hardware the catalogue need not know."""
    pairs: dict[tuple[str, str], list[Measurement]] = {}
    for one in own:
        if is_held(pattern, f"{one.model} {one.hardware} {_way(one)}"):
            pairs.setdefault((one.model, one.hardware), []).append(one)
    return [one for _, group in sorted(pairs.items()) for one in _fastest_first(group)]


def _fastest_first(group: Sequence[Measurement]) -> list[Listed]:
    """Measurements of one pair of model and hardware, each with the newer one that counts instead."""
    found = [Listed(one, None if one is newest[0] else newest[0]) for newest in newest_first(group) for one in newest]
    return sorted(found, key=lambda one: one.measured.mean_ms or math.inf)


def search(pattern: str = "") -> pd.DataFrame:
    """All measurements of what the words of ``pattern`` name, what fits best first.

    A name of a model or of hardware, in any spelling and with spaces, means only that (and the parts of the model).
    Other words must be held whole, or from the beginning of one on, by what is known of the model, of the hardware,
    or of the precision, runtime, unit, load or power mode.

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
    Where it says in which way, a pair is one that nobody measured in that. Each has ``model``, ``hardware`` and a
    ``note`` to go behind them: ``at 640 px; measured at 320 and 512``; empty where there is no figure at all.
    """
    return list(found_by(pattern).holes)


def _holes(asked: Asked) -> Iterator[dict[str, str]]:
    pairs = list(asked.asks_about())
    if len(pairs) > _MOST_PAIRS:
        return
    for pair in sorted(pairs, key=asked.rank):
        ways = asked.ways(pair)
        if not ways and not profiles(*pair):
            note = _instead(*pair)
        elif ways and not any(_ran_so(one, ways) for one in measurements(*pair)):
            note = "; ".join(filter(None, (f"in {' '.join(part.text for part in ways)}", _ran(*pair))))
        else:
            continue
        yield {"model": pair[0], "hardware": pair[1], "note": note}


def _instead(model: str, hardware: str) -> str:
    """What was measured of a pair in place of its usual input at batch 1."""
    known, usual = profiles_of(model, hardware), usual_input_px(model)
    if sizes := sorted({p.input_px for p in known if p.batch == 1 and p.input_px}):
        return f"at {usual} px; measured at {' and '.join(map(str, sizes))}" if usual else ""
    if batches := sorted({p.batch for p in known}):
        return f"one by one; measured in batches of {' and '.join(map(str, batches))}"
    untimed = [one for one in measurements(model, hardware) if not is_timed(one)]
    if any(one.tokens_per_s for one in untimed):
        return "in time per input; measured in tokens/s"
    if loads := dict.fromkeys(one.load for one in untimed):
        return f"one by one; measured {' and '.join(loads).replace('_', ' ')}"
    parts = [name for name in known_models() if name.startswith(f"{model}.")]
    if there := [name for name in parts if profiles(name, hardware)]:
        return f"as a whole; its parts were: {' and '.join(there)}"
    return f"nor its parts {' and '.join(parts)}" if parts else ""


def _ran(model: str, hardware: str) -> str:
    ways = dict.fromkeys(f"{one.precision} {one.runtime}".strip() for one in measurements(model, hardware))
    return f"measured in {' and '.join(filter(None, ways))}" if ways else ""


def _ran_so(measured: Measurement, ways: Iterable[Part]) -> bool:
    said = _way(measured)
    return all(part.of_way(said) for part in ways)


def _way(measured: Measurement) -> str:
    return " ".join(getattr(measured, column) for column in WAY)
