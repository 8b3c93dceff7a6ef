"""When the requests of a source are born."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

import numpy as np

from hardware_profiles.service_time import ServiceTime
from scenarios.workloads import Periodic
from sim.draws import NS, Floats, Ints, Keys, draw_rows, law, table, uniform
from sim.jit import loop, steps


@steps
def phase(stream: np.uint64, counter: int, fraction: float, rate_per_s: float) -> int:
    """First birth [ns] of a periodic source: a random point of the period, shifted by a fraction of it."""
    return math.floor((uniform(stream, counter) + fraction) % 1.0 * NS / rate_per_s + 0.5)


@loop
def phases(streams: Keys, fractions: Floats, rate_per_s: float) -> Ints:
    """As `phase`, of each source."""
    firsts = np.empty(len(streams), np.int64)
    for i in range(len(streams)):
        firsts[i] = phase(streams[i], 0, fractions[i], rate_per_s)
    return firsts


@steps
def periodic_birth(first: int, rate_per_s: float, number: int) -> int:
    """One of `periodic_births`."""
    return first + math.floor(number * NS / rate_per_s + 0.5)


@loop
def periodic_births(first: int, rate_per_s: float, number: int, at_once: int) -> Ints:
    """Births ``number`` … ``number + at_once - 1`` [ns]; each is rounded from the start, so that nothing drifts."""
    births = np.empty(at_once, np.int64)
    for k in range(at_once):
        births[k] = periodic_birth(first, rate_per_s, number + k)
    return births


def jitter_ns(arrivals: Periodic, rate_per_s: float) -> int:
    """Of a source with this rate: whole nanoseconds, never more than lie between two of its regular instants."""
    return math.floor(min(arrivals.jitter_s, 1.0 / rate_per_s) * NS)


@steps
def late(stream: np.uint64, number: int, jitter: int) -> int:
    """How long after its regular instant [ns] a request is born: uniform below the jitter of its source."""
    return math.floor(uniform(stream, number) * jitter)


@loop
def jittered_births(first: int, rate_per_s: float, stream: np.uint64, jitter: int, number: int, at_once: int) -> Ints:
    """As `periodic_births`, each up to ``jitter`` [ns] later."""
    births = np.empty(at_once, np.int64)
    for k in range(at_once):
        births[k] = periodic_birth(first, rate_per_s, number + k) + late(stream, number + k, jitter)
    return births


@steps
def superposed_birth(
    stream: np.uint64, sources: int, rate_per_s: float, number: int, beyond: float
) -> tuple[int, float]:
    """One of `superposed_births`."""
    period, turn = divmod(number, sources)
    if turn == 0:
        beyond = 0.0
    beyond += math.log(uniform(stream, turn)) / (sources - turn)
    born = math.floor(period * NS / rate_per_s + 0.5) + math.floor(-math.expm1(beyond) * NS / rate_per_s)
    return born, beyond


@loop
def superposed_births(
    stream: np.uint64, sources: int, rate_per_s: float, number: int, beyond: float, at_once: int
) -> tuple[Ints, float]:
    """Births ``number`` … of periodic sources with random phases, merged, and the state to go on with.

    The phases of ``sources`` sources in their order are drawn one after the other, the same in each period: beyond
    the k-th smallest of m uniforms, what is left of 1 shrinks by the (m - k)-th root of a uniform. So nothing is kept
    of sources whose turn has not come. ``beyond`` is the logarithm of what is left.
    """
    births = np.empty(at_once, np.int64)
    for i in range(at_once):
        births[i], beyond = superposed_birth(stream, sources, rate_per_s, number + i, beyond)
    return births, beyond


def periodic(first: int, rate_per_s: float, at_once: int = 64) -> Iterator[int]:
    """Endless births [ns], one each ``1 / rate_per_s`` from ``first`` on; ``at_once`` of them are made together."""
    for number in count(0, at_once):
        yield from periodic_births(first, rate_per_s, number, at_once).tolist()


def jittered(first: int, rate_per_s: float, stream: np.uint64, jitter: int, at_once: int = 64) -> Iterator[int]:
    """As `periodic`, each up to ``jitter`` [ns] later."""
    for number in count(0, at_once):
        yield from jittered_births(first, rate_per_s, stream, jitter, number, at_once).tolist()


def superposed(stream: np.uint64, sources: int, rate_per_s: float, at_once: int = 64) -> Iterator[int]:
    """Endless births [ns] of ``sources`` periodic sources of ``rate_per_s`` each with random phases, in their order."""
    beyond = 0.0
    for number in count(0, at_once):
        births, beyond = superposed_births(stream, sources, rate_per_s, number, beyond, at_once)
        yield from births.tolist()


def poisson(stream: np.uint64, rate_per_s: float, at_once: int = 64) -> Iterator[int]:
    """Endless births [ns] of a Poisson process; ``at_once`` of them are made together."""
    gaps = _gaps(rate_per_s)
    streams = np.array([stream])
    born = 0
    for number in count(0, at_once):
        births = born + np.cumsum(draw_rows(gaps, streams, number, at_once))
        yield from births.tolist()
        born = int(births[-1])


@lru_cache(maxsize=256)
def _gaps(rate_per_s: float) -> Floats:
    return table([law(ServiceTime.exponential(1.0 / rate_per_s))])
