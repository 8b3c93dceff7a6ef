"""Births as they were recorded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scenarios.workloads import Trace
from sim.draws import NS, Ints


def instants(trace: Trace) -> Ints:
    """When each source sends [ns], rounded as a draw is."""
    return np.floor(np.asarray(trace.recording.values, np.float64) * NS + 0.5).astype(np.int64)


def replayed(trace: Trace, together: int = 1) -> Iterator[int]:
    """Births [ns] of so many sources together; after its last a trace has no more."""
    return (born for born in instants(trace).tolist() for _ in range(together))
