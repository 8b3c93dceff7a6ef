"""One name per model, hardware and precision, whatever a source or a user calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from hardware_profiles.tables import rows

# Quantised weights and activations are int8 to everyone but Qualcomm; its "float" runs as fp16 on the NPU.
_PRECISIONS = {
    "fp32": ("float32", "single"),
    "fp16": ("float16", "half", "float"),
    "int8": ("w8a8", "uint8"),
    "w8a16": (),
}


@dataclass(frozen=True)
class Model:
    """What a model is. ``input_px`` is the edge of its usual square input [px]."""

    name: str
    family: str
    task: str
    parameters: int
    input_px: int


def canonical_model(name: str) -> str | None:
    """Our name of a model: ``YOLOv8_det`` is ``yolov8n``; None if the catalogue does not know it."""
    return _names("models").get(_key(name))


def canonical_hardware(name: str) -> str | None:
    """Our name of a piece of hardware: ``Jetson AGX Orin`` is ``jetson-agx-orin-64gb``; None if unknown."""
    return _names("devices").get(_key(name))


def canonical_precision(name: str) -> str | None:
    """Our name of a precision: ``w8a8`` is ``int8``, ``float`` is ``fp16``; None if unknown."""
    spellings = {_key(s): ours for ours, aliases in _PRECISIONS.items() for s in (ours, *aliases)}
    return spellings.get(_key(name))


def known_models() -> tuple[str, ...]:
    """All models of the catalogue, in its order."""
    return tuple(row["name"] for row in rows("models"))


def known_hardware() -> tuple[str, ...]:
    """All hardware of the catalogue, in its order, also such that nothing was measured on."""
    return tuple(row["name"] for row in rows("devices"))


def aliases(table: str, name: str) -> tuple[str, ...]:
    """The other spellings of a canonical name in ``models`` or ``devices``."""
    return next(_split(row["aliases"]) for row in rows(table) if row["name"] == name)


@lru_cache
def model(name: str) -> Model:
    """The model of a canonical name."""
    row = next(row for row in rows("models") if row["name"] == name)
    return Model(row["name"], row["family"], row["task"], int(row["parameters"]), int(row["input_px"]))


@lru_cache
def _names(table: str) -> dict[str, str]:
    return {_key(s): row["name"] for row in rows(table) for s in (row["name"], *_split(row["aliases"]))}


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())
