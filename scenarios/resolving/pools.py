"""Pools, with what they are counted by."""

from __future__ import annotations

from scenarios.language.document import Document
from scenarios.language.pools import PoolText
from scenarios.places import Site
from scenarios.pools import Pool
from scenarios.resolving.places import check_place, facts_of
from scenarios.scenario import NotYet
from scenarios.source import Source


def pools(document: Document, source: Source, sites: tuple[Site, ...], not_yet: list[NotYet]) -> tuple[Pool, ...]:
    """All pools; counts per fact are checked against every group of their site."""
    found = tuple(_pool(name, text, source, sites) for name, text in document.pools.items())
    of_sources = {document.pools[w.source].at for w in document.workloads.values() if w.source in document.pools}
    for pool in found:
        if pool.dispatch in ("random", "least_loaded"):
            not_yet.append(
                NotYet(f"pools.{pool.name}.dispatch", f"dispatch {pool.dispatch}", planned=False, simulated=False)
            )
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
        dispatch=text.dispatch or ("own" if text.tier == "device" else "shared_queue"),
        slots=text.slots,
        pooled=text.pooled == "site",
    )


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
