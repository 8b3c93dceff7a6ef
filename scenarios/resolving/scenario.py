"""The whole of a scenario: every part resolved, all faults together."""

from __future__ import annotations

import math
from dataclasses import replace

from hardware_profiles.faults import BadInput, Fault
from scenarios.demand import sample_to_judge, sources
from scenarios.disruptions import Drill
from scenarios.language.document import Document
from scenarios.language.study import DrillText
from scenarios.places import Group, Site
from scenarios.resolving.figures import figures
from scenarios.resolving.hardware import check_hardware
from scenarios.resolving.links import links
from scenarios.resolving.measured import check_measured
from scenarios.resolving.money import MONTH_S, exchange
from scenarios.resolving.places import data, sites
from scenarios.resolving.pools import check_elastic, pools
from scenarios.resolving.prices import price_book
from scenarios.resolving.profile_files import files
from scenarios.resolving.references import check_paths, check_references
from scenarios.resolving.workloads import workloads
from scenarios.scenario import MOST_SITES, NotYet, Scenario, Study
from scenarios.source import Source
from scenarios.units import Quantity
from scenarios.workloads import Trace

# Where the study says nothing: enough requests for a p99 within a few per cent, few enough to answer in seconds.
REPLICATIONS, REQUESTS, REQUESTS_IN_ALL = 20, 3_000, 20_000
MOST_BY_ITSELF = 5_000  # sites of a larger sample that nobody asked for: it still answers within minutes
SPAN_S, SHORTEST_S, LONGEST_S = 60.0, 1.0, 24 * 3600.0


def resolve(source: Source, changes: tuple[str, ...]) -> Scenario:
    """The scenario of a text. Raises BadInput with every fault in it."""
    document = source.document()
    not_yet, judged = source.not_yet(document), source.judged(document)
    rates = exchange(document, source)
    places = sites(document, source)
    all_pools = pools(document, source, places, not_yet, judged)
    all_links = links(document, source, places, rates, not_yet)
    items = data(document, source, places)
    streams = workloads(document, source, places, all_pools, not_yet)
    read = files(document, source)
    own = figures(document, source, read)
    complete = not any(fault.path.startswith("figures") for fault in source.faults)  # else a consequence may follow
    if complete:
        check_hardware(all_pools, places, own, document, source)
    book = price_book(document, source, places, all_pools, rates, not_yet)
    check_elastic(all_pools, book.offers, source)
    holes = check_measured(streams, all_pools, places, own, source, not_yet) if complete else ()
    budget = document.limits.budget
    usd = rates.in_usd(budget, MONTH_S, source, ("limits", "budget")) if budget else None
    study = _study(document, source, places)
    check_references(document, source)
    if not changes:  # a change may well remove what they lead to
        check_paths(document, source)
    source.check()
    scenario = Scenario(
        name=document.name,
        about=" ".join(document.about.split()),
        patterns=document.patterns,
        currency=document.currency,
        usd_per_currency=rates.usd[document.currency],
        exchange_date=rates.date,
        sites=places,
        pools=all_pools,
        links=all_links,
        data=items,
        workloads=streams,
        budget_usd_per_month=usd,
        study=study,
        prices=book,
        figures=own,
        sources=document.sources,
        what_ifs=tuple(document.what_if),
        not_yet=_in_order(not_yet, source),
        changes=changes,
        document=source.tree,
        file=source.file,
        lines=source.lines,
        holes=holes,
        judged=tuple(judged),
        files=read,
        recordings=tuple(source.recordings.values()),
        folder=source.folder,
    )
    return replace(scenario, study=_filled(study, document, scenario))


def _study(document: Document, source: Source, places: tuple[Site, ...]) -> Study:
    month, stated = document.study.month, document.study.simulate
    if month is not None and month != MONTH_S:
        source.wrong(("study", "month"), f"a month of {month / 3600:g} h", "730 h")
    for key, value in (("busiest", stated.busiest), ("replications", stated.replications)):
        if value is not None and value <= 0:
            source.wrong(("study", "simulate", key), f"{key}: {value:g}", "more than 0")
    return Study(
        stated.busiest if stated.busiest is not None else SPAN_S,
        SPAN_S / 5 if stated.warm_up in (None, "detect") else float(stated.warm_up),
        stated.replications if stated.replications is not None else REPLICATIONS,
        _sample(document, source, places),
        stated.warm_up == "detect",
        stated.at,
        tuple(map(_drill, document.study.drills)),
    )


def _drill(text: DrillText) -> Drill:
    links = (text.link,) if text.link else ()
    return Drill(text.name, text.duration, links, text.pool, text.count if text.pool else 0, text.at)


def _sample(document: Document, source: Source, places: tuple[Site, ...]) -> dict[str, int]:
    """Sites simulated in full by the key of their group; what is said of a group counts before what is of its site."""
    stated = document.study.simulate.sample or ()
    kinds = {site.name: site.groups for site in places}
    kinds |= {group.key: (group,) for site in places for group in site.groups}
    found: dict[str, int] = {}
    for number, one in sorted(enumerate(stated), key=lambda pair: "/" in pair[1].of):
        loc = ("study", "simulate", "sample", number)
        if one.of not in kinds:
            source.unknown(loc, "a kind of site or a group", one.of, kinds)
        elif any(one.of == other.of for other in stated[:number]):
            source.wrong(loc, f"a second sample of {one.of}", "one for each kind or group")
        for group in kinds.get(one.of, ()):
            found[group.key] = _number(group, one)
    return found


def _number(group: Group, stated: Quantity) -> int:
    wanted = group.count * stated.value if stated.dimension == "fraction" else stated.value
    return min(group.count, math.ceil(wanted - 1e-9))


def _filled(study: Study, document: Document, scenario: Scenario) -> Study:
    """The study with spans that suit the scenario's rates, where it states none."""
    stated = document.study.simulate
    measured = in_all = 0.0
    for workload in scenario.workloads:
        for group in scenario.groups_of(scenario.pool(workload.source)):
            stream = sources(scenario, workload, group)
            measured += (study.in_full(group) if group else 1) * stream.number * stream.rate_per_s
            in_all += (group.count if group else 1) * stream.number * stream.rate_per_s
    span_s = study.span_s
    if traces := [w.arrivals.lasts_s for w in scenario.workloads if isinstance(w.arrivals, Trace)]:
        return _whole(study, document, scenario, max(traces))
    if stated.busiest is None and measured > 0:
        span_s = min(max(min(REQUESTS / measured, REQUESTS_IN_ALL / in_all), SHORTEST_S), LONGEST_S)
    filled = replace(
        study, span_s=span_s, warm_up_s=span_s / 5 if stated.warm_up in (None, "detect") else study.warm_up_s
    )
    return replace(filled, sample={**_large_enough(replace(scenario, study=filled)), **study.sample})


def _whole(study: Study, document: Document, scenario: Scenario, lasting_s: float) -> Study:
    """A trace is measured from its beginning to its end, where nothing else is stated."""
    stated = document.study.simulate
    warm_up_s = 0.0 if stated.warm_up is None else study.warm_up_s
    span_s = lasting_s - warm_up_s if stated.busiest is None else study.span_s
    if span_s <= 0:
        found = f"{warm_up_s:g} s of a trace that lasts {lasting_s:.3g} s"
        raise BadInput(Fault("study.simulate.warm_up", found, "less than all of it", scenario.file))
    return replace(study, span_s=span_s, warm_up_s=warm_up_s)


def _large_enough(scenario: Scenario) -> dict[str, int]:
    """Larger samples than usual, for groups with so few requests that a limit could not be judged by the usual one."""
    found = {}
    for group in scenario.groups:
        streams = (w for w in scenario.workloads if scenario.pool(w.source).at == group.site)
        sites = max((sample_to_judge(scenario, workload, group) for workload in streams), default=0)
        if MOST_SITES < sites <= MOST_BY_ITSELF:
            found[group.key] = sites
    return found


def _in_order(parts: list[NotYet], source: Source) -> tuple[NotYet, ...]:
    """Each part once, in the order of the file's sections."""
    sections = list(source.tree)
    return tuple(sorted(dict.fromkeys(parts), key=lambda part: _place(sections, part.path.split(".")[0])))


def _place(sections: list[str], section: str) -> int:
    return sections.index(section) if section in sections else len(sections)
