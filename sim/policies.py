"""Policies in Python: which queue of a pool serves a task is decided when the task comes there.

    def shortest(entry, queues):
        return min(range(len(queues)), key=lambda number: queues[number].waiting + queues[number].busy)

    sim.simulate(scenario, placement, policies={"edge_box": shortest})

A pool that is counted per fact (a box per line) has a queue for each, and without a policy every line uses its own. The
policy of a pool is asked whenever a task is about to join one of its queues, in the order in which tasks do; what was
sent to the pool has arrived by then. What it answers should follow from what it is shown: replications share a policy,
and workers have copies of it.

Only the reference engine asks. Of the sites that are not simulated in full only what comes to a pool that all sites
share is asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

from hardware_profiles.faults import BadInput, Fault, NotSupported, closest
from scenarios.journey import legs

if TYPE_CHECKING:
    from scenarios.scenario import Scenario
    from sim.control import Handle
    from sim.network import Network
    from sim.queues import Queue


@dataclass(frozen=True, slots=True)
class Entry:
    """A task of a request that is about to join a queue.

    Attributes
    ----------
    site, source
        Counted from 1, as in ``Result.requests``; ``None`` at a site that is not simulated in full.
    own
        The queue that serves it without a policy.
    """

    workload: str
    group: str
    site: int | None
    source: int | None
    sequence: int
    task: str
    born_ns: int
    now_ns: int
    own: int


class Gauges:
    """What a queue and its servers are at, for reading."""

    __slots__ = ("_station",)

    def __init__(self, station: Handle) -> None:
        self._station = station

    @property
    def up(self) -> bool:
        return self._station.up

    @property
    def servers(self) -> int:
        return self._station.servers or 0

    @property
    def busy(self) -> int:
        """Servers at work."""
        return self._station.busy

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return self._station.waiting


Policy = Callable[[Entry, Sequence[Gauges]], SupportsIndex]
"""Is shown all queues of the pool at that site, in their order, and says by index which of them serves."""


class Choice:
    """The policy of a pool, and the queues that it chooses from at one site."""

    def __init__(self, pool: str, policy: Policy, numbers: Sequence[int], gauges: Sequence[Gauges]) -> None:
        self._pool, self._policy = pool, policy
        self._numbers, self._gauges = tuple(numbers), tuple(gauges)

    def index(self, number: int) -> int:
        return self._numbers.index(number)

    def asked(self, entry: Entry) -> int:
        """Number of the queue that serves.

        Raises
        ------
        BadInput
            Where the policy answers with no index of a queue.
        """
        index = self._policy(entry, self._gauges)
        if not isinstance(index, SupportsIndex) or index not in range(len(self._numbers)):
            expected = f"the index of a queue, 0 to {len(self._numbers) - 1}"
            raise BadInput(Fault(f"policies.{self._pool}", f"index {index}", expected))
        return self._numbers[index]


def choices(
    policies: Mapping[str, Policy], queues: Sequence[Queue], station: Callable[[int], Handle]
) -> dict[int, Choice]:
    """By the number of the queue that would serve; ``station`` gives that of the queue with a number."""
    found: dict[int, Choice] = {}
    for pool, policy in policies.items():
        for numbers in _by_site(queues, pool):
            choice = Choice(pool, policy, numbers, [Gauges(station(number)) for number in numbers])
            found |= dict.fromkeys(numbers, choice)
    return found


def _by_site(queues: Sequence[Queue], pool: str) -> list[list[int]]:
    """Numbers of the queues of a pool, in their order, at each site."""
    found: dict[tuple[str | None, int], list[int]] = defaultdict(list)
    for number, queue in sorted(enumerate(queues), key=lambda one: one[1].order):
        if queue.name == pool and not queue.link:
            found[queue.group, queue.site].append(number)
    return list(found.values())


def refuse_unsound(policies: Mapping[str, Policy], scenario: Scenario, network: Network) -> None:
    """Refuse policies of pools that are not there, or whose choice would change what happens at links.

    Raises
    ------
    BadInput
        Unknown pools, each with the nearest name.
    NotSupported
        Pools without a queue; pools whose nodes have ports at a link of their own, which would have to be those of the
        queue chosen; pools that pass work on to themselves beside a link within the site, which it would have to cross.
    """
    pools = {pool.name: pool for pool in scenario.pools}
    unknown = [name for name in policies if name not in pools]
    if unknown:
        expected = f"a pool: {', '.join(pools)}"
        raise BadInput([Fault("policies", name, expected, nearest=closest(name, pools)) for name in unknown])
    faults = []
    for name in policies:
        path = f"policies.{name}"
        if any(queue.name == name and queue.servers is None for queue in network.queues):
            faults.append(Fault(path, f"{name} bought by the request", "a pool with queues"))
        ports = sorted({queue.name.rpartition(".")[0] for queue in network.queues if queue.link and queue.pool == name})
        if ports:
            faults.append(Fault(path, f"ports of {name} at {', '.join(ports)}", "links with `each: site` or `shared`"))
        within = [link.name for link in scenario.links if link.ends == (pools[name].at, pools[name].at)]
        kept = [
            f"{flow.workload.name}.{leg.task}"
            for flow in network.flows
            for leg in legs(scenario, flow.workload, flow.route)
            if leg.sender == leg.receiver == name
        ]
        if within and kept:
            found = f"work that {name} passes on to itself ({', '.join(dict.fromkeys(kept))}) beside {within[0]}"
            faults.append(Fault(path, found, "a pool that passes its work on to others"))
    if faults:
        raise NotSupported(faults)
