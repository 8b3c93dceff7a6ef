"""Whose draws are whose: the streams of one replication, by which both data planes draw alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.workloads import Periodic
from sim.arrivals import phase
from sim.background import SITE
from sim.draws import Keys, key
from sim.flows import Flow, Source


@dataclass(frozen=True)
class Streams:
    """Keys of the draws of sources, and of the background of a flow (`beyond`)."""

    seed: int
    replication: int

    def work(self, source: Source) -> Keys:
        """One for each column of the flow."""
        flow = source.flow
        return np.array(
            [self._of(stream, source, source.number, task, 0, 0) for stream, task in flow.columns], np.uint64
        )

    def births(self, source: Source) -> np.uint64:
        """Of the gaps between Poisson births, or of the phase of periodic ones."""
        arrivals = source.flow.workload.arrivals
        if not isinstance(arrivals, Periodic):
            return self._of("arrival", source, source.number)
        # one offset for all sources of a sub-pool, unless each has its own
        return self._of("phase", source, source.number if arrivals.phase == "random" else source.sub_pool)

    def first_birth(self, source: Source) -> int:
        """Of a periodic source [ns]."""
        arrivals = source.flow.workload.arrivals
        staggered = isinstance(arrivals, Periodic) and arrivals.phase == "staggered"
        return phase(self.births(source), 0, source.fraction if staggered else 0.0, source.flow.sources.rate_per_s)

    def work_beyond(self, flow: Flow) -> Keys:
        """As `work`, for the sites that are not simulated in full."""
        return np.array([self.beyond(stream, flow, task, 0, 0) for stream, task in flow.columns], np.uint64)

    def beyond(self, stream: str, flow: Flow, *work: int | str) -> np.uint64:
        """A stream of those sites together."""
        return key(self.seed, self.replication, stream, flow.workload.name, flow.key, SITE, *work)

    def _of(self, stream: str, source: Source, *work: int | str) -> np.uint64:
        flow = source.flow
        return key(self.seed, self.replication, stream, flow.workload.name, flow.key, source.site, *work)
