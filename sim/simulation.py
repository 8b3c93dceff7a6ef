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

from hardware_profiles.faults import BadInput, Fault, NotSupported, closest
from hardware_profiles.writing import place
from scenarios.calendar import hour_name
from sim.control import Control
from sim.draws import Ints, nanoseconds
from sim.drills import break_of, sampled
from sim.load import background_per_s
from sim.network import Network
from sim.policies import Policy, refuse_unsound
from sim.precision import MOST_REPLICATIONS, Precision, replications_for, widest
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

MOST_BACKGROUND = {"simpy": 5_000_000, "compiled": 200_000_000}  # requests of one replication: minutes

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
        self._engine = "simpy" if policies else engine  # only the reference asks them
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
        compiled = self._engine == "compiled"
        workers = workers or ((cpu_count() or 1) if compiled else 1)
        of_each = max(workers // max(replications, 1), 1)
        jobs = [
            partial(
                _play,
                self._engine,
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
        self._detected = detected(_plane(self._engine, 1, self._policies), pilot)
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
            self.add(step, progress and _counted_from(done, most, progress), workers)
        return reached

    def _replication(self, number: int) -> Replication:
        begin = nanoseconds(self._warm_up_s)
        end = begin + nanoseconds(self._span_s)
        return Replication(self.network, self._seed, number, begin, end, self._limits, self._controls)

    def result(self) -> Result:
        """What was measured so far.

        Raises
        ------
        ValueError
            Before the first replication.
        """
        return self._result()

    def _result(self, precision: Precision | None = None) -> Result:
        if not self._played:
            raise ValueError("no replication was played yet: add(…) comes first")
        return Result(
            self._scenario.name,
            self._scenario.hash,
            self._seed,
            self._engine,
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


def _counted_from(done: int, most: int, progress: Progress) -> Progress:
    return lambda number, _: progress(done + number, most)


def prepare(
    scenario: Scenario,
    placement: Placement,
    *,
    seed: int = 1,
    span_s: float | None = None,
    warm_up_s: float | Detect | None = None,
    engine: str = "compiled",
    controls: Sequence[Control] = (),
    limits: Iterable[Limit] = (),
    requests: bool | Path = False,
    policies: Mapping[str, Policy] | None = None,
    slowest: int = 0,
    timeline_s: float | None = None,
    at: int | None = None,
    drill: Drill | None = None,
) -> Simulation:
    """Make ready to simulate; the parameters are those of ``simulate``.

    Raises
    ------
    NotSupported
        Where the scenario, the placement or the engine asks for what is not simulated yet, by name; or where the
        sites that are not simulated in full would send more to shared queues than can be played; or where a policy
        would change what happens at links.
    BadInput
        Where there is no pool of that name for a policy, or nothing comes in the hour asked for.
    """
    refuse_unsimulated(scenario)
    if engine not in ENGINES:
        near = closest(engine, ENGINES)
        raise NotSupported(Fault("engine", engine, f"one of {', '.join(ENGINES)}", nearest=near))
    if drill is not None:
        scenario, at = sampled(scenario, drill), drill.at if at is None else at
        span_s = drill.for_s if span_s is None else span_s
    study = scenario.study
    span_s = study.span_s if span_s is None else span_s
    asked = warm_up_s if warm_up_s is not None else "detect" if study.detects_warm_up else study.warm_up_s
    warm_up_s = span_s / 2 if asked == "detect" else asked  # at most
    if span_s <= 0 or warm_up_s < 0:
        raise ValueError(f"a span of {span_s:g} s after {warm_up_s:g} s cannot be measured")
    if timeline_s is not None and not nanoseconds(timeline_s) > 0:
        raise ValueError(f"steps of {timeline_s:g} s have no length")
    policies = policies or {}
    run = Simulation(
        scenario,
        placement,
        seed,
        span_s,
        warm_up_s,
        engine,
        controls,
        limits,
        requests,
        policies,
        slowest,
        timeline_s,
        at,
        drill,
    )
    if at is not None and not run.network.flows:
        raise BadInput(
            Fault("study.simulate.at", f"{hour_name(at)}, when nothing comes", "another hour", scenario.file)
        )
    refuse_unsound(policies, scenario, run.network)
    _refuse_too_many(scenario, run.network, span_s + warm_up_s, MOST_BACKGROUND[run._engine])
    if asked == "detect":
        run.detect_warm_up()
    return run


def simulate(
    scenario: Scenario,
    placement: Placement,
    *,
    replications: int | None = None,
    seed: int = 1,
    span_s: float | None = None,
    warm_up_s: float | Detect | None = None,
    engine: str = "compiled",
    workers: int | None = None,
    controls: Sequence[Control] = (),
    limits: Iterable[Limit] = (),
    requests: bool | Path = False,
    policies: Mapping[str, Policy] | None = None,
    slowest: int = 0,
    timeline_s: float | None = None,
    precision: float | None = None,
    most: int | None = None,
    progress: Progress | None = None,
    at: int | None = None,
    drill: Drill | None = None,
) -> Result:
    """Simulate a scenario under a placement, request by request.

    Parameters
    ----------
    replications, span_s, warm_up_s
        Of the scenario's ``study`` where they are not given [s]; a warm-up of ``"detect"`` is found by pilot runs.
    workers
        How many play side by side, replications or sites that share nothing: all cores on the compiled engine, one on
        the reference, where it is not given. The result is the same for any number.
    controls
        Control processes (``sim.control``).
    limits
        (workload, task or ``answer``, limit [s]) to be counted exactly, for ``Result.attainment``, beside the latency
        limits of the scenario.
    requests
        Keep the table of every request, ``Result.requests``; or write it into a folder, a Parquet file for each
        replication as soon as it is played. Such files of an earlier run there are removed.
    policies
        By pool: which of its queues at a site serves each task (``sim.policies``). With one the reference plays,
        whichever ``engine`` is named, and ``Result.engine_note`` says so.
    slowest
        Keep so many of the slowest requests of each replication, for ``Result.slowest``.
    timeline_s
        Keep what happens in each step of so many seconds, for ``Result.timeline``; while a replication is played its
        requests are kept.
    drill
        A break for the whole of the measured span, which is as long as the drill where no ``span_s`` is given: what is
        measured was born while it lasted (``sim.drills``).
    precision
        Add replications until half of the 95 % interval of every limit's percentile (of the p95 of the answer where
        a workload has no limit) is at most this fraction of its value, or ``most`` replications (200, and never fewer
        than at first) are played. The result equals that of so many replications, and says what was reached.
    progress
        Called with the replications done and wanted after each.
    at
        An hour of the week, counted from Monday 0:00 (``scenarios.calendar.hour_of``), instead of the busiest hour of
        each workload: what is played by default is never less than what comes together.

    Raises
    ------
    NotSupported
        As ``prepare``.
    BadInput
        As ``prepare``; where the folder for the requests cannot be written; where a policy chooses no queue.
    """
    run = prepare(
        scenario,
        placement,
        seed=seed,
        span_s=span_s,
        warm_up_s=warm_up_s,
        engine=engine,
        controls=controls,
        limits=limits,
        requests=requests,
        policies=policies,
        slowest=slowest,
        timeline_s=timeline_s,
        at=at,
        drill=drill,
    )
    first = scenario.study.replications if replications is None else replications
    if precision is None:
        run.add(first, progress, workers)
        return run.result()
    most = max(MOST_REPLICATIONS, first) if most is None else most
    if not 0 < precision < 1 or most < 1:
        raise ValueError(f"a precision of {precision:g} within {most} replications cannot be reached")
    run.add(min(first, most), progress and _counted_from(0, most, progress), workers)
    reached = run.add_until(precision, most, progress, workers)
    return run._result(Precision(precision, reached))


def _refuse_too_many(scenario: Scenario, network: Network, lasting_s: float, most: int) -> None:
    born, coming = background_per_s(network)
    per_s = max(coming, born / 50)  # one that comes nowhere is drawn, which takes a fiftieth of the time
    if per_s * lasting_s > most:
        found = f"{per_s * lasting_s:.3g} requests of sites not simulated in full, in {lasting_s:g} s with the warm-up"
        wanted = f"at most {most}: a span of {most / per_s / 1.2:.2g} s, say"
        raise NotSupported(Fault("study.simulate.busiest", found, wanted, scenario.file))


def refuse_unsimulated(scenario: Scenario) -> None:
    """Refuse a scenario with parts that are kept but not simulated yet, all of them by name.

    Raises
    ------
    NotSupported
    """
    faults = [
        Fault(part.path, f"{part.what}, which is not simulated yet", "", scenario.file)
        for part in scenario.not_yet
        if not part.simulated
    ]
    if faults:
        raise NotSupported(faults)
