"""Requests as a Chrome trace, which Perfetto and chrome://tracing open.

Source of the format: Trace Event Format (Google, 2016), the JSON object form with complete (``X``) and metadata (``M``)
events; instants and durations in microseconds. Events of one thread may only nest, so what a request does at one place
at the same time as something else stands in a thread beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from sim.watching import Step, Watched

Event = dict[str, Any]

_REQUESTS = 1  # number of the process that shows whole requests


def chrome_trace(requests: Sequence[Watched]) -> dict[str, Any]:
    """A process for each pool and each direction of a link, a thread for each request there.

    The first process shows whole requests, from birth to their end; time counts from the beginning of the run.
    """
    places = list(dict.fromkeys(step.where for one in requests for step in one.steps))
    processes = {where: number for number, where in enumerate(places, _REQUESTS + 1)}
    events = [
        *_process(_REQUESTS, "requests"),
        *(e for where, number in processes.items() for e in _process(number, where)),
    ]
    threads = count(_REQUESTS + len(places) + 1)  # each number once: some viewers ask for that
    for one in requests:
        thread = next(threads)
        events += [_thread(_REQUESTS, thread, _name(one)), _whole(one, thread)]
        for where, process in processes.items():
            events += _steps(one, [step for step in one.steps if step.where == where], process, threads)
    return {"traceEvents": events, "displayTimeUnit": "ms"}


def _steps(one: Watched, steps: Sequence[Step], process: int, threads: Iterator[int]) -> Iterator[Event]:
    """Each in the first thread that is free by then."""
    free: dict[int, int] = {}
    for step in steps:
        thread = next((thread for thread, until in free.items() if until <= step.begin_ns), 0)
        if not thread:
            thread = next(threads)
            yield _thread(process, thread, _name(one) + (f" ({len(free) + 1})" if free else ""))
        free[thread] = step.end_ns
        about = {"task": step.task, "what": step.what, "answer": step.answer}
        about |= {"group": step.group, "site": step.site, "queue": step.queue} if step.group else {}
        yield _event(f"{step.task}: {step.what}", step.what, process, thread, step.begin_ns, step.end_ns, about)


def _whole(one: Watched, thread: int) -> Event:
    about = {
        "replication": one.replication,
        "site": one.site,
        "source": one.source,
        "sequence": one.sequence,
        "response_ms": None if one.response_s is None else one.response_s * 1e3,
        "dropped": one.dropped,
    }
    return _event(one.workload, "request", _REQUESTS, thread, one.born_ns, one.ended_ns, about)


def _event(name: str, category: str, process: int, thread: int, begin: int, end: int, about: Event) -> Event:
    times = {"ts": begin / 1e3, "dur": (end - begin) / 1e3}
    return {"name": name, "cat": category, "ph": "X", **times, "pid": process, "tid": thread, "args": about}


def _process(number: int, name: str) -> Iterator[Event]:
    yield {"name": "process_name", "ph": "M", "pid": number, "tid": 0, "args": {"name": name}}
    yield {"name": "process_sort_index", "ph": "M", "pid": number, "tid": 0, "args": {"sort_index": number}}


def _thread(process: int, number: int, name: str) -> Event:
    return {"name": "thread_name", "ph": "M", "pid": process, "tid": number, "args": {"name": name}}


def _name(one: Watched) -> str:
    return f"{one.workload} {one.group} {one.site}.{one.source} #{one.sequence}"
