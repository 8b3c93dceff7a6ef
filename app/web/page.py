"""The page that Streamlit runs from the top at every change: what is open, what is changed, what is answered."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import streamlit as st

from app.charts.look import Scheme
from app.web import markup
from app.web.answer import draw
from app.web.answering import Answer, answered, is_known
from app.web.controls import changes, pull
from app.web.levers import levers
from app.web.opening import Opened, choose
from app.web.serving import asked_here
from app.web.style import style
from app.web.working import working
from hardware_profiles.faults import BadInput
from scenarios.scenario import Scenario

STALE = "These results are for the values before your last change"
UNPLANNED = "There are no results yet; press Plan for those of"


@dataclass(frozen=True)
class Said:
    """What there is to say before an answer: what is wrong, and why the answer to what is asked is not there.

    ``instead`` is a word and a sentence.
    """

    wrong: tuple[str, ...] = ()
    instead: tuple[str, str] | None = None


def page() -> None:
    st.set_page_config(page_title="Tierwise", page_icon="🔺", layout="wide", initial_sidebar_state="auto")
    scheme: Scheme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(style(scheme))
    with st.sidebar:
        st.html('<div class="tw"><p class="brand">Tierwise</p></div>')
        opened, faults = choose(asked_here())
        at_once = st.toggle("Plan at each change", value=True, key="at once")
        pressed = not at_once and st.button("Plan", type="primary", key="plan")
        flips = st.session_state.setdefault("flips", {})
        pull(levers(opened.scenario, flips.get(opened.scenario.hash, ())), opened)
    st.title(opened.scenario.name)
    st.html(markup.paragraph(" ".join(opened.scenario.about.split())))
    place, at_work = st.empty(), st.container()
    with at_work:
        said = _answer(opened, at_once or pressed, place)
    wrong = (*(str(fault) for fault in faults), *said.wrong)
    if wrong or said.instead:
        instead = markup.line("undecided", *said.instead) if said.instead else ""
        place.html((markup.faults(wrong) if wrong else "") + instead)
    shown: Answer | None = st.session_state.get("shown")
    if shown is not None:
        _order_levers(opened, shown)
        draw(shown, opened, scheme)


def _answer(opened: Opened, now: bool, place: st.delta_generator.DeltaGenerator) -> Said:
    """Works out the answer to what is asked, where it may be; this scenario's last stays where it cannot be."""
    state = st.session_state
    last: Answer | None = state.get("shown")
    try:
        asked, scenario = opened.changed(changes())
        if last is not None and last.is_of(scenario, asked.seed):
            state["shown"] = replace(last, asked=asked)
            return Said()
        known = is_known(scenario, asked.seed)
        if not (now or known):
            return Said(instead=_unplanned(scenario, last))
        if last is not None and not known:
            place.html(markup.line("undecided", "Stale", f"{STALE}; the present ones are being planned."))
        with working("Planning") as say:
            state["shown"] = answered(scenario, asked, say)
        place.empty()
    except BadInput as bad:
        wrong = tuple(str(fault) for fault in bad.faults)
    except Exception as error:
        wrong = (_ours(error),)
    else:
        return Said()
    return Said(wrong, ("Stale", f"{STALE}; the present ones have no answer.") if last is not None else None)


def _unplanned(scenario: Scenario, last: Answer | None) -> tuple[str, str]:
    if last is None:
        return "Not planned", f"{UNPLANNED} {scenario.name}."
    return "Stale", f"{STALE}; press Plan for the present ones."


def _ours(error: Exception) -> str:
    if os.environ.get("TIERWISE_DEBUG"):
        raise error
    about = " ".join(f"{type(error).__name__}: {error}".split())
    return f"Tierwise failed: {about} (a fault of ours; TIERWISE_DEBUG=1 shows where)"


def _order_levers(opened: Opened, shown: Answer) -> None:
    """What moves the answer comes first among the levers as soon as that is known of the scenario as it was opened."""
    flips = st.session_state["flips"]
    if shown.is_of(opened.scenario, opened.asked.seed) and opened.scenario.hash not in flips:
        flips[opened.scenario.hash] = shown.plan.flips
        if shown.plan.flips:
            st.rerun()


def main() -> None:
    """Whatever goes wrong, a visitor reads one line."""
    try:
        page()
    except Exception as error:
        st.html(markup.faults([_ours(error)]))


if __name__ == "__main__":
    main()
