"""Compiling ahead: `python -m sim.ready waiting stages`, so that nobody waits for it later."""

from __future__ import annotations

import sys
from typing import Any

PARTS = ("waiting", "stages", "control", "heap")
"""The planner's waiting times; the two kernels of the compiled engine, and control of the first."""


def make_ready(*parts: str) -> None:
    """Compile, or load from what an earlier process kept: of some ``PARTS``, of all where none is named."""
    for part in parts or PARTS:
        for function, signature in _functions(part):
            function.compile(signature)


def _functions(part: str) -> list[tuple[Any, tuple[Any, ...]]]:
    from numba import float64, int64, uint64

    ints, table, floats, laws, keys = int64[::1], int64[:, ::1], float64[::1], float64[:, ::1], uint64[::1]
    if part == "waiting":
        from sim import arrivals, draws, waiting

        rounds = (ints, ints, floats, ints, laws, laws, laws, uint64[:, ::1], int64, int64, int64, int64)
        return [
            (waiting._rounds, rounds),
            (draws.source_keys, (keys, ints, ints)),
            (arrivals.phases, (keys, floats, float64)),
        ]
    if part == "stages":
        from sim.compiled import stages

        return [
            (stages.begin, (ints, laws, laws)),
            (stages.advance, (ints, laws, laws, int64[:, :, ::1], int64)),
            (stages.close, (ints,)),
        ]
    if part == "control":
        from sim.compiled import stages

        return [(stages.settle, (ints, laws, int64))]
    from sim.compiled import heap

    return [
        (heap.begin, (ints, laws, laws, table)),
        (heap.advance, (ints, laws, laws, table, int64)),
        (heap.settle, (ints, laws, table, int64)),
    ]


if __name__ == "__main__":
    make_ready(*sys.argv[1:])
