"""Which data is seen where: the bytes of each data item over each direction of each link, and where they come to.

That none is seen where it may not is asserted before anything is played (`sim.itinerary`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from scenarios.journey import legs
from sim.measured import Measured

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

COLUMNS = ["class", "item", "link", "direction", "seen_at", "region", "bytes_per_month"]


class Seen(NamedTuple):
    """``item`` and ``sensitivity`` are empty where the scenario does not say what travels."""

    sensitivity: str
    item: str
    link: str
    direction: str
    seen_at: str  # the place that it comes to
    region: str  # of that place


def data_seen(scenario: Scenario, measured: Sequence[Measured], to_month: float) -> list[tuple[Seen, float]]:
    """Bytes by what is seen where, each times ``to_month``; a request counts for its like at all sites."""
    found: dict[Seen, float] = defaultdict(float)
    for one in measured:
        flow, scale = one.flow, to_month * one.flow.weight
        crossings = list(_crossings(scenario, one))
        for happened, number in one.happened:
            running = {task.name for task in flow.running(happened)}
            for task, after, seen, size_bytes in crossings:
                if task in running:
                    sender = None if after is None else flow.names.index(after)
                    found[seen] += number * size_bytes * scale * one.part_done(sender)
    return sorted(found.items())


def _crossings(scenario: Scenario, one: Measured) -> Iterator[tuple[str, str | None, Seen, float]]:
    """Task, the one before it, what is seen where, and size [B] of each crossing of a link, for one request."""
    classes = {item.name: item.sensitivity for item in scenario.data}
    regions = {site.name: site.region for site in scenario.sites}
    for leg in legs(scenario, one.flow.workload, one.flow.route):
        item = leg.message.data or ""
        for hop in leg.hops:
            place = hop.link.ends[1 if hop.direction == "up" else 0]
            where = (hop.link.name, hop.direction, place, regions.get(place, place))
            size_bytes = leg.copies * leg.message.size_bytes * hop.link.tries
            yield leg.task, leg.after, Seen(classes.get(item, ""), item, *where), size_bytes
