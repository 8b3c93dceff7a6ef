"""Values that somebody recorded, in the order in which they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Recording:
    """A column of a file, in seconds.

    Attributes
    ----------
    column
        Or the difference of two: ``t_end_s - t_start_s``.
    digest
        Of the values, by which two recordings are compared.
    """

    file: str
    column: str
    digest: str
    values: Sequence[float] = field(compare=False, repr=False)

    @cached_property
    def increasing(self) -> tuple[float, ...]:
        return tuple(sorted(self.values))

    def condensed(self, most: int) -> Recording:
        """So many quantiles of it at most, increasing: the middles of equal shares."""
        number = len(self.values)
        if number <= most:
            return Recording(self.file, self.column, f"{self.digest}, increasing", self.increasing)
        picked = tuple(self.increasing[int((i + 0.5) * number / most)] for i in range(most))
        return Recording(self.file, self.column, f"{self.digest}, {most} quantiles", picked)
