"""Response-time distribution of a route by numeric convolution of its stages."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from hardware_profiles.service_time import ServiceTime
from planner.flows import message_label
from scenarios.journey import Leg, legs
from scenarios.links import Link
from scenarios.placement import Route
from scenarios.scenario import Scenario
from scenarios.workloads import Latency, Workload

Floats = NDArray[np.float64]
Waits = Callable[[str], Floats | None]  # flow label → sorted sample of waiting times [s], or None for none

CELLS = 4096
_LENGTH = next_fast_len(2 * CELLS, real=True)  # of what two of them make together


@dataclass(frozen=True)
class Delay:
    """A random delay: a constant ``shift_s`` plus a probability mass on cells of ``cell_s``; the rest is +∞."""

    shift_s: float
    mass: Floats

    def then(self, other: Delay) -> Delay:
        if len(other.mass) == 1:
            return Delay(self.shift_s + other.shift_s, self.mass * other.mass[0])
        if len(self.mass) == 1:
            return Delay(self.shift_s + other.shift_s, other.mass * self.mass[0])
        mass = np.maximum(irfft(rfft(self.mass, _LENGTH) * rfft(other.mass, _LENGTH), _LENGTH)[:CELLS], 0.0)
        return Delay(self.shift_s + other.shift_s, mass)

    def spread(self, cell_s: float) -> Floats:
        """The mass with the shift folded in (rounded to the nearest cell)."""
        whole = np.zeros(CELLS)
        start = round(self.shift_s / cell_s)
        if start < CELLS:
            part = self.mass[: CELLS - start]
            whole[start : start + len(part)] = part
        return whole


def percentile(scenario: Scenario, workload: Workload, route: Route, of: Latency, waits: Waits | None) -> float:
    """The response time [s] not exceeded with the probability that the requirement states; ``inf`` if unstable.

    ``waits`` gives the sample of waiting times of each flow; without it nobody waits, and joins take the smallest
    maximum that their branches allow: then the result is a lower bound whatever the queueing truth. With waits,
    branches of a join count as independent. Grid error about 0.2 % of the mean without waiting.
    """
    cell = _mean(scenario, workload, route, of.of) / 400
    for _ in range(40):
        found = _Grid(scenario, workload, route, waits, cell).quantile(of)
        if math.isfinite(found) or (found == math.inf and _Grid.unstable(scenario, workload, route, waits)):
            break
        cell *= 2
    return found


def _mean(scenario: Scenario, workload: Workload, route: Route, of: str) -> float:
    """Service and network time of all tasks up to ``of``, one after another [s]."""
    tasks = workload.up_to(of)
    whole = sum(step.variant.service.mean_s for step in route.steps if step.task in tasks)
    for leg in legs(scenario, workload, route):
        for hop in leg.hops if leg.task in tasks else ():
            bandwidth = hop.link.bandwidth_bps(hop.direction)
            sending = leg.message.size_bytes * 8 / bandwidth if bandwidth else 0.0
            again = (hop.link.tries - 1) * (sending + hop.link.again_after_s)
            whole += hop.link.one_way.mean_s + sending + again
    return max(whole, 1e-6)


class _Grid:
    def __init__(
        self, scenario: Scenario, workload: Workload, route: Route, waits: Waits | None, cell_s: float
    ) -> None:
        self.workload, self.route, self.waits, self.cell_s = workload, route, waits, cell_s
        self.legs = legs(scenario, workload, route)
        self.done: dict[str, Delay] = {}
        self.response: dict[str, Delay] = {}
        for task in workload.tasks:
            self._add(task.name)

    @staticmethod
    def unstable(scenario: Scenario, workload: Workload, route: Route, waits: Waits | None) -> bool:
        if waits is None:
            return False
        labels = [step.task for step in route.steps]
        for leg in legs(scenario, workload, route):
            labels += [f"{message_label(leg)}@{hop.name}" for hop in leg.hops]
        return any(sample is not None and len(sample) > 0 and math.isinf(sample[-1]) for sample in map(waits, labels))

    def _add(self, task: str) -> None:
        """``done`` is that of one copy of a task, and its response that of the last of them."""
        arrived = [
            self.done[leg.after].then(self._leg(leg)) if leg.after else self._leg(leg)
            for leg in self.legs
            if leg.task == task and not leg.answer
            for _ in range(self.workload.task(leg.after).copies if leg.after else 1)
        ]
        step = self.route.step(task)
        self.done[task] = self._joined(arrived).then(self._wait(task)).then(self._service(step.variant.service))
        answer = next((leg for leg in self.legs if leg.task == task and leg.answer), None)
        response = self.done[task].then(self._leg(answer)) if answer else self.done[task]
        self.response[task] = self._joined([response] * self.workload.task(task).copies)

    def quantile(self, of: Latency) -> float:
        delay = self._answer() if of.of == "answer" else self.response[self.workload.task_of(of.of)]
        cumulated = np.cumsum(delay.mass)
        cell = int(np.searchsorted(cumulated, of.percentile - 1e-9))
        return math.inf if cell >= len(cumulated) else delay.shift_s + cell * self.cell_s

    def _leg(self, leg: Leg) -> Delay:
        whole = Delay(0.0, np.ones(1))
        for hop in leg.hops:
            bandwidth = hop.link.bandwidth_bps(hop.direction)
            sending = leg.message.size_bytes * 8 / bandwidth if bandwidth else 0.0
            whole = whole.then(Delay(sending, np.ones(1))).then(self._service(hop.link.one_way))
            whole = whole.then(self._lost(hop.link, sending))
            if bandwidth:
                whole = whole.then(self._wait(f"{message_label(leg)}@{hop.name}"))
        return whole

    def _lost(self, link: Link, sending_s: float) -> Delay:
        """Time until a message is sent for the last time; where it waits for the link it does so once."""
        if not link.loss:
            return Delay(0.0, np.ones(1))
        each_s = sending_s + link.again_after_s
        times = np.arange(1 + min(CELLS, math.ceil(math.log(1e-12) / math.log(link.loss))))
        cells = np.rint(np.minimum(times * each_s / self.cell_s, CELLS)).astype(np.int64)
        chances = (1.0 - link.loss) * link.loss**times
        return Delay(0.0, np.asarray(np.bincount(cells, chances, minlength=CELLS + 1)[:CELLS], np.float64))

    def _wait(self, label: str) -> Delay:
        sample = self.waits(label) if self.waits else None
        if sample is None or len(sample) == 0 or sample[-1] == 0.0:
            return Delay(0.0, np.ones(1))
        cells = np.rint(np.minimum(sample / self.cell_s, CELLS)).astype(np.int64)
        return Delay(0.0, np.bincount(cells, minlength=CELLS + 1)[:CELLS] / len(sample))

    def _service(self, service: ServiceTime) -> Delay:
        if service.kind == "constant":
            return Delay(service.quantile(0.5), np.ones(1))
        floor = service.offset_s
        edges: Floats = floor + (np.arange(CELLS + 1, dtype=np.float64) - 0.5) * self.cell_s
        return Delay(floor, np.diff(service.cdf(edges)))

    def _joined(self, branches: list[Delay]) -> Delay:
        if len(branches) == 1:
            return branches[0]
        cumulated = [np.cumsum(branch.spread(self.cell_s)) for branch in branches]
        together = np.minimum.reduce(cumulated) if self.waits is None else np.multiply.reduce(cumulated)
        return Delay(0.0, np.diff(together, prepend=0.0))

    def _answer(self) -> Delay:
        """The last answer of each request: a mixture over what ran."""
        whole = np.zeros(CELLS)
        for probability, last in final_answers(self.workload):
            before = [task.ahead_of for task in map(self.workload.task, last) if task.ahead_of]
            responses = [self.response[task] for task in (*last, *before)]  # an answer is there when all its parts are
            whole += probability * self._joined(responses).spread(self.cell_s)
        return Delay(0.0, whole)


def final_answers(workload: Workload) -> list[tuple[float, tuple[str, ...]]]:
    """What may be the last answers of a request, with their probabilities, given that it answers at all.

    A task's answer is replaced by that of any answering task behind it that ran.
    """
    shared = [task.name for task in workload.tasks if task.share < 1]
    share = {task.name: task.share for task in workload.tasks}
    outcomes: dict[tuple[str, ...], float] = {}
    for drawn in itertools.product((True, False), repeat=len(shared)):
        passes = dict(zip(shared, drawn, strict=True))
        ran: set[str] = set()
        for task in workload.tasks:
            needed = passes.get(task.name, True) and (task.ahead_of is None or task.ahead_of in ran)
            if needed and all(before in ran for before in task.after):
                ran.add(task.name)
        replaced: set[str] = set()
        for task in workload.tasks:
            if task.name in ran and task.answers:
                replaced |= workload.up_to(task.ahead_of or task.name) - {task.name}
        last = tuple(t.name for t in workload.tasks if t.name in ran and t.answers and t.name not in replaced)
        probability = math.prod(share[name] if passes[name] else 1 - share[name] for name in shared)
        if last:
            outcomes[last] = outcomes.get(last, 0.0) + probability
    whole = sum(outcomes.values())
    return [(probability / whole, last) for last, probability in outcomes.items()] if whole else []


def answer_accuracy(workload: Workload, accuracies: Mapping[str, float | None]) -> float | None:
    """Expected accuracy of the final answers; ``None`` where an answering model has no figure.

    Where no answering task has an accuracy (a model decides, a stated time answers), the model tasks count.
    """
    carriers = [task.name for task in workload.tasks if task.answers and (task.models or accuracies.get(task.name))]
    if not carriers:
        carriers = [task.name for task in workload.tasks if task.models or accuracies.get(task.name) is not None]
        values = [accuracies.get(name) for name in carriers]
        return None if not values or None in values else math.prod(v for v in values if v is not None)
    whole = weight = 0.0
    for probability, last in final_answers(workload):
        for name in sorted(set(last) & set(carriers)):
            value = accuracies.get(name)
            if value is None:
                return None
            whole += probability * value
            weight += probability
    return whole / weight if weight else None
