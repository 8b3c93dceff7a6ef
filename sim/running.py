"""Simulating a scenario under a placement: what is asked for, refused, and played."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hardware_profiles.faults import BadInput, Fault, NotSupported, closest
from scenarios.calendar import hour_name
from sim.control import Control
from sim.draws import nanoseconds
from sim.drills import sampled
from sim.load import background_per_s
from sim.network import Network
from sim.policies import Policy, refuse_unsound
from sim.precision import MOST_REPLICATIONS, Precision
from sim.result import Result
from sim.simulation import ENGINES, Detect, Limit, Progress, Simulation, counted_from

if TYPE_CHECKING:
    from scenarios.disruptions import Drill
    from scenarios.placement import Placement
    from scenarios.scenario import Scenario

MOST_BACKGROUND = {"simpy": 5_000_000, "compiled": 200_000_000}  # requests of one replication: minutes


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
    _refuse_too_many(scenario, run.network, span_s + warm_up_s, MOST_BACKGROUND[run.engine])
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
    run.add(min(first, most), progress and counted_from(0, most, progress), workers)
    reached = run.add_until(precision, most, progress, workers)
    return run.result(Precision(precision, reached))


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
