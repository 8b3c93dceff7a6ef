"""Autoscaling: how many nodes of a pool there are follows what comes to its queue.

Every so often a control process *looks* and says how many nodes it wants:

- By utilisation ``ceil(nodes × measured ÷ target)``, where what is measured is the share of the time since the last
  look that the nodes which serve were at work; as many as there are where that is within a tenth of the target. This
  is the rule of the Horizontal Pod Autoscaler of Kubernetes, and its defaults: a look every 15 s, a tolerance of 0.1,
  and fewer only after five minutes (kubernetes.io, Horizontal Pod Autoscaling; its blog of 2025-04-28 has the formula).
- By the depth of the queue as many as are at work, and one more for each ``queue_depth`` requests that wait.
  (Kubernetes would divide the queue alone: a pool at work without a queue had no nodes.)
- By both the larger of the two.

More nodes are ordered at once and serve ``start_up`` later. Fewer remain as soon as no look of the last ``cool_down``
wanted more; none goes while others start up. The highest numbers go, and finish what they have. There are never fewer
than ``at_least`` nor more than the placement says. A pool begins with as many as its mean load needs at the target.

A pool without a node is woken by the first request that comes: one node is ordered at that very instant. The process
need not be there at that instant: it asks the station once in each start-up for who has called it (a cold start).

A node is paid for from its order until it has finished.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from scenarios.pools import Scaling
from sim.control import Control, Handle, Handles
from sim.draws import nanoseconds
from sim.load import offered
from sim.network import Network

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

TOLERANCE = 0.1  # of the target: no change within it


def scaling(scenario: Scenario, network: Network) -> tuple[Control, ...]:
    """A control process for each queue of the pools that scale."""
    found: list[Control] = []
    place: Counter[str] = Counter()
    both = zip(network.queues, offered(network), strict=True)
    for queue, load in sorted(both, key=lambda one: one[0].order):
        if queue.link or queue.servers is None:
            continue
        pool = scenario.pool(queue.name)
        if pool.scaling is not None:
            most = queue.servers // pool.slots
            least = min(pool.scaling.at_least, most)
            needed = _up(load / pool.slots / (pool.scaling.target_utilisation or 1.0))
            starting = min(max(needed, least), most)
            found.append(Scaler(pool.name, place[pool.name], pool.scaling, pool.slots, least, most, starting))
        place[queue.name] += 1
    return tuple(found)


@dataclass(frozen=True)
class Scaler:
    """The control process of one queue: that of a pool with a number in the order of ``sim.control.Handles``."""

    pool: str
    number: int
    rule: Scaling
    slots: int
    least: int
    most: int
    starting: int

    def __call__(self, stations: Handles) -> Iterator[int]:
        yield 0
        yield from _Nodes(self, stations[self.pool][self.number]).live()


class _Nodes:
    """Those of one queue in one replication."""

    def __init__(self, of: Scaler, station: Handle) -> None:
        self._of, self._rule, self._station = of, of.rule, station
        self._every, self._start_up = nanoseconds(of.rule.every_s), nanoseconds(of.rule.start_up_s)
        self._cool_down = nanoseconds(of.rule.cool_down_s)
        self._nodes, self._worked = of.starting, 0  # with those that start up; what was done up to the last look
        self._coming: deque[int] = deque()  # when each of those that start up begins to serve
        self._wanted = deque([(0, of.starting)])  # at an instant, within the last cool-down
        station.provide(of.starting, 0)
        self._serve()

    def live(self) -> Iterator[int]:
        """The instants at which something is to be done, each of which is done when resumed."""
        look, now = self._every, 0
        while True:
            asking = [] if self._nodes else [now + self._start_up]
            now = min([look, *asking, *islice(self._coming, 1)])
            yield now
            if not self._nodes and self._station.called is not None:
                self._order(1, self._station.called)
            while self._coming and self._coming[0] <= now:
                self._coming.popleft()
                self._serve()
            if now == look:
                self._look(now)
                look += self._every

    def _look(self, now: int) -> None:
        wanted = min(max(self._wants(), self._of.least), self._of.most)
        self._worked = self._station.worked
        while self._wanted and self._wanted[0][0] <= now - self._cool_down:
            self._wanted.popleft()
        if wanted > self._nodes:
            self._order(wanted - self._nodes, now)
        else:
            self._wanted.append((now, wanted))
            if not self._coming:
                self._take_away(self._nodes - max(number for _, number in self._wanted))

    def _wants(self) -> int:
        """As a look says, whatever the bounds; a node is left while there is something to do."""
        station, serving, slots = self._station, self._nodes - len(self._coming), self._of.slots
        wants = min(1, station.busy + station.waiting)
        target, depth = self._rule.target_utilisation, self._rule.queue_depth
        if not serving:
            wants = self._nodes
        elif target is not None:
            working = (station.worked - self._worked) / (self._every * slots)
            on_target = abs(working / (serving * target) - 1) <= TOLERANCE
            wants = max(wants, self._nodes if on_target else _up(working / target))
        if depth is not None:
            at_work = min(_up(station.busy / slots), serving)
            wants = max(wants, at_work + station.waiting // depth)
        return wants

    def _order(self, nodes: int, now: int) -> None:
        self._wanted.append((now, self._nodes + nodes))
        self._coming.extend([now + self._start_up] * nodes)
        self._nodes += nodes
        self._station.provide(nodes, now)

    def _take_away(self, nodes: int) -> None:
        if nodes <= 0:
            return
        slots = self._of.slots
        for node in range(self._nodes - nodes, self._nodes):
            finished = max(self._station.busy_until(server) for server in range(node * slots, (node + 1) * slots))
            self._station.provide(-1, finished)
        self._nodes -= nodes
        self._serve()

    def _serve(self) -> None:
        """As many nodes as have started up."""
        self._station.set_servers((self._nodes - len(self._coming)) * self._of.slots)


def provided(changes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The number of nodes that are paid for from each instant [ns] of a change on, from ``Played.provided``."""
    nodes = 0
    for instant, each in groupby(sorted(changes), key=lambda change: change[0]):
        nodes += sum(number for _, number in each)
        yield instant, nodes


def provided_area(changes: Sequence[tuple[int, int]], begin: int, end: int) -> int:
    """Nodes that are paid for, times how long within [begin, end) [ns], from ``Played.provided``."""
    return sum(nodes * max(end - max(instant, begin), 0) for instant, nodes in changes)


def _up(number: float) -> int:
    """The next whole number; a quotient that is one but for rounding is that."""
    return math.ceil(number - 1e-9)
