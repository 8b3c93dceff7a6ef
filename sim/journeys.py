"""What one request does, from its source to the delivery of every answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

TASK_BITS, COPY_BITS = 8, 8  # in the rank of an event


WAIT, SKIP, DROP = range(3)  # see ``scenarios.disruptions.WithoutLine``


class Crossing(NamedTuple):
    """One direction of one link on the way of a message."""

    queue: int  # -1: it takes no transmission time
    transmission_ns: int
    propagation_ns: int
    delay: int = -1  # column of the draw that is added to the propagation; -1: nothing is
    loss: int = -1  # column that says how often it is lost before it comes through; -1: never
    again_ns: int = 0  # between a try that is lost and the next
    tries: float = 1.0  # on average
    without: int = WAIT  # what becomes of it while the link is down
    size_bytes: int = 0  # of a message that may have to wait for a link that is down


Way = tuple[Crossing, ...]


class Sending(NamedTuple):
    """Bytes over one direction of a link, sent again on average as often; ``group`` is ``None`` between regions."""

    link: str
    direction: str
    group: str | None
    size_bytes: float


@dataclass(frozen=True, slots=True)
class Branch:
    """A message on its way to a task or, where ``visit`` is ``None``, an answer on its way to its consumer."""

    task: int  # that it starts, or that it answers
    rank: int  # task, and which of its messages, as they count among simultaneous events
    ways: tuple[Way, ...]  # by the node, within its queue, that sends it
    sendings: tuple[Sending, ...]
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One task, or a copy of it, at its queue, and what it sends off when it is done."""

    task: int
    rank: int  # task and copy, which nothing else of the journey has
    queue: int
    among: tuple[int, ...]  # queues of nodes, one of which serves it; none where there is only ``queue``
    pick: int | None  # the column of a draw that says which; None: that of the node with the least load
    column: int  # of its service time in a row of draws
    batches: tuple[int, ...]  # columns of the times of 2, 3 … that are executed together
    messages: int  # that must have come before it starts
    slots: int  # servers of one node
    lane: int | None  # of its pool; None: all are one queue
    patience_ns: int  # after the birth of the request (-1: it waits as long as it takes)
    answers: bool
    branches: tuple[Branch, ...]

    @property
    def queues(self) -> tuple[int, ...]:
        """Those that it may come to."""
        return self.among or (self.queue,)

    @property
    def most(self) -> int:
        """That are executed together where it is the first of them."""
        return 1 + len(self.batches)

    def lasts(self, row: Sequence[int], together: int) -> int:
        """How long so many are served of which this is the first [ns], given the draws of its request."""
        return row[self.column if together == 1 else self.batches[together - 2]]


@dataclass(frozen=True, slots=True)
class Journey:
    """The messages that leave the source, and all that follows from them."""

    roots: tuple[Branch, ...]
    joins: dict[int, int]  # rank of what several messages come to → how many it waits for
    copies: dict[int, int]  # task → of it, where there are several
    needed: frozenset[int]  # tasks whose answers count where they are such

    def at(self, queues: Sequence[int] | Mapping[int, int]) -> Journey:
        """The same with queue ``queues[i]`` where this one has ``i``."""
        told: dict[int, Visit] = {}  # what comes after several others is one visit

        def visit_of(visit: Visit) -> Visit:
            if visit.rank not in told:
                branches = tuple(map(branch_of, visit.branches))
                among = tuple(queues[one] for one in visit.among)
                told[visit.rank] = replace(visit, queue=queues[visit.queue], among=among, branches=branches)
            return told[visit.rank]

        def branch_of(branch: Branch) -> Branch:
            ways = tuple(tuple(map(crossing_of, way)) for way in branch.ways)
            return replace(branch, ways=ways, visit=branch.visit and visit_of(branch.visit))

        def crossing_of(one: Crossing) -> Crossing:
            return one if one.queue < 0 else one._replace(queue=queues[one.queue])

        return replace(self, roots=tuple(map(branch_of, self.roots)))

    def branches(self) -> Iterator[Branch]:
        """Every message once; where several start one task, what follows is told once."""
        return (branch for _, branch in self.sent())

    def sent(self) -> Iterator[tuple[int | None, Branch]]:
        """As `branches`, each with the task that sends it; ``None`` at the source."""
        todo: list[tuple[int | None, Branch]] = [(None, root) for root in self.roots]
        told: set[int] = set()
        while todo:
            sender, branch = todo.pop()
            yield sender, branch
            if branch.visit and branch.visit.rank not in told:
                told.add(branch.visit.rank)
                todo.extend((branch.task, other) for other in branch.visit.branches)

    def queues(self) -> Iterator[int]:
        """Every queue that it comes to, as often as it does."""
        for branch in self.branches():
            yield from (crossing.queue for way in branch.ways for crossing in way if crossing.queue >= 0)
            if branch.visit:
                yield from branch.visit.queues
