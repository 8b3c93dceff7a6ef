"""Faults read as sentences and none of them is lost."""

import subprocess
import sys

import pytest

from hardware_profiles import BadInput, Fault, NotSupported
from hardware_profiles.faults import closest


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (
            Fault("links.uplink.rtt", "'80'", "a time such as 80 ms", "parking.yaml", 12),
            "parking.yaml:12: links.uplink.rtt: found '80', expected a time such as 80 ms",
        ),
        (
            Fault("pools.gatway", "an unknown key", "a pool", "parking.yaml", 3, nearest="gateway"),
            "parking.yaml:3: pools.gatway: found an unknown key, expected a pool (did you mean gateway?)",
        ),
        (
            Fault("", "an empty file", "a scenario", "parking.yaml"),
            "parking.yaml: found an empty file, expected a scenario",
        ),
        (Fault("seed", "'x'", "a whole number"), "seed: found 'x', expected a whole number"),
        (Fault("", "nothing", ""), "found nothing"),
    ],
)
def test_a_fault_says_where_what_and_what_instead(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_all_faults_are_reported_together() -> None:
    faults = [Fault("a", "1", "2"), Fault("b", "3", "4")]
    with pytest.raises(BadInput) as caught:
        raise NotSupported(faults)
    assert caught.value.faults == tuple(faults)
    assert str(caught.value) == "a: found 1, expected 2\nb: found 3, expected 4"


def test_one_fault_may_stand_alone() -> None:
    assert BadInput(Fault("a", "1", "2")).faults == (Fault("a", "1", "2"),)


def test_looking_up_a_profile_loads_no_heavy_library() -> None:
    code = (
        "import sys, hardware_profiles as hw; assert hw.profiles('yolov8n', 't4') == (); "
        "print(sorted({'pandas', 'scipy', 'numpy', 'pandera'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_the_closest_known_name_is_offered_and_none_where_none_is_close() -> None:
    assert closest("gatway", ["camera", "gateway"]) == "gateway"
    assert closest("xyz", ["camera", "gateway"]) == ""
