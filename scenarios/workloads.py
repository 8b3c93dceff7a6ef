"""Streams of requests through a graph of tasks, and what is required of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from hardware_profiles.recording import Recording
from hardware_profiles.service_time import ServiceTime
from scenarios.calendar import EVEN, Week
from scenarios.disruptions import WithoutLine

Phase = Literal["random", "aligned", "staggered"]


@dataclass(frozen=True)
class DataItem:
    """What flows. ``may_reach`` is ``None`` where the scenario sets no bound, else every place it may be seen at."""

    name: str
    sensitivity: str
    may_reach: frozenset[str] | None  # resolved: sites, regions and everything inside the named ones


@dataclass(frozen=True)
class Message:
    size_bytes: float
    data: str | None = None


@dataclass(frozen=True)
class Periodic:
    """One request each ``1 / rate`` from every source, each up to ``jitter_s`` later, by a uniform draw of its own.

    The jitter is at most a period, so that the requests of a source never change places.
    """

    rate_per_s: float
    per: str  # "node" (of the source pool), a fact, "site" or "all"
    phase: Phase = "random"
    jitter_s: float = 0.0


@dataclass(frozen=True)
class Poisson:
    rate_per_s: float
    per: str


@dataclass(frozen=True)
class BurstState:
    """A state of a bursty source: it sends ``times`` its mean rate, and stays for ``lasts_s`` on average."""

    times: float
    lasts_s: float


@dataclass(frozen=True)
class Bursty:
    """A Poisson process whose rate follows the state of its source (an MMPP): on and off, or more of them.

    Each source goes through its ``states`` in their order and begins again, staying in each for an exponential time; it
    starts in any of them, as likely as it is found there. ``rate_per_s`` is its mean rate over all time.
    """

    rate_per_s: float
    per: str
    states: tuple[BurstState, ...]


@dataclass(frozen=True)
class Trace:
    """Every source sends when a recording says, counted from the beginning of the simulation, and never again.

    ``rate_per_s`` is its mean up to its last request.
    """

    rate_per_s: float
    per: str
    recording: Recording

    @property
    def lasts_s(self) -> float:
        """Up to just behind its last request [s]."""
        return self.recording.values[-1] + 1e-6


@dataclass(frozen=True)
class Batch:
    """Bytes released once each ``each_s`` into a window; checked by bytes ÷ bandwidth, not played one by one."""

    each_s: float
    window_s: float
    per: str


Arrivals = Periodic | Poisson | Bursty | Trace | Batch


@dataclass(frozen=True)
class QueueLimit:
    """Who waits for a task when more come than it can hold.

    ``oldest`` are kept: who comes when ``at_most`` wait in one queue is dropped. ``latest``: the one that has waited
    longest is dropped in its place; without ``at_most`` each source has only its latest waiting.
    """

    keep: Literal["latest", "oldest"]
    at_most: int | None


@dataclass(frozen=True)
class Batching:
    """Requests executed together: as soon as ``at_most`` wait, or the first of them has waited ``wait_s``."""

    at_most: int
    wait_s: float
    times: Mapping[int, ServiceTime]  # of so many together, as stated; empty: as measured


@dataclass(frozen=True)
class Task:
    """One step. It runs one of ``models`` or takes the stated time of the pool it runs on.

    A speculative one, ``ahead_of`` another, runs whenever that does and to its end; ``share`` is the probability that
    its answer is needed. ``after`` and ``input`` are those of the other then.
    """

    name: str
    after: tuple[str, ...]
    share: float  # probability to run, given that every predecessor ran
    models: tuple[str, ...]
    times: Mapping[str, ServiceTime]  # by pool name; "" holds for every pool
    precision: str | None  # None: any
    input: Message | None
    output: Message | None
    answers: bool
    answer_to: str = "source"  # or the name of a pool
    tiers: tuple[str, ...] | None = None
    overhead_s: float = 0.0
    pools: tuple[str, ...] | None = None  # only these, where stated
    input_px: int | None = None  # edge of the picture, where it is not the usual one of the model
    priority: int | None = None  # 1 is served first; None: after all that have one
    queue: QueueLimit | None = None
    batching: Batching | None = None
    without_line: WithoutLine = "wait"
    drop_after_s: float | None = None  # after its birth a request is not worth starting any more
    store_at: str | None = None  # a place: the input is only moved there and kept, no pool runs anything
    collects: int | None = None  # so many requests of a source, one after the other: it runs for the last of them
    copies: int = 1  # of it for each request; each is sent the input and passes on an output of its own
    redacts: str | None = None  # the data item that it makes harmless
    ahead_of: str | None = None  # a task together with which it starts, before that has told whether it is needed


@dataclass(frozen=True)
class Latency:
    """``percentile`` (0.99) of the response time of ``of`` (a task or ``answer``) is at most ``limit_s``."""

    of: str
    percentile: float
    limit_s: float

    @property
    def metric(self) -> str:
        return f"p{self.percentile * 100:g}"


@dataclass(frozen=True)
class Offline:
    """While the uplink is down, ``keep`` still answers from pools at the site."""

    keep: tuple[str, ...]
    for_s: float | None  # None: always
    buffer_bytes: float | None = None  # room at a site for what waits
    drained_within_s: float | None = None


@dataclass(frozen=True)
class Availability:
    """At least such a part of the requests is answered by ``of`` over a month with its outages."""

    at_least: float
    of: str  # a task or ``answer``


@dataclass(frozen=True)
class Requirements:
    latency: tuple[Latency, ...] = ()
    accuracy_at_least: float | None = None
    accuracy_measure: str | None = None
    tiers: tuple[str, ...] | None = None
    offline: Offline | None = None
    availability: Availability | None = None
    drops_at_most: float | None = None  # part of the requests that may never be answered
    done_within_s: float | None = None  # of a batch: from its release to done_by


@dataclass(frozen=True)
class Workload:
    name: str
    source: str  # a pool
    arrivals: Arrivals
    tasks: tuple[Task, ...]  # in topological order
    requires: Requirements = Requirements()
    accuracy: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict
    )  # the user's own: task → precision or "" → fraction
    accuracy_measure: str | None = None
    week: Week = EVEN

    def task(self, name: str) -> Task:
        return next(task for task in self.tasks if task.name == name)

    def task_of(self, of: str) -> str:
        """The task that is meant, where ``first`` and ``refined`` may stand for one (`rungs`)."""
        return self.rungs.get(of, of)

    @property
    def rungs(self) -> Mapping[str, str]:
        """What ``first`` and ``refined`` mean where one task is speculative: that which it is ahead of, and itself."""
        speculative = [(task.ahead_of, task.name) for task in self.tasks if task.ahead_of]
        return dict(zip(("first", "refined"), speculative[0], strict=True)) if len(speculative) == 1 else {}

    def up_to(self, of: str) -> frozenset[str]:
        """A task and all that must have run before it; every task for ``answer``."""
        if of == "answer":
            return frozenset(task.name for task in self.tasks)
        name = self.task_of(of)
        return frozenset({name}).union(*(self.up_to(before) for before in self.task(name).after))
