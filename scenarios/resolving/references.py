"""Names in the parts of a scenario that nothing else looks up."""

from __future__ import annotations

from collections.abc import Iterable

from hardware_profiles.faults import BadInput
from scenarios.changes import changed, leads_somewhere
from scenarios.language.document import Document
from scenarios.source import Source


def check_references(document: Document, source: Source) -> None:
    """Jobs, lifecycles and drills name what exists."""
    tasks = {task for workload in document.workloads.values() for task in workload.tasks}

    def known(loc: tuple[str | int, ...], what: str, names: Iterable[str | None], valid: Iterable[str]) -> None:
        for name in names:
            if name is not None and name not in set(valid):
                source.unknown(loc, what, name, valid)

    for name, job in (document.jobs or {}).items():
        known(("jobs", name, "needs"), "a data item", job.needs or (), document.data)
        known(("jobs", name, "work", "on"), "a pool", job.work.on, document.pools)
        known(("jobs", name, "then", "publish"), "a task", [job.then.publish] if job.then else [], tasks)
    for name in document.lifecycle or {}:
        known(("lifecycle", name), "a task", [name], tasks)
    for number, drill in enumerate(document.study.drills):
        known(("study", "drills", number, "link"), "a link", [drill.link], document.links)
        known(("study", "drills", number, "pool"), "a pool", [drill.pool], document.pools)


def check_paths(document: Document, source: Source) -> None:
    """Sources and what-ifs hold paths that lead somewhere."""
    for path in document.sources:
        if not leads_somewhere(source.text, path):
            source.wrong(("sources", path), "a path that leads nowhere", "a path of the scenario")
    for name, changes in document.what_if.items():
        for path, value in changes.items():
            try:
                changed(source.text, {path: value})
            except BadInput as problem:
                fault = problem.faults[0]
                source.wrong(("what_if", name, path), fault.found, fault.expected, [fault.nearest], path)
