"""What was worked out already, for everybody who looks at the page; the oldest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

import streamlit as st

MOST = 24  # plans, and simulations of baselines, with all their requests

Found = TypeVar("Found")


class Kept:
    """The last few answers by what they answer."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, Lock()
        self._found: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """What is known under a key, else what ``make`` gives; whatever that raises is raised and not kept."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                known: Found = self._found[key]
                return known
        made = make()  # outside the lock: two visitors may work out the same, nobody waits for another's question
        with self._lock:
            self._found[key] = made
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return made

    def forget(self) -> None:
        with self._lock:
            self._found.clear()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._found

    def __len__(self) -> int:
        return len(self._found)


@st.cache_resource(show_spinner=False)
def kept() -> Kept:
    """One for the whole server."""
    return Kept()
