"""Replications of a scenario under a placement."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from hardware_profiles.writing import place
from sim.control import Control
from sim.draws import Ints, nanoseconds
from sim.drills import break_of
from sim.network import Network
from sim.policies import Policy
from sim.precision import Precision, replications_for, widest
from sim.replay import Replay
from sim.replication import Played, Replication
from sim.request_table import file_of, files, writing
from sim.requests import play, sorted_rows
from sim.result import Result
from sim.scaling import scaling
from sim.slowest import Slowest
from sim.tally import each, limits_of
from sim.timeline import Recorder
from sim.warm_up import WarmUp, detected

if TYPE_CHECKING:
    from scenarios.disruptions import Drill
    from scenarios.placement import Placement
    from scenarios.scenario import Scenario

ENGINES = ("simpy", "compiled")
"""The readable reference, and compiled code that plays the same path."""

Limit = tuple[str, str, float]
"""A workload, a task of it or ``answer``, and a limit [s] of response times."""

Detect = Literal["detect"]
"""In place of a warm-up: found by pilot runs (``sim.warm_up``)."""

Progress = Callable[[int, int], None]
"""Called with the replications done and wanted after each."""


class Simulation:
    """Replications that can be added to; which ones are played together changes nothing.

    Made by ``prepare``.
    """

    def __init__(
        self,
        scenario: Scenario,
        placement: Placement,
        seed: int,
        span_s: float,
        warm_up_s: float,
        engine: str,
        controls: Sequence[Control],
        limits: Iterable[Limit],
        requests: bool | Path,
        policies: Mapping[str, Policy],
        slowest: int,
        timeline_s: float | None,
        at: int | None = None,
        drill: Drill | None = None,
    ) -> None:
        self._scenario = scenario
        self.network = Network(scenario, placement, frozenset(drill.links if drill else ()), at)
        if drill:
            controls = (break_of(scenario, drill, warm_up_s, span_s), *controls)
        self._seed, self._span_s, self._warm_up_s = seed, span_s, warm_up_s
        self.engine = "simpy" if policies else engine  # only the reference asks them
        self._policies = dict(policies)
        self._controls = (*scaling(scenario, self.network), *controls)
        self._limits = limits_of(self.network.flows, limits)
        self._requests, self._slowest = requests, slowest
        self._timeline_s = timeline_s
        self._played: list[Played] = []
        self._detected: WarmUp | None = None

    def add(self, replications: int, progress: Progress | None = None, workers: int | None = None) -> None:
        """Play ``replications`` more; their numbers continue.

        ``workers`` play side by side: all cores on the compiled engine, one on the reference, where it is not given.
        """
        first = len(self._played)
        if not first and isinstance(self._requests, Path):
            _without_requests(self._requests)
        compiled = self.engine == "compiled"
        workers = workers or ((cpu_count() or 1) if compiled else 1)
        of_each = max(workers // max(replications, 1), 1)
        jobs = [
            partial(
                _play,
                self.engine,
                self._requests,
                of_each,
                self._policies,
                self._slowest,
                self._timeline_s,
                self._replication(number),
            )
            for number in range(first, first + replications)
        ]
        for number, played in enumerate(_done(jobs, max(min(workers, replications), 1), compiled), 1):
            self._played.append(played)
            if progress:
                progress(number, replications)

    def detect_warm_up(self) -> WarmUp:
        """Find the warm-up by pilot runs as long as the span; to be called before the first replication."""
        pilot = replace(self._replication(0), begin=0, end=nanoseconds(self._span_s))
        self._detected = detected(_plane(self.engine, 1, self._policies), pilot)
        self._warm_up_s = self._detected.seconds
        return self._detected

    def add_until(
        self, precision: float, most: int, progress: Progress | None = None, workers: int | None = None
    ) -> float:
        """Play more until half of every measured interval is at most this fraction of its value, or ``most`` are done.

        Returns what was reached; ``progress`` is called with the replications done in all and ``most``.

        Raises
        ------
        ValueError
            Before the first replication.
        """
        while (reached := widest(self.result())) > precision and (done := len(self._played)) < most:
            step = min(replications_for(precision, reached, done), most) - done
            self.add(step, progress and counted_from(done, most, progress), workers)
        return reached

    def _replication(self, number: int) -> Replication:
        begin = nanoseconds(self._warm_up_s)
        end = begin + nanoseconds(self._span_s)
        return Replication(self.network, self._seed, number, begin, end, self._limits, self._controls)

    def result(self, precision: Precision | None = None) -> Result:
        """What was measured so far; ``precision`` is what was asked for and reached.

        Raises
        ------
        ValueError
            Before the first replication.
        """
        if not self._played:
            raise ValueError("no replication was played yet: add(…) comes first")
        return Result(
            self._scenario.name,
            self._scenario.hash,
            self._seed,
            self.engine,
            self._span_s,
            self._warm_up_s,
            {"python": platform.python_version()} | {name: version(name) for name in ("numba", "numpy", "simpy")},
            self.network,
            self._limits,
            tuple(self._played),
            precision,
            tuple(self._policies),
            Replay(self._replication(0), self._policies, self._slowest),
            self._detected,
            self._timeline_s,
        )


def _done(jobs: Sequence[Callable[[], Played]], workers: int, compiled: bool) -> Iterator[Played]:
    """In their order; compiled code runs beside other threads, Python beside other processes."""
    if workers == 1:
        yield from (job() for job in jobs)
    elif compiled:
        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(lambda job: job(), jobs)
    else:
        from joblib import Parallel, delayed  # a seventh of a second that others need not wait

        yield from Parallel(workers, return_as="generator")(delayed(job)() for job in jobs)


def _play(
    engine: str,
    requests: bool | Path,
    workers: int,
    policies: Mapping[str, Policy],
    slowest: int,
    timeline_s: float | None,
    of: Replication,
) -> Played:
    """One replication, with its rows kept or written where they are asked for."""
    play = _plane(engine, workers, policies)
    keep = Slowest(of.network, slowest) if slowest else None
    if timeline_s is not None:
        recorder = Recorder(of.network, of.begin, of.end, nanoseconds(timeline_s))
        of = replace(of, controls=(*of.controls, recorder))
    blocks: list[tuple[Ints, Ints]] = []
    take = (lambda *rows: blocks.append(rows)) if requests is True or timeline_s is not None else None
    if not isinstance(requests, Path):
        played = play(of, each(take, keep))
    else:
        found: list[Played] = []

        def write(unfinished: Path) -> None:
            with writing(unfinished, of.network, of.number) as writer:
                found.append(play(of, each(writer, take, keep)))

        place(file_of(requests, of.number), write)
        (played,) = found
    if blocks:
        births, visits = (sorted_rows(np.concatenate(some)) for some in zip(*blocks, strict=True))
        if timeline_s is not None:
            played = replace(played, timeline=recorder.timeline(played.queues, births, visits))
        played = replace(played, rows=(births, visits) if requests is True else None)
    return replace(played, slowest=keep.rows) if keep else played


def _plane(engine: str, workers: int, policies: Mapping[str, Policy]) -> Callable[..., Played]:
    if engine == "compiled":
        from sim.compiled import plane  # a tenth of a second that the reference need not spend

        return partial(plane.play, workers=workers)
    return partial(play, policies=policies)


def _without_requests(folder: Path) -> None:
    """A folder holds the requests of one run: those of an earlier one go."""
    for file in files(folder):
        file.unlink()


def counted_from(done: int, most: int, progress: Progress) -> Progress:
    """That counts on from those done already, of ``most``."""
    return lambda number, _: progress(done + number, most)
