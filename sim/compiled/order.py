"""Messages in the order of the events that bring them.

A row holds an instant and a message. Where instants lie evenly in a time, each is put into one of as many equal parts
of it, and little is left to do; else they are sorted by digits. Those of one instant follow by their events.
"""

from __future__ import annotations

from sim.compiled import arrays as a
from sim.compiled import memory as m
from sim.draws import Ints
from sim.jit import inlined, steps

INSTANT, MESSAGE = range(2)
ROW = 2

_FEW = 24  # are sorted one by one
_PARTS = 3  # of what tells the order within an instant
_DIGIT = 11  # bits
BUCKETS = 1 << _DIGIT


@inlined
def put_in_order(memory: Ints, found: Ints, other: Ints, end: int, in_order: bool) -> None:
    """Rows up to ``end``; ``other`` has room for as many. They may be ``in_order`` but for those of one instant."""
    begin = memory[m.NOTHING]
    if not in_order:
        if end <= _FEW * ROW:
            _insert(memory, found, begin, end)
            return
        if _by_parts(memory, found, other, end):
            return
        _by_digits(memory, found, other, begin, end)
    for row in range(ROW, end + ROW, ROW):
        if row == end or found[row] > found[begin]:
            if row - begin > ROW:
                _order_ties(memory, found, other, begin, row)
            begin = row


@inlined
def _by_parts(memory: Ints, found: Ints, other: Ints, end: int) -> bool:
    """Sort by equal parts of the time, then one by one; False, and as it was, where too many lie in one part."""
    buckets, shift = memory[m.BUCKETS], 0
    least, most = _range(found, memory[m.NOTHING], end)
    parts = min(2 * end // ROW, BUCKETS)
    while (most - least) >> shift >= parts:
        shift += 1
    parts = ((most - least) >> shift) + 1
    for part in range(parts):
        memory[buckets + part] = 0
    for row in range(0, end, ROW):
        memory[buckets + ((found[row] - least) >> shift)] += ROW
    fullest = total = 0
    for part in range(parts):
        number = memory[buckets + part]
        fullest = max(fullest, number)
        memory[buckets + part] = total
        total += number
    if fullest > _FEW * ROW:
        return False
    for row in range(0, end, ROW):
        instant = found[row]
        bucket = buckets + ((instant - least) >> shift)
        at = memory[bucket]
        memory[bucket] = at + ROW
        other[at], other[at + MESSAGE] = instant, found[row + MESSAGE]
    for row in range(0, end, ROW):
        _insert_one(memory, found, memory[m.NOTHING], row, other[row], other[row + MESSAGE])
    return True


@inlined
def _range(found: Ints, begin: int, end: int) -> tuple[int, int]:
    least = most = found[begin]
    for row in range(begin, end, ROW):
        least, most = min(least, found[row]), max(most, found[row])
    return least, most


@steps
def _by_digits(memory: Ints, found: Ints, other: Ints, begin: int, end: int) -> None:
    """Radix sort by the first column, equal ones left as they are."""
    buckets = memory[m.BUCKETS]
    least, most = _range(found, begin, end)
    shift = 0
    while (most - least) >> shift > 0:
        for digit in range(BUCKETS):
            memory[buckets + digit] = 0
        for row in range(begin, end, ROW):
            memory[buckets + (((found[row] - least) >> shift) & (BUCKETS - 1))] += ROW
        total = begin
        for digit in range(BUCKETS):
            number = memory[buckets + digit]
            memory[buckets + digit] = total
            total += number
        for row in range(begin, end, ROW):
            key = found[row]
            bucket = buckets + (((key - least) >> shift) & (BUCKETS - 1))
            at = memory[bucket]
            memory[bucket] = at + ROW
            other[at], other[at + MESSAGE] = key, found[row + MESSAGE]
        for at in range(begin, end):
            found[at] = other[at]
        shift += _DIGIT


@inlined
def _order_ties(memory: Ints, found: Ints, other: Ints, begin: int, end: int) -> None:
    """Those of one instant, by the events that bring them."""
    in_order = True
    for row in range(begin + ROW, end, ROW):
        in_order &= not _earlier(memory, found[row + MESSAGE], found[row - ROW + MESSAGE])
    if in_order:
        return
    if end - begin <= _FEW * ROW:
        _insert(memory, found, begin, end)
        return
    instant = found[begin]
    for column in range(_PARTS - 1, -1, -1):
        for row in range(begin, end, ROW):
            found[row] = _part(memory, found[row + MESSAGE], column)
        _by_digits(memory, found, other, begin, end)
    for row in range(begin, end, ROW):
        found[row] = instant


@steps
def _insert(memory: Ints, found: Ints, begin: int, end: int) -> None:
    for row in range(begin + ROW, end, ROW):
        _insert_one(memory, found, begin, row, found[row], found[row + MESSAGE])


@inlined
def _insert_one(memory: Ints, found: Ints, begin: int, at: int, instant: int, message: int) -> None:
    """Into what is in order from ``begin`` up to ``at``."""
    while at > begin and (
        instant < found[at - ROW]
        or (instant == found[at - ROW] and _earlier(memory, message, found[at - ROW + MESSAGE]))
    ):
        found[at], found[at + MESSAGE] = found[at - ROW], found[at - ROW + MESSAGE]
        at -= ROW
    found[at], found[at + MESSAGE] = instant, message


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
