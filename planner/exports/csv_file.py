"""Placements and bill as CSV (RFC 4180) for spreadsheets and data frames.

Numbers are written in full and stay numbers, what is unknown is an empty cell, and no text can act as a formula.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hardware_profiles.faults import BadInput, Fault
from planner.plan_document import PlanDocument, PoolEntry

Row = Mapping[str, str | float | None]

PERIOD = "month"
CURRENCY = "USD"  # of every amount in a plan
_FORMULA = "=+-@＝＋－＠"  # spreadsheets take the wide ones for the others


def csv_files(document: PlanDocument) -> dict[str, bytes]:
    """``placements.csv``, a row for each group, workload and task, and ``bill.csv``, a row for each line of the bill.

    A task that is only stored has a place but no pool.

    Raises
    ------
    BadInput
        Where the plan has no placement.
    """
    if document["cost_usd_per_month"] is None:
        raise BadInput(Fault("status", f"{document['status']}: it has no placement", "a plan with a placement for csv"))
    return {"placements.csv": _csv(PLACEMENT, _placements(document)), "bill.csv": _csv(BILL, _bill(document))}


PLACEMENT = (
    "scenario",
    "group",  # of sites
    "sites",  # identical ones in the group
    "workload",
    "task",
    "pool",
    "tier",
    "at",  # a kind of site, or a region
    "on",  # the hardware or offer
    "variant",
    "compute_unit",
    "route_traffic",  # fraction of the requests that take this route
    "count",  # nodes as the scenario counts them
    "count_per",  # the fact, site or region that the count is for
    "spare",  # nodes per site or region
    "nodes",  # in all the sites of the group or in the region, with spares
    "mean_ms",  # of one execution
    "kind",  # how its time is known
    "source",
    "date",
    "reason",
)

BILL = (
    "scenario",
    "item",
    "of",  # a pool, link or workload
    "group",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "currency",
    "period",
    "kind",  # how the price is known
    "source",
    "date",
    "path",  # where the scenario can change it
)


def _placements(document: PlanDocument) -> Iterator[Row]:
    pools = {(pool["pool"], pool["group"]): pool for pool in document["pools"]}
    for route in document["routes"]:
        for task in route["tasks"]:
            pool = pools.get((task["pool"], route["site"])) or pools.get((task["pool"], None))
            yield {
                "scenario": document["scenario"],
                "group": route["site"],
                "sites": route["sites"],
                "workload": route["workload"],
                "task": task["task"],
                "pool": task["pool"],
                "tier": task["tier"],
                "on": task["on"],
                "variant": task["variant"],
                "compute_unit": task["unit"],
                "route_traffic": route["traffic"],
                **(_nodes(pool) if pool else {}),
                "mean_ms": task["mean_ms"],
                "kind": task["kind"],
                "source": task["source"],
                "date": task["date"],
                "reason": route["reason"] if task["task"] == route["reason_task"] else "",
            }
        for kept in route["stored"]:  # no pool: it is only moved there
            yield {
                "scenario": document["scenario"],
                "group": route["site"],
                "sites": route["sites"],
                "workload": route["workload"],
                "task": kept["task"],
                "at": kept["at"],
                "route_traffic": route["traffic"],
                "reason": f"stored, over {', '.join(kept['over'])}" if kept["over"] else "stored",
            }


def _nodes(pool: PoolEntry) -> Row:
    return {
        "at": pool["at"],
        "count": pool["count"],
        "count_per": pool["per"] or ("site" if pool["group"] else "region"),
        "spare": pool["spare"],
        "nodes": pool["nodes"],
    }


def _bill(document: PlanDocument) -> Iterator[Row]:
    for line in document["bill"]:
        yield {
            "scenario": document["scenario"],
            "item": line["item"],
            "of": line["of"],
            "group": line["group"],
            "quantity": line["quantity"],
            "unit": line["unit"],
            "unit_price": line["unit_price_usd"],
            "amount": line["usd_per_month"],
            "currency": CURRENCY,
            "period": PERIOD,
            "kind": line["kind"],
            "source": line["source"],
            "date": line["date"],
            "path": line["path"],
        }


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(cell) if isinstance(cell, str) else cell for name, cell in row.items()})
    return text.getvalue().encode()


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would execute: it is then shown as the text that it is.

    >>> harmless("=HYPERLINK(1)"), harmless(' "-2+3'), harmless("edge-first")
    ("'=HYPERLINK(1)", '\\' "-2+3', 'edge-first')
    """
    shown = next((letter for letter in text if not _passed_over(letter)), "")
    risky = (shown and shown in _FORMULA) or text.lstrip("\"'")[:1] in ("\t", "\r", "\n")
    return f"'{text}" if risky else text


def _passed_over(letter: str) -> bool:
    """Spaces, control and format characters and quotation marks may be dropped before a formula is looked for."""
    return letter in "\"'" or unicodedata.category(letter)[0] in "ZC"
