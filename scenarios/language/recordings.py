"""Files with what was measured of every request."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from scenarios.language.shape import Judged, Shape, StandIn, fault, quoted


def _order(value: Any) -> str | None:
    """A bag is what the planner takes them for as well; their order is judged by the simulation alone."""
    if value not in ("kept", "bag") and not isinstance(value, StandIn):
        raise fault(quoted(value), "kept or bag")
    return "kept" if value == "kept" else None


class RecordedText(Shape):
    """Service times that were measured: ``{trace: run.csv, column: service_ms, order: bag}``."""

    trace: str
    """A CSV file with a header, beside the scenario."""
    column: str
    """Ends in its unit: ``service_ms``; or the difference of two, ``t_end_s - t_start_s``."""
    order: Annotated[
        str | None,
        BeforeValidator(_order),
        Judged("service times in the order in which they were measured"),
        WithJsonSchema({"enum": ["kept", "bag"]}),
    ] = None
    """kept: the n-th request of each source takes the n-th time; bag: each takes any of them."""
