"""The slowest answers of a replication, kept while it is played: their number does not grow with the requests."""

from __future__ import annotations

import numpy as np

from sim.draws import Ints
from sim.drops import DELIVERED
from sim.network import Network
from sim.tally import answering

RESPONSE, SOURCE, SEQUENCE = range(3)  # columns of the rows kept


class Slowest:
    """A `Keep` that holds the ``most`` requests with the longest response times.

    The response time is that of the last part of the answer to be delivered; of equally slow ones the first by source
    and sequence are kept.
    """

    def __init__(self, network: Network, most: int) -> None:
        self._most = most
        self._first = np.array([network.first_source(flow) for flow in network.flows])
        tasks = max((len(flow.names) for flow in network.flows), default=0)
        self._answers = np.zeros((len(network.flows), tasks), np.bool_)
        for number, flow in enumerate(network.flows):
            self._answers[number, answering(flow)] = True
        self.rows = np.empty((0, 3), np.int64)

    def __call__(self, births: Ints, visits: Ints) -> None:  # noqa: ARG002
        if not self._most:
            return
        flow = np.searchsorted(self._first, visits[:, 0], side="right") - 1
        response = visits[:, 6] - visits[:, 9]
        least = self.rows[-1, RESPONSE] if len(self.rows) == self._most else 0
        some = self._answers[flow, visits[:, 2]] & (visits[:, 11] == DELIVERED) & (response >= least)
        self.rows = slowest(np.vstack([self.rows, np.column_stack([response, visits[:, :2]])[some]]), self._most)


def slowest(rows: Ints, most: int) -> Ints:
    """(response time [ns], source, sequence) of the slowest requests, each once, the slowest first."""
    rows = rows[np.lexsort((-rows[:, RESPONSE], rows[:, SEQUENCE], rows[:, SOURCE]))]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (rows[1:, SOURCE:] != rows[:-1, SOURCE:]).any(axis=1)
    rows = rows[first]
    found: Ints = rows[np.lexsort((rows[:, SEQUENCE], rows[:, SOURCE], -rows[:, RESPONSE]))][:most]
    return found
