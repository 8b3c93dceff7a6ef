"""What an architect can say: the vocabulary of scenarios, their language, their library and catalogues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.language.document import json_schema
    from scenarios.loading import library, load, load_text
    from scenarios.scenario import Scenario

__all__ = ["Scenario", "json_schema", "library", "load", "load_text"]

_WHERE = {
    "Scenario": "scenarios.scenario",
    "json_schema": "scenarios.language.document",
    "library": "scenarios.loading",
    "load": "scenarios.loading",
    "load_text": "scenarios.loading",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the language takes a quarter of a second that ``tierwise --help`` does not need."""
    from importlib import import_module

    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
