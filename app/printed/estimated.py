"""An estimate as lines of text, and as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.printed.lines import hanging, labelled, paragraph
from hardware_profiles.estimates import in_ms
from hardware_profiles.lookup import look_up
from hardware_profiles.measurement import ran

if TYPE_CHECKING:
    from hardware_profiles.estimates import Estimate
    from hardware_profiles.profile import Profile

_SAID = ("model", "hardware", "precision", "runtime", "unit", "threads", "input_px", "mean_ms", "source", "date")
_LEFT_OUT = ("superseded", "layers", "sample_ms", "similar")


def estimate_lines(found: Estimate) -> list[str]:
    """The time with its error bar, how it was made, and the line that puts it into a scenario.

    A scenario takes no estimate where somebody measured the pair in that precision: then there is no such line.
    """
    how = ran(found.precision, found.runtime, found.unit)
    size = f", input_size: {found.input_px} px" if found.input_px else ""
    entry = f"{{model: {found.model}, hardware: {found.hardware}, precision: {found.precision}{size}, kind: estimated}}"
    mean, low, high = map(in_ms, (found.mean_ms, found.low_ms, found.high_ms))
    measured = look_up(found.model, found.hardware, precision=found.precision, input_px=found.input_px)
    return [
        *hanging(f"{found.model} on {found.hardware}, {how}: {_known(found, measured)}"),
        labelled("about", f"{mean}, between {low} and {high} nine times in ten"),
        *paragraph("how", found.method, 8),
        *([] if measured else paragraph("use it", f"figures: [{entry}]", 8)),
    ]


def _known(found: Estimate, measured: Sequence[Profile]) -> str:
    """``measured 6.1 ms (2026-02-24); the estimate below ignores it``; measured in another runtime, which one."""
    same = [one for one in measured if one.runtime == found.runtime]
    for one in (*same, *measured):
        where = "measured" if same else f"nobody measured this, but with {one.runtime}"
        return f"{where} {in_ms(one.mean_ms)} ({one.date}); the estimate below ignores it"
    return "nobody measured this"


def estimate_document(found: Estimate) -> dict[str, Any]:
    """For ``--estimate --json``; of each similar model what was measured of it, not all that is known."""
    told = {name: value for name, value in asdict(found).items() if name not in _LEFT_OUT}
    return {**told, "similar": [_said(one) for one in found.similar]}


def _said(one: Profile) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _SAID}
