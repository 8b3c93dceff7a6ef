"""The tallies of one flow over all replications, and the counts of response times made from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.bins import lower_edges
from sim.draws import NS
from sim.flows import Flow, unpacked
from sim.measures import ROUNDING, Counts, Floats, Numbers
from sim.tally import BIN, LARGEST, NUMBER, PLACE, Sums, Tally, added, number_of, reached


@dataclass(frozen=True)
class Measured:
    """One flow: its limits as counted (see ``Limits``), and its tally of each replication."""

    flow: Flow
    limits: tuple[tuple[int, int], ...]
    tallies: tuple[Tally, ...]

    def limits_of(self, of: str) -> dict[int, int]:
        """Limits [ns] of a task or the answer, and the place of each among those of the flow."""
        number = number_of(self.flow, of)
        return {limit: at for at, (counted, limit) in enumerate(self.limits) if counted == number}

    @cached_property
    def whole(self) -> Tally:
        """All replications together."""
        return added(self.tallies)

    @cached_property
    def happened(self) -> tuple[tuple[tuple[int, ...], int], ...]:
        """Every outcome of the ``share`` draws that occurred, and how many requests had it."""
        numbers = enumerate(self.whole.outcomes.tolist())
        return tuple((unpacked(bits, self.flow.shares), number) for bits, number in numbers if number)

    @cached_property
    def reached(self) -> Numbers:
        """(tasks then answer, replications): requests that come there, delivered or not."""
        came = reached(self.flow, np.stack([one.outcomes for one in self.tallies]))
        return (came - np.stack([one.skipped for one in self.tallies])).T

    @cached_property
    def done(self) -> Numbers:
        """(tasks then answer, replications): requests delivered."""
        return np.array([one.done for one in self.tallies]).T

    def part_done(self, task: int | None) -> float:
        """Of the requests that come to a task, the part of which it was done although others were dropped."""
        if task is None or not self.whole.dropped.any():
            return 1.0
        came = int(self.reached[task].sum())
        return self.whole.done[task] / came if came else 1.0

    def delivered(self, of: str) -> int:
        return self.whole.done[number_of(self.flow, of)]

    def sums(self, of: str) -> Sums:
        """Of all that was delivered."""
        return self.whole.sums[number_of(self.flow, of)]

    def responses(self, of: str) -> Floats:
        """Sum of the response times [s] of each replication; ``inf`` where something was not delivered."""
        number = number_of(self.flow, of)
        times = np.array([one.sums[number].response / NS for one in self.tallies])
        return np.where(self.done[number] < self.reached[number], math.inf, times)

    def worst_place(self, of: str, p: float) -> tuple[int, float] | None:
        """The place with the largest percentile [s], all replications together; ``None`` where nothing came back.

        From which place it came what was not delivered is not known: it counts at every one, and the place with the
        fewest deliveries is named where that makes several infinite.
        """
        number = number_of(self.flow, of)
        rows = self.whole.of(number)
        if not len(rows):
            return None
        never = int(self.reached[number].sum() - self.done[number].sum())
        places, starts = np.unique(rows[:, PLACE], return_index=True)
        delivered = np.add.reduceat(rows[:, NUMBER], starts)
        upto = np.cumsum(rows[:, NUMBER])
        wanted = p * (delivered + never) * (1 - ROUNDING)
        at = np.searchsorted(upto, np.cumsum(delivered) - delivered + wanted)
        seconds = np.where(wanted <= delivered, rows[np.minimum(at, len(rows) - 1), LARGEST] / NS, math.inf)
        worst = np.lexsort((delivered if never else places, -seconds))[0]
        return int(places[worst]), float(seconds[worst])


def counts(measured: Sequence[Measured], of: str) -> Counts:
    """Response times [s] of a task or the answer over some flows; between two bins stands each limit counted."""
    runs = [(one, tally) for one in measured for tally in one.tallies]
    tables = [tally.of(number_of(one.flow, of)) for one, tally in runs]
    rows, run = np.concatenate(tables), np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    bins, at = np.unique(rows[:, BIN], return_inverse=True)
    numbers, largest = np.zeros((len(tables), len(bins)), np.int64), np.zeros(len(bins), np.int64)
    np.add.at(numbers, (run, at), rows[:, NUMBER])
    np.maximum.at(largest, at, rows[:, LARGEST])
    lowest, values = lower_edges(bins) / NS, largest / NS
    never = np.concatenate([(one.reached - one.done)[number_of(one.flow, of)] for one in measured])
    if never.any():
        lowest, values = np.append(lowest, math.inf), np.append(values, math.inf)
        numbers = np.column_stack([numbers, never])
    weights = np.array([one.flow.weight for one in measured])
    found = Counts(
        lowest,
        values,
        numbers.reshape(len(measured), len(measured[0].tallies), len(values)),
        weights if len(set(weights)) > 1 else np.ones(len(measured)),
    )
    for limit, within in _counted(measured, of).items():
        found = found.split(limit / NS, within)
    return found


def _counted(measured: Sequence[Measured], of: str) -> dict[int, Numbers]:
    """Limits [ns] that all of the flows counted, and the (flows, replications) requests within."""
    places = [one.limits_of(of) for one in measured]
    return {
        limit: np.array([[t.within[at[limit]] for t in one.tallies] for one, at in zip(measured, places, strict=True)])
        for limit in places[0]
        if all(limit in at for at in places)
    }
