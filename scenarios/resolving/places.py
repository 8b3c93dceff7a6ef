"""Sites, groups, and where data may be seen."""

from __future__ import annotations

from scenarios import geography
from scenarios.language.document import Document
from scenarios.language.sites import SiteText
from scenarios.places import Group, Site
from scenarios.source import Source
from scenarios.workloads import DataItem


def sites(document: Document, source: Source) -> tuple[Site, ...]:
    """The kinds of places of the user's own."""
    return tuple(_site(name, text, document, source) for name, text in document.sites.items())


def _site(name: str, text: SiteText, document: Document, source: Source) -> Site:
    loc = ("sites", name)
    if geography.known(name):
        source.wrong(loc, f"`{name}`", "a name that no place of the catalogue has")
    if not geography.known(text.region):
        source.unknown((*loc, "region"), "a country or region of the catalogue", text.region, geography.names())
    if text.member_of is not None and text.member_of not in document.sites:
        source.unknown((*loc, "in"), "a kind of site", text.member_of, document.sites)
    if (text.groups is None) == (text.count is None):
        source.wrong(
            loc, "groups and a count" if text.groups else "neither groups nor a count", "one of groups and count"
        )
    if text.groups is None:
        return Site(name, text.region, (Group(name, "all", text.count or 0),), text.member_of)
    groups = []
    for key, group in text.groups.items():
        for pool in group.hardware:
            if pool not in document.pools:
                source.unknown((*loc, "groups", key, "hardware", pool), "a pool", pool, document.pools)
        hardware = {pool: None if name == "none" else name for pool, name in group.hardware.items()}
        facts = {singular(fact): number for fact, number in group.facts.items()}
        groups.append(Group(name, key, group.count, facts, hardware))
    return Site(name, text.region, tuple(groups), text.member_of)


def singular(fact: str) -> str:
    """``lanes`` → ``lane``, ``boxes`` → ``box``, ``bays`` → ``bay``."""
    if fact.endswith("ies"):
        return fact[:-3] + "y"
    if fact.endswith(("xes", "ches", "shes", "sses")):
        return fact[:-2]
    return fact[:-1] if fact.endswith("s") and not fact.endswith("ss") else fact


def facts_of(site: Site) -> list[str]:
    """Facts that every group of the site states."""
    facts = [group.facts for group in site.groups]
    return [fact for fact in (facts[0] if facts else ()) if all(fact in each for each in facts)]


def data(document: Document, source: Source, known: tuple[Site, ...]) -> tuple[DataItem, ...]:
    """Data items with ``may_reach`` resolved over the catalogue of places."""
    return tuple(
        DataItem(name, text.sensitivity, _reach(name, text.may_reach, source, known))
        for name, text in document.data.items()
    )


def _reach(name: str, places: tuple[str, ...] | None, source: Source, known: tuple[Site, ...]) -> frozenset[str] | None:
    if places is None:
        return None
    own = {site.name: site for site in known}
    found: set[str] = set()
    for place in places:
        if place in own:
            found.add(place)
        elif geography.known(place):
            inside = geography.within(place)
            found |= inside | {site.name for site in known if site.region in inside}
        else:
            source.unknown(("data", name, "may_reach"), "a site or a place", place, (*own, *geography.names()))
    return frozenset(found)


def check_place(place: str, loc: tuple[str | int, ...], source: Source, known: tuple[Site, ...]) -> bool:
    """Whether a place exists: a kind of site, or a region of the catalogue."""
    own = [site.name for site in known]
    if place in own or geography.known(place):
        return True
    source.unknown(loc, "a kind of site or a region", place, (*own, *geography.names()))
    return False
