"""The picture of what runs where: places with their pools from edge to cloud, links between them."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.charts.canvas import Canvas, text_width
from app.charts.look import TIER, Scheme
from app.charts.wires import PORT, Place, draw_wires, room
from planner.wording import tier_in_words
from scenarios.places import CLOUD_TIERS, EDGE_TIERS, TIERS

if TYPE_CHECKING:
    import altair as alt

_LINE, _PAD, _GAP, _INDENT = 17.0, 12.0, 14.0, 10.0  # [px]
_WIDEST = 34  # letters of a line; longer ones are continued on the next

Record = Mapping[Hashable, Any]  # a row of a table


@dataclass(frozen=True)
class _Box:
    """A pool as it is written, with its corner within the frame."""

    pool: Record
    lines: tuple[str, ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        return _LINE * (len(self.lines) + 2) + _PAD


@dataclass(frozen=True)
class _Frame:
    """A place with its boxes, from its own corner."""

    heading: str
    notes: tuple[str, ...]
    boxes: tuple[_Box, ...]
    width: float
    height: float


def topology(places: pd.DataFrame, pools: pd.DataFrame, links: pd.DataFrame, scheme: Scheme = "page") -> alt.LayerChart:
    """A frame for each place, a box for each pool (dashed where unused), a line for each link.

    Parameters
    ----------
    places
        ``place``, ``text`` and ``local``: sites stand left, then the network edge, then the cloud regions.
    pools
        ``pool``, ``place``, ``tier``, ``used``, ``hottest`` and ``text`` (lines under the name and the tier).
    links
        ``link``, ``start``, ``end``, ``text`` and ``hottest``; one within a place is written into its frame.
    """
    frames = {
        row["place"]: _frame(row, pools[pools["place"] == row["place"]], links) for row in places.to_dict("records")
    }
    across = [link for link in links.to_dict("records") if link["start"] != link["end"]]
    across = [link for link in across if link["start"] in frames and link["end"] in frames]
    columns = [column for column in _columns(places, pools) if column]
    placed = _arranged(columns, frames, across)
    canvas = Canvas()
    for name, place in placed.items():
        _draw(canvas, frames[name], place)
    right = draw_wires(canvas, across, placed)
    width = max([right, *(place.x + place.width for place in placed.values())])
    height = max((place.y + place.height for place in placed.values()), default=0.0)
    return canvas.chart(width + 1, height + 1, scheme, _description(pools))


def _arranged(
    columns: Sequence[Sequence[str]], frames: Mapping[str, _Frame], across: Sequence[Record]
) -> dict[str, Place]:
    """Columns side by side with room for the links between, each in the middle of the height."""
    ports = {name: sum(name in (link["start"], link["end"]) for link in across) for name in frames}
    heights = {name: max(frame.height, PORT * ports[name] + _PAD) for name, frame in frames.items()}
    tall = [sum(heights[name] + _GAP for name in column) - _GAP for column in columns]
    where = {name: number for number, column in enumerate(columns) for name in column}
    within = [link for link in across if where[link["start"]] == where[link["end"]]]
    between = [link for link in across if link not in within]
    outside = [link for link in within if where[link["start"]] == 0 and len(columns) > 1]
    placed: dict[str, Place] = {}
    x = 1.0 + (room(outside) if outside else 0.0)
    for number, column in enumerate(columns):
        outer = number == 0 and len(columns) > 1
        y = 1.0 + (max(tall) - tall[number]) / 2
        for name in column:
            placed[name] = Place(name, number, outer, x, y, frames[name].width, heights[name])
            y += heights[name] + _GAP
        x += max(frames[name].width for name in column) + room(between)
    return placed


def _columns(places: pd.DataFrame, pools: pd.DataFrame) -> Iterator[list[str]]:
    """Places by the lowest tier they hold: the edge, the network edge, the cloud."""
    lowest = pools.assign(rank=[TIERS.index(tier) for tier in pools["tier"]]).groupby("place")["rank"].min().to_dict()
    tier = {
        place["place"]: TIERS[lowest[place["place"]]]
        if place["place"] in lowest
        else (EDGE_TIERS if place["local"] else CLOUD_TIERS)[0]
        for place in places.to_dict("records")
    }
    for tiers in (EDGE_TIERS, ("network_edge",), CLOUD_TIERS):
        yield [name for name in places["place"] if tier[name] in tiers]


def _frame(place: Record, pools: pd.DataFrame, links: pd.DataFrame) -> _Frame:
    """The tiers side by side; the pools of one tier one below the other."""
    boxes: list[_Box] = []
    x = _PAD
    for tier in TIERS:
        here = [(pool, _wrapped(pool)) for pool in pools[pools["tier"] == tier].to_dict("records")]
        width = max((_width(pool, lines) for pool, lines in here), default=0.0)
        y = _PAD + 1.7 * _LINE
        for pool, lines in here:
            boxes.append(_Box(pool, lines, x, y, width))
            y += boxes[-1].height + _GAP
        x += width + _GAP if here else 0.0
    heading = " · ".join(part for part in (place["place"], place["text"]) if part)
    width = max(x - _GAP, _PAD + text_width(heading, bold=True)) + _PAD
    inside = links[(links["start"] == place["place"]) & (links["end"] == place["place"])].to_dict("records")
    letters = int(width / 6.5)
    notes = tuple(part for link in inside for part in _parts(f"{link['link']}: {link['text']}", letters))
    lowest = max((box.y + box.height for box in boxes), default=_PAD + _LINE)
    height = lowest + _PAD + (len(notes) * _LINE + _PAD / 2 if notes else 0.0)
    return _Frame(heading, notes, tuple(boxes), width, height)


def _wrapped(pool: Record) -> tuple[str, ...]:
    return tuple(part for line in pool["text"] for part in _parts(line, _WIDEST))


def _parts(line: str, letters: int) -> list[str]:
    return textwrap.wrap(line, letters, subsequent_indent="\u2003")


def _width(pool: Record, lines: Sequence[str]) -> float:
    """Of the box of a pool, with its widest line."""
    tier = text_width(tier_in_words(pool["tier"])) + _GAP
    widest = max(
        [text_width(str(pool["pool"]), bold=True), tier, *(text_width(one, _is_hot(pool, one)) for one in lines)]
    )
    return widest + 2 * _INDENT


def _is_hot(pool: Record, line: str) -> bool:
    return bool(pool["hottest"]) and line == pool["text"][-1]


def _draw(canvas: Canvas, frame: _Frame, place: Place) -> None:
    x, y, height = place.x, place.y, place.height
    canvas.frame(x, y, place.width, height)
    canvas.text(x + _PAD, y + _PAD + _LINE / 2, frame.heading, bold=True)
    for box in frame.boxes:
        left, top = x + box.x, y + box.y
        mark = TIER[box.pool["tier"]]
        told = "\n".join((box.pool["pool"], tier_in_words(box.pool["tier"]), *box.pool["text"]))
        canvas.box(left, top, box.width, box.height, mark if box.pool["used"] else None, told)
        middle = top + _PAD / 2 + _LINE / 2
        canvas.text(left + _INDENT, middle, str(box.pool["pool"]), bold=True)
        canvas.mark(left + _INDENT + 4, middle + _LINE, mark)
        canvas.text(left + _INDENT + _GAP, middle + _LINE, tier_in_words(box.pool["tier"]))
        for i, line in enumerate(box.lines, 2):
            canvas.text(left + _INDENT, middle + i * _LINE, line, bold=_is_hot(box.pool, line))
    for i, note in enumerate(frame.notes, 1):
        canvas.text(x + _PAD, y + height - _PAD - (len(frame.notes) - i + 0.4) * _LINE, note)


def _description(pools: pd.DataFrame) -> str:
    """The picture in words, for those who do not see it."""
    used = [f"{pool['pool']} ({tier_in_words(pool['tier'])})" for pool in pools[pools["used"]].to_dict("records")]
    idle = [str(name) for name in pools.loc[~pools["used"], "pool"]]
    text = f"What runs where. In use: {', '.join(used) or 'nothing'}."
    return text + (f" Not used: {', '.join(idle)}." if idle else "")
