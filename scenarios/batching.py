"""How long several requests take that are executed together: as stated, else as measured, never as hoped."""

from __future__ import annotations

from collections.abc import Mapping

from hardware_profiles import look_up
from hardware_profiles.service_time import ServiceTime
from scenarios.figures import Variant
from scenarios.workloads import Task


def batches(task: Task, variant: Variant, profiled_as: str, overhead_s: float) -> tuple[ServiceTime, ...]:
    """Times of 2, 3 … executed together, up to the ``at_most`` of the task and no further than is known.

    What the task states beats the catalogue: a batch takes as long as the smallest stated one that holds it. A batch
    that nobody measured is interpolated between two that were, of the same precision, runtime and unit; beyond the
    largest there is none, since no gain is assumed where none was measured. Work around the model is done for each.
    """
    if task.batching is None:
        return ()
    if task.batching.times:
        return _stated(task.batching.times, task.batching.at_most)
    found: list[ServiceTime] = []
    how = (variant.precision, variant.runtime, variant.unit, variant.threads)
    for size in range(2, task.batching.at_most + 1):
        known = look_up(variant.model, profiled_as, batch=size, input_px=task.input_px) if variant.model else ()
        same = [one for one in known if (one.precision, one.runtime, one.unit, one.threads) == how]
        if not same:
            break
        found.append(same[0].service.with_overhead(size * overhead_s))
    return tuple(found)


def _stated(times: Mapping[int, ServiceTime], at_most: int) -> tuple[ServiceTime, ...]:
    largest = min(at_most, max(times))
    return tuple(times[min(size for size in times if size >= wanted)] for wanted in range(2, largest + 1))
