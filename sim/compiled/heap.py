"""Events one after the other: a compiled heap of all that is certain to happen, for stations in a circle.

An event has the key (instant, kind and source, sequence with task and copy), in the order of `sim.requests`, and is
about a message or, at a birth, about a source.
"""

from __future__ import annotations

from sim.compiled import arrays as a
from sim.compiled import instances, lanes, walking
from sim.compiled import memory as m
from sim.compiled.raw import raw
from sim.compiled.servers import before, join, least_loaded, next_waiting, pop_idle, push_idle
from sim.draws import Floats, Ints
from sim.drops import BLOCKED, DISPLACED, EXPIRED
from sim.jit import call, inlined, loop, steps
from sim.journeys import WAIT

LEADER = m.BEHIND  # of who is served together with others: the first of them
_TOGETHER = 32  # bits of a server; above them stands how many it serves at once
SERVER = (1 << _TOGETHER) - 1


@loop
def advance(whole: Ints, all_laws: Floats, all_rates: Floats, events: Ints, until: int) -> None:
    """Let everything happen that lies strictly before ``until`` [ns].

    Stops early when the last measured request has ended (``ENDED``), or where there is no more room in memory or for
    events (``FULL``), which the caller has to give. ``events`` has rows of (instant, kind, rank, message or source).
    """
    memory, laws, rates = raw(whole), raw(all_laws), raw(all_rates)
    while memory[m.EVENTS] > 0 and events[0, 0] < until and not memory[m.ENDED]:
        if m.full(memory) or memory[m.EVENTS] + memory[m.MOST_EVENTS] > len(events):
            memory[m.FULL] = 1
            return
        now, kind, rank, about = events[0, 0], events[0, 1], events[0, 2], events[0, 3]
        memory[m.NOW] = now
        _drop_first(memory, events)
        chain = m.NOTHING
        if kind >= m.EXPIRY:
            _expire(memory, about, kind, rank)
        elif kind >= m.LAUNCH:
            _settle(memory, laws, events, about)
        elif kind >= m.BIRTH:
            _schedule_birth(memory, laws, rates, events, about, now)
            chain = walking.born(memory, laws, about, rank >> m.SEQUENCE_SHIFT, now)
        elif kind >= m.ARRIVAL:
            _enter(memory, laws, events, about)
        else:
            station, server = memory[about + m.STATION], memory[about + m.SERVER] & SERVER
            if memory[about + LEADER] == m.NOTHING:
                book(memory, station)
                memory[station + m.BUSY] -= 1
                if memory[station + m.COLD] > 0:
                    instances.left(memory, station)
                if server < memory[station + m.SERVING]:
                    push_idle(memory, station, server)
                    _settle(memory, laws, events, station)
            lasted = memory[about + m.LASTS]
            work = lasted // (memory[about + m.SERVER] >> _TOGETHER)
            chain = walking.finish(memory, laws, about, now - lasted, now, work, kind, rank, server, now + 1)
        while chain != m.NOTHING:
            message = chain
            chain = memory[message + m.BEHIND]
            instant, its_kind, its_rank = (
                memory[message + m.INSTANT],
                memory[message + m.KIND],
                memory[message + m.RANK],
            )
            if instant == now and its_kind == kind and its_rank == rank:  # by this very event
                _enter(memory, laws, events, message)
            else:
                _schedule(memory, events, instant, its_kind, its_rank, message)
        if memory[m.INSIDE] == 0 and now >= memory[m.END]:
            memory[m.ENDED] = 1


@loop
def begin(whole: Ints, all_laws: Floats, all_rates: Floats, events: Ints) -> None:
    """The first request of every source is certain to come."""
    memory, laws, rates = raw(whole), raw(all_laws), raw(all_rates)
    for number in range(memory[m.NUMBER_OF_SOURCES]):
        source = memory[m.SOURCES] + number * memory[m.SOURCE_SIZE]
        _schedule_birth(memory, laws, rates, events, source, memory[m.NOTHING])


@steps
def _schedule_birth(memory: Ints, laws: Floats, rates: Floats, events: Ints, source: int, last: int) -> None:
    """The source's next request is certain to come."""
    rank = memory[source + m.NUMBER] << m.SEQUENCE_SHIFT
    _schedule(memory, events, walking.next_birth(memory, laws, rates, source, last), m.BIRTH + source, rank, source)


@steps
def _enter(memory: Ints, laws: Floats, events: Ints, message: int) -> None:
    """A message comes to its station, or to its end."""
    if memory[message + m.HOP] == m.NOTHING:
        walking.deliver(memory, message)
        return
    message = walking.arrived(memory, message, True)
    if message == m.NOTHING:
        return
    station, among = memory[message + m.STATION], memory[memory[message + m.HOP] + a.AMONG]
    if among > 1 and memory[memory[message + m.HOP] + a.PICK] < 0:
        station = memory[message + m.STATION] = least_loaded(memory, station, among)
    memory[message + m.LASTS] = walking.lasts(memory, laws, message)
    if memory[station + m.LANES] == m.NOTHING:
        if not memory[station + m.UP] and memory[memory[message + m.HOP] + a.WITHOUT] != WAIT:
            walking.leave(memory, message)
            return
        book(memory, station)
        join(memory, station, message)
        _settle(memory, laws, events, station)
    else:
        _enter_lane(memory, laws, events, station, message)


@call
def _enter_lane(memory: Ints, laws: Floats, events: Ints, station: int, message: int) -> None:
    """A message comes to its lane; it may have to leave it soon, or another one at once."""
    hop = memory[message + m.HOP]
    patience, expires = memory[hop + a.PATIENCE], memory[hop + a.PATIENCE]
    if patience >= 0:
        expires += memory[memory[message + m.REQUEST] + m.BORN]
        if memory[m.NOW] > expires:
            walking.lose(memory, message, memory[hop + a.TASK], memory[m.NOTHING] + EXPIRED)
            return
    book(memory, station)
    lanes.join(memory, station, memory[station + m.LANES] + memory[hop + a.LANE] * m.LANE_SIZE, message)
    _settle(memory, laws, events, station)
    if not lanes.waits(memory, message):
        return
    leaving = lanes.displaced(memory, message)
    if leaving != m.NOTHING:
        lanes.leave(memory, leaving)
        cause = memory[m.NOTHING] + (BLOCKED if leaving == message else DISPLACED)
        walking.lose(memory, leaving, memory[memory[leaving + m.HOP] + a.TASK], cause)
    if leaving == message:
        return
    source, rank = m.source_of(memory, message), walking.rank_of(memory, message)
    wait = memory[memory[message + lanes.LANE] + m.LANE_WAIT]
    if memory[hop + a.MOST] > 1 and wait > 0:
        _schedule(memory, events, memory[m.NOW] + wait, m.LAUNCH + source, rank, station)
    if patience >= 0:
        _schedule(memory, events, expires, m.EXPIRY + source, rank, message)


@inlined
def _expire(memory: Ints, message: int, kind: int, rank: int) -> None:
    """Who still waits leaves; else its row may tell of another one meanwhile."""
    if not lanes.waits(memory, message) or walking.rank_of(memory, message) != rank:
        return
    if m.EXPIRY + m.source_of(memory, message) == kind:
        book(memory, memory[message + m.STATION])
        lanes.leave(memory, message)
        walking.lose(memory, message, memory[memory[message + m.HOP] + a.TASK], memory[m.NOTHING] + EXPIRED)


@loop
def settle(whole: Ints, all_laws: Floats, events: Ints, station: int) -> bool:
    """Serve those who wait at a station as far as servers are free; the idle one with the lowest number is next.

    False where there is no room for their completions.
    """
    return bool(_settle(raw(whole), raw(all_laws), events, station))


@steps
def _settle(memory: Ints, laws: Floats, events: Ints, station: int) -> bool:
    bought = memory[station + m.SERVING] < 0
    while memory[station + m.WAITING] > 0 and memory[station + m.UP] and (bought or memory[station + m.IDLE] > 0):
        if memory[m.EVENTS] + memory[m.MOST_TOGETHER] > len(events):
            return False
        if memory[station + m.LANES] == m.NOTHING:
            book(memory, station)
            message = next_waiting(memory, station)
            memory[message + LEADER] = m.NOTHING
            server = 0 if bought else pop_idle(memory, station)
            if memory[station + m.COLD] > 0:
                memory[message + m.LASTS] += instances.taken(memory, station)
            memory[station + m.BEGUN] += memory[message + m.LASTS]
            _start(memory, events, station, message, server, memory[m.NOTHING] + 1)
        else:
            lane = lanes.turn(memory, station)
            if lane == m.NOTHING:
                break
            book(memory, station)
            _launch(memory, laws, events, station, lane)
        memory[station + m.BUSY] += 1
        if memory[station + m.WAITING] == 0 and memory[station + m.EMPTIED] < 0:
            memory[station + m.EMPTIED] = memory[m.NOW]
    return True


@inlined
def _start(memory: Ints, events: Ints, station: int, message: int, server: int, together: int) -> None:
    now = memory[m.NOW]
    memory[station + m.STARTS] += memory[m.BEGIN] <= now < memory[m.END]
    memory[message + m.SERVER] = server + (together << _TOGETHER)
    kind, rank = walking.kind_of(memory, message), walking.rank_of(memory, message)
    _schedule(memory, events, now + memory[message + m.LASTS], kind, rank, message)


@call
def _launch(memory: Ints, laws: Floats, events: Ints, station: int, lane: int) -> None:
    """One service of the first of a lane, and of as many behind it as are executed together."""
    first, server = memory[lane + m.LANE_FIRST], pop_idle(memory, station)
    together = min(memory[lane + m.LANE_WAITING], memory[memory[first + m.HOP] + a.MOST])
    lasts = walking.last_together(memory, laws, first, together)
    if memory[station + m.COLD] > 0:
        lasts += instances.taken(memory, station)
    memory[station + m.BEGUN] += lasts
    leader = memory[m.NOTHING]
    for _ in range(together):
        message = memory[lane + m.LANE_FIRST]
        lanes.leave(memory, message)
        memory[message + m.LASTS], memory[message + LEADER] = lasts, leader
        _start(memory, events, station, message, server, together)
        leader = first


@loop
def abandon(whole: Ints, station: int) -> bool:
    """Those leave a station that went down who cannot wait for it; false where there is no room to tell so."""
    memory = raw(whole)
    before, number = memory[m.NOTHING], memory[station + m.WAITING]
    message = memory[station + m.FIRST]
    for _ in range(number):
        following = memory[message + m.BEHIND]
        if memory[memory[message + m.HOP] + a.WITHOUT] == WAIT:
            before = message
        elif m.full(memory):
            return False
        else:
            if before == m.NOTHING:
                memory[station + m.FIRST] = following
            else:
                memory[before + m.BEHIND] = following
            if message == memory[station + m.LAST]:
                memory[station + m.LAST] = before
            memory[station + m.WAITING] -= 1
            walking.leave(memory, message)
        message = following
    return True


@steps
def book(memory: Ints, station: int) -> None:
    """Add the state that ends now to a station's areas; before each change."""
    until, since = min(memory[m.NOW], memory[m.END]), memory[station + m.SINCE]
    if until > since:
        memory[station + m.BUSY_AREA] += memory[station + m.BUSY] * (until - since)
        memory[station + m.QUEUE_AREA] += memory[station + m.WAITING] * (until - since)
        memory[station + m.SINCE] = until


# the heap


@steps
def _schedule(memory: Ints, events: Ints, instant: int, kind: int, rank: int, about: int) -> None:
    i = memory[m.EVENTS]
    memory[m.EVENTS] = i + 1
    while i > 0:
        p = (i - 1) >> 2
        if not before(instant, kind, rank, events[p, 0], events[p, 1], events[p, 2]):
            break
        _set(events, i, events[p, 0], events[p, 1], events[p, 2], events[p, 3])
        i = p
    _set(events, i, instant, kind, rank, about)


@inlined
def _drop_first(memory: Ints, events: Ints) -> None:
    n = memory[m.EVENTS] - 1
    memory[m.EVENTS] = n
    instant, kind, rank, about = events[n, 0], events[n, 1], events[n, 2], events[n, 3]
    i = 0
    while 4 * i + 1 < n:
        least = 4 * i + 1
        for other in range(least + 1, min(least + 4, n)):
            if before(
                events[other, 0],
                events[other, 1],
                events[other, 2],
                events[least, 0],
                events[least, 1],
                events[least, 2],
            ):
                least = other
        if not before(events[least, 0], events[least, 1], events[least, 2], instant, kind, rank):
            break
        _set(events, i, events[least, 0], events[least, 1], events[least, 2], events[least, 3])
        i = least
    _set(events, i, instant, kind, rank, about)


@inlined
def _set(events: Ints, i: int, instant: int, kind: int, rank: int, about: int) -> None:
    events[i, 0], events[i, 1], events[i, 2], events[i, 3] = instant, kind, rank, about
