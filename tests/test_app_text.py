"""How figures and lines are written: no scenario is needed."""

from __future__ import annotations

import pytest

from app.invocation import Invocation
from app.printed.lines import COLUMNS, command, cut, paragraph
from planner.formats import THIN, money, ms, number


@pytest.mark.parametrize("value", [0.0, 0.004, 0.99, 9.99, 9.996, 1234.5, 1e9, -3.2, float("inf"), float("nan")])
def test_no_figure_is_empty_or_minus_zero(value: float) -> None:
    for write in (number, money, ms):
        text = write(value)
        assert text
        assert text not in ("-0", "-0.0", "-0.00")


def test_thousands_stay_on_one_line_when_text_is_wrapped() -> None:
    text = " ".join(["word"] * 13 + [number(72_000)] + ["word"] * 20)
    assert any(f"72{THIN}000" in line for line in paragraph("Label", text, 5))


def test_a_paragraph_says_that_it_was_cut() -> None:
    lines = paragraph("Why", "reason " * 60, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(len(line) <= COLUMNS for line in lines)


def test_cutting_keeps_whole_words() -> None:
    assert cut("pictures must not leave the plant", 24) == "pictures must not…"
    assert cut("short", 24) == "short"


def test_a_long_command_is_continued_so_that_a_shell_reads_it_as_one() -> None:
    asked = Invocation(".venv/bin/tierwise", "factory vision.yaml", ("links.uplink.rtt=80 ms",), ("busy",), seed=7)
    lines = command("Next", asked.words("plan"))
    assert all(len(line) <= COLUMNS for line in lines)
    assert all(line.endswith("\\") for line in lines[:-1])
    joined = " ".join(line[8:].removesuffix("\\").strip() for line in lines)
    assert joined == asked.line("plan")
    assert joined == (
        ".venv/bin/tierwise plan 'factory vision.yaml' --set links.uplink.rtt='80 ms' --with busy --seed 7"
    )
