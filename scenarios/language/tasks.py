"""One step of a workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from scenarios.language.pools import Tier
from scenarios.language.quantities import (
    Bytes,
    Number,
    Pixels,
    Seconds,
    Share,
    Sized,
    SomeNumber,
    SomeShare,
    Tokens,
    read,
)
from scenarios.language.recordings import RecordedText
from scenarios.language.shape import Judged, Later, Names, Shape, StandIn, fault, quoted, short_for
from scenarios.language.times import DurationText, Times


class QueueText(Shape):
    """Who waits for a task when more come than it can hold: ``{at_most: 20}``, ``{keep: latest}``."""

    example: ClassVar[str] = "{at_most: 20, keep: oldest}"

    keep: Literal["latest", "oldest"] = "oldest"
    """oldest: who comes to a full queue is dropped; latest: who has waited longest is dropped instead."""
    at_most: Number | None = None
    """How many wait in one queue; where the latest are kept and no number is said, one of each source."""

    @model_validator(mode="after")
    def _limited(self) -> QueueText:
        if self.keep == "oldest" and self.at_most is None:
            raise fault("a queue without a limit", "at_most: 20, say, or keep: latest")
        return self


class CacheText(Shape):
    """Answers kept for the next that asks the same."""

    hits: Share | None = None
    size: Bytes | None = None
    popularity: str | None = None


def _tokens(value: Any) -> Any:
    """A bare number of tokens: the key says already what is counted."""
    return f"{value} token" if isinstance(value, int) and not isinstance(value, bool) else value


TokenCount = Annotated[Tokens, BeforeValidator(_tokens), WithJsonSchema({"type": ["integer", "string"]})]


class TokenQuantilesText(Shape):
    """How many tokens."""

    shorthand: ClassVar[str] = "constant"

    constant: TokenCount | None = None
    p50: TokenCount | None = None
    p95: TokenCount | None = None
    p99: TokenCount | None = None

    _short = model_validator(mode="before")(short_for("constant"))


class TokensText(Shape):
    """What a generative model reads and writes."""

    prompt: TokenQuantilesText
    output: TokenQuantilesText


class AnswerText(Shape):
    """Who receives the answer."""

    to: str = "source"
    """``source`` or the name of a pool."""
    size: Annotated[Bytes | None, Later("an answer that differs from the output")] = None


def _sizes(value: Any) -> Any:
    return {str(size): time for size, time in value.items()} if isinstance(value, Mapping) else value


def _size(value: Any) -> int:
    if not str(value).isdigit() or int(value) < 2:
        raise fault(quoted(value), "how many are executed together, 2 or more")
    return int(value)


class BatchingText(Shape):
    """Requests executed together: ``{at_most: 8, wait: 5 ms}``."""

    example: ClassVar[str] = "{at_most: 8, wait: 5 ms}"

    at_most: SomeNumber
    """How many at once; no more than somebody measured together."""
    wait: Seconds = 0.0
    """How long the first waits for others; then those that are there are executed."""
    times: Annotated[dict[Annotated[int, BeforeValidator(_size)], DurationText], BeforeValidator(_sizes)] | None = None
    """Your own times, ``{4: 12 ms, 8: 20 ms}``; one for fewer is that of the next larger number."""


def _collected(value: Any) -> int | float:
    """Requests of a source, or seconds."""
    if isinstance(value, StandIn):
        return 1
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    found = read(value, ("time",), "a window such as 10 s or 64")
    if found.value <= 0 or found.per or found.of:
        raise fault(quoted(value), "a window such as 10 s or 64")
    return float(found.value)


Collected = Annotated[int | float, BeforeValidator(_collected), WithJsonSchema({"type": ["string", "integer"]})]


def _copies(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 256:
        raise fault(quoted(value), "how many copies of it run for each request, 1 to 256")
    return value


Copies = Annotated[int, BeforeValidator(_copies)]


def _order(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise fault(quoted(value), "a whole number from 1, which is served first, to 1000")
    return value


class TaskText(Shape):
    """One step: it runs a model, takes a stated time, or only stores what it is sent."""

    after: Names = ()
    """The task or tasks whose output it needs."""
    share: SomeShare = 1.0
    """Share of the requests that reach it and need it."""
    model: Names | None = None
    """One or several models to choose from."""
    input_size: Pixels | None = None
    """Edge of the picture, where it is not the usual one of the model."""
    precision: str | None = None
    """One precision; ``any`` or nothing leaves the choice to the planner."""
    time: Times | None = None
    """In place of a model: how long it takes, perhaps for each pool."""
    service: RecordedText | None = None
    """In place of a model or a time: how long it took each time that was measured."""
    overhead: Seconds = 0.0
    """Pre- and post-processing around the model, on the same node."""
    input: Sized | None = None
    """What it is sent: ``180 kB of frame``."""
    output: Sized | None = None
    """What it passes on, and its answer."""
    answers: bool = False
    """Its output is delivered as an answer."""
    answer: AnswerText | None = None
    """Who receives the answer, where it is not the source."""
    tiers: tuple[Tier, ...] | None = Field(default=None, strict=False)
    """Only on these tiers."""
    pools: Names | None = None
    """Only on these pools."""
    store_at: str | None = None
    """In place of a model or a time: the place where the input is kept."""
    deferrable: bool = False
    """It may wait for a better hour."""
    times: Copies = 1
    """So many copies for each request, each with an input and an output of its own, joined by what comes after."""
    collects: Annotated[Collected | None, Judged("windows over several requests")] = None
    """A window of requests of a source, or of time if it is periodic: it runs once, for the last of them."""
    priority: Annotated[int | None, BeforeValidator(_order), Judged("priorities")] = None
    """1 is served first; without one as the most urgent task before it, else after all that have one."""
    queue: Annotated[QueueText | None, Judged("queue limits")] = None
    """How many wait, and who is dropped when there are more."""
    drop_after: Annotated[Seconds | None, Judged("expiry of requests")] = None
    """Who has not started so long after its birth is dropped."""
    without_line: Annotated[Literal["skip", "wait", "drop"] | None, Judged("what happens while a line is down")] = None
    """What becomes of it while its place cannot be reached: wait, unless `offline` says otherwise."""
    redacts: str | None = None
    """The data item that it makes harmless: its output is another, of a lower class. What a model finds and what is an
    answer are of the class that their item says; what is only passed on gets no lower without this."""
    cache: Annotated[CacheText | None, Later("cached answers")] = None
    """Answers kept for the next that asks the same."""
    tokens: Annotated[TokensText | None, Later("generative models")] = None
    """What a generative model reads and writes."""
    offer: Annotated[Names | None, Later("generative models behind an offer")] = None
    """Pools with an offer that it may use."""
    over: Annotated[str | None, Later("brokers")] = None
    """The broker that carries its input."""
    batching: Annotated[BatchingText | None, Judged("batching")] = None
    """Requests executed together."""
    speculative: bool | Literal["kept", "cancelled"] = False
    """Starts together with the one task that it comes after, before that has told whether it is needed, and is kept to
    its end where it is not. The first answer is that of the other then, the refined one its own."""
    split: Annotated[Names | None, Later("split models")] = None
    """Layers after which the model may be cut."""

    @model_validator(mode="after")
    def _something_to_do(self) -> TaskText:
        ways = [key for key in ("model", "time", "service", "store_at", "offer") if getattr(self, key) is not None]
        if len(ways) > 1:
            raise fault(" and ".join(ways), "one of model, time, service and store_at")
        if not ways and self.over is None:
            raise fault("nothing that it does", "a model, a time, recorded service times, or store_at")
        return self
