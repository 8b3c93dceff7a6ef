"""The user's own measurements and assumptions."""

from __future__ import annotations

from hardware_profiles import ServiceTime, canonical_precision
from scenarios.language.document import Document
from scenarios.language.figures import FigureText
from scenarios.language.times import service
from scenarios.source import Source
from scenarios.variants import UserFigure

_SHOWN = ("p50", "p90", "p95", "p99", "time", "overhead")


def figures(document: Document, source: Source) -> tuple[UserFigure, ...]:
    """Every entry of ``figures:`` that states a time; the others are listed as not yet."""
    return tuple(
        _figure(number, text, source)
        for number, text in enumerate(document.figures)
        if text.time or text.quantiles() or text.overhead is not None
    )


def _figure(number: int, text: FigureText, source: Source) -> UserFigure:
    written = source.tree["figures"][number]
    shown = ", ".join(f"{key} {written[key]}" for key in _SHOWN if key in written)
    path = f"figures.{number}"
    stated = None if text.overhead is not None else _service(text)
    if text.task == "overhead":
        assert stated is not None
        overhead: float | None = stated.mean_s
        stated = None
    else:
        overhead = text.overhead
    return UserFigure(
        model=text.model,
        offer=text.offer,
        hardware=text.hardware,
        precision=canonical_precision(text.precision) or text.precision if text.precision else None,
        service=stated,
        overhead_s=overhead,
        kind="assumed" if text.kind == "assumed" else "yours",
        why=text.why or (source.tree.get("sources") or {}).get(path, ""),
        path=path,
        text=shown,
    )


def _service(text: FigureText) -> ServiceTime:
    return text.time.service() if text.time else service(None, None, None, None, text.quantiles())
