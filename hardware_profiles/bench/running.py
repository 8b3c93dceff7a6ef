"""Measures a model in every configuration that was asked for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from hardware_profiles.bench import inputs as signatures
from hardware_profiles.bench.board import Board
from hardware_profiles.bench.energy import meter_of
from hardware_profiles.bench.layers import Profiled, onnx_library, profiled
from hardware_profiles.bench.machine import cores, power_mode
from hardware_profiles.bench.memory import forget_peak, peak_mb, resident_mb
from hardware_profiles.bench.precision import precision_of
from hardware_profiles.bench.session import Session, SessionSettings, dry_run, onnxruntime, opened
from hardware_profiles.bench.throttling import held_back
from hardware_profiles.bench.timing import WarmUp, measure, warm_up
from hardware_profiles.bench.watch import Observed, Watch
from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.measurement import Measurement, quantiles_of

Say = Callable[[str], None]
"""Shows what is being done."""

_FOR_P99 = 100
_NS = 6  # digits of a millisecond


@dataclass(frozen=True)
class Settings:
    """What to measure, of which model, and what the figures are to be called.

    Parameters
    ----------
    batches, threads
        Every pair of them is a configuration. Empty: what the model is fixed at, else 1; all cores.
    axes
        Sizes of open axes by name, see `inputs.sizes`.
    runs, seconds
        A measurement ends with whichever comes first; both None: after ten seconds.
    warm_up_s
        The longest that warming up may take [s].
    sample, layers
        Whether every single duration is kept, and whether the model is taken node by node.
    without_copies
        Whether inputs and outputs stay in a device's own memory.
    """

    model_file: Path
    model: str
    hardware: str
    precision: str = ""
    unit: str = ""
    provider: str | None = None
    batches: tuple[int, ...] = ()
    threads: tuple[int, ...] = ()
    session: SessionSettings = field(default_factory=SessionSettings)
    axes: Mapping[str, int] = field(default_factory=dict)
    runs: int | None = None
    seconds: float | None = None
    warm_up_s: float = 10
    sample: bool = False
    layers: bool = False
    without_copies: bool = False
    power_mode: str = ""
    conditions: str = ""
    source: str = ""
    date: str = ""


@dataclass(frozen=True)
class Result:
    """What was measured of one configuration, and what is to be said about it."""

    measurement: Measurement
    notes: tuple[str, ...]


def measured(settings: Settings, board: Board, say: Say) -> Iterator[Result]:
    """Measures one configuration after the other, batches within threads; each is done when it is handed out.

    Raises
    ------
    BadInput
        Where model, provider, axes or batches do not fit together: before the first execution if possible.
    """
    onnxruntime()  # loaded before memory is looked at
    if settings.layers:
        onnx_library()
    held_mb = resident_mb()
    precision = settings.precision or precision_of(settings.model_file)
    settings = replace(settings, precision=precision, power_mode=settings.power_mode or power_mode(board))
    for threads in settings.threads or (cores(board),):
        for batch in settings.batches or (None,):
            yield _one(settings, board, threads, batch, held_mb, say)
            gc.collect()  # the session is gone before the next one is loaded


def _one(settings: Settings, board: Board, threads: int, batch: int | None, held_mb: float | None, say: Say) -> Result:
    forget_peak()
    say("loading the model")
    how = replace(settings.session, threads=threads)
    session, choice = opened(settings.model_file, settings.provider, how)
    wanted = signatures.signature(session.inner)
    _check_all(settings, wanted)
    if batch is None:
        batch = signatures.batch_of(wanted) or _stated_batch(wanted, settings.axes)
    shapes, assumed = signatures.sizes(wanted, batch, settings.axes)
    feeds = signatures.feeds(wanted, shapes)
    run = session.runner(feeds, settings.without_copies)
    dry_run(run)
    about = f"batch {batch}, {threads} thread{'s' * (threads > 1)}"
    warm = warm_up(run, settings.warm_up_s, tick=lambda n, s: say(f"{about}: warming up, {n} runs, {s:.0f} s"))
    meter, no_meter = meter_of(board, settings.unit or session.unit)
    runs, seconds = settings.runs, settings.seconds
    if runs is None and seconds is None:
        seconds = 10.0
    with Watch(board, meter) as watch:
        sample = measure(run, runs, seconds, tick=lambda n, s: say(f"{about}: {n} runs, {s:.0f} s"))
    memory_mb = peak_mb()
    observed = watch.observed
    sample_ms = tuple(ns / 1e6 for ns in sample.durations_ns)
    done = len(sample_ms)
    signs = held_back(sample_ms, observed)
    profile = profiled(settings.model_file, session.provider, how, feeds) if settings.layers else None
    on_cpu = (settings.unit or session.unit) == "CPU"
    joules = observed.joules or None
    measurement = Measurement(
        model=settings.model,
        hardware=settings.hardware,
        precision=settings.precision,
        runtime=session.runtime,
        unit=settings.unit or session.unit,
        batch=batch,
        input_px=signatures.picture_px(shapes),
        threads=threads if on_cpu or settings.threads else None,
        power_mode=settings.power_mode,
        mean_ms=round(fmean(sample_ms), _NS),
        quantiles_ms=tuple((p, round(ms, _NS)) for p, ms in quantiles_of(sample_ms)),
        sample_ms=sample_ms if settings.sample else (),
        runs=done,
        per_s=round(batch * done / sample.seconds, 3),
        power_w=round(joules / observed.seconds, 3) if joules else None,
        energy_mj=round(joules / (batch * done) * 1000, _NS) if joules else None,
        memory_mb=round(max(memory_mb - held_mb, 0), 1) if memory_mb is not None and held_mb is not None else None,
        layers=profile.layers if profile else (),
        conditions=_conditions(settings, session, shapes, wanted, meter.about if meter and joules else "", signs),
        source=settings.source,
        date=settings.date,
    )
    notes = (
        *choice,
        *(f"{about}: {note}" for note in _doubts(warm, settings.warm_up_s, done)),
        *(f"{about}: {sign}" for sign in signs),
        *_heat(about, observed),
        *assumed,
        *([] if settings.precision else ["precision not known; state it (--precision)"]),
        *([no_meter] if no_meter else []),
        *(_about_layers(about, profile) if profile else []),
    )
    return Result(measurement, notes)


def _check_all(settings: Settings, wanted: tuple[signatures.Input, ...]) -> None:
    """Every batch against the model's axes: one that it cannot have is said before any other is measured."""
    faults: list[Fault] = []
    for batch in settings.batches:
        try:
            signatures.sizes(wanted, batch, settings.axes)
        except BadInput as bad:
            faults += bad.faults
    if faults:
        raise BadInput(dict.fromkeys(faults))


def _stated_batch(wanted: tuple[signatures.Input, ...], axes: Mapping[str, int]) -> int:
    """The size of the first axis where it was stated as an axis, else 1."""
    first = next((one for one in wanted if one.shape), None)
    names = () if first is None else (first.called(0), f"{first.name}:0", *(("0",) if len(wanted) == 1 else ()))
    return next((axes[name] for name in names if name in axes), 1)


def _conditions(
    settings: Settings,
    session: Session,
    shapes: Mapping[str, tuple[int, ...]],
    wanted: tuple[signatures.Input, ...],
    meter: str,
    signs: tuple[str, ...],
) -> str:
    how = settings.session
    open_sizes = {
        one.called(at): shapes[one.name][at]
        for one in wanted
        for at, axis in enumerate(one.shape)
        if at > 0 and not isinstance(axis, int) and one.called(at) != wanted[0].called(0)
    }
    copies = "without" if settings.without_copies else "with"
    said = [
        f"onnxruntime {onnxruntime().__version__}, {session.provider} provider, optimisation {how.optimisation}",
        *(f"{name}={value}" for name, value in how.provider_options.items()),
        f"{how.inter_op} operators at once" if how.inter_op > 1 else "",
        "" if session.unit == "CPU" else f"{copies} copies to and from the device",
        ", ".join(f"{name}={size}" for name, size in open_sizes.items()),
        f"energy: {meter}, idle share included" if meter else "",
        *signs,
        settings.conditions,
    ]
    return "; ".join(part for part in said if part)


def _doubts(warm: WarmUp, cap_s: float, done: int) -> list[str]:
    doubts = []
    if not warm.stable:
        doubts.append(f"not stable after {cap_s:g} s of warming up: the last medians are {warm.apart:.0%} apart")
    if done < _FOR_P99:
        doubts.append(f"{done} run{'s' * (done > 1)}, too few for a 99th percentile (--runs {_FOR_P99})")
    return doubts


def _heat(about: str, observed: Observed) -> list[str]:
    said = []
    if observed.temperatures_c:
        said.append(f"{observed.temperatures_c[0]:.0f} to {max(observed.temperatures_c):.0f} °C")
    if observed.clocks_mhz:
        said.append(f"clock {min(observed.clocks_mhz):.0f} to {max(observed.clocks_mhz):.0f} MHz")
    return [f"{about}: {', '.join(said)}"] if said else []


def _about_layers(about: str, profile: Profiled) -> list[str]:
    share = f"{about}: {len(profile.layers)} layers make {profile.in_layers:.0%} of a run while profiling"
    return [share, *profile.notes]
