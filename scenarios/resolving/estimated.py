"""Times that nobody measured and that the scenario asks to have estimated."""

from __future__ import annotations

from functools import lru_cache

from hardware_profiles import BadInput, Estimate, canonical_precision, estimate, profiles
from hardware_profiles.estimates import in_ms
from scenarios.language.figures import FigureText
from scenarios.source import Source
from scenarios.user_figures import UserFigure, names_of, size_of
from scenarios.variants import card_of


def estimate_of(number: int, text: FigureText, known: tuple[UserFigure, ...], source: Source) -> UserFigure | None:
    """The figure that an entry asks for, with its error bar; None where somebody measured it, which counts instead.

    A fault where it cannot be estimated. ``known`` are the user's own figures.
    """
    assert text.model is not None
    assert text.hardware is not None
    precision = (canonical_precision(text.precision) or text.precision) if text.precision else None
    size = size_of(known, text.model, int(text.input_size) if text.input_size is not None else None)
    card = card_of(text.hardware)
    if _measured(text.model, text.hardware, card, precision, size, known):
        return None
    try:
        found = _estimate(text.model, card, precision, size, text.macs)
    except BadInput as bad:
        first = bad.faults[0]
        source.wrong(("figures", number), first.found, first.expected, [first.nearest] if first.nearest else (), "")
        return None
    low, high = in_ms(found.low_ms).removesuffix(" ms"), in_ms(found.high_ms)
    told = (found.method.rstrip("."), f"nine of ten such estimates are right within {low} to {high}", text.why)
    return UserFigure(
        model=text.model,
        offer=None,
        hardware=text.hardware,
        precision=found.precision or None,
        service=found.service,
        overhead_s=None,
        kind="estimated",
        why="; ".join(part for part in told if part),
        path=f"figures.{number}",
        text=f"{in_ms(found.mean_ms)}, {low} to {high} (90 %)",
        runtime=found.runtime,
        unit=found.unit,
        threads=found.threads,
        input_px=size,
        date=found.date,
        spread=found.spread,
        accuracy=found.accuracy,
        bar_s=(found.low_ms / 1e3, found.high_ms / 1e3),
    )


def _measured(
    model: str, hardware: str, card: str, precision: str | None, size: int | None, known: tuple[UserFigure, ...]
) -> bool:
    own = (
        figure.precision
        for figure in known
        if figure.service is not None
        and figure.of(model)
        and figure.at(size)
        and any(figure.on(name) for name in names_of(hardware, card))
    )
    found = {*own, *(profile.precision for profile in profiles(model, card, input_px=size))}
    return bool(found) if precision is None else bool(found & {precision, None})


@lru_cache(maxsize=256)
def _estimate(model: str, hardware: str, precision: str | None, input_px: int | None, macs: float | None) -> Estimate:
    return estimate(model, hardware, precision=precision, input_px=input_px, macs=macs)
