"""Single requests, step by step: what the reference writes down about those that are watched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from sim.draws import NS
from sim.drops import CAUSES
from sim.flows import Flow
from sim.tally import answering

if TYPE_CHECKING:
    from sim.journeys import Branch, Journey, Visit
    from sim.network import Network

Who = tuple[int, int]
"""A request of a replication: its source, by number, and its sequence."""

What = Literal["wait", "transmission", "propagation", "service"]


class Step(NamedTuple):
    """A part of a request's way, and how long it took.

    A ``wait`` is one for a server of a pool, or for a link that others occupy or that lost the message; ``answer``
    tells a message on its way to the consumer from one that starts ``task``. ``where`` is a pool, or a link with its
    direction (``uplink.up``), with the ``group`` and ``site`` (from 1) that it belongs to and the number of the queue
    there (from 1); these are ``None`` and 0 at what sites share and at links without a bandwidth to wait for.
    """

    task: str
    answer: bool
    what: What
    where: str
    group: str | None
    site: int
    queue: int
    begin_ns: int
    end_ns: int


@dataclass(frozen=True)
class Watched:
    """A request with all its steps, in the order of their beginnings; sites and sources count from 1.

    Attributes
    ----------
    delivered
        When each task was delivered that the request needed [ns], by its name.
    dropped
        Why a task was never done (``sim.drops``), by its name.
    answered_ns, answered_by
        When the last answering task was, and which; ``None`` where one never was.
    """

    replication: int
    workload: str
    group: str
    site: int
    source: int
    sequence: int
    born_ns: int
    answered_ns: int | None
    answered_by: str | None
    delivered: dict[str, int]
    dropped: dict[str, str]
    steps: tuple[Step, ...]

    @property
    def ended_ns(self) -> int:
        """When the last of its steps was done."""
        return max((self.born_ns, *(step.end_ns for step in self.steps)))

    @property
    def response_s(self) -> float | None:
        """From birth to answer [s]."""
        return None if self.answered_ns is None else (self.answered_ns - self.born_ns) / NS


class Seen:
    """Notes about one request while it is on its way."""

    def __init__(self, number: int, sequence: int, born: int, journey: Journey) -> None:
        self.number, self.sequence, self.born, self.journey = number, sequence, born, journey
        self.delivered: dict[int, int] = {}
        self.dropped: dict[int, int] = {}
        self._notes: list[tuple[int, bool, What, str, str | None, int, int, int]] = []

    def crossed(self, branch: Branch, hop: int, queue: int, came: int, transmission: int, now: int) -> None:
        """A message has been sent over a link that it came to, or was lost on before, at ``came`` [ns]."""
        self._link("wait", branch, hop, queue, came, now - transmission)
        self._link("transmission", branch, hop, queue, now - transmission, now)

    def travelled(self, branch: Branch, hop: int, queue: int, pauses: int, propagation: int, now: int) -> None:
        """A message has come to the other end of a link, after ``pauses`` between tries that take no time."""
        self._link("wait", branch, hop, queue, now - propagation - pauses, now - propagation)
        self._link("propagation", branch, hop, queue, now - propagation, now)

    def served(self, visit: Visit, pool: str, queue: int, entered: int, service: int, now: int) -> None:
        """A task was done that joined the queue of its pool at ``entered`` [ns]."""
        for what, begin, end in (("wait", entered, now - service), ("service", now - service, now)):
            if begin < end or what == "service":
                self._notes.append((visit.task, False, what, pool, None, queue, begin, end))  # type: ignore[arg-type]

    def lost(self, task: int, entered: int, now: int, cause: int) -> None:
        """A task was dropped that joined a queue at ``entered`` [ns]."""
        self.dropped.setdefault(task, cause)
        if entered < now:
            self._notes.append((task, False, "wait", "", None, -1, entered, now))

    def _link(self, what: What, branch: Branch, hop: int, queue: int, begin: int, end: int) -> None:
        if begin < end:
            one = branch.sendings[hop]
            name = f"{one.link}.{one.direction}"
            self._notes.append((branch.task, branch.visit is None, what, name, one.group, queue, begin, end))

    def told(self, network: Network, replication: int) -> Watched:
        """With names in place of numbers."""
        flow, site, source = network.sources[self.number]
        expected = _answering(flow, self.journey)
        last = None
        if expected and expected <= self.delivered.keys():
            last = min(expected, key=lambda task: (-self.delivered[task], task))
        steps = []
        for task, answer, what, where, group, number, begin, end in self._notes:
            queue = network.queues[number] if number >= 0 else None
            if queue is None:
                instance = (group, site + 1 if group else 0, 0)
            else:
                instance = (queue.group, queue.site + 1 if queue.group else 0, queue.number + 1 if queue.group else 0)
            where = where or flow.route.step(flow.names[task]).pool
            steps.append(Step(flow.names[task], answer, what, where, *instance, begin, end))
        return Watched(
            replication,
            flow.workload.name,
            flow.key,
            site + 1,
            source + 1,
            self.sequence,
            self.born,
            None if last is None else self.delivered[last],
            None if last is None else flow.names[last],
            {flow.names[task]: instant for task, instant in sorted(self.delivered.items())},
            {flow.names[task]: CAUSES[cause] for task, cause in sorted(self.dropped.items())},
            tuple(sorted(steps, key=lambda step: (step.begin_ns, step.end_ns))),
        )


def _answering(flow: Flow, journey: Journey) -> frozenset[int]:
    """Tasks of a journey whose deliveries make the answer."""
    return journey.needed & set(answering(flow))


class Watch:
    """The requests to be watched in a replication, and what has been ``seen`` of them so far.

    ``sources`` are the numbers of those that must be played for it (and behind them of the background); ``None``: all.
    """

    def __init__(self, who: Collection[Who], sources: frozenset[int] | None = None) -> None:
        self._who, self.sources = frozenset(who), sources
        self._wanted = len(self._who)
        self.seen: list[Seen] = []
        self._ended = 0

    def look(self, number: int, sequence: int, born: int, journey: Journey, measured: bool) -> Seen | None:
        """Where the request that is born now is watched, what its notes are written into."""
        if not self._watched(number, sequence, measured):
            return None
        self.seen.append(Seen(number, sequence, born, journey))
        self._ended += not journey.roots
        return self.seen[-1]

    def _watched(self, number: int, sequence: int, measured: bool) -> bool:  # noqa: ARG002
        return (number, sequence) in self._who

    def ends(self) -> bool:
        """A watched request ends; whether it is the last."""
        self._ended += 1
        return self._ended == self._wanted


class Sample(Watch):
    """So many of the ``measured`` requests of a replication, evenly drawn by their numbers in the order of birth."""

    def __init__(self, wanted: int, measured: int) -> None:
        super().__init__(())
        self._wanted, self._measured, self._born = min(wanted, measured), measured, 0

    def _watched(self, number: int, sequence: int, measured: bool) -> bool:  # noqa: ARG002
        if not measured:
            return False
        self._born += 1
        before, after = (born * self._wanted // self._measured for born in (self._born - 1, self._born))
        return after > before
