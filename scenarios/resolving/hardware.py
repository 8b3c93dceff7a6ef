"""Names of hardware: those of the catalogue, of the user's own, and misspelt ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from hardware_profiles import canonical_hardware, known_hardware
from hardware_profiles.faults import closest
from scenarios.language.document import Document
from scenarios.places import Site
from scenarios.pools import Pool
from scenarios.resolving.pools import choices
from scenarios.source import Source
from scenarios.user_figures import UserFigure

_SAME = 0.9  # likeness from which a name with the same numbers is a misspelling and not another thing


def check_hardware(
    pools: tuple[Pool, ...],
    sites: tuple[Site, ...],
    figures: tuple[UserFigure, ...],
    document: Document,
    source: Source,
) -> None:
    """A fault for each name that the catalogue does not know and that was probably meant as one it knows.

    A name that the user prices or measured is his own unless it is a misspelling. Any other may be a plain thing
    such as a camera, unless a name of the catalogue is near; what has to be paid without a price is a fault anyway.
    """
    own = {*document.prices.named, *(figure.hardware for figure in figures)}
    for pool in pools:
        for name in choices(pool, sites) if not pool.offers else ():
            if canonical_hardware(name) is not None:
                continue
            if name in own:
                near = next((known for known in known_hardware() if misspelt(name, known)), "")
            else:
                near = closest(name, known_hardware()) if pool.owned or pool.paid_by_user else ""
            if near:
                source.wrong(location(name, pool, sites), f"`{name}`", "hardware of the catalogue", [near], name)


def misspelt(name: str, known: str) -> bool:
    """Whether one name was meant as the other: alike, with the same numbers (an RTX 3070 is no RTX 3060)."""
    same = list(_numbers(name)) == list(_numbers(known))
    return same and SequenceMatcher(None, name.lower(), known).ratio() >= _SAME


def _numbers(name: str) -> Iterator[str]:
    yield from re.findall(r"\d+", name)


def location(name: str, pool: Pool, sites: tuple[Site, ...]) -> tuple[str, ...]:
    """The path at which a pool has a piece of hardware: its own, or that of the first group that says it."""
    for site in sites:
        for group in site.groups if site.name == pool.at else ():
            if group.hardware.get(pool.name) == name:
                return ("sites", site.name, "groups", group.name, "hardware", pool.name)
    return ("pools", pool.name, "hardware")
