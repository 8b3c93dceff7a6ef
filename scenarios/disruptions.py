"""What may fail: how often it does, and the breaks that are tried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WithoutLine = Literal["wait", "skip", "drop"]
"""What becomes of a message that cannot be sent because a line on its way is down.

It waits until the line is back (``wait``); the task that it leads to is left out, with all that can only follow from
it, and the answers given so far stand (``skip``); or the request is dropped (``drop``). What is being transmitted when
the line goes down still arrives.
"""


@dataclass(frozen=True)
class Outages:
    """How long something is up between two failures, and how long its repair takes, on average [s]."""

    mtbf_s: float
    mttr_s: float

    @property
    def down(self) -> float:
        """Fraction of the time for which it is down."""
        return self.mttr_s / (self.mtbf_s + self.mttr_s)


@dataclass(frozen=True)
class Drill:
    """A break that is tried out: some links, or some nodes of a pool in each of its queues, are down for a while.

    It is played in the hour ``at`` of the week, or in the busiest of each workload where there is none.
    """

    name: str
    for_s: float
    links: tuple[str, ...] = ()
    pool: str | None = None
    nodes: int = 0  # of the pool, in each of its queues
    at: int | None = None
