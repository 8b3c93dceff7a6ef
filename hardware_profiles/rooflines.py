"""What hardware was measured to achieve: how fast each configuration gets through the work of models.

A roofline (Williams, Waterman & Patterson, CACM 52(4), 2009) bounds the rate of work by what the hardware computes and
by what its memory delivers. Data sheets promise rates that nothing reaches, so they are learned here from what was
measured: models with much the same work, and much the same work per weight read, meet the same ceiling.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from hardware_profiles.catalogue.measured import timed_pairs
from hardware_profiles.catalogue.models import Model, model, usual_input_px
from hardware_profiles.profile import Profile, profiles_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Chosen by leaving one out over the whole catalogue, see benchmarks/README.md. Times grow slower than work, since
# every execution costs something to begin; what a model counts for falls by a factor e with each of the others.
_GROWTH = 0.7  # exponent of the work in the time
_FOLD = 0.5  # e-folds of work, and of work per weight
_OTHER_FAMILY, _OTHER_TASK = 2.0, 0.5

FEWEST = 3
"""Other models without which a configuration says nothing of a new one, unless one is of its family."""


class Configuration(NamedTuple):
    """How a piece of hardware runs models."""

    hardware: str
    precision: str
    runtime: str
    unit: str
    threads: int | None


@dataclass(frozen=True)
class Work:
    """What one execution asks for: multiply-accumulate operations, weights (None: unknown), and the kind of model."""

    macs: float
    parameters: float | None = None
    family: str = ""
    task: str = ""


def work_of(known: Model, input_px: int | None) -> Work | None:
    """At an input of ``input_px`` [px], in proportion to its area; None where nobody says how much it is."""
    if known.macs is None:
        return None
    usual = usual_input_px(known.name)
    area = (input_px / usual) ** 2 if input_px and usual else 1.0
    return replace(kind_of(known), macs=known.macs.value * area)


def kind_of(known: Model) -> Work:
    """What is known of a model's work but its amount, which is NaN."""
    return Work(math.nan, known.parameters.value if known.parameters else None, known.family, known.task)


@dataclass(frozen=True)
class Roofline:
    """The models measured in one configuration whose work is known, in the catalogue's order."""

    configuration: Configuration
    profiles: tuple[Profile, ...]
    works: tuple[Work, ...]

    def tells_of(self, work: Work, name: str) -> bool:
        """Whether enough other models were measured to say something of one: several, or one of its family."""
        others = {profile.model for profile in self.profiles} - {name}
        return len(others) >= FEWEST or self.knows_family(work, name)

    def log_ms(
        self, works: Sequence[Work], leave_out: Sequence[str], *, leave_family: bool = False
    ) -> tuple[Floats, Floats]:
        """What the rates achieved give for each work: logarithm of the time [ms], and unlikeness of the nearest model.

        For each work the model of the name beside it does not count, nor, with ``leave_family``, any of its family;
        NaN and infinity where no other is left.
        """
        import numpy as np

        distance = self._distances(works, leave_out)
        if leave_family:
            family = np.array([work.family for work in works])
            distance[family[:, None] == self._columns.family] = np.inf
        nearest = distance.min(axis=1)
        weight = np.exp(np.where(np.isinf(nearest), 0.0, nearest)[:, None] - distance)
        with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is promised
            pace = weight @ self._pace / weight.sum(axis=1)
        return pace + _GROWTH * np.log([work.macs for work in works]), nearest

    def knows_family(self, work: Work, name: str) -> bool:
        """Whether another model of its family was measured."""
        others = zip(self.profiles, self.works, strict=True)
        return any(other.family == work.family for profile, other in others if profile.model != name)

    def alike(self, work: Work, leave_out: str, n: int) -> tuple[Profile, ...]:
        """The ``n`` models that count most for a work."""
        order = self._distances([work], [leave_out])[0].argsort(kind="stable")
        return tuple(self.profiles[i] for i in order[:n] if self.profiles[i].model != leave_out)

    def _distances(self, works: Sequence[Work], leave_out: Sequence[str]) -> Floats:
        import numpy as np

        asked, known = _Columns.of(works), self._columns
        folds = np.abs(asked.log_macs[:, None] - known.log_macs)
        per_weight = np.abs(asked.log_per_weight[:, None] - known.log_per_weight)
        folds += np.where(np.isnan(per_weight), 0.0, per_weight)
        distance = folds / _FOLD + _OTHER_FAMILY * (asked.family[:, None] != known.family)
        distance += _OTHER_TASK * (asked.task[:, None] != known.task)
        left_out = np.array(leave_out)[:, None] == np.array([profile.model for profile in self.profiles])
        return np.where(left_out, np.inf, distance)

    @cached_property
    def log_measured(self) -> Floats:
        """Logarithm of the times measured [ms]."""
        import numpy as np

        return np.log([profile.mean_ms for profile in self.profiles])

    @cached_property
    def _pace(self) -> Floats:
        return self.log_measured - _GROWTH * self._columns.log_macs

    @cached_property
    def _columns(self) -> _Columns:
        return _Columns.of(self.works)


class _Columns(NamedTuple):
    log_macs: Floats
    log_per_weight: Floats
    family: NDArray[np.str_]
    task: NDArray[np.str_]

    @staticmethod
    def of(works: Sequence[Work]) -> _Columns:
        import numpy as np

        per_weight = [math.log(w.macs / w.parameters) if w.parameters else math.nan for w in works]
        return _Columns(
            np.log([work.macs for work in works]),
            np.array(per_weight),
            np.array([work.family for work in works]),
            np.array([work.task for work in works]),
        )


@cache
def rooflines() -> dict[Configuration, Roofline]:
    """Of every configuration of the catalogue at batch 1 in which a model of known work was measured."""
    found: dict[Configuration, list[tuple[Profile, Work]]] = {}
    for name, places in timed_pairs().items():
        known = model(name)
        for profile in (p for at in places for p in profiles_of(name, at)) if known and known.macs else ():
            if profile.batch == 1 and known and (work := work_of(known, profile.input_px)):
                found.setdefault(configuration_of(profile), []).append((profile, work))
    return {how: Roofline(how, *map(tuple, zip(*points, strict=True))) for how, points in found.items()}


def configuration_of(profile: Profile) -> Configuration:
    """Where and how a profile was measured."""
    return Configuration(profile.hardware, profile.precision, profile.runtime, profile.unit, profile.threads)
