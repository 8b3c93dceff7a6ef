"""A file to start from: another scenario's text under a new name, with a line on what each section says."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, NodeEvent, ScalarEvent

from hardware_profiles.faults import BadInput, Fault
from scenarios.language.document import Document
from scenarios.loading import folder_of, library, load_text, text_of
from scenarios.yaml_text import value_of

SMALLEST = "two-site-toy"  # of the library
_NAME = re.compile(r"[^\W_][\w.-]{0,99}")
_OF_THE_FILE = ("schema", "name", "about")  # keys that speak of the file as a whole

_HEAD = """\
# {name} starts as a copy of {like}. Every name and figure may be changed, and what you do not need may go.
#
#   tierwise check {name}.yaml   what is understood of it, and every fault with its line
#   tierwise plan {name}.yaml    where everything runs, what it costs, and why
#   tierwise schema{gap}        every key that there is, as JSON Schema for an editor
#
# Figures carry their units: 30 ms, 5 kB, 10 Mbit/s, 30 frame/s per camera, 120 USD, 0.20 EUR/kWh, 2 %. A wrong unit is
# answered with the right one. A figure that is left out comes from the catalogues, with its source, where they know it.

"""


def valid_name(name: str) -> str:
    """The name of a new scenario, without an ending ``.yaml``.

    Raises
    ------
    BadInput
        Where it cannot name a file, or already names a scenario of the library.
    """
    plain = name.removesuffix(".yaml").removesuffix(".yml")
    if not _NAME.fullmatch(plain) or plain.endswith("."):
        raise BadInput(Fault("NAME", f"`{name}`", "letters, digits, dots and dashes: my-shop"))
    if plain in library():
        raise BadInput(Fault("NAME", f"`{plain}`, a scenario of the library", "a name of your own"))
    return plain


def starting_text(name: str, like: str = SMALLEST, folder: Path | None = None) -> str:
    """The text of a scenario that says what another one says, but for its name.

    Comments of the other one are kept, except those at its head: they speak of it as a whole, so ours stand there.
    The profile files that it names are named as they are seen from the folder of the new text.

    Parameters
    ----------
    name
        As `valid_name` gives it.
    like
        A name of the library, or a file.
    folder
        Where the text will stand; by default beside the other one.

    Raises
    ------
    BadInput
        Where ``like`` is no valid scenario.
    """
    text = text_of(like)
    there = folder_of(like)
    scenario = load_text(text, file=like, folder=there)
    other = " ".join(scenario.name.split())
    other = "".join(letter for letter in other if letter.isprintable())  # it goes into a comment
    text = _named(text.replace("\r\n", "\n"), name)
    lines = (text if folder is None else _moved(text, set(_paths(scenario.document)), there, folder)).split("\n")
    keys = {key.line: key for key in _keys("\n".join(lines))}
    head = _head_comments(lines, list(keys.values()))
    written: list[str] = []
    for number, line in enumerate(lines):
        if number in keys:
            written += _introduction(keys[number], line, written)
        if number not in head:
            written.append(line)
    start = _HEAD.format(name=name, like=other, gap=" " * len(name))
    return start + "\n".join(written).strip("\n") + "\n"


@dataclass(frozen=True)
class _Key:
    """A key of the outermost map: where it stands, and the span of its value in the text."""

    name: str
    line: int
    column: int
    start: int
    end: int
    nested: bool
    after_block: bool  # behind a block of text, whose trailing blank lines may count


def _keys(text: str) -> Iterator[_Key]:
    depth, key, after_block, block = 0, None, False, False
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, NodeEvent) and depth == 1:
            if key is None:
                key, after_block = event, block
            else:
                yield _key(text, key, event, after_block)
                key = None
        if isinstance(event, ScalarEvent):
            block = event.style in ("|", ">")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)


def _key(text: str, key: NodeEvent, value: NodeEvent, after_block: bool) -> _Key:
    assert isinstance(key, ScalarEvent)  # a map or list as a key is refused on reading
    at = key.start_mark.index
    column = at - (text.rfind("\n", 0, at) + 1)
    nested = isinstance(value, CollectionStartEvent)
    span = (value.start_mark.index, value.end_mark.index)
    return _Key(key.value, text.count("\n", 0, at), column, *span, nested, after_block)


def _named(text: str, name: str) -> str:
    """With another name, in quotes where it would read as a number or the like."""
    key = next(key for key in _keys(text) if key.name == "name")
    word = _word(name)
    end = "\n" if text[key.start : key.end].endswith("\n") else ""
    return text[: key.start] + word + end + text[key.end :]


def _word(text: str) -> str:
    plain = re.fullmatch(r"[\w./-]+", text) and value_of(text) == text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _paths(document: Mapping[str, Any]) -> Iterator[str]:
    """The profile files that a scenario or one of its what-ifs names."""
    changes = [change for what_if in document.get("what_if", {}).values() for change in what_if.items()]
    for path, value in (("figures", document.get("figures")), *changes):
        if path.partition(".")[0] == "figures":
            for entry in value if isinstance(value, list) else [value]:
                file = entry.get("file") if isinstance(entry, Mapping) else entry
                if isinstance(file, str):
                    yield file


def _moved(text: str, paths: set[str], there: Path, here: Path) -> str:
    """With paths that start at one folder starting at another."""
    seen = {
        path: Path(os.path.relpath(there / path, here)).as_posix() for path in paths if not Path(path).is_absolute()
    }
    if all((here / path).resolve() == (there / path).resolve() for path in seen):
        return text
    events = [event for event in YAML(typ="safe", pure=True).parse(text) if isinstance(event, ScalarEvent)]
    for event in reversed(events):
        if event.value in seen:
            start, end = event.start_mark.index, event.end_mark.index
            new = seen[event.value]
            text = text[:start] + _word(new if new.startswith(".") else f"./{new}") + text[end:]
    return text


def _head_comments(lines: Sequence[str], keys: Sequence[_Key]) -> set[int]:
    """Lines of comment before the last of the first keys that speak of the whole file."""
    last = 0
    for key in keys:
        if key.name not in _OF_THE_FILE:
            break
        last = key.line
    return {number for number in range(last) if _is_comment(lines[number])}


def _introduction(key: _Key, line: str, before: Sequence[str]) -> list[str]:
    """What a section says, as a comment above it; nothing where it stands there already or there is no line for it."""
    about = _ABOUT.get(key.name)
    if about is None or key.name in _OF_THE_FILE or line[: key.column].strip():
        return []
    comment = f"{line[: key.column]}# {about}"
    above: list[str] = []
    for one in reversed(before):
        if not _is_comment(one):
            break
        above.append(one)
    if comment in above:
        return []
    apart = key.nested and not key.after_block and not above and bool(before) and bool(before[-1].strip())
    return ["", comment] if apart else [comment]


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


_ABOUT = {
    field.alias or name: field.description.replace("``", "`")
    for name, field in Document.model_fields.items()
    if field.description
}
