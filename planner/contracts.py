"""Waiting-time contracts: what each queue of a placement promises to each flow, and what that makes of every limit.

A contract belongs to the arrival classes that meet at a queue (periodic with random, aligned or staggered phases,
Poisson), their service times and the number of servers. It is tabulated by the Kiefer–Wolfowitz recursion
(J. Kiefer, J. Wolfowitz, "On the theory of queues with many servers", Trans. AMS 78, 1955) and kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.flows import Flow, Queue
from planner.latency import percentile
from planner.milp import Cut, Programme, Solution, uses
from planner.problem import OriginKey, Problem, Stock, StockKey
from planner.routes import Candidate
from scenarios.workloads import Batch, Latency, Workload
from sim.waiting import Stream, waiting

Floats = NDArray[np.float64]


AT_ALL_S = 1e9  # longer than any simulation
SAMPLES = 200_000  # waiting times tabulated for one queue


@lru_cache(maxsize=4096)
def contract(streams: tuple[Stream, ...], servers: int) -> tuple[Floats, ...]:
    """Sorted sample of waiting times [s] of each stream at one queue; deterministic.

    Servers far beyond the load, of which there is always one free, are not counted.
    """
    plenty = 50 + math.ceil(sum(10 * s.offered + (s.sources if s.kind == "periodic" else s.together) for s in streams))
    return waiting(streams, min(servers, plenty), samples=SAMPLES)


@dataclass(frozen=True)
class Limit:
    """One latency limit of one origin, and what the contracts say of it."""

    origin: OriginKey
    latency: Latency
    limit_s: float | None  # None: dropped
    planned_s: float

    @property
    def path(self) -> str:
        return latency_path(self.origin[0], self.latency)

    @property
    def broken(self) -> bool:
        return self.limit_s is not None and self.planned_s > self.limit_s


def _delivered(workload: Workload) -> tuple[Latency, ...]:
    """A bound on drops as a limit: what was delivered at all was delivered within that time."""
    most = workload.requires.drops_at_most
    return () if most is None else (Latency("answer", 1 - most, AT_ALL_S),)


def latency_path(workload: str, latency: Latency) -> str:
    if latency.limit_s == AT_ALL_S:
        return f"workloads.{workload}.requires.drops.at_most"
    return f"workloads.{workload}.requires.latency.{latency.of}.{latency.metric}"


class Contracts:
    """The queues of one placement with all that meets there."""

    def __init__(self, problem: Problem, chosen: Mapping[OriginKey, Candidate], counts: Mapping[StockKey, int]) -> None:
        self.problem, self.chosen, self.counts = problem, dict(chosen), counts
        self.meeting: dict[Queue, list[tuple[OriginKey, Flow]]] = {}
        for key, candidate in chosen.items():
            for flow in candidate.flows:
                self.meeting.setdefault(flow.queue, []).append((key, flow))

    def stock(self, queue: Queue, candidate: Candidate) -> Stock | None:
        """The nodes behind a pool's queue; ``None`` for a link."""
        if queue.kind == "link":
            return None
        return next(s for s in self.problem.stocks if s.pool.name == queue.name and uses(candidate, s))

    def wait(self, key: OriginKey, flow: Flow, servers: int | None = None) -> Floats | None:
        """Waiting times of a flow at its queue; ``None`` where it never queues."""
        stock = self.stock(flow.queue, self.chosen[key])
        if (stock is not None and stock.nodeless) or (stock is None and self.problem.wide(flow.queue.name)):
            return None
        if servers is None:
            servers = stock.servers(self.counts.get(stock.key, 0)) if stock else 1
        streams: list[Stream] = []
        mine = 0
        for other_key, other in self.meeting[flow.queue]:
            if (other_key, other) == (key, flow):
                mine = len(streams)
            streams += other.streams if other.exact else self._of_one_port(other_key, other)
        if stock is not None and stock.pool.dispatch == "random":  # a queue for each node, with its part of the work
            nodes, servers = max(1, servers // stock.pool.slots), stock.pool.slots
            streams = _thinned(streams, nodes)
        return contract(tuple(streams), servers)[mine]

    def _of_one_port(self, key: OriginKey, flow: Flow) -> list[Stream]:
        """The part that one port carries when a shared queue spreads its work evenly over its nodes."""
        candidate = self.chosen[key]
        sender = next(s for s in self.problem.stocks if s.pool.name == flow.queue.sender and uses(candidate, s))
        nodes = max(1, sender.servers(self.counts.get(sender.key, 1)) // sender.pool.slots)
        return _thinned(flow.streams, nodes)

    def planned(self, key: OriginKey, latency: Latency, only: tuple[Queue, int] | None = None) -> float:
        """Response-time percentile [s]; with ``only``, nobody waits but at that queue, which has that many servers."""
        candidate = self.chosen[key]
        by_label = {_label(flow): flow for flow in candidate.flows}

        def waits(label: str) -> Floats | None:
            flow = by_label.get(label)
            if flow is None or (only and flow.queue != only[0]):
                return None
            return self.wait(key, flow, only[1] if only else None)

        return percentile(self.problem.scenario, candidate.origin.workload, candidate.route, latency, waits)

    def limits(self) -> list[Limit]:
        """Every latency limit with its planned value."""
        found = []
        for key, candidate in self.chosen.items():
            workload = candidate.origin.workload
            if not isinstance(workload.arrivals, Batch):
                for latency in (*workload.requires.latency, *_delivered(workload)):
                    in_force = self.problem.limit(latency_path(workload.name, latency), latency.limit_s)
                    found.append(Limit(key, latency, in_force, self.planned(key, latency)))
        return found

    def cuts(self, limit: Limit) -> list[Cut]:
        """Why the limit fails, as rows that any better placement satisfies.

        Where one queue alone, with everybody else served at once, needs more nodes, it says how many; else one of
        the queues on the way needs one more.
        """
        key, candidate = limit.origin, self.chosen[limit.origin]
        assert limit.limit_s is not None
        mine = relevant(candidate, limit.latency.of)
        queues = {flow.queue for flow in mine}
        found = []
        for queue in sorted(queues):
            if not all(flow.exact for _, flow in self.meeting[queue]):
                continue  # depends on the nodes of another pool
            stock = self.stock(queue, candidate)
            if self.planned(key, limit.latency, (queue, self._servers(stock))) > limit.limit_s:
                need = self._enough(key, limit, queue, stock)
                found.append(self._cut(candidate, limit, {queue}, ((stock.key, need),) if stock and need else ()))
        if found:
            return found
        return [self.one_more(limit, "contract")]

    def one_more(self, limit: Limit, by: Literal["contract", "simulation"], times: int = 1) -> Cut:
        """The cut that only says: not this placement, nor one with fewer nodes or more load on the way.

        With ``times`` it asks for so many times the nodes: no proof, but a longer step of a search.
        """
        candidate = self.chosen[limit.origin]
        queues = {flow.queue for flow in relevant(candidate, limit.latency.of)}
        stocks = {s.key: s for queue in queues if (s := self.stock(queue, candidate)) and not s.nodeless}
        need = tuple(
            (key, min(max(self.counts[key] + 1, self.counts[key] * times), stock.pool.count.high))
            for key, stock in sorted(stocks.items(), key=str)
            if self.counts[key] < stock.pool.count.high and stock.pool.dispatch != "own"
        )
        cut = self._cut(candidate, limit, queues, need)
        return replace(cut, by=by)

    def _servers(self, stock: Stock | None) -> int:
        return stock.servers(self.counts[stock.key]) if stock else 1

    def _enough(self, key: OriginKey, limit: Limit, queue: Queue, stock: Stock | None) -> int | None:
        """Fewest nodes with which this queue alone lets the limit hold; ``None`` if none does."""
        assert limit.limit_s is not None
        if stock is None or stock.pool.dispatch == "own":
            return None

        def fits(count: int) -> bool:
            assert limit.limit_s is not None
            return self.planned(key, limit.latency, (queue, stock.servers(count))) <= limit.limit_s

        low, high = self.counts[stock.key], stock.pool.count.high
        if not fits(high):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fits(middle) else (middle, high)
        return high

    def _cut(
        self, candidate: Candidate, limit: Limit, queues: set[Queue], need: tuple[tuple[StockKey, int], ...]
    ) -> Cut:
        """For every placement whose flows at these queues are at least those of now."""
        key = limit.origin
        same = tuple(s for s in candidate.route.steps if s.task in candidate.origin.workload.up_to(limit.latency.of))
        here = {
            i
            for i, c in self.problem.candidates[key].items()
            if all(c.route.step(s.task) == s for s in same) and _at_least(c, candidate, queues)
        }
        others = []
        for other, its in self.chosen.items():
            if other != key and any(flow.queue in queues for flow in its.flows):
                among = self.problem.candidates[other].items()
                others.append((other, frozenset(i for i, c in among if _at_least(c, its, queues))))
        return Cut(key, frozenset(here), tuple(others), need, "contract")


def _thinned(streams: Sequence[Stream], nodes: int) -> list[Stream]:
    """What comes to one of so many nodes, each as likely."""
    return [replace(stream, probability=stream.probability / nodes) for stream in streams]


def relevant(candidate: Candidate, of: str) -> list[Flow]:
    """Flows on the way to the answer of a task."""
    of, tasks = candidate.origin.workload.task_of(of), candidate.origin.workload.up_to(of)
    found = []
    for flow in candidate.flows:
        task = flow.label.replace("<", ">").split(">")[0]
        if task in tasks and not ("<" in flow.label and of not in ("answer", task)):
            found.append(flow)
    return found


def _at_least(more: Candidate, less: Candidate, queues: set[Queue]) -> bool:
    """Whether ``more`` brings every flow of ``less`` to these queues."""
    brought = {(f.queue, f.label, f.streams) for f in more.flows}
    return all((f.queue, f.label, f.streams) in brought for f in less.flows if f.queue in queues)


def _label(flow: Flow) -> str:
    return flow.label if flow.queue.kind == "pool" else f"{flow.label}@{flow.queue.name}"


def solve(problem: Problem, cuts: list[Cut]) -> tuple[Solution, int] | None:
    """Cheapest placement that keeps every limit under its contracts, and how many solves it took.

    ``cuts`` grows by what is learned; ``None`` where no placement does.
    """
    solves = 0
    while True:
        solution = Programme(problem, cuts).solve()
        solves += 1
        if solution is None:
            return None
        contracts = Contracts(problem, solution.candidates(problem), solution.counts)
        new = [cut for limit in contracts.limits() if limit.broken for cut in contracts.cuts(limit)]
        if not new:
            return solution, solves
        cuts += new
