"""The measured requests of one flow, over all replications, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.draws import NS, Ints
from sim.flows import Flow, unpacked
from sim.requests import Played

ANSWER = "answer"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One row per measured request of a flow.

    Attributes
    ----------
    births, replication
        Rows of ``Played.births`` and the replication of each.
    delivered, waited, served
        (requests, tasks) [s]: from birth to the delivery of a task, and the waiting and the service at stations on the
        way there. ``nan`` where a request does not reach the task, ``inf`` where it was not delivered.
    work
        (requests, tasks) [s]: the service of the task itself; ``nan`` where it was not done.
    """

    flow: Flow
    first: int
    births: Ints
    replication: npt.NDArray[np.intp]
    delivered: Floats
    waited: Floats
    served: Floats
    work: Floats

    @cached_property
    def happened(self) -> tuple[tuple[tuple[int, ...], int], ...]:
        """Every outcome of the ``share`` draws and how many requests had it."""
        bits, counts = np.unique(self.births[:, 4], return_counts=True)
        return tuple(
            (unpacked(one, self.flow.shares), n) for one, n in zip(bits.tolist(), counts.tolist(), strict=True)
        )

    def response(self, of: str) -> Floats:
        """Response time [s] of a task, or of the answer: that of the last answering task to be delivered."""
        return np.asarray(self.delivered[np.arange(len(self.births)), self._deciding(of)])

    def parts(self, of: str) -> tuple[Floats, Floats]:
        """Waiting and service [s] on the way that led to the response."""
        rows, tasks = np.arange(len(self.births)), self._deciding(of)
        return self.waited[rows, tasks], self.served[rows, tasks]

    @property
    def place(self) -> npt.NDArray[np.int64]:
        """Site and sub-pool of each request as one number."""
        sources = self.flow.sources
        site, number = np.divmod(self.births[:, 0] - self.first, sources.number)
        return np.asarray(site * sources.queues + number // sources.per_queue)

    def _deciding(self, of: str) -> npt.NDArray[np.intp]:
        """For each request the column of the task whose delivery counts."""
        names = self.flow.names
        if of != ANSWER:
            return np.full(len(self.births), names.index(of))
        answering = [i for i, name in enumerate(names) if self.flow.workload.task(name).answers]
        columns = np.array(answering or range(len(names)))
        last = np.argmax(np.nan_to_num(self.delivered[:, columns], nan=-1.0, posinf=np.inf), axis=1)
        return np.asarray(columns[last])


def sample(flow: Flow, first: int, played: Sequence[Played]) -> Sample:
    """Requests of a flow whose sources are numbered from ``first``."""
    stop = first + flow.sites * flow.sources.number
    parts = [_one(flow, first, stop, one) for one in played]
    births = np.concatenate([births for births, _ in parts])
    replication = np.repeat(np.arange(len(played)), [len(births) for births, _ in parts])
    return Sample(flow, first, births, replication, *np.concatenate([times for _, times in parts], axis=1))


def _one(flow: Flow, first: int, stop: int, played: Played) -> tuple[Ints, Floats]:
    """Births, and (delivered, waited, served, work) of each task, of one replication."""
    births, visits = (_of_sources(rows, first, stop) for rows in (played.births, played.visits))
    times = np.full((4, len(births), len(flow.names)), np.nan)
    for bits in np.unique(births[:, 4]).tolist():
        reached = [flow.names.index(task.name) for task in flow.running(unpacked(bits, flow.shares))]
        times[0][np.ix_(births[:, 4] == bits, reached)] = np.inf
    rows = np.searchsorted(_request(births), _request(visits))
    _, _, task, _, started, completed, delivered, waited, served = visits.T
    times[:, rows, task] = np.stack([delivered - births[rows, 2], waited, served, completed - started]) / NS
    return births, times


def _of_sources(rows: Ints, first: int, stop: int) -> Ints:
    begin, end = np.searchsorted(rows[:, 0], (first, stop))
    return rows[begin:end]


def _request(rows: Ints) -> Ints:
    return np.asarray((rows[:, 0] << 36) + rows[:, 1])
