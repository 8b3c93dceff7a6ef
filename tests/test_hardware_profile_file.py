"""The profile file: what is saved is read again, and what is none is neither read nor overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware_profiles import profile_file
from hardware_profiles.faults import BadInput
from hardware_profiles.measurement import Layer, Measurement
from hardware_profiles.profile_schema import FIGURES, LONGEST_MS, faults, profile_schema

ONE = Measurement(
    model="tiny-cnn",
    hardware="my-board",
    precision="int8",
    threads=4,
    mean_ms=3.5,
    quantiles_ms=((0.5, 3.25), (0.9, 4.0)),
    sample_ms=(3.0, 3.5, 4.0),
    layers=(Layer("conv0", "Conv", 1.25, 802816), Layer("fc", "MatMul", 0.0, 4000, 4000)),
    source="my own",
    date="2026-11-21",
)

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
words = st.one_of(st.just(""), names)
ms = st.floats(0, LONGEST_MS, exclude_min=True)
positive = st.floats(0, 1e9, exclude_min=True)
counts = st.integers(1, 10**6)
probabilities = st.floats(0, 1, exclude_min=True, exclude_max=True)
quantiles = st.lists(st.tuples(probabilities, ms), max_size=4, unique_by=lambda point: point[0]).map(
    lambda points: tuple(zip(sorted(p for p, _ in points), sorted(t for _, t in points), strict=True))
)
layers = st.builds(
    Layer,
    name=words,
    op=words,
    mean_ms=st.floats(0, LONGEST_MS),
    output_bytes=st.none() | st.integers(0, 2**40),
    cut_bytes=st.none() | st.integers(0, 2**40),
)
measurements = st.builds(
    Measurement,
    model=names,
    hardware=names,
    precision=words,
    runtime=words,
    unit=words,
    batch=counts,
    input_px=st.none() | counts,
    threads=st.none() | counts,
    power_mode=words,
    load=st.sampled_from(["single_stream", "multi_stream", "server", "offline"]),
    mean_ms=st.none() | ms,
    quantiles_ms=quantiles,
    sample_ms=st.lists(st.floats(0, LONGEST_MS), max_size=5).map(tuple),
    runs=st.none() | counts,
    per_s=positive,
    tokens_per_s=st.none() | positive,
    first_token_ms=st.none() | ms,
    power_w=st.none() | st.floats(0, 1e6),
    energy_mj=st.none() | st.floats(0, 1e9),
    memory_mb=st.none() | st.floats(0, 1e9),
    layers=st.lists(layers, max_size=3).map(tuple),
    kind=st.sampled_from(["measured", "listed", "interpolated", "estimated", "assumed"]),
    conditions=words,
    source=names,
    date=st.dates().map(lambda day: day.isoformat()),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(measurements, max_size=4, unique=True), st.dictionaries(names, st.one_of(names, positive), max_size=3))
def test_what_is_saved_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, some: list[Measurement], machine: dict[str, str | float]
) -> None:
    file = tmp_path_factory.mktemp("saved") / "board.json"
    assert profile_file.save(file, some, machine) == file
    found = profile_file.load(file)
    assert found.measurements == tuple(some)
    assert found.machine == machine
    jsonschema.Draft202012Validator(profile_schema()).validate(json.loads(file.read_text(encoding="utf-8")))


def test_saving_adds_and_keeps_identical_rows_once(tmp_path: Path) -> None:
    file, other = tmp_path / "board.json", replace(ONE, batch=4)
    profile_file.save(file, [ONE, ONE], {"cpu": "A76", "memory_gb": 4})
    profile_file.save(file, [other, ONE], {"memory_gb": 8})
    assert profile_file.read(file) == (ONE, other)
    assert profile_file.load(file).machine == {"cpu": "A76", "memory_gb": 8}


def test_defaults_are_left_out_and_a_list_of_numbers_takes_one_line(tmp_path: Path) -> None:
    file = profile_file.save(tmp_path / "board.json", [ONE])
    (row,) = json.loads(file.read_text(encoding="utf-8"))["measurements"]
    assert set(row) == {
        *("model", "hardware", "precision", "threads", "mean_ms", "quantiles_ms", "sample_ms", "layers"),
        *("source", "date"),
    }
    assert row["layers"][1] == {"name": "fc", "op": "MatMul", "mean_ms": 0.0, "output_bytes": 4000, "cut_bytes": 4000}
    assert '      "quantiles_ms": [[0.5, 3.25], [0.9, 4.0]],\n' in file.read_text(encoding="utf-8")


def test_a_list_that_is_no_list_of_numbers_does_not_hold_up_saving(tmp_path: Path) -> None:
    """Looking for such lists may not try every way to part their blanks: sixty pairs took longer than anyone waits."""
    file = tmp_path / "board.json"
    file.write_text(json.dumps({"schema_version": 1, "measurements": [{"a": [*[[1, 2]] * 60, "x"]}]}), encoding="utf-8")
    before = time.process_time()
    profile_file.save(file, ())
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "text", ["", "a: yaml", "[]", "{}", '{"schema_version": 2, "measurements": []}', '{"kind": 1}']
)
def test_a_file_of_another_kind_is_never_overwritten(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"plan\.json"):
        profile_file.save(file, [ONE])
    assert file.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [file]


def document(**changes: Any) -> dict[str, Any]:
    row = {"model": "m", "hardware": "h", "mean_ms": 2, "source": "s", "date": "2026-11", **changes}
    return {"schema_version": 1, "measurements": [{key: value for key, value in row.items() if value is not None}]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mean_ms": -1}, "measurements.0.mean_ms: found `-1`, expected greater than 0"),
        ({"mean_ms": "2"}, "measurements.0.mean_ms: found `2`, expected a number"),
        ({"mean_ms": float("inf")}, "measurements.0.mean_ms: found `inf`, expected a finite number"),
        ({"mean_ms": 1e8}, "measurements.0.mean_ms: found `100000000.0`, expected less than or equal to 10000000"),
        ({"mean_ms": None}, f"measurements.0: found no figure, expected one of {', '.join(FIGURES)}"),
        ({"model": None}, "measurements.0: found no `model`, expected `model`: a name"),
        ({"model": ""}, "measurements.0.model: found ``, expected a text"),
        ({"source": None}, "measurements.0: found no `source`, expected where the figures are from"),
        (
            {"date": "21.11.2026"},
            "measurements.0.date: found `21.11.2026`, expected a date YYYY-MM-DD, YYYY-MM or YYYY",
        ),
        ({"batch": 1.5}, "measurements.0.batch: found `1.5`, expected a whole number"),
        ({"batch": True}, "measurements.0.batch: found true, expected a whole number"),
        (
            {"quantiles_ms": [[0.5, 3], [0.9, 2]]},
            "measurements.0.quantiles_ms: found (0.9, 2) behind (0.5, 3), expected quantiles that increase",
        ),
        ({"quantiles_ms": [[50, 3]]}, "measurements.0.quantiles_ms.0.0: found `50`, expected less than 1"),
        (
            {"load": "singlestream"},
            "measurements.0.load: found `singlestream`, expected single_stream, multi_stream, server or offline"
            " (did you mean single_stream?)",
        ),
    ],
)
def test_each_fault_is_one_clear_line(changes: dict[str, Any], said: str) -> None:
    assert [str(fault) for fault in faults(document(**changes))] == [said]
    assert list(jsonschema.Draft202012Validator(profile_schema()).iter_errors(document(**changes))) or (
        "quantiles that increase" in said or "no figure" in said or "finite" in said
    )  # what JSON Schema can say, it says too


def test_an_unknown_key_is_met_with_the_nearest() -> None:
    (fault,) = faults(document(hardwar="h"))
    assert (fault.path, fault.found, fault.nearest) == ("measurements.0", "the unknown key `hardwar`", "hardware")
    assert fault.expected == "one of " + ", ".join(one.name for one in fields(Measurement))
    (fault,) = faults(document(layers=[{"name": "a", "op": "", "mean_ms": 1, "output_byte": 1}]))
    assert (fault.path, fault.nearest) == ("measurements.0.layers.0", "output_bytes")


def test_a_hundred_faults_are_counted() -> None:
    wrong = {"schema_version": 1, "measurements": [document(mean_ms=-1)["measurements"][0]] * 100}
    found = faults(wrong)
    assert len(found) == 10
    assert found[-1].found == "91 other faults"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema_version": 1,\n "measurements": [{"mean', "2: found no valid JSON (Unterminated"),
        ('{"schema_version": 1, "measurements": [{"mean_ms": NaN}]}', "found no valid JSON (NaN is no number)"),
        ("[" * 100_000, "found lists nested too deep"),
        ('{"schema_version": 1, "measurements": [' + "1" * 5000 + "]}", "found no valid JSON (Exceeds the limit"),
        ('{"schema_version": 1, "measurements": [], "machine": []}', "machine: found a list of 0, expected a map"),
        (
            '{"schema_version": 1, "measurements": [], "machine": {"cpu": []}}',
            "machine.cpu: found a list of 0, expected",
        ),
    ],
)
def test_a_broken_file_gets_one_message(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "board.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as bad:
        profile_file.read(file)
    assert len(bad.value.faults) == 1
    assert str(bad.value).removeprefix(f"{file}:").lstrip().startswith(said)


def test_no_file_a_folder_and_bytes_are_said(tmp_path: Path) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff\x00\xfe")
    for name, said in (("none.json", "no such file"), ("", "a folder"), ("bytes.json", "no text")):
        with pytest.raises(BadInput, match=said):
            profile_file.read(tmp_path / name)


def test_saving_needs_the_standard_library_only(tmp_path: Path) -> None:
    """A board has no pydantic: any import of a third-party module fails there."""
    code = f"""
import sys
from pathlib import Path
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in (*sys.stdlib_module_names, "hardware_profiles"):
            raise ImportError(name)
sys.meta_path.insert(0, Nothing())
from hardware_profiles import profile_file
from hardware_profiles.measurement import Measurement
one = Measurement(model="m", hardware="h", mean_ms=1.5, source="s", date="2026")
for _ in range(2):
    profile_file.save(Path({str(tmp_path / "board.json")!r}), [one], {{"cpu": "A76"}})
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert [one.mean_ms for one in profile_file.read(tmp_path / "board.json")] == [1.5]
