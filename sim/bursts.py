"""Bursty births: a Poisson process whose rate follows a hidden state, of one source or of many together.

A source passes through its states in a circle. Only how many sources are in each state matters for what comes next, so
many of them are one process with counts instead of a state: from any instant the next birth or change of state comes
after an exponential time, and which it is falls to each by its rate (Fischer and Meier-Hellstern 1993).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from scenarios.workloads import BurstState
from sim.draws import NS, Floats, Ints, Keys, uniform
from sim.jit import call, loop

STREAM, STEP, COUNTS = range(3)  # a process: the key of its draws, how many it took, sources in each state
STATE = BORN_PER_S, LEFT_PER_S = range(2)  # a state


def state_table(states: Sequence[BurstState], rate_per_s: float) -> Floats:
    """A row for each state of a source with this mean rate: births in it and departures from it [1/s]."""
    return np.array([(rate_per_s * state.times, 1.0 / state.lasts_s) for state in states])


def processes(streams: Keys, phases: Keys, sources: int, states: Sequence[BurstState]) -> Ints:
    """Processes of ``sources`` sources each at the beginning, a row for each of the streams: as likely in each state as
    at any later instant."""
    lasting = np.cumsum([state.lasts_s for state in states])
    counts = _counts(phases, sources, lasting / lasting[-1])
    return np.column_stack([streams.astype(np.int64), np.zeros(len(streams), np.int64), counts])


@loop
def _counts(phases: Keys, sources: int, ends: Floats) -> Ints:
    found = np.zeros((len(phases), len(ends)), np.int64)
    for i in range(len(phases)):
        for source in range(sources):
            state, u = 0, uniform(phases[i], source)
            while state < len(ends) - 1 and u >= ends[state]:
                state += 1
            found[i, state] += 1
    return found


@call
def bursty_birth(memory: Ints, process: int, table: Floats, states: int, last: int) -> int:
    """The birth after the ``last`` [ns] of the process at a place of memory; it is moved on to there."""
    stream, counts = np.uint64(memory[process + STREAM]), process + COUNTS
    while True:
        step = memory[process + STEP]
        memory[process + STEP] = step + 1
        per_s = 0.0
        for state in range(states):
            each = table[2 * state + BORN_PER_S] + table[2 * state + LEFT_PER_S]
            per_s += memory[counts + state] * each
        last += max(math.floor(-math.log(1.0 - uniform(stream, 2 * step)) / per_s * NS + 0.5), 1)
        chosen = uniform(stream, 2 * step + 1) * per_s
        for state in range(states):
            chosen -= memory[counts + state] * table[2 * state + BORN_PER_S]
            if chosen < 0.0:
                return last
            chosen -= memory[counts + state] * table[2 * state + LEFT_PER_S]
            if chosen < 0.0:
                memory[counts + state] -= 1
                memory[counts + (state + 1) % states] += 1
                break


@loop
def bursty_births(process: Ints, table: Floats, last: int, at_once: int) -> Ints:
    """The next ``at_once`` births after the ``last`` [ns]; the process is moved on."""
    births, its, begin = np.empty(at_once, np.int64), table.ravel(), last - last
    for i in range(at_once):
        last = bursty_birth(process, begin, its, len(table), last)
        births[i] = last
    return births


def bursty(process: Ints, table: Floats, at_once: int = 64) -> Iterator[int]:
    """Endless births [ns] of a process; ``at_once`` of them are made together."""
    process, last = process.copy(), 0
    while True:
        births = bursty_births(process, table, last, at_once)
        yield from births.tolist()
        last = int(births[-1])
