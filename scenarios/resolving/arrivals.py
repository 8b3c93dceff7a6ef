"""How requests come: what their rate is counted by, and what each source does."""

from __future__ import annotations

import math

from scenarios.calendar import EVEN, Week
from scenarios.demand import nodes_at
from scenarios.language.arrivals import ArrivalsText
from scenarios.language.document import Document
from scenarios.language.shape import StandIn
from scenarios.places import Site
from scenarios.pools import Pool
from scenarios.resolving.demand import weeks
from scenarios.resolving.places import facts_of, singular
from scenarios.resolving.recordings import instants
from scenarios.scenario import NotYet
from scenarios.source import Source
from scenarios.units import Quantity
from scenarios.workloads import Arrivals, Batch, BurstState, Bursty, Periodic, Poisson, Trace

EACH_S = {"hour": 3600.0, "day": 86_400.0, "week": 604_800.0}
DAY_S = EACH_S["day"]
SHORTEST = 1e-3  # of a state of a bursty source, in mean times between its requests: a shorter one makes no burst


class ArrivalsReader:
    """Reads the arrivals of workloads against one document."""

    def __init__(
        self, document: Document, source: Source, sites: tuple[Site, ...], pools: dict[str, Pool], not_yet: list[NotYet]
    ) -> None:
        self._document, self._source, self._sites, self._pools, self._not_yet = document, source, sites, pools, not_yet
        self._weeks = weeks(document, source)

    def arrivals(self, name: str, text: ArrivalsText, pool: str) -> Arrivals:
        """Those of a workload whose source is ``pool``."""
        loc = ("workloads", name, "arrivals")
        if text.kind == "batch":
            return self._batch(loc, text, pool)
        if text.kind == "trace":
            return self._trace(loc, text, pool)
        if text.kind == "bursty":
            return self._bursty(loc, text, pool)
        rate = text.rate or Quantity(1.0, "1 / time", per="all")
        per = self._per(rate.per, pool, (*loc, "rate"))
        self._shared_evenly(per, pool)
        if text.kind != "periodic":
            return Poisson(rate.value, per)
        jitter_s = text.jitter or 0.0
        period_s = self._sharing(per, pool) / (rate.value * self.week(name, text).busiest)
        if jitter_s > period_s * (1 + 1e-9):
            found = f"{jitter_s * 1e3:g} ms, with a request of each source every {period_s * 1e3:g} ms"
            self._source.wrong((*loc, "jitter"), found, "at most that, so that none overtakes another")
        return Periodic(rate.value, per, text.phase or "random", jitter_s)

    def week(self, name: str, text: ArrivalsText) -> Week:
        """How the rate changes over the week; a fault where there is no such shape."""
        if text.shape is not None and text.shape not in self._weeks:
            loc = ("workloads", name, "arrivals", "shape")
            self._source.unknown(loc, "a shape of demand", text.shape, self._weeks)
        return self._weeks.get(text.shape or "", EVEN)

    def gap_s(self, arrivals: Arrivals, pool: str) -> float:
        """Mean time between the requests of a source, at the rate that is written."""
        return math.inf if isinstance(arrivals, Batch) else self._sharing(arrivals.per, pool) / arrivals.rate_per_s

    def _batch(self, loc: tuple[str, ...], text: ArrivalsText, pool: str) -> Batch:
        assert text.each is not None
        assert text.window is not None
        start, end = text.window
        per = self._per(text.per or "", pool, (*loc, "per"))
        if per != "site":
            self._not_yet.append(NotYet(".".join((*loc, "per")), f"batches per {text.per}", False, True))
        return Batch(EACH_S[text.each], (end - start) % DAY_S or DAY_S, per)

    def _bursty(self, loc: tuple[str, ...], text: ArrivalsText, pool: str) -> Bursty:
        burst = text.burst
        assert burst is not None
        if burst.states is None:
            assert text.rate is not None
            assert burst.on is not None
            assert burst.off is not None
            per, mean = self._per(text.rate.per, pool, (*loc, "rate")), text.rate.value
            sending = BurstState((burst.on + burst.off) / burst.on, burst.on)
            states: tuple[BurstState, ...] = (sending, BurstState(0.0, burst.off))
        else:
            per = self._per(text.per or "", pool, (*loc, "per"))
            mean = sum(one.rate * one.lasts for one in burst.states) / sum(one.lasts for one in burst.states)
            states = tuple(BurstState(one.rate / mean, one.lasts) for one in burst.states)
        self._shared_evenly(per, pool)
        gap_s, shortest_s = self._sharing(per, pool) / mean, min(state.lasts_s for state in states)
        if shortest_s < SHORTEST * gap_s:
            found = f"a state of {shortest_s:.3g} s, with a request of each source every {gap_s:.3g} s on average"
            self._source.wrong((*loc, "burst"), found, "longer ones, or kind: poisson, which is the same")
        return Bursty(mean, per, states)

    def _trace(self, loc: tuple[str, ...], text: ArrivalsText, pool: str) -> Arrivals:
        assert text.file is not None
        per = self._per(text.per or "", pool, (*loc, "per"))
        self._shared_evenly(per, pool)
        if (sources := self._sharing(per, pool)) > 1:
            found = f"one trace for all of {sources} × {pool}"
            self._source.wrong((*loc, "per"), found, f"per {pool}, per site or per fact: each replays all of it")
        recording = None
        if not isinstance(text.file, StandIn):
            recording = instants(text.file, text.column or "t_s", (*loc, "file"), self._source)
        if recording is None:
            return Poisson(1.0, per)  # stands in for it, so that the rest can be checked
        return Trace(len(recording.values) / recording.values[-1], per, recording)

    def _sharing(self, per: str, pool: str) -> int:
        """Sources over which the rate is shared."""
        found = self._pools.get(pool)
        if per != "all" or found is None:
            return 1
        groups = [group for site in self._sites if site.name == found.at for group in site.groups]
        nodes = [group.count * nodes_at(found, group) for group in groups]
        return max(1, sum(nodes) if found.local else nodes_at(found, None))

    def _shared_evenly(self, per: str, source: str) -> None:
        """Nodes of a source that feed no whole number of the facts its rate is counted by are not planned yet."""
        pool = self._pools.get(source)
        for group in (group for site in self._sites if pool and site.name == pool.at for group in site.groups):
            assert pool is not None
            number, by = group.facts.get(per), pool.count.per
            if number is None or (by is not None and by not in group.facts):
                continue
            nodes = nodes_at(pool, group)
            if nodes % number:
                self._later(
                    ("pools", source, "count"),
                    f"{nodes} × {source} that do not divide evenly over {number} × {per} in {group.key}",
                )
                return

    def _later(self, loc: tuple[str, ...], what: str) -> None:
        self._not_yet.append(NotYet(".".join(loc), what, planned=False, simulated=False))

    def _per(self, per: str, source: str, loc: tuple[str, ...]) -> str:
        """What a rate is counted by, as the vocabulary says it: node, a fact, site or all."""
        pool = self._pools.get(source)
        if pool is None:
            return "all"
        site = next((site for site in self._sites if site.name == pool.at), None)
        if per == source:
            return "node"
        if per in ("all", "site"):
            return per
        if site is not None and per == site.name:
            return "site"
        facts = facts_of(site) if site is not None else []
        if singular(per) in facts:
            return singular(per)
        known = [source, *facts, *([site.name] if site else []), "site", "all"]
        self._source.unknown(loc, "per its source, a fact of its site, its site, or in all", per, known)
        return "all"
