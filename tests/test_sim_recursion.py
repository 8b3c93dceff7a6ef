"""The engine equals the recursion of Kiefer and Wolfowitz on the same draws, request by request."""

import itertools

import numpy as np
import pytest
from sim_cases import periodic, placement, poisson, pool, scenario, source_key, task, workload

import sim
from hardware_profiles.service_time import ServiceTime
from scenarios.workloads import Arrivals
from sim.arrivals import periodic as periodic_births
from sim.arrivals import phase
from sim.arrivals import poisson as poisson_births
from sim.draws import draw, key, law

SERVICE = ServiceTime.exponential(0.004)
SECOND = ServiceTime.lognormal(0.003, 0.8)
SPAN_S = 20.0


def kiefer_wolfowitz(entries: list[int], services: list[int], servers: int) -> list[int]:
    """Starts of service, in the order of the entries."""
    free = [0] * servers
    starts = []
    for entry, service in zip(entries, services, strict=True):
        free.sort()
        starts.append(max(entry, free[0]))
        free[0] = starts[-1] + service
    return starts


def all_births(arrivals: Arrivals, sources: int) -> list[tuple[int, int, int]]:
    """(born, source, sequence) far beyond the measured span, in the order in which they count."""
    found = []
    for source in range(sources):
        of = "phase" if isinstance(arrivals, sim_periodic) else "arrival"
        stream = source_key(key(1, 0, of, "vision", "shop/all"), 0, source)
        if isinstance(arrivals, sim_periodic):
            births = periodic_births(phase(stream, 0, 0.0, arrivals.rate_per_s), arrivals.rate_per_s)
        else:
            births = poisson_births(stream, arrivals.rate_per_s)
        until = itertools.takewhile(lambda born: born < 1.5 * SPAN_S * 1e9, births)
        found += [(born, source, sequence) for sequence, born in enumerate(until)]
    return sorted(found)


sim_periodic = type(periodic(1.0))


def drawn(service: ServiceTime, name: str, births: list[tuple[int, int, int]]) -> list[int]:
    one, of = law(service), key(1, 0, "service", "vision", "shop/all", name, 0, 0)
    return [draw(one, source_key(of, 0, source), sequence) for _, source, sequence in births]


@pytest.mark.parametrize("servers", [1, 2, 3])
@pytest.mark.parametrize("arrivals", [poisson(60.0), periodic(60.0)], ids=["poisson", "periodic"])
def test_one_station(servers: int, arrivals: Arrivals) -> None:
    sources = 3 * servers
    case = scenario(
        [pool("camera", "device", count=sources), pool("edge_box", count=servers)],
        [workload("vision", arrivals, [task("detect")])],
    )
    table = sim.simulate(
        case, placement(case, {"detect": ("edge_box", SERVICE)}), span_s=SPAN_S, requests=True
    ).requests
    births = all_births(arrivals, sources)
    starts = kiefer_wolfowitz([born for born, *_ in births], drawn(SERVICE, "detect", births), servers)
    expected = {(source + 1, sequence): start for (born, source, sequence), start in zip(births, starts, strict=True)}
    found = table[["source", "sequence"]].to_numpy().tolist()
    assert len(found) > 3000 * servers
    assert np.array_equal(table["started_ns"], [expected[source, sequence] for source, sequence in found])
    assert (table["started_ns"] > table["born_ns"]).mean() > 0.2  # the case is not trivial


@pytest.mark.parametrize("servers", [(1, 1), (2, 1), (2, 3)])
def test_tandem(servers: tuple[int, int]) -> None:
    """The second station is entered in the order (completion, source, sequence) of the first."""
    arrivals = poisson(50.0)
    case = scenario(
        [
            pool("camera", "device", count=4),
            pool("edge_box", count=servers[0]),
            pool("hub", "on_prem", count=servers[1]),
        ],
        [workload("vision", arrivals, [task("detect"), task("read", after=("detect",))])],
    )
    placed = placement(case, {"detect": ("edge_box", SERVICE), "read": ("hub", SECOND)})
    table = sim.simulate(case, placed, span_s=SPAN_S, requests=True).requests
    births = all_births(arrivals, 4)
    services = drawn(SERVICE, "detect", births)
    starts = kiefer_wolfowitz([born for born, *_ in births], services, servers[0])
    second = sorted(
        (start + service, source, sequence)
        for start, service, (_, source, sequence) in zip(starts, services, births, strict=True)
    )
    starts = kiefer_wolfowitz([entry for entry, *_ in second], drawn(SECOND, "read", second), servers[1])
    expected = {(source + 1, sequence): start for (_, source, sequence), start in zip(second, starts, strict=True)}
    read = table[table["task"] == "read"]
    assert len(read) > 3000
    found = [expected[source, sequence] for source, sequence in read[["source", "sequence"]].to_numpy().tolist()]
    assert np.array_equal(read["started_ns"], found)
