"""Saying that something is being worked out, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.elements.lib.mutable_status_container import StatusContainer

Say = Callable[[str], None]


@contextmanager
def working(what: str) -> Iterator[Say]:
    """A spinner from the first words on; it goes away when the work is done or given up.

    What is known already says nothing, and then nothing is shown.
    """
    place = st.empty()
    shown: list[StatusContainer] = []

    def say(words: str) -> None:
        if not shown:
            shown.append(place.status(what, expanded=False))
        shown[0].update(label=f"{what}: {words}")

    yield say
    place.empty()
