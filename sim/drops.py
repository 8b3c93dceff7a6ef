"""Why a request is dropped: each counts once, by the task and the cause where something of it was dropped first."""

from __future__ import annotations

CAUSES = ("blocked", "displaced", "expired")
"""It came to a full queue; a later one took its place in a queue; its service did not start in time."""

DELIVERED = -1  # stands for a cause where there is none
BLOCKED, DISPLACED, EXPIRED = range(len(CAUSES))
