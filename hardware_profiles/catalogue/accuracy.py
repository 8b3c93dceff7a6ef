"""How good a model's answers are in one precision: always with the metric and the data set."""

from __future__ import annotations

from dataclasses import dataclass

from hardware_profiles.tables import Row, rows


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
        How many pictures of the data set were answered; ``whole`` says whether that is all of them.
    runtime, hardware
        What it was measured with, which need not be what it is quoted for.
    """

    model: str
    precision: str
    runtime: str
    hardware: str
    value: float
    measure: str
    images: int
    whole: bool
    source: str
    date: str
    conditions: str

    @property
    def where(self) -> str:
        """Which measurement this is: ``int8 tflite on samsung-galaxy-s25, 300 pictures``."""
        pictures = "" if self.whole else f", {self.images} pictures"
        return f"{self.precision} {self.runtime} on {self.hardware}{pictures}"


# What a quantised model still knows depends on the tool that quantised it, so such a figure never crosses runtimes
# (the Jetson guide's subset scores of yolo11n in int8 range from half the float score to nearly all of it).
_QUANTISED = ("int8", "w8a16")

# Pictures in the whole validation set.
_WHOLE = {"COCO val2017": 5_000, "ImageNet": 50_000}


def accuracies(model: str, precision: str, runtime: str, hardware: str) -> tuple[AccuracyRow, ...]:
    """All accuracies that hold for a model in a precision (canonical names), the most applicable first.

    That is: the same runtime before another one (floating point only), then the same hardware, then the whole data
    set before a part of it, then the newer one. Empty if nobody measured any.
    """
    found = [
        row
        for row in map(_row, rows("accuracy"))
        if (row.model, row.precision) == (model, precision) and (row.runtime == runtime or precision not in _QUANTISED)
    ]
    found.sort(key=lambda row: row.date, reverse=True)
    found.sort(key=lambda row: (row.runtime != runtime, row.hardware != hardware, not row.whole))
    return tuple(found)


def _row(row: Row) -> AccuracyRow:
    images = int(row["images"])
    return AccuracyRow(
        model=row["model"],
        precision=row["precision"],
        runtime=row["runtime"],
        hardware=row["hardware"],
        value=float(row["value"]),
        measure=f"{row['metric']} on {row['dataset']}",
        images=images,
        whole=images == _WHOLE[row["dataset"]],
        source=row["source"],
        date=row["date"],
        conditions=row["conditions"],
    )
