"""What flows, and where it may be seen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.language.quantities import Seconds
from scenarios.language.shape import Later, NamesOrNone, Shape


class DataText(Shape):
    """A data item."""

    sensitivity: Annotated[Literal["public", "internal", "confidential", "personal", "regulated"], Field(alias="class")]
    """How sensitive it is."""
    may_reach: NamesOrNone | None = None
    """Where it may be seen: sites, regions, countries or wider (``eu``). Left out: anywhere."""
    keep: Annotated[dict[str, Seconds] | None, Later("retention priced as storage", simulated=True)] = None
    """How long it is kept at which place."""
