"""One replication in the compiled plane: SimPy keeps the clock and all control, compiled code advances in between."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

from sim.compiled.kernels import Kernel, kernel
from sim.control import Control, handles
from sim.network import Network
from sim.requests import CONTROL, Played, patience_ns
from sim.stations import Clock, Instant, after
from sim.streams import Streams
from sim.tally import Keep, Limits

Process = Generator[Instant, object, None]


def play(
    network: Network,
    seed: int,
    replication: int,
    begin: int,
    end: int,
    controls: Sequence[Control],
    limits: Limits,
    keep: Keep | None,
) -> Played:
    """As `sim.requests.play`, and with the same outcome."""
    moved = kernel(network, Streams(seed, replication), begin, end, limits, keep)
    return _Plane(network, moved, end, controls).run()


class _Plane:
    """The clock of one replication, and all control; it dies with the run."""

    def __init__(self, network: Network, moved: Kernel, end: int, controls: Sequence[Control]) -> None:
        self._network, self._kernel, self._end = network, moved, end
        self._env = env = Clock()
        for number, control in enumerate(controls):
            env.process(self._control(CONTROL + 1 + number, control))
        env.process(self._tail())

    def run(self) -> Played:
        env, moved = self._env, self._kernel
        while not moved.ended:
            until = env.peek()
            moved.advance(1 << 62 if math.isinf(until) else int(until))
            if not moved.ended:
                env.step()
        moved.close(env.now)
        moved.give_rows()
        return Played(moved.tallies(), moved.queues())

    def _tail(self) -> Process:
        """As in the reference: wait for the last measured request, but not for ever."""
        yield after(self._env, self._end, CONTROL)
        patience = patience_ns(self._network, self._end)
        inside = None
        while self._kernel.inside and self._kernel.inside != inside:
            inside = self._kernel.inside
            yield after(self._env, patience, CONTROL)
        self._kernel.end()

    def _control(self, rank: int, control: Control) -> Process:
        for instant in control(handles(self._network.queues, lambda number: _Handle(self._kernel, self._env, number))):
            yield after(self._env, instant - self._env.now, rank)


class _Handle:
    """The verbs and gauges of a station."""

    def __init__(self, moved: Kernel, env: Clock, number: int) -> None:
        self._kernel, self._env, self._number = moved, env, number

    def set_servers(self, servers: int) -> None:
        self._kernel.set_servers(self._number, servers, self._env.now)

    def set_up(self, up: bool) -> None:
        self._kernel.set_up(self._number, up, self._env.now)

    @property
    def up(self) -> bool:
        return self._kernel.up(self._number)

    @property
    def servers(self) -> int | None:
        return self._kernel.servers(self._number)

    @property
    def busy(self) -> int:
        return self._kernel.busy(self._number, self._env.now)

    @property
    def waiting(self) -> int:
        return self._kernel.waiting(self._number)
