"""The path in Ciw: a network of queues. A delay is a node with as many servers as it takes.

Its hundred Poisson devices are one Poisson process of their common rate, which is less work than a hundred.
"""

from __future__ import annotations

import ciw
from path import DELAY, DEVICES, GAP, SERVICES, WARM_UP, measure

DELAYED = ciw.dists.Deterministic(DELAY)
NODES = 2 * len(SERVICES) + 1


def network() -> ciw.network.Network:
    services = [one for mean in SERVICES for one in (DELAYED, ciw.dists.Exponential(1 / mean))]
    return ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(DEVICES / GAP)] + [None] * (NODES - 1),
        service_distributions=[*services, DELAYED],
        number_of_servers=[float("inf"), 1] * len(SERVICES) + [float("inf")],
        routing=[[float(to == at + 1) for to in range(NODES)] for at in range(NODES)],
    )


def play(until: float) -> tuple[int, list[float]]:
    ciw.seed(1)
    simulation = ciw.Simulation(network())
    simulation.simulate_until_max_time(until)
    records = simulation.get_all_records(only=["service"])
    born = {one.id_number: one.arrival_date for one in records if one.node == 1}
    ended = {one.id_number: one.exit_date for one in records if one.node == NODES}
    return len(born), [end - born[request] for request, end in ended.items() if born[request] >= WARM_UP]


measure(play)
