"""Bins for response times: whole nanoseconds, an equal number of bins in every octave.

As in HdrHistogram (G. Tene): a time below 256 ns has a bin of its own, and from there on each octave has 256 equal
bins, so that none is wider than its lower edge / 256, less than 0.4 %. A bin is read from the bits of the time as a
float: its exponent and the first eight bits behind it; the rounding of times above 2**53 ns (104 days) to a float may
put one that is a hair below an edge into the bin above it.
"""

from __future__ import annotations

import numpy as np

from sim.draws import Ints
from sim.jit import inlined

PER_OCTAVE_BITS = 8
PER_OCTAVE = 1 << PER_OCTAVE_BITS
_SHIFT = 52 - PER_OCTAVE_BITS  # bits of a float behind those that tell its bin
_FIRST = ((1023 + PER_OCTAVE_BITS) << PER_OCTAVE_BITS) - PER_OCTAVE  # taken off, so that 256 ns come to bin 256


@inlined
def bin_of(time: int) -> int:
    """Bin of a time [ns], not negative; a longer time is never in a lower bin."""
    if time < PER_OCTAVE:
        return time
    return int(np.float64(time).view(np.int64) >> _SHIFT) - _FIRST


def bins_of(times: Ints) -> Ints:
    """``bin_of`` for every time [ns] of an array."""
    return np.where(times < PER_OCTAVE, times, (times.astype(np.float64).view(np.int64) >> _SHIFT) - _FIRST)


def lower_edges(bins: Ints) -> Ints:
    """The shortest time [ns] in each of some bins."""
    octave, within = np.divmod(bins, PER_OCTAVE)
    return np.where(octave == 0, bins, (PER_OCTAVE + within) << np.maximum(octave - 1, 0))
