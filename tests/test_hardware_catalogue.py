"""The catalogue itself: closed vocabularies, nothing without a source, every name known, no row twice."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from hardware_profiles.catalogue import vocabulary as words
from hardware_profiles.catalogue.tables import COLUMNS

Row = dict[str, str]

CATALOGUE = files("hardware_profiles") / "catalogue"
HEADS = {
    "models": "name,aliases,family,task,input_px,input_shape",
    "model_facts": "model,fact,value,kind,conditions,source,date",
    "devices": "name,aliases,kind,profiled_as,about",
    "device_facts": "device,fact,value,kind,conditions,source,date",
    "accuracy": "model,precision,runtime,hardware,metric,dataset,images,value,conditions,source,date",
    "families": "family,about,licence",
}
NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
DATE = re.compile(r"20\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
TEXT = re.compile(r"[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?")
WHOLE = re.compile(r"[1-9]\d*")
NUMBERS = ("mean_ms", "p50_ms", "p90_ms", "p99_ms", "per_s", "tokens_per_s", "first_token_ms")
MORE_NUMBERS = ("power_w", "energy_mj", "memory_mb")


@cache
def table(name: str) -> tuple[Row, ...]:
    return read(CATALOGUE / f"{name}.csv", HEADS[name].split(","))


@cache
def measurements() -> tuple[Row, ...]:
    folder = sorted((CATALOGUE / "measurements").iterdir(), key=lambda file: file.name)
    return tuple(row for file in folder for row in read(file, list(COLUMNS)))


def read(file: Traversable, head: list[str]) -> tuple[Row, ...]:
    text = file.read_text(encoding="utf-8")
    found = list(csv.reader(text.splitlines()))
    assert text.endswith("\n"), file.name
    assert "\r" not in text, file.name
    assert found[0] == head, file.name
    assert {len(cells) for cells in found} == {len(head)}, file.name
    return tuple(dict(zip(head, cells, strict=True)) for cells in found[1:])


@cache
def names(which: str) -> frozenset[str]:
    return frozenset(row["name"] for row in table(which))


def positive(cell: str) -> bool:
    try:
        return 0 < float(cell) < math.inf
    except ValueError:
        return False


Checks = Mapping[str, Callable[[Row], bool]]

ORIGIN: Checks = {
    "has no source": lambda row: TEXT.fullmatch(row["source"]) is not None,
    "has no date such as 2024-09": lambda row: DATE.fullmatch(row["date"]) is not None,
    "has odd conditions": lambda row: not row["conditions"] or TEXT.fullmatch(row["conditions"]) is not None,
}

MEASUREMENT: Checks = {
    **ORIGIN,
    "is of an unknown model": lambda row: row["model"] in names("models"),
    "is on unknown hardware": lambda row: row["hardware"] in names("devices"),
    "has an unknown precision": lambda row: row["precision"] in ("", *words.PRECISIONS),
    "has an unknown runtime": lambda row: row["runtime"] in ("", *words.RUNTIMES),
    "has an unknown unit": lambda row: row["unit"] in ("", *words.UNITS),
    "has an unknown load": lambda row: row["load"] in words.LOADS,
    "has an unknown kind": lambda row: row["kind"] in words.KINDS,
    "is no whole number": lambda row: all(
        not row[cell] or WHOLE.fullmatch(row[cell]) for cell in ("batch", "input_px", "threads")
    ),
    "was timed without a batch": lambda row: bool(row["batch"]) or row["load"] in ("server", "offline"),
    "is no positive number": lambda row: all(
        not row[cell] or positive(row[cell]) for cell in (*NUMBERS, *MORE_NUMBERS)
    ),
    "has no figure": lambda row: any(row[cell] for cell in NUMBERS),
    "has quantiles that decrease": lambda row: increasing([row[f"p{p}_ms"] for p in (50, 90, 99)]),
}

ACCURACY: Checks = {
    **ORIGIN,
    "is of an unknown model": lambda row: row["model"] in names("models"),
    "is on unknown hardware": lambda row: (
        row["hardware"] in names("devices") or (row["hardware"] == "" and row["precision"] in words.FLOATING)
    ),
    "has an unknown precision": lambda row: row["precision"] in ("", *words.PRECISIONS),
    "has an unknown runtime": lambda row: row["runtime"] in ("", *words.RUNTIMES),
    "has no metric or no data set": lambda row: bool(TEXT.fullmatch(row["metric"]) and TEXT.fullmatch(row["dataset"])),
    "is no whole number": lambda row: not row["images"] or WHOLE.fullmatch(row["images"]) is not None,
    "is no fraction": lambda row: re.fullmatch(r"[\d.e-]+", row["value"]) is not None and 0 <= float(row["value"]) <= 1,
}

DEVICE_FACT: Checks = {
    **ORIGIN,
    "is of an unknown device": lambda row: row["device"] in names("devices"),
    "is an unknown fact": lambda row: row["fact"] in words.DEVICE_FACTS,
    "has an unknown kind": lambda row: row["kind"] in words.FACT_KINDS,
    "is no positive number": lambda row: positive(row["value"]),
}

MODEL_FACT: Checks = {
    **ORIGIN,
    "is of an unknown model": lambda row: row["model"] in names("models"),
    "is an unknown fact": lambda row: (
        row["fact"] in (*words.MODEL_FACTS, *(f"size_mb_{precision}" for precision in words.PRECISIONS))
    ),
    "has an unknown kind": lambda row: row["kind"] in words.FACT_KINDS,
    "is no positive number": lambda row: positive(row["value"]),
}

MODEL: Checks = {
    "has an odd name": lambda row: NAME.fullmatch(row["name"]) is not None,
    "has an odd alias": lambda row: all(map(TEXT.fullmatch, filter(None, row["aliases"].split("|")))),
    "has no family": lambda row: TEXT.fullmatch(row["family"]) is not None,
    "has an unknown task": lambda row: row["task"] in words.TASKS,
    "is no whole number": lambda row: not row["input_px"] or WHOLE.fullmatch(row["input_px"]) is not None,
}

DEVICE: Checks = {
    "has an odd name": lambda row: NAME.fullmatch(row["name"]) is not None,
    "has an odd alias": lambda row: all(map(TEXT.fullmatch, filter(None, row["aliases"].split("|")))),
    "has an unknown kind": lambda row: row["kind"] in words.DEVICE_KINDS,
    "says nothing about itself": lambda row: TEXT.fullmatch(row["about"]) is not None,
    "counts as unknown hardware": lambda row: row["profiled_as"] in ("", *names("devices")),
    "counts as other hardware and is no server": lambda row: not row["profiled_as"] or row["kind"] == "server",
}

FAMILY: Checks = {
    "says nothing about itself": lambda row: bool(TEXT.fullmatch(row["about"]) and TEXT.fullmatch(row["licence"])),
}

CASES: dict[str, tuple[Callable[[], tuple[Row, ...]], Checks]] = {
    "measurements": (measurements, MEASUREMENT),
    "accuracy": (lambda: table("accuracy"), ACCURACY),
    "models": (lambda: table("models"), MODEL),
    "model_facts": (lambda: table("model_facts"), MODEL_FACT),
    "devices": (lambda: table("devices"), DEVICE),
    "device_facts": (lambda: table("device_facts"), DEVICE_FACT),
    "families": (lambda: table("families"), FAMILY),
}


def increasing(cells: list[str]) -> bool:
    known = [float(cell) for cell in cells if positive(cell)]
    return known == sorted(known)


def faults(rows: tuple[Row, ...], checks: Checks) -> list[str]:
    """Everything that is wrong with any row, and the rows that are there twice."""
    twice = (row for row, n in Counter(tuple(row.items()) for row in rows).items() if n > 1)
    return [
        *(f"{what}: {row}" for row in rows for what, right in checks.items() if not right(row)),
        *(f"is there twice: {dict(row)}" for row in twice),
    ]


@pytest.mark.parametrize("which", CASES)
def test_every_row_is_in_order(which: str) -> None:
    rows, checks = CASES[which]
    assert faults(rows(), checks) == []


SPOILT = [
    ("measurements", {"model": "abacus"}, "is of an unknown model"),
    ("measurements", {"hardware": "abacus"}, "is on unknown hardware"),
    ("measurements", {"precision": "int3"}, "has an unknown precision"),
    ("measurements", {"runtime": "TensorRT"}, "has an unknown runtime"),
    ("measurements", {"unit": "gpu"}, "has an unknown unit"),
    ("measurements", {"load": ""}, "has an unknown load"),
    ("measurements", {"kind": "guessed"}, "has an unknown kind"),
    ("measurements", {"threads": "0"}, "is no whole number"),
    ("measurements", {"batch": ""}, "was timed without a batch"),
    ("measurements", {"mean_ms": "0"}, "is no positive number"),
    ("measurements", {"mean_ms": "nan"}, "is no positive number"),
    ("measurements", {"power_w": "-3"}, "is no positive number"),
    ("measurements", dict.fromkeys(NUMBERS, ""), "has no figure"),
    ("measurements", {"p50_ms": "3", "p90_ms": "", "p99_ms": "2"}, "has quantiles that decrease"),
    ("measurements", {"source": ""}, "has no source"),
    ("measurements", {"date": "2024-13"}, "has no date such as 2024-09"),
    ("measurements", {"conditions": " shared"}, "has odd conditions"),
    ("accuracy", {"metric": ""}, "has no metric or no data set"),
    ("accuracy", {"dataset": ""}, "has no metric or no data set"),
    ("accuracy", {"value": "39.5"}, "is no fraction"),
    ("accuracy", {"hardware": "", "precision": "int8"}, "is on unknown hardware"),
    ("device_facts", {"fact": "colour"}, "is an unknown fact"),
    ("model_facts", {"fact": "size_mb_int3"}, "is an unknown fact"),
    ("models", {"name": "YOLO"}, "has an odd name"),
    ("models", {"task": "poetry"}, "has an unknown task"),
    ("devices", {"kind": "abacus"}, "has an unknown kind"),
    ("devices", {"profiled_as": "t4", "kind": "gpu"}, "counts as other hardware and is no server"),
    ("families", {"licence": ""}, "says nothing about itself"),
]


@pytest.mark.parametrize(("which", "change", "what"), SPOILT)
def test_a_spoilt_row_is_noticed(which: str, change: Row, what: str) -> None:
    rows, checks = CASES[which]
    one = rows()[:1]
    assert faults(one, checks) == []
    (fault,) = faults(({**one[0], **change},), checks)
    assert fault.startswith(what)


def test_a_row_that_is_there_twice_is_noticed() -> None:
    one = measurements()[:1]
    assert [fault.partition(":")[0] for fault in faults(one + one, MEASUREMENT)] == ["is there twice"]


@pytest.mark.parametrize("which", ["models", "devices"])
def test_no_two_share_a_spelling(which: str) -> None:
    owners: dict[str, set[str]] = {}
    for row in table(which):
        for spelling in (row["name"], *filter(None, row["aliases"].split("|"))):
            folded = "".join(c for c in spelling.lower() if (c.isascii() and c.isalnum()) or c == ".")
            owners.setdefault(folded, set()).add(row["name"])
    assert {spelling: sorted(who) for spelling, who in owners.items() if len(who) > 1} == {}
    assert len(names(which)) == len(table(which))
    assert "" not in owners


def test_a_server_counts_as_hardware_that_was_measured() -> None:
    measured = {row["hardware"] for row in measurements()}
    counted = {row["profiled_as"] for row in table("devices") if row["profiled_as"]}
    assert counted
    assert counted <= measured
    assert not measured & {row["name"] for row in table("devices") if row["profiled_as"]}


def test_every_file_of_measurements_says_where_it_is_from() -> None:
    files_there = {file.name.removesuffix(".csv") for file in (CATALOGUE / "measurements").iterdir()}
    assert files_there <= {row["family"] for row in table("families")}


def test_subset_scores_of_the_board_guides_are_nowhere() -> None:
    # Published on 4 or 128 pictures: 0.61 for a model that scores 0.395 on the whole set.
    for row in table("accuracy"):
        if row["dataset"] == "COCO val2017" and row["model"] in ("yolov8n", "yolo11n", "yolo11s"):
            assert float(row["value"]) <= 0.47, row


def test_every_spelling_of_the_closed_lists_is_one_words() -> None:
    for closed in (words.PRECISIONS, words.RUNTIMES):
        spellings = [re.sub(r"[^a-z0-9.]", "", s.lower()) for ours, others in closed.items() for s in (ours, *others)]
        assert [s for s, n in Counter(spellings).items() if n > 1] == []
