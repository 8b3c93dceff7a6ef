"""From bytes to a plain tree of maps, lists and words that remembers on which line everything stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from hardware_profiles.faults import BadInput, Fault

MOST_BYTES = 1_000_000  # a scenario is written by hand; the three largest known have 8 kB
MOST_VALUES = 20_000
DEEPEST = 24

Path = tuple[str | int, ...]
_NUMBER = re.compile(r"[-+]?(\d[\d_]*)(\.[\d_]*)?([eE][-+]?\d+)?|[-+]?\.\d[\d_]*([eE][-+]?\d+)?")
_CONSTANTS = {"null": None, "~": None, "": None, "true": True, "false": False}


@dataclass(frozen=True)
class Text:
    """A document as plain maps, lists, words and numbers; ``lines`` holds the line of every key and entry."""

    tree: Mapping[str, Any]
    lines: Mapping[Path, int]


def read(data: bytes, file: str) -> Text:
    """Read YAML 1.2 without anchors: ``no`` is a word, ``1e3`` a number, a date stays text.

    Raises
    ------
    BadInput
        Naming every duplicate key, or the one fault that makes the text unreadable: empty, binary, too large,
        nested too deeply, an anchor or an alias, broken syntax.
    """
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(decoded(data, file)):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found = " ".join(part for part in (error.problem, error.context) if part)
        raise _bad(file, found.removeprefix("found "), "YAML", mark.line + 1 if mark else None) from None
    except (YAMLError, ValueError) as error:
        raise _bad(file, str(error).splitlines()[0], "YAML") from None
    if builder.faults:
        raise BadInput(builder.faults)
    if not isinstance(builder.root, dict):
        raise _bad(
            file, "an empty file" if builder.root is None else "no map", "a scenario: a map of name, sites, pools, …"
        )
    return Text(builder.root, builder.lines)


def value_of(text: str) -> Any:
    """The value of a piece of YAML given on the command line: ``80 ms`` is text, ``[a, b]`` a list."""
    return read(f"value: {text}".encode(), "").tree["value"]


def decoded(data: bytes, file: str) -> str:
    """The text of a file; raises BadInput where it is none, or too large."""
    if len(data) > MOST_BYTES:
        raise too_large(len(data), file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad(file, "binary data", "text in UTF-8") from None
    if "\0" in text:
        raise _bad(file, "binary data", "text in UTF-8")
    return text


def too_large(size_bytes: int, file: str) -> BadInput:
    """The fault of a text of more than `MOST_BYTES`."""
    return _bad(file, f"{size_bytes / 1e6:,.7g} MB", f"at most {MOST_BYTES / 1e6:.0f} MB of text")


def _bad(file: str, found: str, expected: str, line: int | None = None, path: str = "") -> BadInput:
    return BadInput(Fault(path, found, expected, file, line))


@dataclass
class _Open:
    """A map or list that is being filled."""

    path: Path
    into: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass
class _Builder:
    """Builds the tree from the parser's events, without recursion: depth and size are bounded as they come."""

    file: str
    root: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _documents: int = 0
    _values: int = 0

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, NodeEvent):
            self._refuse(event, line)
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _bad(self.file, "a second document", "one scenario in a file", line)
        elif isinstance(event, ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, MappingStartEvent):
            self._open({}, line)
        elif isinstance(event, SequenceStartEvent):
            self._open([], line)
        elif isinstance(event, CollectionEndEvent):
            self._stack.pop()

    def _refuse(self, event: NodeEvent, line: int) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _bad(
                self.file, f"the anchor {event.anchor!r}", "no anchors or aliases (use `like:` for a workload)", line
            )
        if len(self._stack) >= DEEPEST:
            raise _bad(self.file, f"more than {DEEPEST} maps and lists inside each other", f"at most {DEEPEST}", line)
        self._values += 1
        if self._values > MOST_VALUES:
            raise _bad(self.file, f"more than {MOST_VALUES:,} values", f"at most {MOST_VALUES:,}", line)

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        here = self._stack[-1] if self._stack else None
        if here is not None and isinstance(here.into, dict) and here.key is None:
            here.key = event.value
            path = (*here.path, event.value)
            if event.value in here.into:
                first = self.lines[path]
                text = ".".join(map(str, path))
                self.faults.append(
                    Fault(text, f"the key {event.value!r} a second time", f"it once (line {first})", self.file, line)
                )
            self.lines.setdefault(path, line)
        else:
            self._put(_constant(event), line)

    def _open(self, into: dict[str, Any] | list[Any], line: int) -> None:
        here = self._stack[-1] if self._stack else None
        if here is not None and isinstance(here.into, dict) and here.key is None:
            raise _bad(self.file, "a map or list as a key", "a word", line)
        self._stack.append(_Open(self._put(into, line), into))

    def _put(self, value: Any, line: int) -> Path:
        if not self._stack:
            self.root = value
            return ()
        here = self._stack[-1]
        if isinstance(here.into, list):
            path: Path = (*here.path, len(here.into))
            here.into.append(value)
        else:
            assert here.key is not None
            path = (*here.path, here.key)
            here.into.setdefault(here.key, value)
            here.key = None
        self.lines.setdefault(path, line)
        return path


def _constant(event: ScalarEvent) -> Any:
    if not event.implicit[0]:
        return event.value  # quoted
    if event.value.lower() in _CONSTANTS:
        return _CONSTANTS[event.value.lower()]
    match = _NUMBER.fullmatch(event.value)
    if match is None:
        return event.value
    number = event.value.replace("_", "")
    return int(number) if number.lstrip("+-").isdigit() else float(number)
