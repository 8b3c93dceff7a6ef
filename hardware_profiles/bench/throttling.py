"""Whether a machine was held back, or grew slower, while it was measured."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from hardware_profiles.bench.watch import Observed

_FIFTHS = 5
_SLOWER = 1.10
_CLOCK_LOWER = 0.95
_OTHERS = 0.05
_FEWEST = 4 * _FIFTHS  # below, a fifth is no more than three durations
_AT_LEAST_S = 1  # heat takes longer than that to build up


def drift(durations: Sequence[float]) -> float:
    """How the last fifth of a sample compares with its first, by their medians; 1 where it is too short to say."""
    if len(durations) < _FEWEST:
        return 1
    first, last = _ends(durations)
    return median(last) / median(first)


def held_back(durations: Sequence[float], observed: Observed) -> tuple[str, ...]:
    """What speaks for throttling or for other work on the machine, in words; empty where nothing does."""
    signs = []
    if observed.others is not None and observed.others > _OTHERS:
        signs.append(f"other work took {observed.others:.0%} of the processors")
    signs += [f"the board reports {cause}" for cause in observed.braked]
    if observed.seconds >= _AT_LEAST_S and (slower := drift(durations)) > _SLOWER:
        signs.append(f"{slower - 1:.0%} slower in the last fifth of the runs than in the first{_heat(observed)}")
    if len(observed.clocks_mhz) >= _FIFTHS:
        first, last = (fmean(part) for part in _ends(observed.clocks_mhz))
        if last < _CLOCK_LOWER * first:
            signs.append(f"the clock fell from {first:.0f} to {last:.0f} MHz")
    return tuple(signs)


def _ends(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    fifth = len(values) // _FIFTHS
    return values[:fifth], values[-fifth:]


def _heat(observed: Observed) -> str:
    heat = observed.temperatures_c
    return f" ({heat[0]:.0f} to {heat[-1]:.0f} °C)" if heat else ""
