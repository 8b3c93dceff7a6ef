"""A log holds one run, or its figures could be of any of them."""

from __future__ import annotations

import re

from hardware_profiles.faults import BadInput, Fault


def one_run(text: str, mark: str) -> None:
    """Raise BadInput where a pattern that a run prints once comes again."""
    found = list(re.finditer(mark, text, re.MULTILINE))
    if len(found) > 1:
        line = text.count("\n", 0, found[1].start()) + 1
        raise BadInput(Fault("", f"{len(found)} runs in one file", "one run a file", line=line))
