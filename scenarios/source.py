"""The text of a scenario after its changes, and everything found wrong with it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hardware_profiles.faults import BadInput, Fault, closest
from hardware_profiles.recording import Recording
from scenarios.language.document import Document
from scenarios.language.shape import Judged, Later, Shape, StandIn, quoted
from scenarios.language.walk import described, example_at, keys_at, literals_at
from scenarios.scenario import JudgedPart, NotYet
from scenarios.user_figures import FigureFile
from scenarios.yaml_text import Path

_Mark = TypeVar("_Mark", Judged, Later)


@dataclass
class Source:
    """A plain tree with the line of everything in it; faults are gathered and raised together.

    ``folder`` is where the paths in it start, None for a text that came without one. ``files`` holds the profile files
    that were read already, by their paths, and ``recordings`` the columns of traces, by path and name: what was read
    once stays as it was.
    """

    tree: Mapping[str, Any]
    lines: Mapping[Path, int]
    file: str
    folder: FilePath | None = None
    files: dict[str, FigureFile] = field(default_factory=dict)
    recordings: dict[tuple[str, str], Recording] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    text: Mapping[str, Any] = field(init=False)  # the tree as it came
    gone: list[Path] = field(default_factory=list)  # mended or taken out because it was wrong

    def __post_init__(self) -> None:
        self.text = self.tree

    def wrong(
        self, loc: Sequence[str | int], found: str, expected: str, known: Iterable[str] = (), like: str = ""
    ) -> None:
        """Note a fault; ``known`` are the valid names, the nearest to ``like`` is offered."""
        path = written(self.text, loc)
        if any(path == gone[: len(path)] or gone == path[: len(gone)] for gone in self.gone):
            return  # a consequence of a fault that is noted already
        near = closest(like, known) if like else ""
        self.faults.append(Fault(".".join(map(str, path)), found, expected, self.file, self.line(path), near))

    def unknown(self, loc: Sequence[str | int], what: str, name: str, known: Iterable[str]) -> None:
        """Note a name that means nothing."""
        if any(name == gone[-1] for gone in self.gone):
            return  # it is there, but wrong
        names = list(known)
        listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        self.wrong(loc, f"`{name}`", f"{what}: {listed}" if names else f"{what}, of which there is none", names, name)

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of a path, or of the nearest thing around it that the file holds."""
        for end in range(len(path), 0, -1):
            if (found := self.lines.get(tuple(path[:end]))) is not None:
                return found
        return None

    def check(self) -> None:
        """Raise everything that was found wrong, in the order of the lines."""
        if self.faults:
            raise BadInput(dict.fromkeys(sorted(self.faults, key=lambda fault: fault.line or 0)))

    def document(self) -> Document:
        """The tree as the shapes of the language.

        What does not fit is noted and mended in the tree, so that the rest can be checked too. Raises BadInput where
        too little is left for that.
        """
        while True:
            try:
                return Document.model_validate(self.tree)
            except ValidationError as problem:
                errors = problem.errors(include_url=False)
            for error in errors:
                self._note(error)
            before, self.tree = self.tree, copy.deepcopy(dict(self.tree))
            for error in sorted(errors, key=lambda error: str(error["loc"]), reverse=True):  # of a list the last first
                self._mend(error, written(before, error["loc"]))
            if self.tree == before:
                self.check()

    def _mend(self, error: ErrorDetails, path: Path) -> None:
        """Put something in place of what is wrong; where that does not fit either, take it out."""
        again = path in self.gone
        self.gone.append(path)
        words = literals_at(error["loc"]) if error["type"] in ("literal_error", "missing") else ()
        if error["type"] == "extra_forbidden" or (again and error["type"] != "missing"):
            _put(self.tree, path, None)
        elif again:
            self.gone.append(path[:-1])
            _put(self.tree, path[:-1], None)
        else:
            _put(self.tree, path, words[0] if words else StandIn("?"))

    def _note(self, error: ErrorDetails) -> None:
        loc, value, context = error["loc"], error.get("input"), error.get("ctx", {})
        match error["type"]:
            case "fault":
                self.wrong(loc, context["found"], context["expected"])
            case "extra_forbidden":
                keys = sorted(keys_at(loc[:-1]))
                listed = f"one of {', '.join(keys)}{example_at(loc[:-1])}"
                self.wrong(loc, f"the unknown key `{loc[-1]}`", listed, keys, str(loc[-1]))
            case "missing":
                self.wrong(loc, "nothing", f"`{loc[-1]}`{described(loc)}")
            case "literal_error":
                words = [str(word) for word in literals_at(loc)]
                self.wrong(loc, quoted(value), context["expected"].replace("'", ""), words, str(value))
            case kind:
                self.wrong(loc, quoted(value), EXPECTED.get(kind, error["msg"].lower()))

    def not_yet(self, document: Document) -> list[NotYet]:
        """The keys of the document that this version keeps but does not plan or simulate."""
        return [
            NotYet(".".join(map(str, written(self.tree, loc))), later.what, later.planned, later.simulated)
            for loc, later in _marked(document, (), Later)
        ]

    def judged(self, document: Document) -> list[JudgedPart]:
        """The keys of the document that only a simulation judges."""
        return [
            JudgedPart(".".join(map(str, written(self.tree, loc))), mark.what)
            for loc, mark in _marked(document, (), Judged)
        ]


EXPECTED = {
    "model_type": "a map",
    "dict_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "too_short": "at least one",
}


def written(tree: Any, loc: Sequence[str | int]) -> Path:
    """The path as the user wrote it: shapes gather keys that the text has side by side."""
    path: list[str | int] = []
    here = tree
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        if isinstance(here, Mapping) and part in here:
            path.append(part)
            here = here[part]
        elif isinstance(here, Mapping) and f"hardware.{part}" in here:
            path.append(f"hardware.{part}")
            here = here[f"hardware.{part}"]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            path.append(part)
            here = here[part]
        elif last and isinstance(here, Mapping) and part:
            path.append(part)
    return tuple(path)


def _put(tree: Any, path: Path, value: Any) -> None:
    """Replace what stands at a path; ``None`` removes it."""
    if not path:
        return
    here = tree
    for part in path[:-1]:
        if not (part in here if isinstance(here, Mapping) else isinstance(part, int) and part < len(here)):
            return  # gone with something around it
        here = here[part]
    last = path[-1]
    if value is not None and isinstance(here, (dict, list)):
        here[last] = value  # type: ignore[index]
    elif isinstance(here, dict):
        here.pop(last, None)
    elif isinstance(here, list) and isinstance(last, int) and last < len(here):
        del here[last]


def _marked(value: Any, loc: Path, kind: type[_Mark]) -> Iterator[tuple[Path, _Mark]]:
    if isinstance(value, Shape):
        for name in sorted(value.model_fields_set, key=list(type(value).model_fields).index):
            about = type(value).model_fields[name]
            inner, here = getattr(value, name), (*loc, about.alias or name)
            marks = [mark for mark in about.metadata if isinstance(mark, kind)]
            if marks and inner is not None and inner is not False:
                yield here, marks[0]
            elif not marks:
                yield from _marked(inner, here, kind)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _marked(inner, (*loc, key), kind)
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from _marked(inner, (*loc, number), kind)
