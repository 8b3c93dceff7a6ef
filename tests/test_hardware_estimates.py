"""Estimates: near what was measured, with error bars that hold, named as estimates, refused where nothing is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hardware_profiles import BadInput, model, profiles
from hardware_profiles.estimates import _asked, _estimate, error_bar, estimate, in_ms, left_out
from hardware_profiles.rooflines import Configuration, Roofline, Work, configuration_of, rooflines, work_of


def test_an_estimate_says_that_it_is_one_and_how_it_was_made() -> None:
    found = estimate("yolo11n", "raspberry-pi-4")
    assert found.kind == "estimated"
    assert found.low_ms < found.mean_ms < found.high_ms
    assert found.low_ms * found.high_ms == pytest.approx(found.mean_ms**2)
    assert all(f"{one.model} {in_ms(one.mean_ms)}" in found.method for one in found.similar)
    assert {one.hardware for one in found.similar} == {"raspberry-pi-4"}
    assert {(one.precision, one.runtime) for one in found.similar} == {(found.precision, found.runtime)}
    assert found.date == max(one.date for one in found.similar)
    assert found.service.mean_s * 1e3 == pytest.approx(found.mean_ms)


@pytest.mark.parametrize(
    ("name", "hardware", "precision", "runtime"),
    [
        ("yolo11n", "jetson-orin-nano-super", "fp16", "tensorrt"),
        ("resnet50", "raspberry-pi-4", "fp32", "tflite"),
        ("mobilenet-v2", "samsung-galaxy-s25", "int8", "tflite"),
    ],
)
def test_what_was_measured_lies_within_the_error_bar_of_its_estimate(
    name: str, hardware: str, precision: str, runtime: str
) -> None:
    """The pair's own row in this configuration does not count in its estimate."""
    (measured,) = (p for p in profiles(name, hardware) if (p.precision, p.runtime) == (precision, runtime))
    found = estimate(name, hardware, precision=precision, runtime=runtime)
    assert name not in {one.model for one in found.similar}
    assert found.low_ms <= measured.mean_ms <= found.high_ms
    assert found.mean_ms != measured.mean_ms


def test_a_stated_amount_of_work_stands_in_for_an_unknown_model() -> None:
    small, large = (estimate("my-own-net", "raspberry-pi-4", runtime="tflite", macs=g * 1e9) for g in (0.5, 4))
    assert small.model == "my-own-net"
    assert small.mean_ms < large.mean_ms
    assert "as stated" in small.method


def test_work_grows_with_the_area_of_the_picture() -> None:
    known = model("yolo11n")
    assert known is not None
    whole, half = work_of(known, 640), work_of(known, 320)
    assert whole is not None
    assert half is not None
    assert half.macs == pytest.approx(whole.macs / 4)
    asked = {"precision": "fp16", "runtime": "tensorrt"}
    assert estimate("yolo11n", "t4", input_px=320, **asked).mean_ms < estimate("yolo11n", "t4", **asked).mean_ms  # type: ignore[arg-type]


def test_the_fastest_far_end_is_taken() -> None:
    """Among the precisions and runtimes of a board none wins for an error in its favour."""
    best = estimate("yolo11n", "raspberry-pi-4")
    for how in rooflines():
        if how.hardware == "raspberry-pi-4":
            try:
                other = estimate("yolo11n", "raspberry-pi-4", precision=how.precision, runtime=how.runtime)
            except BadInput:
                continue  # too few models in that configuration
            assert best.high_ms <= other.high_ms


def test_where_few_models_were_measured_on_such_a_unit_all_units_make_the_error_bar() -> None:
    """Nine microcontroller models at least, else the bar would be the largest error seen, sold as nine in ten."""
    known = left_out()
    one = next(one for one in known if one.profile.unit == "MCU")
    assert len({each.profile.model for each in known if each.profile.unit == "MCU"}) < 9
    assert error_bar(known, "MCU", one.unlike, put_right=True) == error_bar(known, "", one.unlike, put_right=True)
    board = estimate("yolo11n", "zedboard")  # a programmable chip, alone of its kind
    assert board.unit == "FPGA"
    assert math.isfinite(board.high_ms)


@pytest.mark.parametrize(
    ("asked", "found", "expected"),
    [
        (("yolo11n", "raspbery-pi-4", {}), "raspbery-pi-4", "raspberry-pi-4"),
        (("no-such-net", "raspberry-pi-4", {}), "no-such-net", "macs"),
        (("yolo11n", "raspberry-pi-4", {"precision": "fp4"}), "yolo11n in fp4 on raspberry-pi-4", "3 models"),
        (("my-net", "t4", {"macs": 0}), "macs: 0", "4.35e9"),
        (("my-net", "t4", {"macs": math.nan}), "macs: nan", "4.35e9"),
    ],
)
def test_what_cannot_be_estimated_is_refused_by_name(
    asked: tuple[str, str, dict[str, object]], found: str, expected: str
) -> None:
    name, hardware, how = asked
    with pytest.raises(BadInput) as refused:
        estimate(name, hardware, **how)  # type: ignore[arg-type]
    assert found in str(refused.value)
    assert expected in str(refused.value)


def test_a_roofline_of_equal_rates_gives_times_in_proportion_to_work_to_its_power() -> None:
    """Three models that all run at one rate: a fourth does too, whichever of them it is like."""
    template = profiles("resnet50", "t4")[0]
    macs = (1e8, 1e9, 1e10)
    made = tuple(
        type(template)(**{**vars(template), "model": f"net-{i}", "mean_ms": 3.0 * (m / 1e9) ** 0.7})
        for i, m in enumerate(macs)
    )
    roofline = Roofline(Configuration("t4", "fp16", "tensorrt", "GPU", None), made, tuple(Work(m) for m in macs))
    (given,), (unlike,) = roofline.log_ms([Work(2e9)], ["another"])
    assert math.exp(given) == pytest.approx(3.0 * 2**0.7)
    assert unlike == pytest.approx(math.log(2) / 0.5)
    without, _ = roofline.log_ms([Work(m) for m in macs], ["net-0", "net-1", "net-2"])
    assert np.exp(without) == pytest.approx([one.mean_ms for one in made])


def test_leaving_one_out_leaves_it_out() -> None:
    """The error of a left-out measurement does not change with the measurement itself."""
    how, roofline = next((h, r) for h, r in rooflines().items() if len(r.profiles) > 20)
    name = roofline.profiles[0].model
    others = [i for i, profile in enumerate(roofline.profiles) if profile.model != name]
    fewer = Roofline(how, tuple(roofline.profiles[i] for i in others), tuple(roofline.works[i] for i in others))
    work = roofline.works[0]
    assert roofline.log_ms([work], [name])[0] == pytest.approx(fewer.log_ms([work], [""])[0])


@pytest.mark.slow
def test_error_bars_hold_where_little_is_known_of_a_model_elsewhere() -> None:
    """As if each model had been timed at one other place: far fewer than those from which bars are learned."""
    random = np.random.default_rng(1)
    inside = []
    for at in random.integers(len(left_out()), size=150):
        measured = left_out()[at].profile
        asked = _asked(measured.model, measured.input_px, None)
        elsewhere = [one for one in asked.own if one[0].hardware != measured.hardware]
        witness = (elsewhere[random.integers(len(elsewhere))],) if elsewhere else ()
        found = _estimate(replace(asked, own=witness), rooflines()[configuration_of(measured)])
        inside.append(found.low_ms <= measured.mean_ms <= found.high_ms)
    assert sum(inside) / len(inside) > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("put_right", [True, False])
def test_error_bars_hold_nine_times_in_ten(put_right: bool) -> None:
    """For models that gave no figure to the bar: nominally 90 %, less what luck takes from 300 (three sigma: 5 %)."""
    known = left_out()
    some = known[:: len(known) // 300]
    inside = []
    for one in some:
        error = one.put_right if put_right else one.error
        if error is not None:
            others = [other for other in known if other.profile.model != one.profile.model]
            bar = error_bar(others, one.profile.unit, one.unlike, put_right=put_right)
            inside.append(abs(error) <= bar)
    assert len(inside) > 250
    assert sum(inside) / len(inside) > 0.85


@pytest.mark.parametrize(
    ("ms", "told"), [(0.8124, "0.812 ms"), (41.72, "41.7 ms"), (3304.0, "3 300 ms"), (999.6, "1 000 ms")]
)
def test_a_time_is_told_with_three_digits_that_count(ms: float, told: str) -> None:
    assert in_ms(ms) == told
