"""Where the time goes: the mean response of every task and answer, parted into waiting, service and network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from planner.plans import Plan
from sim.result import Result
from sim.tally import ANSWER

PARTS = ("waiting", "service", "network")
MOST_DRAWN = 12


def split(plan: Plan) -> pd.DataFrame:
    """One row per group, workload and task, then its answer: requests and means [ms] since birth.

    The three parts add up to ``response_ms``; what was never delivered is left out, so a mean of nothing is NaN.
    Waiting at links counts as network.
    """
    columns = ["workload", "group", "of", "requests", *(f"{part}_ms" for part in PARTS), "response_ms"]
    return pd.DataFrame(list(_rows(plan.result)) if plan.result else [], columns=columns)


def _rows(result: Result) -> Iterator[dict[str, object]]:
    for played in result.workloads.to_dict("records"):
        name, group = str(played["workload"]), str(played["group"])
        tasks = result.tasks[(result.tasks["workload"] == name) & (result.tasks["group"] == group)]
        here = {"workload": name, "group": group}
        for task in tasks.to_dict("records"):
            yield {**here, "of": task["task"], "requests": task["requests"], **_means(task, "ms", 1.0)}
        answer = _means(result.split(name, ANSWER, group), "s", 1e3)
        yield {**here, "of": ANSWER, "requests": played["completed"], **answer}


def _means(found: Mapping[Any, float], unit: str, to_ms: float) -> dict[str, float]:
    """Without the noise of the last digit, by which a difference can be below zero."""
    means = {f"{part}_ms": round(found[f"{part}_{unit}"] * to_ms, 9) + 0.0 for part in PARTS}
    return {**means, "response_ms": sum(means.values())}


def split_parts(plan: Plan) -> pd.DataFrame:
    """The same for `app.charts.split`: ``what`` (``inspect at plant/all``), ``part`` and ``ms``.

    An answer that is no later than its task is not told twice. Of many rows only the answers, the slowest first.
    """
    table = split(plan)
    table = table[table["response_ms"].notna()]
    table = table.drop_duplicates(subset=["workload", "group", *(f"{part}_ms" for part in PARTS)])
    if len(table) > MOST_DRAWN:
        table = table[table["of"] == ANSWER].sort_values("response_ms", ascending=False, kind="stable")
        table = table.head(MOST_DRAWN)
    several, alone = len(plan.scenario.groups) > 1, len(set(table["workload"])) == 1
    rows = []
    for row in table.to_dict("records"):
        what = str(row["of"]) if alone else f"{row['workload']}, {row['of']}"
        what += f" at {row['group']}" if several and row["group"] else ""
        rows += [{"what": what, "part": part, "ms": row[f"{part}_ms"]} for part in PARTS]
    return pd.DataFrame(rows, columns=["what", "part", "ms"])
