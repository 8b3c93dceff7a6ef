"""The user's own measurements and assumptions."""

from __future__ import annotations

from hardware_profiles import ServiceTime, canonical_precision
from scenarios.language.document import Document
from scenarios.language.figures import FigureText
from scenarios.language.times import service
from scenarios.resolving.estimated import estimate_of
from scenarios.resolving.profile_files import figures_of
from scenarios.source import Source
from scenarios.user_figures import FigureFile, UserFigure

_SHOWN = ("p50", "p90", "p95", "p99", "time", "overhead")


def figures(document: Document, source: Source, files: tuple[FigureFile, ...]) -> tuple[UserFigure, ...]:
    """Every time of ``figures:``: typed, from profile files, then estimated; what is no time is listed as not yet."""
    typed = tuple(
        _figure(number, text, source)
        for number, text in enumerate(document.figures)
        if text.time or text.quantiles() or text.overhead is not None
    )
    known = (*typed, *figures_of(document, source, files))
    asked = ((number, text) for number, text in enumerate(document.figures) if text.kind == "estimated")
    estimates = (estimate_of(number, text, known, source) for number, text in asked)
    return (*known, *(one for one in estimates if one is not None))


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
