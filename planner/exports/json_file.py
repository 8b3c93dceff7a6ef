"""The plan file, with the JSON Schema that describes it."""

from __future__ import annotations

import json

from planner.plan_document import PlanDocument
from planner.plan_schema import plan_schema


def json_files(document: PlanDocument) -> dict[str, bytes]:
    """``plan.json``, which ``simulate --plan``, ``check`` and ``diff`` read, and ``plan.schema.json``."""
    return {"plan.json": _json(document), "plan.schema.json": _json(plan_schema())}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
