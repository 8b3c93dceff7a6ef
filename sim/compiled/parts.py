"""Parts of a network that have no station in common: sites that share nothing, played side by side."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.background import merged
from sim.compiled import arrays as a
from sim.draws import Floats, Ints
from sim.network import Network


def parts(network: Network, most: int) -> list[Ints]:
    """Numbers of the sources (and behind them of the background) of each part, ``most`` parts of about equal rates."""
    rates = births_per_s(network)
    if most == 1 or not len(rates):
        return [np.arange(len(rates))]
    together = _components(a.compiled(network))
    rate = np.bincount(together, rates)
    loads, of = [0.0] * min(most, len(rate)), np.zeros(len(rate), np.int64)
    for component in np.argsort(-rate, kind="stable").tolist():  # the largest first, each to the part with the least
        of[component] = loads.index(min(loads))
        loads[of[component]] += float(rate[component])
    return [np.flatnonzero(of[together] == part) for part in range(len(loads))]


def joined(network: Network, numbers: Iterable[int]) -> frozenset[int]:
    """Numbers of the sources (and background) that meet some of them, themselves or others between them; with those."""
    together = _components(a.compiled(network))
    return frozenset(np.flatnonzero(np.isin(together, together[list(numbers)])).tolist())


def births_per_s(network: Network) -> Floats:
    """Of each source, then of the background."""
    own = [flow.sources.rate_per_s for flow in network.flows]
    many = [flow.sites * flow.sources.number for flow in network.flows]
    beyond = [merged(flow).births_per_s for flow in network.background]
    return np.concatenate([np.repeat(np.array(own, np.float64), many), np.array(beyond, np.float64)])


def _components(program: a.Program) -> Ints:
    """Of each source, which of those that meet somewhere, themselves or others between them, it is one of."""
    from scipy.sparse import coo_array  # a fifth of a second that others need not wait
    from scipy.sparse.csgraph import connected_components

    sources, stations = len(program.sources), len(program.stations)
    fleets = program.fleets[program.sources[:, a.ITS_FLEET]]
    slots = fleets[:, a.SLOTS] * fleets[:, a.OF_NODES]
    source = np.repeat(np.arange(sources), slots)
    first = np.repeat(program.sources[:, a.BOUND] - np.cumsum(slots) + slots, slots)
    station = program.bound[first + np.arange(len(source))]
    meeting = (program.stations[station, a.SERVERS] >= 0) | (program.stations[station, a.COLD] > 0)
    edges = (np.ones(int(meeting.sum()), np.int8), (source[meeting], sources + station[meeting]))
    graph = coo_array(edges, shape=(sources + stations, sources + stations))
    found = connected_components(graph, directed=False)[1][:sources]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
