"""Figures for papers and slides: vectors, black on white, hatches beside colours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.charts.cost import by_kind
from app.charts.distribution import Distribution, distribution
from app.charts.look import COST, LATE, WITHIN, print_style
from app.tables.costs import costs
from planner.formats import money, number
from planner.plans import Plan
from sim.tally import ANSWER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCHES = (6.3, 2.9)  # the text width of an A4 page


def print_figures(plan: Plan, path: Path) -> None:
    """Writes a PDF of one figure a page: the distribution behind each latency limit, then the cost of a month.

    Equal plans give equal bytes. A plan without a result has no distributions, one without any placement no costs; a
    plan with neither gets one page that says so. Raises OSError where ``path`` cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    about = {"Title": plan.scenario.name, "Creator": "tierwise", "Producer": "tierwise", "CreationDate": None}
    with warnings.catch_warnings(), rc_context(print_style()), PdfPages(path, metadata=about) as pages:
        warnings.filterwarnings("ignore", "Glyph")  # a letter that the font does not have is drawn as a box
        for figure in _figures(plan):
            pages.savefig(figure)


def _figures(plan: Plan) -> Iterator[Figure]:
    drawn = False
    for name, found in _distributions(plan):
        figure, axes = _page(name)
        _draw_distribution(axes, found)
        drawn = True
        yield figure
    table = costs(plan)
    if len(table):
        figure, axes = _page("Cost of a month [USD]")
        _draw_costs(axes, plan)
    elif not drawn:
        figure, axes = _page(f"No plan for {plan.scenario.name}: nothing to draw")
        axes.set_axis_off()
    else:
        return
    yield figure


def _page(title: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _distributions(plan: Plan) -> Iterator[tuple[str, Distribution]]:
    """Of each latency limit, else of the answers of each workload that was played."""
    if plan.result is None:
        return
    for row in plan.result.workloads.to_dict("records"):
        name, group = str(row["workload"]), str(row["group"])
        limits: list[tuple[str, float | None, float | None]]
        limits = [(one.of, one.limit_s * 1e3, one.percentile) for one in plan.scenario.workload(name).requires.latency]
        for of, limit_ms, percentile in limits or [(ANSWER, None, None)]:
            values, numbers = plan.result.distribution(name, of, group)
            if len(values):
                yield f"{name}, {of} at {group}", distribution(values * 1e3, numbers, limit_ms, percentile)


def _draw_distribution(axes: Axes, found: Distribution) -> None:
    for mark, bars in ((WITHIN, found.bars[~found.bars["late"]]), (LATE, found.bars[found.bars["late"]])):
        axes.bar(
            bars["from_ms"],
            bars["percent"],
            bars["to_ms"] - bars["from_ms"],
            align="edge",
            color=mark.colour,
            hatch=mark.hatch if mark is LATE else None,
            edgecolor="black",
            linewidth=0.3,
        )
    highest = float(found.bars["percent"].max()) if len(found.bars) else 1.0
    axes.set(xlim=(0, found.right_ms), ylim=(0, highest * 1.05), xlabel=found.title)
    axes.set_ylabel(f"requests per {found.step_ms:g} ms [%]")
    for line in found.lines:
        style = "" if line.far else ":" if line.dashed else "-"
        axes.axvline(line.at_ms, color="black", linewidth=1, linestyle=style, label=line.text)
    if found.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_costs(axes: Axes, plan: Plan) -> None:
    table = by_kind(costs(plan))
    names = list(dict.fromkeys(table["placement"]))
    values = table.pivot(index="placement", columns="kind", values="usd_per_month").reindex(names)
    left = np.zeros(len(names))
    for kind, mark in COST.items():
        if kind in values and (values[kind].fillna(0.0) > 0).any():
            width = values[kind].fillna(0.0).to_numpy()
            axes.barh(
                names, width, left=left, label=kind, color=_tint(mark.colour), hatch=mark.hatch, edgecolor="black"
            )
            left = left + width
    for i, (name, total) in enumerate(zip(names, left.tolist(), strict=True)):
        impossible = bool(values.loc[name].isna().all())
        axes.annotate(
            "impossible" if impossible else money(total), (total, i), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_xlim(0, max(left.max() * 1.15, 1e-9))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.xaxis.set_major_formatter(lambda value, _: number(value, 0 if left.max() >= 10 else 2))
    if len(axes.get_legend_handles_labels()[0]):
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _tint(colour: str) -> tuple[float, ...]:
    """Light enough for a hatch to be seen on it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(1 - 0.45 * (1 - part) for part in parts)
