"""What a simulation measured: tables, intervals, usage."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import measures
from sim.data_seen import COLUMNS as DATA_COLUMNS
from sim.data_seen import data_seen
from sim.draws import NS, nanoseconds
from sim.drops import CAUSES
from sim.flows import Flow
from sim.load import overloaded
from sim.measured import Measured, counts
from sim.measures import PERCENTILES, Counts, Floats, Interval, Numbers, Verdict, predictability
from sim.network import Network
from sim.precision import Precision
from sim.queue_tables import Queues
from sim.replay import Replay, Slow
from sim.replication import Played
from sim.request_table import table
from sim.summary import summary
from sim.tally import ANSWER, Limits, number_of
from sim.timeline import Timeline, station_table, workload_table
from sim.usage import MONTH_S, PoolKey, Usage, used
from sim.warm_up import WarmUp
from sim.watching import Watched

if TYPE_CHECKING:
    import pandas as pd

_METRICS = ("mean", *PERCENTILES)
_RESPONSE = ["group", "workload", "of", "requests"]
_RESPONSE += [f"{name}{bound}_ms" for name in _METRICS for bound in ("", "_low", "_high")]
_RESPONSE += ["predictability"]
_WORKLOADS = ["group", "workload", "requests", "completed", "dropped", "unfinished"]
_SKIPS = ["group", "workload", "task", "requests"]
_DROPS = ["group", "workload", "task", "cause", "requests", "fraction"]
_TASKS = ["group", "workload", "task", "pool", "requests", "waiting_ms", "service_ms", "network_ms"]


class NotCounted(ValueError):  # noqa: N818 - it names what happened
    """It is not known how many requests kept a limit."""


@dataclass(frozen=True)
class Result:
    """Measured by ``replications`` runs of ``span_s`` each, after ``warm_up_s``; tables are made when asked for.

    Attributes
    ----------
    versions
        Of Python and of the libraries that can change a figure.
    scenario_hash
        Of the scenario's text after all overrides.
    limits
        That were counted, by flow of the network.
    precision
        Of the percentiles, where replications were added for it.
    policies
        Pools with a policy in Python.
    replay
        By which single requests are watched.
    detected
        The warm-up, where it was found by pilot runs.
    timeline_s
        Length of the steps of which a timeline was kept.
    """

    scenario_name: str
    scenario_hash: str
    seed: int
    engine: str
    span_s: float
    warm_up_s: float
    versions: Mapping[str, str]
    network: Network
    limits: Limits
    played: tuple[Played, ...]
    precision: Precision | None = None
    policies: tuple[str, ...] = ()
    replay: Replay | None = field(default=None, repr=False, compare=False)
    detected: WarmUp | None = None
    timeline_s: float | None = None

    @property
    def engine_note(self) -> str | None:
        """Why the reference played, whichever engine was asked for."""
        if not self.policies:
            return None
        what = "a policy in Python runs" if len(self.policies) == 1 else "policies in Python run"
        return f"{', '.join(self.policies)}: {what} on the reference engine"

    @property
    def replications(self) -> int:
        return len(self.played)

    # requests

    def response(self) -> pd.DataFrame:
        """Response times, one row per (group, workload, of): mean and percentiles with their intervals [ms].

        ``predictability`` is p99 ÷ p50: 1 where every request takes as long as any other.
        """
        rows = [
            self._response_row(one.flow, of)
            for one in self._measured
            for of in (*_tasks(one), *one.flow.workload.rungs, ANSWER)
        ]
        return _frame(rows, _RESPONSE)

    def mean(self, workload: str, of: str, group: str | None = None) -> Interval:
        """Mean response time [s] of a task or of ``answer``; over all groups without one."""
        sums = np.stack([one.responses(of) for one in self._chosen(workload, group)])
        counts = self._counts(workload, of, group)
        return measures.mean(sums, counts.totals, counts.weights)

    def percentile(self, workload: str, of: str, p: float, group: str | None = None) -> Interval:
        """Percentile ``p`` (0.99) of the response time [s] of a task or of ``answer``; over all groups without one.

        Never too low, and less than 0.4 % too high (``sim.bins``).
        """
        return measures.quantile(self._counts(workload, of, group), p)

    def attainment(self, workload: str, of: str, limit_s: float, group: str | None = None) -> Interval:
        """Fraction of the requests answered within ``limit_s``, exactly; what was never delivered counts as late.

        Raises
        ------
        NotCounted
            Where this limit was not counted, and the bins of response times do not settle it.
        """
        counts, limit = self._counts(workload, of, group), nanoseconds(limit_s) / NS
        if not counts.settles(limit):
            counted = self._limits_in_words(workload, of, group)
            raise NotCounted(
                f"{workload}, {of}: how many were within {limit_s * 1e3:g} ms was not counted, but within {counted}; "
                f"simulate(…, limits=[({workload!r}, {of!r}, {limit_s:g})]) counts it"
            )
        return measures.attainment(counts, limit)

    def verdict(self, workload: str, of: str, p: float, limit_s: float, group: str | None = None) -> Verdict:
        """Whether a fraction ``p`` (0.99) is answered within ``limit_s``; raises as ``attainment``.

        Met or missed where the 95 % intervals of attainment and percentile are clear of the limit, else undecided.
        """
        attained = self.attainment(workload, of, limit_s, group)
        return measures.verdict(attained, self.percentile(workload, of, p, group), p, limit_s)

    def distribution(self, workload: str, of: str, group: str | None = None) -> tuple[Floats, Numbers]:
        """Response times [s], increasing, and how many requests had each; ``inf`` is what was never delivered.

        One time stands for all in its bin (``sim.bins``), the longest of them; no bin reaches across a limit that was
        counted. Groups that are sampled differently are best looked at one by one.
        """
        counts = self._counts(workload, of, group)
        return counts.values, np.asarray(counts.numbers.sum(axis=(0, 1)))

    def split(self, workload: str, of: str, group: str | None = None) -> dict[str, float]:
        """Mean ``waiting_s``, ``service_s`` and ``network_s`` (waits at links included) of what was delivered."""
        chosen = self._chosen(workload, group)
        done = sum(one.flow.weight * one.delivered(of) for one in chosen)
        if not done:
            return dict.fromkeys(("waiting_s", "service_s", "network_s"), math.nan)
        times = [(one.flow.weight, one.sums(of)) for one in chosen]
        total, waiting, service = (
            sum(weight * (getattr(sums, name) / NS) for weight, sums in times) / done
            for name in ("response", "waited", "served")
        )
        return {"waiting_s": waiting, "service_s": service, "network_s": total - waiting - service}

    def worst_queue(self, workload: str, of: str, p: float, group: str | None = None) -> tuple[str, float]:
        """The sub-pool (line, lane, else site) with the largest percentile [s]; ``nan`` where nobody came back."""
        worst = ("", math.nan)
        for one in self._chosen(workload, group):
            found = one.worst_place(of, p)
            if found is not None and not found[1] <= worst[1]:
                worst = (one.flow.place(*divmod(found[0], one.flow.sources.queues)), found[1])
        return worst

    @cached_property
    def _measured(self) -> tuple[Measured, ...]:
        tallies = zip(*(played.tallies for played in self.played), strict=True)
        found = map(Measured, self.network.flows, self.limits, tallies)
        return tuple(sorted(found, key=lambda one: (one.flow.key, one.flow.workload.name)))

    def _chosen(self, workload: str, group: str | None) -> list[Measured]:
        chosen = [one for one in self._measured if one.flow.workload.name == workload and group in (None, one.flow.key)]
        if not chosen:
            known = ", ".join(f"{one.flow.workload.name} at {one.flow.key}" for one in self._measured)
            raise KeyError(f"nothing was simulated of {workload} at {group}; there is {known}")
        return chosen

    def _counts(self, workload: str, of: str, group: str | None) -> Counts:
        key = (workload, of, group)
        if key not in self._counted:
            self._counted[key] = counts(self._chosen(workload, group), of)
        return self._counted[key]

    @cached_property
    def _counted(self) -> dict[tuple[str, str, str | None], Counts]:
        return {}

    def _limits_in_words(self, workload: str, of: str, group: str | None) -> str:
        limits = set().union(*(one.limits_of(of) for one in self._chosen(workload, group)))
        return ", ".join(f"{limit / 1e6:g} ms" for limit in sorted(limits)) or "no limit"

    def _response_row(self, flow: Flow, of: str) -> dict[str, Any]:
        asked = (flow.workload.name, of)
        number = int(self._counts(*asked, flow.key).totals.sum())
        row: dict[str, Any] = {"group": flow.key, "workload": asked[0], "of": of, "requests": number}
        intervals = {"mean": self.mean(*asked, flow.key)}
        intervals |= {name: self.percentile(*asked, p, flow.key) for name, p in PERCENTILES.items()}
        for name, interval in intervals.items():
            row |= {f"{name}_ms": interval.value * 1e3, f"{name}_low_ms": interval.low * 1e3}
            row[f"{name}_high_ms"] = interval.high * 1e3
        return {**row, "predictability": predictability(intervals)}

    # tables

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """Per (group, workload): requests born, completed, dropped, and not ended when the run was given up."""
        rows = []
        for one in self._measured:
            born, completed, dropped = int(one.whole.outcomes.sum()), one.whole.completed, int(one.whole.dropped.sum())
            rows.append((*_names(one.flow), born, completed, dropped, born - completed - dropped))
        return _frame(rows, _WORKLOADS)

    @cached_property
    def skips(self) -> pd.DataFrame:
        """Per (group, workload, task) where there were any: requests for which it was left out, a link being down."""
        rows = []
        for one in self._measured:
            each = zip(one.flow.names, one.whole.skipped.tolist(), strict=False)
            rows += [(*_names(one.flow), task, number) for task, number in each if number]
        return _frame(rows, _SKIPS)

    @cached_property
    def drops(self) -> pd.DataFrame:
        """Per (group, workload, task, cause) where there were any: requests of which something was dropped first there.

        ``fraction`` is that of all requests born; the causes are those of ``sim.drops``.
        """
        rows = []
        for one in self._measured:
            born = int(one.whole.outcomes.sum())
            for task, cause in np.argwhere(one.whole.dropped).tolist():
                number = int(one.whole.dropped[task, cause])
                rows.append((*_names(one.flow), one.flow.names[task], CAUSES[cause], number, number / born))
        return _frame(rows, _DROPS)

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """Per (group, workload, task): requests that reach it, and what its mean response consists of [ms]."""
        rows = []
        for one in self._measured:
            flow = one.flow
            for task in _tasks(one):
                split = self.split(flow.workload.name, task, flow.key)
                ms = {name.replace("_s", "_ms"): value * 1e3 for name, value in split.items()}
                names = {"group": flow.key, "workload": flow.workload.name, "task": task}
                pool, reached = flow.route.step(task).pool, int(one.reached[number_of(flow, task)].sum())
                rows.append({**names, "pool": pool, "requests": reached, **ms})
        return _frame(rows, _TASKS)

    @cached_property
    def stations(self) -> pd.DataFrame:
        """Per queue of a pool: servers, offered load, utilisation and mean queue length over the measured span.

        Sites and queues count from 1, a region has no group; a service bought by the request without a limit has no
        servers and no utilisation. Where a pool scales, ``servers`` are the most that there can be, ``mean_servers``
        are paid for, and utilisation is the share of those. What is offered is what would come without a policy: alike
        for all queues of a pool at a site. Where nodes are sent their work each is a queue. ``visits`` and
        ``cold_starts`` are those of a replication.
        """
        return self._queues.stations()

    @cached_property
    def links(self) -> pd.DataFrame:
        """Per (link, direction, group): messages and bytes in the measured span, mean of the replications.

        They stand for all sites, also those that are not simulated in full; the requests in ``workloads`` are only
        those that were simulated. ``busy_fraction`` is the mean over the instances (nodes, sites) that carry messages,
        ``busiest_fraction`` the largest; both are 0 where there is no bandwidth to occupy.
        """
        return self._queues.links(used(self.network, self._measured, lambda _: 1.0 / self.replications))

    @cached_property
    def scaling(self) -> pd.DataFrame:
        """How many nodes are paid for from an instant on, a row for each change at a queue of a pool that scales.

        ``at_s`` counts from the first instant, before the warm-up; replications, sites and queues count from 1.
        """
        return self._queues.scaling()

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Each time that a link came back: what waited for it, and how long until nobody did (``nan``: never)."""
        return self._queues.returns()

    @cached_property
    def requests(self) -> pd.DataFrame:
        """One row per measured request and task that was done, all instants in nanoseconds.

        Raises
        ------
        ValueError
            Where it was not asked for.
        """
        kept = [played.rows for played in self.played if played.rows is not None]
        if len(kept) < len(self.played):
            raise ValueError(
                "the table of requests is kept when asked for: simulate(…, requests=True) keeps it here, "
                "requests=Path(…) writes it into files"
            )
        return table(self.network, kept)

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """Stations step by step, one row per replication, step and pool or link (``t_s`` from the span's beginning).

        Servers, those busy on average, the mean queue length and the services started; of a group all queues together
        at the sites simulated in full. What is bought by the request has no servers and is not there.

        Raises
        ------
        ValueError
            Where it was not asked for.
        """
        return station_table(self.network, self._timelines(), self.timeline_s or 0.0, self.span_s)

    @cached_property
    def workload_timeline(self) -> pd.DataFrame:
        """Workloads step by step: requests born in each, and p50 and p95 of the time to their answers [ms].

        Raises as ``timeline``.
        """
        return workload_table(self.network, self._timelines(), self.timeline_s or 0.0)

    def _timelines(self) -> list[Timeline]:
        kept = [played.timeline for played in self.played if played.timeline is not None]
        if len(kept) < len(self.played):
            raise ValueError("what happens step by step is kept when asked for: simulate(…, timeline_s=1.0)")
        return kept

    def slowest(self, number: int) -> list[Watched]:
        """So many requests with the longest response times of all replications, the slowest first, step by step.

        The replications that they belong to are played again, which can take a while.

        Raises
        ------
        ValueError
            Where fewer were kept of each replication.
        """
        kept = [played.slowest for played in self.played if played.slowest is not None]
        if self.replay is None or number > self.replay.slowest:
            raise ValueError(f"the slowest requests are kept when asked for: simulate(…, slowest={number})")
        rows = [(-row[0], at, (row[1], row[2])) for at, rows in enumerate(kept) for row in rows.tolist()]
        return self.replay.watched([Slow(at, who, -response) for response, at, who in sorted(rows)[:number]])

    def sample(self, number: int) -> list[Watched]:
        """So many requests of the first replication, evenly drawn by number in the order of birth, step by step.

        That replication is played again, by the reference.
        """
        assert self.replay is not None
        born = sum(int(tally.outcomes.sum()) for tally in self.played[0].tallies)
        return self.replay.sample(0, number, born)

    # the whole

    @property
    def overloaded(self) -> tuple[str, ...]:
        """Pools and links that are offered as much as they can serve, or more: no figure of theirs is a steady one."""
        return overloaded(self.network, self._queues.offered)

    @property
    def nearly_full(self) -> dict[str, float]:
        """Utilisation of the busiest queue of each pool where that is above 85 % and nothing is overloaded there.

        Service times are those of a board that was measured alone; so near to its limit a few per cent more or less of
        them decide how long its queue is.
        """
        full = self._queues.nearly_full
        return {name: share for name, share in full.items() if name not in self.overloaded}

    @property
    def sampled(self) -> Mapping[str, tuple[int, int]]:
        """(sites simulated in full, sites) of each group where these differ; see ``sim.background``."""
        return self.network.sampled

    @cached_property
    def _queues(self) -> Queues:
        return Queues(self.network, self.played, self.span_s, self.warm_up_s)

    @cached_property
    def usage(self) -> Usage:
        """What a month uses, from the measured requests; each counts for its like at all sites, and the hour that was
        played for an average one of the week. Nodes that follow the load are counted as in the hour played."""
        node_s: dict[PoolKey, float] = defaultdict(float)
        for queue, nodes in self._queues.mean_nodes.items():
            some, of = self.sampled.get(queue.group or "", (1, 1))
            node_s[queue.name, queue.group] += nodes * of / some * MONTH_S
        to_month = MONTH_S / (self.span_s * self.replications)
        counted = used(self.network, self._measured, lambda flow: to_month * flow.sources.average)
        return replace(counted, node_s=dict(node_s))

    @cached_property
    def data(self) -> pd.DataFrame:
        """Bytes a month of each data item over each direction of a link, and the place and region that they come to.

        Its class and name are empty where the scenario does not say what travels.
        """
        to_month = MONTH_S / (self.span_s * self.replications)
        rows = data_seen(self.network.scenario, self._measured, to_month)
        return _frame([(*seen, size) for seen, size in rows], DATA_COLUMNS)

    def summary(self) -> dict[str, Any]:
        """The simulation's part of ``simulate --json``: plain values, ``None`` where there is no number."""
        return summary(self)


def _names(flow: Flow) -> tuple[str, str]:
    return flow.key, flow.workload.name


def _tasks(one: Measured) -> list[str]:
    return [task.name for task in one.flow.workload.tasks]


def _frame(rows: Sequence[Any], columns: list[str]) -> pd.DataFrame:
    import pandas as pd  # half a second that those who only want a percentile need not wait

    return pd.DataFrame(rows, columns=columns)
