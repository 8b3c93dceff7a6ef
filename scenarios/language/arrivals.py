"""How requests come."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from scenarios.language.quantities import Rate, Seconds, Window
from scenarios.language.shape import Later, Shape, fault


class BurstText(Shape):
    """A source that switches between on and off."""

    on: Seconds
    off: Seconds


class ArrivalsText(Shape):
    """An arrival process: periodic, poisson, batch (later: bursty, trace)."""

    kind: Literal["periodic", "poisson", "batch", "bursty", "trace"]
    """periodic, poisson, batch, bursty or trace."""
    rate: Rate | None = None
    """Requests per time, per what: ``6 /min per camera``; at the busiest hour."""
    phase: Literal["random", "aligned", "staggered"] | None = None
    """How periodic sources of one sub-pool lie to each other; random if not said."""
    jitter: Annotated[Seconds | None, Later("jitter of periodic sources")] = None
    """Spread of the instants of a periodic source."""
    shape: Annotated[str | None, Later("demand that changes over the week")] = None
    """A shape of ``demand``."""
    each: Literal["hour", "day", "week"] | None = None
    """Of a batch: how often."""
    window: Window | None = None
    """Of a batch: from when to when."""
    per: str | None = None
    """Of a batch: per site, per a pool, per a fact."""
    burst: Annotated[BurstText | None, Later("bursty arrivals")] = None
    """Of bursty arrivals."""
    file: Annotated[str | None, Later("replayed traces")] = None
    """Of a trace."""

    @model_validator(mode="after")
    def _complete(self) -> ArrivalsText:
        if self.kind == "batch":
            missing = [key for key in ("each", "window", "per") if getattr(self, key) is None]
            foreign = [key for key in ("rate", "phase") if getattr(self, key) is not None]
        else:
            missing = ["rate"] if self.rate is None and self.kind != "trace" else []
            foreign = [key for key in ("each", "window", "per") if getattr(self, key) is not None]
            foreign += ["phase"] if self.phase is not None and self.kind != "periodic" else []
        if missing:
            raise fault(f"{self.kind} arrivals without {' and '.join(missing)}", f"{', '.join(missing)}")
        if foreign:
            raise fault(f"{self.kind} arrivals with {' and '.join(foreign)}", f"none of {', '.join(foreign)}")
        return self
