"""Measurements of the user's own, or assumptions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from scenarios.language.quantities import Operations, Pixels, Seconds, Watts
from scenarios.language.shape import Later, Shape, fault, quoted, short_for
from scenarios.language.times import QUANTILES, DurationText, service


class FigureText(Shape):
    """How long a model, an offer or the work around a model takes on a piece of hardware; or a profile file."""

    shorthand: ClassVar[str] = "file"

    file: str | None = None
    """A profile file of ``tierwise bench`` or ``tierwise import``, beside the scenario: all its times count."""
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
    input_size: Pixels | None = None
    """For an estimate: edge of the picture, where it is not the usual one of the model."""
    macs: Operations | None = None
    """For an estimate: multiply-accumulate operations of one execution, where no catalogue knows them."""
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
    kind: Literal["measured", "assumed", "estimated"] = "measured"
    """``assumed`` follows the figure to the report; ``estimated`` asks for a time where nobody measured one."""
    why: str = ""
    """Where it is from, or why it is assumed."""

    _short = model_validator(mode="before")(short_for("file"))

    @model_validator(mode="after")
    def _complete(self) -> FigureText:
        if self.file is not None:
            return self._alone()
        about = [key for key in ("model", "offer", "task") if getattr(self, key) is not None]
        if len(about) != 1:
            raise fault(
                " and ".join(about) or "neither model, offer nor task", "one of model, offer and task: overhead"
            )
        if self.model is not None and self.hardware is None:
            raise fault("a model without hardware", "the hardware that it was measured on")
        ways = [self.time is not None, bool(self.quantiles()), self.overhead is not None]
        later = [self.first_token, self.speed, self.total, self.power]
        if self.kind == "estimated":
            return self._to_estimate(any(ways) or any(value is not None for value in later))
        if sum(ways) != 1 and not (sum(ways) == 0 and any(value is not None for value in later)):
            raise fault("a time said not once", "one of time, quantiles (p50, p99) and overhead")
        if self.quantiles():
            service(None, None, None, None, self.quantiles())
        if self.task == "overhead" and self.time is None:
            raise fault("an overhead without a time", "time: 2.5 ms")
        if self.kind == "assumed" and not self.why:
            raise fault("an assumption without a reason", "why: …")
        for key in ("macs", "input_size"):
            if getattr(self, key) is not None:
                raise fault(f"{key} beside a time", "them only with kind: estimated")
        return self

    def _alone(self) -> FigureText:
        others = sorted(self.model_fields_set - {"file"})
        if others:
            raise fault(f"a file and {' and '.join(others)}", "the file alone, which says everything itself")
        return self

    def _to_estimate(self, stated: bool) -> FigureText:
        if self.model is None:
            raise fault("an estimate without a model", "a model and the hardware that it runs on")
        if stated:
            raise fault("a time and kind: estimated", "one of them: an estimate is worked out, a time is measured")
        if self.macs is not None and not 0 < self.macs < 1e18:
            raise fault(f"macs: {self.macs:g}", "a number of operations such as 4.35e9")
        return self

    def quantiles(self) -> dict[float, float]:
        """The quantiles stated, by probability."""
        stated = {p: getattr(self, key, None) for key, p in QUANTILES.items()}
        return {p: value for p, value in stated.items() if value is not None}


def _in_a_list(value: Any) -> Any:
    if not isinstance(value, (str, list)):
        raise fault(quoted(value), "a list, or the path of a profile file such as ./my-board.json")
    return [value] if isinstance(value, str) else value


class _FiguresSchema:
    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


Figures = Annotated[list[FigureText], _FiguresSchema, BeforeValidator(_in_a_list)]
"""Entries of one's own, some of them paths of profile files; or one such path."""
