"""Measurements of the user's own, or assumptions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from scenarios.language.quantities import Seconds, Watts
from scenarios.language.shape import Later, Shape, fault
from scenarios.language.times import QUANTILES, DurationText, service


class FigureText(Shape):
    """How long a model, an offer or the work around a model takes on a piece of hardware."""

    model: str | None = None
    """The model measured."""
    offer: str | None = None
    """An offer without nodes."""
    task: Literal["overhead"] | None = None
    """``overhead``: the pre- and post-processing around every model."""
    hardware: str | None = None
    """The hardware or the offer with nodes; left out for an overhead: everywhere."""
    precision: str | None = None
    """Of the model."""
    p50: Seconds | None = None
    p90: Seconds | None = None
    p95: Seconds | None = None
    p99: Seconds | None = None
    time: DurationText | None = None
    """In place of quantiles."""
    overhead: Seconds | None = None
    """Pre- and post-processing around this model on this hardware."""
    first_token: Annotated[DurationText | None, Later("generative models")] = None
    """Time to the first token."""
    speed: Annotated[str | None, Later("generative models")] = None
    """Tokens per second."""
    total: Annotated[str | None, Later("generative models")] = None
    """Tokens per second of a whole node."""
    power: Annotated[Watts | None, Later("power of a model")] = None
    """What the hardware draws while it runs the model."""
    kind: Literal["measured", "assumed"] = "measured"
    """``assumed`` follows the figure to the report."""
    why: str = ""
    """Where it is from, or why it is assumed."""

    @model_validator(mode="after")
    def _complete(self) -> FigureText:
        about = [key for key in ("model", "offer", "task") if getattr(self, key) is not None]
        if len(about) != 1:
            raise fault(
                " and ".join(about) or "neither model, offer nor task", "one of model, offer and task: overhead"
            )
        if self.model is not None and self.hardware is None:
            raise fault("a model without hardware", "the hardware that it was measured on")
        ways = [self.time is not None, bool(self.quantiles()), self.overhead is not None]
        later = [self.first_token, self.speed, self.total, self.power]
        if sum(ways) != 1 and not (sum(ways) == 0 and any(value is not None for value in later)):
            raise fault("a time said not once", "one of time, quantiles (p50, p99) and overhead")
        if self.quantiles():
            service(None, None, None, None, self.quantiles())
        if self.task == "overhead" and self.time is None:
            raise fault("an overhead without a time", "time: 2.5 ms")
        if self.kind == "assumed" and not self.why:
            raise fault("an assumption without a reason", "why: …")
        return self

    def quantiles(self) -> dict[float, float]:
        """The quantiles stated, by probability."""
        stated = {p: getattr(self, key, None) for key, p in QUANTILES.items()}
        return {p: value for p, value in stated.items() if value is not None}
