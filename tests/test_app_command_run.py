"""`tierwise run`: the main job."""

from __future__ import annotations

import json
from pathlib import Path

from command_cases import TOY, Run

from app.printed.lines import COLUMNS
from app.printed.summary import LINES


def test_run_writes_a_report_and_says_where(run: Run, tmp_path: Path) -> None:
    code, out, err = run("run", TOY)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS for line in lines)
    written = sorted(path.name for path in (tmp_path / "out" / TOY).iterdir())
    assert {"plan.json", "report.html", "topology.svg"} <= set(written)
    assert "report.html" in out
    code, out, _ = run("run", TOY, "--json", "--out", "there")
    document = json.loads(out)
    assert code == 0
    assert Path(document["report"]).exists()
    assert [Path(file).name for file in document["files"]][:2] == ["report.html", "report.md"]
    assert {Path(file) for file in document["files"]} == {Path("there") / TOY / name for name in written}
    assert document["plan"]["status"] in ("optimal", "feasible")
    assert document["simulation"]["scenario"] == TOY
    code, _, _ = run("run", TOY, "--set", "workloads.scan.requires.latency.read.p99=1 ms")
    assert code == 3
    left = {path.name for path in (tmp_path / "out" / TOY).iterdir()}
    assert left < set(written)
    assert not {"figures.pdf", "split.svg"} & left
    assert not any(name.startswith("response-") for name in left)
