"""Requests as OpenTelemetry spans in OTLP/JSON.

Source of the format: OpenTelemetry Protocol (opentelemetry-proto, v1), JSON encoding: names in camelCase, ids in
hexadecimal, 64-bit numbers as text, enumerations as numbers.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from app.tables.watched import not_answered
from sim.watching import Watched

ZERO_UNIX_NS = 1_767_225_600 * 10**9
"""When simulated time begins: 2026-01-01 00:00 UTC, as viewers want a date."""

_INTERNAL, _ERROR = 1, 2  # of SPAN_KIND and STATUS_CODE

Span = dict[str, Any]


def otlp_trace(requests: Sequence[Watched], seed: int, scenario: str, version: str) -> dict[str, Any]:
    """A trace for each request: one span for the whole, of the service named after its workload, and one for each step,
    of the service named after the pool or link where it happens.

    Ids follow from the seed and from what the request is; equal runs have equal ones.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    for one in requests:
        who = (seed, one.replication, one.workload, one.group, one.site, one.source, one.sequence)
        trace, root = _id(16, *who), _id(8, *who)
        spans[one.workload].append(
            {
                **_span(trace, root, one.workload, one.born_ns, one.ended_ns),
                "attributes": _attributes(
                    {
                        "tierwise.replication": one.replication,
                        "tierwise.group": one.group,
                        "tierwise.site": one.site,
                        "tierwise.source": one.source,
                        "tierwise.sequence": one.sequence,
                    }
                ),
                **({} if one.answered_ns is not None else {"status": {"code": _ERROR, "message": not_answered(one)}}),
            }
        )
        for number, step in enumerate(one.steps):
            about: dict[str, str | int | bool]
            about = {"tierwise.task": step.task, "tierwise.what": step.what, "tierwise.answer": step.answer}
            about |= {"tierwise.site": step.site, "tierwise.queue": step.queue} if step.group else {}
            name = f"{step.task} {step.what}"
            spans[step.where].append(
                {
                    **_span(trace, _id(8, *who, number), name, step.begin_ns, step.end_ns),
                    "parentSpanId": root,
                    "attributes": _attributes(about),
                }
            )
    scope = {"name": "tierwise", "version": version}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": where, "service.namespace": scenario})},
                "scopeSpans": [{"scope": scope, "spans": some}],
            }
            for where, some in spans.items()
        ]
    }


def _span(trace: str, span: str, name: str, begin: int, end: int) -> Span:
    return {
        "traceId": trace,
        "spanId": span,
        "name": name,
        "kind": _INTERNAL,
        "startTimeUnixNano": str(ZERO_UNIX_NS + begin),
        "endTimeUnixNano": str(ZERO_UNIX_NS + end),
    }


def _attributes(values: Mapping[str, str | int | bool]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: str | int | bool) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def _id(size: int, *what: str | int) -> str:
    return hashlib.blake2b(repr(what).encode(), digest_size=size).hexdigest()
