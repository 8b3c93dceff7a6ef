"""What one replication measured, as whole numbers: its size does not grow with the requests.

Tallies of the same flow are added number by number, so in any order they give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from scenarios.workloads import Task
from sim.bins import bins_of
from sim.draws import Ints, nanoseconds
from sim.drops import CAUSES, DELIVERED, SKIPPED, UNNEEDED
from sim.flows import Flow, unpacked

if TYPE_CHECKING:
    from sim.network import Network

ANSWER = "answer"

Flags = npt.NDArray[np.bool_]

Limits = tuple[tuple[tuple[int, int], ...], ...]
"""By flow, what is counted exactly: (number of a task, or of the answer; limit [ns])."""

Keep = Callable[[Ints, Ints], None]
"""Takes births and visits (columns as in ``Played.rows``) block by block, in any order."""


def each(*keeps: Keep | None) -> Keep | None:
    """Gives every block to each of them; ``None`` where there is none."""
    if not any(keeps):
        return None

    def keep(births: Ints, visits: Ints) -> None:
        for one in keeps:
            if one is not None:
                one(births, visits)

    return keep


OF, PLACE, BIN, NUMBER, LARGEST = range(5)  # columns of ``Tally.counts``

_UNREACHED, _NEVER = -1, 1 << 62  # instead of a response time


class Sums(NamedTuple):
    """Of all that was delivered, exact however large [ns]; ``work`` is the service of the task itself (answer: 0)."""

    response: int = 0
    waited: int = 0
    served: int = 0
    work: int = 0


@dataclass(frozen=True, eq=False)
class Tally:
    """What the measured requests of one flow did in one replication.

    The answer is that of the last answering task to be delivered (of equal ones that with the lowest number), of
    every task where none ``answers``, without those that ran and were not needed; waiting and service are those on the
    way to that task. It is delivered when all answering tasks are that the request runs and needs.

    Attributes
    ----------
    outcomes
        (2**shares,): requests born, by the bits of their ``share`` draws.
    completed
        Requests of which everything was delivered.
    dropped
        (tasks, causes): requests of which something was dropped, by where and why that happened first (``sim.drops``).
    skipped
        (tasks + 1,): requests that would have come to each task, and those that would have expected an answer, had it
        not been left out (``scenarios.disruptions.WithoutLine``).
    done, sums
        By task, then the answer: how many were delivered, and what they took. What was reached (``reached``) and not
        delivered took for ever.
    within
        Delivered within each of the flow's ``Limits``.
    counts
        (rows, 5): of (task, or number of tasks for the answer), place, bin, requests, the longest of them [ns];
        sorted by the first three. A place is ``site * sources.queues + sub_pool``.
    """

    outcomes: Ints
    completed: int
    dropped: Ints
    skipped: Ints
    done: tuple[int, ...]
    sums: tuple[Sums, ...]
    within: tuple[int, ...]
    counts: Ints

    def of(self, number: int) -> Ints:
        """Rows of ``counts`` of a task or the answer."""
        begin, end = np.searchsorted(self.counts[:, OF], (number, number + 1))
        return self.counts[begin:end]


def added(tallies: Sequence[Tally]) -> Tally:
    """All of a flow's tallies, of which there is at least one, together."""
    return Tally(
        outcomes=np.sum([one.outcomes for one in tallies], axis=0),
        completed=sum(one.completed for one in tallies),
        dropped=np.sum([one.dropped for one in tallies], axis=0),
        skipped=np.sum([one.skipped for one in tallies], axis=0),
        done=_sums(one.done for one in tallies),
        sums=tuple(Sums(*_sums(parts)) for parts in zip(*(one.sums for one in tallies), strict=True)),
        within=_sums(one.within for one in tallies),
        counts=_grouped(np.concatenate([one.counts for one in tallies])),
    )


def _sums(rows: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


def limits_of(flows: Sequence[Flow], more: Iterable[tuple[str, str, float]] = ()) -> Limits:
    """The latency limits of each flow's workload and ``more`` of them: (workload, task or ``answer``, limit [s])."""
    asked: Mapping[str, set[tuple[str, float]]] = {
        flow.workload.name: {(one.of, one.limit_s) for one in flow.workload.requires.latency} for flow in flows
    }
    for workload, of, limit_s in more:
        if workload not in asked:
            raise ValueError(f"a limit of {workload}, which is not simulated; there is {', '.join(sorted(asked))}")
        asked[workload].add((of, limit_s))
    return tuple(
        tuple(sorted({(number_of(flow, of), nanoseconds(limit_s)) for of, limit_s in asked[flow.workload.name]}))
        for flow in flows
    )


def number_of(flow: Flow, of: str) -> int:
    """Of a task, or of the answer, as tallies count them."""
    return len(flow.names) if of == ANSWER else flow.names.index(flow.workload.task_of(of))


def answering(flow: Flow) -> list[int]:
    """Numbers of the tasks whose outputs make the answer."""
    found = [number for number, name in enumerate(flow.names) if flow.workload.task(name).answers]
    return found or list(range(len(flow.names)))


def runs(flow: Flow) -> Flags:
    """(2**shares, tasks + 1): whether each outcome of the ``share`` draws runs a task, then any answering one."""
    return np.column_stack([_tasks(flow, flow.running), needed(flow)[:, answering(flow)].any(axis=1)])


def needed(flow: Flow) -> Flags:
    """(2**shares, tasks): whether the answer of each task counts where it is one."""
    return _tasks(flow, flow.needed)


def _tasks(flow: Flow, which: Callable[[Sequence[int]], tuple[Task, ...]]) -> Flags:
    tasks = [{task.name for task in which(unpacked(bits, flow.shares))} for bits in range(1 << flow.shares)]
    return np.array([[name in found for name in flow.names] for found in tasks])


def reached(flow: Flow, outcomes: Ints) -> Ints:
    """Requests that come to each task, and those that expect an answer, from (…, 2**shares) born."""
    return np.asarray(outcomes @ runs(flow))


# from rows


def tallied(network: Network, births: Ints, visits: Ints, limits: Limits) -> tuple[Tally, ...]:
    """The tally of every flow, from the sorted rows of one replication (``Played.rows``)."""
    return tuple(
        _tally(flow, network.first_source(flow), births, visits, counted)
        for flow, counted in zip(network.flows, limits, strict=True)
    )


def _tally(flow: Flow, first: int, births: Ints, visits: Ints, limits: Sequence[tuple[int, int]]) -> Tally:
    """(requests, tasks, then the answer): how long each took, and the sums on the way there."""
    stop = first + flow.sites * flow.sources.number
    births, visits = (_of_sources(rows, first, stop) for rows in (births, visits))
    tasks, requests, outcome = len(flow.names), np.arange(len(births)), births[:, 4]
    cause, dropped = visits[:, 11], np.zeros((tasks, len(CAUSES)), np.int64)
    np.add.at(dropped, tuple(visits[cause >= 0][:, [2, 11]].T), 1)
    left_out, visits = visits[cause == SKIPPED], visits[(cause == DELIVERED) | (cause == UNNEEDED)]
    response = np.where(runs(flow)[outcome], _NEVER, _UNREACHED)
    waited, served, work = np.zeros((3, len(births), tasks + 1), np.int64)
    expected = runs(flow)[outcome, tasks]
    response[np.searchsorted(_request(births), _request(left_out)), left_out[:, 2]] = _UNREACHED
    row, task = np.searchsorted(_request(births), _request(visits)), visits[:, 2]
    response[row, task] = visits[:, 6] - visits[:, 9]
    waited[row, task], served[row, task] = visits[:, 7], visits[:, 8]
    work[row, task] = visits[:, 10]
    those = np.array(answering(flow))
    answers = np.where(needed(flow)[outcome][:, those], response[:, those], _UNREACHED)
    last = np.argmax(answers, axis=1)
    response[:, tasks] = answers[requests, last]
    for times in (waited, served):
        times[:, tasks] = times[requests, those[last]]
    delivered = (response != _UNREACHED) & (response != _NEVER)
    place = place_of(flow, births[:, 0] - first)
    counts = [_counted(of, place[done], response[done, of]) for of, done in enumerate(delivered.T)]
    return Tally(
        outcomes=np.bincount(outcome, minlength=1 << flow.shares).astype(np.int64),
        completed=int((response != _NEVER).all(axis=1).sum()),
        dropped=dropped,
        skipped=np.append(np.bincount(left_out[:, 2], minlength=tasks), (expected & (response[:, tasks] < 0)).sum()),
        done=tuple(delivered.sum(axis=0).tolist()),
        sums=tuple(
            Sums(*(_total(times[done, of]) for times in (response, waited, served, work)))
            for of, done in enumerate(delivered.T)
        ),
        within=tuple(int((delivered[:, of] & (response[:, of] <= limit)).sum()) for of, limit in limits),
        counts=np.concatenate(counts),
    )


def place_of(flow: Flow, number: Ints) -> Ints:
    """Site and sub-pool as one number, of a flow's sources counted from its first."""
    site, source = np.divmod(number, flow.sources.number)
    return np.asarray(site * flow.sources.queues + source // flow.sources.per_queue)


def _request(rows: Ints) -> Ints:
    return np.asarray((rows[:, 0] << 36) + rows[:, 1])


def _of_sources(rows: Ints, first: int, stop: int) -> Ints:
    begin, end = np.searchsorted(rows[:, 0], (first, stop))
    return rows[begin:end]


def _total(times: Ints) -> int:
    """Exact: the halves of 64 bits apart."""
    return (int((times >> 32).sum()) << 32) + int((times & 0xFFFFFFFF).sum())


def _counted(of: int, place: Ints, times: Ints) -> Ints:
    rows = np.empty((len(times), 5), np.int64)
    rows[:, OF], rows[:, PLACE], rows[:, BIN], rows[:, NUMBER], rows[:, LARGEST] = of, place, bins_of(times), 1, times
    return _grouped(rows)


def _grouped(rows: Ints) -> Ints:
    """One row for each (of, place, bin), in this order."""
    key = (rows[:, OF] << 48) + (rows[:, PLACE] << 16) + rows[:, BIN]
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    found = rows[starts]
    if len(rows):
        found[:, NUMBER] = np.add.reduceat(rows[:, NUMBER], starts)
        found[:, LARGEST] = np.maximum.reduceat(rows[:, LARGEST], starts)
    return found
