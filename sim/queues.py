"""The queues of a network, and how the queue of a source follows from where the source stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.draws import Ints
from sim.flows import Flow

_SITE = 32  # bits below the site, in a number for both


class Queue(NamedTuple):
    """One FIFO queue of a pool, or one direction of one instance of a link."""

    name: str  # the pool, or ``uplink.up``
    link: bool
    group: str | None  # None: in a region, or between regions
    site: int
    number: int  # the sub-pool, or the node that it belongs to
    servers: int | None  # None: bought by the request, nobody waits
    pool: str = ""  # of the node that a link's port belongs to

    @property
    def shared(self) -> bool:
        """Whether requests of several sites meet here."""
        return self.group is None

    @property
    def order(self) -> tuple[str, str, int, str, int]:
        return (self.name, self.group or "", self.site, self.pool, self.number)


class Which(NamedTuple):
    """The number of a queue or of a node at a site: so many times those of the source, and some more."""

    sub_pool: int = 0
    node: int = 0
    more: int = 0

    def of(self, sub_pool: Ints, node: Ints) -> Ints:
        return self.sub_pool * sub_pool + self.node * node + self.more

    def one_of(self, number: int, one: int) -> Which:
        """The ``one``-th of ``number`` that each of these has."""
        return Which(self.sub_pool * number, self.node * number, self.more * number + one)


class Slot(NamedTuple):
    """A queue that requests of a flow come to; every source has its own, or shares it with others."""

    queue: Queue  # site and number are left open: 0
    number: Which = Which()


def numbered(flows: Sequence[tuple[Flow, Sequence[Slot]]]) -> tuple[tuple[Queue, ...], list[Ints]]:
    """All queues that sources come to and, for each flow, their numbers: a row for each node of each source.

    The columns are the flow's slots.
    """
    where: dict[Queue, list[tuple[int, int, Ints]]] = defaultdict(list)  # flow, slot, site and number
    bound: list[Ints] = []
    for of, (flow, slots) in enumerate(flows):
        site, sub_pool, node = flow.origins
        bound.append(np.empty((len(node), len(slots)), np.int64))
        for column, slot in enumerate(slots):
            place = slot.number.of(sub_pool, node)
            where[slot.queue].append((of, column, place if slot.queue.shared else (site << _SITE) + place))
    queues: list[Queue] = []
    for kind, found in where.items():
        places, rows = np.unique(np.concatenate([place for *_, place in found]), return_inverse=True)
        for of, column, place in found:
            bound[of][:, column], rows = len(queues) + rows[: len(place)], rows[len(place) :]
        name, link, group, _, _, servers, pool = kind
        sites, numbers = (places >> _SITE).tolist(), (places & ((1 << _SITE) - 1)).tolist()
        queues += [Queue(name, link, group, *at, servers, pool) for at in zip(sites, numbers, strict=True)]
    return tuple(queues), bound
