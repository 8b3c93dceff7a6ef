"""The week: 168 hours, each with its load."""

from __future__ import annotations

import re
from dataclasses import dataclass

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = 24 * len(DAYS)
_HOUR = re.compile(r"^\s*(?P<day>[a-z]+)\s+(?P<hour>[01]?\d|2[0-3]):[0-5]\d\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Week:
    """The load of each hour from Monday 0:00 on, in multiples of the rate that a workload states."""

    cells: tuple[float, ...] = (1.0,) * HOURS

    @property
    def busiest(self) -> float:
        """Of the busiest hour, for which everything is planned."""
        return max(self.cells)

    @property
    def mean(self) -> float:
        """Of an average hour; a month is 730 of these."""
        return sum(self.cells) / len(self.cells)

    def at(self, hour: int | None) -> float:
        """Of an hour of the week, counted from Monday 0:00; of the busiest where none is given."""
        return self.busiest if hour is None else self.cells[hour]


EVEN = Week()
"""No hour unlike another."""


def hour_of(text: str) -> int:
    """The hour of the week in which ``sat 11:00`` lies. Raises ValueError where that is no instant of a week."""
    match = _HOUR.match(text)
    days = [number for number, day in enumerate(DAYS) if match and _means(match["day"].lower(), day)]
    if not match or not days:
        raise ValueError(f"{text!r} is no hour of a week")
    return 24 * days[0] + int(match["hour"])


def _means(word: str, day: str) -> bool:
    return word in (day, day[:3], day[:2])


def hour_name(hour: int) -> str:
    """
    >>> hour_name(hour_of("Saturday 11:30"))
    'sat 11:00'
    """
    return f"{DAYS[hour // 24][:3]} {hour % 24}:00"
