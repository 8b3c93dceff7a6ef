"""MLPerf Inference's load generator: the summary, and the detail log of ``:::MLLOG`` lines (v0.7 and later).

The scenario is what the log says. Its percentiles are single durations of the run, the one at the place n·p of the
sorted list. Server durations hold the waiting for other requests; the Offline ones are those until the samples of one
giant query were done, of which no service time can be read, so that only its rate is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.measurement import Measurement
from hardware_profiles.readers.durations import in_ms, number, supported
from hardware_profiles.reading import json_of

NAME = "mlperf"
ABOUT = "mlperf_log_summary.txt or mlperf_log_detail.txt of MLPerf's load generator"

_TITLE = "MLPerf Results Summary"
_MARK = ":::MLLOG"
_FIRST_FORM = "LoadgenVersionInfo:"
_LOADS: Mapping[str, Literal["single_stream", "multi_stream", "server", "offline"]] = {
    "SingleStream": "single_stream",
    "MultiStream": "multi_stream",
    "MultiStreamFree": "multi_stream",
    "Server": "server",
    "Offline": "offline",
}

_TOKENS = (
    "Tokens per second",
    "Tokens per second (inferred)",
    "Completed tokens per second",
    "TPS w/ loadgen overhead",
)


@dataclass
class _Run:
    """What either log says of a run; rates per second, durations in ns."""

    scenario: str = ""
    mode: str = ""
    valid: bool = True
    reasons: list[str] = field(default_factory=list)
    system: str = ""
    version: str = ""
    date: str = ""
    samples_per_query: int = 1
    queries: int | None = None
    quantiles_ns: dict[float, float] = field(default_factory=dict)
    mean_ns: float | None = None
    rates: dict[str, float] = field(default_factory=dict)
    first_token_ns: float | None = None
    early: str = ""
    line: int = 1


def recognises(text: str) -> bool:
    """Whether it has the summary's title, or a line of the detail log (also of its first form)."""
    return _TITLE in text or _MARK in text or _FIRST_FORM in text


def read(text: str) -> tuple[list[Measurement], list[str]]:
    """One measurement per run: a summary may hold several, one behind the other."""
    notes: list[str] = []
    lines = list(enumerate(text.splitlines(), start=1))
    if _MARK in text:
        return [_measurement(_detail(lines), notes)], notes
    starts = [at for at, (_, line) in enumerate(lines) if line.strip() == _TITLE]
    if not starts and _FIRST_FORM in text:
        what = "a detail log of loadgen 0.5, which holds no figures"
        raise BadInput(Fault("", what, "the mlperf_log_summary.txt beside it", line=1))
    if not starts:
        raise BadInput(Fault("", f"no line `{_TITLE}` and none of `{_MARK}`", ABOUT))
    runs = [lines[at:end] for at, end in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return [_measurement(_summary(run), notes) for run in runs], notes


def _summary(lines: list[tuple[int, str]]) -> _Run:
    run = _Run(line=lines[0][0])
    said: dict[str, tuple[str, int]] = {}
    per_sample = False
    for at, line in lines:
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            per_sample = per_sample and not line.startswith("=")
            continue
        per_sample = per_sample or key == "Per-sample latency"
        if per_sample and "latency" in key:  # loadgen before 2.0: the queries' own percentiles stand before them
            continue
        said.setdefault(key, (value, at))
        if found := re.fullmatch(r"([\d.]+) percentile latency \(ns\)", key):
            run.quantiles_ns.setdefault(round(float(found[1]) / 100, 6), number(value, key, at))
    if "qsl_rng_seed" not in said:
        end = lines[-1][0]
        raise BadInput(Fault("", "a summary without its test parameters", "a whole one; is it cut off?", line=end))

    def figure(*keys: str) -> float | None:
        return next((number(said[key][0], key, said[key][1]) for key in keys if key in said), None)

    run.scenario, run.mode = said["Scenario"][0].replace(" ", ""), said["Mode"][0]
    run.system = said.get("SUT name", ("", 0))[0]
    run.valid = said["Result is"][0] == "VALID"
    run.reasons = [key for key, (value, _) in said.items() if value == "NO"]
    run.samples_per_query = int(said["samples_per_query"][0])
    run.mean_ns = figure("Mean latency (ns)")
    run.first_token_ns = figure("Mean First Token latency (ns)")
    rates = {
        "alone": figure("QPS w/ loadgen overhead"),
        "scheduled": figure("Scheduled samples per second"),
        "completed": figure("Completed samples per second"),
        "offline": figure("Samples per second"),
        "tokens": figure(*_TOKENS),
    }
    run.rates = {name: rate for name, rate in rates.items() if rate is not None}
    text = "\n".join(line for _, line in lines)
    processed = re.search(r"rocessed (?:at least \d+ queries \((\d+)\)|(\d+) queries)", text)
    run.queries = int(processed[1] or processed[2]) if processed else None
    run.early = text
    return run


def _detail(lines: list[tuple[int, str]]) -> _Run:
    run = _Run()
    said: dict[str, Any] = {}
    for at, line in lines:
        if not line.startswith(_MARK):
            continue
        run.line = at
        try:
            entry = json_of(line[len(_MARK) :])
        except BadInput as bad:
            raise BadInput(Fault("", fault.found, fault.expected, line=at) for fault in bad.faults) from None
        said[str(entry["key"])] = entry["value"]
        if entry.get("metadata", {}).get("is_error"):
            run.reasons.append(f"error: {str(entry['value'])[:80]}")
    if "result_validity" not in said:
        what = "a detail log without results"
        raise BadInput(Fault("", what, "one of a finished performance run; is it cut off?", line=run.line))

    def figure(*keys: str) -> float | None:
        return next((number(said[key], key) for key in keys if key in said), None)

    run.scenario, run.mode = str(said["effective_scenario"]).replace(" ", ""), str(said["effective_test_mode"])
    run.system, run.version = str(said.get("sut_name", "")), str(said.get("loadgen_version", "")).split(" ")[0]
    run.valid = said["result_validity"] == "VALID"
    run.reasons += [key for key, value in said.items() if key.endswith("_met") and value is False]
    run.reasons += [str(said["result_invalid_reason"]).strip()] if said.get("result_invalid_reason") else []
    day = re.match(r"\d{4}-\d{2}-\d{2}", str(said.get("test_datetime", "")))
    run.date = day[0] if day else ""
    run.samples_per_query = int(said["effective_samples_per_query"])
    run.queries = int(said["result_query_count"]) if "result_query_count" in said else None
    per_query = "_percentile_per_query_latency_ns"  # MultiStream: of the query; the other one is of its samples
    ending = per_query if any(key.endswith(per_query) for key in said) else "_percentile_latency_ns"
    for key, value in said.items():
        if found := re.fullmatch(r"result_([\d.]+)" + ending, key):
            run.quantiles_ns[round(float(found[1]) / 100, 6)] = number(value, key)
    run.mean_ns = figure("result_mean_query_latency_ns", *(["result_mean_latency_ns"] * (ending != per_query)))
    run.first_token_ns = figure("result_first_token_mean_latency_ns")
    rates = {
        "alone": figure("result_qps_with_loadgen_overhead"),
        "scheduled": figure("result_scheduled_samples_per_sec"),
        "completed": figure("result_completed_samples_per_sec"),
        "offline": figure("result_samples_per_second"),
        "tokens": figure("result_tokens_per_second"),
    }
    run.rates = {name: rate for name, rate in rates.items() if rate is not None}
    run.early = str(said.get("early_stopping_result", ""))
    return run


def _measurement(run: _Run, notes: list[str]) -> Measurement:
    if run.scenario not in _LOADS:
        near = closest(run.scenario, _LOADS)
        raise BadInput(Fault("Scenario", f"`{run.scenario[:40]}`", f"one of {', '.join(_LOADS)}", nearest=near))
    if not run.mode.startswith(("Performance", "SubmissionRun", "FindPeakPerformance")):
        raise BadInput(Fault("Mode", f"`{run.mode[:40]}`", "a performance run", line=run.line))
    load = _LOADS[run.scenario]
    _say(run, load, notes)
    timed = load != "offline"
    quantiles = {p: in_ms(ns, "ns") for p, ns in run.quantiles_ns.items()}
    rate = {
        "single_stream": run.rates.get("alone"),
        "multi_stream": None,
        "server": run.rates.get("completed", run.rates.get("scheduled")),
        "offline": run.rates.get("offline"),
    }[load]
    about = [f"MLPerf {run.scenario}", f"SUT {run.system}" if run.system else ""]
    about += [f"loadgen {run.version}" if run.version else "", "" if run.valid else "INVALID"]
    if load == "server":
        about += [f"{name} {run.rates[name]:g}/s" for name in ("scheduled", "completed") if name in run.rates]
    first = run.first_token_ns
    return Measurement(
        batch=run.samples_per_query if load in ("single_stream", "multi_stream") else 1,
        load=load,
        mean_ms=in_ms(run.mean_ns, "ns") if timed and run.mean_ns is not None else None,
        quantiles_ms=supported(quantiles, run.queries) if timed else (),
        runs=run.queries if timed else None,
        per_s=rate,
        tokens_per_s=run.rates.get("tokens"),
        first_token_ms=in_ms(first, "ns") if first is not None else None,
        conditions="; ".join(part for part in about if part),
        date=run.date,
    )


def _say(run: _Run, load: str, notes: list[str]) -> None:
    if not run.valid:
        why = f": {', '.join(run.reasons)}" if run.reasons else ""
        notes.append(f"the load generator calls this run INVALID{why}")
    for p, ns in re.findall(r"Early stopping (\d+)th percentile estimate: (\d+)", run.early):
        notes.append(f"MLPerf's own early-stopping estimate of p{p} is {in_ms(int(ns), 'ns'):g} ms")
    if load == "offline":
        notes.append("Offline offers everything at once: only the rate is kept, its percentiles are no service time")
    if load == "server":
        notes.append("Server durations hold the waiting for other requests: never used as service times")
    if load == "multi_stream" and run.mean_ns is None:
        notes.append("this loadgen gives no mean of a whole query, only of its samples, which is left out")
    notes.append("the log names neither the model nor the hardware")
