"""Answers one by one, from the rows of a replication."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.draws import Ints
from sim.drops import DELIVERED
from sim.flows import Flow
from sim.network import Network
from sim.tally import answering, needed

NEVER = 1 << 62  # in place of a response time


class Answers(NamedTuple):
    """Of a flow's measured requests that expect an answer, in the order of birth [ns].

    ``born`` and ``response`` have a number for each; ``NEVER`` where not all of the answer was delivered.
    """

    born: Ints
    response: Ints


def answers(network: Network, births: Ints, visits: Ints) -> list[Answers]:
    """Of each flow, from the sorted rows of one replication (``Played.rows``)."""
    return [_of(flow, network.first_source(flow), births, visits) for flow in network.flows]


def _of(flow: Flow, first: int, births: Ints, visits: Ints) -> Answers:
    stop = first + flow.sites * flow.sources.number
    births, visits = (rows[slice(*np.searchsorted(rows[:, 0], (first, stop)))] for rows in (births, visits))
    visits = visits[np.isin(visits[:, 2], answering(flow)) & (visits[:, 11] == DELIVERED)]
    request = np.searchsorted(_key(births), _key(visits))
    response, parts = np.zeros((2, len(births)), np.int64)
    np.maximum.at(response, request, visits[:, 6] - visits[:, 9])
    np.add.at(parts, request, 1)
    expected = needed(flow)[births[:, 4]][:, answering(flow)].sum(axis=1)
    response[parts < expected] = NEVER
    order = np.lexsort((births[:, 1], births[:, 0], births[:, 2]))
    order = order[expected[order] > 0]
    return Answers(births[order, 2], response[order])


def _key(rows: Ints) -> Ints:
    return np.asarray((rows[:, 0] << 36) + rows[:, 1])
