"""The table of every request: kept, or written as Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pyarrow.parquet import ParquetFile
from test_sim_properties import two_workloads

import sim
from hardware_profiles.faults import BadInput
from sim import request_table
from sim.simulation import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_written_is_what_is_kept(tmp_path: Path, engine: str, workers: int) -> None:
    case = two_workloads(with_second=True)
    kept = sim.simulate(*case, replications=3, engine=engine, requests=True)
    folder = tmp_path / "requests"
    written = sim.simulate(*case, replications=3, engine=engine, requests=folder, workers=workers)
    names = [f"replication-{number:06}.parquet" for number in range(3)]
    assert sorted(file.name for file in folder.iterdir()) == names
    table = pd.read_parquet(folder)
    assert table.columns.tolist() == list(request_table.COLUMNS)
    assert len(table) > 300
    order = ["replication", "workload", "group", "site", "source", "sequence", "task"]
    pd.testing.assert_frame_equal(table.sort_values(order, ignore_index=True), kept.requests)
    assert written.summary() == kept.summary()
    with pytest.raises(ValueError, match=r"requests=True.*requests=Path"):
        _ = written.requests


def test_blocks_of_any_size_are_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row, as a plane could give them: in the order of birth or delivery."""
    case = two_workloads(with_second=True)
    run = sim.prepare(*case, requests=True)
    run.add(1)
    result = run.result()
    assert result.played[0].rows is not None
    births, visits = result.played[0].rows
    monkeypatch.setattr(request_table, "_AT_ONCE", 7)
    events = [(row[2], 0, number) for number, row in enumerate(births.tolist())]
    events += [(row[6], 1, number) for number, row in enumerate(visits.tolist())]
    file = tmp_path / "rows.parquet"
    with request_table.writing(file, run.network, 0) as keep:
        for _, visit, number in sorted(events):
            keep(births[number:][: 1 - visit], visits[number:][:visit])
    assert ParquetFile(file).num_row_groups > 20
    order = ["workload", "source", "sequence", "task"]
    pd.testing.assert_frame_equal(pd.read_parquet(file).sort_values(order, ignore_index=True), result.requests)


def test_a_folder_holds_one_run_and_nothing_else_of_it_is_touched(tmp_path: Path) -> None:
    case = two_workloads(with_second=False)
    other = tmp_path / "other.txt"
    other.write_text("mine")
    sim.simulate(*case, replications=3, requests=tmp_path)
    sim.simulate(*case, replications=1, seed=2, requests=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"other.txt", "replication-000000.parquet"}
    assert other.read_text() == "mine"
    table = pd.read_parquet(tmp_path / "replication-000000.parquet")
    pd.testing.assert_frame_equal(table, sim.simulate(*case, seed=2, requests=True).requests)


def test_a_run_that_fails_leaves_nothing_half_written(tmp_path: Path) -> None:
    def failing(_: object) -> object:
        yield 100_000_000
        raise RuntimeError("of the test")

    with pytest.raises(RuntimeError, match="of the test"):
        sim.simulate(*two_workloads(False), requests=tmp_path / "here", controls=[failing])  # type: ignore[list-item]
    assert list((tmp_path / "here").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="a folder that can be written"):
        sim.simulate(*two_workloads(False), requests=tmp_path / "file")
