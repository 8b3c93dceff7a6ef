"""Waiting times at one station by the recursion of Kiefer and Wolfowitz (1955), on which planning contracts rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from hardware_profiles.service_time import ServiceTime
from scenarios.workloads import Phase
from sim.arrivals import phase
from sim.draws import NS, Floats, Ints, Keys, chance, draw, key, law, table
from sim.jit import loop

_RANDOM, _ALIGNED, _STAGGERED, _POISSON = range(4)
_PHASES: dict[Phase, int] = {"random": _RANDOM, "aligned": _ALIGNED, "staggered": _STAGGERED}
FEW = 10  # servers; beyond them a station fills in some services, however many it has
RARE = 0.01  # if no more come, on average, of what is born at one instant, they come as a Poisson process does
_PURPOSES = ("phase", "arrival", "share", "service")


@dataclass(frozen=True)
class Stream:
    """Equal sources of one workload that feed a station.

    Parameters
    ----------
    sources
        How many.
    rate_per_s
        Of each source [1/s].
    service
        Service time of a request at the station.
    phase
        Of periodic sources, as in a scenario.
    probability
        That a request comes to the station at all.
    together
        Births at each instant of a Poisson stream: so many in-phase sources of each of very many sub-pools.
    """

    kind: Literal["periodic", "poisson"]
    sources: int
    rate_per_s: float
    service: ServiceTime
    phase: Phase = "random"
    probability: float = 1.0
    together: int = 1

    @property
    def offered(self) -> float:
        """Offered load: servers at work on average."""
        return self.sources * self.rate_per_s * self.probability * self.service.mean_s


def waiting(streams: Sequence[Stream], servers: int, *, samples: int = 200_000, seed: int = 0) -> tuple[Floats, ...]:
    """Increasing waiting times [s] of each stream in the steady state of a station: FIFO, ``servers`` servers.

    Random phases change the distribution for good, so the sample comes from many rounds, each with phases of its own
    and its own warm-up. Who does not come to the station would have waited as long, and is in the sample too. A stream
    without a request in the sample has an empty array; where the offered load is not less than ``servers`` there is no
    steady state and every stream has the one sample ``inf``.
    """
    load = sum(stream.offered for stream in streams) / servers
    if load >= 1:
        return tuple(np.full(1, math.inf) for _ in streams)
    streams = _without_idle_births(streams)
    begin_s, length_s, expected = _round_lengths(streams, servers, load, samples)
    rounds = max(1, math.ceil(samples / expected))
    begin, end = round(begin_s * NS), round((begin_s + length_s) * NS)

    arrivals = np.array([_POISSON if s.kind == "poisson" else _PHASES[s.phase] for s in streams])
    numbers = np.array([s.sources for s in streams])
    rates = np.array([s.rate_per_s for s in streams])
    together = np.array([s.together for s in streams])
    gaps = table([law(ServiceTime.exponential(s.together / (s.sources * s.rate_per_s))) for s in streams])
    laws = table([law(s.service.condensed()) for s in streams])
    shares = table([chance(s.probability) for s in streams])
    keys = np.array([[key(seed, 0, purpose, number) for purpose in _PURPOSES] for number in range(len(streams))])
    waits, of = _rounds(arrivals, numbers, rates, together, gaps, laws, shares, keys, servers, rounds, begin, end)
    return tuple(np.sort(waits[of == number]) / NS for number in range(len(streams)))


def _without_idle_births(streams: Sequence[Stream]) -> list[Stream]:
    """The same streams with fewer births that do not come, where these are very many beside all that comes.

    A Poisson process may be thinned beforehand; what hardly ever comes is one, and the number that comes of many
    births at one instant is a Poisson number, both to within ``RARE`` (thinning: Rényi 1956; rare events: Le Cam 1960).
    A rare stream beside a frequent one keeps births enough to be sampled by.
    """
    enough_per_s = sum(s.sources * s.rate_per_s * s.probability for s in streams) / len(streams)
    return [_thinned(s, max(s.probability, enough_per_s / (s.sources * s.rate_per_s))) for s in streams]


def _thinned(stream: Stream, kept: float) -> Stream:
    """With a fraction ``kept`` of its births, if that is allowed, of which so many more come."""
    poisson = stream.kind == "poisson"
    block = stream.together if poisson else stream.sources if stream.phase == "aligned" else 1
    if kept >= 1:
        return stream
    if stream.probability * block <= RARE or (poisson and block == 1):
        rate, probability = stream.rate_per_s * kept, stream.probability / kept
        return replace(stream, kind="poisson", rate_per_s=rate, probability=probability, together=1)
    if stream.probability > RARE:
        return stream
    size = math.ceil(block * max(kept, stream.probability / RARE))
    smaller = replace(stream, probability=stream.probability * block / size)
    if poisson:
        return replace(smaller, rate_per_s=stream.rate_per_s * size / block, together=size)
    return replace(smaller, sources=size)


def _round_lengths(streams: Sequence[Stream], servers: int, load: float, samples: int) -> tuple[float, float, float]:
    """Warm-up and measured span of a round [s], and the births expected in that span.

    A station forgets its start within some v / (1 - load)² births, and not before load · v / (1 - load)² requests have
    come, v being the variability of arrivals and service (heavy-traffic diffusion: Whitt 1989); periodic arrivals have
    none, but a period must have passed. Many servers take no longer to fill than a few, but more requests: a round is
    then as long as its warm-up. Where few of the births come neither lasts for more than some millions of births.
    """
    births = np.array([s.sources * s.rate_per_s for s in streams])
    rates = births * [s.probability for s in streams]
    irregular = np.array([s.together if s.kind == "poisson" else 1.0 - s.probability for s in streams])
    means = np.array([s.service.mean_s for s in streams])
    squares = np.array([s.service.variance_s2 for s in streams]) + means**2
    born_per_s, per_s = births.sum(), rates.sum()
    mean_s, square_s2 = rates @ means / per_s, rates @ squares / per_s
    variability = rates @ irregular / per_s + (square_s2 / mean_s**2 - 1 if mean_s else 0.0)
    period_s = max((1 / s.rate_per_s for s in streams if s.kind == "periodic"), default=0.0)
    periods_s = min(2 * period_s, samples / 8 / born_per_s)
    forgetting_s = min(20 * variability / (1 - load) ** 2, samples / 8) * max(1 / born_per_s, load / per_s)
    filling_s = 5 * min(servers, FEW) * mean_s
    most_s = 5 * (samples + servers * FEW) / born_per_s  # more than anything needs whose births all come
    warm_up_s = min(periods_s + forgetting_s + filling_s, most_s)
    length_s = min(max(periods_s + 3 * forgetting_s + 16 / born_per_s, filling_s if servers > FEW else 0.0), most_s)
    return warm_up_s, length_s, length_s * born_per_s


@loop
def _rounds(
    arrivals: Ints,
    numbers: Ints,
    rates: Floats,
    together: Ints,
    gaps: Floats,
    laws: Floats,
    shares: Floats,
    keys: Keys,
    servers: int,
    rounds: int,
    begin: int,
    end: int,
) -> tuple[Ints, Ints]:
    """Waiting times [ns] and the stream of each, of the requests born in [begin, end) of every round."""
    room = 64 + int(1.1 * np.sum(numbers * rates) * end / NS)
    births, services, streams = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    waits, of = np.empty(room, np.int64), np.empty(room, np.int64)
    counters = np.zeros(len(numbers), np.int64)
    kept = 0
    for number in range(rounds):
        count = 0
        for stream in range(len(numbers)):
            poisson = arrivals[stream] == _POISSON
            for source in range(1 if poisson else numbers[stream]):  # all Poisson sources are one of their common rate
                first = _first(arrivals[stream], numbers[stream], rates[stream], keys[stream], number, source)
                born, k = first, 0
                while True:
                    counter = counters[stream]
                    if poisson:
                        if k % together[stream] == 0:
                            born += draw(gaps[stream], keys[stream, 1], counter)
                    else:
                        born = first + math.floor(k * NS / rates[stream] + 0.5)
                    if born >= end:
                        break
                    k += 1
                    counters[stream] += 1
                    if count == len(births):
                        births, services, streams = _grown(births), _grown(services), _grown(streams)
                    births[count] = born
                    comes = draw(shares[stream], keys[stream, 2], counter)
                    services[count] = draw(laws[stream], keys[stream, 3], counter) if comes else -1
                    streams[count] = stream
                    count += 1
                counters[stream] += 1  # the draw that ended the round
        free = np.zeros(servers, np.int64)  # when each server is free: a heap
        for i in np.argsort(births[:count], kind="mergesort"):
            start = max(births[i], free[0])
            if services[i] >= 0:  # who does not come would have waited as long, and is counted too
                _occupy(free, start + services[i])
            if births[i] >= begin:
                if kept == len(waits):
                    waits, of = _grown(waits), _grown(of)
                waits[kept] = start - births[i]
                of[kept] = streams[i]
                kept += 1
    return waits[:kept], of[:kept]


@loop
def _first(arrivals: int, number: int, rate: float, keys: Keys, turn: int, source: int) -> int:
    """Where a source starts: at its phase, or at 0 where births are drawn one after the other."""
    if arrivals == _POISSON:
        return 0
    if arrivals == _RANDOM:
        return phase(keys[0], turn * number + source, 0.0, rate)
    return phase(keys[0], turn, source / number if arrivals == _STAGGERED else 0.0, rate)


@loop
def _occupy(free: Ints, until: int) -> None:
    """The server that is free first, at the top of the heap, is taken until an instant."""
    i = 0
    while True:
        next_up = 2 * i + 1
        if next_up + 1 < len(free) and free[next_up + 1] < free[next_up]:
            next_up += 1
        if next_up >= len(free) or free[next_up] >= until:
            break
        free[i] = free[next_up]
        i = next_up
    free[i] = until


@loop
def _grown(values: Ints) -> Ints:
    return np.concatenate((values, np.empty_like(values)))
