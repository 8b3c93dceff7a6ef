"""How sharply a result knows its percentiles, and how many replications a sharper one needs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.tally import ANSWER

if TYPE_CHECKING:
    from sim.result import Result

MOST_REPLICATIONS = 200
_LONGEST_STEP = 1.5  # times what was played: the first estimates of a width are rough


@dataclass(frozen=True)
class Precision:
    """Half the widest 95 % interval as a fraction of its value: what was asked for and what was reached.

    ``reached`` is ``inf`` where an interval has no bounds, ``nan`` where nothing was there to be measured.
    """

    asked: float
    reached: float

    @property
    def met(self) -> bool:
        return self.reached <= self.asked


def widest(result: Result) -> float:
    """Of every limit's percentile at every group; of the p95 of the answer where a workload has no limit.

    ``nan`` where no workload is simulated request by request.
    """
    return max((result.percentile(*one).precision for one in _percentiles(result)), default=math.nan)


def _percentiles(result: Result) -> Iterator[tuple[str, str, float, str]]:
    for flow in result.network.flows:
        limits = [(one.of, one.percentile) for one in flow.workload.requires.latency] or [(ANSWER, 0.95)]
        for of, p in limits:
            yield flow.workload.name, of, p, flow.key


def replications_for(asked: float, reached: float, played: int) -> int:
    """More than ``played``: a width shrinks with the root of their number."""
    wanted = min((reached / asked) ** 2, _LONGEST_STEP) * played
    return max(played + 1, math.ceil(wanted))
