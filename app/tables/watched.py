"""Single requests step by step: as plain values, and as a table to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.formats import ms
from sim.watching import Step, Watched

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("request", "task", "what", "where", "begin_ms", "end_ms")


def watched_document(requests: Sequence[Watched]) -> list[dict[str, Any]]:
    """``slowest`` of ``simulate --json``: ``born_s`` counts from the beginning of the run, steps from the birth."""
    return [
        {
            "workload": one.workload,
            "task": one.answered_by,
            "replication": one.replication,
            "group": one.group,
            "site": one.site,
            "source": one.source,
            "sequence": one.sequence,
            "born_s": one.born_ns / 1e9,
            "response_ms": None if one.response_s is None else one.response_s * 1e3,
            "dropped": one.dropped,
            "steps": [
                {
                    "task": step.task,
                    "answer": step.answer,
                    "what": step.what,
                    "where": step.where,
                    "group": step.group,
                    "site": step.site or None,
                    "queue": step.queue or None,
                    "begin_ms": (step.begin_ns - one.born_ns) / 1e6,
                    "end_ms": (step.end_ns - one.born_ns) / 1e6,
                }
                for step in one.steps
            ],
        }
        for one in requests
    ]


def watched_table(requests: Sequence[Watched]) -> pd.DataFrame:
    """A row for each step, in milliseconds after the birth of its request."""
    import pandas as pd

    rows = [
        (heading(number, one), task_in_words(step), step.what, step.where, *_in_ms(one, step))
        for number, one in enumerate(requests, 1)
        for step in one.steps
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def heading(number: int, one: Watched) -> str:
    """What request it is: ``1. vision, 40.8 ms: shop/all 12, source 3, request 17 of replication 2``."""
    took = not_answered(one) if one.response_s is None else f"{ms(one.response_s)} ms"
    where = f"{one.group} {one.site}, source {one.source}" if "/" in one.group else f"{one.group}, source {one.source}"
    return f"{number}. {one.workload}, {took}: {where}, request {one.sequence + 1} of replication {one.replication + 1}"


def not_answered(one: Watched) -> str:
    """Why there is no answer: ``not answered (look expired)``."""
    causes = ", ".join(f"{task} {cause}" for task, cause in one.dropped.items())
    return f"not answered ({causes})" if causes else "not answered"


def task_in_words(step: Step) -> str:
    """The task, or its answer on the way."""
    return f"{step.task}, answer" if step.answer else step.task


def _in_ms(one: Watched, step: Step) -> tuple[float, float]:
    return (step.begin_ns - one.born_ns) / 1e6, (step.end_ns - one.born_ns) / 1e6
