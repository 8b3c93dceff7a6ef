"""The path in SimPy, as its documentation writes it: a process for each request, a Resource for each station."""

from __future__ import annotations

import random
from collections.abc import Iterator

import simpy
from path import DELAY, DEVICES, GAP, SERVICES, WARM_UP, measure


class Path:
    def __init__(self) -> None:
        self.env = simpy.Environment()
        self.stations = [simpy.Resource(self.env, capacity=1) for _ in SERVICES]
        self.born = 0
        self.responses: list[float] = []
        for _ in range(DEVICES):
            self.env.process(self.device())

    def device(self) -> Iterator[simpy.Event]:
        while True:
            yield self.env.timeout(random.expovariate(1 / GAP))
            self.born += 1
            self.env.process(self.request())

    def request(self) -> Iterator[simpy.Event]:
        born = self.env.now
        for station, mean in zip(self.stations, SERVICES, strict=True):
            yield self.env.timeout(DELAY)
            with station.request() as turn:
                yield turn
                yield self.env.timeout(random.expovariate(1 / mean))
        yield self.env.timeout(DELAY)
        if born >= WARM_UP:
            self.responses.append(self.env.now - born)


def play(until: float) -> tuple[int, list[float]]:
    random.seed(1)
    path = Path()
    path.env.run(until=until)
    return path.born, path.responses


measure(play)
