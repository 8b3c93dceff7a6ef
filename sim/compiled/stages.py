"""Stage by stage: stations whose graph has no circle, each served in one go up to the next instant of control.

A block of time is played level by level. All that comes to the stations of a level within the block is known when the
lower levels are done; it is sorted by the events that bring it, and each is given the server that is free first, or
that with the lowest number of those that are free already (Kiefer and Wolfowitz 1955, for many servers). Who would
start at the end of the block or later stays in the queue, so that control can change what he meets. Where a message
goes next is certain once its service has begun; it waits in the *pool* of the level that it comes to.
"""

from __future__ import annotations

from sim.compiled import arrays as a
from sim.compiled import memory as m
from sim.compiled import walking
from sim.compiled.raw import raw
from sim.compiled.servers import NEVER, join, next_waiting, push_busy, seize
from sim.draws import Floats, Ints
from sim.jit import inlined, loop, steps

# Columns of a level: its pool, a chain of messages, and its stations with a queue, a list
POOL, POOL_LAST, POOLED, QUEUED, QUEUES = range(5)

BIRTHS = -1  # a block begins with them, below all levels
UNSORTED = -1

_FEW = 24  # are sorted one by one
_PARTS = 3  # of what tells the order within an instant
_DIGIT = 11  # bits
DIGITS = 1 << _DIGIT


@loop
def advance(whole: Ints, laws: Floats, rates: Floats, levels: Ints, order: Ints, until: int) -> None:
    """Play what lies strictly before ``until`` [ns], block by block.

    Stops early when the last measured request has ended (``ENDED``), or where there is no more room in memory or in
    ``order`` (``FULL``); the next call goes on at the same place.

    Parameters
    ----------
    levels
        A row for each level, the consumers last.
    order
        (2, rows, 2): room to sort (instant, message) in.
    """
    memory = raw(whole)
    while memory[m.FROM] < until:
        if memory[m.LEVEL] == BIRTHS:
            if memory[m.AT] == m.NOTHING:
                memory[m.UNTIL], memory[m.AT] = min(until, memory[m.FROM] + memory[m.BLOCK]), memory[m.SOURCES]
            if not _births(memory, laws, rates, levels):
                return
            memory[m.LEVEL], memory[m.SORTED] = 0, UNSORTED
        while memory[m.LEVEL] < len(levels) - 1:
            if not _level(memory, laws, levels, order):
                return
            memory[m.LEVEL] += 1
            memory[m.SORTED] = UNSORTED
        if not _consumers(memory, levels):
            return
        memory[m.FROM], memory[m.LEVEL], memory[m.AT] = memory[m.UNTIL], BIRTHS, m.NOTHING
        if memory[m.FROM] >= memory[m.END] and memory[m.INSIDE] == 0:
            memory[m.ENDED] = 1
            return


@loop
def begin(memory: Ints, laws: Floats, rates: Floats) -> None:
    """The first request of every source is certain to come."""
    for source in range(memory[m.SOURCES], memory[m.SOURCES_END], m.SOURCE_SIZE):
        walking.schedule_birth(memory, laws, rates, source)


@inlined
def _births(memory: Ints, laws: Floats, rates: Floats, levels: Ints) -> bool:
    until = memory[m.UNTIL]
    for source in range(memory[m.AT], memory[m.SOURCES_END], m.SOURCE_SIZE):
        while memory[source + m.NEXT_BIRTH] < until:
            if m.full(memory):
                memory[m.AT] = source
                return False
            instant, sequence = memory[source + m.NEXT_BIRTH], memory[source + m.NUMBER] - 1
            walking.schedule_birth(memory, laws, rates, source)
            chain = walking.born(memory, laws, source, sequence, instant)
            _sent(memory, levels, chain)
    return True


@steps
def _sent(memory: Ints, levels: Ints, chain: int) -> None:
    """Messages go on, each to the pool of the level that it comes to."""
    while chain != m.NOTHING:
        message = chain
        chain = memory[message + m.BEHIND]
        message = walking.arrived(memory, message, False)
        if message == m.NOTHING:
            continue
        station = memory[message + m.STATION]
        if station == memory[m.CONSUMER] and memory[message + m.INSTANT] < memory[m.UNTIL]:
            walking.deliver(memory, message)
        else:
            _pool(memory, levels, memory[station + m.STATION_LEVEL], message)


@inlined
def _pool(memory: Ints, levels: Ints, level: int, message: int) -> None:
    memory[message + m.BEHIND] = m.NOTHING
    if levels[level, POOLED] == 0:
        levels[level, POOL] = message
    else:
        memory[levels[level, POOL_LAST] + m.BEHIND] = message
    levels[level, POOL_LAST] = message
    levels[level, POOLED] += 1


@inlined
def _consumers(memory: Ints, levels: Ints) -> bool:
    """What was on its way to its end is delivered."""
    level = len(levels) - 1
    if memory[m.SORTED] == UNSORTED:
        memory[m.SORTED] = levels[level, POOLED]
    while memory[m.SORTED] > 0:
        if m.full(memory):
            return False
        memory[m.SORTED] -= 1
        message = levels[level, POOL]
        levels[level, POOL] = memory[message + m.BEHIND]
        levels[level, POOLED] -= 1
        if memory[message + m.INSTANT] < memory[m.UNTIL]:
            walking.deliver(memory, message)
        else:
            _pool(memory, levels, level, message)
    return True


@inlined
def _level(memory: Ints, laws: Floats, levels: Ints, order: Ints) -> bool:
    """Serve those who wait at the stations of a level, then those who come, as far as they start in the block."""
    level, until = memory[m.LEVEL], memory[m.UNTIL]
    if memory[m.SORTED] == UNSORTED:
        if not _queues(memory, laws, levels, level):
            return False
        if levels[level, POOLED] > order.shape[1]:
            memory[m.FULL] = 1
            return False
        memory[m.SORTED], memory[m.AT] = _sort(memory, levels, order, level), 0
    for i in range(memory[m.AT], memory[m.SORTED]):
        if m.full(memory):
            memory[m.AT] = i
            return False
        instant, message = order[0, i, 0], order[0, i, 1]
        station = memory[message + m.STATION]
        start, server = NEVER, 0
        if memory[station + m.SERVING] < 0:
            start = instant
        elif memory[station + m.WAITING] == 0 and memory[station + m.UP]:
            kind, rank = memory[message + m.KIND], memory[message + m.RANK]
            start, server = seize(memory, station, instant, kind, rank, until)
        if start < until:
            _serve(memory, laws, levels, message, start, server)
        else:
            _queue(memory, levels, level, station, message)
    return True


@inlined
def _queues(memory: Ints, laws: Floats, levels: Ints, level: int) -> bool:
    """Serve those who wait since the last block or longer."""
    i = 0
    while i < levels[level, QUEUES]:
        station = memory[levels[level, QUEUED] + i]
        if not _waiting(memory, laws, levels, station, memory[m.UNTIL]):
            return False
        if memory[station + m.WAITING] > 0:
            i += 1
            continue
        memory[station + m.LISTED] = 0
        levels[level, QUEUES] -= 1
        memory[levels[level, QUEUED] + i] = memory[levels[level, QUEUED] + levels[level, QUEUES]]
    return True


@steps
def _waiting(memory: Ints, laws: Floats, levels: Ints, station: int, until: int) -> bool:
    """Serve the queue of a station as far as they start before ``until``."""
    while memory[station + m.WAITING] > 0 and memory[station + m.UP]:
        if m.full(memory):
            return False
        start, server = seize(memory, station, memory[m.FROM], memory[m.NOTHING], memory[m.NOTHING], until)
        if start == NEVER:
            break
        message = next_waiting(memory, station)
        _serve(memory, laws, levels, message, start, server)
    return True


@steps
def settle(memory: Ints, laws: Floats, levels: Ints, station: int) -> bool:
    """Those who wait start at this instant of control as far as servers are idle: who ends now has not left yet.

    False where there is no room; to be called again.
    """
    memory[m.UNTIL] = memory[m.FROM]
    return bool(_waiting(memory, laws, levels, station, memory[m.FROM]))


@inlined
def _queue(memory: Ints, levels: Ints, level: int, station: int, message: int) -> None:
    join(memory, station, message)
    if not memory[station + m.LISTED]:
        memory[station + m.LISTED] = 1
        memory[levels[level, QUEUED] + levels[level, QUEUES]] = station
        levels[level, QUEUES] += 1


@steps
def _serve(memory: Ints, laws: Floats, levels: Ints, message: int, start: int, server: int) -> None:
    """A service from its start to its end, and everything that is certain from then on."""
    station, entered = memory[message + m.STATION], memory[message + m.INSTANT]
    lasts, rank = walking.service(memory, laws, message)
    end, kind = start + lasts, m.COMPLETION + memory[memory[message + m.REQUEST] + m.SOURCE]
    if memory[station + m.SERVING] >= 0:
        push_busy(memory, station, end, kind, rank, server)
    memory[station + m.BUSY_AREA] += _within(memory, start, end)
    memory[station + m.QUEUE_AREA] += _within(memory, entered, start)
    memory[station + m.STARTS] += memory[m.BEGIN] <= start < memory[m.END]
    _sent(memory, levels, walking.finish(memory, message, start, end, kind, rank, server, memory[m.UNTIL]))


@inlined
def _within(memory: Ints, begin: int, end: int) -> int:
    """How much of a time lies in the measured span."""
    return int(max(min(end, memory[m.END]) - max(begin, memory[m.BEGIN]), 0))


@steps
def close(memory: Ints, levels: Ints) -> None:
    """Those who still wait have waited to the end of the span."""
    for level in range(len(levels)):
        for i in range(levels[level, QUEUES]):
            station = memory[levels[level, QUEUED] + i]
            message = memory[station + m.FIRST]
            for _ in range(memory[station + m.WAITING]):
                memory[station + m.QUEUE_AREA] += _within(memory, memory[message + m.INSTANT], memory[m.END])
                message = memory[message + m.BEHIND]


# order


@inlined
def _sort(memory: Ints, levels: Ints, order: Ints, level: int) -> int:
    """Those of a pool who come before the end of the block, in the order of the events that bring them; how many."""
    until, found = memory[m.UNTIL], order[0]
    message, pooled = levels[level, POOL], levels[level, POOLED]
    levels[level, POOLED] = n = 0
    begin = last = memory[m.NOTHING]
    in_order = True
    for _ in range(pooled):
        following, instant = memory[message + m.BEHIND], memory[message + m.INSTANT]
        if instant >= until:
            _pool(memory, levels, level, message)
        else:
            in_order &= instant >= last
            last = instant
            found[n, 0], found[n, 1] = instant, message
            n += 1
        message = following
    if not in_order:
        if n <= _FEW:
            _insert(memory, order, begin, n)
            return n
        _by_digits(memory, order, begin, n)
    for i in range(1, n + 1):
        if i == n or found[i, 0] > found[begin, 0]:
            if i - begin > 1:
                _order_ties(memory, order, begin, i)
            begin = i
    return n


@steps
def _by_digits(memory: Ints, order: Ints, begin: int, end: int) -> None:
    """Radix sort by the first column, equal ones left as they are."""
    digits = memory[m.DIGITS]
    least = most = order[0, begin, 0]
    for i in range(begin, end):
        least, most = min(least, order[0, i, 0]), max(most, order[0, i, 0])
    one = shift = 0
    while (most - least) >> shift > 0:
        for digit in range(DIGITS):
            memory[digits + digit] = 0
        for i in range(begin, end):
            memory[digits + (((order[one, i, 0] - least) >> shift) & (DIGITS - 1))] += 1
        total = begin
        for digit in range(DIGITS):
            number = memory[digits + digit]
            memory[digits + digit] = total
            total += number
        for i in range(begin, end):
            key = order[one, i, 0]
            digit = digits + (((key - least) >> shift) & (DIGITS - 1))
            at = memory[digit]
            memory[digit] = at + 1
            order[1 - one, at, 0], order[1 - one, at, 1] = key, order[one, i, 1]
        one = 1 - one
        shift += _DIGIT
    if one:
        for i in range(begin, end):
            order[0, i, 0], order[0, i, 1] = order[1, i, 0], order[1, i, 1]


@inlined
def _order_ties(memory: Ints, order: Ints, begin: int, end: int) -> None:
    """Those of one instant, by the events that bring them."""
    in_order = True
    for i in range(begin + 1, end):
        in_order &= not _earlier(memory, order[0, i, 1], order[0, i - 1, 1])
    if in_order:
        return
    if end - begin <= _FEW:
        _insert(memory, order, begin, end)
        return
    instant = order[0, begin, 0]
    for column in range(_PARTS - 1, -1, -1):
        for i in range(begin, end):
            order[0, i, 0] = _part(memory, order[0, i, 1], column)
        _by_digits(memory, order, begin, end)
    for i in range(begin, end):
        order[0, i, 0] = instant


@steps
def _insert(memory: Ints, order: Ints, begin: int, end: int) -> None:
    for i in range(begin + 1, end):
        instant, message = order[0, i, 0], order[0, i, 1]
        at = i
        while at > begin and (
            instant < order[0, at - 1, 0]
            or (instant == order[0, at - 1, 0] and _earlier(memory, message, order[0, at - 1, 1]))
        ):
            order[0, at, 0], order[0, at, 1] = order[0, at - 1, 0], order[0, at - 1, 1]
            at -= 1
        order[0, at, 0], order[0, at, 1] = instant, message


@inlined
def _earlier(memory: Ints, message: int, other: int) -> bool:
    """Whether one of two messages of one instant comes first: by its event, or as the first that this event sends."""
    for column in range(_PARTS):
        mine, its = _part(memory, message, column), _part(memory, other, column)
        if mine != its:
            return bool(mine < its)
    return False


@inlined
def _part(memory: Ints, message: int, column: int) -> int:
    """Of what tells the order of messages of one instant."""
    if column == 0:
        return int(memory[message + m.KIND])
    return int(memory[message + m.RANK] if column == 1 else memory[memory[message + m.HOP] + a.HOP_RANK])
