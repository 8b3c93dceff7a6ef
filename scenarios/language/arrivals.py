"""How requests come."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from scenarios.language.quantities import PER_TIME, Rate, Seconds, Window, read
from scenarios.language.shape import Judged, Shape, StandIn, fault, quoted


def _per_s(value: Any) -> float:
    found = read(value, PER_TIME, "a rate such as 30 /s")
    if found.value < 0 or found.per:
        expected = "a rate such as 30 /s, without `per`, which stands beside burst"
        raise fault(quoted(value), expected if found.per else "a rate such as 30 /s, not negative")
    return 1.0 if isinstance(value, StandIn) else found.value


PerSecond = Annotated[
    float, BeforeValidator(_per_s), WithJsonSchema({"type": "string", "description": "such as 30 /s"})
]


class BurstStateText(Shape):
    """How fast a source sends in one of its states, and how long it stays there."""

    rate: PerSecond
    """Requests per time while it lasts."""
    lasts: Seconds
    """For how long, on average: an exponential time."""


class BurstText(Shape):
    """``{on: 30 s, off: 2 min}``, or states that follow each other: ``{states: [{rate: 1 /s, lasts: 20 s}, …]}``."""

    on: Seconds | None = None
    """How long it sends, on average."""
    off: Seconds | None = None
    """How long it is silent, on average."""
    states: list[BurstStateText] | None = None
    """In the order in which they come, then from the first again."""

    @model_validator(mode="after")
    def _one_way(self) -> BurstText:
        stated = [key for key in ("on", "off", "states") if getattr(self, key) is not None]
        if stated not in (["on", "off"], ["states"]):
            raise fault(" and ".join(stated) or "no states", "on and off, or states")
        lasting = [self.on, self.off] if self.states is None else [state.lasts for state in self.states]
        if len(lasting) < 2:
            raise fault("a single state", "two or more that follow each other")
        if not all(lasting):
            raise fault("a state that lasts no time", "some time in each")
        if self.states is not None and not any(state.rate for state in self.states):
            raise fault("no state in which it sends", "a rate above zero in one of them")
        return self


class ArrivalsText(Shape):
    """An arrival process: periodic, poisson, bursty, batch or trace."""

    kind: Literal["periodic", "poisson", "batch", "bursty", "trace"]
    """periodic, poisson, batch, bursty or trace."""
    rate: Rate | None = None
    """Requests per time, per what: ``6 /min per camera``; at the busiest hour. Of bursty sources the mean."""
    phase: Literal["random", "aligned", "staggered"] | None = None
    """How periodic sources of one sub-pool lie to each other; random if not said."""
    jitter: Annotated[Seconds | None, Judged("jitter of periodic sources")] = None
    """How late a request of a periodic source may be, at most a period: a uniform draw for each."""
    shape: str | None = None
    """A shape of ``demand``: the rate is that of an hour with 1."""
    each: Literal["hour", "day", "week"] | None = None
    """Of a batch: how often."""
    window: Window | None = None
    """Of a batch: from when to when."""
    per: str | None = None
    """Of a batch, of bursty states and of a trace: per site, per a pool, per a fact."""
    burst: Annotated[BurstText | None, Judged("bursty arrivals")] = None
    """Of bursty arrivals."""
    file: Annotated[str | None, Judged("replayed traces")] = None
    """Of a trace: a CSV file with a header, beside the scenario, which every source replays."""
    column: str | None = None
    """Of a trace: when each request was sent, ``t_s`` if not said. It ends in its unit."""

    @model_validator(mode="after")
    def _complete(self) -> ArrivalsText:
        needed, allowed = self._keys()
        missing = [key for key in needed if getattr(self, key) is None]
        optional = ("rate", "phase", "jitter", "shape", "each", "window", "per", "burst", "file", "column")
        foreign = [key for key in optional if getattr(self, key) is not None and key not in (*needed, *allowed)]
        if missing:
            raise fault(f"{self.kind} arrivals without {' and '.join(missing)}", f"{', '.join(missing)}")
        if foreign:
            raise fault(f"{self.kind} arrivals with {' and '.join(foreign)}", f"none of {', '.join(foreign)}")
        return self

    def _keys(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those that this kind needs, and those that it may have."""
        match self.kind:
            case "batch":
                return ("each", "window", "per"), ()
            case "periodic":
                return ("rate",), ("phase", "jitter", "shape")
            case "bursty" if self.burst is not None and self.burst.states is not None:
                return ("burst", "per"), ("shape",)
            case "bursty":
                return ("burst", "rate"), ("shape",)
            case "trace":
                return ("file", "per"), ("column",)
            case _:
                return ("rate",), ("shape",)
