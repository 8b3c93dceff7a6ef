"""The figures that nobody measured, to be changed in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.charts.look import Scheme
from app.report.figures import table
from app.report.parts import Section
from app.tables.plans import assumptions
from app.web import markup
from app.web.controls import change, changes
from app.web.kept import kept
from app.web.opening import Opened
from hardware_profiles.faults import BadInput
from planner.formats import signed
from planner.plans import Plan
from scenarios.changes import value_at
from scenarios.scenario import Scenario

_ELSEWHERE = "Not to be changed here, since they are no values of the scenario:"


@dataclass(frozen=True)
class Assumed:
    """One figure. ``path`` is where the scenario can be changed; empty where it cannot, then ``where`` says why."""

    what: str
    value: str
    effect: str
    moves: str
    because: str
    path: str
    where: str = ""


def assumed(plan: Plan) -> tuple[Assumed, ...]:
    """Every assumption of a plan in the order of the report; one with several values has a row for each."""
    return kept().get(("assumed", plan.scenario.hash, plan.seed), lambda: tuple(_rows(plan)))


def _rows(plan: Plan) -> Iterator[Assumed]:
    for row in assumptions(plan).to_dict("records"):
        effect = row["effect_usd_per_month"]
        shown = "" if effect != effect else signed(effect)
        told = (shown, str(row["moves"]), str(row["source"]))
        path, what = str(row["path"]), str(row["what"])
        found = dict(_texts(plan.scenario, path, str(row["value"])))
        for at, text in found.items():
            name = f"{what}, {at.removeprefix(f'{path}.')}" if len(found) > 1 else what
            yield Assumed(name, text, *told, at)
        if not found:
            where = _nowhere(plan.scenario, path)
            yield Assumed(what, str(row["value"]), *told, "", where)


def _nowhere(scenario: Scenario, path: str) -> str:
    if path == "figures":
        return "comes with a measurement that does not say it"
    own = next((figure for figure in scenario.figures if figure.path == path), None)
    if own is None:
        return f"comes from {path or 'the catalogue'}"
    return f"comes from {own.file}" if own.file else f"is {own.kind}: put a time that you measured at {path}"


def _texts(scenario: Scenario, path: str, value: str) -> Iterator[tuple[str, str]]:
    """(path, text) of what can be changed there: as the scenario writes it, else as it is shown."""
    written = value_at(scenario.document, path)
    if path.partition(".")[0] == "figures" and not (isinstance(written, Mapping) and written.get("kind") == "assumed"):
        return  # measured elsewhere or estimated: no value that stands in the scenario
    tried: Mapping[str, object] = {path: written if isinstance(written, str) else value}
    if isinstance(written, Mapping):
        tried = {f"{path}.{key}": inner for key, inner in written.items() if _is_figure(inner)}
    for at, text in tried.items():
        if _fits(scenario, at, str(text)):
            yield at, str(text)


def _is_figure(value: object) -> bool:
    return isinstance(value, str) and value[:1].isdigit()


def _fits(scenario: Scenario, path: str, text: str) -> bool:
    try:
        scenario.with_({path: text})
    except BadInput:
        return False
    return True


def draw_assumed(plan: Plan, section: Section, opened: Opened, scheme: Scheme) -> None:
    """The section of the report, with its values in cells that can be edited."""
    st.header(section.heading, anchor=section.anchor)
    st.html(markup.section(Section(section.heading, section.text), scheme))
    found = assumed(plan)
    here = [one for one in found if one.path]
    if here:
        st.caption("Change a value in the table and the plan is made anew.")
        _editor(here, opened)
    for fault in st.session_state.get("edit faults", ()):
        st.html(markup.faults([str(fault)]))
    rest = pd.DataFrame([vars(one) for one in found if not one.path])
    if len(rest):
        titles = {"what": "figure", "value": "value", "moves": "decides", "because": "because", "where": "where"}
        st.html(
            markup.section(Section("", (_ELSEWHERE,), tables=(table("Not to be changed here", rest, titles),)), scheme)
        )


def _editor(here: list[Assumed], opened: Opened) -> None:
    key = f"assumed {st.session_state.get('edits', 0)}"  # a new one after each edit, or that would be made again
    shown = pd.DataFrame([vars(one) for one in here])[["what", "value", "effect", "moves", "because", "path"]]
    columns = {
        "what": st.column_config.TextColumn("figure"),
        "value": st.column_config.TextColumn("value ✎", required=True, max_chars=80),
        "effect": st.column_config.TextColumn("10 % more, USD a month"),
        "moves": st.column_config.TextColumn("moves the decision"),
        "because": st.column_config.TextColumn("because"),
        "path": st.column_config.TextColumn("stands at"),
    }
    fixed = [name for name in shown.columns if name != "value"]
    st.data_editor(
        shown,
        key=key,
        hide_index=True,
        height="content",
        disabled=fixed,
        column_config=columns,
        on_change=_edited,
        args=(key, here, opened),
        alt="Assumed figures; the column value can be edited",
    )


def _edited(key: str, here: list[Assumed], opened: Opened) -> None:
    state = st.session_state
    rows: Mapping[int, Mapping[str, object]] = state[key]["edited_rows"]
    state["edits"] = state.get("edits", 0) + 1
    state["edit faults"] = ()
    if state["open"] is not opened:  # another was opened meanwhile, and is still being planned
        return
    try:
        for number, cells in rows.items():
            edit(opened, here[int(number)].path, str(cells["value"]))
    except BadInput as bad:
        state["edit faults"] = bad.faults


def edit(opened: Opened, path: str, value: str) -> None:
    """Changes one value of what is open.

    Raises
    ------
    BadInput
        Where it does not fit; nothing is changed then.
    """
    opened.changed({**changes(), path: value})
    change(path, value)
