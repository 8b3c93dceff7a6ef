"""What has been measured is folded into counts at once: one `sim.tally.Tally` for each flow, while it grows.

Sums are kept in two halves, neither of which can run over. Numbers by bin lie in chunks of an octave each, which are
taken when the first time falls into them.
"""

from __future__ import annotations

import numpy as np

from sim.bins import PER_OCTAVE, PER_OCTAVE_BITS, bin_of
from sim.compiled import arrays as a
from sim.compiled import memory as m
from sim.draws import Ints
from sim.drops import CAUSES, DELIVERED, SKIPPED, UNNEEDED
from sim.jit import call, inlined, steps
from sim.network import Network
from sim.tally import Limits, Sums, Tally

_HALF = 31  # bits of the lower half
_LOWER = (1 << _HALF) - 1
_MUCH = 1 << 62  # no time is half as long


@call
def record(memory: Ints, message: int, task: int, instant: int) -> None:
    """A task, known by where it is counted, was delivered at ``instant`` [ns]; with the last perhaps the answer."""
    request = memory[message + m.REQUEST]
    if not memory[request + m.MEASURED]:
        return
    if memory[task + m.ANSWERS] & m.IN_COPIES == 0:
        _done(memory, message, request, task, instant)
    else:
        _gather(memory, message, request, task, instant)


@call
def _gather(memory: Ints, message: int, request: int, task: int, instant: int) -> None:
    """A copy of a task was delivered; when all are, the task is as the last of them, in the order of `sim.requests`."""
    copies = memory[task + m.GATHERING] + request
    first, work = copies + m.ITS_COLUMNS, copies + m.ITS_COLUMNS + m.WORK - m.WAITED
    worked = memory[work] + memory[message + m.WORK]
    if memory[copies + m.GATHERED] == 0 or _later(memory, message, copies, instant):
        memory[copies + m.LATEST_COPY] = instant
        for column in range(m.WAITED, m.COMPLETED + 1):
            memory[first + column - m.WAITED] = memory[message + column]
    memory[work] = worked
    memory[copies + m.GATHERED] += 1
    if memory[copies + m.GATHERED] == memory[task + m.COPIES]:
        _exchange(memory, message, first)
        _done(memory, message, request, task, memory[copies + m.LATEST_COPY])
        _exchange(memory, message, first)


@inlined
def _later(memory: Ints, message: int, copies: int, instant: int) -> bool:
    """Whether a copy counts as delivered after the last so far."""
    if instant != memory[copies + m.LATEST_COPY]:
        return bool(instant > memory[copies + m.LATEST_COPY])
    for column in range(m.WAITED, m.COMPLETED + 1):
        mine, its = memory[message + column], memory[copies + m.ITS_COLUMNS + column - m.WAITED]
        if column != m.WORK and mine != its:
            return bool(mine > its)
    return False


@inlined
def _exchange(memory: Ints, message: int, first: int) -> None:
    for column in range(m.WAITED, m.COMPLETED + 1):
        other = first + column - m.WAITED
        memory[message + column], memory[other] = memory[other], memory[message + column]


@steps
def _done(memory: Ints, message: int, request: int, task: int, instant: int) -> None:
    needed = memory[task + m.ANSWERS] < m.IF_NEEDED or _needed(memory, request, task)
    if memory[m.VISITS]:
        keep_visit(memory, message, request, task, instant, memory[m.NOTHING] + (DELIVERED if needed else UNNEEDED))
    place, response = memory[request + m.ITS_PLACE], instant - memory[request + m.BORN]
    waited, served = memory[message + m.WAITED], memory[message + m.SERVED]
    _count(memory, task, place, response, waited, served, memory[message + m.WORK])
    answers = memory[task + m.ANSWERS] & m.KIND_OF_ANSWER if needed else m.NEVER
    if answers == m.WITH_OTHERS:
        _answer(memory, request, task, place, instant, waited, served)
    elif answers == m.ALONE:
        _compare(memory, memory[task + m.ANSWER], response)  # all else is that of the task


@inlined
def _needed(memory: Ints, request: int, task: int) -> bool:
    """Whether the request needs the answer of a speculative task."""
    return bool(memory[memory[request + m.OUTCOME] + 1 + memory[task + m.OF]] & a.NEEDED)


@call
def _answer(memory: Ints, request: int, task: int, place: int, instant: int, waited: int, served: int) -> None:
    """A part of an answer: the last of them, and of those at one instant that of the last task, is the answer."""
    left = memory[request + m.UNANSWERED] - 1
    memory[request + m.UNANSWERED] = left
    latest = memory[request + m.LATEST]
    if instant < latest or (instant == latest and task > memory[request + m.DECIDING]):
        instant = latest
        waited, served = memory[request + m.ITS_WAITED], memory[request + m.ITS_SERVED]
    elif left > 0:
        memory[request + m.LATEST], memory[request + m.DECIDING] = instant, task
        memory[request + m.ITS_WAITED], memory[request + m.ITS_SERVED] = waited, served
    if left == 0:
        response = instant - memory[request + m.BORN]
        _count(memory, memory[task + m.ANSWER], place, response, waited, served, memory[m.NOTHING])


@call
def answered(memory: Ints, request: int, answer: int) -> None:
    """All that is left of an answer was left out: what was delivered before is the answer, if anything was."""
    latest = memory[request + m.LATEST]
    if latest < 0:
        memory[memory[answer + m.DROPS] + m.SKIPS] += 1
        return
    place, response = memory[request + m.ITS_PLACE], latest - memory[request + m.BORN]
    waited, served = memory[request + m.ITS_WAITED], memory[request + m.ITS_SERVED]
    _count(memory, answer, place, response, waited, served, memory[m.NOTHING])


@steps
def _count(memory: Ints, counted: int, place: int, response: int, waited: int, served: int, work: int) -> None:
    memory[counted + m.DONE] += 1
    responses = memory[counted + m.RESPONSES + 1] + response
    waits = memory[counted + m.WAITS + 1] + waited
    services = memory[counted + m.SERVICES + 1] + served
    works = memory[counted + m.WORKS + 1] + work
    memory[counted + m.RESPONSES + 1], memory[counted + m.WAITS + 1] = responses, waits
    memory[counted + m.SERVICES + 1], memory[counted + m.WORKS + 1] = services, works
    if responses | waits | services | works > _MUCH:
        _carry(memory, counted)
    _compare(memory, counted, response)
    of_all = bin_of(response)
    where = memory[counted + m.DIRECTORY] + place * m.OCTAVES + (of_all >> PER_OCTAVE_BITS)
    if memory[where] == 0:
        memory[where] = m.taken(memory, m.CHUNK)
    bin_ = memory[where] + 2 * (of_all & (PER_OCTAVE - 1))
    memory[bin_] += 1
    memory[bin_ + 1] = max(memory[bin_ + 1], response)


@call
def _carry(memory: Ints, counted: int) -> None:
    """Only what is below the lower half of a sum stays in it."""
    for halves in range(counted + m.RESPONSES, counted + m.WORKS + 1, 2):
        memory[halves] += memory[halves + 1] >> _HALF
        memory[halves + 1] &= _LOWER


@inlined
def _compare(memory: Ints, counted: int, response: int) -> None:
    """With the limits asked for."""
    limit, end = memory[counted + m.LIMITS], memory[counted + m.LIMITS_END]
    while limit < end:
        memory[limit + m.WITHIN] += response <= memory[limit + m.LIMIT]
        limit += 2


@inlined
def keep_visit(memory: Ints, message: int, request: int, task: int, instant: int, cause: int) -> None:
    """A row of a task of a measured request that was done, or dropped first."""
    row = memory[m.VISITS] + memory[m.VISIT_ROWS] * m.KEPT_VISIT
    memory[m.VISIT_ROWS] += 1
    memory[row], memory[row + 1] = m.source_of(memory, message), m.sequence_of(memory, message)
    memory[row + 2] = memory[task + m.OF]
    for column in range(3):
        memory[row + 3 + column] = memory[message + m.ENTERED + column]
    memory[row + 6] = instant
    memory[row + 7], memory[row + 8] = memory[message + m.WAITED], memory[message + m.SERVED]
    memory[row + 9], memory[row + 10], memory[row + 11] = memory[request + m.BORN], memory[message + m.WORK], cause


@inlined
def keep_left_out(memory: Ints, message: int, request: int, task: int) -> None:
    """A row of a task of a measured request that is left out now."""
    row = memory[m.VISITS] + memory[m.VISIT_ROWS] * m.KEPT_VISIT
    memory[m.VISIT_ROWS] += 1
    memory[row], memory[row + 1] = m.source_of(memory, message), m.sequence_of(memory, message)
    memory[row + 2] = memory[task + m.OF]
    for column in range(3, 7):
        memory[row + column] = memory[m.NOW]
    memory[row + 7], memory[row + 8], memory[row + 9] = 0, 0, memory[request + m.BORN]
    memory[row + 10], memory[row + 11] = 0, SKIPPED


@inlined
def keep_birth(memory: Ints, source: int, sequence: int, instant: int, origin: int, bits: int) -> None:
    """A row of a measured request."""
    row = memory[m.BIRTHS] + memory[m.BIRTH_ROWS] * m.KEPT_BIRTH
    memory[m.BIRTH_ROWS] += 1
    memory[row], memory[row + 1], memory[row + 2], memory[row + 3] = source, sequence, instant, origin
    memory[row + 4] = bits


def counted(network: Network, limits: Limits, memory: Ints) -> tuple[Tally, ...]:
    """The tally of each flow."""
    found = []
    at = int(memory[m.FLOWS])
    for flow, its in zip(network.flows, limits, strict=True):
        tasks, answer, outcomes, completed = memory[at : at + m.FLOW_SIZE].tolist()
        at += m.FLOW_SIZE
        rows = [memory[row : row + m.COUNTED_SIZE].tolist() for row in range(tasks, answer + 1, m.COUNTED_SIZE)]
        first = rows[0][m.LIMITS]
        alone = [row for row in rows if row[m.ANSWERS] & m.KIND_OF_ANSWER == m.ALONE]
        if alone:
            rows[-1] = [*alone[0][: m.WORKS], 0, 0, *rows[-1][m.OF :]]
        places = flow.sites * flow.sources.queues
        found.append(
            Tally(
                memory[outcomes : outcomes + (1 << flow.shares)].copy(),
                completed,
                np.array([memory[row[m.DROPS] :][: len(CAUSES)] for row in rows[:-1]], np.int64),
                np.array([memory[row[m.DROPS] + m.SKIPS] for row in rows], np.int64),
                tuple(row[m.DONE] for row in rows),
                tuple(_sums(row) for row in rows),
                tuple(memory[first + m.WITHIN :][: 2 * len(its) : 2].tolist()),
                np.concatenate([_bins(memory, of, row[m.DIRECTORY], places) for of, row in enumerate(rows)]),
            )
        )
    return tuple(found)


def _sums(row: list[int]) -> Sums:
    return Sums(*((row[at] << _HALF) + row[at + 1] for at in (m.RESPONSES, m.WAITS, m.SERVICES, m.WORKS)))


def _bins(memory: Ints, of: int, directory: int, places: int) -> Ints:
    """(task, place, bin, number, largest), sorted, of a task or the answer."""
    chunks = memory[directory : directory + places * m.OCTAVES].reshape(places, m.OCTAVES)
    place, octave = np.nonzero(chunks)
    bins = memory[chunks[place, octave][:, None] + np.arange(m.CHUNK)].reshape(-1, PER_OCTAVE, 2)
    chunk, within = np.nonzero(bins[:, :, 0])
    number, largest = bins[chunk, within].T
    columns = [np.full(len(chunk), of), place[chunk], octave[chunk] * PER_OCTAVE + within, number, largest]
    return np.column_stack(columns).astype(np.int64, copy=False)
