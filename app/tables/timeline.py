"""The timeline of a simulation: means over its replications, as plain values and as strips to be drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.formats import ms

if TYPE_CHECKING:
    from sim.result import Result

MOST_STRIPS = 16

STATION = ["t_s", "name", "link", "group"]
WORKLOAD = ["t_s", "workload", "group"]


def timeline_document(result: Result) -> dict[str, Any]:
    """``timeline`` of ``simulate --json``: means over the replications, of percentiles their median."""
    stations, workloads = _stations(result), _workloads(result)
    return {
        "step_s": result.timeline_s,
        "stations": [_plain(row) for row in stations.to_dict("records")],
        "workloads": [_plain(row) for row in workloads.to_dict("records")],
    }


def timeline_strips(result: Result) -> pd.DataFrame:
    """For `app.charts.timeline`: the longest queues first, then the p95 of each workload, then who is at work."""
    stations, workloads = _stations(result), _workloads(result)
    groups = len({*stations["group"], *workloads["group"]} - {""}) > 1
    strips = []
    for (name, group), rows in stations.groupby(["name", "group"]):
        where = f"{name} ({group})" if group and groups else str(name)
        for kind, column, said in (("waiting", "queue_length", "in queue"), ("busy", "busy_servers", "busy servers")):
            largest = f"{rows[column].max():.3g}"
            strips.append((kind, rows[column].max(), f"{where}, {said}", largest, rows["t_s"], rows[column]))
    for (name, group), rows in workloads.groupby(["workload", "group"]):
        where = f"{name} ({group})" if groups else str(name)
        largest = _largest_ms(rows["p95_ms"])
        strips.append(
            ("response", rows["p95_ms"].max(), f"{where}, p95 of those born then", largest, rows["t_s"], rows["p95_ms"])
        )
    order = {"waiting": 0, "response": 1, "busy": 2}
    strips = sorted((one for one in strips if one[1] > 0), key=lambda one: (order[one[0]], -one[1]))[:MOST_STRIPS]
    span, step = result.span_s, result.timeline_s or 0.0
    frames = [
        pd.DataFrame({"strip": name, "kind": kind, "t_s": begin, "value": values, "largest": largest})
        for kind, _, name, largest, begin, values in strips
    ]
    table = (
        pd.concat(frames, ignore_index=True)
        if frames
        else pd.DataFrame(columns=["strip", "kind", "t_s", "value", "largest"])
    )
    return table.assign(step_s=(table["t_s"] + step).clip(upper=span) - table["t_s"])


def _stations(result: Result) -> pd.DataFrame:
    columns = ["servers", "busy_servers", "queue_length", "started"]
    return result.timeline.groupby(STATION, sort=False)[columns].mean().reset_index()


def _workloads(result: Result) -> pd.DataFrame:
    by_step = result.workload_timeline.groupby(WORKLOAD, sort=False)
    found = by_step[["requests"]].mean().join(by_step[["p50_ms", "p95_ms"]].median())
    return found.reset_index()


def _largest_ms(values: pd.Series[float]) -> str:
    return "never answered" if math.isinf(values.max()) else f"{ms(values.max() / 1e3)} ms"


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """JSON has neither nan nor infinity."""
    return {
        str(name): None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
