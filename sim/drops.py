"""Why a request is dropped: each counts once, by the task and the cause where something of it was dropped first."""

from __future__ import annotations

CAUSES = ("blocked", "displaced", "expired", "no line")
"""It came to a full queue; a later one took its place in a queue; its service did not start in time; a line was down.
"""

BLOCKED, DISPLACED, EXPIRED, NO_LINE = range(len(CAUSES))
DELIVERED, SKIPPED, UNNEEDED = -1, -2, -3
"""Stand for a cause where there is none: done; left out since a line was down; done, but its answer was not needed."""
