"""What a simulation measured: tables, intervals, usage."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim import measures
from sim.draws import NS
from sim.load import offered, overloaded
from sim.measures import PERCENTILES, Floats, Interval, Replications, Verdict
from sim.network import Network, Queue
from sim.precision import Precision
from sim.requests import Played
from sim.samples import ANSWER, Sample, sample
from sim.summary import summary
from sim.usage import MONTH_S, LinkKey, PoolKey, Usage

_METRICS = ("mean", *PERCENTILES)
_RESPONSE = ["group", "workload", "of", "requests"]
_RESPONSE += [f"{name}{bound}_ms" for name in _METRICS for bound in ("", "_low", "_high")]
_WORKLOADS = ["group", "workload", "requests", "completed", "unfinished"]
_TASKS = ["group", "workload", "task", "pool", "requests", "waiting_ms", "service_ms", "network_ms"]
_STATIONS = ["pool", "group", "site", "queue", "servers", "offered_load", "utilisation"]
_STATIONS += ["mean_busy_servers", "mean_queue_length", "visits"]
_LINKS = ["link", "direction", "group", "messages", "bytes", "busy_fraction", "busiest_fraction", "mean_queue_length"]


@dataclass(frozen=True)
class Result:
    """Measured by ``replications`` runs of ``span_s`` each, after ``warm_up_s``; tables are made when asked for.

    Attributes
    ----------
    versions
        Of Python and of the libraries that can change a figure.
    scenario_hash
        Of the scenario's text after all overrides.
    precision
        Of the percentiles, where replications were added for it.
    """

    scenario_name: str
    scenario_hash: str
    seed: int
    engine: str
    span_s: float
    warm_up_s: float
    versions: Mapping[str, str]
    keep_requests: bool
    network: Network
    played: tuple[Played, ...]
    precision: Precision | None = None

    @property
    def replications(self) -> int:
        return len(self.played)

    # requests

    def response(self) -> pd.DataFrame:
        """Response times, one row per (group, workload, of): mean and percentiles with their intervals [ms]."""
        rows = [self._response_row(one, of) for one in self._samples for of in _all_of(one)]
        return pd.DataFrame(rows, columns=_RESPONSE)

    def mean(self, workload: str, of: str, group: str | None = None) -> Interval:
        """Mean response time [s] of a task or of ``answer``; over all groups without one."""
        values, weights = self._values(workload, of, group)
        return measures.mean(*values, weights=weights)

    def percentile(self, workload: str, of: str, p: float, group: str | None = None) -> Interval:
        """Percentile ``p`` (0.99) of the response time [s] of a task or of ``answer``; over all groups without one."""
        values, weights = self._values(workload, of, group)
        return measures.quantile(*values, p, weights=weights)

    def attainment(self, workload: str, of: str, limit_s: float, group: str | None = None) -> Interval:
        """Fraction of the requests answered within ``limit_s``; what was never delivered counts as late."""
        values, weights = self._values(workload, of, group)
        return measures.attainment(*values, limit_s, weights=weights)

    def verdict(self, workload: str, of: str, p: float, limit_s: float, group: str | None = None) -> Verdict:
        """Whether a fraction ``p`` (0.99) is answered within ``limit_s``.

        Met or missed where the 95 % intervals of attainment and percentile are clear of the limit, else undecided.
        """
        attained = self.attainment(workload, of, limit_s, group)
        return measures.verdict(attained, self.percentile(workload, of, p, group), p, limit_s)

    def samples(self, workload: str, of: str, group: str | None = None) -> Floats:
        """All response times [s], increasing; of groups that are sampled differently best looked at one by one."""
        return np.sort(self._values(workload, of, group)[0][0])

    def split(self, workload: str, of: str, group: str | None = None) -> dict[str, float]:
        """Mean ``waiting_s``, ``service_s`` and ``network_s`` (waits at links included) of what was delivered."""
        chosen = self._chosen(workload, group)
        response = np.concatenate([one.response(of) for one in chosen])
        parts = [np.concatenate(arrays) for arrays in zip(*(one.parts(of) for one in chosen), strict=True)]
        finite = np.isfinite(response)
        if not finite.any():
            return dict.fromkeys(("waiting_s", "service_s", "network_s"), math.nan)
        weights = self._weights(chosen, finite)
        total, waiting, service = (float(np.average(array[finite], weights=weights)) for array in (response, *parts))
        return {"waiting_s": waiting, "service_s": service, "network_s": total - waiting - service}

    def worst_queue(self, workload: str, of: str, p: float, group: str | None = None) -> tuple[str, float]:
        """The sub-pool (line, lane, else site) with the largest percentile [s]; ``nan`` where nobody came."""
        found = [("", math.nan)]
        for one in self._chosen(workload, group):
            response, place = one.response(of), one.place
            order = np.lexsort((response, place))
            order = order[~np.isnan(response[order])]
            places, starts = np.unique(place[order], return_index=True)
            for number, start, stop in zip(places.tolist(), starts, (*starts[1:], len(order)), strict=False):
                site, sub_pool = divmod(number, one.flow.sources.queues)
                values = response[order[start:stop]]
                found.append((one.flow.place(site, sub_pool), measures.order_statistic(values, p)))
        return max(found[1:], key=lambda pair: pair[1], default=found[0])

    @cached_property
    def _samples(self) -> tuple[Sample, ...]:
        found = [sample(flow, self.network.first_source(flow), self.played) for flow in self.network.flows]
        return tuple(sorted(found, key=lambda one: (one.flow.key, one.flow.workload.name)))

    def _chosen(self, workload: str, group: str | None) -> list[Sample]:
        chosen = [s for s in self._samples if s.flow.workload.name == workload and group in (None, s.flow.key)]
        if not chosen:
            known = ", ".join(f"{s.flow.workload.name} at {s.flow.key}" for s in self._samples)
            raise KeyError(f"nothing was simulated of {workload} at {group}; there is {known}")
        return chosen

    def _values(
        self, workload: str, of: str, group: str | None
    ) -> tuple[tuple[Floats, Replications, int], Floats | None]:
        """Responses of the requests that reach ``of`` as ``sim.measures`` takes them, and their weights."""
        chosen = self._chosen(workload, group)
        values = np.concatenate([one.response(of) for one in chosen])
        replication = np.concatenate([one.replication for one in chosen])
        reached = ~np.isnan(values)
        return (values[reached], replication[reached], self.replications), self._weights(chosen, reached)

    def _weights(self, chosen: Sequence[Sample], rows: npt.NDArray[np.bool_]) -> Floats | None:
        """For how many requests each of the chosen rows stands; ``None`` where that is the same for all."""
        if len({one.flow.weight for one in chosen}) == 1:
            return None
        return np.concatenate([np.full(len(one.births), one.flow.weight) for one in chosen])[rows]

    def _response_row(self, one: Sample, of: str) -> dict[str, Any]:
        flow = one.flow
        values, _ = self._values(flow.workload.name, of, flow.key)
        row: dict[str, Any] = {"group": flow.key, "workload": flow.workload.name, "of": of, "requests": len(values[0])}
        intervals = {"mean": measures.mean(*values)}
        intervals |= {name: measures.quantile(*values, p) for name, p in PERCENTILES.items()}
        for name, interval in intervals.items():
            row |= {f"{name}_ms": interval.value * 1e3, f"{name}_low_ms": interval.low * 1e3}
            row[f"{name}_high_ms"] = interval.high * 1e3
        return row

    # tables

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Per (group, workload): requests born, completed, and not ended when the run was given up."""
        rows = []
        for one in self._samples:
            unfinished = int(np.isinf(one.delivered).any(axis=1).sum())
            born = len(one.births)
            rows.append((one.flow.key, one.flow.workload.name, born, born - unfinished, unfinished))
        return pd.DataFrame(rows, columns=_WORKLOADS)

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """Per (group, workload, task): requests that reach it, and what its mean response consists of [ms]."""
        rows = []
        for one in self._samples:
            flow = one.flow
            for task in flow.workload.tasks:
                reached = int((~np.isnan(one.response(task.name))).sum())
                split = self.split(flow.workload.name, task.name, flow.key)
                ms = {name.replace("_s", "_ms"): value * 1e3 for name, value in split.items()}
                pool = flow.route.step(task.name).pool
                names = {"group": flow.key, "workload": flow.workload.name, "task": task.name, "pool": pool}
                rows.append({**names, "requests": reached, **ms})
        return pd.DataFrame(rows, columns=_TASKS)

    @cached_property
    def stations(self) -> pd.DataFrame:
        """Per queue of a pool: servers, offered load, utilisation and mean queue length over the measured span.

        Sites and queues count from 1, a region has no group; a service bought by the request has no servers and no
        utilisation.
        """
        rows = []
        for queue, load, busy, waiting, visits in self._queues(link=False):
            rows.append(
                {
                    "pool": queue.name,
                    "group": queue.group or "",
                    "site": queue.site + 1,
                    "queue": queue.number + 1,
                    "servers": math.nan if queue.servers is None else queue.servers,
                    "offered_load": load,
                    "utilisation": busy / queue.servers if queue.servers else math.nan,
                    "mean_busy_servers": busy,
                    "mean_queue_length": waiting,
                    "visits": visits,
                }
            )
        return pd.DataFrame(rows, columns=_STATIONS)

    @cached_property
    def links(self) -> pd.DataFrame:
        """Per (link, direction, group): messages and bytes in the measured span, mean of the replications.

        They stand for all sites, also those that are not simulated in full; the requests in ``workloads`` are only
        those that were simulated. ``busy_fraction`` is the mean over the instances (nodes, sites) that carry messages,
        ``busiest_fraction`` the largest; both are 0 where there is no bandwidth to occupy.
        """
        busy: dict[LinkKey, list[tuple[float, float]]] = defaultdict(list)
        for queue, _, fraction, waiting, _ in self._queues(link=True):
            link, direction = queue.name.rsplit(".", 1)
            busy[link, direction, queue.group].append((fraction, waiting))
        rows = []
        to_span = self.span_s / MONTH_S
        for link, direction, group in sorted(self.usage.messages, key=lambda used: (*used[:2], used[2] or "")):
            shared = busy.get((link, direction, None), [(0.0, 0.0)])
            instances = busy.get((link, direction, group), shared)
            fractions, waits = zip(*instances, strict=True)
            rows.append(
                {
                    "link": link,
                    "direction": direction,
                    "group": group or "",
                    "messages": self.usage.messages[link, direction, group] * to_span,
                    "bytes": self.usage.bytes[link, direction, group] * to_span,
                    "busy_fraction": sum(fractions) / len(fractions),
                    "busiest_fraction": max(fractions),
                    "mean_queue_length": sum(waits) / len(waits),
                }
            )
        return pd.DataFrame(rows, columns=_LINKS)

    @cached_property
    def requests(self) -> pd.DataFrame:
        """One row per measured request and task that was done, all instants in nanoseconds.

        Raises
        ------
        ValueError
            Where it was not asked for.
        """
        if not self.keep_requests:
            raise ValueError("the table of requests is kept when asked for: simulate(…, requests=True)")
        columns = ["replication", "workload", "group", "site", "source", "sequence", "task", "born_ns"]
        columns += ["entered_ns", "started_ns", "completed_ns", "delivered_ns", "waited_ns", "served_ns"]
        return pd.DataFrame(self._request_rows(), columns=columns)

    def _request_rows(self) -> Iterator[tuple[Any, ...]]:
        sources = self.network.sources
        for replication, played in enumerate(self.played):
            born = {(source, sequence): at for source, sequence, at, *_ in played.births.tolist()}
            for number, sequence, task, *instants in played.visits.tolist():
                source = sources[number]
                flow = source.flow
                place = (flow.workload.name, flow.key, source.site + 1, source.number + 1, sequence, flow.names[task])
                yield (replication, *place, born[number, sequence], *instants)

    def _queues(self, link: bool) -> Iterator[tuple[Queue, float, float, float, float]]:
        """Each queue with offered load, mean busy servers, mean queue length and visits a replication."""
        means = np.mean([played.queues for played in self.played], axis=0) / (self.span_s * NS, self.span_s * NS, 1.0)
        rows = zip(self.network.queues, self._offered, means.tolist(), strict=True)
        for queue, load, (busy, waiting, visits) in sorted(rows, key=lambda row: row[0].order):
            if queue.link == link:
                yield queue, load, busy, waiting, visits

    # the whole

    @property
    def overloaded(self) -> tuple[str, ...]:
        """Pools and links that are offered as much as they can serve, or more: no figure of theirs is a steady one."""
        return overloaded(self.network, self._offered)

    @property
    def sampled(self) -> Mapping[str, tuple[int, int]]:
        """(sites simulated in full, sites) of each group where these differ; see ``sim.background``."""
        return self.network.sampled

    @cached_property
    def _offered(self) -> tuple[float, ...]:
        return offered(self.network)

    @cached_property
    def usage(self) -> Usage:
        """What a month at this demand uses, from the measured requests; each counts for its like at all sites."""
        to_month = MONTH_S / (self.span_s * self.replications)
        requests: dict[tuple[str, str], float] = {}
        busy: dict[PoolKey, float] = defaultdict(float)
        calls: dict[PoolKey, float] = defaultdict(float)
        messages: dict[LinkKey, float] = defaultdict(float)
        size: dict[LinkKey, float] = defaultdict(float)
        for one in self._samples:
            flow, first = one.flow, self.network.first_source(one.flow)
            scale = to_month * flow.weight
            requests[flow.workload.name, flow.key] = len(one.births) * scale
            for happened, number in one.happened:
                for branch in self.network.journey(first, 0, happened).branches():
                    for link, direction, group, size_bytes in branch.sendings:
                        messages[link, direction, group] += number * scale
                        size[link, direction, group] += number * size_bytes * scale
            visits = {b.visit for b in self.network.journey(first, 0, (1,) * flow.shares).branches() if b.visit}
            for visit in visits:
                work = one.work[:, visit.task]
                queue = self.network.queues[visit.queue]
                calls[queue.name, queue.group] += np.count_nonzero(~np.isnan(work)) * scale
                busy[queue.name, queue.group] += float(np.nansum(work)) / visit.slots * scale
        return Usage(requests, dict(busy), dict(calls), dict(messages), dict(size))

    def summary(self) -> dict[str, Any]:
        """The simulation's part of ``simulate --json``: plain values, ``None`` where there is no number."""
        return summary(self)


def _all_of(one: Sample) -> Sequence[str]:
    return [*(task.name for task in one.flow.workload.tasks), ANSWER]
