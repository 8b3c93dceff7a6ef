"""What a month uses: counted, never priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MONTH_S = 730 * 3600.0

PoolKey = tuple[str, str | None]  # pool, group; None in a region
LinkKey = tuple[str, str, str | None]  # link, direction, group; None between regions


@dataclass(frozen=True)
class Usage:
    """Usage in a month of 730 h at constant demand, simulated or worked out beforehand.

    Attributes
    ----------
    requests
        Requests by (workload, group).
    busy_node_s
        Seconds at which nodes of a (pool, group) are at work [s]: server seconds divided by slots.
    calls
        Executions of tasks on a (pool, group).
    messages, bytes
        Messages and their size [B] over a (link, direction, group).
    """

    requests: Mapping[tuple[str, str], float]
    busy_node_s: Mapping[PoolKey, float]
    calls: Mapping[PoolKey, float]
    messages: Mapping[LinkKey, float]
    bytes: Mapping[LinkKey, float]


NOTHING = Usage({}, {}, {}, {}, {})
