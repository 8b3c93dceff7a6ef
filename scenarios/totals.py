"""What a scenario adds up to, so that its author sees whether it was understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.demand import nodes_at, sources
from scenarios.pools import Pool
from scenarios.scenario import Scenario
from scenarios.units import COUNTED, NotAQuantity, parse
from scenarios.user_figures import names_of
from scenarios.variants import profiled_as
from scenarios.workloads import Batch, Workload

_WORD = re.compile(r"[\w-]*[a-z]{3}", re.IGNORECASE)  # what can stand in the plural


def totals(scenario: Scenario) -> list[str]:
    """A line with everything that is counted and the rate of the first workload, then one for each other workload.

    ``900 stores, 5 600 lanes, 16 800 cameras, 1 307 items/s at the busiest hour``

    Then what its figures come to: ``12 figures from my-board.json``, and every estimate.
    """
    counted = [*_places(scenario), *_nodes(scenario)]
    first, *others = scenario.workloads
    head = ", ".join([*counted, _stream(scenario, first)])
    streams = (f"{workload.name}: {_stream(scenario, workload, 'request')}" for workload in others)
    return [head, *streams, *figures_in_words(scenario)]


def figures_in_words(scenario: Scenario) -> list[str]:
    """What comes from each profile file, and every estimate asked for."""
    return [*_from_files(scenario), *_nowhere(scenario), *_estimates(scenario)]


def _from_files(scenario: Scenario) -> Iterator[str]:
    """What is used of each file comes first, and loudly where that is nothing."""
    for file in scenario.files:
        counting = sum(figure.file == file.path for figure in scenario.figures)
        older, name = file.used - counting, file.path.removeprefix("./")
        why = [f"{number(older)} older, or of another power mode"] if older else []
        why += [f"{number(file.left_out)} without the time of a single input"] if file.left_out else []
        left_out = f"; left out: {'; '.join(why)}" if why else ""
        yield (f"{counted(counting, 'figure')} from {name}" if counting else f"NOTHING from {name} counts") + left_out


def _nowhere(scenario: Scenario) -> Iterator[str]:
    """Hardware of profile files that is misspelt, or not asked for."""
    names = {
        name
        for pool in scenario.pools
        for choice in (*pool.choices, *(group.hardware.get(pool.name) for group in scenario.groups))
        for name in (names_of(choice, profiled_as(pool, choice)) if choice else ())
    }
    of_files = [figure for figure in scenario.figures if figure.file]
    for hardware in dict.fromkeys(figure.hardware for figure in of_files if not any(map(figure.on, names))):
        yield f"no pool has the hardware {hardware}: its figures are not used"


def _estimates(scenario: Scenario) -> Iterator[str]:
    for place, entry in enumerate(_entries(scenario)):
        if entry.get("kind") == "estimated":
            found = next((figure for figure in scenario.figures if figure.path == f"figures.{place}"), None)
            what = f"{entry['model']} on {entry['hardware']}"
            how = f" in {found.precision} {found.runtime}".rstrip() if found and found.precision else ""
            yield f"estimated: {what}{how}, {found.text}" if found else f"measured, so not estimated: {what}"


def _entries(scenario: Scenario) -> list[Mapping[str, Any]]:
    written = scenario.document.get("figures", [])
    return [entry if isinstance(entry, Mapping) else {} for entry in written] if isinstance(written, list) else []


def _places(scenario: Scenario) -> Iterator[str]:
    for site in scenario.sites:
        yield counted(sum(group.count for group in site.groups), site.name)
        for fact in dict.fromkeys(fact for group in site.groups for fact in group.facts):
            yield counted(sum(group.count * group.facts.get(fact, 0) for group in site.groups), fact)


def _nodes(scenario: Scenario) -> Iterator[str]:
    for name in dict.fromkeys(workload.source for workload in scenario.workloads):
        pool = scenario.pool(name)
        named = {word for site in scenario.sites for group in site.groups for word in (site.name, *group.facts)}
        if pool.count.fixed and name not in named:
            yield counted(_number_of(scenario, pool), name)


def _number_of(scenario: Scenario, pool: Pool) -> int:
    return sum((group.count if group else 1) * nodes_at(pool, group) for group in scenario.groups_of(pool))


def _stream(scenario: Scenario, workload: Workload, one: str = "") -> str:
    if isinstance(workload.arrivals, Batch):
        return _batch(workload, workload.arrivals)
    pool = scenario.pool(workload.source)
    rate = 0.0
    for group in scenario.groups_of(pool):
        stream = sources(scenario, workload, group)
        rate += (group.count if group else 1) * stream.number * stream.rate_per_s
    name = workload.name if _WORD.fullmatch(workload.name) else "request"
    return f"{number(rate)} {plural(_counted_as(scenario, workload) or one or name, rate)}/s at the busiest hour"


def _batch(workload: Workload, arrivals: Batch) -> str:
    size = sum(task.input.size_bytes for task in workload.tasks if task.input is not None and not task.after)
    each = {3600.0: "hour", 86_400.0: "day", 604_800.0: "week"}[arrivals.each_s]
    per = "" if arrivals.per == "all" else f" per {workload.source if arrivals.per == 'node' else arrivals.per}"
    window = f"{arrivals.window_s / 3600:g} h"
    return f"{_size(size)} each {each}{per} within {window}"


def _counted_as(scenario: Scenario, workload: Workload) -> str:
    """What the rate counts: ``frame`` of ``30 frame/s``; empty where it does not say."""
    text = scenario.document["workloads"][workload.name].get("arrivals", {}).get("rate", "")
    try:
        what = parse(str(text)).dimension.split(" / ")[0]
    except NotAQuantity:
        what = ""
    return what if what in COUNTED else ""


def counted(how_many: int, what: str) -> str:
    """``5 600 lanes``; made-up names that are no words stay: ``4 × a``."""
    if not _WORD.fullmatch(what):
        return f"{number(how_many)} × {what}"
    return f"{number(how_many)} {plural(what, how_many)}"


def plural(what: str, how_many: float) -> str:
    """``lane`` → ``lanes`` unless there is one; words that end in s stay."""
    words = what.replace("_", " ")
    if how_many == 1 or words.endswith("s"):
        return words
    if words.endswith(("ch", "sh", "x")):
        return f"{words}es"
    return f"{words[:-1]}ies" if words.endswith("y") and words[-2:-1] not in "aeiou" else f"{words}s"


def number(value: float) -> str:
    """Three significant digits, from 100 on whole, with a space between thousands."""
    return f"{value:,.0f}".replace(",", " ") if value >= 100 or value == int(value) else f"{value:.3g}"


def _size(size_bytes: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= size:
            return f"{size_bytes / size:g} {unit}"
    return f"{size_bytes:g} B"
