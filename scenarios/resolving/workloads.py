"""Workloads: names looked up, tasks in topological order, what the arrivals are counted by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from hardware_profiles import ServiceTime, canonical_precision
from scenarios.disruptions import WithoutLine
from scenarios.language.document import Document
from scenarios.language.requirements import LatencyText, RequirementsText, percentile
from scenarios.language.tasks import TaskText
from scenarios.language.workloads import AccuracyText, WorkloadText
from scenarios.places import Site
from scenarios.pools import Pool
from scenarios.resolving import graphs
from scenarios.resolving.arrivals import DAY_S, ArrivalsReader
from scenarios.resolving.places import check_place
from scenarios.resolving.recordings import times
from scenarios.resolving.windows import windows
from scenarios.scenario import NotYet
from scenarios.source import Source
from scenarios.units import Quantity
from scenarios.workloads import (
    Availability,
    Batch,
    Batching,
    Latency,
    Message,
    Offline,
    QueueLimit,
    Requirements,
    Task,
    Workload,
)

# How people call a measure → how the catalogue of accuracies calls it.
MEASURES = {
    "coco map": "mAP50-95 on COCO val2017",
    "coco map50-95": "mAP50-95 on COCO val2017",
    "map on coco": "mAP50-95 on COCO val2017",
    "imagenet top-1": "top-1 on ImageNet",
    "top-1 accuracy on imagenet": "top-1 on ImageNet",
}


def workloads(
    document: Document, source: Source, sites: tuple[Site, ...], pools: tuple[Pool, ...], not_yet: list[NotYet]
) -> tuple[Workload, ...]:
    """All workloads; everything that they name is looked up."""
    reader = _Reader(document, source, sites, {pool.name: pool for pool in pools}, not_yet)
    return tuple(reader.workload(name, text) for name, text in document.workloads.items())


class _Reader:
    """Reads workloads against one document."""

    def __init__(
        self, document: Document, source: Source, sites: tuple[Site, ...], pools: dict[str, Pool], not_yet: list[NotYet]
    ) -> None:
        self.document, self.source, self.sites, self.pools, self.not_yet = document, source, sites, pools, not_yet
        self.arrivals = ArrivalsReader(document, source, sites, pools, not_yet)

    def workload(self, name: str, text: WorkloadText) -> Workload:
        loc = ("workloads", name)
        if text.source not in self.pools:
            self.source.unknown((*loc, "source"), "a pool", text.source, self.pools)
        self._counted_source(name, text)
        order = self._order(name, text)
        requires = self._requires(name, text)
        if text.accuracy is not None:
            for task in text.accuracy.tasks:
                if task not in text.tasks:
                    self.source.unknown((*loc, "accuracy", task), "a task", task, text.tasks)
        arrivals = self.arrivals.arrivals(name, text.arrivals, text.source)
        others = text.requires.offline.others if text.requires.offline else None
        tasks = tuple(self._task(name, key, text.tasks, isinstance(arrivals, Batch), others) for key in order)
        gap_s = self.arrivals.gap_s(arrivals, text.source)
        tasks = windows(name, text.tasks, tasks, arrivals, gap_s, self.source)
        classes = {item: of.sensitivity for item, of in self.document.data.items()}
        graphs.check_classes(name, tasks, classes, self.source)
        own = text.accuracy
        return Workload(
            name,
            text.source,
            arrivals,
            tasks,
            requires,
            {task: dict(values) for task, values in own.tasks.items()} if own else {},
            measure(own.measure) if own else None,
            self.arrivals.week(name, text.arrivals),
        )

    def _counted_source(self, name: str, text: WorkloadText) -> None:
        pool = self.pools.get(text.source)
        if pool is not None and not pool.count.fixed and text.arrivals.kind != "batch":
            found = f"{text.source}, of which there are {pool.count.low} to {pool.count.high}"
            self.source.wrong(("workloads", name, "source"), found, "a pool with a fixed count")
        elif pool is not None and pool.count.high == 0:
            self.source.wrong(
                ("workloads", name, "source"), f"{text.source}, of which there are 0", "a pool of at least one node"
            )

    def _order(self, name: str, text: WorkloadText) -> list[str]:
        graph: dict[str, list[str]] = {}
        for key, task in text.tasks.items():
            graph[key] = []
            for before in task.after:
                if before in text.tasks:
                    graph[key].append(before)
                else:
                    loc = ("workloads", name, "tasks", key, "after")
                    self.source.unknown(loc, "a task", before, [other for other in text.tasks if other != key])
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " → ".join(reversed(error.args[1]))
            self.source.wrong(
                ("workloads", name, "tasks"), f"a circle: {circle}", "tasks that do not wait for themselves"
            )
            return list(text.tasks)

    def _later(self, loc: tuple[str, ...], what: str) -> None:
        self.not_yet.append(NotYet(".".join(loc), what, planned=False, simulated=False))

    def _task(
        self, workload: str, name: str, texts: Mapping[str, TaskText], batch: bool, others: WithoutLine | None
    ) -> Task:
        loc, text = ("workloads", workload, "tasks", name), texts[name]
        for pool in {*(text.pools or ()), *(text.offer or ()), *(set(text.time or {}) - {""})}:
            if pool not in self.pools:
                key = "pools" if pool in (text.pools or ()) else "offer" if pool in (text.offer or ()) else "time"
                self.source.unknown((*loc, key, pool) if key == "time" else (*loc, key), "a pool", pool, self.pools)
        if text.answer is not None and text.answer.to != "source" and text.answer.to not in self.pools:
            self.source.unknown((*loc, "answer", "to"), "source or a pool", text.answer.to, ["source", *self.pools])
        if text.store_at is not None:
            check_place(text.store_at, (*loc, "store_at"), self.source, self.sites)
        if text.over is not None and text.over not in self.document.links:
            self.source.unknown((*loc, "over"), "a link", text.over, self.document.links)
        graphs.check_copies(name, texts, loc, self.source)
        ahead_of = graphs.ahead_of(name, texts, loc, self.source)
        self.not_yet += graphs.speculative_not_yet(name, texts, loc)
        start = texts[ahead_of] if ahead_of else text  # what it comes after and is sent
        if text.redacts is not None and text.redacts not in self.document.data:
            self.source.unknown((*loc, "redacts"), "a data item", text.redacts, self.document.data)
        if text.deferrable and not batch:
            self._later((*loc, "deferrable"), "work that waits for a better hour")
        if text.store_at is not None and not batch:
            self._later((*loc, "store_at"), "storing outside a batch")
        works = next((key for key in ("model", "time", "service") if getattr(text, key) is not None), None)
        if batch and works:
            self._later((*loc, works), "work on a batch")
        return Task(
            name=name,
            after=start.after,
            share=text.share,
            models=text.model or (),
            times=self._times(loc, text),
            precision=self._precision(text.precision),
            input=self._message(text.input, (*loc, "input")) or self._message(start.input, (*loc, "input")),
            output=self._message(text.output, (*loc, "output")),
            answers=text.answers or text.answer is not None,
            answer_to=text.answer.to if text.answer else "source",
            tiers=text.tiers,
            overhead_s=text.overhead,
            pools=text.pools or text.offer,
            input_px=int(text.input_size) if text.input_size is not None else None,
            priority=_priority(texts, name),
            queue=QueueLimit(text.queue.keep, text.queue.at_most) if text.queue else None,
            batching=_batching(text),
            without_line=text.without_line or others or "wait",
            drop_after_s=text.drop_after,
            store_at=text.store_at,
            copies=text.times,
            redacts=text.redacts,
            ahead_of=ahead_of,
        )

    def _times(self, loc: tuple[str, ...], text: TaskText) -> dict[str, ServiceTime]:
        if text.service is None:
            return {pool: duration.service() for pool, duration in (text.time or {}).items()}
        recording = times(text.service.trace, text.service.column, (*loc, "service", "trace"), self.source)
        if recording is None:
            return {"": ServiceTime.constant(1.0)}  # stands in for it, so that the rest can be checked
        return {"": ServiceTime.recorded(recording, kept=text.service.order == "kept")}

    @staticmethod
    def _precision(text: str | None) -> str | None:
        return None if text in (None, "any") else canonical_precision(str(text)) or text

    def _message(self, text: Quantity | None, loc: tuple[str, ...]) -> Message | None:
        if text is None:
            return None
        if text.of and text.of not in self.document.data:
            self.source.unknown(loc, "a data item", text.of, self.document.data)
        return Message(text.value, text.of or None)

    def _requires(self, name: str, text: WorkloadText) -> Requirements:
        loc, requires = ("workloads", name, "requires"), text.requires
        rungs = graphs.rungs(text.tasks)
        whole = ["answer", *rungs]
        for task in set(rungs) & set(text.tasks):
            found = f"a task named {task}, which means an answer where a task is speculative"
            self.source.wrong(("workloads", name, "tasks", task), found, "another name")
        for task in requires.latency:
            if task not in whole and task not in text.tasks:
                self.source.unknown((*loc, "latency", task), "a task or `answer`", task, [*text.tasks, *whole])
        if "answer" in requires.latency and not any(task.answers or task.answer for task in text.tasks.values()):
            self.source.wrong((*loc, "latency", "answer"), "a limit on answers", "a task with `answers: true`")
        named = [
            *(requires.offline.keep if requires.offline else ()),
            *([of] if (of := _availability_of(requires)) else []),
        ]
        for task in named:
            if task not in text.tasks:
                self.source.unknown((*loc, "offline", "keep"), "a task", task, text.tasks)
        accuracy, own = requires.accuracy, text.accuracy
        if accuracy is not None and accuracy.measure is None and own is None:
            expected = "measure: what is counted, on which data, such as COCO mAP"
            self.source.wrong((*loc, "accuracy"), "a floor without its measure", expected)
        return Requirements(
            latency=tuple(_latencies(requires.latency)),
            accuracy_at_least=accuracy.at_least if accuracy else None,
            accuracy_measure=_floor_measure(requires, own),
            tiers=requires.tiers,
            offline=_offline(requires),
            availability=_availability(requires),
            drops_at_most=requires.drops.at_most if requires.drops else None,
            done_within_s=self._done_within(name, text),
        )

    def _done_within(self, name: str, text: WorkloadText) -> float | None:
        by, window = text.requires.done_by, text.arrivals.window
        if by is None:
            return None
        if window is None:
            self.source.wrong(
                ("workloads", name, "requires", "done_by"), "done_by without a batch", "arrivals: {kind: batch}"
            )
            return None
        return (by - window[0]) % DAY_S or DAY_S


def measure(text: str) -> str:
    """The measure as the catalogue calls it, where it is one of the usual ones."""
    return MEASURES.get(text.lower(), text)


def _batching(text: TaskText) -> Batching | None:
    stated = text.batching
    if stated is None:
        return None
    return Batching(stated.at_most, stated.wait, {size: time.service() for size, time in (stated.times or {}).items()})


def _priority(texts: Mapping[str, TaskText], name: str, seen: frozenset[str] = frozenset()) -> int | None:
    """Its own, else that of the most urgent task before it: a request stays as urgent as it was."""
    text = texts[name]
    if text.priority is not None:
        return text.priority
    before = [one for one in text.after if one in texts and one not in seen]  # a circle is a fault told elsewhere
    found = [_priority(texts, one, seen | {name}) for one in before]
    return min((one for one in found if one is not None), default=None)


def _floor_measure(requires: RequirementsText, own: AccuracyText | None) -> str | None:
    if requires.accuracy is None:
        return None
    stated = requires.accuracy.measure or (own.measure if own else None)
    return measure(stated) if stated else None


def _availability_of(requires: RequirementsText) -> str | None:
    return requires.availability.of if requires.availability else None


def _availability(requires: RequirementsText) -> Availability | None:
    stated = requires.availability
    return Availability(stated.at_least, stated.of or "answer") if stated else None


def _offline(requires: RequirementsText) -> Offline | None:
    stated = requires.offline
    return Offline(stated.keep, stated.duration, stated.buffer, stated.drained_within) if stated else None


def _latencies(texts: dict[str, LatencyText]) -> Iterator[Latency]:
    for of, text in texts.items():
        for key, limit in text.percentiles.items():
            yield Latency(of, percentile(key), limit)


def later_workloads(not_yet: Iterable[NotYet]) -> set[str]:
    """Names of the workloads that hold something not planned yet."""
    parts = (part.path.split(".") for part in not_yet if not part.planned)
    return {path[1] for path in parts if path[0] == "workloads"}
