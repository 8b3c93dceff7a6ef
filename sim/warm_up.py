"""How long a run needs until it no longer remembers that it began empty: MSER-5 on pilot runs.

Of a series of response times the rule leaves out at the beginning what makes the standard error of the mean of the rest
the smallest (White 1997), taken over means of five in a row (MSER-5; White, Cobb and Spratt 2000). Never more than half
of the series is left out: where the smallest lies there, the series is too short to tell, and the result says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.answers import NEVER, Answers, answers
from sim.draws import NS, Floats, Ints
from sim.replication import Replication
from sim.requests import sorted_rows

BATCH = 5
PILOTS = 5
FEWEST = 20  # batches that tell anything
_ROUNDING = 1e-9  # relative: of equal errors the first counts


@dataclass(frozen=True)
class WarmUp:
    """What was found; not ``settled`` where half of the pilot runs was not enough, or too little was answered."""

    seconds: float
    settled: bool


def mser5(values: Floats | Sequence[float]) -> tuple[int, bool]:
    """How many values to leave out at the beginning, at most half, and whether that was enough.

    Nothing is known of fewer than ``FEWEST`` batches.
    """
    batches = len(values) // BATCH
    if batches < FEWEST:
        return 0, False
    means = np.asarray(values, np.float64)[: batches * BATCH].reshape(-1, BATCH).mean(axis=1)
    from_mean = means - means[batches // 2 :].mean()
    left = np.arange(batches, 0, -1)
    sums, squares = (np.cumsum(part[::-1])[::-1] for part in (from_mean, from_mean**2))
    errors = np.maximum(squares - sums**2 / left, 0.0)[: batches // 2 + 1] / left[: batches // 2 + 1] ** 2
    nothing = (_ROUNDING * float(np.abs(means).max())) ** 2 / batches
    first = int(np.flatnonzero(errors <= errors.min() * (1 + _ROUNDING) + nothing)[0])
    return first * BATCH, first < batches // 2


def detected(play: Callable[..., object], pilot: Replication) -> WarmUp:
    """The warm-up that runs like ``pilot`` need, from some of them with draws of their own, each from the very start.

    Response times of a flow are averaged over the pilots, the n-th born with the n-th born, before the rule is applied;
    the longest warm-up of all flows counts. ``play`` is that of a data plane.
    """
    runs = [_answers(play, pilot.of_number(-1 - number)) for number in range(PILOTS)]
    found = [one for flow in zip(*runs, strict=True) if (one := _of_flow(flow)) is not None]
    if not found:
        return WarmUp(pilot.end / NS / 5, False)
    longest = min(max(instant for instant, _ in found), pilot.end // 2)
    return WarmUp(longest / NS, all(settled for _, settled in found))


def _answers(play: Callable[..., object], pilot: Replication) -> list[Answers]:
    blocks: list[tuple[Ints, Ints]] = []
    play(pilot, lambda *rows: blocks.append(rows))
    births, visits = (sorted_rows(np.concatenate(rows)) for rows in zip(*blocks, strict=True))
    return answers(pilot.network, births, visits)


def _of_flow(pilots: Sequence[Answers]) -> tuple[int, bool] | None:
    """When the first request is born that is not left out [ns]; ``None`` where too few were answered to tell."""
    answered = [(one.born[one.response < NEVER], one.response[one.response < NEVER]) for one in pilots]
    number = min(len(born) for born, _ in answered)
    if number < BATCH * FEWEST:
        return None
    cut, settled = mser5(np.mean([response[:number] for _, response in answered], axis=0))
    return max(int(born[cut]) for born, _ in answered) if cut else 0, settled
