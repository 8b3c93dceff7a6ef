"""A station: who waits there, in a chain, and its servers; idle ones by number, busy ones by the event that ends it."""

from __future__ import annotations

from sim.compiled import memory as m
from sim.draws import Ints
from sim.jit import inlined, steps

NEVER = 1 << 62


@inlined
def call(memory: Ints, station: int, message: int) -> None:
    """A message comes; where there is no server that is noted."""
    if memory[station + m.SERVING] == 0 and memory[station + m.CALLED] < 0:
        memory[station + m.CALLED] = memory[message + m.INSTANT]


@inlined
def join(memory: Ints, station: int, message: int) -> None:
    """A message waits behind all others."""
    memory[message + m.BEHIND] = m.NOTHING
    call(memory, station, message)
    if memory[station + m.WAITING] == 0:
        memory[station + m.FIRST] = message
    else:
        memory[memory[station + m.LAST] + m.BEHIND] = message
    memory[station + m.LAST] = message
    memory[station + m.WAITING] += 1


@inlined
def next_waiting(memory: Ints, station: int) -> int:
    """The message whose turn it is; it waits no longer."""
    message = memory[station + m.FIRST]
    memory[station + m.FIRST] = memory[message + m.BEHIND]
    memory[station + m.WAITING] -= 1
    return int(message)


@steps
def seize(memory: Ints, station: int, instant: int, kind: int, rank: int, until: int) -> tuple[int, int]:
    """When a server is free for who comes by an event, and which: it is taken away if that is before ``until``.

    Of those that are idle by then the lowest number, else the first whose service ends. ``NEVER`` where none is.
    """
    first = memory[station + m.BUSY_ROWS]
    if memory[station + m.SERVING] == 1 and memory[station + m.BUSY] == 1:
        end = memory[first]
        if end >= until and end >= instant:
            return NEVER, 0
        memory[station + m.BUSY] = 0
        return max(instant, end), 0
    while memory[station + m.BUSY] > 0 and before(
        memory[first], memory[first + 1], memory[first + 2], instant, kind, rank
    ):
        push_idle(memory, station, _pop_busy(memory, station))
    if memory[station + m.IDLE] > 0:
        return instant, pop_idle(memory, station)
    if memory[station + m.BUSY] == 0 or memory[first] >= until:
        return NEVER, 0
    return memory[first], _pop_busy(memory, station)


@inlined
def before(instant: int, kind: int, rank: int, other: int, its_kind: int, its_rank: int) -> bool:
    """Whether one event comes before another."""
    return instant < other or (instant == other and (kind < its_kind or (kind == its_kind and rank < its_rank)))


@inlined
def push_busy(memory: Ints, station: int, end: int, kind: int, rank: int, server: int) -> None:
    """A server is busy until an event."""
    first, i = memory[station + m.BUSY_ROWS], memory[station + m.BUSY]
    memory[station + m.BUSY] = i + 1
    while i > 0:
        row = first + ((i - 1) >> 1) * m.BUSY_ROW
        if not before(end, kind, rank, memory[row], memory[row + 1], memory[row + 2]):
            break
        _set(memory, first + i * m.BUSY_ROW, memory[row], memory[row + 1], memory[row + 2], memory[row + 3])
        i = (i - 1) >> 1
    _set(memory, first + i * m.BUSY_ROW, end, kind, rank, server)


@inlined
def _pop_busy(memory: Ints, station: int) -> int:
    """The server whose service ends first."""
    first, n = memory[station + m.BUSY_ROWS], memory[station + m.BUSY] - 1
    memory[station + m.BUSY] = n
    found, last = memory[first + 3], first + n * m.BUSY_ROW
    end, kind, rank, server = memory[last], memory[last + 1], memory[last + 2], memory[last + 3]
    i = 0
    while 2 * i + 1 < n:
        i_ = 2 * i + 1
        row = first + i_ * m.BUSY_ROW
        other = row + m.BUSY_ROW
        if i_ + 1 < n and before(
            memory[other], memory[other + 1], memory[other + 2], memory[row], memory[row + 1], memory[row + 2]
        ):
            row, i_ = other, i_ + 1
        if not before(memory[row], memory[row + 1], memory[row + 2], end, kind, rank):
            break
        _set(memory, first + i * m.BUSY_ROW, memory[row], memory[row + 1], memory[row + 2], memory[row + 3])
        i = i_
    _set(memory, first + i * m.BUSY_ROW, end, kind, rank, server)
    return int(found)


@inlined
def _set(memory: Ints, row: int, end: int, kind: int, rank: int, server: int) -> None:
    memory[row], memory[row + 1], memory[row + 2], memory[row + 3] = end, kind, rank, server


@inlined
def push_idle(memory: Ints, station: int, server: int) -> None:
    """A server is idle."""
    first, i = memory[station + m.IDLE_ROWS], memory[station + m.IDLE]
    memory[station + m.IDLE] = i + 1
    while i > 0 and memory[first + ((i - 1) >> 1)] > server:
        memory[first + i] = memory[first + ((i - 1) >> 1)]
        i = (i - 1) >> 1
    memory[first + i] = server


@inlined
def pop_idle(memory: Ints, station: int) -> int:
    """The idle one with the lowest number."""
    first, n = memory[station + m.IDLE_ROWS], memory[station + m.IDLE] - 1
    memory[station + m.IDLE] = n
    found, moved = memory[first], memory[first + n]
    i = 0
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and memory[first + child + 1] < memory[first + child]:
            child += 1
        if memory[first + child] >= moved:
            break
        memory[first + i] = memory[first + child]
        i = child
    memory[first + i] = moved
    return int(found)


@inlined
def least_loaded(memory: Ints, first: int, among: int) -> int:
    """Of so many stations that follow each other, the first of those with the fewest in service and waiting."""
    best = first
    for station in range(first, first + among * m.STATION_SIZE, m.STATION_SIZE):
        load = memory[station + m.BUSY] + memory[station + m.WAITING]
        if load < memory[best + m.BUSY] + memory[best + m.WAITING]:
            best = station
    return int(best)
