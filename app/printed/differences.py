"""What ``tierwise diff`` prints: first what moves and what it costs, then the details, at most 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterator

from app.printed.lines import COLUMNS, cut, paragraph
from app.tables.requirements import check_in_words, value_in_words
from planner.differences import Differences, Rejudged, Resized
from planner.formats import NOTHING, money, number, quantity, signed
from planner.plan_document import PoolEntry, RequirementEntry, TaskEntry
from planner.plans import Check
from planner.wording import marked, tier_in_words

_NAME = 28  # letters of a bill item
_LEAST = 16  # columns of a requirement


def difference_lines(found: Differences) -> list[str]:
    """Nothing but one line where both plans say the same."""
    if found.none:
        return [cut(f"no difference: both plans of {found.scenarios[0]} say the same", COLUMNS)]
    if None in found.costs:
        return [*_head(found), *paragraph("", "without a placement there is nothing more to compare", 1)]
    return [*_head(found), *_moves(found), *_nodes(found), *_bill(found), *_requirements(found)]


def _head(found: Differences) -> list[str]:
    old, new = found.scenarios
    name = old if old == new else f"{old} → {new}, two different scenarios"
    lines = [cut(name, COLUMNS)]
    for word, changes in (("before", found.dropped), ("after", found.added)):
        lines += [cut(f"  changed only {word}: {change}", COLUMNS) for change in changes]
    if not found.same_text and old == new and not found.dropped and not found.added:
        lines.append("  the text of the scenario has changed")
    if len(set(found.statuses)) > 1:
        lines.append(f"  status: {' → '.join(found.statuses)}")
    before, after = found.costs
    if before is None or after is None:
        cost = " → ".join("no plan" if usd is None else f"{money(usd)} USD a month" for usd in found.costs)
    elif abs(after - before) < 0.005:
        cost = f"{money(after)} USD a month, as before"
    else:
        cost = f"{money(before)} → {money(after)} USD a month ({_signed(after - before)})"
    return [*lines, "", *paragraph("Cost", cost, 1)]


def _moves(found: Differences) -> list[str]:
    """Groups with the same move together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in found.moves:
        names = {_variant(place) for place in (one.before, one.after) if place}
        move = " → ".join(_where(place, len(names) > 1) for place in (one.before, one.after))
        groups.setdefault((f"{one.workload}.{one.task}", move), []).append(one.group)
    told = [f"{task} at {' and '.join(at)}: {move}" for (task, move), at in groups.items()]
    return _paragraphs("Moves", told or ["nothing: every task stays where it is"])


def _where(place: TaskEntry | None, variant: bool) -> str:
    if place is None:
        return "nowhere"
    text = f"{place['on']} in {place['pool']} ({tier_in_words(place['tier'])})"
    return f"{text} as {_variant(place)}" if variant else text


def _variant(place: TaskEntry) -> str:
    return marked(f"{place['variant']} {place['unit']}".rstrip(), place["kind"])


def _nodes(found: Differences) -> list[str]:
    return _paragraphs("Nodes", [_resized(one) for one in found.nodes])


def _resized(one: Resized) -> str:
    name = one.pool + (f" at {one.group}" if one.group else "")
    return f"{name}: {_stock(one.before)} → {_stock(one.after)}"


def _stock(pool: PoolEntry | None) -> str:
    """``30 jetson-orin-nano-super (3 per line)``; spares are counted and named."""
    if pool is None:
        return "none"
    more = [f"{number(pool['count'])} per {pool['per']}"] if pool["per"] else []
    more += [f"{number(pool['spare'])} spare at each"] if pool["spare"] and pool["group"] else []
    more += [f"{number(pool['spare'])} spare"] if pool["spare"] and not pool["group"] else []
    return f"{number(pool['nodes'])} {pool['on']}" + (f" ({', '.join(more)})" if more else "")


def _paragraphs(label: str, texts: list[str]) -> list[str]:
    return [line for i, text in enumerate(texts) for line in paragraph("" if i else label, text, 4)]


def _bill(found: Differences) -> list[str]:
    if not found.bill:
        return []
    total = (found.costs[1] or 0.0) - (found.costs[0] or 0.0)
    rows = [(f"{one.item} of {one.of}", one.before, one.after, one.change) for one in found.bill]
    rows.append(("together", *found.costs, total))
    lines = ["", _row("USD a month", "before", "after", "change")]
    return lines + [_row(name, _usd(before), _usd(after), _signed(change)) for name, before, after, change in rows]


def _row(name: str, before: str, after: str, change: str) -> str:
    return f"  {cut(name, _NAME):<{_NAME}}{before:>14}{after:>14}{change:>14}"


def _usd(value: float | None) -> str:
    return NOTHING if value is None else money(value)


def _signed(change: float) -> str:
    return signed(change) if abs(change) >= 0.005 else "0"


def _requirements(found: Differences) -> list[str]:
    if not found.requirements:
        return []
    rows: list[tuple[str, ...]] = [("requirement", "limit", "planned", "simulated", "")]
    rows += [(_name(one), *(_change(*pair) for pair in zip(*_cells(one), strict=True))) for one in found.requirements]
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    widths[0] = min(widths[0], max(_LEAST, COLUMNS - sum(widths[1:])))
    padded = [[cut(cell, width - 2).ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return ["", *(cut(f"  {''.join(cells)}".rstrip(), COLUMNS) for cells in padded)]


def _name(one: Rejudged) -> str:
    entry = one.before or one.after
    assert entry is not None
    group = (one.group or "").rpartition("/")[2]
    return check_in_words(_check(entry)) + (f" ({group})" if group else "")


def _cells(one: Rejudged) -> Iterator[tuple[str, str, str, str]]:
    for entry in (one.before, one.after):
        if entry is None:
            yield NOTHING, NOTHING, NOTHING, NOTHING
            continue
        check = _check(entry)
        simulated = NOTHING if check.simulated is None else value_in_words(check, check.simulated)
        yield quantity(check.limit, check.unit), value_in_words(check, check.planned), simulated, check.verdict


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _check(entry: RequirementEntry) -> Check:
    planned = math.inf if entry["planned"] is None else entry["planned"]
    return Check(
        entry["workload"],
        entry["of"],
        entry["metric"],
        entry["group"],
        entry["limit"],
        entry["unit"],
        planned,
        entry["simulated"],
        verdict=entry["met"],
    )
