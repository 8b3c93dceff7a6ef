"""What can be changed: the levers in the sidebar, and what was changed so far."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.web.levers import Lever
from app.web.opening import Opened


def changes() -> dict[str, str]:
    """Path → value of everything that was changed on the page since the scenario was opened."""
    found: dict[str, str] = st.session_state.setdefault("changes", {})
    return found


def change(path: str, value: str | None) -> None:
    """Changes a value of the scenario; ``None`` puts back what it was opened with."""
    st.session_state["changes"] = {known: old for known, old in changes().items() if known != path}
    if value is not None:
        st.session_state["changes"][path] = value


def pull(levers: Sequence[Lever], opened: Opened) -> None:
    """Draws the levers; each stands where the changes say, however they came about."""
    for lever in levers:
        key = f"lever {opened.asked.scenario} {lever.path}"
        value = changes().get(lever.path, lever.now)
        shown = lever.with_value(value)
        st.session_state[key] = shown.position(value)
        st.select_slider(
            lever.label, shown.values, key=key, help=lever.flips or None, on_change=_moved, args=(lever, key)
        )
    if changes():
        st.button("Back to the scenario as written", on_click=_as_written, key="as written")


def _moved(lever: Lever, key: str) -> None:
    value = st.session_state[key]
    change(lever.path, None if value == lever.now else value)


def _as_written() -> None:
    st.session_state["changes"] = {}
