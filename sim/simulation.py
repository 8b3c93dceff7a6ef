"""Replications of a scenario under a placement."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from joblib import Parallel, delayed

from hardware_profiles.faults import Fault, NotSupported
from sim.control import Control
from sim.draws import nanoseconds
from sim.network import Network
from sim.requests import Played, play
from sim.result import Result

if TYPE_CHECKING:
    from scenarios.placement import Placement
    from scenarios.scenario import Scenario

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
    ) -> None:
        self._scenario = scenario
        self._network = Network(scenario, placement)
        self._seed, self._span_s, self._warm_up_s = seed, span_s, warm_up_s
        self._engine = engine
        self._controls = tuple(controls)
        self._played: list[Played] = []

    def add(self, replications: int, progress: Progress | None = None, workers: int = 1) -> None:
        """Play ``replications`` more; their numbers continue."""
        begin = nanoseconds(self._warm_up_s)
        end = begin + nanoseconds(self._span_s)
        first = len(self._played)
        jobs = (
            delayed(play)(self._network, self._seed, replication, begin, end, self._controls)
            for replication in range(first, first + replications)
        )
        for number, played in enumerate(Parallel(n_jobs=workers, return_as="generator")(jobs), 1):
            self._played.append(played)
            if progress:
                progress(number, replications)

    def result(self) -> Result:
        """What was measured so far.

        Raises
        ------
        ValueError
            Before the first replication.
        """
        return self._result(keep_requests=False)

    def _result(self, keep_requests: bool) -> Result:
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
            keep_requests,
            self._network,
            tuple(self._played),
        )


def prepare(
    scenario: Scenario,
    placement: Placement,
    *,
    seed: int = 1,
    span_s: float | None = None,
    warm_up_s: float | None = None,
    engine: str = "simpy",
    controls: Sequence[Control] = (),
) -> Simulation:
    """Make ready to simulate; the span and the warm-up [s] are the scenario's where they are not given.

    Raises
    ------
    NotSupported
        Where the scenario, the placement or the engine asks for what is not simulated yet, by name.
    """
    refuse_unsimulated(scenario)
    if engine != "simpy":
        raise NotSupported(Fault("engine", engine, "simpy"))
    span_s = scenario.study.span_s if span_s is None else span_s
    warm_up_s = scenario.study.warm_up_s if warm_up_s is None else warm_up_s
    if span_s <= 0 or warm_up_s < 0:
        raise ValueError(f"a span of {span_s:g} s after {warm_up_s:g} s cannot be measured")
    return Simulation(scenario, placement, seed, span_s, warm_up_s, engine, controls)


def simulate(
    scenario: Scenario,
    placement: Placement,
    *,
    replications: int | None = None,
    seed: int = 1,
    span_s: float | None = None,
    warm_up_s: float | None = None,
    engine: str = "simpy",
    workers: int = 1,
    requests: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Simulate a scenario under a placement, request by request.

    Parameters
    ----------
    replications, span_s, warm_up_s
        Of the scenario's ``study`` where they are not given.
    workers
        Processes; the result is the same for any number.
    requests
        Keep the table of every request.
    progress
        Called with the replications done and wanted after each.

    Raises
    ------
    NotSupported
        Where the scenario, the placement or the engine asks for what is not simulated yet, by name.
    """
    run = prepare(scenario, placement, seed=seed, span_s=span_s, warm_up_s=warm_up_s, engine=engine)
    run.add(scenario.study.replications if replications is None else replications, progress, workers)
    return run._result(keep_requests=requests)


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
