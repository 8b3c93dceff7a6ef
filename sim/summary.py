"""A result as plain values: the simulation's part of ``simulate --json``."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from scenarios.calendar import hour_name
from sim.drops import CAUSES
from sim.measures import PERCENTILES, Interval, predictability
from sim.tally import ANSWER

if TYPE_CHECKING:
    from sim.result import Result


def summary(result: Result) -> dict[str, Any]:
    """Figures of a result by workload, pool and link; ``None`` where there is no number."""
    names = dict.fromkeys(flow.workload.name for flow in result.network.flows)
    precision = result.precision
    return {
        "schema_version": 1,
        "scenario": result.scenario_name,
        "scenario_hash": result.scenario_hash,
        "seed": result.seed,
        "engine": result.engine,
        "engine_note": result.engine_note,
        "versions": dict(result.versions),
        "replications": result.replications,
        "precision": precision and {"asked": precision.asked, "reached": _number(precision.reached)},
        "span_s": result.span_s,
        "warm_up_s": result.warm_up_s,
        "warm_up_detected": result.detected is not None,
        "warm_up_settled": result.detected and result.detected.settled,
        "hour": "busiest" if result.network.hour is None else hour_name(result.network.hour),
        "sampled": {group: {"simulated": some, "of": of} for group, (some, of) in result.sampled.items()},
        "overloaded": list(result.overloaded),
        "workloads": {name: _workload(result, name) for name in names},
        "stations": _stations(result),
        "links": _links(result),
        "privacy": [{str(name): value for name, value in row.items()} for row in result.data.to_dict("records")],
    }


def _workload(result: Result, name: str) -> dict[str, Any]:
    counts = result.workloads[result.workloads["workload"] == name]
    unfinished = int(counts["unfinished"].sum())
    intervals = {"mean": result.mean(name, ANSWER)}
    intervals |= {p: result.percentile(name, ANSWER, q) for p, q in PERCENTILES.items()}
    workload = next(flow.workload for flow in result.network.flows if flow.workload.name == name)
    return {
        "requests": int(counts["requests"].sum()),
        "completed": int(counts["completed"].sum()),
        "dropped": {**_dropped(result, name), **({"unfinished": unfinished} if unfinished else {})},
        "response_ms": {p.replace(".", "_"): _plain(one, 1e3) for p, one in intervals.items()},
        "predictability": _number(predictability(intervals)),
        "attainment": [
            {
                "of": wanted.of,
                "group": group,
                "limit_ms": wanted.limit_s * 1e3,
                "asked": wanted.percentile,
                **_plain(result.attainment(name, wanted.of, wanted.limit_s, group)),
                "verdict": result.verdict(name, wanted.of, wanted.percentile, wanted.limit_s, group),
            }
            for wanted in workload.requires.latency
            for group in counts["group"]
        ],
    }


def _dropped(result: Result, name: str) -> dict[str, int]:
    its = result.drops[result.drops["workload"] == name]
    found = ((cause, int(its.loc[its["cause"] == cause, "requests"].sum())) for cause in CAUSES)
    return {cause: number for cause, number in found if number}


def _stations(result: Result) -> dict[str, Any]:
    """Means over the queues of a pool at all sites: a queue of a site simulated in full stands for its like."""
    by_pool: dict[str, list[tuple[float, dict[Hashable, Any]]]] = defaultdict(list)
    for row in result.stations.to_dict("records"):
        some, of = result.sampled.get(row["group"], (1, 1))
        by_pool[row["pool"]].append((of / some, row))
    found = {}
    for pool, rows in by_pool.items():
        total = sum(weight for weight, _ in rows)
        columns = ("utilisation", "mean_queue_length", "mean_busy_servers", "mean_servers")
        means = {column: _number(sum(weight * row[column] for weight, row in rows) / total) for column in columns}
        cold = {"cold_starts": sum(weight * row["cold_starts"] for weight, row in rows)}
        means |= cold if any(cold.values()) else {}
        found[pool] = {**means, "busiest_utilisation": _number(max(row["utilisation"] for _, row in rows))}
    return found


def _links(result: Result) -> dict[str, Any]:
    found: dict[str, dict[str, float]] = {}
    for row in result.links.to_dict("records"):
        link = found.setdefault(row["link"], {"bytes_up": 0.0, "bytes_down": 0.0, "busy_fraction": 0.0})
        link[f"bytes_{row['direction']}"] += row["bytes"]
        link["busy_fraction"] = max(link["busy_fraction"], row["busiest_fraction"])
    return found


def _plain(interval: Interval, scale: float = 1.0) -> dict[str, float | None]:
    return {
        "value": _number(interval.value * scale),
        "low": _number(interval.low * scale),
        "high": _number(interval.high * scale),
    }


def _number(value: float) -> float | None:
    """JSON has neither nan nor infinity."""
    return float(value) if math.isfinite(value) else None
