"""Links of the topology picture: level out of one frame, along a channel of their own, level into the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.charts.canvas import Align, Canvas, text_width

PORT = 46.0  # room for a link and its two lines of text [px]
_LINE, _CHANNEL, _EDGE = 16.0, 10.0, 12.0  # [px]

Record = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Place:
    """Where a frame stands [px], and in which column; ``outer``: of the first one where there are several."""

    name: str
    column: int
    outer: bool
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class _Wire:
    """A link from the left or upper frame to the other, between the heights of its two ports."""

    link: Record
    start: Place
    end: Place
    y1: float = 0.0
    y2: float = 0.0

    @property
    def within(self) -> bool:
        return self.start.column == self.end.column

    def leftwards(self, place: Place) -> bool:
        """Whether it leaves a frame on its left side; within the first of several columns it passes outside."""
        return self.start.outer if self.within else place == self.end


def room(links: Sequence[Record]) -> float:
    """Width that the texts and channels of the links need beside a column."""
    widest = max((text_width(str(link[key]), bold=True) for link in links for key in ("link", "text")), default=20.0)
    return widest + 24 + _CHANNEL * len(links)


def draw_wires(canvas: Canvas, links: Sequence[Record], places: Mapping[str, Place]) -> float:
    """Draws every link with its name and text, hot ones heavy; returns how far right they reach."""
    wires = _level(_ported(_wires(links, places), list(places.values())))
    reach = 0.0
    for wire in wires:
        edges = [place.x if wire.leftwards(place) else place.right for place in (wire.start, wire.end)]
        x = _channel(wire, wires, places)
        heavy = bool(wire.link["hottest"])
        if wire.y1 == wire.y2:
            canvas.line(edges[0], wire.y1, edges[1], wire.y2, heavy)
        else:
            canvas.line(edges[0], wire.y1, x, wire.y1, heavy)
            canvas.line(x, wire.y1, x, wire.y2, heavy)
            canvas.line(x, wire.y2, edges[1], wire.y2, heavy)
        reach = max(reach, _label(canvas, wire, edges[0], x))
    return reach


def _label(canvas: Canvas, wire: _Wire, edge: float, channel: float) -> float:
    """Above the line where it leaves; beside the channel where it passes outside. Returns how far right it reaches."""
    name, text = str(wire.link["link"]), str(wire.link["text"])
    x, y = edge + 8, wire.y1 - 0.55 * _LINE
    align: Align = "left"
    if wire.within:
        align = "right" if wire.start.outer else "left"
        x, y = channel + (-8 if wire.start.outer else 8), (wire.y1 + wire.y2 + _LINE) / 2
    canvas.text(x, y - 0.95 * _LINE, name, bold=True, align=align)
    canvas.text(x, y, text, align=align)
    return x + max(text_width(name, bold=True), text_width(text)) if align == "left" else x


def _wires(links: Sequence[Record], places: Mapping[str, Place]) -> list[_Wire]:
    ends = [sorted((places[link["start"]], places[link["end"]]), key=_order) for link in links]
    return [_Wire(link, start, end) for link, (start, end) in zip(links, ends, strict=True)]


def _order(place: Place) -> tuple[int, float]:
    return place.column, place.y


def _ported(wires: Sequence[_Wire], places: Sequence[Place]) -> list[_Wire]:
    """Wires on one side of a frame share it out evenly, in the order of what they lead to."""
    levels = {(number, place.name): y for place in places for number, y in _ports(place, wires)}
    return [
        replace(wire, y1=levels[number, wire.start.name], y2=levels[number, wire.end.name])
        for number, wire in enumerate(wires)
    ]


def _ports(place: Place, wires: Sequence[_Wire]) -> Iterator[tuple[int, float]]:
    for side in (False, True):
        here = [number for number, wire in enumerate(wires) if place in (wire.start, wire.end)]
        here = [number for number in here if wires[number].leftwards(place) == side]
        here.sort(key=lambda number: _order(wires[number].start if wires[number].end == place else wires[number].end))
        for i, number in enumerate(here, 1):
            yield number, place.y + place.height * i / (len(here) + 1)


def _level(wires: Sequence[_Wire]) -> list[_Wire]:
    """A wire that is alone at one of its frames goes there as level as the frame's height allows."""
    found = []
    for wire in wires:
        if not wire.within and _alone(wire, wire.end, wires):
            wire = replace(wire, y2=_inside(wire.end, wire.y1))
        elif not wire.within and _alone(wire, wire.start, wires):
            wire = replace(wire, y1=_inside(wire.start, wire.y2, above=1.5 * _LINE))
        found.append(wire)
    return found


def _alone(wire: _Wire, place: Place, wires: Sequence[_Wire]) -> bool:
    beside = [one for one in wires if place in (one.start, one.end) and one.leftwards(place) == wire.leftwards(place)]
    return len(beside) == 1


def _inside(place: Place, y: float, above: float = 0.0) -> float:
    """The height nearest to ``y`` at which a line, with room for its text above, meets the frame."""
    return min(max(y, place.y + _EDGE + above), place.y + place.height - _EDGE)


def _channel(wire: _Wire, wires: Sequence[_Wire], places: Mapping[str, Place]) -> float:
    """Where a wire goes up or down: before the frame it leads to, or outside of its column."""
    like = [one for one in wires if (one.within, one.start.column) == (wire.within, wire.start.column)]
    if wire.within:
        column = [place for place in places.values() if place.column == wire.start.column]
        lane = (like.index(wire) + 1) * _CHANNEL
        return min(one.x for one in column) - lane if wire.start.outer else max(one.right for one in column) + lane
    down = wire.y2 > wire.y1
    like = sorted((one for one in like if (one.y2 > one.y1) == down), key=lambda one: one.y1 if down else -one.y1)
    return wire.end.x - (like.index(wire) + 1.5) * _CHANNEL  # of those that go down, the upper ones further right
