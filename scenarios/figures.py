"""A number with its origin, and the ways one model can run on one hardware."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from hardware_profiles.service_time import ServiceTime

Origin = Literal["measured", "listed", "interpolated", "estimated", "assumed", "yours"]
DERIVED: Final = ("interpolated", "estimated")  # worked out from what was measured of something else


@dataclass(frozen=True)
class Figure:
    """A value that can be traced.

    ``kind`` says how it is known: ``measured`` and ``listed`` come from a catalogue row or a profile file, ``yours``
    from the user's own scenario, ``interpolated`` and ``estimated`` are worked out from measurements of something
    else, ``assumed`` is a user's or a shipped default that nobody measured. The last two join the Assumed list.
    """

    value: float
    unit: str
    kind: Origin
    source: str
    date: str = ""
    path: str = ""  # where in the scenario it can be changed
    bar: tuple[float, float] | None = None  # an estimate lies between these nine times in ten, in its unit


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of one variant: a fraction in [0, 1] of ``measure`` (metric and data set, never without)."""

    value: float
    measure: str
    source: str


@dataclass(frozen=True)
class Variant:
    """One way to run a task on one hardware: model, precision, runtime, compute unit and how long it takes.

    A task with a stated ``time`` has a variant without a model. ``service`` includes the overhead.
    """

    model: str | None
    hardware: str
    precision: str
    runtime: str
    unit: str
    service: ServiceTime
    origin: Figure
    accuracy: Accuracy | None = None
    spread: str = ""  # "assumed cv 0.1" where the source gives a mean only
    threads: int | None = None  # of one execution, where it is said
    batches: tuple[ServiceTime, ...] = ()  # of 2, 3 … requests executed together, where they are

    @property
    def name(self) -> str:
        """Short name for tables: ``yolo11n fp16 tensorrt``, ``resnet50 fp32 onnxruntime 2 threads``."""
        threads = "" if self.threads is None else "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return " ".join(part for part in (self.model or "stated time", self.precision, self.runtime, threads) if part)

    @property
    def slowest(self) -> Variant:
        """The same at the far end of its error bar; itself where it has none."""
        if self.origin.bar is None:
            return self
        return replace(self, service=self.service.times(self.origin.bar[1] / self.origin.value))
