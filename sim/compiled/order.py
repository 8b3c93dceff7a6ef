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
    begin, shift = memory[m.NOTHING], 0
    least, most = _range(found, begin, end)
    while (most - least) >> shift >= min(2 * end // ROW, BUCKETS):
        shift += 1
    if _counted(memory, found, begin, end, least, shift, ((most - least) >> shift) + 1) > _FEW * ROW:
        return False
    _spread(memory, found, other, begin, end, least, shift)
    for row in range(0, end, ROW):
        _insert_one(memory, found, begin, row, other[row], other[row + MESSAGE])
    return True


@steps
def _by_digits(memory: Ints, found: Ints, other: Ints, begin: int, end: int) -> None:
    """Radix sort by the first column, equal ones left as they are."""
    least, most = _range(found, begin, end)
    shift = 0
    while (most - least) >> shift > 0:
        _counted(memory, found, begin, end, least, shift, BUCKETS)
        _spread(memory, found, other, begin, end, least, shift)
        for at in range(begin, end):
            found[at] = other[at]
        shift += _DIGIT


@inlined
def _range(found: Ints, begin: int, end: int) -> tuple[int, int]:
    least = most = found[begin]
    for row in range(begin, end, ROW):
        least, most = min(least, found[row]), max(most, found[row])
    return least, most


@inlined
def _counted(memory: Ints, found: Ints, begin: int, end: int, least: int, shift: int, parts: int) -> int:
    """Sets where the rows of each bucket begin; how much the fullest of them holds."""
    buckets, fullest, total = memory[m.BUCKETS], 0, begin
    for part in range(parts):
        memory[buckets + part] = 0
    for row in range(begin, end, ROW):
        memory[buckets + _bucket(found[row], least, shift)] += ROW
    for part in range(parts):
        number = memory[buckets + part]
        fullest = max(fullest, number)
        memory[buckets + part] = total
        total += number
    return fullest


@inlined
def _spread(memory: Ints, found: Ints, other: Ints, begin: int, end: int, least: int, shift: int) -> None:
    """Copies each row to the next place of its bucket."""
    buckets = memory[m.BUCKETS]
    for row in range(begin, end, ROW):
        bucket = buckets + _bucket(found[row], least, shift)
        at = memory[bucket]
        memory[bucket] = at + ROW
        other[at], other[at + MESSAGE] = found[row], found[row + MESSAGE]


@inlined
def _bucket(key: int, least: int, shift: int) -> int:
    return ((key - least) >> shift) & (BUCKETS - 1)


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
