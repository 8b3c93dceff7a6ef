"""The catalogue of access technologies: what is known of each, by the distance of the server where that is measured."""

from __future__ import annotations

from dataclasses import dataclass

from hardware_profiles.service_time import ServiceTime
from scenarios.catalogue_tables import Row, rows
from scenarios.figures import Figure, Origin

_KINDS: dict[str, Origin] = {"measured": "measured", "listed": "listed", "assumed": "assumed"}


@dataclass(frozen=True)
class Technology:
    """What the catalogue says of one; ``None`` is unknown."""

    name: str
    rtt: ServiceTime | None
    up_bps: float | None
    down_bps: float | None
    loss: float | None
    row: Row

    def figure(self, value: float, unit: str) -> Figure:
        """A value of it with its origin."""
        source = f"{self.row['source']}; {self.row['conditions']}"
        return Figure(value, unit, _KINDS[self.row["kind"]], source, self.row["date"])


def names() -> tuple[str, ...]:
    """All technologies of the catalogue."""
    return tuple(dict.fromkeys(row["name"] for row in rows("technologies")))


def by_distance(name: str) -> bool:
    """Whether its figures are told apart by the distance of the server."""
    return any(row["from_km"] for row in rows("technologies") if row["name"] == name)


def technology(name: str, server_km: float = 0.0) -> Technology | None:
    """What is known of a technology with the server so far away; ``None`` where the catalogue does not know its name.

    The figures are those of the nearest servers that were measured and stand no nearer than that.
    """
    found = [row for row in rows("technologies") if row["name"] == name]
    row = next((row for row in found if server_km <= float(row["to_km"] or "inf")), None)
    if row is None:
        return None
    nominal, up, down = (_number(row[f"{key}_mbit_per_s"], 1e6) for key in ("nominal", "up", "down"))
    return Technology(name, _round_trip(row), up or nominal, down or nominal, _number(row["loss_percent"], 0.01), row)


def _round_trip(row: Row) -> ServiceTime | None:
    """Through its quantiles; a constant where there is one figure only."""
    points = {p: float(row[key]) / 1e3 for p, key in ((0.5, "rtt_p50_ms"), (0.99, "rtt_p99_ms")) if row[key]}
    if row["rtt_ms"]:
        return ServiceTime.constant(float(row["rtt_ms"]) / 1e3)
    return ServiceTime.through(points) if points else None


def _number(text: str, scale: float) -> float | None:
    return float(text) * scale if text else None
