"""Charts as SVG text, functions of numbers and tables."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#010203"  # stands for the colour of the page's text and is replaced by it
_BAR = "#2f7dc4"
_BINS = 80


def response_chart(
    response_ms: npt.NDArray[np.float64], limit_ms: float | None = None, percentile: float | None = None
) -> str:
    """Distribution of response times with the limit and the measured percentile drawn.

    Parameters
    ----------
    response_ms
        Of every request [ms]; what was never answered (infinite) is counted in a note.
    limit_ms, percentile
        The requirement: this fraction of the requests within so many milliseconds; ``None`` without one.
    """
    from matplotlib.figure import Figure

    answered = response_ms[np.isfinite(response_ms)]
    figure = Figure(figsize=(7.2, 2.8), layout="constrained")
    axes = figure.subplots()
    if len(answered):
        # the last thousandth would squeeze everything else to the left
        right = max(float(np.quantile(answered, 0.999)) * 1.05, (limit_ms or 0.0) * 1.1)
        counts, edges = np.histogram(answered, _BINS, (0.0, right))
        axes.stairs(counts * (100 / len(response_ms)), edges, fill=True, color=_BAR, alpha=0.75)
        axes.set_xlim(0.0, right)
        top = axes.get_ylim()[1] * 1.25
        axes.set_ylim(0.0, top)
        if percentile is not None:
            at = float(np.quantile(response_ms, percentile, method="inverted_cdf"))
            if np.isfinite(at):
                _mark(axes, at, f"p{percentile * 100:g} {at:.3g} ms", ":", top * 0.86)
        if limit_ms is not None:
            _mark(axes, limit_ms, f"limit {limit_ms:g} ms", "-", top * 0.95)
    axes.set_xlabel("response time [ms]")
    axes.set_ylabel("requests [%]")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    _ink(axes)
    return _svg(figure)


def _mark(axes: Axes, x: float, text: str, style: str, y: float) -> None:
    axes.axvline(x, color=_INK, linestyle=style, linewidth=1.6)
    beyond = x > axes.get_xlim()[1] * 0.75
    axes.annotate(
        text,
        (x, y),
        xytext=(-5 if beyond else 5, 0),
        textcoords="offset points",
        ha="right" if beyond else "left",
        va="top",
        color=_INK,
        fontsize=9,
    )


def _ink(axes: Axes) -> None:
    axes.tick_params(colors=_INK, labelsize=9)
    for part in (axes.xaxis.label, axes.yaxis.label):
        part.set_color(_INK)
    for spine in axes.spines.values():
        spine.set_color(_INK)


def _svg(figure: Figure) -> str:
    """Only the ``svg`` element, in the colour of the text around it, with nothing that points elsewhere."""
    from matplotlib import rc_context

    out = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tierwise"}):
        figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' id="[a-z.\d]+_\d+"', "", text)  # two charts in one page must not share names
    return text.replace(_INK, "currentColor").replace("<svg ", '<svg role="img" ', 1)
