"""What can be taken away: the report, the plan, and the command that repeats what is shown."""

from __future__ import annotations

import json

import streamlit as st

from app.invocation import Invocation
from app.report.rendering import html
from app.report.report import report_of
from app.report.writing import plan_document
from app.web.answering import Answer
from planner.plans import Plan


def draw_take_away(shown: Answer) -> None:
    st.header("Take it with you", anchor="take-it-with-you")
    plan, asked = shown.plan, shown.asked
    with st.container(horizontal=True):
        st.download_button("Report (HTML)", lambda: report(plan, asked), "report.html", "text/html", on_click="ignore")
        st.download_button("Plan (JSON)", lambda: plan_text(plan), "plan.json", "application/json", on_click="ignore")
    st.code(asked.line("run"), language="bash", wrap_lines=True)


def report(plan: Plan, asked: Invocation) -> str:
    """The report of `tierwise run`."""
    return html(report_of(plan, asked))


def plan_text(plan: Plan) -> str:
    """The document of `tierwise plan --json`."""
    return json.dumps(plan_document(plan), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
