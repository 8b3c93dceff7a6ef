"""Pools, with what they are counted by."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.language.document import Document
from scenarios.language.pools import PoolText, ScalingText
from scenarios.places import Site
from scenarios.pools import SPREAD, ColdStart, Pool, Scaling
from scenarios.prices import OfferPrice
from scenarios.resolving.places import check_place, facts_of
from scenarios.scenario import JudgedPart, NotYet
from scenarios.source import Source


def pools(
    document: Document, source: Source, sites: tuple[Site, ...], not_yet: list[NotYet], judged: list[JudgedPart]
) -> tuple[Pool, ...]:
    """All pools; counts per fact are checked against every group of their site."""
    found = tuple(_pool(name, text, source, sites) for name, text in document.pools.items())
    of_sources = {document.pools[w.source].at for w in document.workloads.values() if w.source in document.pools}
    for pool in found:
        if pool.dispatch == "least_loaded":
            what = "dispatch to the least loaded node (planned as one queue for all, which waits less)"
            judged.append(JudgedPart(f"pools.{pool.name}.dispatch", what))
        if pool.local and pool.at not in of_sources:
            what = f"pools at {pool.at}, where no requests are born"
            not_yet.append(NotYet(f"pools.{pool.name}.at", what, planned=False, simulated=False))
    return found


def _pool(name: str, text: PoolText, source: Source, sites: tuple[Site, ...]) -> Pool:
    loc = ("pools", name)
    site = next((site for site in sites if site.name == text.at), None)
    check_place(text.at, (*loc, "at"), source, sites)
    count = text.count
    if count.per is not None:
        if site is None:
            source.wrong((*loc, "count"), f"a count per {count.per} in a region", "a count in all")
        elif count.per not in facts_of(site):
            source.unknown((*loc, "count"), f"a fact that every group of {site.name} states", count.per, facts_of(site))
    if text.pooled is not None and count.per is None:
        source.wrong((*loc, "pooled"), "pooled: site", "a count per fact to pool")
    given = site is not None and any(name in group.hardware for group in site.groups)
    if text.hardware is None and text.offer is None and not given:
        source.wrong(loc, "neither hardware nor offer", "hardware, or an offer")
    dispatch = text.dispatch or ("own" if text.tier == "device" else "shared_queue")
    if text.scaling is not None and dispatch != "shared_queue":
        source.wrong((*loc, "scaling"), "nodes that each have a queue of their own", "dispatch: shared_queue")
    if text.scaling is not None and text.scaling.at_least > count.high:
        found = f"{text.scaling.at_least} where the count is at most {count.high}"
        source.wrong((*loc, "scaling", "at_least"), found, "no more than the count, which bounds the nodes")
    if text.limit is not None and text.offer is None:
        source.wrong((*loc, "limit"), "a limit without an offer", "an offer priced by the request")
    if text.cold_start is not None and text.offer is None:
        source.wrong((*loc, "cold_start"), "a cold start without an offer", "an offer priced by the request")
    if site is not None and text.hardware is None and text.offer is None:
        missing = [group.name for group in site.groups if name not in group.hardware]
        for group in missing:
            source.wrong(("sites", site.name, "groups", group), f"no hardware.{name}", f"hardware.{name}: NAME or none")
    return Pool(
        name=name,
        tier=text.tier,
        at=text.at,
        local=site is not None,
        hardware=text.hardware or (),
        offers=text.offer or (),
        count=count,
        spare=text.spare,
        owned=text.owned == "all",
        paid_by_user=text.paid_by == "user",
        dispatch=dispatch,
        slots=text.slots,
        pooled=text.pooled == "site",
        scaling=_scaling(text.scaling) if text.scaling else None,
        concurrent=text.limit.concurrent if text.limit else None,
        cold_start=ColdStart(text.cold_start.time, text.cold_start.idle) if text.cold_start else None,
    )


def _scaling(text: ScalingText) -> Scaling:
    times = text.start_up, text.cool_down
    return Scaling(text.target_utilisation, text.queue_depth, *times, text.at_least, text.every)


def check_elastic(pools: tuple[Pool, ...], offers: Mapping[tuple[str, str], OfferPrice], source: Source) -> None:
    """Nodes scale, and what is bought by the request has none; only that has a limit and cold starts of its own."""
    for pool in pools:
        for name in pool.offers:
            price, loc = offers[name, pool.at], ("pools", pool.name)
            if pool.scaling is not None and price.per_request is not None:
                source.wrong((*loc, "scaling"), f"scaling of {name}, which is priced by the request", "no scaling")
            if pool.dispatch in SPREAD and price.per_request is not None:
                found = f"{pool.dispatch}, of {name}, which is priced by the request: it has no nodes"
                source.wrong((*loc, "dispatch"), found, "no dispatch")
            if pool.concurrent is not None and price.hourly is not None:
                wanted = "a count: its nodes bound what is served at once"
                source.wrong((*loc, "limit"), f"a limit of {name}, which is priced by the hour", wanted)
            if pool.cold_start is not None and price.hourly is not None:
                wanted = "scaling, with the start_up of its nodes"
                source.wrong((*loc, "cold_start"), f"a cold start of {name}, which is priced by the hour", wanted)


def choices(pool: Pool, sites: tuple[Site, ...]) -> tuple[str, ...]:
    """Everything that the pool can consist of at any of its sites, each once."""
    given = [
        group.hardware[pool.name]
        for site in sites
        if site.name == pool.at
        for group in site.groups
        if group.hardware.get(pool.name)
    ]
    return tuple(dict.fromkeys([*pool.choices, *(name for name in given if name is not None)]))
