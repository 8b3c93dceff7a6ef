"""Random control processes for `random_networks`: outages, servers, and controllers that read queues and react."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from sim.control import Handle, Handles

Gauges = tuple[int, int, bool, int | None, int, int | None, int, int]

STEPS = ("down", "up", "more", "less", "none", "many", "by queue", "look", "all down", "all up")
MANY = 70  # servers: far above what a station had


@dataclass(frozen=True)
class Acting:
    """Does one thing after the other at the given instants [ns], each to the station with a number."""

    steps: tuple[tuple[int, str, int], ...]
    seen: list[list[Gauges]] = field(default_factory=list, compare=False, repr=False)  # a list for each plane

    def __call__(self, stations: Handles) -> Iterator[int]:
        notes: list[Gauges] = []
        self.seen.append(notes)
        everything = [one for name in sorted(stations) for one in stations[name]]
        for instant, what, number in self.steps:
            yield instant
            if everything:
                _act(what, everything[number % len(everything)], everything, notes)


def _act(what: str, one: Handle, everything: list[Handle], notes: list[Gauges]) -> None:
    servers = one.servers or 0
    match what:
        case "up" | "down":
            one.set_up(what == "up")
        case "more" | "less":
            one.set_servers(max(servers + (1 if what == "more" else -1), 0))
        case "none" | "many":
            one.set_servers(MANY if what == "many" else 0)
        case "by queue":
            one.set_servers(4 if one.waiting > 1 else 1)
        case "look":
            notes += map(gauges, everything)
        case _:  # all that wait at any station start at one instant
            for each in everything:
                each.set_up(what == "all up")
                if what == "all up":
                    each.set_servers(max(each.servers or 0, 1))


@dataclass(frozen=True)
class Steering:
    """A controller: every so often it gives a server to each station where many wait and takes one where none does."""

    every_ns: int
    rounds: int | None  # None: for ever
    most_waiting: int
    fewest: int  # servers
    seen: list[list[Gauges]] = field(default_factory=list, compare=False, repr=False)

    def __call__(self, stations: Handles) -> Iterator[int]:
        notes: list[Gauges] = []
        self.seen.append(notes)
        number = 0
        while self.rounds is None or number < self.rounds:
            number += 1
            yield number * self.every_ns
            for name in sorted(stations):
                for one in stations[name]:
                    notes.append(gauges(one))
                    servers = one.servers or 0
                    if one.waiting > self.most_waiting:
                        one.set_servers(servers + 1)
                    elif one.busy < servers and servers > self.fewest:
                        one.set_servers(servers - 1)


def gauges(one: Handle) -> Gauges:
    now = one.busy, one.waiting, one.up, one.servers
    return *now, one.worked, one.called, one.busy_until(0), one.busy_until(2)


Random = Acting | Steering


@st.composite
def disturbances(draw: Any, tick_ns: int, healing: bool) -> Acting:
    """Steps at round instants, several at once; where they are ``healing`` nobody waits for ever."""
    gaps = st.sampled_from([0, 1, 1, 2, 5, 10, 10, 30])
    steps = draw(st.lists(st.tuples(gaps, st.sampled_from(STEPS), st.integers(0, 60)), max_size=10))
    shift = draw(st.sampled_from([0, 0, tick_ns // 3]))
    found, now = [], shift
    for gap, what, number in steps:
        now += gap * tick_ns
        found.append((now, what, number))
    if healing:
        found.append((now + draw(st.sampled_from([0, 1, 20])) * tick_ns, "all up", 0))
    return Acting(tuple(found))


@st.composite
def steerings(draw: Any, tick_ns: int) -> Steering:
    """For ever only with a server left for each, lest a run that is given up after very long never seems to end."""
    every, rounds, fewest = draw(st.sampled_from([(1, 40, 0), (1, 100, 1), (3, 40, 1), (10, None, 1), (25, None, 1)]))
    return Steering(every * tick_ns, rounds, draw(st.sampled_from([0, 1, 3])), fewest)


def controls(tick_ns: int, healing: bool = True) -> st.SearchStrategy[list[Random]]:
    """Up to three at once."""
    acting = disturbances(tick_ns, healing)
    return st.lists(st.one_of(acting, acting, steerings(tick_ns)), max_size=3)


@st.composite
def late_or_never(draw: Any, tick_ns: int, end: int) -> Acting:
    """A station goes down, or has no server left; it comes back long after the span, or never."""
    at = draw(st.sampled_from([0, tick_ns, end // 2, end]))
    number, what = draw(st.integers(0, 60)), draw(st.sampled_from(["down", "none", "all down", "all down"]))
    back = draw(st.sampled_from([None, 3, 12, 15, 19, 25, 45, 1000]))
    steps = [(at, what, number)]
    if back:
        steps += [(back * end, "look", 0), (back * end, "all up", 0), (back * end + tick_ns, "look", 0)]
    return Acting(tuple(steps))
