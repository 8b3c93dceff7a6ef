"""Links between places."""

from __future__ import annotations

from scenarios.catalogue_tables import by
from scenarios.language.document import Document
from scenarios.language.links import LinkText
from scenarios.links import Each, Link
from scenarios.places import Site
from scenarios.resolving.money import GB, MONTH_S, Exchange
from scenarios.resolving.places import check_place
from scenarios.scenario import NotYet
from scenarios.source import Source


def links(
    document: Document, source: Source, sites: tuple[Site, ...], exchange: Exchange, not_yet: list[NotYet]
) -> tuple[Link, ...]:
    """All links that carry messages themselves; a broker ``over:`` one, and a backup of one, are only listed."""
    found = []
    for name, text in document.links.items():
        if text.over is not None:
            if text.over not in document.links:
                source.unknown(("links", name, "over"), "a link", text.over, document.links)
        else:
            link = _link(name, text, source, sites, exchange, not_yet)
            if text.stands_in_for is None:
                found.append(link)
            elif text.stands_in_for not in document.links:
                source.unknown(("links", name, "stands_in_for"), "a link", text.stands_in_for, document.links)
    return tuple(found)


def _link(
    name: str, text: LinkText, source: Source, sites: tuple[Site, ...], exchange: Exchange, not_yet: list[NotYet]
) -> Link:
    loc = ("links", name)
    for key, place in (("from", text.start), ("to", text.to), ("within", text.within)):
        if place is not None:
            check_place(place, (*loc, key), source, sites)
    if text.of is not None:
        for pool in text.of:
            if pool not in source.tree["pools"]:
                source.unknown((*loc, "of"), "a pool", pool, source.tree["pools"])
    start, end = text.start or text.within or "", text.to or text.within or ""
    if text.start is not None and start == end:
        source.wrong((*loc, "to"), f"`{end}`, where it starts", "another place, or `within`")
    if text.rtt is not None and text.rtt.constant is None:
        not_yet.append(NotYet(f"links.{name}.rtt", "round-trip times that vary", planned=False, simulated=False))
    nominal = _nominal(name, text, source, not_yet)
    local = {site.name for site in sites}
    each: Each = text.each or ("site" if {start, end} & local else "shared")
    price, in_usd = text.price, exchange.in_usd
    cost = (*loc, "price")
    fixed, data, message = (price.fixed, price.data, price.message) if price else (None, None, None)
    up, down = (price.up or data, price.down or data) if price else (None, None)
    own_path = f"links.{name}.price"
    return Link(
        name=name,
        ends=(start, end),
        each=each,
        rtt_s=(text.rtt.constant or 0.0) if text.rtt else 0.0,
        up_bps=text.up if text.up is not None else nominal,
        down_bps=text.down if text.down is not None else nominal,
        fixed_usd_per_month=in_usd(fixed, MONTH_S, source, cost) if fixed else 0.0,
        up_usd_per_gb=in_usd(up, GB, source, cost) if up else 0.0,
        down_usd_per_gb=in_usd(down, GB, source, cost) if down else 0.0,
        usd_per_message=in_usd(message, 1.0, source, cost) if message else 0.0,
        price_source=document_source(source, own_path),
    )


def document_source(source: Source, path: str) -> str:
    """Where the user says a figure is from."""
    stated = source.tree.get("sources") or {}
    return str(stated.get(path, "your scenario"))


def _nominal(name: str, text: LinkText, source: Source, not_yet: list[NotYet]) -> float | None:
    """Bandwidth that the technology fixes [bit/s]; what else it would say is listed as not yet."""
    if text.technology is None:
        return None
    row = by("technologies", "name").get((text.technology,))
    if row is None:
        names = [key[0] for key in by("technologies", "name")]
        source.unknown(("links", name, "technology"), "a technology of the catalogue", text.technology, names)
        return None
    nominal = float(row["nominal_mbit_per_s"]) * 1e6 if row["nominal_mbit_per_s"] else None
    unsaid = [] if text.rtt else ["rtt"]
    unsaid += [] if nominal or text.up is not None else ["up"]
    unsaid += [] if nominal or text.down is not None else ["down"]
    if unsaid:
        what = f"{' and '.join(unsaid)} by technology (state them)"
        not_yet.append(NotYet(f"links.{name}.technology", what, planned=False, simulated=False))
    return nominal
