"""`tierwise scenarios` and `tierwise hardware`: what there is."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

from command_cases import TOY, Run

from app.printed.lines import COLUMNS
from hardware_profiles.catalogue.tables import measured_pairs
from hardware_profiles.measurement import Measurement
from hardware_profiles.profile_file import save
from planner.formats import plural


def test_scenarios_lists_the_library(run: Run) -> None:
    code, out, _ = run("scenarios")
    assert code == 0
    assert all(len(line) <= COLUMNS for line in out.splitlines())
    listed = [line.split()[0] for line in out.splitlines()]
    assert {"factory-vision", TOY} <= set(listed)
    document = json.loads(run("scenarios", "--json")[1])
    assert [one["name"] for one in document["scenarios"]] == listed


def test_hardware_shows_every_profile_with_its_source(run: Run) -> None:
    code, out, _ = run("hardware", "yolo", "--all")
    assert code == 0
    assert "yolo11n on jetson-orin-nano-super" in out
    document = json.loads(run("hardware", "yolo", "--json")[1])
    assert document["profiles"]
    for profile in document["profiles"]:
        assert profile["source"] in out
        assert profile["source"]
        assert profile["date"]


def test_hardware_without_words_says_how_much_is_known_and_what_to_type(run: Run) -> None:
    code, out, _ = run("hardware")
    assert code == 0
    assert len(out.splitlines()) < 60
    assert all(len(line) <= COLUMNS for line in out.splitlines())
    assert plural(sum(map(len, measured_pairs().values())), "measurement") in out
    examples = [shlex.split(line.partition("tierwise ")[2]) for line in out.splitlines() if "tierwise hardware" in line]
    assert len(examples) >= 3
    for words in examples:
        code, found, _ = run(*words)
        assert code == 0
        assert "nothing is known" not in found


def test_hardware_shows_at_most_sixty_and_what_counts_unless_all_is_wanted(run: Run, tmp_path: Path) -> None:
    own = [Measurement(model="m", hardware=f"h{i}", mean_ms=1.0 + i, source="mine", date="2026") for i in range(70)]
    file = save(tmp_path / "mine.json", [*own, *(replace(one, date="2025") for one in own[:9])])
    some, everything = run("hardware", "--file", str(file))[1], run("hardware", "--file", str(file), "--all")[1]
    assert measured_lines(some) == 60
    assert "10 more; say it with more words, or --all" in some
    assert "9 older measurements that a newer one replaces: --all" in some
    assert measured_lines(everything) == 79
    assert everything.count("] old\n") == 9
    assert "more;" not in everything


def measured_lines(out: str) -> int:
    return len(re.findall(r"(?:measured|listed) \d{4}[\d-]* \[\d+\](?: old)?$", out, re.MULTILINE))


def test_hardware_says_what_nobody_measured_of_a_pair_that_is_asked_for(run: Run) -> None:
    out = run("hardware", "resnet50", "rtx-3060")[1]
    assert out.splitlines() == ["Nobody measured 1 pair of model and hardware", "  resnet50 on rtx-3060"]
    out = run("hardware", "yolov8n", "raspberry-pi-5-coral")[1]
    assert "yolov8n on raspberry-pi-5-coral at 640 px; measured at 320 and 512" in out
    assert "Nobody" not in run("hardware", "yolo11n", "t4")[1]


def test_hardware_lists_models_and_devices_with_what_is_known_of_them(run: Run) -> None:
    models = run("hardware", "--models", "object", "detection", "--all")[1]
    assert re.search(r"^yolov8n +object detection +3\.1\d M .* 1x3x640x640 +\d+$", models, re.MULTILINE)
    assert "\nresnet50 " not in models
    devices = run("hardware", "--devices", "jetson-orin-nano-super")[1].splitlines()
    assert devices[0].split() == ["device", "kind", "GB", "USD", "idle", "busy", "peak", "rows"]
    assert devices[1].split()[:6] == ["jetson-orin-nano-super", "edge", "gpu", "8", "249", "7"]
    (one,) = json.loads(run("hardware", "--devices", "jetson-orin-nano-super", "--json")[1])["devices"]
    assert one["price_usd"]["value"] == 249
    assert one["price_usd"]["source"]
    assert one["measurements"] > 0
    found = json.loads(run("hardware", "--models", "--json")[1])["models"]
    assert {model["name"] for model in found} >= {"yolov8n", "resnet50"}
    assert "nothing is known" in run("hardware", "--devices", "abacus-9000")[1]


def test_hardware_lists_a_profile_file_of_ones_own(run: Run, tmp_path: Path) -> None:
    own = Measurement(
        model="my-model",
        hardware="my-board",
        precision="int8",
        runtime="onnxruntime",
        unit="CPU",
        batch=2,
        input_px=96,
        threads=4,
        mean_ms=12.5,
        quantiles_ms=((0.5, 12.0), (0.99, 20.0)),
        source="my own bench",
        date="2026-11-20",
    )
    faster = replace(own, threads=1, mean_ms=None, quantiles_ms=(), tokens_per_s=7.0, date="2026-11-21")
    file = save(tmp_path / "my-board.json", [own, faster])
    code, out, _ = run("hardware", "--file", str(file))
    assert code == 0
    assert out.splitlines()[:6] == [
        "my-model on my-board",
        "  int8 onnxruntime CPU batch 2 96 px 4 threads",
        "                                     12.50     20.00  measured 2026-11-20 [1]",
        "  int8 onnxruntime CPU batch 2 96 px 1 thread",
        "                                        7.0 tokens/s  measured 2026-11-21 [1]",
        "",
    ]
    (one,) = json.loads(run("hardware", "--file", str(file), "int8", "--json")[1])["profiles"][:1]
    assert (one["model"], one["mean_ms"], one["accuracy"]) == ("my-model", 12.5, None)
    code, _, err = run("hardware", "--file", str(tmp_path / "none.json"))
    assert code == 2
    assert "no such file" in err
    assert run("hardware", "--models", "--devices")[0] == 2


def test_hardware_nobody_knows_says_so(run: Run) -> None:
    code, out, _ = run("hardware", "abacus-9000")
    assert code == 0
    assert "nothing is known" in out
    assert "jetson-orin-nano-super" in run("hardware", "jetson orin nanno super")[1]


def test_an_estimate_on_request_says_how_it_was_made_and_what_to_paste(run: Run) -> None:
    asked = ("hardware", "yolo11n", "raspberry-pi-4", "fp32", "--estimate")
    code, out, _ = run(*asked)
    assert code == 0
    assert out.startswith("yolo11n on raspberry-pi-4, fp32 armnn on the CPU: nobody measured this")
    assert "nine times in ten" in out
    assert "kind: estimated" in out
    found = json.loads(run(*asked, "--json")[1])["estimate"]
    assert found["kind"] == "estimated"
    assert found["low_ms"] < found["mean_ms"] < found["high_ms"]


def test_an_estimate_of_what_was_measured_says_so(run: Run) -> None:
    assert "measured 1.5 ms (2024-09)" in run("hardware", "yolo11n", "t4", "fp16", "--estimate")[1]


def test_an_estimate_needs_both_names_and_knows_the_others(run: Run) -> None:
    for words in (("yolo11n",), ("yolo11n", "t4", "int8", "fp16"), ("yolo11n", "t4", "foo"), ("yolo11n", "tee-four")):
        code, out, err = run("hardware", *words, "--estimate")
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
