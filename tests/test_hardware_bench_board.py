"""What the bench reads of a board: energy, heat, clocks, brakes, and what machine it is."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from onnx_models import write

from hardware_profiles.bench.board import Board
from hardware_profiles.bench.energy import PowerMeter, meter_of
from hardware_profiles.bench.gauges import brakes, braking, busy_s, clock_mhz, temperature_c
from hardware_profiles.bench.machine import cores, machine, power_mode
from hardware_profiles.bench.running import Settings, measured
from hardware_profiles.bench.throttling import drift, held_back
from hardware_profiles.bench.watch import Observed, Watch

RAPL = "sys/class/powercap/intel-rapl:"
HWMON = "sys/class/hwmon/hwmon"


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def laid_out(board: Board, files: dict[str, object]) -> None:
    """The kernel's files, as it would show them."""
    for name, text in files.items():
        file = board.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", "utf-8")


def program(board: Board, name: str, says: str) -> None:
    """One of the board's own programs."""
    laid_out(board, {f"usr/bin/{name}": f"#!/bin/sh\necho '{says}'"})
    (board.root / "usr/bin" / name).chmod(0o755)


def rapl(board: Board, package: int, memory: int, cores: int = 0) -> None:
    zones = {"0": ("package-0", package), "0:0": ("core", cores), "0:1": ("dram", memory)}
    for zone, (name, count) in zones.items():
        laid_out(board, {f"{RAPL}{zone}/{key}": text for key, text in (("name", name), ("energy_uj", count))})
        laid_out(board, {f"{RAPL}{zone}/max_energy_range_uj": 1_000_000_000})


# --- energy ------------------------------------------------------------------------------------------------------


def test_rapl_counts_packages_and_memory_exactly_and_over_the_end_of_its_range(board: Board) -> None:
    rapl(board, package=10_000_000, memory=999_000_000, cores=1)
    meter, why = meter_of(board, "CPU")
    assert meter is not None
    assert (meter.about, why) == ("RAPL package-0 + dram", "")
    meter.start()
    rapl(board, package=12_500_000, memory=999_500_000, cores=900_000_000)  # cores are in the package already
    meter.tick()
    assert meter.joules == pytest.approx(3.0, abs=1e-12)
    rapl(board, package=12_500_000, memory=250_000, cores=900_000_000)  # memory has begun anew
    meter.tick()
    assert meter.joules == pytest.approx(3.75, abs=1e-12)
    meter.start()
    assert meter.joules == 0


def test_rapl_is_no_measure_of_what_a_gpu_does(board: Board) -> None:
    rapl(board, 1, 1)
    meter, why = meter_of(board, "GPU")
    assert meter is None
    assert "RAPL counts the processor" in why
    assert meter_of(Board(board.root / "nothing"), "CPU") == (None, "")


def test_rapl_that_only_root_may_read_is_said(board: Board) -> None:
    laid_out(board, {f"{RAPL}0/name": "package-0"})  # as where energy_uj cannot be read
    meter, why = meter_of(board, "CPU")
    assert meter is None
    assert "root only" in why


def ina(board: Board, chip: int, rails: dict[int, tuple[str, int, int]]) -> None:
    laid_out(board, {f"{HWMON}{chip}/name": "ina3221"})
    for channel, (label, millivolts, milliamperes) in rails.items():
        laid_out(board, {f"{HWMON}{chip}/in{channel}_label": label, f"{HWMON}{chip}/in{channel}_input": millivolts})
        laid_out(board, {f"{HWMON}{chip}/curr{channel}_input": milliamperes})
    laid_out(board, {f"{HWMON}{chip}/in7_label": "sum of shunt voltages", f"{HWMON}{chip}/in7_input": 9})


def test_the_rail_that_feeds_the_board_counts_and_else_all_rails(board: Board) -> None:
    ina(board, 1, {1: ("VDD_IN", 5000, 2000), 2: ("VDD_CPU_GPU_CV", 5000, 800), 3: ("VDD_SOC", 5000, 300)})
    meter, _ = meter_of(board, "GPU")
    assert isinstance(meter, PowerMeter)
    assert (meter.about, meter.watts()) == ("power of VDD_IN (INA)", pytest.approx(10.0))
    other = Board(board.root / "agx")
    ina(other, 1, {1: ("VDD_GPU_SOC", 20000, 500), 2: ("VDD_CPU_CV", 20000, 250), 3: ("VIN_SYS_5V0", 5000, 1000)})
    ina(other, 2, {1: ("NC", 5000, 400), 2: ("VDDQ_VDD2_1V8AO", 5000, 200)})
    meter, _ = meter_of(other, "CPU")
    assert isinstance(meter, PowerMeter)
    assert meter.watts() == pytest.approx(10 + 5 + 5 + 1)
    assert "NC" not in meter.about


def test_power_between_two_readings_lies_on_a_straight_line() -> None:
    readings = iter([(0.0, 10.0), (1.0, 20.0), (3.0, 20.0)])
    now: list[float] = []

    def watts() -> float:
        instant, power = next(readings)
        now[:] = [instant]
        return power

    meter = PowerMeter("some", watts, clock=lambda: now[0])
    meter.start()
    meter.tick()
    meter.tick()
    assert meter.joules == 15 + 40


def test_the_raspberry_pis_rails_are_added_up(board: Board) -> None:
    rails = ("VDD_CORE_A current(7)=2.0A", "VDD_CORE_V volt(15)=0.9V", "3V3_SYS_A current(1)=0.1A")
    program(board, "vcgencmd", "\n".join((*rails, "EXT5V_V volt(24)=5.1V", "3V3_SYS_V volt(9)=3.3V")))
    meter, _ = meter_of(board, "CPU")
    assert isinstance(meter, PowerMeter)
    assert meter.watts() == pytest.approx(2.0 * 0.9 + 0.1 * 3.3)


def test_the_energy_of_an_input_is_that_of_the_measured_runs(board: Board) -> None:
    """A counter that grows by a joule per reading: the first starts it, the last ends the measurement.

    On a slow machine it is looked at in between, too.
    """
    file = write(board.root, "tiny").file
    rapl(board, 0, 0)
    settings = Settings(file, "tiny", "here", batches=(4,), threads=(1,), runs=5, warm_up_s=0.01)
    (result,) = measured(settings, Growing(board.root), lambda _: None)
    one = result.measurement
    readings = int((board.root / f"{RAPL}0/energy_uj").read_text()) // 1_000_000
    joules = readings - 2  # one reading found the counter, one started it
    assert joules >= 1
    assert one.energy_mj == pytest.approx(joules * 1000 / (4 * 5))
    assert "energy: RAPL package-0 + dram, idle share included" in one.conditions
    assert one.power_w is not None
    assert one.power_w > 1 / 10  # a joule in far less than ten seconds
    (without,) = measured(settings, Board(board.root / "nothing"), lambda _: None)
    assert (without.measurement.energy_mj, without.measurement.power_w) == (None, None)


class Growing(Board):
    """A board whose package draws a joule between two readings of its counter that are no second look."""

    def number(self, path: Path | str) -> float | None:
        counted = super().number(path)
        if str(path).endswith("intel-rapl:0/energy_uj") and counted is not None:
            (self.root / path).write_text(str(int(counted) + 1_000_000))
        return counted


# --- heat, clocks, brakes ----------------------------------------------------------------------------------------


def test_the_hottest_zone_counts_unless_it_is_no_computing_or_off(board: Board) -> None:
    assert temperature_c(board) is None
    zones = {0: ("cpu-thermal", 61200), 1: ("iwlwifi_1", 99000), 2: ("gpu-thermal", 64500), 3: ("tj", -256000)}
    laid_out(board, {f"{HWMON}0/name": "k10temp", f"{HWMON}0/temp1_input": 71000})
    assert temperature_c(board) == 71.0
    for number, (kind, milli) in zones.items():
        zone = f"sys/class/thermal/thermal_zone{number}"
        laid_out(board, {f"{zone}/type": kind, f"{zone}/temp": milli})
    assert temperature_c(board) == 64.5


def test_the_clock_is_that_of_the_fastest_core(board: Board) -> None:
    assert clock_mhz(board) is None
    laid_out(
        board,
        {f"sys/devices/system/cpu/cpu{n}/cpufreq/scaling_cur_freq": khz for n, khz in ((0, 600_000), (3, 2_400_000))},
    )
    assert clock_mhz(board) == 2400


def test_brakes_are_counts_that_grow_and_flags_that_are_up(board: Board) -> None:
    count = "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count"
    laid_out(board, {count: 7, f"{HWMON}0/oc1_event_cnt": 2})
    assert brakes(board) == {"thermal throttling": 7, "over-current": 2}
    assert braking(board) == ()
    with Watch(board, None) as watch:
        pass
    assert watch.observed.braked == ()
    with Watch(board, None) as watch:
        laid_out(board, {count: 8})
    assert watch.observed.braked == ("thermal throttling",)
    program(board, "vcgencmd", "throttled=0x50006")  # bits 16 and up: some time since the board was started
    assert braking(board) == ("clock capped", "throttled")
    with Watch(board, None) as watch:
        pass
    assert watch.observed.braked == ("clock capped", "throttled")
    program(board, "vcgencmd", "throttled=0x50000")
    assert braking(board) == ()


def test_the_gauges_are_read_from_the_first_to_the_last_moment(board: Board) -> None:
    laid_out(board, {"sys/class/thermal/thermal_zone0/type": "cpu", "sys/class/thermal/thermal_zone0/temp": 50000})
    with Watch(board, None, period_s=0.01) as watch:
        laid_out(board, {"sys/class/thermal/thermal_zone0/temp": 60000})
        time.sleep(0.1)
        laid_out(board, {"sys/class/thermal/thermal_zone0/temp": 70000})
    assert watch.observed.temperatures_c[0] == 50
    assert watch.observed.temperatures_c[-1] == 70
    assert 60 in watch.observed.temperatures_c
    assert 0.1 <= watch.observed.seconds < 5


# --- throttling --------------------------------------------------------------------------------------------------

COOL = Observed(seconds=30, temperatures_c=(48.0, 60.0, 81.0))


def test_a_run_that_grows_slower_is_noticed_and_said() -> None:
    steady = [10.0 + 0.1 * (n % 7) for n in range(300)]
    hot = [10.0] * 150 + [10.0 + n / 50 for n in range(150)]
    assert drift(steady) == pytest.approx(1, abs=0.02)
    assert held_back(steady, COOL) == ()
    assert drift(hot) == pytest.approx(1.239)  # the last fifth is 11.80, 11.82 … 12.98
    assert held_back(hot, COOL) == ("24% slower in the last fifth of the runs than in the first (48 to 81 °C)",)
    assert held_back(hot, replace(COOL, seconds=0.3)) == ()  # too short for heat
    assert held_back(list(reversed(hot)), COOL) == ()
    assert drift([1.0, 9.0] * 9) == 1


def test_a_falling_clock_and_the_boards_own_word_are_said() -> None:
    falling = Observed(30, clocks_mhz=(2400.0,) * 10 + (1500.0,) * 10)
    assert held_back([10.0] * 100, falling) == ("the clock fell from 2400 to 1500 MHz",)
    assert held_back([10.0] * 100, replace(falling, clocks_mhz=(2400.0,) * 20)) == ()
    assert held_back([10.0] * 100, Observed(30, braked=("over-current",))) == ("the board reports over-current",)


def test_other_work_on_the_machine_is_noticed_and_said(board: Board) -> None:
    """As Linux counts it in hundredths of a second: user, nice, system, idle, waiting, two interrupts, stolen."""
    laid_out(board, {"proc/stat": "cpu  1000 0 500 9000 10 1 2 3 0 0"})
    assert busy_s(board) == 15.06
    with Watch(board, None) as watch:
        time.sleep(1.05)
        laid_out(board, {"proc/stat": "cpu  1050 0 520 9900 99 1 2 13 0 0"})
    seconds, processors = watch.observed.seconds, os.cpu_count() or 1
    assert watch.observed.others == pytest.approx(0.8 / (seconds * processors), abs=0.05)
    assert held_back([10.0] * 100, Observed(30, others=0.4)) == ("other work took 40% of the processors",)
    assert held_back([10.0] * 100, Observed(30, others=0.01)) == ()


# --- machine -----------------------------------------------------------------------------------------------------


def test_a_board_says_what_it_is(board: Board) -> None:
    laid_out(
        board,
        {
            "proc/device-tree/model": "NVIDIA Jetson Orin Nano Developer Kit\0",
            "proc/cpuinfo": "processor\t: 0\nmodel name\t: ARMv8 Processor rev 1 (v8l)\n",
            "proc/meminfo": "MemTotal:        7802004 kB\nMemFree: 1 kB",
            "etc/os-release": 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 22.04.4 LTS"',
            "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": 1510400,
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "schedutil",
        },
    )
    program(board, "nvpmodel", "NV Power Mode: MODE_15W\n0")
    said = machine(board)
    assert {
        name: said[name] for name in ("board", "cpu", "memory_gb", "os", "cpu_max_mhz", "governor", "power_mode")
    } == {
        "board": "NVIDIA Jetson Orin Nano Developer Kit",
        "cpu": "ARMv8 Processor rev 1 (v8l)",
        "memory_gb": 8.0,
        "os": "Ubuntu 22.04.4 LTS",
        "cpu_max_mhz": 1510.4,
        "governor": "schedutil",
        "power_mode": "15W",
    }
    assert "virtual" not in said
    assert power_mode(Board(board.root / "nothing")) == ""


def test_this_machine_says_what_it_is() -> None:
    said = machine(Board())
    assert said["cpu"]
    assert said["logical_cpus"] == os.cpu_count()
    assert all(value not in ("", None) for value in said.values())


def test_threads_that_share_a_core_are_one_core(board: Board) -> None:
    usable = sorted(os.sched_getaffinity(0))
    assert cores(board) == len(usable)  # the kernel does not say which belong together
    for cpu in usable:
        laid_out(
            board, {f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list": f"{min(usable)},{max(usable)}"}
        )
    assert cores(board) == 1
