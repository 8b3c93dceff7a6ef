"""How far off estimates and interpolations are: every measurement left out once and worked out from the others.

`make estimates` prints the tables of README.md. Nothing here is timed.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from hardware_profiles import Profile
from hardware_profiles.estimates import LeftOut, error_bar, left_out
from hardware_profiles.interpolation import between
from hardware_profiles.profile import every_profile

ALL = "all"


def main() -> None:
    """Print both tables as Markdown."""
    for title, without_family in (("the model left out", False), ("its whole family left out", True)):
        print(f"\nEstimates, {title}\n")
        print(
            "| compute unit | measurements | models | times elsewhere | half within | nine in ten within | bar holds |"
        )
        print("|---|---|---|---|---|---|---|")
        known = left_out(without_family=without_family)
        for line in estimate_lines(known):
            print(line)
    print("\nInterpolation over the batch, the middle of three batches left out\n")
    print("| configurations | batches | half within | worst |")
    print("|---|---|---|---|")
    for line in interpolation_lines(every_profile()):
        print(line)


def estimate_lines(known: Sequence[LeftOut]) -> Iterator[str]:
    """By unit and by whether the model was measured elsewhere, which puts its estimate right."""
    for unit in (ALL, *sorted({one.profile.unit for one in known if one.profile.unit})):
        for elsewhere in (True, False):
            some = [one for one in known if unit in (ALL, one.profile.unit)]
            errors = [(one, one.put_right if elsewhere else one.error) for one in some]
            found = [(one, abs(error)) for one, error in errors if error is not None]
            if not found:
                continue
            off = np.exp(np.quantile([error for _, error in found], [0.5, 0.9]))
            models = len({one.profile.model for one, _ in found})
            held = held_share(known, found, elsewhere) if unit != ALL else float("nan")
            share = "" if math.isnan(held) else f"{held:.0%}"
            yield (
                f"| {unit} | {len(found)} | {models} | {'used' if elsewhere else 'not used'} "
                f"| × {off[0]:.2f} | × {off[1]:.2f} | {share} |"
            )


def held_share(known: Sequence[LeftOut], found: Sequence[tuple[LeftOut, float]], elsewhere: bool) -> float:
    """Share of up to 300 measurements within the error bar that all other models give them."""
    some = found[:: max(1, len(found) // 300)]
    others: dict[str, list[LeftOut]] = {}
    inside = 0
    for one, error in some:
        name = one.profile.model
        if name not in others:
            others[name] = [other for other in known if other.profile.model != name]
        inside += error <= error_bar(others[name], one.profile.unit, one.unlike, put_right=elsewhere)
    return inside / len(some)


def interpolation_lines(profiles: Iterable[Profile]) -> Iterator[str]:
    """Each batch that lies between two measured ones of its configuration, worked out from its neighbours."""
    groups: dict[tuple[object, ...], dict[int, Profile]] = defaultdict(dict)
    for one in profiles:
        how = (one.model, one.hardware, one.precision, one.runtime, one.unit, one.threads, one.input_px, one.load)
        groups[how][one.batch] = one
    errors: dict[str, list[float]] = defaultdict(list)
    for group in groups.values():
        batches = sorted(group)
        for low, middle, high in zip(batches, batches[1:], batches[2:], strict=False):
            given = between(group[low], group[high], middle)
            errors[f"{middle} between {low} and {high}"].append(abs(math.log(given.mean_ms / group[middle].mean_ms)))
    for batch, off in sorted(errors.items()):
        yield f"| {len(off)} | {batch} | × {math.exp(np.median(off)):.2f} | × {math.exp(max(off)):.2f} |"


if __name__ == "__main__":
    sys.exit(main())
