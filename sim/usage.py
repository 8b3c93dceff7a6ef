"""What a placement uses in a month, in physical units; the planner prices it, planned or simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MONTH_S = 730 * 3600.0

GroupKey = str | None  # Group.key, or None for a region


@dataclass(frozen=True)
class Usage:
    """Totals of a month (730 h) over all sites of each group.

    busy_s
        Node-seconds of service by (pool, group of its sites or ``None``).
    bytes, messages
        What crossed each link by (link, direction, group of the sites at its end or ``None``).
    calls
        Executions by (pool, group of its sites or ``None``).
    requests
        Requests born by (workload, group of their source).
    """

    busy_s: Mapping[tuple[str, GroupKey], float] = field(default_factory=dict)
    bytes: Mapping[tuple[str, str, GroupKey], float] = field(default_factory=dict)
    messages: Mapping[tuple[str, str, GroupKey], float] = field(default_factory=dict)
    calls: Mapping[tuple[str, GroupKey], float] = field(default_factory=dict)
    requests: Mapping[tuple[str, GroupKey], float] = field(default_factory=dict)
