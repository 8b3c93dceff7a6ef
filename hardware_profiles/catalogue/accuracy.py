"""How good a model's answers are in one precision: always with the metric and the data set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hardware_profiles.catalogue.tables import Row, rows_of
from hardware_profiles.catalogue.vocabulary import FLOATING


@dataclass(frozen=True)
class AccuracyRow:
    """A published accuracy.

    Parameters
    ----------
    value : float
        Fraction in [0, 1] of ``measure``.
    measure
        Metric and data set, one spelling each: ``mAP50-95 on COCO val2017``, ``top-1 on ImageNet``.
    images
        How many samples of the data set were answered, None where the source does not say; ``whole`` says whether
        that is known to be all of them.
    runtime, hardware
        What it was measured with, which need not be what it is quoted for. Without hardware: the model as trained.
    """

    model: str
    precision: str
    runtime: str
    hardware: str
    value: float
    measure: str
    images: int | None
    whole: bool
    source: str
    date: str
    conditions: str

    @property
    def where(self) -> str:
        """Which measurement this is: ``int8 tflite on samsung-galaxy-s25, 300 pictures``."""
        how = " ".join(word for word in (self.precision, self.runtime) if word)
        place = f" on {self.hardware}" if self.hardware else " as trained"
        answered = f"{self.images} pictures" if self.images else "how much of the data set is not said"
        return f"{how}{place}" if self.whole else f"{how}{place}, {answered}"


# Pictures in the whole set that such figures are taken on: the validation set, of OpenImages the part MLPerf uses.
_WHOLE = {
    "ADE20K": 2_000,
    "Cityscapes": 500,
    "COCO val2017": 5_000,
    "ImageNet": 50_000,
    "OpenImages (MLPerf)": 24_781,
    "Pascal VOC": 1_449,
}


@cache
def accuracies(model: str, precision: str, runtime: str, hardware: str) -> tuple[AccuracyRow, ...]:
    """All accuracies that hold for a model in a precision (canonical names), the most applicable first.

    That is: the same runtime before another one (floating point only), then the same hardware, then the whole data
    set before a part of it, then the newer one. What a quantised model still knows depends on the tool that
    quantised it, so such a figure never crosses runtimes. Last of all, and for floating point only, the model as it
    was trained. Empty if nobody measured any.
    """
    floating = precision in FLOATING
    found = [row for row in _rows(model, precision) if row.hardware and (floating or row.runtime == runtime)]
    if floating:
        found += [row for trained in FLOATING for row in _rows(model, trained) if not row.hardware]
    found.sort(key=lambda row: row.date, reverse=True)
    found.sort(key=lambda row: (not row.hardware, row.runtime != runtime, row.hardware != hardware, not row.whole))
    return tuple(found)


@cache
def _rows(model: str, precision: str) -> tuple[AccuracyRow, ...]:
    return tuple(map(_row, rows_of("accuracy", "model", "precision").get((model, precision), ())))


def _row(row: Row) -> AccuracyRow:
    images = int(row["images"]) if row["images"] else None
    return AccuracyRow(
        model=row["model"],
        precision=row["precision"],
        runtime=row["runtime"],
        hardware=row["hardware"],
        value=float(row["value"]),
        measure=f"{row['metric']} on {row['dataset']}",
        images=images,
        whole=images is not None and images == _WHOLE.get(row["dataset"]),
        source=row["source"],
        date=row["date"],
        conditions=row["conditions"],
    )
