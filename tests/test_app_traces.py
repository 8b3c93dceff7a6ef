"""Traces: what viewers ask of their formats holds of every request."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command_cases import TOY, Run
from sim_cases import link, periodic, placement, pool, scenario, task, workload

import sim
from app.traces.chrome import chrome_trace
from app.traces.otlp import ZERO_UNIX_NS, otlp_trace
from sim.watching import Watched


def branching() -> list[Watched]:
    """Two tasks at once over one line: the second message is sent while the first is still on its way."""
    line = link("uplink", ("shop", "west"), bps=1e6, rtt_s=0.02)
    tasks = [task(name, input=(1000.0,)) for name in ("find", "match")]
    case = scenario(
        [pool("camera", "device"), pool("hub", "cloud", "west")], [workload("vision", periodic(10), tasks)], [line]
    )
    placed = placement(case, {"find": ("hub", 0.004), "match": ("hub", 0.004)})
    return sim.simulate(case, placed, span_s=0.2).sample(2)


def of_kind(trace: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event for event in trace["traceEvents"] if event["ph"] == kind]


def test_a_chrome_trace_has_a_process_for_each_place_and_every_step_in_microseconds() -> None:
    requests = branching()
    trace = chrome_trace(requests)
    names = {event["pid"]: event["args"]["name"] for event in of_kind(trace, "M") if event["name"] == "process_name"}
    assert list(names.values()) == ["requests", "uplink.up", "hub"]
    events = of_kind(trace, "X")
    assert len(events) == sum(1 + len(one.steps) for one in requests)
    first = requests[0]
    whole = events[0]
    assert (whole["name"], whole["ts"], whole["dur"]) == ("vision", first.born_ns / 1e3, 30_000.0)
    assert whole["args"]["response_ms"] == pytest.approx(30.0)
    steps = [(e["name"], names[e["pid"]], e["ts"] - whole["ts"], e["dur"]) for e in events[1 : 1 + len(first.steps)]]
    assert sorted(steps, key=lambda step: (step[2], step[0])) == [
        ("find: transmission", "uplink.up", 0.0, 8000.0),
        ("match: wait", "uplink.up", 0.0, 8000.0),
        ("find: propagation", "uplink.up", 8000.0, 10_000.0),
        ("match: transmission", "uplink.up", 8000.0, 8000.0),
        ("match: propagation", "uplink.up", 16_000.0, 10_000.0),
        ("find: service", "hub", 18_000.0, 4000.0),
        ("match: service", "hub", 26_000.0, 4000.0),
    ]


def test_events_of_one_thread_never_overlap_and_every_thread_has_a_name_and_a_number_of_its_own() -> None:
    trace = chrome_trace(branching())
    named = [event for event in of_kind(trace, "M") if event["name"] == "thread_name"]
    assert len({event["tid"] for event in named}) == len(named)
    threads: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in of_kind(trace, "X"):
        threads.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
    assert threads.keys() == {(event["pid"], event["tid"]) for event in named}
    assert max(map(len, threads.values())) > 1
    for spans in threads.values():
        assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(spans)))


def test_open_telemetry_has_a_trace_for_each_request_and_a_service_for_each_place() -> None:
    requests = branching()
    trace = otlp_trace(requests, 1, "case", "0")
    services = {
        resource["resource"]["attributes"][0]["value"]["stringValue"]: resource["scopeSpans"][0]["spans"]
        for resource in trace["resourceSpans"]
    }
    assert list(services) == ["vision", "uplink.up", "hub"]
    roots = services.pop("vision")
    spans = [span for some in services.values() for span in some]
    assert len(roots) == len({root["traceId"] for root in roots}) == 2
    assert len({span["spanId"] for span in [*roots, *spans]}) == 2 + sum(len(one.steps) for one in requests)
    for span in [*roots, *spans]:
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
        assert re.fullmatch("[0-9]+", span["startTimeUnixNano"])
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
    parents = {(root["traceId"], root["spanId"]): root for root in roots}
    for span in spans:
        parent = parents[span["traceId"], span["parentSpanId"]]
        assert int(parent["startTimeUnixNano"]) <= int(span["startTimeUnixNano"])
        assert int(span["endTimeUnixNano"]) <= int(parent["endTimeUnixNano"])
    assert roots[0]["startTimeUnixNano"] == str(ZERO_UNIX_NS + requests[0].born_ns)
    sent = {attribute["key"]: attribute["value"] for attribute in services["uplink.up"][0]["attributes"]}
    assert sent["tierwise.task"] == {"stringValue": "find"}
    assert sent["tierwise.answer"] == {"boolValue": False}
    assert sent["tierwise.site"] == {"intValue": "1"}


def test_what_was_dropped_has_no_answer_and_says_why() -> None:
    """Two cameras in phase at one box: the second is not started within 10 ms."""
    look = task("look", drop_after_s=0.010)
    pools = [pool("camera", "device", count=2), pool("box")]
    case = scenario(pools, [workload("vision", periodic(10, "aligned"), [look])])
    requests = sim.simulate(case, placement(case, {"look": ("box", 0.040)}), span_s=0.1).sample(2)
    whole = [event for event in of_kind(chrome_trace(requests), "X") if event["name"] == "vision"]
    assert [(event["dur"], event["args"]["dropped"]) for event in whole] == [
        (40_000, {}),
        (10_000, {"look": "expired"}),
    ]
    spans = otlp_trace(requests, 1, "case", "0")["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert [span.get("status") for span in spans] == [None, {"code": 2, "message": "not answered (look expired)"}]


def test_ids_follow_from_the_seed() -> None:
    requests = branching()
    assert otlp_trace(requests, 1, "case", "0") == otlp_trace(requests, 1, "case", "0")
    one, other = (otlp_trace(requests, seed, "case", "0")["resourceSpans"][0] for seed in (1, 2))
    assert one["scopeSpans"][0]["spans"][0]["traceId"] != other["scopeSpans"][0]["spans"][0]["traceId"]


# the command


def test_a_trace_is_written_in_the_format_of_its_file_and_the_same_again(run: Run) -> None:
    for name in ("a.json", "deep/b.json", "c.otlp.json"):
        code, out, err = run("simulate", TOY, "--trace", name, "--trace-requests", "7", "--quiet")
        assert (code, out, err) == (0, "", "")
    assert Path("a.json").read_bytes() == Path("deep/b.json").read_bytes()
    whole = [event for event in of_kind(json.loads(Path("a.json").read_text()), "X") if event["pid"] == 1]
    assert len(whole) == 7
    spans = json.loads(Path("c.otlp.json").read_text())["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert len(spans) == 7
    assert run("simulate", TOY, "--trace", "d.json", "--trace-format", "otlp", "--quiet")[0] == 0
    assert len(json.loads(Path("d.json").read_text())["resourceSpans"][0]["scopeSpans"][0]["spans"]) == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--trace-format", "otlp"), "--trace-format: found no --trace, expected --trace FILE beside it"),
        (
            ("--trace", "x", "--trace-format", "otpl"),
            "--trace-format: found otpl, expected one of chrome, otlp (did you mean otlp?)",
        ),
        (("--trace", "."), "--trace: found ., which is a folder, expected a file to write to"),
        (("--trace", "file/x"), "--trace: found file (File exists), expected a folder that can be written"),
    ],
)
def test_what_cannot_be_traced_is_one_clear_line(run: Run, options: tuple[str, ...], message: str) -> None:
    Path("file").write_text("")
    code, out, err = run("simulate", TOY, *options)
    assert (code, out) == (2, "")
    assert message in err


def test_the_slowest_requests_are_shown_written_and_drawn(run: Run) -> None:
    code, out, err = run("simulate", TOY, "--slowest", "3", "--out", "here")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    tail = out[out.index("Slowest requests") :]
    assert "1. scan, 38.8 ms: shop/south 1, source " in tail
    assert re.search(r"match +line\.up +10\.0 ms +─+\n", tail)
    document = json.loads(Path("here", TOY, "simulation.json").read_text())
    assert [one["response_ms"] for one in document["slowest"]] == pytest.approx([38.8] * 3)
    first = document["slowest"][0]
    assert set(first) == set(
        "workload task replication group site source sequence born_s response_ms dropped steps".split()  # noqa: SIM905
    )
    assert (first["workload"], first["task"], first["group"]) == ("scan", "match", "shop/south")
    assert first["steps"][-1]["end_ms"] == pytest.approx(38.8)
    assert "line.down" in Path("here", TOY, "slowest.svg").read_text()
    assert "slowest" not in json.loads(run("simulate", TOY, "--json")[1])
