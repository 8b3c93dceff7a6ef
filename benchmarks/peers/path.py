"""What every peer plays, the same as three-stations.yaml; and how it says what it found.

A hundred Poisson devices send a thousand requests a second through three FIFO stations with one server each. A message
takes 8 ms to each station and from the last one back to its device. All times in milliseconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

DEVICES, GAP = 100, 100.0  # between two requests of a device, on average
SERVICES = (0.5, 0.6, 0.7)  # means
DELAY = 8.0
WARM_UP = 500.0

Play = Callable[[float], tuple[int, Sequence[float]]]
"""Plays until an instant; returns the requests born and the response times of those born after the warm-up."""


def measure(play: Play) -> None:
    """Print requests a second and percentiles, for as many seconds of simulated time as the command line says."""
    play(2 * WARM_UP)
    started = time.perf_counter()
    born, responses = play(float(sys.argv[1]) * 1000)
    p50, p99 = np.quantile(responses, [0.5, 0.99])
    seconds = time.perf_counter() - started
    print(json.dumps({"requests_per_s": born / seconds, "requests": born, "p50_ms": float(p50), "p99_ms": float(p99)}))
