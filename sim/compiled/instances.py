"""Idle instances of a service that is bought by the request (``sim.instances``): a chain, the last at work first."""

from __future__ import annotations

from sim.compiled import memory as m
from sim.draws import Ints
from sim.jit import call

_BEHIND, _SINCE = range(2)


@call
def taken(memory: Ints, station: int) -> int:
    """One goes to work; how much longer its service takes [ns]."""
    row, now = memory[station + m.INSTANCES], memory[m.NOW]
    if row != m.NOTHING and now - memory[row + _SINCE] <= memory[station + m.COLD_IDLE]:
        memory[station + m.INSTANCES] = memory[row + _BEHIND]
        _free(memory, station, row)
        return 0
    while row != m.NOTHING:  # the others have been idle for even longer
        behind = memory[row + _BEHIND]
        _free(memory, station, row)
        row = behind
    memory[station + m.INSTANCES] = m.NOTHING
    memory[station + m.COLD_STARTS] += memory[m.BEGIN] <= now < memory[m.END]
    return int(memory[station + m.COLD])


@call
def left(memory: Ints, station: int) -> None:
    """One is idle."""
    row = memory[station + m.INSTANCES_FREE]
    if row == m.NOTHING:
        row = m.taken(memory, m.LINE)
    memory[station + m.INSTANCES_FREE] = memory[row + _BEHIND]
    memory[row + _BEHIND], memory[row + _SINCE] = memory[station + m.INSTANCES], memory[m.NOW]
    memory[station + m.INSTANCES] = row


@call
def _free(memory: Ints, station: int, row: int) -> None:
    memory[row + _BEHIND] = memory[station + m.INSTANCES_FREE]
    memory[station + m.INSTANCES_FREE] = row
