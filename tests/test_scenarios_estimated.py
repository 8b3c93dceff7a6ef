"""Figures that ask for an estimate: made only where nobody measured, with their error bar, and refused where wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_scenarios_figures_file import SHOP, board, measured

import planner
import scenarios
from hardware_profiles import BadInput
from hardware_profiles.estimates import estimate
from planner import plan_file
from scenarios.figures import Variant
from scenarios.scenario import Scenario
from scenarios.totals import totals
from scenarios.variants import missing, variants

PI = "raspberry-pi-4"


def shop(*entries: str, model: str = "yolo11n", hardware: str = PI, **options: Any) -> Scenario:
    text = SHOP.replace("model: my-net", f"model: {model}").replace("my-board", hardware).replace("150 ms", "2.5 s")
    figures = f"figures: [{', '.join(entries)}]"
    return scenarios.load_text(text.replace(f"figures: ./{hardware}.json", figures), file="shop.yaml", **options)


def found(scenario: Scenario, hardware: str = PI) -> tuple[Variant, ...]:
    stream = scenario.workload("scan")
    return variants(scenario, stream, stream.task("look"), scenario.pool("box"), hardware, scenario.groups[0])


ASKED = f"{{model: YOLO11n, hardware: {PI}, kind: estimated}}"


def test_an_estimate_is_a_variant_with_its_method_and_its_error_bar() -> None:
    scenario = shop(ASKED)
    made = estimate("yolo11n", PI)
    (only,) = found(scenario)
    assert only.origin.kind == "estimated"
    assert (only.precision, only.runtime, only.unit) == (made.precision, made.runtime, made.unit)
    assert only.service == made.service
    bar = f"{made.low_ms:.3g} to {made.high_ms:.3g} ms"
    assert only.origin.source == f"{made.method}; nine of ten such estimates are right within {bar}"
    assert f"on {PI} in {made.precision} {made.runtime}, {made.mean_ms:.3g} ms, {bar} (90 %)" in totals(scenario)[-1]


def test_what_an_entry_states_is_what_is_estimated() -> None:
    made = estimate("my-net", PI, precision="fp32", macs=1e9)
    entry = f"{{model: my-net, hardware: {PI}, precision: float32, macs: 1e9, kind: estimated, why: a first guess}}"
    (only,) = found(shop(entry, model="my-net"))
    assert (only.precision, only.service) == ("fp32", made.service)
    assert only.origin.source.endswith("; a first guess")
    for macs in ("1 G", "1G", "1e9", "1000 M", "1_000_000_000", "1000000000", '"1.0e+9"'):
        (alike,) = found(shop(entry.replace("1e9", macs), model="my-net"))
        assert alike.service == made.service
    small = f"{{model: yolo11n, hardware: {PI}, input_size: 320 px, kind: estimated}}"
    (sized,) = found(shop(small, model="yolo11n, input_size: 320 px"))
    assert sized.service == estimate("yolo11n", PI, input_px=320).service
    with pytest.raises(BadInput, match="a model that somebody measured on"):  # another size than the task's
        shop(small, model="yolo11n, tiers: [gateway]")


def test_a_plan_by_an_estimate_lists_it_with_its_error_bar() -> None:
    made = estimate("yolo11n", PI)
    document = plan_file.to_dict(planner.plan(shop(ASKED)))
    (task,) = document["routes"][0]["tasks"]
    assert (task["on"], task["kind"]) == (PI, "estimated")
    (assumed,) = [one for one in document["assumptions"] if one["path"] == "figures.0"]
    assert (assumed["what"], assumed["kind"]) == (f"time of YOLO11n on {PI}", "estimated")
    assert assumed["value"] == f"{made.mean_ms:.3g} ms, {made.low_ms:.3g} to {made.high_ms:.3g} ms (90 %)"
    assert assumed["source"].startswith(made.method)


def test_what_was_measured_counts_before_an_estimate(tmp_path: Path) -> None:
    box = "jetson-orin-nano-super"
    entry = f"{{model: yolo11n, hardware: {box}, kind: estimated}}"
    scenario = shop(entry, hardware=box)
    assert found(scenario, box) == found(shop(hardware=box), box)
    assert totals(scenario)[-1] == f"measured, so not estimated: yolo11n on {box}"
    board(tmp_path, measured(model="yolo11n", hardware=PI, mean_ms=300.0))
    from_file = shop("./my-board.json", ASKED, folder=tmp_path)
    assert [v.origin.kind for v in found(from_file)] == ["measured"]
    typed = shop(f"{{model: yolo11n, hardware: {PI}, time: 280 ms}}", ASKED)
    assert [v.origin.kind for v in found(typed)] == ["yours"]


def test_another_precision_may_be_estimated_beside_a_measured_one(tmp_path: Path) -> None:
    board(tmp_path, measured(model="yolo11n", hardware=PI, mean_ms=300.0))
    asked = f"{{model: yolo11n, hardware: {PI}, precision: int8, kind: estimated}}"
    both = found(shop("./my-board.json", asked, folder=tmp_path))
    assert {(v.precision, v.origin.kind) for v in both} == {("fp32", "measured"), ("int8", "estimated")}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (f"{{model: yolo11n, hardware: {PI}, kind: estimated, time: 3 ms}}", "found a time and kind: estimated"),
        (f"{{model: yolo11n, hardware: {PI}, kind: estimated, p50: 3 ms}}", "found a time and kind: estimated"),
        (f"{{model: yolo11n, hardware: {PI}, kind: estimated, macs: -1}}", "found macs: -1, expected a number of oper"),
        (f"{{model: yolo11n, hardware: {PI}, kind: estimated, macs: many}}", "figures.0.macs: found `many`"),
        (f"{{model: yolo11n, hardware: {PI}, kind: estimated, input_size: 640}}", "figures.0.input_size: found `640`"),
        (f"{{model: yolo11n, hardware: {PI}, kind: guessed}}", "figures.0.kind: found `guessed`"),
        ("{model: yolo11n, kind: estimated}", "found a model without hardware"),
        ("{task: overhead, kind: estimated}", "found an estimate without a model"),
        (f"{{model: yolo11n, hardware: {PI}, time: 3 ms, input_size: 640 px}}", "found input_size beside a time"),
        (f"{{model: my-net, hardware: {PI}, kind: estimated}}", "figures.0: found my-net, expected a model of the cat"),
        ("{model: yolo11n, hardware: abacus, kind: estimated}", "figures.0: found abacus, expected hardware of the ca"),
    ],
)
def test_an_estimate_that_cannot_be_made_is_one_fault(entry: str, said: str) -> None:
    with pytest.raises(BadInput) as problem:
        shop(entry, model="yolo11n" if "my-net" not in entry else "my-net")
    (fault,) = problem.value.faults
    assert str(fault).startswith("shop.yaml:17: figures.0")
    assert said in str(fault)


def test_a_missing_profile_offers_an_estimate_where_one_could_be_made() -> None:
    assert missing("yolo11n", PI).endswith(f"{{model: yolo11n, hardware: {PI}, kind: estimated}}")
    assert missing("my-net", PI, 320).endswith(f"hardware: {PI}, kind: estimated, input_size: 320 px, macs: …}}")
    assert missing("my-net", "azure NC4as_T4_v3").endswith("hardware: azure NC4as_T4_v3, kind: estimated, macs: …}")
    assert "estimated" not in missing("yolo11n", "abacus")
