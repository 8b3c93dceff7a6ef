"""Links between places, and the path a message takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Each = Literal["node", "site", "shared"]
Direction = Literal["up", "down"]


@dataclass(frozen=True)
class Link:
    """A two-way link, simulated as ``.up`` (from → to, or towards the higher tier) and ``.down``.

    Transmission (size ÷ bandwidth) occupies the link first come, first served; propagation (half the round-trip
    time) does not. ``within`` a site it exists per node (the port of the sending node) or once per site.
    """

    name: str
    ends: tuple[str, str]  # (from, to); the same place twice for a link within a site
    each: Each
    rtt_s: float
    up_bps: float | None  # None: no transmission time
    down_bps: float | None
    fixed_usd_per_month: float = 0.0  # for the whole where shared, else for each site
    up_usd_per_gb: float = 0.0
    down_usd_per_gb: float = 0.0
    usd_per_message: float = 0.0
    price_source: str = ""

    @property
    def within(self) -> bool:
        return self.ends[0] == self.ends[1]

    def bandwidth_bps(self, direction: Direction) -> float | None:
        return self.up_bps if direction == "up" else self.down_bps


@dataclass(frozen=True)
class Hop:
    """One crossing of a link in one direction."""

    link: Link
    direction: Direction

    @property
    def name(self) -> str:
        return f"{self.link.name}.{self.direction}"


def path(links: Iterable[Link], start: str, end: str) -> tuple[Hop, ...] | None:
    """Hops from one place to another: fewest links, then the order in which the scenario lists them.

    Returns ``None`` where no path exists. Links within a site are not part of it.
    """
    import networkx as nx  # a tenth of a second that reading a scenario does not need

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((start, end))
    for link in links:
        if not link.within:
            ways: tuple[tuple[str, str, Direction], ...] = ((*link.ends, "up"), (link.ends[1], link.ends[0], "down"))
            for here, there, direction in ways:
                if not graph.has_edge(here, there):
                    graph.add_edge(here, there, hop=Hop(link, direction))
    try:
        places = nx.shortest_path(graph, start, end)
    except nx.NetworkXNoPath:
        return None
    return tuple(graph.edges[pair]["hop"] for pair in pairwise(places))
