"""Events one after the other: a compiled heap of all that is certain to happen, for any network.

An event has the key (instant, kind and source, sequence with task and copy), in the order of `sim.requests`, and is
about a token or, at a birth, about a source. A *token* is a message on its way, or a task at its queue.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from sim.arrivals import periodic_birth, superposed_birth
from sim.compiled import arrays as a
from sim.compiled.arrays import NO_VISIT, Program
from sim.draws import Floats, Ints, Keys, draw

_KIND = 24  # bits of a source in the second word of a key
COMPLETION, ARRIVAL, BIRTH = (kind << _KIND for kind in (2, 3, 4))
_SEQUENCE = 16  # bits of task and copy in the third
_SOURCES = (1 << _KIND) - 1

# Columns of an event
INSTANT, KIND, RANK, ABOUT = range(4)
# of a token; where it is not on its way to a task or an answer it is at its task
(
    REQUEST,
    BRANCH,
    CROSSED,
    NODE,
    WAITED,
    SERVED,
    ENTERED,
    STARTED,
    COMPLETED,
    STATION,
    SERVER,
    LASTS,
    OWN_RANK,
    BEHIND,
) = range(14)
TOKEN = 14
AT_TASK = -1
# of a request; behind them by task how many messages have come to it
OF_SOURCE, SEQUENCE, OUTCOME, WHERE, OPEN, MEASURED, NEXT_FREE = range(7)
REQUEST_HEAD = 7
# of a station
BUSY, WAITING, FIRST, LAST, UP, SERVERS, IDLE, IDLES, SINCE, BUSY_AREA, QUEUE_AREA, STARTS = range(12)
STATION_COLUMNS = 12
# of a source's births
OF_KIND, LAST_BIRTH, MERGED, TOGETHER, NUMBER, BIRTH_STREAM = range(6)
RATE, BEYOND = range(2)
PERIODIC, POISSON, SUPERPOSED = range(3)
# and of the whole
EVENTS, FREE_TOKEN, FREE_REQUEST, TOKENS, REQUESTS, BORN, VISITED, INSIDE, FULL, ENDED, NOW, BEGIN, END, MEASURABLE = (
    range(14)
)
WHOLE = 14

NOBODY = -1


class State(NamedTuple):
    """Everything that changes; a row a thing, columns as above. Rows not in use are chained."""

    whole: Ints
    events: Ints  # a heap with four children to a node
    tokens: Ints
    requests: Ints
    stations: Ints
    idle: Ints  # heaps of the numbers of idle servers, station by station
    births: Ints
    rates: Floats
    streams: Keys
    born: Ints  # rows of Played.births
    visited: Ints  # rows of Played.visits


@njit(cache=True)
def _schedule(whole: Ints, events: Ints, instant: int, kind: int, rank: int, about: int) -> None:
    i = whole[EVENTS]
    whole[EVENTS] = i + 1
    while i > 0:
        p = (i - 1) >> 2
        if events[p, 0] < instant or (
            events[p, 0] == instant and (events[p, 1] < kind or (events[p, 1] == kind and events[p, 2] < rank))
        ):
            break
        events[i, 0], events[i, 1], events[i, 2], events[i, 3] = events[p, 0], events[p, 1], events[p, 2], events[p, 3]
        i = p
    events[i, 0], events[i, 1], events[i, 2], events[i, 3] = instant, kind, rank, about


@njit(cache=True)
def _drop_first(whole: Ints, events: Ints) -> None:
    n = whole[EVENTS] - 1
    whole[EVENTS] = n
    instant, kind, rank, about = events[n, 0], events[n, 1], events[n, 2], events[n, 3]
    i = 0
    while True:
        least = 4 * i + 1
        if least >= n:
            break
        for other in range(least + 1, min(least + 4, n)):
            if events[other, 0] < events[least, 0] or (
                events[other, 0] == events[least, 0]
                and (
                    events[other, 1] < events[least, 1]
                    or (events[other, 1] == events[least, 1] and events[other, 2] < events[least, 2])
                )
            ):
                least = other
        if instant < events[least, 0] or (
            instant == events[least, 0]
            and (kind < events[least, 1] or (kind == events[least, 1] and rank < events[least, 2]))
        ):
            break
        events[i, 0], events[i, 1], events[i, 2], events[i, 3] = (
            events[least, 0],
            events[least, 1],
            events[least, 2],
            events[least, 3],
        )
        i = least
    events[i, 0], events[i, 1], events[i, 2], events[i, 3] = instant, kind, rank, about


@njit(cache=True)
def settle(state: State, station: int) -> None:
    """Serve those who wait at a station as far as servers are free; the idle one with the lowest number is next."""
    whole, row, idle = state.whole, state.stations[station], state.idle
    now = whole[NOW]
    book(state, station)
    while row[WAITING] > 0 and row[UP] and (row[IDLES] > 0 or row[SERVERS] < 0):
        token = row[FIRST]
        of = state.tokens[token]
        row[FIRST] = of[BEHIND]
        row[WAITING] -= 1
        row[BUSY] += 1
        if row[SERVERS] < 0:
            of[SERVER] = 0
        else:  # the least of a heap
            first = row[IDLE]
            of[SERVER] = idle[first]
            n = row[IDLES] - 1
            row[IDLES] = n
            moved, i = idle[first + n], 0
            while 2 * i + 1 < n:
                child = 2 * i + 1
                if child + 1 < n and idle[first + child + 1] < idle[first + child]:
                    child += 1
                if idle[first + child] >= moved:
                    break
                idle[first + i] = idle[first + child]
                i = child
            idle[first + i] = moved
        if whole[BEGIN] <= now < whole[END]:
            row[STARTS] += 1
        source = state.requests[of[REQUEST], OF_SOURCE]
        _schedule(whole, state.events, now + of[LASTS], COMPLETION + source, of[OWN_RANK], token)


@njit(cache=True)
def book(state: State, station: int) -> None:
    """Add the state that ends now to a station's areas; before each change."""
    row = state.stations[station]
    until = min(state.whole[NOW], state.whole[END])
    if until > row[SINCE]:
        row[BUSY_AREA] += row[BUSY] * (until - row[SINCE])
        row[QUEUE_AREA] += row[WAITING] * (until - row[SINCE])
        row[SINCE] = until


@njit(cache=True)
def schedule_birth(program: Program, state: State, source: int) -> None:
    """The source's next request is certain to come."""
    row, rates = state.births[source], state.rates[source]
    number = row[NUMBER]
    row[NUMBER] = number + 1
    stream = state.streams[row[BIRTH_STREAM]]
    if row[OF_KIND] == PERIODIC:
        instant = periodic_birth(row[LAST_BIRTH], rates[RATE], number)
    elif row[OF_KIND] == POISSON:
        instant = row[LAST_BIRTH] + draw(program.laws[program.sources[source, a.GAP]], stream, number)
        row[LAST_BIRTH] = instant
    else:
        if number % row[TOGETHER] == 0:
            row[LAST_BIRTH], rates[BEYOND] = superposed_birth(
                stream, row[MERGED], rates[RATE], number // row[TOGETHER], rates[BEYOND]
            )
        instant = row[LAST_BIRTH]
    _schedule(state.whole, state.events, instant, BIRTH + source, number << _SEQUENCE, source)


@njit(cache=True)
def _sent_off(program: Program, state: State, first: int, count: int, request: int, token: int) -> int:
    """Chain of tokens for those of some messages that are sent; the first of them is ``token`` if it is one.

    All start from where ``token`` stands. NOBODY where none is sent.
    """
    outcome = state.requests[request, OUTCOME]
    chain = NOBODY
    left = 0
    for branch in range(first, first + count):
        visit = program.branches[branch, a.TO_VISIT]
        left += visit == NO_VISIT or program.runs[outcome, program.visits[visit, a.VISIT_TASK]]
    state.requests[request, OPEN] += left
    for branch in range(first + count - 1, first - 1, -1):
        visit = program.branches[branch, a.TO_VISIT]
        if visit != NO_VISIT and not program.runs[outcome, program.visits[visit, a.VISIT_TASK]]:
            continue
        left -= 1
        if left == 0 and token != NOBODY:
            new = token
        else:
            new = state.whole[FREE_TOKEN]
            state.whole[FREE_TOKEN] = state.tokens[new, BEHIND]
            state.whole[TOKENS] -= 1
            if token == NOBODY:
                state.tokens[new, :] = 0
            else:
                state.tokens[new, :] = state.tokens[token]
        state.tokens[new, REQUEST], state.tokens[new, BRANCH] = request, branch
        state.tokens[new, CROSSED], state.tokens[new, BEHIND] = 0, chain
        chain = new
    return chain


@njit(cache=True)
def advance(program: Program, state: State, until: int, room: int) -> None:
    """Let everything happen that lies strictly before ``until`` [ns].

    Stops early when the last measured request has ended (``ENDED``), or when fewer than ``room`` rows are left of
    anything (``FULL``), which the caller has to give.
    """
    whole, events, tokens, requests = state.whole, state.events, state.tokens, state.requests
    whole[FULL] = 0
    while whole[EVENTS] > 0 and events[0, INSTANT] < until and not whole[ENDED]:
        full = whole[EVENTS] + room > len(events) or whole[TOKENS] < room or whole[REQUESTS] < 1
        if full or whole[BORN] >= len(state.born) or whole[VISITED] + room > len(state.visited):
            whole[FULL] = 1
            return
        now = events[0, INSTANT]
        whole[NOW] = now
        kind, rank, about = events[0, KIND] & ~_SOURCES, events[0, RANK], events[0, ABOUT]
        _drop_first(whole, events)
        chain = NOBODY
        if kind == BIRTH:
            schedule_birth(program, state, about)
            chain = _born(program, state, about, rank >> _SEQUENCE)
        elif kind == ARRIVAL:
            chain = about
            tokens[about, BEHIND] = NOBODY
        else:
            of = tokens[about]
            station = of[STATION]
            book(state, station)
            row = state.stations[station]
            row[BUSY] -= 1
            if 0 <= of[SERVER] < row[SERVERS]:
                _give_back(state.idle, row, of[SERVER])
                settle(state, station)
            chain = about
            of[BEHIND] = NOBODY
            if of[CROSSED] == AT_TASK:
                it = requests[of[REQUEST]]
                visit = program.visits[program.branches[of[BRANCH], a.TO_VISIT]]
                of[WAITED] += now - of[LASTS] - of[ENTERED]
                of[SERVED] += of[LASTS]
                of[STARTED], of[COMPLETED] = now - of[LASTS], now
                if not visit[a.ANSWERS]:
                    _record(state, of, visit[a.VISIT_TASK])
                of[NODE] = of[SERVER] // visit[a.NODE_SLOTS]
                chain = _sent_off(program, state, visit[a.NEXT], visit[a.NEXTS], of[REQUEST], about)
                if chain == NOBODY:
                    _end(state, about)
                else:
                    it[OPEN] -= 1  # it goes on as the first of them
        while chain != NOBODY:
            token = chain
            chain = tokens[token, BEHIND]
            _go_on(program, state, token)


@njit(cache=True)
def _give_back(idle: Ints, row: Ints, server: int) -> None:
    first, i = row[IDLE], row[IDLES]
    row[IDLES] = i + 1
    while i > 0 and idle[first + (i - 1) // 2] > server:
        idle[first + i] = idle[first + (i - 1) // 2]
        i = (i - 1) // 2
    idle[first + i] = server


@njit(cache=True)
def _born(program: Program, state: State, source: int, sequence: int) -> int:
    """A request comes into being: the chain of what it sends off at its source."""
    whole, of = state.whole, program.sources[source]
    bits = 0
    for i in range(of[a.SHARES]):
        bits |= draw(program.laws[of[a.LAW] + i], state.streams[of[a.STREAM] + i], sequence) << i
    origin = 0
    if of[a.OF_NODES] > 1:
        column = of[a.COLUMNS] - 1
        origin = draw(program.laws[of[a.LAW] + column], state.streams[of[a.STREAM] + column], sequence)
    request = whole[FREE_REQUEST]
    it = state.requests[request]
    following = it[NEXT_FREE]
    it[:] = 0
    it[OF_SOURCE], it[SEQUENCE], it[OUTCOME] = source, sequence, of[a.RUNS] + bits * of[a.RUNS_STEP]
    it[WHERE] = of[a.BOUND] + origin * of[a.SLOTS]
    it[MEASURED] = source < whole[MEASURABLE] and whole[BEGIN] <= whole[NOW] < whole[END]
    if it[MEASURED]:
        row = state.born[whole[BORN]]
        row[0], row[1], row[2], row[3], row[4] = source, sequence, whole[NOW], origin, bits
        whole[BORN] += 1
    number = of[a.PROGRAM] + bits * of[a.PROGRAM_STEP]
    chain = _sent_off(program, state, program.roots[number, 0], program.roots[number, 1], request, NOBODY)
    if chain == NOBODY:
        it[NEXT_FREE] = following
    else:
        whole[FREE_REQUEST] = following
        whole[REQUESTS] -= 1
        whole[INSIDE] += it[MEASURED]
    return int(chain)


@njit(cache=True)
def _go_on(program: Program, state: State, token: int) -> None:
    """Over the links that are left on the way to its task or consumer, as far as nothing takes time."""
    whole, of = state.whole, state.tokens[token]
    it = state.requests[of[REQUEST]]
    branch = program.branches[of[BRANCH]]
    rank = it[SEQUENCE] << _SEQUENCE
    station, lasts = NOBODY, 0
    while of[CROSSED] < 2 * branch[a.WAY_LENGTH] and station == NOBODY:  # a link: transmission, then propagation
        row = branch[a.WAY] + of[NODE] % branch[a.WAYS] * branch[a.WAY_LENGTH] + of[CROSSED] // 2
        slot, propagation = program.crossings[row, 0], program.crossings[row, 2]
        propagating = of[CROSSED] % 2
        of[CROSSED] += 1
        if propagating:
            if propagation > 0:
                at, kind = whole[NOW] + propagation, ARRIVAL + it[OF_SOURCE]
                _schedule(whole, state.events, at, kind, rank + branch[a.BRANCH_RANK], token)
                return
        elif slot >= 0:
            station, lasts = program.bound[it[WHERE] + slot], program.crossings[row, 1]
            of[OWN_RANK] = rank + branch[a.BRANCH_RANK]
    if station == NOBODY:
        if branch[a.TO_VISIT] == NO_VISIT:
            _record(state, of, branch[a.BRANCH_TASK])
            _end(state, token)
            return
        visit = program.visits[branch[a.TO_VISIT]]
        if visit[a.MESSAGES] > 1:
            come = REQUEST_HEAD + visit[a.VISIT_TASK]
            it[come] += 1
            if it[come] < visit[a.MESSAGES]:
                _end(state, token)  # the last message to come goes on with the task
                return
        source = program.sources[it[OF_SOURCE]]
        column = visit[a.COLUMN]
        lasts = draw(program.laws[source[a.LAW] + column], state.streams[source[a.STREAM] + column], it[SEQUENCE])
        station = program.bound[it[WHERE] + visit[a.AT]]
        of[ENTERED], of[CROSSED], of[OWN_RANK] = whole[NOW], AT_TASK, rank + visit[a.VISIT_RANK]
    of[STATION], of[LASTS], of[BEHIND] = station, lasts, NOBODY
    queue = state.stations[station]
    book(state, station)
    if queue[WAITING] == 0:
        queue[FIRST] = token
    else:
        state.tokens[queue[LAST], BEHIND] = token
    queue[LAST] = token
    queue[WAITING] += 1
    settle(state, station)


@njit(cache=True)
def _record(state: State, of: Ints, task: int) -> None:
    it = state.requests[of[REQUEST]]
    if it[MEASURED]:
        row = state.visited[state.whole[VISITED]]
        row[0], row[1], row[2] = it[OF_SOURCE], it[SEQUENCE], task
        row[3], row[4], row[5] = of[ENTERED], of[STARTED], of[COMPLETED]
        row[6], row[7], row[8] = state.whole[NOW], of[WAITED], of[SERVED]
        state.whole[VISITED] += 1


@njit(cache=True)
def _end(state: State, token: int) -> None:
    """A branch ends, and its request with the last of them."""
    whole, request = state.whole, state.tokens[token, REQUEST]
    state.tokens[token, BEHIND] = whole[FREE_TOKEN]
    whole[FREE_TOKEN] = token
    whole[TOKENS] += 1
    it = state.requests[request]
    it[OPEN] -= 1
    if it[OPEN] > 0:
        return
    it[NEXT_FREE] = whole[FREE_REQUEST]
    whole[FREE_REQUEST] = request
    whole[REQUESTS] += 1
    if it[MEASURED]:
        whole[INSIDE] -= 1
        if whole[INSIDE] == 0 and whole[NOW] >= whole[END]:
            whole[ENDED] = 1
