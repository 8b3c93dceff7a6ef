"""The lanes of a station (``sim.lanes``): chains of those who wait, out of whose middle one may leave.

A lane begins as a message does, so that it can be the one before its first. Who waits tells who is before it: the
``SERVER`` of a message is negative then.
"""

from __future__ import annotations

from sim.compiled import arrays as a
from sim.compiled import memory as m
from sim.compiled.servers import call
from sim.draws import Ints
from sim.jit import inlined, steps

AHEAD, LANE, TICKET = m.SERVER, m.COMPLETED, m.STARTED  # of who waits, in place of what is known afterwards


@inlined
def waits(memory: Ints, message: int) -> bool:
    """Whether it is in a lane."""
    return bool(memory[message + AHEAD] < 0)


@steps
def join(memory: Ints, station: int, lane: int, message: int) -> None:
    """A message waits behind all others of a lane."""
    call(memory, station, message)
    last = memory[lane + m.LANE_LAST]
    memory[last + m.BEHIND] = message
    memory[message + m.BEHIND], memory[message + AHEAD] = m.NOTHING, -last
    memory[lane + m.LANE_LAST] = message
    memory[m.TICKETS] += 1
    memory[message + LANE], memory[message + TICKET] = lane, memory[m.TICKETS]
    memory[lane + m.LANE_WAITING] += 1
    memory[station + m.WAITING] += 1


@steps
def leave(memory: Ints, message: int) -> None:
    """A message waits no longer."""
    lane, before, behind = memory[message + LANE], -memory[message + AHEAD], memory[message + m.BEHIND]
    memory[before + m.BEHIND] = behind
    if behind == m.NOTHING:
        memory[lane + m.LANE_LAST] = before
    else:
        memory[behind + AHEAD] = -before
    memory[message + AHEAD] = 0
    memory[lane + m.LANE_WAITING] -= 1
    memory[memory[message + m.STATION] + m.WAITING] -= 1


@steps
def turn(memory: Ints, station: int) -> int:
    """The lane to which a free server turns; ``NOTHING`` where all wait for others."""
    best = m.NOTHING
    for lane in range(memory[station + m.LANES], memory[station + m.LANES_END], m.LANE_SIZE):
        first = memory[lane + m.LANE_FIRST]
        if first == m.NOTHING or not _ready(memory, lane, first):
            continue
        if best != m.NOTHING:
            worse = memory[lane + m.LANE_PRIORITY] - memory[best + m.LANE_PRIORITY]
            if worse > 0 or (worse == 0 and memory[first + TICKET] > memory[memory[best + m.LANE_FIRST] + TICKET]):
                continue
        best = lane
    return int(best)


@inlined
def _ready(memory: Ints, lane: int, first: int) -> bool:
    """Whether those who are executed together are all there, or the first has waited for them long enough."""
    all_there = memory[lane + m.LANE_WAITING] >= memory[memory[first + m.HOP] + a.MOST]
    return bool(all_there or memory[m.NOW] - memory[first + m.INSTANT] >= memory[lane + m.LANE_WAIT])


@steps
def displaced(memory: Ints, message: int) -> int:
    """Who has to leave the lane since the message has come, perhaps itself; ``NOTHING`` where there is room."""
    lane = memory[message + LANE]
    if memory[lane + m.LANE_OF_SOURCE]:
        other = memory[lane + m.LANE_FIRST]
        while other != message and m.source_of(memory, other) != m.source_of(memory, message):
            other = memory[other + m.BEHIND]
        return m.NOTHING if other == message else int(other)
    room = memory[lane + m.LANE_ROOM]
    if room < 0 or memory[lane + m.LANE_WAITING] <= room:
        return m.NOTHING
    return int(memory[lane + m.LANE_FIRST]) if memory[lane + m.LANE_LATEST] and room > 0 else message
