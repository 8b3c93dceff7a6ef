"""Figures from a profile file: planned from alone, equal to typed ones, refused where they are wrong; and estimates."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_cases import Run

import planner
import scenarios
from app.tables.sources import sources
from hardware_profiles import BadInput, Measurement, profile_file
from planner import plan_file
from scenarios.figures import Variant
from scenarios.language.document import json_schema
from scenarios.scenario import Scenario
from scenarios.totals import totals
from scenarios.variants import variants

TENSORRT = (("int8", "tensorrt"), ("fp16", "tensorrt"))
QUANTILES = ((0.05, 28.0), (0.5, 30.0), (0.9, 33.0), (0.99, 41.0), (0.999, 55.0))
SHOP = """\
schema: 1
name: shop
sites: {shop: {region: de, groups: {all: {count: 3, tills: 2}}}}
pools:
  till: {tier: device, at: shop, hardware: label-camera, count: 1 per till, pooled: site, owned: all, paid_by: user}
  box: {tier: gateway, at: shop, hardware: my-board, count: 0..4}
  region: {tier: regional_cloud, at: westeurope, offer: azure NC4as_T4_v3, count: 0..2}
links: {line: {from: shop, to: westeurope, rtt: 20 ms, up: 10 Mbit/s, down: 10 Mbit/s}}
data: {photo: {class: internal, may_reach: [shop, eu]}}
workloads:
  scan:
    source: till
    arrivals: {kind: poisson, rate: 2 /s per till}
    tasks: {look: {model: my-net, input: 100 kB of photo, output: 1 kB of photo, answers: true}}
    requires: {latency: {look: {p99: 150 ms}}}
prices: {my-board: {price: 120 USD, power: {idle: 4 W, busy: 9 W}}}
figures: ./my-board.json
study: {simulate: {replications: 4}}
"""
LINE = 17  # of `figures:`


def measured(**more: Any) -> Measurement:
    known = {"model": "my-net", "hardware": "my-board", "precision": "fp32", "runtime": "onnxruntime", "unit": "CPU"}
    return Measurement(**{**known, "source": "our bench", "date": "2026-11-21", **more})


BOARD = (
    measured(quantiles_ms=QUANTILES, mean_ms=30.6, threads=4),
    measured(mean_ms=90.0, threads=1),
    measured(precision="int8", quantiles_ms=((0.5, 14.0), (0.99, 20.0)), threads=4),
    measured(precision="int8", mean_ms=44.0, batch=4, threads=4),
    measured(per_s=40.0, load="offline"),
)


def board(folder: Path, *measurements: Measurement, name: str = "my-board.json") -> Path:
    (folder / name).unlink(missing_ok=True)
    return profile_file.save(folder / name, measurements or BOARD)


def shop(folder: Path, figures: str = "./my-board.json", model: str = "my-net", hardware: str = "my-board") -> Path:
    text = SHOP.replace("model: my-net", f"model: {model}").replace("my-board", hardware)
    file = folder / "shop.yaml"
    file.write_text(text.replace(f"figures: ./{hardware}.json", f"figures: {figures}"), encoding="utf-8")
    return file


def found(scenario: Scenario, pool: str = "box", choice: str = "my-board") -> tuple[Variant, ...]:
    stream = scenario.workload("scan")
    return variants(scenario, stream, stream.task("look"), scenario.pool(pool), choice, scenario.groups[0])


def refused(file: Path, **options: Any) -> str:
    with pytest.raises(BadInput) as problem:
        scenarios.load(file, **options)
    (fault,) = problem.value.faults
    return str(fault).removeprefix(str(file))


def test_a_scenario_is_planned_from_a_profile_file_alone_for_a_model_that_nobody_else_knows(tmp_path: Path) -> None:
    board(tmp_path)
    plan = planner.plan(scenarios.load(shop(tmp_path)))
    assert plan.status == "optimal"
    assert plan.placement is not None
    (route,) = plan.placement.routes
    (step,) = route.steps
    assert (step.pool, step.variant.name) == ("box", "my-net int8 onnxruntime 4 threads")
    told = plan_file.to_dict(plan)["routes"][0]["tasks"][0]
    assert (told["kind"], told["source"], told["date"]) == ("measured", "our bench (./my-board.json)", "2026-11-21")


def test_every_service_time_is_a_variant_with_the_quantiles_of_the_file(tmp_path: Path) -> None:
    board(tmp_path)
    scenario = scenarios.load(shop(tmp_path))
    int8, four, one = found(scenario)
    names = [(v.name, v.unit, v.spread, v.origin.kind) for v in (int8, four, one)]
    assert names == [
        ("my-net int8 onnxruntime 4 threads", "CPU", "", "measured"),
        ("my-net fp32 onnxruntime 4 threads", "CPU", "", "measured"),
        ("my-net fp32 onnxruntime 1 thread", "CPU", "assumed cv 0.25", "measured"),
    ]
    for p, ms in QUANTILES:
        assert four.service.quantile(p) == pytest.approx(ms / 1e3, rel=1e-12)
    assert [int8.service.quantile(p) for p in (0.5, 0.99)] == pytest.approx([0.014, 0.020])
    assert one.service.mean_s == pytest.approx(0.090)
    assert totals(scenario)[1:] == ["3 figures from my-board.json; left out: 2 without the time of a single input"]


def test_a_file_of_which_nothing_counts_is_told_loudly(tmp_path: Path) -> None:
    board(tmp_path)
    board(tmp_path, measured(mean_ms=80.0, threads=1, date="2025-01-01"), name="old.json")
    scenario = scenarios.load(shop(tmp_path, "[./old.json, ./my-board.json]"))
    assert totals(scenario)[1] == "NOTHING from old.json counts; left out: 1 older, or of another power mode"


def test_the_conditions_of_a_measurement_are_told_with_its_source(tmp_path: Path) -> None:
    busy = "other work took 67 % of the processors"
    board(tmp_path, measured(quantiles_ms=QUANTILES, conditions=busy))
    plan = planner.plan(scenarios.load(shop(tmp_path)))
    told = f"our bench (./my-board.json); {busy}"
    assert plan_file.to_dict(plan)["routes"][0]["tasks"][0]["source"] == told
    assert told in set(sources(plan)["source"])


def test_the_quantiles_of_a_sample_count_where_none_are_stated(tmp_path: Path) -> None:
    sample = tuple(10.0 + i / 10 for i in range(201))
    board(tmp_path, measured(sample_ms=sample))
    (only,) = found(scenarios.load(shop(tmp_path)))
    assert only.service.quantile(0.5) == pytest.approx(0.020)
    assert only.service.quantile(0.99) == pytest.approx(0.0298)


def test_a_plan_is_the_same_as_with_the_same_figures_typed_by_hand(tmp_path: Path) -> None:
    board(tmp_path, measured(quantiles_ms=((0.5, 30.0), (0.9, 33.0), (0.99, 41.0)), runtime=""))
    typed = "[{model: my-net, hardware: my-board, precision: fp32, p50: 30 ms, p90: 33 ms, p99: 41 ms}]"
    from_file, by_hand = (planner.plan(scenarios.load(shop(tmp_path, how))) for how in ("./my-board.json", typed))
    assert from_file.placement is not None
    assert by_hand.placement is not None
    services = [plan.placement.routes[0].steps[0].variant.service for plan in (from_file, by_hand) if plan.placement]
    assert services[0] == services[1]
    assert from_file.usd_per_month == by_hand.usd_per_month
    assert from_file.checks == by_hand.checks
    assert from_file.bill == by_hand.bill


def test_a_file_beats_the_catalogue_in_its_precision_and_what_is_typed_beats_the_file(tmp_path: Path) -> None:
    known = {"model": "YOLO11n", "hardware": "Jetson Orin Nano Super", "runtime": "trt", "unit": "GPU"}
    board(tmp_path, measured(**known, precision="float16", mean_ms=4.0, threads=None))
    orin = "jetson-orin-nano-super"

    def names(figures: str) -> list[tuple[str, float]]:
        found_here = found(scenarios.load(shop(tmp_path, figures, "yolo11n", orin)), "box", orin)
        kept = [v for v in found_here if (v.precision, v.runtime) in (("fp16", ""), *TENSORRT)]
        return [(v.name, round(v.service.mean_s * 1e3, 2)) for v in kept]

    assert names("[]") == [("yolo11n int8 tensorrt", 3.91), ("yolo11n fp16 tensorrt", 4.91)]
    assert names("./my-board.json") == [("yolo11n int8 tensorrt", 3.91), ("yolo11n fp16 tensorrt", 4.0)]
    typed = f"{{model: yolo11n, hardware: {orin}, precision: fp16, time: 3 ms}}"
    assert names(f"[./my-board.json, {typed}]") == [("yolo11n fp16", 3.0), ("yolo11n int8 tensorrt", 3.91)]
    scenario = scenarios.load(shop(tmp_path, model="yolo11n", hardware=orin))
    (fp16,) = [v for v in found(scenario, "box", orin) if v.precision == "fp16"]
    assert fp16.accuracy is not None
    assert fp16.accuracy.value == 0.395  # what was published still holds


def test_what_was_measured_on_a_card_counts_for_an_offer_with_it(tmp_path: Path) -> None:
    board(tmp_path, measured(hardware="t4", unit="GPU", mean_ms=2.0), *BOARD)
    (cloud,) = found(scenarios.load(shop(tmp_path)), "region", "azure NC4as_T4_v3")
    assert (cloud.hardware, round(cloud.service.mean_s, 6)) == ("azure NC4as_T4_v3", 0.002)


def test_the_newest_of_two_measurements_counts_and_of_one_date_the_one_named_later(tmp_path: Path) -> None:
    def times(*dates: str) -> list[float]:
        files = [
            board(tmp_path, measured(mean_ms=10.0 + i, date=date), name=f"{i}.json") for i, date in enumerate(dates)
        ]
        scenario = scenarios.load(shop(tmp_path, f"[{', '.join('./' + file.name for file in files)}]"))
        return [round(v.service.mean_s * 1e3, 6) for v in found(scenario)]

    assert times("2026-01", "2025-12") == [10.0]
    assert times("2026-01", "2026-02") == [11.0]
    assert times("2026-01", "2026-01") == [11.0]


def test_the_usual_power_mode_counts_and_two_named_ones_are_not_guessed_between(tmp_path: Path) -> None:
    board(tmp_path, measured(mean_ms=10.0, power_mode="15 W"), measured(mean_ms=12.0), measured(mean_ms=9.0, threads=2))
    scenario = scenarios.load(shop(tmp_path))
    assert [round(v.service.mean_s * 1e3, 6) for v in found(scenario)] == [9.0, 12.0]
    assert totals(scenario)[-1] == "2 figures from my-board.json; left out: 1 older, or of another power mode"
    board(tmp_path, measured(mean_ms=10.0, power_mode="15 W"))
    assert len(found(scenarios.load(shop(tmp_path)))) == 1
    board(tmp_path, measured(mean_ms=10.0, power_mode="15 W"), measured(mean_ms=8.0, power_mode="MAXN"))
    said = refused(shop(tmp_path))
    assert said.startswith(f":{LINE}: figures: found my-net on my-board in the power modes 15 W and MAXN, expected one")


def test_an_input_size_is_the_task_s_or_the_only_one_measured(tmp_path: Path) -> None:
    board(tmp_path, measured(mean_ms=10.0, input_px=320))
    assert len(found(scenarios.load(shop(tmp_path)))) == 1
    board(tmp_path, measured(mean_ms=10.0, input_px=320), measured(mean_ms=30.0, input_px=640))
    said = refused(shop(tmp_path))
    assert "found `my-net` without an input_size, expected input_size: 320 px or 640 px" in said
    sized = scenarios.load(shop(tmp_path, model="my-net, input_size: 640 px"))
    assert [v.service.mean_s for v in found(sized)] == [pytest.approx(0.030)]


WRONG: list[tuple[str, str | None, str]] = [
    ("./my-bord.json", None, "found `./my-bord.json` (no such file), expected a profile file as"),
    ("./cut.json", '{"schema_version": 1, "measurements": [{"model": "a"', "(line 1: no valid JSON ("),
    ("./plan.json", '{"schema_version": 1, "kind": "tierwise plan"}', "(measurements: no list of them), expected a p"),
    ("./new.json", '{"schema_version": 2, "measurements": []}', "(schema_version: `2`), expected 1"),
    ("./none.json", '{"schema_version": 1, "measurements": []}', "`./none.json` without a service time, expected how"),
    ("./empty.json", "", "found `./empty.json` (an empty file), expected a profile file as"),
    ("./shop.yaml", None, "found `./shop.yaml` (line 1: no valid JSON (Expecting value)), expected a profile file as"),
    (".", None, "found `.` (a folder), expected a profile file as"),
    ("{file: ./my-board.json}", None, "found a map of file, expected a list, or the path of a profile file"),
    ("12", None, "found `12`, expected a list, or the path of a profile file"),
]


@pytest.mark.parametrize(("figures", "content", "said"), WRONG)
def test_a_file_that_is_none_is_one_message_with_the_line_of_the_scenario(
    tmp_path: Path, figures: str, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / figures).write_text(content, encoding="utf-8")
    told = refused(shop(tmp_path, figures))
    assert told.startswith(f":{LINE}: figures: ")
    assert said in told


def test_what_is_wrong_inside_a_profile_file_is_said_with_its_place(tmp_path: Path) -> None:
    raw = json.loads(board(tmp_path).read_text(encoding="utf-8"))
    raw["measurements"][1]["mean_ms"] = -1
    raw["measurements"][2]["modle"] = "x"
    (tmp_path / "my-board.json").write_text(json.dumps(raw), encoding="utf-8")
    said = (
        f":{LINE}: figures: found `./my-board.json` (measurements.1.mean_ms: `-1`, and 1 more fault), expected greater"
    )
    assert refused(shop(tmp_path)).startswith(said)
    listed = refused(shop(tmp_path, "[./my-board.json]"))
    assert listed.startswith(f":{LINE}: figures.0: found `./my-board.json` (measurements.1.mean_ms")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{file: ./my-board.json, precision: fp16}", "found a file and precision, expected the file alone"),
        ("[./my-board.json]", "figures.0: found a list of 1, expected a text"),
        ("{model: my-net, hardware: my-board, macs: 1e9, time: 3 ms}", "found macs beside a time, expected them only"),
    ],
)
def test_an_entry_that_is_none(tmp_path: Path, entry: str, said: str) -> None:
    board(tmp_path)
    assert said in refused(shop(tmp_path, f"[{entry}]"))


def test_a_pair_that_the_file_lacks_is_met_with_what_it_has(tmp_path: Path) -> None:
    board(tmp_path)
    said = refused(shop(tmp_path, hardware="myboard", figures="./my-board.json"))
    assert "nobody measured my-net on label-camera, but on my-board (./my-board.json); the nearest" in said
    assert refused(shop(tmp_path, model="my-nett")).endswith("(did you mean my-net?)")


def test_a_near_name_is_offered_and_two_missing_files_are_two_faults(tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    board(tmp_path / "boards")
    assert refused(shop(tmp_path, "boards/my-bord.json")).endswith("(did you mean boards/my-board.json?)")
    with pytest.raises(BadInput) as problem:
        scenarios.load(shop(tmp_path, "[./one.json, ./other.json]"))
    assert [fault.path for fault in problem.value.faults] == ["figures.0", "figures.1"]


def test_a_text_without_a_folder_may_name_no_file(tmp_path: Path) -> None:
    board(tmp_path)
    absolute = SHOP.replace("./my-board.json", str(tmp_path / "my-board.json"))
    for text in (SHOP, absolute):
        with pytest.raises(BadInput, match="in a text without a folder, expected the figures themselves"):
            scenarios.load_text(text)
    assert len(found(scenarios.load_text(SHOP, folder=tmp_path))) == 3


def test_a_change_may_name_a_file_beside_the_scenario_and_what_was_read_stays(tmp_path: Path) -> None:
    board(tmp_path)
    board(tmp_path, measured(mean_ms=5.0), name="faster.json")
    file = shop(tmp_path)
    set_ = scenarios.load(file, set={"figures": "./faster.json"})
    assert [round(v.service.mean_s * 1e3, 6) for v in found(set_)] == [5.0]
    now = scenarios.load(file)
    (tmp_path / "my-board.json").unlink()
    later = now.with_({"links.line.rtt": "30 ms"})
    assert found(later) == found(now)
    assert [round(v.service.mean_s * 1e3, 6) for v in found(now.with_({"figures": "[./faster.json]"}))] == [5.0]
    what_if = f"{SHOP}what_if: {{faster: {{figures: ./faster.json}}}}\n"
    changed = scenarios.load_text(what_if, folder=tmp_path, what_if=["faster"]) if board(tmp_path) else now
    assert [round(v.service.mean_s * 1e3, 6) for v in found(changed)] == [5.0]


def test_the_hash_changes_with_the_figures_and_a_moved_plan_says_what_it_misses(tmp_path: Path) -> None:
    board(tmp_path)
    file = shop(tmp_path)
    scenario = scenarios.load(file)
    assert scenarios.load(file).hash == scenario.hash
    document = plan_file.to_dict(planner.plan(scenario))
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    again, placement = plan_file.read(tmp_path / "plan.json")
    assert again.hash == scenario.hash
    assert placement.routes[0].steps[0].variant == found(scenario)[0]
    board(tmp_path, *BOARD[:2])
    assert scenarios.load(file).hash != scenario.hash
    (tmp_path / "my-board.json").unlink()
    with pytest.raises(BadInput) as problem:
        plan_file.read(tmp_path / "plan.json")
    assert f"shop.yaml:{LINE}: figures: found `./my-board.json` (no such file)" in str(problem.value)


def test_a_new_scenario_elsewhere_names_the_same_file(run: Run, tmp_path: Path) -> None:
    board(tmp_path)
    shop(tmp_path, "[./my-board.json]")
    assert run("new", "mine", "--like", "shop.yaml", "--out", "deep/down", "--quiet")[0] == 0
    text = Path("deep/down/mine.yaml").read_text(encoding="utf-8")
    assert f"figures: [{os.path.join('..', '..', 'my-board.json')}]" in text
    out = run("check", "deep/down/mine.yaml")[1]
    assert "3 figures from ../../my-board.json; left out: 2 without the time of a single input" in out
    assert run("new", "beside", "--like", "shop.yaml", "--quiet")[0] == 0
    assert "figures: [./my-board.json]" in Path("beside.yaml").read_text(encoding="utf-8")


def test_the_schema_for_editors_takes_a_path_a_list_of_both_and_an_estimate() -> None:
    validator = jsonschema.Draft202012Validator({**json_schema(), "required": []})
    estimate = {"model": "yolo11n", "hardware": "raspberry-pi-4", "kind": "estimated", "macs": 4.35e9}
    typed = {"model": "yolo11n", "hardware": "raspberry-pi-4", "p50": "3 ms"}
    for figures in ("./a.json", ["./a.json", typed], [{"file": "./a.json"}], [estimate], []):
        assert list(validator.iter_errors({"figures": figures})) == []
    for figures in ({"file": "./a.json"}, [[]], None):
        assert list(validator.iter_errors({"figures": figures}))
