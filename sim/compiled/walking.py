"""What a request does in compiled code, whichever kernel moves it: born, on its way, done with a task, delivered.

Nothing here looks at what other requests do: when a message gets its turn at a station is the kernel's part.
"""

from __future__ import annotations

import numpy as np

from sim.arrivals import late, periodic_birth, superposed_birth
from sim.bursts import bursty_birth
from sim.compiled import arrays as a
from sim.compiled import memory as m
from sim.compiled.counting import answered, keep_birth, keep_left_out, keep_visit, record
from sim.compiled.raw import behind
from sim.compiled.servers import before
from sim.draws import Floats, Ints, draw, one_of
from sim.drops import NO_LINE
from sim.jit import call, inlined, steps
from sim.journeys import DROP

_EXIT, _LEG, _DRAW = len(a.EXIT_ROW), len(a.LEG), len(a.DRAW)


@steps
def next_birth(memory: Ints, laws: Floats, rates: Floats, source: int, last: int) -> int:
    """When the source's next request comes; that is certain from the one at ``last`` on."""
    fleet, number = memory[source + m.FLEET], memory[source + m.NUMBER]
    memory[source + m.NUMBER] = number + 1
    kind, born_from, rate = memory[fleet + m.OF_KIND], memory[source + m.BORN_FROM], memory[fleet + m.RATE]
    if kind == m.PERIODIC:
        return periodic_birth(born_from, rates[rate + m.RATE_PER_S], number)
    stream = np.uint64(born_from)
    if kind == m.POISSON:
        return last + draw(behind(laws, memory[fleet + m.GAP]), stream, number)
    if kind != m.SUPERPOSED:
        return _next_of_row(memory, rates, kind, born_from, number, fleet, last)
    if number % memory[fleet + m.TOGETHER] == 0:
        last, rates[rate + m.BEYOND] = superposed_birth(
            stream,
            memory[fleet + m.MERGED],
            rates[rate + m.RATE_PER_S],
            number // memory[fleet + m.TOGETHER],
            rates[rate + m.BEYOND],
        )
    return last


@call
def _next_of_row(memory: Ints, rates: Floats, kind: int, row: int, number: int, fleet: int, last: int) -> int:
    """Of a source whose births follow from a row of their own."""
    rate = memory[fleet + m.RATE]
    if kind == m.JITTERED:
        regular = periodic_birth(memory[row + m.FIRST_BIRTH], rates[rate + m.RATE_PER_S], number)
        return int(regular + late(np.uint64(memory[row + m.LATENESS]), number, memory[row + m.JITTER]))
    if kind == m.TRACE:
        return int(memory[row + number // memory[fleet + m.TOGETHER]])
    return int(bursty_birth(memory, row, behind(rates, rate), memory[fleet + m.STATES], last))


@inlined
def _drawn(memory: Ints, laws: Floats, law: int, source: int, column: int, sequence: int) -> int:
    """A draw of a request."""
    return draw(behind(laws, law), np.uint64(memory[source + m.KEYS + column]), sequence)


@steps
def born(memory: Ints, laws: Floats, source: int, sequence: int, instant: int) -> int:
    """A request comes into being: the chain of the messages that leave its source."""
    fleet = memory[source + m.FLEET]
    bits = origin = 0
    law, law_size = memory[fleet + m.LAW], memory[m.LAW_SIZE]
    for share in range(memory[fleet + m.SHARES]):
        bits |= _drawn(memory, laws, law + share * law_size, source, share, sequence) << share
    if memory[fleet + m.NODES] > 1:
        column = memory[fleet + m.COLUMNS] - 1
        origin = _drawn(memory, laws, law + column * law_size, source, column, sequence)
    measured = source < memory[m.MEASURABLE] and memory[m.BEGIN] <= instant < memory[m.END]
    if measured:
        memory[memory[memory[fleet + m.FLOW] + m.FLOW_OUTCOMES] + bits] += 1
        if memory[m.VISITS]:
            keep_birth(memory, source, sequence, instant, origin, bits)
    request = memory[m.FREE_REQUEST]
    if request == m.NOTHING:
        request = m.taken(memory, memory[m.REQUEST_SIZE])
    memory[m.FREE_REQUEST] = memory[request + m.NEXT_FREE]
    outcome = memory[fleet + m.OUTCOMES] + bits * memory[fleet + m.OUTCOMES_STEP]
    memory[request + m.OPEN], memory[request + m.MEASURED], memory[request + m.BORN] = 1, measured, instant
    memory[request + m.ITS_PLACE], memory[request + m.OUTCOME] = memory[source + m.PLACE], outcome
    memory[request + m.UNANSWERED], memory[request + m.LATEST] = memory[outcome], -1
    memory[request + m.DROPPED] = memory[request + m.LEFT_OUT] = 0
    for join in range(m.REQUEST_HEAD, memory[m.JOINS_END]):
        memory[request + join] = 0
    memory[m.INSIDE] += measured
    message, kind, rank = _new(memory), m.BIRTH + source, sequence << m.SEQUENCE_SHIFT
    memory[message + m.REQUEST], memory[message + m.KIND] = request, kind
    memory[message + m.WHERE] = memory[source + m.BOUND] + origin * memory[fleet + m.SLOTS]
    for column in range(m.WAITED, m.COMPLETED + 1):
        memory[message + column] = 0
    root = memory[fleet + m.PROGRAM] + bits * memory[fleet + m.PROGRAM_STEP]
    return _sent_off(memory, laws, memory[root], memory[root + 1], message, memory[m.NOTHING], instant, kind, rank)


@steps
def _sent_off(
    memory: Ints, laws: Floats, first: int, count: int, sender: int, node: int, instant: int, kind: int, rank: int
) -> int:
    """Chain of the messages that leave by an event, on their next leg; the last of them takes the row of ``sender``."""
    if count == m.ONLY_LEG:
        memory[sender + m.BEHIND] = m.NOTHING
        _leave(memory, laws, sender, first, instant, kind, rank)
        return sender
    request, chain = memory[sender + m.REQUEST], m.NOTHING
    row = first + count * _EXIT
    while row > first:
        row -= _EXIT
        needs = memory[row + a.NEEDS]
        if needs >= 0 and not memory[memory[request + m.OUTCOME] + 1 + needs]:
            continue
        new = sender
        if chain != m.NOTHING:
            new = _copied(memory, sender)
            memory[request + m.OPEN] += 1
        memory[new + m.BEHIND] = chain
        leg = memory[row + a.FIRST_LEG] + node % memory[row + a.LEGS] * _LEG
        _leave(memory, laws, new, leg, instant, kind, rank)
        chain = new
    if chain == m.NOTHING:
        drop(memory, sender)
    return chain


@steps
def _leave(memory: Ints, laws: Floats, message: int, leg: int, instant: int, kind: int, rank: int) -> None:
    hop, delay = memory[leg + a.TO], memory[leg + a.DELAY]
    if memory[leg + a.DRAWN] > 0:
        delay += _drawn_on(memory, laws, leg, message, kind & m.SOURCE_MASK, rank >> m.SEQUENCE_SHIFT)
    if hop == m.NOTHING:
        memory[message + m.TASK] = memory[leg + a.DELIVERS]
    if delay > 0:
        instant += delay
        kind = m.ARRIVAL + (kind & m.SOURCE_MASK)
        rank = (rank & m.SEQUENCE_MASK) + memory[leg + a.LEG_RANK]
    memory[message + m.HOP], memory[message + m.INSTANT] = hop, instant
    memory[message + m.KIND], memory[message + m.RANK] = kind, rank


@call
def _drawn_on(memory: Ints, laws: Floats, leg: int, message: int, source: int, sequence: int) -> int:
    """How much longer a leg takes [ns]; how often the message is lost where it leads to is noted."""
    delay, row = int(memory[m.NOTHING]), memory[leg + a.FIRST_DRAW]
    for _ in range(memory[leg + a.DRAWN]):
        found = _drawn(memory, laws, memory[row + a.DRAW_LAW], source, memory[row + a.DRAW_COLUMN], sequence)
        if memory[row + a.LOST_THERE]:
            memory[message + m.LOSSES] = found
        else:
            delay += found
        row += _DRAW
    return delay


@inlined
def _new(memory: Ints) -> int:
    message = memory[m.FREE_MESSAGE]
    if message == m.NOTHING:
        message = m.taken(memory, memory[m.MESSAGE_SIZE])
    memory[m.FREE_MESSAGE] = memory[message + m.BEHIND]
    return int(message)


@inlined
def _copied(memory: Ints, sender: int) -> int:
    new = _new(memory)
    for column in range(m.REQUEST, m.COMPLETED + 1):
        memory[new + column] = memory[sender + column]
    return new


@inlined
def arrived(memory: Ints, message: int, in_turn: bool) -> int:
    """The message that comes to the station of its ``HOP`` at its ``INSTANT``.

    Where several come to one task that is the last of them, and nothing before it is known: the last to be given
    where they are given ``in_turn``, else that which comes by the last event. Its station is the first of those among
    which one is chosen by the load: that is the kernel's part.
    """
    hop = memory[message + m.HOP]
    if memory[hop + a.MESSAGES] > 1:
        message = _last_in_turn(memory, message, hop) if in_turn else _last(memory, message, hop)
        if message == m.NOTHING:
            return m.NOTHING
    station, pick = first_station(memory, message), memory[hop + a.PICK]
    if pick >= 0:
        stream = np.uint64(memory[m.source_of(memory, message) + m.KEYS + pick])
        station += one_of(memory[hop + a.AMONG], stream, m.sequence_of(memory, message)) * m.STATION_SIZE
    memory[message + m.STATION] = station
    return message


@inlined
def first_station(memory: Ints, message: int) -> int:
    """Of those among which a message is sent to one."""
    return int(memory[memory[message + m.WHERE] + memory[memory[message + m.HOP] + a.SLOT]])


@inlined
def _come(memory: Ints, message: int, hop: int) -> int:
    """Where it is counted how many messages have come to a task."""
    return int(memory[message + m.REQUEST] + memory[hop + a.JOIN])


@call
def _last_in_turn(memory: Ints, message: int, hop: int) -> int:
    come = _come(memory, message, hop)
    memory[come] += 1
    if memory[come] == memory[hop + a.MESSAGES]:
        return message
    drop(memory, message)  # nobody waits for the last, which may be dropped on its way
    return m.NOTHING


@call
def _last(memory: Ints, message: int, hop: int) -> int:
    come = _come(memory, message, hop)
    other = memory[come + 1]
    if other != m.NOTHING:
        if before(
            memory[message + m.INSTANT],
            memory[message + m.KIND],
            memory[message + m.RANK],
            memory[other + m.INSTANT],
            memory[other + m.KIND],
            memory[other + m.RANK],
        ):
            message, other = other, message
        drop(memory, other)
    memory[come] += 1
    memory[come + 1] = message
    return message if memory[come] == memory[hop + a.MESSAGES] else m.NOTHING


@inlined
def lasts(memory: Ints, laws: Floats, message: int) -> int:
    """How long a message is served at its station [ns], whenever that is."""
    hop = memory[message + m.HOP]
    column, time = memory[hop + a.COLUMN], memory[hop + a.TIME]
    if column < 0:
        return int(time)
    return _drawn(memory, laws, time, m.source_of(memory, message), column, m.sequence_of(memory, message))


@inlined
def last_together(memory: Ints, laws: Floats, message: int, together: int) -> int:
    """How long so many are served at once of which this is the first [ns]."""
    if together == 1:
        return int(memory[message + m.LASTS])
    hop = memory[message + m.HOP]
    law, source = memory[hop + a.BATCHES] + (together - 2) * memory[m.LAW_SIZE], m.source_of(memory, message)
    return _drawn(memory, laws, law, source, memory[hop + a.COLUMN], m.sequence_of(memory, message))


@inlined
def rank_of(memory: Ints, message: int) -> int:
    """The rank of the event that ends the service of a message."""
    return int((memory[message + m.RANK] & m.SEQUENCE_MASK) + memory[memory[message + m.HOP] + a.HOP_RANK])


@inlined
def kind_of(memory: Ints, message: int) -> int:
    """The kind of that event, and the source."""
    return m.COMPLETION + m.source_of(memory, message)


@steps
def finish(
    memory: Ints,
    laws: Floats,
    message: int,
    start: int,
    end: int,
    work: int,
    kind: int,
    rank: int,
    server: int,
    until: int,
) -> int:
    """A service ends by an event: the chain of the messages that leave. ``work`` is the message's part of it.

    What ends at ``until`` or later is not counted yet: a message in the chain waits for that.
    """
    hop = memory[message + m.HOP]
    first, count, task = memory[hop + a.EXIT], memory[hop + a.EXITS], memory[hop + a.TASK]
    node, later = 0, m.NOTHING
    if task != m.NOTHING:
        entered = memory[message + m.INSTANT]
        memory[message + m.WAITED] += start - entered
        memory[message + m.SERVED] += end - start
        memory[message + m.WORK] = work
        if memory[m.VISITS]:
            memory[message + m.ENTERED], memory[message + m.STARTED] = entered, start
            memory[message + m.COMPLETED] = end
        if memory[hop + a.AMONG] > 1:
            node = (memory[message + m.STATION] - first_station(memory, message)) // m.STATION_SIZE
        elif server:
            node = server // memory[hop + a.NODE_SLOTS]
        if not memory[hop + a.ANSWERS]:
            if end < until:
                record(memory, message, task, end)
            else:
                later = _copied(memory, message)
                memory[later + m.HOP], memory[later + m.TASK], memory[later + m.INSTANT] = m.NOTHING, task, end
                memory[later + m.KIND], memory[later + m.RANK] = kind, rank
                memory[memory[message + m.REQUEST] + m.OPEN] += 1
    elif memory[hop + a.AGAIN] >= 0 and memory[message + m.LOSSES] > 0:
        _again(memory, message, memory[hop + a.AGAIN], end, kind, rank)
        return message
    chain = _sent_off(memory, laws, first, count, message, node, end, kind, rank)
    if later == m.NOTHING:
        return chain
    memory[later + m.BEHIND] = chain
    return later


@call
def _again(memory: Ints, message: int, after: int, end: int, kind: int, rank: int) -> None:
    """A try that was lost: the message comes to its link once more."""
    memory[message + m.LOSSES] -= 1
    memory[message + m.BEHIND] = m.NOTHING
    if after > 0:
        kind = m.ARRIVAL + (kind & m.SOURCE_MASK)
    memory[message + m.INSTANT], memory[message + m.KIND], memory[message + m.RANK] = end + after, kind, rank


@inlined
def deliver(memory: Ints, message: int) -> None:
    """A task comes to its consumer, or what only waited to be counted is."""
    record(memory, message, memory[message + m.TASK], memory[message + m.INSTANT])
    drop(memory, message)


@call
def leave(memory: Ints, message: int) -> None:
    """A message cannot wait for its link: the task that it leads to is dropped, or left out with all that follows."""
    hop = memory[message + m.HOP]
    if memory[hop + a.WITHOUT] == DROP:
        lose(memory, message, memory[hop + a.FOR], memory[m.NOTHING] + NO_LINE)
    else:
        _leave_out(memory, message, memory[hop + a.FOR])
        drop(memory, message)


@steps
def _leave_out(memory: Ints, message: int, task: int) -> None:
    request, row = memory[message + m.REQUEST], task - memory[task + m.OF] * m.COUNTED_SIZE
    following = memory[memory[task + m.DROPS] + m.FOLLOWING]
    new, runs = following & ~memory[request + m.LEFT_OUT], memory[request + m.OUTCOME] + 1
    memory[request + m.LEFT_OUT] |= following
    if not memory[request + m.MEASURED]:
        return
    unanswered = memory[request + m.UNANSWERED]
    while new:
        if new & 1 and memory[runs]:
            memory[memory[row + m.DROPS] + m.SKIPS] += 1
            answers = memory[row + m.ANSWERS] & m.KIND_OF_ANSWER != m.NEVER
            memory[request + m.UNANSWERED] -= answers and memory[runs] & a.NEEDED != 0
            if memory[m.VISITS]:
                keep_left_out(memory, message, request, row)
        new, runs, row = new >> 1, runs + 1, row + m.COUNTED_SIZE
    if unanswered > 0 and memory[request + m.UNANSWERED] == 0:
        answered(memory, request, memory[task + m.ANSWER])


@call
def lose(memory: Ints, message: int, task: int, cause: int) -> None:
    """A message ends before its task is done; nothing follows. The request counts where that happens to it first."""
    request = memory[message + m.REQUEST]
    if memory[request + m.MEASURED] and not memory[request + m.DROPPED]:
        memory[memory[task + m.DROPS] + cause] += 1
        if memory[m.VISITS]:
            now, entered = memory[m.NOW], memory[message + m.INSTANT]
            memory[message + m.WAITED] += now - entered
            memory[message + m.ENTERED], memory[message + m.STARTED] = entered, now
            memory[message + m.COMPLETED], memory[message + m.WORK] = now, 0
            keep_visit(memory, message, request, task, now, cause)
    memory[request + m.DROPPED] = 1
    drop(memory, message)


@inlined
def drop(memory: Ints, message: int) -> None:
    """A message ends, and its request with the last of them."""
    request = memory[message + m.REQUEST]
    memory[message + m.BEHIND] = memory[m.FREE_MESSAGE]
    memory[m.FREE_MESSAGE] = message
    memory[request + m.OPEN] -= 1
    if memory[request + m.OPEN] > 0:
        return
    if memory[request + m.MEASURED]:
        memory[m.INSIDE] -= 1
        fleet = memory[m.source_of(memory, message) + m.FLEET]
        memory[memory[fleet + m.FLOW] + m.FLOW_COMPLETED] += not memory[request + m.DROPPED]
    memory[request + m.NEXT_FREE] = memory[m.FREE_REQUEST]
    memory[m.FREE_REQUEST] = request
