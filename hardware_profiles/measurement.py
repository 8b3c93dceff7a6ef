"""One measurement: what ran where and how, and what came out. Readers, the bench and the catalogue all speak it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Load = Literal["single_stream", "multi_stream", "server", "offline"]
"""How the work was offered, in MLPerf's words: one execution after the other (a plain benchmark loop), queries of
several samples one after the other, requests at random instants, or everything at once."""

Kind = Literal["measured", "listed", "interpolated", "estimated", "assumed"]


@dataclass(frozen=True)
class Layer:
    """One node of a model's graph, in the order of execution.

    ``output_bytes`` is the size of all it puts out, ``cut_bytes`` what would have to be sent if the model were
    split behind it: every activation made up to here that a later node reads [B]. None where not known.
    """

    name: str
    op: str
    mean_ms: float
    output_bytes: int | None = None
    cut_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured of one configuration.

    Parameters
    ----------
    model, hardware, precision, runtime, unit
        Names as in the catalogue; empty where the source does not say. ``unit`` is the compute unit that did the
        work: CPU, GPU, NPU or TPU.
    batch, input_px, threads
        Inputs per execution [1], edge of the square input [px], threads of one execution [1]; None: not said.
    power_mode
        Where it was not the usual one: ``MaxQ``, ``15 W``.
    load
        How the work was offered; only `single_stream` and `multi_stream` say how long an execution takes.
    mean_ms, quantiles_ms
        Duration of one execution, of the whole batch [ms]; quantiles as (probability, ms), increasing.
    sample_ms
        Every single duration in the order measured [ms], where they were kept.
    runs
        How many executions stand behind the figures.
    per_s, tokens_per_s, first_token_ms
        Inputs per second; tokens per second while generating; time until the first token [ms].
    power_w, energy_mj, memory_mb
        Mean draw while measuring [W], energy per input [mJ], peak memory [MB].
    layers
        Time and activations node by node, where they were taken.
    kind, conditions, source, date
        How it is known, what else was the case, where it is from, and of when.
    """

    model: str = ""
    hardware: str = ""
    precision: str = ""
    runtime: str = ""
    unit: str = ""
    batch: int = 1
    input_px: int | None = None
    threads: int | None = None
    power_mode: str = ""
    load: Load = "single_stream"
    mean_ms: float | None = None
    quantiles_ms: tuple[tuple[float, float], ...] = ()
    sample_ms: tuple[float, ...] = ()
    runs: int | None = None
    per_s: float | None = None
    tokens_per_s: float | None = None
    first_token_ms: float | None = None
    power_w: float | None = None
    energy_mj: float | None = None
    memory_mb: float | None = None
    layers: tuple[Layer, ...] = ()
    kind: Kind = "measured"
    conditions: str = ""
    source: str = ""
    date: str = ""


# Dense where tails are read off; a probability counts only if at least one duration of the sample lies beyond it.
_KEPT = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999)


def quantiles_of(sample_ms: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The quantiles that a sample of durations supports, as (probability, ms), increasing.

    Between two order statistics they lie on a straight line (type 7 of Hyndman & Fan 1996, numpy's default).
    Raises ValueError for an empty sample.
    """
    if not sample_ms:
        raise ValueError("a sample needs at least one duration")
    ordered = sorted(sample_ms)
    n = len(ordered)
    kept = [p for p in _KEPT if n * min(p, 1 - p) >= 1] or [0.5]
    return tuple((p, _quantile(ordered, p)) for p in kept)


def _quantile(ordered: Sequence[float], p: float) -> float:
    at = (len(ordered) - 1) * p
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def ran(precision: str, runtime: str, unit: str) -> str:
    """How something ran, as far as it is said: ``fp16 tensorrt on the GPU``."""
    return " ".join(word for word in (precision, runtime, unit and f"on the {unit}") if word)
