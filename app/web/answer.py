"""An answer on the page: the verdict first, four figures, then what the report says, in the same words."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.charts.look import Scheme
from app.report.parts import Section
from app.tables.verdict import verdict
from app.web import markup
from app.web.answering import AS_WRITTEN, Answer, against, answered, compared, sections
from app.web.assumed import draw_assumed
from app.web.measures import Compared, measures
from app.web.opening import Opened
from app.web.take_away import draw_take_away
from app.web.working import working
from planner.formats import plural
from planner.plans import Plan
from planner.wording import broken_in_words

_OPEN = (
    "requirements",
    "what-would-make-a-plan-possible",
    "what-runs-where",
    "response-times",
    "where-the-time-goes",
    "the-bill",
    "the-plan-and-its-reasons",
)


def draw(shown: Answer, opened: Opened, scheme: Scheme) -> None:
    plan = shown.plan
    st.html(markup.banner(verdict(plan)))
    if plan.placement is not None:
        _figures(shown, opened)
    with working("Drawing") as say:
        found = sections(plan, say)
    for section in found:
        if section.anchor == "assumed":
            draw_assumed(plan, section, opened, scheme)
        else:
            _section(section, scheme)
    draw_take_away(shown)


def _section(section: Section, scheme: Scheme) -> None:
    """Open or folded; of many pictures all but the first are folded."""
    if section.anchor in _OPEN:
        first, others = section.pictures[:1], section.pictures[1:]
        st.header(section.heading, anchor=section.anchor)
        st.html(markup.section(replace(section, pictures=first), scheme))
        if others:
            with st.expander(f"{plural(len(others), 'other')} of the same"):
                st.html(markup.section(Section(section.heading, pictures=others), scheme))
    else:
        with st.expander(section.heading):
            st.html(markup.section(section, scheme))


def _figures(shown: Answer, opened: Opened) -> None:
    plan = shown.plan
    names = [baseline.name for baseline in plan.baselines]
    if not shown.is_of(opened.scenario, opened.asked.seed):
        names.append(AS_WRITTEN)
    chosen = st.selectbox("Compared with", names, format_func=_in_words, key="compared with", width=280)
    other = _other(plan, chosen, opened)
    st.html(markup.cards(measures(plan, other), other.name))
    if other.breaks:
        st.html(markup.soft(f"{other.name} breaks: {broken_in_words(other.breaks)}"))
    if other.why:
        st.html(markup.soft(f"{other.name} is not played: {other.why}"))


def _in_words(name: str) -> str:
    return "the scenario as written" if name == AS_WRITTEN else name.replace("_", " ")


def _other(plan: Plan, name: str, opened: Opened) -> Compared:
    with working("Simulating") as say:
        if name == AS_WRITTEN:
            return compared(answered(opened.scenario, opened.asked, say).plan)
        return against(plan, name, say)
