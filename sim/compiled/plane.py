"""One replication in the compiled plane: SimPy keeps the clock and all control, compiled code advances in between."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext

from sim.compiled.kernels import Kernel, kernel
from sim.compiled.parts import parts
from sim.control import Control, handles
from sim.replication import Played, Replication
from sim.requests import CONTROL, patience_ns
from sim.stations import Clock, Instant, after
from sim.tally import Keep, added

Process = Generator[Instant, object, None]


def play(of: Replication, keep: Keep | None = None, workers: int = 1) -> Played:
    """As `sim.requests.play`, and with the same outcome; sites that share nothing are spread over ``workers``."""
    if keep or of.controls:  # rows are kept one after the other; gauges are read of all parts at one instant
        workers = 1
    kernels = [kernel(of, part, keep) for part in parts(of.network, workers)]
    with ThreadPoolExecutor(len(kernels)) if len(kernels) > 1 else nullcontext() as threads:
        return _Plane(of, kernels, threads).run()


class _Plane:
    """The clock of one replication, and all control; it dies with the run."""

    def __init__(self, of: Replication, kernels: list[Kernel], threads: Executor | None) -> None:
        self._network, self._kernels, self._end, self._threads = of.network, kernels, of.end, threads
        self._env = env = Clock()
        self._provided: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, control in enumerate(of.controls):
            env.process(self._control(CONTROL + 1 + number, control))
        env.process(self._tail())

    def run(self) -> Played:
        env, kernels = self._env, self._kernels
        while not all(one.ended for one in kernels):
            until = env.peek()
            self._advance(1 << 62 if math.isinf(until) else int(until))
            if not all(one.ended for one in kernels):
                env.step()
        for one in kernels:
            one.close(env.now)
            one.give_rows()
        tallies = [one.tallies() for one in kernels]
        queues = sum((one.queues() for one in kernels[1:]), kernels[0].queues())
        provided = {number: tuple(changes) for number, changes in sorted(self._provided.items()) if changes}
        whole = tuple(added(of_flow) for of_flow in zip(*tallies, strict=True))
        return Played(whole, queues, provided=provided, returns=kernels[0].returns())

    def _advance(self, until: int) -> None:
        """All parts up to the next instant of control."""
        if self._threads is None:
            self._kernels[0].advance(until)
            return
        for _ in self._threads.map(lambda one: one.advance(until), self._kernels):
            pass

    @property
    def _inside(self) -> int:
        return sum(one.inside for one in self._kernels)

    def _tail(self) -> Process:
        """As in the reference: wait for the last measured request, but not for ever."""
        yield after(self._env, self._end, CONTROL)
        patience = patience_ns(self._network, self._end)
        inside = None
        while self._inside and self._inside != inside:
            inside = self._inside
            yield after(self._env, patience, CONTROL)
        for one in self._kernels:
            one.end()

    def _control(self, rank: int, control: Control) -> Process:
        (moved,) = self._kernels

        def handle(number: int) -> _Handle:
            return _Handle(moved, self._env, number, self._provided[number])

        for instant in control(handles(self._network.queues, handle)):
            yield after(self._env, instant - self._env.now, rank)


class _Handle:
    """The verbs and gauges of a station."""

    def __init__(self, moved: Kernel, env: Clock, number: int, provided: list[tuple[int, int]]) -> None:
        self._kernel, self._env, self._number, self._provided = moved, env, number, provided

    def set_servers(self, servers: int) -> None:
        self._kernel.set_servers(self._number, servers, self._env.now)

    def set_up(self, up: bool) -> None:
        self._kernel.set_up(self._number, up, self._env.now)

    def provide(self, nodes: int, since: int) -> None:
        self._provided.append((since, nodes))

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

    @property
    def areas(self) -> tuple[int, int, int]:
        return self._kernel.areas(self._number, self._env.now)

    @property
    def worked(self) -> int:
        return self._kernel.worked(self._number, self._env.now)

    @property
    def called(self) -> int | None:
        return self._kernel.called(self._number)

    def busy_until(self, server: int) -> int:
        return self._kernel.busy_until(self._number, server, self._env.now)
