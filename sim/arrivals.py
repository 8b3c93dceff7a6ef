"""When the requests of a source are born."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numba import njit

from hardware_profiles.service_time import ServiceTime
from sim.draws import NS, Ints, draw_rows, law, table, uniform

_BLOCK = 64


@njit(cache=True)
def phase(stream: np.uint64, counter: int, fraction: float, rate_per_s: float) -> int:
    """First birth [ns] of a periodic source: a random point of the period, shifted by a fraction of it."""
    return math.floor((uniform(stream, counter) + fraction) % 1.0 * NS / rate_per_s + 0.5)


@njit(cache=True)
def periodic_births(first: int, rate_per_s: float, number: int, count: int) -> Ints:
    """Births ``number`` … ``number + count - 1`` [ns]; each is rounded from the start, so that nothing drifts."""
    births = np.empty(count, np.int64)
    for k in range(count):
        births[k] = first + math.floor((number + k) * NS / rate_per_s + 0.5)
    return births


def periodic(first: int, rate_per_s: float) -> Iterator[int]:
    """Endless births [ns], one each ``1 / rate_per_s`` from ``first`` on."""
    number = 0
    while True:
        yield from periodic_births(first, rate_per_s, number, _BLOCK).tolist()
        number += _BLOCK


def poisson(stream: np.uint64, rate_per_s: float) -> Iterator[int]:
    """Endless births [ns] of a Poisson process."""
    gaps = table([law(ServiceTime.exponential(1.0 / rate_per_s))])
    streams = np.array([stream])
    born = number = 0
    while True:
        births = born + np.cumsum(draw_rows(gaps, streams, number, _BLOCK))
        yield from births.tolist()
        born, number = int(births[-1]), number + _BLOCK
