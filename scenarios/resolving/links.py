"""Links between places."""

from __future__ import annotations

from hardware_profiles.service_time import ServiceTime
from scenarios.figures import Figure
from scenarios.language.document import Document
from scenarios.language.links import LinkText
from scenarios.links import Each, Link
from scenarios.places import Site
from scenarios.resolving.money import GB, MONTH_S, Exchange
from scenarios.resolving.places import check_place
from scenarios.scenario import NotYet
from scenarios.source import Source
from scenarios.technologies import Technology, by_distance, names, technology

LEAST_TIMEOUT_S = 0.2


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
            link = _link(name, text, document, source, sites, exchange, not_yet)
            if text.stands_in_for is None:
                found.append(link)
            elif text.stands_in_for not in document.links:
                source.unknown(("links", name, "stands_in_for"), "a link", text.stands_in_for, document.links)
    return tuple(found)


def _link(
    name: str,
    text: LinkText,
    document: Document,
    source: Source,
    sites: tuple[Site, ...],
    exchange: Exchange,
    not_yet: list[NotYet],
) -> Link:
    loc = ("links", name)
    for key, place in (("from", text.start), ("to", text.to), ("within", text.within)):
        if place is not None:
            check_place(place, (*loc, key), source, sites)
    if text.of is not None:
        for pool in text.of:
            if pool not in document.pools:
                source.unknown((*loc, "of"), "a pool", pool, document.pools)
            elif text.within is not None and document.pools[pool].at != text.within:
                found = f"{pool}, which stands at {document.pools[pool].at}"
                source.wrong((*loc, "of"), found, f"pools at {text.within}")
    start, end = text.start or text.within or "", text.to or text.within or ""
    if text.start is not None and start == end:
        source.wrong((*loc, "to"), f"`{end}`, where it starts", "another place, or `within`")
    known = _known(name, text, source, not_yet)
    rtt = _round_trip(loc, text, source, known)
    loss = text.loss.share if text.loss else (known.loss if known and known.loss else 0.0)
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
        rtt=rtt,
        up_bps=text.up if text.up is not None or known is None else known.up_bps,
        down_bps=text.down if text.down is not None or known is None else known.down_bps,
        fixed_usd_per_month=in_usd(fixed, MONTH_S, source, cost) if fixed else 0.0,
        up_usd_per_gb=in_usd(up, GB, source, cost) if up else 0.0,
        down_usd_per_gb=in_usd(down, GB, source, cost) if down else 0.0,
        usd_per_message=in_usd(message, 1.0, source, cost) if message else 0.0,
        price_source=document_source(source, own_path),
        loss=loss,
        again_after_s=_again_after_s(text, rtt) if loss else 0.0,
        of=text.of or (),
        figures=_figures(text, known) if known else (),
    )


def document_source(source: Source, path: str) -> str:
    """Where the user says a figure is from."""
    stated = source.tree.get("sources") or {}
    return str(stated.get(path, "your scenario"))


def _known(name: str, text: LinkText, source: Source, not_yet: list[NotYet]) -> Technology | None:
    """What the catalogue says of its technology; what neither that nor the scenario says is listed as not yet."""
    loc = ("links", name)
    if text.technology is None:
        if text.server is not None:
            source.wrong((*loc, "server"), "a distance without a technology", "technology: lte, or no server")
        return None
    found = technology(text.technology, text.server or 0.0)
    if found is None:
        source.unknown((*loc, "technology"), "a technology of the catalogue", text.technology, names())
        return None
    if text.server is not None and not by_distance(text.technology):
        known = ", ".join(filter(by_distance, names()))
        source.wrong((*loc, "server"), f"a distance beside {text.technology}", f"one measured by distance: {known}")
    unsaid = [] if text.rtt or found.rtt else ["rtt"]
    unsaid += [] if found.up_bps or text.up is not None else ["up"]
    unsaid += [] if found.down_bps or text.down is not None else ["down"]
    if unsaid:
        what = f"{' and '.join(unsaid)} by technology (state them)"
        not_yet.append(NotYet(f"links.{name}.technology", what, planned=False, simulated=False))
    return found


def _round_trip(loc: tuple[str, str], text: LinkText, source: Source, known: Technology | None) -> ServiceTime:
    """As stated, else as its technology has it; with a jitter equally likely so far around a constant."""
    rtt = text.rtt.service() if text.rtt else (known.rtt if known and known.rtt else ServiceTime.constant(0.0))
    if not text.jitter:
        return rtt
    if rtt.kind != "constant":
        found = "a jitter beside a round-trip time that varies by itself"
        source.wrong((*loc, "jitter"), found, "a constant rtt with a jitter, or an rtt that varies without one")
    elif 2 * text.jitter > rtt.quantile(0.5):
        found = f"a jitter above half the round-trip time of {rtt.quantile(0.5) * 1e3:g} ms"
        source.wrong((*loc, "jitter"), found, "at most half of it: no message arrives before it is sent")
    else:
        return ServiceTime.uniform(rtt.quantile(0.5), 2 * text.jitter)
    return rtt


def _again_after_s(text: LinkText, rtt: ServiceTime) -> float:
    """As stated, else as Linux has it for TCP: the smoothed round trip and at least 200 ms (TCP_RTO_MIN).

    RFC 6298 (2011) has the same sum with at least 1 s; neither its growth from try to try nor a fast retransmission is
    taken into account.
    """
    stated: float | None = text.loss.again_after if text.loss else None
    return rtt.mean_s + LEAST_TIMEOUT_S if stated is None else stated


def _figures(text: LinkText, known: Technology) -> tuple[tuple[str, Figure], ...]:
    """What its technology says and the scenario leaves to it."""
    found: list[tuple[str, Figure]] = []
    if text.rtt is None and known.rtt is not None:
        quantiles = {"median": 0.5} if known.rtt.kind == "constant" else {"median": 0.5, "p99": 0.99}
        found += [
            (f"round trip, {name}", known.figure(known.rtt.quantile(p) * 1e3, "ms")) for name, p in quantiles.items()
        ]
    bandwidths = (("up", text.up, known.up_bps), ("down", text.down, known.down_bps))
    for way, stated, bps in bandwidths:
        if stated is None and bps is not None:
            found.append((f"bandwidth {way}", known.figure(bps / 1e6, "Mbit/s")))
    if text.loss is None and known.loss is not None:
        found.append(("loss", known.figure(known.loss * 100, "%")))
    return tuple((f"{what} of {known.name}", figure) for what, figure in found)
