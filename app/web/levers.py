"""The values that matter in a scenario, each as a row of positions that a slider can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.contracts import latency_path
from planner.formats import bandwidth, duration
from planner.plans import Flip
from planner.wording import flips_in_words, set_to
from scenarios.changes import leads_somewhere, value_at
from scenarios.scenario import Scenario
from scenarios.units import NotAQuantity, number_times, parse

MOST = 8
_DECADE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)  # positions between 1 and 10, about a fifth apart
_WIDE, _NEAR = 10.0, 4.0  # times the present value, both ways
_POINTS = 20  # percentage points of accuracy, both ways
_MONEY = ("USD", "USD/h", "USD/GB", "USD/kWh")


@dataclass(frozen=True)
class Lever:
    """One value of a scenario.

    Attributes
    ----------
    path, values, now
        Where it stands, the values it can take and the one it has: texts as ``--set`` takes them, with their unit,
        from the least to the most.
    flips
        At which value another tier wins; empty where none is known.
    """

    path: str
    label: str
    values: tuple[str, ...]
    now: str
    flips: str = ""

    def with_value(self, value: str) -> Lever:
        """The same lever with one more position; nothing changes where it has one of that size."""
        return replace(self, values=_in_order((value, *self.values)))

    def position(self, value: str) -> str:
        """The position of the size of a value, as this lever writes it."""
        return next((known for known in self.values if _size(known) == _size(value)), self.now)

    def setting(self, value: str) -> str:
        """The ``PATH=VALUE`` of a position."""
        return f"{self.path}={value}"


def levers(scenario: Scenario, flips: Sequence[Flip] = ()) -> tuple[Lever, ...]:
    """At most eight: those with a flip first, then limits, floors, demand, sites, links and assumed prices.

    Every position of each gives a valid scenario. A flip is a position too.
    """
    kinds = (_limits, _floors, _rates, _sites, _round_trips, _bandwidths, _prices)
    found = [list(kind(scenario)) for kind in kinds]
    by_flip = [flip.path for flip in flips]
    ranked = [
        (lever.path not in by_flip, turn, kind, lever)  # one of each kind before a second of any
        for kind, some in enumerate(found)
        for turn, lever in enumerate(some)
    ]
    ranked.sort(key=lambda one: one[:3])
    chosen = sorted(ranked[:MOST], key=lambda one: (one[0], one[2], one[1]))
    return tuple(_with_flips(lever, [f for f in flips if f.path == lever.path]) for *_, lever in chosen)


def _with_flips(lever: Lever, flips: Sequence[Flip]) -> Lever:
    for flip in flips:
        lever = lever.with_value(set_to(flip))
    return replace(lever, flips=flips_in_words(flips))


def _limits(scenario: Scenario) -> Iterator[Lever]:
    for workload in scenario.workloads:
        for latency in workload.requires.latency:
            path = latency_path(workload.name, latency)
            of = workload.name if latency.of == "answer" else latency.of
            if leads_somewhere(scenario.document, path):
                now = duration(latency.limit_s)
                values = (duration(value) for value in _around(parse(now).value, _WIDE))
                yield _lever(path, f"{of}: {latency.metric} limit", now, values)


def _floors(scenario: Scenario) -> Iterator[Lever]:
    for workload in scenario.workloads:
        path, floor = f"workloads.{workload.name}.requires.accuracy.at_least", workload.requires.accuracy_at_least
        if floor is not None and leads_somewhere(scenario.document, path):
            points = round(floor * 100)
            values = (f"{point} %" for point in range(max(1, points - _POINTS), min(99, points + _POINTS) + 1))
            yield _lever(path, f"{workload.name}: accuracy floor", f"{floor * 100:g} %", values)


def _rates(scenario: Scenario) -> Iterator[Lever]:
    for workload in scenario.workloads:
        path = f"workloads.{workload.name}.arrivals.rate"
        text = value_at(scenario.document, path)
        if isinstance(text, str):
            now = number_times(text, 1.0)
            number = float(now.split()[0])
            values = (number_times(text, value / number) for value in _around(number, _NEAR))
            yield _lever(path, f"{workload.name}: arrivals", now, values)


def _sites(scenario: Scenario) -> Iterator[Lever]:
    for group in scenario.groups:
        paths = (f"sites.{group.site}.groups.{group.name}.count", f"sites.{group.site}.count")
        for path in (path for path in paths if leads_somewhere(scenario.document, path)):
            several = len(scenario.groups) > 1
            label = f"{group.site}, {group.name}: sites" if several else f"{group.site}: sites"
            values = (f"{value:.0f}" for value in _around(group.count, _NEAR) if value == round(value))
            yield _lever(path, label, f"{group.count}", values)


def _round_trips(scenario: Scenario) -> Iterator[Lever]:
    for link in scenario.links:
        path = f"links.{link.name}.rtt"
        varies = link.rtt.kind != "constant"  # then a smaller one might not hold its jitter
        if not (link.within or varies) and link.rtt_s > 0 and isinstance(value_at(scenario.document, path), str):
            now = duration(link.rtt_s)
            values = (duration(value) for value in _around(parse(now).value, _WIDE))
            yield _lever(path, f"{link.name}: round trip", now, values)


def _bandwidths(scenario: Scenario) -> Iterator[Lever]:
    for link in scenario.links:
        path = f"links.{link.name}.up"
        if not link.within and link.up_bps and isinstance(value_at(scenario.document, path), str):
            values = (bandwidth(value) for value in _around(link.up_bps, _WIDE))
            yield _lever(path, f"{link.name}: up", bandwidth(link.up_bps), values)


def _prices(scenario: Scenario) -> Iterator[Lever]:
    """Of what is only assumed, hardware and offers before what is done with them."""
    assumed = [one for one in scenario.prices.assumed() if one[2].value > 0 and one[2].unit in _MONEY]
    for path, what, figure in sorted(assumed, key=lambda one: not one[1].startswith("price")):
        now = f"{figure.value:g} {figure.unit}"
        values = (f"{value:g} {figure.unit}" for value in _around(figure.value, _NEAR))
        yield _lever(path, what, now, values)


def _lever(path: str, label: str, now: str, values: Iterable[str]) -> Lever:
    return Lever(path, label, _in_order((*values, now)), now)


def _in_order(values: Iterable[str]) -> tuple[str, ...]:
    """By size, each once; of two texts for one value the last stays."""
    return tuple(text for _, text in sorted({_size(text): text for text in values}.items()))


def _size(text: str) -> float:
    try:
        return parse(text).value
    except NotAQuantity:
        return float("inf")  # what is no quantity may still be a value: the last position


def _around(value: float, times: float) -> Iterator[float]:
    """Round numbers from ``value / times`` to ``value * times``, evenly spaced on a logarithmic scale."""
    exponents = range(-12, 15)
    for number in (digit * 10.0**exponent for exponent in exponents for digit in _DECADE):
        if value / times <= number * (1 + 1e-9) and number <= value * times * (1 + 1e-9):
            yield float(f"{number:.6g}")
