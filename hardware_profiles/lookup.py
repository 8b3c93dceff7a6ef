"""Finding a profile: measured exactly so, between two batches that were, or the nearest named as such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from hardware_profiles.catalogue.devices import device
from hardware_profiles.catalogue.identity import canonical_model, canonical_precision, canonical_runtime
from hardware_profiles.catalogue.models import usual_input_px
from hardware_profiles.catalogue.vocabulary import FLOATING
from hardware_profiles.interpolation import between
from hardware_profiles.profile import Profile, profiles_of


def look_up(
    model: str,
    hardware: str,
    *,
    precision: str | None = None,
    runtime: str | None = None,
    unit: str | None = None,
    batch: int = 1,
    input_px: int | None = None,
    nearest: bool = False,
) -> tuple[Profile, ...]:
    """Every configuration of a model on a piece of hardware that is as asked, fastest first.

    Parameters
    ----------
    model, hardware, precision, runtime
        Any spelling the catalogue knows; a server counts as the card inside it. None: any.
    unit
        What has to do the work: CPU, GPU, NPU …; None: any.
    batch, input_px
        Inputs per execution [1], edge of the square input [px], by default the model's usual one. A configuration
        that was not measured at this batch is interpolated between the two nearest that were (``kind`` says so),
        never extrapolated, and never over the input.
    nearest
        Where nothing is as asked, give what comes nearest in precision and runtime: the same precision in another
        runtime before another precision, related ones first. Their ``stands_for`` names what was asked for.

    Empty if nobody measured anything of the kind.
    """
    ours, box = canonical_model(model), device(hardware)
    if ours is None or box is None:
        return ()
    size = usual_input_px(ours) if input_px is None else input_px
    known = [p for p in profiles_of(ours, box.profiled_as) if p.input_px == size and unit in (None, p.unit)]
    found = list(_at_batch(known, batch))
    wanted = _Wanted(
        precision and (canonical_precision(precision) or precision), runtime and (canonical_runtime(runtime) or runtime)
    )
    distance = min(map(wanted.distance, found), default=(0, 0))
    if distance == (0, 0):
        kept = [profile for profile in found if wanted.distance(profile) == distance]
    elif nearest:
        kept = [replace(p, stands_for=str(wanted)) for p in found if wanted.distance(p) == distance]
    else:
        kept = []
    return tuple(sorted(kept, key=lambda profile: profile.mean_ms))


@dataclass(frozen=True)
class _Wanted:
    """A precision and a runtime that were asked for; None: any."""

    precision: str | None
    runtime: str | None

    def __str__(self) -> str:
        return " ".join(word for word in (self.precision, self.runtime) if word)

    def distance(self, profile: Profile) -> tuple[int, int]:
        """0 what was asked for, 1 a relation of it, 2 another; of precision and of runtime."""
        related_precision = (self.precision in FLOATING) == (profile.precision in FLOATING)
        related_runtime = _family(self.runtime) == _family(profile.runtime)
        return (
            0 if self.precision in (None, profile.precision) else 2 - related_precision,
            0 if self.runtime in (None, profile.runtime) else 2 - related_runtime,
        )


def _family(runtime: str | None) -> str:
    return (runtime or "").partition("-")[0]


def _at_batch(known: Iterable[Profile], batch: int) -> Iterator[Profile]:
    """Each configuration at one batch: as measured, else between its neighbours, else not at all."""
    groups: dict[tuple[object, ...], list[Profile]] = {}
    for profile in known:
        how = (profile.precision, profile.runtime, profile.unit, profile.threads)
        groups.setdefault(how, []).append(profile)
    for group in groups.values():
        exact = [profile for profile in group if profile.batch == batch]
        yield from exact
        # A query of eight samples and a batch of eight are both one execution of eight; the plain one counts first.
        plain_last = sorted(group, key=lambda profile: profile.load == "single_stream")
        points = sorted({p.batch: p for p in plain_last}.values(), key=lambda profile: profile.batch)
        if not exact:
            around = ((low, high) for low, high in pairwise(points) if low.batch < batch < high.batch)
            yield from (between(low, high, batch) for low, high in around)
