"""What happened when: stations and workloads step by step over the measured span.

A control process that changes nothing reads what stations have added up so far, always at the beginning of a step, so
that the means of a step are exact, with all that is under way: also what was born before the span, and the background.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.answers import NEVER, answers
from sim.draws import NS, Floats, Ints
from sim.measures import ROUNDING
from sim.network import Network
from sim.queues import Queue

if TYPE_CHECKING:
    import pandas as pd

    from sim.control import Handles

STATIONS = ["replication", "t_s", "name", "link", "group", "servers", "busy_servers", "queue_length", "started"]
WORKLOADS = ["replication", "t_s", "workload", "group", "requests", "p50_ms", "p95_ms"]

SERVERS, BUSY, WAITING, STARTED = range(4)

Key = tuple[str, bool, str]  # pool or link with its direction, whether it is a link, group


@dataclass(frozen=True)
class Timeline:
    """Of one replication.

    Attributes
    ----------
    stations
        (steps, keys, 4): servers at the beginning of the step, busy area and queue area of the step [ns], services
        started in it; summed over the queues of each of ``keys_of`` the network.
    requests
        (flows, steps): requests born.
    percentiles
        (flows, steps, 2): p50 and p95 of the response times of the answers of those born in the step [s]; ``inf`` where
        that many never came, ``nan`` where none was expected.
    """

    stations: Ints
    requests: Ints
    percentiles: Floats


class Recorder:
    """The control process of a replication, and what it has read."""

    def __init__(self, network: Network, begin: int, end: int, step: int) -> None:
        self._network, self._begin, self._end, self._step = network, begin, end, step
        self._read: list[Ints] = []

    def __call__(self, stations: Handles) -> Iterator[int]:
        keys = keys_of(self._network.queues)
        number = {key: at for at, key in enumerate(keys)}
        each = {name: iter(some) for name, some in stations.items()}
        ordered = sorted(_with_servers(self._network.queues), key=lambda queue: queue.order)
        handles = [(number[_key(queue)], next(each[queue.name])) for queue in ordered]
        for instant in range(self._begin, self._end, self._step):
            yield instant
            read = np.zeros((len(keys), 4), np.int64)
            for at, station in handles:
                read[at] += (station.servers or 0, *station.areas)
            self._read.append(read)

    def timeline(self, queues: Ints, births: Ints, visits: Ints) -> Timeline:
        """``queues`` are those of ``Played``, all over the span; births and visits its sorted rows."""
        keys = keys_of(self._network.queues)
        last = np.zeros((len(keys), 4), np.int64)
        number = {key: at for at, key in enumerate(keys)}
        for queue, row in zip(self._network.queues, queues, strict=True):
            if queue.servers is not None:
                last[number[_key(queue)], BUSY:] += row[: len(last[0]) - BUSY]  # areas and services started
        read = np.array([*self._read, last])
        read[0, :, BUSY:] = 0  # what control has begun at this instant is of the first step
        found = np.diff(read, axis=0)
        found[:, :, SERVERS] = read[:-1, :, SERVERS]
        return Timeline(found, *self._workloads(births, visits, len(found)))

    def _workloads(self, births: Ints, visits: Ints, steps: int) -> tuple[Ints, Floats]:
        network = self._network
        requests = np.zeros((len(network.flows), steps), np.int64)
        percentiles = np.full((len(network.flows), steps, 2), math.nan)
        firsts = [network.first_source(flow) for flow in network.flows]
        flow = np.searchsorted(firsts, births[:, 0], side="right") - 1
        np.add.at(requests, (flow, self._at(births[:, 2])), 1)
        for of, one in enumerate(answers(network, births, visits)):
            order = np.argsort(self._at(one.born), kind="stable")
            step, response = self._at(one.born)[order], one.response[order]
            edges = np.searchsorted(step, np.arange(steps + 1))
            for at in np.flatnonzero(np.diff(edges)).tolist():
                times = np.sort(response[edges[at] : edges[at + 1]])
                percentiles[of, at] = [_percentile(times, p) for p in (0.5, 0.95)]
        return requests, percentiles

    def _at(self, instants: Ints) -> Ints:
        return np.asarray((instants - self._begin) // self._step)


def _percentile(times: Ints, p: float) -> float:
    """Of increasing times [ns], in seconds."""
    found = int(times[math.ceil(p * len(times) * (1 - ROUNDING)) - 1])
    return found / NS if found < NEVER else math.inf


def keys_of(queues: Sequence[Queue]) -> list[Key]:
    """Of all queues that have servers, in the order of their names; those of a group at all sites are one."""
    return sorted({_key(queue) for queue in _with_servers(queues)})


def _with_servers(queues: Sequence[Queue]) -> list[Queue]:
    return [queue for queue in queues if queue.servers is not None]


def _key(queue: Queue) -> Key:
    return queue.name, queue.link, queue.group or ""


def station_table(network: Network, timelines: Sequence[Timeline], step_s: float, span_s: float) -> pd.DataFrame:
    """A row for each replication, step and key: ``t_s`` is the beginning of the step within the measured span.

    ``servers``, mean ``busy_servers``, mean ``queue_length`` and services ``started`` are sums over the queues of a
    group at the sites that are simulated in full.
    """
    import pandas as pd

    keys = keys_of(network.queues)
    frames = []
    for replication, one in enumerate(timelines):
        steps = len(one.stations)
        begins = np.arange(steps) * step_s
        lasts = np.minimum(begins + step_s, span_s) - begins
        rows = one.stations.reshape(-1, 4)
        frame = pd.DataFrame({"replication": replication, "t_s": np.repeat(begins, len(keys))})
        for column, values in zip(("name", "link", "group"), zip(*keys, strict=True), strict=False):
            frame[column] = list(values) * steps
        frame["servers"] = rows[:, SERVERS]
        for column, area in (("busy_servers", BUSY), ("queue_length", WAITING)):
            frame[column] = rows[:, area] / NS / np.repeat(lasts, len(keys))
        frame["started"] = rows[:, STARTED]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)[STATIONS] if keys else pd.DataFrame(columns=STATIONS)


def workload_table(network: Network, timelines: Sequence[Timeline], step_s: float) -> pd.DataFrame:
    """A row for each replication, step, workload and group: requests born, and how long their answers took [ms]."""
    import pandas as pd

    rows = []
    for replication, one in enumerate(timelines):
        for flow, requests, percentiles in zip(network.flows, one.requests, one.percentiles, strict=True):
            names = (flow.workload.name, flow.key)
            for at, (number, (p50, p95)) in enumerate(zip(requests.tolist(), percentiles.tolist(), strict=True)):
                rows.append((replication, at * step_s, *names, number, p50 * 1e3, p95 * 1e3))
    return pd.DataFrame(rows, columns=WORKLOADS)
