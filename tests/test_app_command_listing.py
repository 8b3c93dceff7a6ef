"""`tierwise scenarios` and `tierwise hardware`: what there is."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from command_cases import TOY, Run

from app.printed.lines import COLUMNS
from hardware_profiles.catalogue.tables import measured_pairs
from hardware_profiles.lookup import look_up
from hardware_profiles.measurement import Measurement
from hardware_profiles.neighbours import described, nearest
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
        assert profile["source"].partition("; github:")[0] in out
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
    assert out.splitlines()[:2] == ["Nobody measured 1 pair of model and hardware", "  resnet50 on rtx-3060"]
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
    assert out.splitlines()[0] == 'nothing is known of "abacus-9000"'
    assert "did you mean jetson-orin-nano-super?" in run("hardware", "jetson orin nanno super")[1].replace("\n ", "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("iphone", 'nothing is known of "iphone"'),
        ("Hailo-8", 'nothing is known of "hailo-8"'),
        ("Intel N100", 'nothing is known of "n100"'),
        ("pixel 8", 'nothing is known of "pixel"'),
        ("Apple M2", 'nothing is known that holds all of "Apple M2"'),
        ("jetson-nano", 'nothing is known of "jetson-nano"; did you mean jetson-orin-nano-8gb,'),
        ("resent50", 'nothing is known of "resent50"; did you mean resnet50?'),
        ("rtx-3061", 'nothing is known of "rtx-3061"'),  # another number is another card
    ],
)
def test_only_what_is_really_close_is_suggested(run: Run, asked: str, said: str) -> None:
    code, out, _ = run("hardware", asked)
    assert (code, out.splitlines()[0]) == (0, said)


def test_of_two_words_the_one_nobody_knows_is_named(run: Run) -> None:
    out = run("hardware", "yolo11n", "iphone")[1].splitlines()
    assert out[:2] == ['nothing is known of "iphone"', "of yolo11n something is: tierwise hardware yolo11n"]


def test_a_model_that_was_measured_in_parts_shows_them(run: Run) -> None:
    out = run("hardware", "whisper-base")[1]
    assert "whisper-base.encoder on samsung-galaxy-s24" in out
    assert "whisper-base.decoder on samsung-galaxy-s24" in run("hardware", "whisper-base", "--all")[1]
    out = " ".join(run("hardware", "whisper-base", "raspberry-pi-4")[1].split())
    assert "whisper-base on raspberry-pi-4 nor its parts whisper-base.encoder and whisper-base.decoder" in out


def test_a_pair_nobody_measured_comes_with_the_nearest_and_ways_to_go_on(run: Run) -> None:
    out = run("hardware", "resnet50", "jetson-orin-nano-super")[1]
    assert all(len(line) <= COLUMNS for line in out.splitlines())
    for profile in nearest("resnet50", "jetson-orin-nano-super"):
        assert described(profile) in " ".join(out.split())
    assert "tierwise hardware resnet50 jetson-orin-nano-super --estimate" in out
    assert "figures: [{model: resnet50, hardware: jetson-orin-nano-super, p50: … ms," in out


def test_words_that_are_no_name_say_so(run: Run) -> None:
    out = run("hardware", "Jetson Nano")[1].splitlines()
    assert out[0] == 'nothing is called "jetson nano"; what holds these words:'
    assert "nothing is called" not in run("hardware", "raspberry pi 4")[1]


def test_a_batch_between_two_measured_ones_is_interpolated_and_says_so(run: Run) -> None:
    (known,) = look_up("yolov8n", "rtx-3060", precision="int8", batch=3)
    out = run("hardware", "yolov8n", "rtx 3060", "int8", "--batch", "3")[1]
    assert re.search(rf"int8 tensorrt GPU batch 3 +{known.mean_ms:.2f}~ .* interpolated 2024 \[1\]\n", out)
    assert f"    {known.conditions}\n" in out
    (one,) = json.loads(run("hardware", "yolov8n", "rtx-3060", "int8", "--batch", "3", "--json")[1])["profiles"]
    assert (one["kind"], one["batch"], one["mean_ms"]) == ("interpolated", 3, known.mean_ms)
    out = run("hardware", "yolov8n", "rtx-3060", "--batch", "500")[1]
    assert out.startswith("Nobody measured that in batches of 500")
    assert "yolov8n on rtx-3060: measured in batches of 1 and 8" in out


def test_the_nearest_way_of_running_is_given_when_asked_for(run: Run) -> None:
    assert "in fp8; measured in int8 tensorrt" in run("hardware", "resnet50", "t4", "fp8")[1]
    out = run("hardware", "resnet50", "t4", "fp8", "--nearest")[1]
    assert "int8 tensorrt GPU for fp8" in out
    for options in (("--nearest",), ("t4", "--batch", "2", "--models"), ("t4", "--batch", "0")):
        code, _, err = run("hardware", *options)
        assert code == 2
        assert err


def test_files_of_repositories_are_printed_as_addresses(run: Run) -> None:
    out = run("hardware", "yolo11n", "jetson-orin-nano-super")[1]
    assert "https://github.com/ultralytics/ultralytics/blob/" in out
    assert "github:" not in out
    nettrix = run("hardware", "--all", "resnet50", "a100")[1]  # a folder with a space in its name
    assert "/results/X660%20G45_A100-SXM-80GBx1_TRT/resnet50/" in nettrix
    assert "https://github.com/mlcommons/inference_results_v1.1/blob/HEAD/closed/" in nettrix


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
    assert "superseded" not in found
    assert {"model", "mean_ms", "source", "date"} <= found["similar"][0].keys()
    assert all("accuracy" not in one for one in found["similar"])


def test_an_estimate_of_what_was_measured_says_so(run: Run) -> None:
    out = " ".join(run("hardware", "yolo11n", "t4", "fp16", "--estimate")[1].split())
    assert "measured 1.5 ms (2024-09); the estimate below ignores it" in out
    assert "figures:" not in out  # a scenario would take the measurement


def test_an_estimate_needs_both_names_and_knows_the_others(run: Run) -> None:
    for words in (("yolo11n",), ("yolo11n", "t4", "int8", "fp16"), ("yolo11n", "t4", "foo"), ("yolo11n", "tee-four")):
        code, out, err = run("hardware", *words, "--estimate")
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
