"""One name per model, hardware, precision and runtime, whatever a source or a user calls it."""

from __future__ import annotations

import re
from functools import lru_cache

from hardware_profiles.catalogue.tables import rows, rows_of
from hardware_profiles.catalogue.vocabulary import PRECISIONS, RUNTIMES, Spellings


def canonical_model(name: str) -> str | None:
    """Our name of a model: ``YOLOv8_det`` is ``yolov8n``; None if the catalogue does not know it."""
    return _names("models").get(_key(name))


def canonical_hardware(name: str) -> str | None:
    """Our name of a piece of hardware: ``Jetson AGX Orin`` is ``jetson-agx-orin-64gb``; None if unknown."""
    return _names("devices").get(_key(name))


def canonical_precision(name: str) -> str | None:
    """Our name of a precision: ``w8a8`` is ``int8``, ``float`` is ``fp16``; None if unknown."""
    return _PRECISIONS.get(_key(name))


def canonical_runtime(name: str) -> str | None:
    """Our name of a runtime, without version: ``TRT`` is ``tensorrt``; None if unknown."""
    return _RUNTIMES.get(_key(name))


def known_models() -> tuple[str, ...]:
    """All models of the catalogue, in its order."""
    return tuple(row["name"] for row in rows("models"))


def known_hardware() -> tuple[str, ...]:
    """All hardware of the catalogue, in its order, also such that nothing was measured on."""
    return tuple(row["name"] for row in rows("devices"))


def aliases(table: str, name: str) -> tuple[str, ...]:
    """The other spellings of a canonical name in ``models`` or ``devices``."""
    (row,) = rows_of(table, "name")[(name,)]
    return _split(row["aliases"])


@lru_cache
def _names(table: str) -> dict[str, str]:
    return {_key(s): row["name"] for row in rows(table) for s in (row["name"], *_split(row["aliases"]))}


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def _by_key(words: Spellings) -> dict[str, str]:
    return {_key(s): ours for ours, others in words.items() for s in (ours, *others)}


_PRECISIONS, _RUNTIMES = _by_key(PRECISIONS), _by_key(RUNTIMES)
