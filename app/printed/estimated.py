"""An estimate as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.printed.lines import labelled, paragraph
from hardware_profiles.estimates import in_ms
from hardware_profiles.lookup import look_up

if TYPE_CHECKING:
    from hardware_profiles.estimates import Estimate


def estimate_lines(found: Estimate) -> list[str]:
    """The time with its error bar, how it was made, and the line that puts it into a scenario."""
    how = " ".join(word for word in (found.precision, found.runtime, found.unit and f"on the {found.unit}") if word)
    size = f", input_size: {found.input_px} px" if found.input_px else ""
    entry = f"{{model: {found.model}, hardware: {found.hardware}, precision: {found.precision}{size}, kind: estimated}}"
    mean, low, high = map(in_ms, (found.mean_ms, found.low_ms, found.high_ms))
    measured = look_up(found.model, found.hardware, precision=found.precision, runtime=found.runtime)
    known = f"measured {in_ms(measured[0].mean_ms)} ({measured[0].date}), which does not count here" if measured else ""
    return [
        f"{found.model} on {found.hardware}, {how}: {known or 'nobody measured this'}",
        labelled("about", f"{mean}, between {low} and {high} nine times in ten"),
        *paragraph("how", found.method, 8),
        *paragraph("use it", f"figures: [{entry}]", 8),
    ]
