"""The catalogue of places: which region lies in which country, and that in which part of the world."""

from __future__ import annotations

from functools import lru_cache

from scenarios.catalogue_tables import by, rows


def known(place: str) -> bool:
    return (place,) in by("places", "name")


def names() -> tuple[str, ...]:
    """All places of the catalogue."""
    return tuple(row["name"] for row in rows("places"))


def around(place: str) -> tuple[str, ...]:
    """The place and everything that it lies in, from the inside: ``westeurope, nl, eu, europe, world``."""
    found = [place]
    while inside := by("places", "name")[(found[-1],)]["inside"]:
        found.append(inside)
    return tuple(found)


@lru_cache
def within(place: str) -> frozenset[str]:
    """The place and everything inside it."""
    return frozenset(name for name in names() if place in around(name))
