"""Links between places, and the path a message takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hardware_profiles.service_time import ServiceTime
from scenarios.figures import Figure

Each = Literal["node", "site", "shared"]
Direction = Literal["up", "down"]


@dataclass(frozen=True)
class Link:
    """A two-way link, simulated as ``.up`` (from → to, or towards the higher tier) and ``.down``.

    Transmission (size ÷ bandwidth) occupies the link first come, first served; propagation does not. ``within`` a site
    it exists per node (the port of the sending node) or once per site.

    The propagation of each message is half a draw of the round trip's law, of its own for each direction; so two
    messages may overtake each other. Each try at sending one is lost as a whole with probability ``loss``: it has
    occupied the link for its transmission, and ``again_after_s`` behind that it joins the queue for another, until it
    comes through.

    Attributes
    ----------
    of
        Pools: it carries only what one of them sends or receives; none where it carries everything.
    figures
        What the catalogue says of its technology and the scenario does not: what, and the figure.
    """

    name: str
    ends: tuple[str, str]  # (from, to); the same place twice for a link within a site
    each: Each
    rtt: ServiceTime
    up_bps: float | None  # None: no transmission time
    down_bps: float | None
    fixed_usd_per_month: float = 0.0  # for the whole where shared, else for each site
    up_usd_per_gb: float = 0.0
    down_usd_per_gb: float = 0.0
    usd_per_message: float = 0.0
    price_source: str = ""
    loss: float = 0.0
    again_after_s: float = 0.0
    of: tuple[str, ...] = ()
    figures: tuple[tuple[str, Figure], ...] = ()

    @property
    def rtt_s(self) -> float:
        """Median round trip [s]."""
        return self.rtt.quantile(0.5)

    @property
    def one_way(self) -> ServiceTime:
        """Law of the propagation in one direction."""
        return self.rtt.times(0.5)

    @property
    def tries(self) -> float:
        """How often a message is sent on average until it comes through."""
        return 1.0 / (1.0 - self.loss)

    def carries(self, *pools: str) -> bool:
        """Whether what one of these pools sends or receives may use it."""
        return not self.of or any(pool in self.of for pool in pools)

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


def path(links: Iterable[Link], start: str, end: str, *pools: str) -> tuple[Hop, ...] | None:
    """Hops from one place to another: fewest links, then the order in which the scenario lists them.

    A message of ``pools``, its sender and receiver, uses links that are only for one of them before others.

    Returns ``None`` where no path exists. Links within a site are not part of it.
    """
    import networkx as nx  # a tenth of a second that reading a scenario does not need

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((start, end))
    for link in usable(links, *pools):
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


def usable(links: Iterable[Link], *pools: str) -> list[Link]:
    """Links that carry what these pools send or receive, those only for one of them first."""
    return sorted((link for link in links if link.carries(*pools)), key=lambda link: not link.of)
