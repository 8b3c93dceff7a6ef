"""The picture of what runs where: sites with their pools on the left, regions on the right, links between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from scenarios.places import TIERS

_BOX, _GAP, _PAD, _LINE = 218, 18, 14, 16  # [px]
_WIRE = 190  # room for the links between sites and regions [px]
_LETTERS = 31  # that fit into a box

Record = Mapping[Hashable, Any]  # a row of a table

_STYLE = """
.topology { color: #1c2733; font: 12px system-ui, sans-serif; }
.topology text { fill: currentColor; }
.topology .name { font-weight: 600; }
.topology .frame { fill: none; stroke: currentColor; stroke-opacity: .45; }
.topology .used { fill: #2f7dc4; fill-opacity: .14; stroke: currentColor; stroke-width: 2; }
.topology .idle { fill: none; stroke: currentColor; stroke-dasharray: 4 4; stroke-opacity: .6; }
.topology .link { stroke: currentColor; stroke-width: 1.5; fill: none; }
@media (prefers-color-scheme: dark) { .topology { color: #e3e9ef; } }
@media print { .topology { color: #000; } }
"""


@dataclass(frozen=True)
class _Frame:
    place: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def topology(places: pd.DataFrame, pools: pd.DataFrame, links: pd.DataFrame) -> str:
    """An SVG that stands alone and inside a page, in light and in dark.

    Parameters
    ----------
    places
        ``place``, ``text`` and ``local``: a frame each, sites left and regions right.
    pools
        ``pool``, ``place``, ``tier``, ``used`` and ``text`` (lines under the name): a box each, dashed where unused.
    links
        ``link``, ``start``, ``end`` and ``text``: a line each; one within a place is written into its frame.
    """
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "topology", "role": "img"})
    ET.SubElement(root, "title").text = "What runs where"
    ET.SubElement(root, "style").text = _STYLE
    local, remote = places[places["local"]], places[~places["local"]]
    inside = links[links["start"] == links["end"]]
    left = _column(root, local, pools, inside, 1.0)
    wire = left.right + (_WIRE if len(local) and len(remote) else 0)
    right = _column(root, remote, pools, inside, wire)
    frames = {frame.place: frame for frame in (*left.frames, *right.frames)}
    _lines(root, links[links["start"] != links["end"]], frames)
    width, height = right.right if right.frames else left.right, max(left.bottom, right.bottom)
    root.set("viewBox", f"0 0 {width + 1:.0f} {height + 1:.0f}")
    root.set("width", f"{width + 1:.0f}")
    return ET.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class _Column:
    frames: tuple[_Frame, ...]
    right: float
    bottom: float


def _column(root: ET.Element, places: pd.DataFrame, pools: pd.DataFrame, inside: pd.DataFrame, x: float) -> _Column:
    """Frames one below the other; in each the tiers from left to right."""
    frames: list[_Frame] = []
    y = 1.0
    for place in places.to_dict("records"):
        here = pools[pools["place"] == place["place"]]
        within = inside[inside["start"] == place["place"]].to_dict("records")
        notes = [f"{link['link']}: {link['text']}" for link in within]
        frame = _frame(root, place, here, notes, x, y)
        frames.append(frame)
        y += frame.height + _GAP
    right = max((frame.x + frame.width for frame in frames), default=x)
    return _Column(tuple(frames), right, y - _GAP)


def _frame(root: ET.Element, place: Record, pools: pd.DataFrame, notes: list[str], x: float, y: float) -> _Frame:
    group = ET.SubElement(root, "g")
    tiers = [tier for tier in TIERS if tier in set(pools["tier"])]
    top = y + _PAD + 2 * _LINE
    lowest = top
    for i, tier in enumerate(tiers):
        at = top
        for pool in pools[pools["tier"] == tier].to_dict("records"):
            at += _box(group, pool, x + _PAD + i * (_BOX + _GAP), at) + _GAP
        lowest = max(lowest, at)
    width = 2 * _PAD + max(len(tiers), 1) * (_BOX + _GAP) - _GAP
    for i, note in enumerate(notes):
        _text(group, x + _PAD, lowest + (i + 0.5) * _LINE, note, letters=_letters(width))
    height = lowest - y + len(notes) * _LINE + (0 if not notes else _PAD / 2)
    box = {"x": x, "y": y, "width": width, "height": height}
    ET.SubElement(group, "rect", {"class": "frame", "rx": "8", **{key: f"{value:.1f}" for key, value in box.items()}})
    heading = " · ".join(part for part in (place["place"], place["text"]) if part)
    _text(group, x + _PAD, y + _PAD + _LINE / 2, heading, "name", _letters(width))
    return _Frame(place["place"], x, y, width, height)


def _box(group: ET.Element, pool: Record, x: float, y: float) -> float:
    texts = list(pool["text"])
    height = _LINE * (len(texts) + 1) + _PAD
    box = {"x": x, "y": y, "width": float(_BOX), "height": float(height)}
    shape = {"class": "used" if pool["used"] else "idle", "rx": "5"}
    ET.SubElement(group, "rect", {**shape, **{key: f"{value:.1f}" for key, value in box.items()}})
    _text(group, x + 10, y + _LINE + 2, str(pool["pool"]), "name")
    for i, line in enumerate(texts, 2):
        _text(group, x + 10, y + i * _LINE + 2, line)
    return float(height)


def _lines(root: ET.Element, links: pd.DataFrame, frames: dict[str, _Frame]) -> None:
    """Straight lines from the edge of one frame to the edge of the other, spread so that none hides another."""
    number = len(links)
    for i, link in enumerate(links.to_dict("records")):
        start, end = frames.get(link["start"]), frames.get(link["end"])
        if start is None or end is None:
            continue
        shift = (i - (number - 1) / 2) * 2.6 * _LINE
        beside = start.x + start.width <= end.x or end.x + end.width <= start.x
        first, second = (start, end) if start.x <= end.x else (end, start)
        x1 = first.x + first.width if beside else first.x + first.width / 2
        x2 = second.x if beside else x1
        y1, y2 = _heights(first, second, shift)
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        ET.SubElement(root, "line", {"class": "link", **{key: f"{value:.1f}" for key, value in ends.items()}})
        middle = (y1 + y2) / 2
        _text(root, (x1 + x2) / 2 - _WIRE / 2 + 8, middle - _LINE - 4, str(link["link"]), "name", _letters(_WIRE))
        _text(root, (x1 + x2) / 2 - _WIRE / 2 + 8, middle - 5, str(link["text"]), letters=_letters(_WIRE))


def _heights(first: _Frame, second: _Frame, shift: float) -> tuple[float, float]:
    """Where a line leaves and arrives: level where the frames stand beside each other."""
    top, bottom = max(first.y, second.y), min(first.bottom, second.bottom)
    if bottom - top > 2 * _LINE:
        level = min(max((top + bottom) / 2 + shift, top + 8), bottom - 8)
        return level, level
    return first.middle, second.middle


def _letters(width: float) -> int:
    return int((width - 8) / _BOX * _LETTERS)


def _text(parent: ET.Element, x: float, y: float, text: str, name: str = "", letters: int = _LETTERS) -> None:
    element = ET.SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **({"class": name} if name else {})})
    element.text = text if len(text) <= letters else text[: letters - 1] + "…"
    if len(text) > letters:
        ET.SubElement(parent, "title").text = text
