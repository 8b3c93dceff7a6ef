"""The ceiling: a loop that can play three-stations.yaml and nothing else, as fast as we know how to write one.

It draws the streams that the engines draw, merges the births of all sources, and takes each request through three
recursions of Lindley (1952), one a station; response times go into the engines' bins. No clock, no queues, no control.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from sim.bins import PER_OCTAVE, bin_of, lower_edges
from sim.draws import NS, Ints, Keys, nanoseconds, uniform
from sim.network import Network
from sim.streams import Streams

_BINS = 64 * PER_OCTAVE
_WINDOW = 1 << 14  # births that are put into order together, about


@dataclass(frozen=True)
class Counted:
    """Requests born with the warm-up, and how many measured ones are in each bin of `sim.bins`."""

    born: int
    counts: Ints

    def percentile(self, p: float) -> float:
        """The upper edge [s] of the bin in which it lies."""
        rank = math.ceil(p * self.counts.sum() - 1e-9)
        at = int(np.searchsorted(np.cumsum(self.counts), rank))
        return float(lower_edges(np.array([at + 1]))[0] - 1) / NS


def play(network: Network, seed: int, replication: int, warm_up_s: float, span_s: float) -> Counted:
    """One replication of the path, whose network is that of three-stations.yaml."""
    (flow,) = network.flows
    streams = Streams(seed, replication)
    rate = flow.sources.rate_per_s
    begin = nanoseconds(warm_up_s)
    room = int(_WINDOW * 1.5) + 64 * len(network.sources)  # far more than ever are born in a window
    counts = np.zeros(_BINS, np.int64)
    born = _play(
        streams.births(flow),
        streams.work(flow),
        1.0 / rate,
        np.array([flow.route.step(task).variant.service.mean_s for _, task in flow.columns]),
        network.journey(0, 0, ()).roots[0].ways[0][0].propagation_ns,
        begin,
        begin + nanoseconds(span_s),
        nanoseconds(_WINDOW / (rate * len(network.sources))),
        room,
        counts,
    )
    return Counted(born, counts)


@njit(cache=True, inline="always")
def _exponential(mean_s: float, stream: np.uint64, counter: int) -> int:
    return math.floor(-mean_s * math.log(1.0 - uniform(stream, counter)) * NS + 0.5)


@njit(cache=True)
def _play(
    births: Keys,
    work: npt.NDArray[np.uint64],
    gap_s: float,
    means_s: npt.NDArray[np.float64],
    delay: int,
    begin: int,
    end: int,
    window: int,
    room: int,
    counts: Ints,
) -> int:
    """Times in nanoseconds; returns the births before ``end``."""
    sources = len(births)
    upcoming, numbers = np.empty(sources, np.int64), np.zeros(sources, np.int64)
    for source in range(sources):
        upcoming[source] = _exponential(gap_s, births[source], 0)
    unordered, ordered = np.empty((room, 3), np.int64), np.empty((room, 3), np.int64)
    mean_1, mean_2, mean_3 = means_s
    free_1 = free_2 = free_3 = 0
    born = 0
    for start in range(0, end, window):
        stop = min(start + window, end)
        found = 0
        for source in range(sources):
            at, number = upcoming[source], numbers[source]
            while at < stop:
                unordered[found] = at, source, number
                found += 1
                number += 1
                at += _exponential(gap_s, births[source], number)
            upcoming[source], numbers[source] = at, number
        _order(unordered, ordered, found, start, window)
        born += found
        for i in range(found):
            at, source, number = ordered[i]
            free_1 = max(at + delay, free_1) + _exponential(mean_1, work[source, 0], number)
            free_2 = max(free_1 + delay, free_2) + _exponential(mean_2, work[source, 1], number)
            free_3 = max(free_2 + delay, free_3) + _exponential(mean_3, work[source, 2], number)
            if at >= begin:
                counts[bin_of(free_3 + delay - at)] += 1
    return born


@njit(cache=True)
def _order(unordered: Ints, ordered: Ints, found: int, start: int, window: int) -> None:
    """By instant, then source: births lie evenly in a window, so a bucket for each leaves next to nothing to do."""
    ends = np.zeros(found + 1, np.int64)
    scale = found / window
    for i in range(found):
        ends[int((unordered[i, 0] - start) * scale) + 1] += 1
    for bucket in range(found):
        ends[bucket + 1] += ends[bucket]
    for i in range(found):
        bucket = int((unordered[i, 0] - start) * scale)
        place = ends[bucket]
        ends[bucket] += 1
        ordered[place, 0] = unordered[i, 0]
        ordered[place, 1] = unordered[i, 1]
        ordered[place, 2] = unordered[i, 2]
    for i in range(1, found):
        at, source, number = ordered[i]
        k = i
        while k > 0 and ordered[k - 1, 0] > at:
            ordered[k] = ordered[k - 1]
            k -= 1
        ordered[k] = at, source, number
