"""Which scenario is open: one of the library, the one the page was started with, or an uploaded file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

import scenarios
from app.commands.options import loaded
from app.invocation import Invocation
from hardware_profiles.faults import BadInput, Fault
from scenarios.scenario import Scenario

PICKED, UPLOADED = "picked", "uploaded"  # keys of the two widgets


@dataclass(frozen=True)
class Opened:
    """A scenario as it was opened, and how the command line asks for it."""

    asked: Invocation
    scenario: Scenario

    def changed(self, changes: Mapping[str, str]) -> tuple[Invocation, Scenario]:
        """The same with values changed, and the command that asks for it.

        Raises
        ------
        BadInput
            For a value that does not fit.
        """
        if not changes:
            return self.asked, self.scenario
        kept = (one for one in self.asked.settings if one.partition("=")[0].strip() not in changes)
        settings = (*kept, *(f"{path}={value}" for path, value in changes.items()))
        asked = replace(self.asked, settings=settings)
        return asked, self.scenario.with_(changes)


def uploaded(name: str, data: bytes, asked: Invocation) -> Opened:
    """The scenario in the bytes of a file.

    Raises
    ------
    BadInput
        With every fault of the file, each with its line.
    """
    here = Invocation(asked.program, name, seed=asked.seed)
    return Opened(here, scenarios.load_text(data, file=name))


def choose(asked: Invocation) -> tuple[Opened, tuple[Fault, ...]]:
    """Draws the two ways to open a scenario: what is open now, and what is wrong with the file uploaded last."""
    state = st.session_state
    if "open" not in state:
        state["open"] = Opened(asked, loaded(asked))
        state["files"] = {asked.scenario: state["open"]}  # beside the library
        state["faults"] = ()
        state[PICKED] = asked.scenario
    names = [*state["files"], *(name for name in scenarios.library() if name not in state["files"])]
    st.selectbox("Scenario", names, key=PICKED, on_change=_pick, args=(asked,))
    st.file_uploader("or a file of yours", type=["yaml", "yml"], key=UPLOADED, on_change=_upload, args=(asked,))
    return state["open"], state["faults"]


def _pick(asked: Invocation) -> None:
    state = st.session_state
    name = state[PICKED]
    if name not in state["files"]:
        one = Invocation(asked.program, name, seed=asked.seed)
        state["files"][name] = Opened(one, loaded(one))
    _open(state["files"][name])


def _upload(asked: Invocation) -> None:
    """What is open stays open where the file has faults."""
    state = st.session_state
    file = state[UPLOADED]
    state["faults"] = ()
    if file is None:
        return
    try:
        opened = uploaded(file.name, file.getvalue(), asked)
    except BadInput as bad:
        state["faults"] = bad.faults
        return
    state["files"][file.name] = opened
    state[PICKED] = file.name
    _open(opened)


def _open(opened: Opened) -> None:
    """Nothing that was shown, changed or refused of another scenario stays."""
    state = st.session_state
    state["open"], state["changes"] = opened, {}
    state["faults"] = state["edit faults"] = ()
    state.pop("shown", None)
