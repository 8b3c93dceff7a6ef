"""What the user says about times: typed, from a profile file, or asked to be estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hardware_profiles import AccuracyRow, Measurement, ServiceTime, canonical_hardware, canonical_model, model
from hardware_profiles.catalogue.devices import profiled_as
from scenarios.figures import Origin


@dataclass(frozen=True)
class UserFigure:
    """A time of ``figures:``: how long a model or an offer takes, or the work around every model.

    ``service`` is the time of one execution, ``overhead_s`` the time around it [s]; a figure has one of them.
    An overhead without a model holds for all models, one without hardware everywhere; a time without a precision
    holds for all precisions, one without an ``input_px`` for every size of the input.
    """

    model: str | None
    offer: str | None
    hardware: str | None
    precision: str | None
    service: ServiceTime | None
    overhead_s: float | None
    kind: Origin
    why: str
    path: str
    text: str  # the figure as the user wrote it, or as it is estimated
    runtime: str = ""
    unit: str = ""
    threads: int | None = None
    input_px: int | None = None  # edge of the square input [px]
    date: str = ""
    spread: str = ""  # "assumed cv 0.1" where only a mean was measured
    accuracy: tuple[AccuracyRow, ...] = ()  # published ones that hold for it, the most applicable first
    file: str = ""  # the profile file that it is from, as the scenario names it
    bar_s: tuple[float, float] | None = None  # an estimated mean lies between these nine times in ten [s]

    @property
    def what(self) -> str:
        """In words: ``overhead of yolov8n on rb3-gen-2``."""
        about = self.model or self.offer or "models"
        where = f" on {self.hardware}" if self.hardware else ""
        return f"{'overhead' if self.overhead_s is not None else 'time'} of {about}{where}"

    def on(self, hardware: str) -> bool:
        return self.hardware is None or self._canonical[1] == (canonical_hardware(hardware) or hardware)

    def of(self, name: str) -> bool:
        return self.model is not None and self._canonical[0] == (canonical_model(name) or name)

    @cached_property
    def _canonical(self) -> tuple[str, str]:
        """Our names of its model and its hardware."""
        name, hardware = self.model or "", self.hardware or ""
        return canonical_model(name) or name, canonical_hardware(hardware) or hardware

    def at(self, input_px: int | None) -> bool:
        """Whether it holds for inputs of a size; None where nobody says which is meant."""
        return self.input_px is None or self.input_px == input_px


@dataclass(frozen=True)
class FigureFile:
    """A profile file that a scenario names; ``digest`` changes with what its measurements say.

    ``left_out`` counts those that are no service time: several inputs at once, work under load, tokens.
    """

    path: str
    measurements: tuple[Measurement, ...]
    left_out: int
    digest: str

    @property
    def used(self) -> int:
        return len(self.measurements) - self.left_out


def sizes(figures: Sequence[UserFigure], name: str) -> tuple[int, ...]:
    """The sizes of input [px] that figures of a model are stated at, from the smallest."""
    return tuple(sorted({f.input_px for f in figures if f.input_px is not None and f.of(name)}))


def size_of(figures: Sequence[UserFigure], name: str, stated_px: int | None) -> int | None:
    """The size of input that a task means: as it states, else the model's usual one, else the only one measured."""
    known = model(name)
    if stated_px is not None:
        return stated_px
    if known is not None and known.input_px is not None:
        return known.input_px
    only = sizes(figures, name)
    return only[0] if len(only) == 1 else None


def names_of(choice: str, card: str) -> tuple[str, ...]:
    """The names under which a measurement counts for a choice: its own, and that of the card inside."""
    return tuple(dict.fromkeys((choice, card, profiled_as(card))))
