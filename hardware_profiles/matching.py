"""What the words of a user mean: names of models and hardware as people write them, else words those hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache

from hardware_profiles.catalogue.devices import profiled_as
from hardware_profiles.catalogue.identity import (
    aliases,
    canonical_hardware,
    canonical_model,
    canonical_precision,
    canonical_runtime,
    known_hardware,
    known_models,
)
from hardware_profiles.catalogue.tables import COLUMNS, measured_pairs, rows_of
from hardware_profiles.catalogue.vocabulary import UNITS

WAY = ("precision", "runtime", "unit", "load", "power_mode")
"""Columns that tell in which way something ran."""

_TOKEN = re.compile(r"[a-z0-9]+(?:(?<=[0-9])\.[0-9]+[a-z0-9]*)*")  # a dot within a number belongs to it: 0.25
_FILE = re.compile(r"\.(pt|pth|onnx|tflite|engine|plan|xml|bin|gguf|safetensors|mlpackage|dlc)$")
_LONGEST = 8  # words of a name
_SHORTEST = 3  # letters of a word that may stand for the beginning of a longer one
_ALIKE = 0.8

_EXACT, _WHOLE_ALIAS, _NAME_BEGINS, _NAME_HOLDS, _TOLD, _BEGUN = 0, 1, 2, 3, 4, 6


@dataclass(frozen=True)
class Part:
    """Words of a pattern that stand for one thing: a model, a piece of hardware, a way of running, or themselves.

    Parameters
    ----------
    text
        As written, in small letters.
    model, hardware
        The canonical name that it is a spelling of; then it means nothing else.
    how
        A precision, runtime or compute unit that it is a spelling of.
    """

    text: str
    model: str = ""
    hardware: str = ""
    how: str = ""

    def of_model(self, name: str) -> int | None:
        """How well it fits a canonical model: 0 is its name, more is less; None: not at all. A part of one counts."""
        if self.model or self.hardware:
            return _EXACT if self.model and (name == self.model or name.startswith(f"{self.model}.")) else None
        return _fit(self.text, "models", name)

    def of_hardware(self, name: str) -> int | None:
        """The same of hardware. A server counts as the card inside it."""
        if self.model or self.hardware:
            return _EXACT if self.hardware and name in (self.hardware, profiled_as(self.hardware)) else None
        return _fit(self.text, "devices", name)

    def of_way(self, said: str) -> bool:
        """Whether it is held by what is said of precision, runtime, unit, load and power mode."""
        return not self.model and not self.hardware and _held(self.how or self.text, _runs(said)) is not None


def readings(pattern: str) -> Iterator[tuple[Part, ...]]:
    """The parts of a pattern: the longest names and phrases that the catalogue knows; then each word for itself."""
    words = pattern.lower().replace(",", " ").split()
    yield from dict.fromkeys((tuple(_parts(words, _LONGEST)), tuple(_parts(words, 1))))


def unknown(pattern: str) -> list[str]:
    """What of a pattern the catalogue holds nowhere."""
    return [part.text for part in next(readings(pattern)) if not _means_something(part) and not is_way(part)]


def named(pattern: str) -> list[str]:
    """The models and hardware that a pattern names."""
    return [part.model or part.hardware for part in next(readings(pattern)) if part.model or part.hardware]


def meant(pattern: str) -> list[str]:
    """Known names that are nearly what nothing is called: the same words, or a slip of the pen in letters."""
    parts = next(readings(pattern))
    loose = [part.text for part in parts if not part.model and not part.hardware and not part.how]
    known = {_key(name): name for name in (*known_models(), *known_hardware())}
    found: dict[str, None] = {}
    for text in dict.fromkeys((" ".join(loose), *unknown(pattern))):
        tokens = set(_tokens(text))
        same = [name for name in known.values() if len(tokens) > 1 and tokens <= set(_tokens(name))]
        alike = {key: name for key, name in known.items() if _numbers(key) == _numbers(_key(text))}
        near = [alike[key] for key in get_close_matches(_key(text), alike, n=1, cutoff=_ALIKE)]
        found |= dict.fromkeys((*sorted(same, key=len)[:3], *near))
    return list(found)


def is_held(pattern: str, text: str) -> bool:
    """Whether a text holds every word of a pattern, in whatever spelling the catalogue knows."""
    runs = _runs(text)
    parts = next(readings(pattern))
    by_name = all(_held(part.model or part.hardware or part.how or part.text, runs) is not None for part in parts)
    return by_name or all(_held(word, runs) is not None for word in pattern.lower().split())


def _parts(words: Sequence[str], longest: int) -> Iterator[Part]:
    start = 0
    while start < len(words):
        ends = range(min(len(words), start + longest), start, -1)
        spans = ((end, _part(" ".join(words[start:end]))) for end in ends)
        end, part = next((end, part) for end, part in spans if end == start + 1 or _means_something(part))
        yield part
        start = end


@lru_cache(maxsize=1024)
def _part(text: str) -> Part:
    name = _FILE.sub("", text)
    if model := _called("models", name):
        return Part(text, model=model)
    if hardware := _called("devices", name):
        return Part(text, hardware=hardware)
    units = {unit.lower(): unit.lower() for unit in UNITS}
    return Part(text, how=canonical_precision(text) or canonical_runtime(text) or units.get(text, ""))


def _means_something(part: Part) -> bool:
    return bool(part.model or part.hardware or part.how) or _is_in_names(part)


def _is_in_names(part: Part) -> bool:
    models, places = map(part.of_model, known_models()), map(part.of_hardware, known_hardware())
    return any(fit is not None for fits in (models, places) for fit in fits)


@lru_cache(maxsize=1024)
def is_way(part: Part) -> bool:
    """Whether anything ran in a way that is called so."""
    return any(map(part.of_way, _ways()))


@cache
def _ways() -> frozenset[str]:
    """All ways in which something ran, as `Part.of_way` takes them."""
    at = [COLUMNS.index(column) for column in WAY]
    return frozenset(" ".join(line[i] for i in at) for lines in measured_pairs().values() for line in lines)


def _called(table: str, text: str) -> str:
    """The one thing that is called so; an alias with which others begin, such as `resnet`, means them all."""
    name = canonical_model(text) if table == "models" else canonical_hardware(text)
    if name is None:
        return ""
    key = _key(text)
    begins = any(known.startswith(key) and not owner.startswith(name) for known, owner in _spellings(table))
    return name if key == _key(name) or not begins else ""


@cache
def _spellings(table: str) -> tuple[tuple[str, str], ...]:
    names = known_models() if table == "models" else known_hardware()
    return tuple((_key(spelling), name) for name in names for spelling in (name, *aliases(table, name)))


@lru_cache(maxsize=100_000)
def _fit(text: str, table: str, name: str) -> int | None:
    own, others, told = _texts(table, name)
    begins = _held(text, own[:1])
    fits = [
        _WHOLE_ALIAS if _key(text) in {_key(alias) for alias in aliases(table, name)} else None,
        None if begins is None else _NAME_BEGINS,
        _at(_NAME_HOLDS, _held(text, own)),
        _at(_NAME_HOLDS, _held(text, others)),
        _at(_TOLD, _held(text, told)),
    ]
    return min((fit for fit in fits if fit is not None), default=None)


def _at(level: int, whole: bool | None) -> int | None:
    return None if whole is None else level if whole else level + _BEGUN


_Run = tuple[str, frozenset[int]]


@cache
def _texts(table: str, name: str) -> tuple[tuple[_Run, ...], tuple[_Run, ...], tuple[_Run, ...]]:
    """Of a model or device: its name, its other spellings, and what else is told of it."""
    (row,) = rows_of(table, "name")[(name,)]
    told = (row["task"], row["family"]) if table == "models" else (row["kind"], row["about"])
    return _runs(name), _runs(*aliases(table, name)), _runs(*told)


@lru_cache(maxsize=20_000)
def _runs(*texts: str) -> tuple[_Run, ...]:
    """Every end of the texts from one of their words on, written as one, and where its words end."""
    found = []
    for text in texts:
        tokens = _tokens(text)
        for start in range(len(tokens)):
            ends, length = set(), 0
            for token in tokens[start:]:
                length += len(token)
                ends.add(length)
            found.append(("".join(tokens[start:]), frozenset(ends)))
    return tuple(found)


def _held(text: str, runs: Iterable[_Run]) -> bool | None:
    """True where words stand there whole, False where the last is the beginning of one, None where neither.

    Numbers stand there whole: `5` is not in `50` or `0.25`, and `llama 3` not in `llama-3.1`.
    """
    tokens = _tokens(text)
    key = "".join(tokens)
    if not key:
        return None
    begun = None
    for run, ends in runs:
        if run.startswith(key):
            if len(key) in ends:
                return True
            cuts_number = key[-1].isdigit() and run[len(key)] in "0123456789."
            if len(tokens[-1]) >= _SHORTEST and not cuts_number:
                begun = False
    return begun


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _key(text: str) -> str:
    return "".join(_tokens(text))


def _numbers(text: str) -> list[str]:
    return re.findall(r"[0-9.]+", text)
