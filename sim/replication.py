"""One replication: what both data planes play alike, and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sim.control import Control, Return
from sim.draws import Ints
from sim.network import Network
from sim.streams import Streams
from sim.tally import Limits, Tally
from sim.timeline import Timeline


@dataclass(frozen=True)
class Replication:
    """What is to be played.

    Attributes
    ----------
    number
        With the ``seed`` it decides every draw.
    begin, end
        Requests born in [``begin``, ``end``) [ns] are measured.
    limits
        For each flow, what its response times are counted against.
    controls
        In the order of their turns at one instant.
    """

    network: Network
    seed: int
    number: int
    begin: int
    end: int
    limits: Limits
    controls: Sequence[Control] = ()

    @property
    def streams(self) -> Streams:
        return Streams(self.seed, self.number)

    def of_number(self, number: int) -> Replication:
        """Another one of the same run."""
        return replace(self, number=number)


@dataclass(frozen=True)
class Played:
    """What one replication leaves behind.

    Attributes
    ----------
    tallies
        Of each flow of the network.
    queues
        (busy area, queue area, services started, cold starts) of each queue over the measured span [ns].
    rows
        Where they are kept: births as (source, sequence, born, origin, bits of the ``share`` draws) of each measured
        request, and visits as (source, sequence, task, entered, started, completed, delivered, waited, served, born,
        work, cause) of each of its tasks that was done [ns]; waited and served are sums along the way that led to its
        delivery, work is its part of the service, the cause is ``sim.drops.DELIVERED``. Where something of it was
        dropped first, that is one more visit, with the cause; it ends in all respects at that instant.
    slowest, timeline
        Where they are kept; the first has rows of (response time [ns], source, sequence), the slowest first.
    provided
        By number of a queue whose nodes come and go: (instant [ns], so many more nodes that are paid for).
    returns
        By number of the queue of a link that was down: what it was like when it was up again, each time.
    """

    tallies: tuple[Tally, ...]
    queues: Ints
    rows: tuple[Ints, Ints] | None = None
    slowest: Ints | None = None
    timeline: Timeline | None = None
    provided: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    returns: Mapping[int, Sequence[Return]] = field(default_factory=dict)
