"""What tasks of a workload make of each other and of data: copies, what starts ahead of another, what is redacted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scenarios.language.tasks import TaskText
from scenarios.scenario import NotYet
from scenarios.source import Source
from scenarios.workloads import Task

CLASSES = ("public", "internal", "confidential", "personal", "regulated")  # the more sensitive later
MOST_MESSAGES = 256  # to the copies of a task, for one request: they are told apart by a byte


def check_copies(name: str, texts: Mapping[str, TaskText], loc: tuple[str, ...], source: Source) -> None:
    """Each copy of what comes before sends a message to each copy of a task."""
    text = texts[name]
    before = [texts[one] for one in text.after if one in texts]
    messages = text.times * (sum(one.times for one in before) or 1)
    if messages > MOST_MESSAGES:
        found = f"{messages} messages of each request to {text.times} copies"
        source.wrong((*loc, "times"), found, f"at most {MOST_MESSAGES}")
    if text.times == 1:
        return
    if text.store_at is not None:
        source.wrong((*loc, "times"), "copies of what is only stored", "a model or a time")
    if text.queue is not None and text.queue.keep == "latest" and text.queue.at_most is None:
        found = "the latest of each source, where the copies of a request would take each other's places"
        source.wrong((*loc, "queue"), found, "a number (at_most), or one copy")


def ahead_of(name: str, texts: Mapping[str, TaskText], loc: tuple[str, ...], source: Source) -> str | None:
    """The task together with which a speculative one starts."""
    text = texts[name]
    if not text.speculative:
        return None
    if len(text.after) != 1:
        found = "a speculative task " + (f"after {len(text.after)} tasks" if text.after else "after nothing")
        source.wrong((*loc, "speculative"), found, "after: the one task that tells whether it is needed")
        return None
    if text.store_at is not None:
        source.wrong((*loc, "speculative"), "a speculative task that only stores", "a model or a time")
    if text.collects is not None:
        source.wrong((*loc, "speculative"), "a speculative task that collects", "one of both")
    return text.after[0] if text.after[0] in texts else None


def speculative_not_yet(name: str, texts: Mapping[str, TaskText], loc: tuple[str, ...]) -> Iterator[NotYet]:
    """What cannot be said of speculative tasks so far."""
    if texts[name].speculative == "cancelled":
        yield _not_yet((*loc, "speculative"), "speculative work that is cancelled")
    if any(texts[one].speculative for one in texts[name].after if one in texts):
        yield _not_yet((*loc, "after"), "what comes after a speculative task")


def rungs(texts: Mapping[str, TaskText]) -> tuple[str, ...]:
    """Names of the two answers where one task is speculative."""
    alone = sum(bool(text.speculative) for text in texts.values()) == 1
    return ("first", "refined") if alone else ()


def check_classes(workload: str, tasks: Sequence[Task], classes: Mapping[str, str], source: Source) -> None:
    """Only a task that redacts lowers the class of what is passed on; a model and an answer make something new."""
    for task in tasks:
        loc = ("workloads", workload, "tasks", task.name)
        given, made = _given(task, tasks), task.output.data if task.output else None
        if any(item not in classes for item in {*given, made, task.redacts} - {None}):
            continue  # told elsewhere
        if task.redacts is not None:
            _check_redaction(loc, task, tasks, classes, source)
        elif made is not None and not task.models and not task.answers:
            most = max(given, key=lambda item: CLASSES.index(classes[item]), default=made)
            if CLASSES.index(classes[made]) < CLASSES.index(classes[most]):
                found = f"{made}, which is {classes[made]}, made of {most}, which is {classes[most]}"
                source.wrong((*loc, "output"), found, f"redacts: {most}, or an item that is {classes[most]}")


def _check_redaction(
    loc: tuple[str, ...], task: Task, tasks: Sequence[Task], classes: Mapping[str, str], source: Source
) -> None:
    redacted, made = task.redacts, task.output.data if task.output else None
    assert redacted is not None
    if made is None or CLASSES.index(classes[made]) >= CLASSES.index(classes[redacted]):
        found = f"{made}, which is {classes[made]}" if made else "an output that is no data item"
        expected = f"an item of a lower class than {redacted}, which is {classes[redacted]}"
        source.wrong((*loc, "output"), found, expected)
    if redacted not in _seen(task, tasks):
        source.wrong((*loc, "redacts"), f"{redacted}, which no task up to here is given or makes", "one that is there")


def _given(task: Task, tasks: Sequence[Task]) -> set[str]:
    """Items that a task is sent: its input, which stands for the output of the first that it comes after."""
    before = [other for name in task.after for other in tasks if other.name == name]
    messages = [task.input, *(one.output for one in (before[1:] if task.input else before))]
    return {message.data for message in messages if message and message.data}


def _seen(task: Task, tasks: Sequence[Task]) -> set[str]:
    """Items that a task or any before it is sent or makes."""
    found = _given(task, tasks)
    for other in tasks:
        if other.name in task.after:
            found |= _seen(other, tasks) | ({other.output.data} if other.output and other.output.data else set())
    return found


def _not_yet(loc: tuple[str, ...], what: str) -> NotYet:
    return NotYet(".".join(loc), what, planned=False, simulated=False)
