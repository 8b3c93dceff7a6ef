"""The path in salabim: a component for each request, a Resource for each station, a generator for each device."""

from __future__ import annotations

import salabim as sim
from path import DELAY, DEVICES, GAP, SERVICES, WARM_UP, measure


class Request(sim.Component):
    def process(self) -> None:
        env = self.env
        born = env.now()
        env.born += 1
        for station, service in zip(env.stations, env.services, strict=True):
            self.hold(DELAY)
            self.request(station)
            self.hold(service())
            self.release(station)
        self.hold(DELAY)
        if born >= WARM_UP:
            env.responses.append(env.now() - born)


def play(until: float) -> tuple[int, list[float]]:
    env = sim.Environment(random_seed=1)
    env.born = 0
    env.responses = []
    env.stations = [sim.Resource() for _ in SERVICES]
    env.services = [sim.Exponential(mean) for mean in SERVICES]
    for _ in range(DEVICES):
        sim.ComponentGenerator(Request, iat=sim.Exponential(GAP))
    env.run(till=until)
    return env.born, env.responses


measure(play)
