"""Whose draws are whose: the streams of one replication, by which both data planes draw alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.workloads import Bursty, Periodic
from sim.arrivals import phases
from sim.background import SITE, Merged
from sim.bursts import processes
from sim.draws import Ints, Keys, key, source_keys
from sim.flows import Flow


@dataclass(frozen=True)
class Streams:
    """Keys of the draws of sources, and of the background of a flow (`beyond`)."""

    seed: int
    replication: int

    def work(self, flow: Flow) -> Keys:
        """A row for each source of the flow, in their order, with one for each column of the flow."""
        names = [self._of(str(stream), flow, *_whole(work)) for stream, *work in flow.columns]
        return source_keys(np.array(names), *flow.everywhere)

    def births(self, flow: Flow) -> Keys:
        """Of each source: of the gaps between its Poisson births, or of the phase of periodic ones."""
        arrivals, (site, source) = flow.workload.arrivals, flow.everywhere
        if not isinstance(arrivals, Periodic):
            return source_keys(np.array([self._of("arrival", flow)]), site, source)[:, 0]
        if arrivals.phase != "random":  # one offset for all sources of a sub-pool
            source = source // flow.sources.per_queue
        return source_keys(np.array([self._of("phase", flow)]), site, source)[:, 0]

    def lateness(self, flow: Flow) -> Keys:
        """Of each source, of how late its jittered births are."""
        return source_keys(np.array([self._of("jitter", flow)]), *flow.everywhere)[:, 0]

    def bursts(self, flow: Flow) -> Ints:
        """Of each bursty source, the process of its births at the beginning (`sim.bursts`)."""
        assert isinstance(flow.workload.arrivals, Bursty)
        phases = source_keys(np.array([self._of("phase", flow)]), *flow.everywhere)[:, 0]
        return processes(self.births(flow), phases, 1, flow.workload.arrivals.states)

    def bursts_beyond(self, flow: Flow, many: Merged) -> Ints:
        """As `bursts`, the one of the sites that are not simulated in full."""
        arrivals, phases = (np.array([self.beyond(stream, flow)]) for stream in ("arrival", "phase"))
        return processes(arrivals, phases, many.sources, many.states)

    def first_births(self, flow: Flow) -> Ints:
        """Of each source, where they are periodic [ns]."""
        arrivals, of = flow.workload.arrivals, flow.sources
        staggered = isinstance(arrivals, Periodic) and arrivals.phase == "staggered"
        fractions = flow.everywhere[1] % of.per_queue / of.per_queue * staggered
        return phases(self.births(flow), fractions, of.rate_per_s)

    def work_beyond(self, flow: Flow) -> Keys:
        """As `work`, for the sites that are not simulated in full."""
        keys = [self.beyond(str(stream), flow, *_whole(work)) for stream, *work in flow.columns]
        return np.array(keys, np.uint64)

    def beyond(self, stream: str, flow: Flow, *work: int | str) -> np.uint64:
        """A stream of those sites together."""
        return key(self.seed, self.replication, stream, flow.workload.name, flow.key, SITE, *work)

    def _of(self, stream: str, flow: Flow, *work: int | str) -> np.uint64:
        """Name of a stream that each of its sources has."""
        return key(self.seed, self.replication, stream, flow.workload.name, flow.key, *work)


def _whole(work: list[str | int]) -> list[str | int]:
    """Task, copy and attempt, which is the first where none is named."""
    return [*work, 0] if len(work) == 2 else work
