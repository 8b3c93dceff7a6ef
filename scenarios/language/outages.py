"""How often something fails, and for how long."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import model_validator

from scenarios.language.quantities import Seconds
from scenarios.language.shape import Later, Shape, fault


class OutagesText(Shape):
    """``{mtbf: 60 d, mttr: 3 h}``: how long it works between two failures, how long until it works again."""

    example: ClassVar[str] = "{mtbf: 60 d, mttr: 3 h}"

    mtbf: Seconds
    """Mean time between failures."""
    mttr: Seconds
    """Mean time to repair."""
    schedule: Annotated[list[str] | None, Later("scheduled outages")] = None
    """Hours of the week."""

    @model_validator(mode="after")
    def _fails(self) -> OutagesText:
        if self.mtbf <= 0 or self.mttr <= 0:
            raise fault("an outage that never comes or takes no time", "mtbf and mttr above zero")
        return self
