"""Windows: requests of a source that one task works on together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scenarios.language.tasks import TaskText
from scenarios.source import Source
from scenarios.workloads import Arrivals, Periodic, Task


def windows(
    workload: str,
    texts: Mapping[str, TaskText],
    tasks: tuple[Task, ...],
    arrivals: Arrivals,
    gap_s: float,
    source: Source,
) -> tuple[Task, ...]:
    """The tasks of a workload with what they collect; each of its sources sends a request every ``gap_s``."""
    by_name = {task.name: task for task in tasks}
    found = []
    for task in tasks:
        collects = texts[task.name].collects
        if collects is None:
            found.append(task)
            continue
        loc = ("workloads", workload, "tasks", task.name, "collects")
        before = [by_name[name] for name in task.after if name in by_name]
        if task.share < 1 or any(other.share < 1 or texts[other.name].collects is not None for other in before):
            source.wrong(
                loc, "a window over a share of the requests", "one over all of them: nothing before it, no share"
            )
        if isinstance(collects, float) and not isinstance(arrivals, Periodic):
            source.wrong(loc, "a time, with requests that come at random", "a number of requests such as 64")
        number = collects if isinstance(collects, int) else max(1, round(collects / gap_s))
        found.append(replace(task, share=1 / number, collects=number) if number > 1 else task)
    return tuple(found)
