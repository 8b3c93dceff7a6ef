"""Stage by stage: stations whose graph has no circle, each served in one go up to the next instant of control.

A block of time is played level by level. All that comes to the stations of a level within the block is known when the
lower levels are done; it is sorted by the events that bring it, and each is given the server that is free first, or
that with the lowest number of those that are free already (Kiefer and Wolfowitz 1955, for many servers). Who would
start at the end of the block or later stays in the queue, so that control can change what he meets. Where a message
goes next is certain once its service has begun; it waits in the *pool* of the level that it comes to.
"""

from __future__ import annotations

from sim.compiled import memory as m
from sim.compiled import walking
from sim.compiled.order import INSTANT, MESSAGE, ROW, put_in_order
from sim.compiled.raw import raw
from sim.compiled.servers import NEVER, join, next_waiting, push_busy, seize
from sim.draws import Floats, Ints
from sim.jit import inlined, loop, steps

# A level: its pool, a chain of messages whose last tells nothing, and its stations with a queue, a list
POOL, POOL_LAST, POOLED, QUEUED, QUEUES = range(5)
LEVEL_SIZE = m.LINE

UNSORTED = -1


@loop
def advance(whole: Ints, all_laws: Floats, all_rates: Floats, order: Ints, until: int) -> None:
    """Play what lies strictly before ``until`` [ns], block by block.

    Stops early when the last measured request has ended (``ENDED``), or where there is no more room in memory or in
    ``order`` (``FULL``); the next call goes on at the same place.

    Parameters
    ----------
    order
        (2, rows, 2): room to sort (instant, message) in.
    """
    memory, laws, rates, room = raw(whole), raw(all_laws), raw(all_rates), order.shape[1]
    found, other = raw(order[0]), raw(order[1])
    while memory[m.FROM] < until:
        if memory[m.LEVEL] == m.NOTHING:
            if memory[m.SORTED] == UNSORTED:
                memory[m.UNTIL] = min(until, memory[m.FROM] + memory[m.BLOCK])
                memory[m.SORTED] = _due(memory)
            if not _births(memory, laws, rates):
                return
            memory[m.LEVEL], memory[m.SORTED] = memory[m.LEVELS], UNSORTED
        while memory[m.LEVEL] < memory[m.LAST_LEVEL]:
            if not _level(memory, laws, found, other, room):
                return
            memory[m.LEVEL] += LEVEL_SIZE
            memory[m.SORTED] = UNSORTED
        if not _consumers(memory):
            return
        memory[m.FROM], memory[m.LEVEL], memory[m.SORTED] = memory[m.UNTIL], m.NOTHING, UNSORTED
        if memory[m.FROM] >= memory[m.END] and memory[m.INSIDE] == 0:
            memory[m.ENDED] = 1
            return


@loop
def begin(whole: Ints, all_laws: Floats, all_rates: Floats) -> None:
    """The first request of every source is certain to come."""
    memory, laws, rates = raw(whole), raw(all_laws), raw(all_rates)
    for number in range(memory[m.NUMBER_OF_SOURCES], memory[m.NUMBER_OF_SOURCES] + m.LINE):
        memory[memory[m.UPCOMING] + number] = NEVER  # up to the end of a line
    for number in range(memory[m.NUMBER_OF_SOURCES]):
        source = memory[m.SOURCES] + number * memory[m.SOURCE_SIZE]
        memory[memory[m.UPCOMING] + number] = walking.next_birth(memory, laws, rates, source, memory[m.NOTHING])
    memory[m.LEVEL], memory[m.SORTED] = m.NOTHING, UNSORTED


@inlined
def _due(memory: Ints) -> int:
    """Those sources are due whose next request lies in the block; how many. In most lines of a cache there is none."""
    upcoming, due, until, found = memory[m.UPCOMING], memory[m.DUE], memory[m.UNTIL], 0
    for line in range(0, memory[m.NUMBER_OF_SOURCES], m.LINE):
        some = 0
        for number in range(line, line + m.LINE):
            some += memory[upcoming + number] < until
        if some > 0:
            for number in range(line, line + m.LINE):
                memory[due + found] = number
                found += memory[upcoming + number] < until
    return found


@inlined
def _births(memory: Ints, laws: Floats, rates: Floats) -> bool:
    """One request of each source that is due, and again as long as some are."""
    until, upcoming, due = memory[m.UNTIL], memory[m.UPCOMING], memory[m.DUE]
    sources, size = memory[m.SOURCES], memory[m.SOURCE_SIZE]
    while memory[m.SORTED] > 0:
        again = 0
        for i in range(memory[m.SORTED]):
            if i % m.STEPS == 0 and m.full(memory):
                for left in range(i, memory[m.SORTED]):
                    memory[due + again + left - i] = memory[due + left]
                memory[m.SORTED] += again - i
                return False
            number = memory[due + i]
            source, instant = sources + number * size, memory[upcoming + number]
            sequence = memory[source + m.NUMBER] - 1
            following = walking.next_birth(memory, laws, rates, source, instant)
            memory[upcoming + number], memory[due + again] = following, number
            again += following < until
            _sent(memory, walking.born(memory, laws, source, sequence, instant))
        memory[m.SORTED] = again
    return True


@steps
def _sent(memory: Ints, chain: int) -> None:
    """Messages go on, each to the pool of the level that it comes to."""
    while chain != m.NOTHING:
        message = chain
        chain = memory[message + m.BEHIND]
        if memory[message + m.HOP] != m.NOTHING:
            message = walking.arrived(memory, message, False)
            if message != m.NOTHING:
                _pool(memory, memory[memory[message + m.STATION] + m.STATION_LEVEL], message)
        elif memory[message + m.INSTANT] < memory[m.UNTIL]:
            walking.deliver(memory, message)
        else:
            _pool(memory, memory[m.LAST_LEVEL], message)


@inlined
def _pool(memory: Ints, level: int, message: int) -> None:
    """Behind the last; the row of a level begins as a message does, so that it can be the one before the first."""
    memory[memory[level + POOL_LAST] + m.BEHIND] = message
    memory[level + POOL_LAST] = message
    memory[level + POOLED] += 1


@inlined
def _emptied(memory: Ints, level: int) -> int:
    """The first message of a pool, to be taken out one by one."""
    memory[level + POOL_LAST], memory[level + POOLED] = level, 0
    return int(memory[level + POOL])


@inlined
def _consumers(memory: Ints) -> bool:
    """What was on its way to its end is delivered."""
    level = memory[m.LAST_LEVEL]
    if memory[m.SORTED] == UNSORTED:
        memory[m.SORTED] = memory[level + POOLED]
        memory[m.AT] = _emptied(memory, level)
    while memory[m.SORTED] > 0:
        if m.full(memory):
            return False
        message = memory[m.AT]
        memory[m.AT] = memory[message + m.BEHIND]
        memory[m.SORTED] -= 1
        if memory[message + m.INSTANT] < memory[m.UNTIL]:
            walking.deliver(memory, message)
        else:
            _pool(memory, level, message)
    return True


@inlined
def _level(memory: Ints, laws: Floats, order: Ints, other: Ints, room: int) -> bool:
    """Serve those who wait at the stations of a level, then those who come, as far as they start in the block."""
    level, until = memory[m.LEVEL], memory[m.UNTIL]
    if memory[m.SORTED] == UNSORTED:
        if not _queues(memory, laws, level):
            return False
        if memory[level + POOLED] > room:
            memory[m.FULL] = 1
            return False
        memory[m.SORTED], memory[m.AT] = _come(memory, order, other, level), 0
        for row in range(0, memory[m.SORTED], ROW):  # draws that need not wait for each other
            message = order[row + MESSAGE]
            memory[message + m.LASTS] = walking.lasts(memory, laws, message)
    for row in range(memory[m.AT], memory[m.SORTED], ROW):
        if row % (ROW * m.STEPS) == 0 and m.full(memory):
            memory[m.AT] = row
            return False
        instant, message = order[row + INSTANT], order[row + MESSAGE]
        station = memory[message + m.STATION]
        start, server = NEVER, 0
        if memory[station + m.SERVING] < 0:
            start = instant
        elif memory[station + m.WAITING] == 0 and memory[station + m.UP]:
            kind, rank = memory[message + m.KIND], memory[message + m.RANK]
            start, server = seize(memory, station, instant, kind, rank, until)
        if start < until:
            _serve(memory, laws, message, start, server)
        else:
            _queue(memory, level, station, message)
    return True


@inlined
def _queues(memory: Ints, laws: Floats, level: int) -> bool:
    """Serve those who wait since the last block or longer."""
    i = 0
    while i < memory[level + QUEUES]:
        station = memory[memory[level + QUEUED] + i]
        if not _waiting(memory, laws, station, memory[m.UNTIL]):
            return False
        if memory[station + m.WAITING] > 0:
            i += 1
            continue
        memory[station + m.LISTED] = 0
        memory[level + QUEUES] -= 1
        memory[memory[level + QUEUED] + i] = memory[memory[level + QUEUED] + memory[level + QUEUES]]
    return True


@steps
def _waiting(memory: Ints, laws: Floats, station: int, until: int) -> bool:
    """Serve the queue of a station as far as they start before ``until``."""
    while memory[station + m.WAITING] > 0 and memory[station + m.UP]:
        if m.full(memory):
            return False
        start, server = seize(memory, station, memory[m.FROM], memory[m.NOTHING], memory[m.NOTHING], until)
        if start == NEVER:
            break
        _serve(memory, laws, next_waiting(memory, station), start, server)
    return True


@loop
def settle(whole: Ints, all_laws: Floats, station: int) -> bool:
    """Those who wait start at this instant of control as far as servers are idle: who ends now has not left yet.

    False where there is no room; to be called again.
    """
    memory, laws = raw(whole), raw(all_laws)
    memory[m.UNTIL] = memory[m.FROM]
    return bool(_waiting(memory, laws, station, memory[m.FROM]))


@inlined
def _queue(memory: Ints, level: int, station: int, message: int) -> None:
    join(memory, station, message)
    if not memory[station + m.LISTED]:
        memory[station + m.LISTED] = 1
        memory[memory[level + QUEUED] + memory[level + QUEUES]] = station
        memory[level + QUEUES] += 1


@steps
def _serve(memory: Ints, laws: Floats, message: int, start: int, server: int) -> None:
    """A service from its start to its end, and everything that is certain from then on."""
    station, entered = memory[message + m.STATION], memory[message + m.INSTANT]
    end = start + memory[message + m.LASTS]
    memory[station + m.BEGUN] += memory[message + m.LASTS]
    kind, rank = walking.kind_of(memory, message), walking.rank_of(memory, message)
    if memory[station + m.SERVING] >= 0:
        push_busy(memory, station, end, kind, rank, server)
    if memory[m.BEGIN] <= entered and end < memory[m.END]:
        _book(memory, station, start - entered, end - start, 1)
    else:
        starts = memory[m.BEGIN] <= start < memory[m.END]
        _book(memory, station, _within(memory, entered, start), _within(memory, start, end), starts)
    work, until = end - start, memory[m.UNTIL]
    _sent(memory, walking.finish(memory, laws, message, start, end, work, kind, rank, server, until))


@steps
def _book(memory: Ints, station: int, queued: int, busy: int, starts: int) -> None:
    memory[station + m.QUEUE_AREA] += queued
    memory[station + m.BUSY_AREA] += busy
    memory[station + m.STARTS] += starts


@inlined
def _within(memory: Ints, begin: int, end: int) -> int:
    """How much of a time lies in the measured span."""
    return int(max(min(end, memory[m.END]) - max(begin, memory[m.BEGIN]), 0))


@steps
def close(memory: Ints) -> None:
    """Those who still wait have waited to the end of the span."""
    for level in range(memory[m.LEVELS], memory[m.LAST_LEVEL], LEVEL_SIZE):
        for i in range(memory[level + QUEUES]):
            station = memory[memory[level + QUEUED] + i]
            message = memory[station + m.FIRST]
            for _ in range(memory[station + m.WAITING]):
                memory[station + m.QUEUE_AREA] += _within(memory, memory[message + m.INSTANT], memory[m.END])
                message = memory[message + m.BEHIND]


@inlined
def _come(memory: Ints, found: Ints, other: Ints, level: int) -> int:
    """Those of a pool who come before the end of the block, in the order of their events; where they end."""
    until = memory[m.UNTIL]
    pooled, end = memory[level + POOLED], 0
    message = _emptied(memory, level)
    last, in_order, apart = memory[m.NOTHING], True, True
    for _ in range(pooled):
        following, instant = memory[message + m.BEHIND], memory[message + m.INSTANT]
        if instant >= until:
            _pool(memory, level, message)
        else:
            in_order &= instant >= last
            apart &= instant > last
            last = instant
            found[end + INSTANT], found[end + MESSAGE] = instant, message
            end += ROW
        message = following
    if not apart:
        put_in_order(memory, found, other, end, in_order)
    return end
