"""The pictures of a report, drawn in the ink of the page."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.charts.cost import cost_chart
from app.charts.look import svg
from app.charts.plan_picture import plan_picture
from app.charts.response import response_chart
from app.charts.split import split_chart
from app.report.parts import Picture
from app.tables.costs import costs
from app.tables.split import split_parts
from planner.formats import duration, ms, number, short_percent
from planner.plans import Plan
from scenarios.workloads import Latency
from sim.tally import ANSWER

MOST_RESPONSES = 8


def topology_picture(plan: Plan) -> Picture:
    planned = plan.placement is not None
    return Picture(
        "topology.svg",
        svg(plan_picture(plan)),
        f"{'What runs where' if planned else 'What there is'}: places with their pools, and the links between them.",
        "A solid box is used by the plan, a dashed one is not." if planned else "",
    )


def split_picture(plan: Plan) -> Picture | None:
    table = split_parts(plan)
    if table.empty:
        return None
    return Picture(
        "split.svg", svg(split_chart(table)), "Mean response times parted into waiting, service and network."
    )


def cost_picture(plan: Plan) -> Picture | None:
    table = costs(plan)
    if table.empty:
        return None
    return Picture(
        "cost.svg", svg(cost_chart(table)), "What a month costs here and on the tiers everybody tries first."
    )


@dataclass(frozen=True)
class _Asked:
    """One distribution: with its limit, where there is one."""

    workload: str
    of: str
    group: str
    limit: Latency | None
    left: float  # of the limit, as a fraction


def response_pictures(plan: Plan) -> tuple[tuple[Picture, ...], int]:
    """One for each latency limit, else for the answers of each workload played; and how many are left out.

    Where there are many, those with the least left of their limits are drawn.
    """
    if plan.result is None:
        return (), 0
    asked = sorted(_asked(plan), key=lambda one: one.left)
    pictures = [_response(plan, one) for one in asked[:MOST_RESPONSES]]
    return tuple(_apart(pictures)), max(len(asked) - MOST_RESPONSES, 0)


def _asked(plan: Plan) -> list[_Asked]:
    assert plan.result is not None
    found = []
    for row in plan.result.workloads.to_dict("records"):
        name, group = str(row["workload"]), str(row["group"])
        limits = plan.scenario.workload(name).requires.latency
        wanted: list[tuple[str, Latency | None]] = [(one.of, one) for one in limits]
        for of, limit in wanted or [(ANSWER, None)]:
            if len(plan.result.distribution(name, of, group)[0]):
                found.append(_Asked(name, of, group, limit, _left(plan, name, of, group, limit)))
    return found


def _left(plan: Plan, workload: str, of: str, group: str, limit: Latency | None) -> float:
    if limit is None or plan.result is None:
        return math.inf
    found = plan.result.percentile(workload, of, limit.percentile, group).value
    return -math.inf if math.isnan(found) else (limit.limit_s - found) / limit.limit_s


def _response(plan: Plan, one: _Asked) -> Picture:
    assert plan.result is not None
    values, numbers = plan.result.distribution(one.workload, one.of, one.group)
    limit = one.limit
    where = f" at {one.group}" if one.group and len(plan.scenario.groups) > 1 else ""
    caption = f"{one.workload}, {one.of}{where}: {number(int(numbers.sum()))} simulated requests"
    if limit is None:
        chart = response_chart(values * 1e3, numbers)
    else:
        measured = plan.result.percentile(one.workload, one.of, limit.percentile, one.group).value
        asked = f"asked were {short_percent(limit.percentile)} within {duration(limit.limit_s)}"
        caption += f", {limit.metric} {ms(measured)} ms; {asked}"
        chart = response_chart(values * 1e3, numbers, limit.limit_s * 1e3, limit.percentile)
    parts = (one.workload, one.of, one.group, limit.metric if limit else "")
    return Picture(_file("response", parts), svg(chart), f"Distribution of the response times of {caption}.", caption)


def _apart(pictures: list[Picture]) -> Iterator[Picture]:
    """Numbered where names differ only in signs that a file's name has not."""
    seen: Counter[str] = Counter()
    for picture in pictures:
        seen[picture.file] += 1
        again = seen[picture.file]
        yield replace(picture, file=picture.file.replace(".svg", f"--{again}.svg")) if again > 1 else picture


def _file(kind: str, parts: tuple[str, ...]) -> str:
    """A name that any system takes and no page has to escape."""
    named = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") for part in parts)
    return "-".join([kind, *filter(None, named)]) + ".svg"
