"""The visual language: who sees colours differently, reads on dark paper or prints in black loses nothing."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from app.charts.look import COST, PAPER, PART, SIGN, TIER, TINT, Mark, css, print_style, streamlit_theme
from scenarios.places import TIERS

Vector = npt.NDArray[np.float64]

# Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB
SEEN = {
    "as most do": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
APART = 18.0  # of two colours in CIELAB; 2.3 is a just noticeable difference
PAPERS = list(PAPER.values())
MARKS = [*TIER.values(), *PART.values(), *COST.values()]


def linear(colour: str) -> Vector:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour: Vector) -> Vector:
    found = (XYZ @ np.clip(colour, 0, 1)) / XYZ.sum(axis=1)
    x, y, z = np.where(found > 216 / 24389, np.cbrt(found), (24389 / 27 * found + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: Vector, other: Vector) -> float:
    """Of WCAG 2, between linear colours."""
    light, dark = sorted((float(XYZ[1] @ one), float(XYZ[1] @ other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_white_and_black_are_as_far_apart_as_can_be() -> None:
    assert contrast(linear("#ffffff"), linear("#000000")) == pytest.approx(21)
    assert np.linalg.norm(lab(linear("#ffffff")) - lab(linear("#000000"))) == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("kind", SEEN)
@pytest.mark.parametrize("marks", [TIER, PART, COST], ids=["tier", "part", "cost"])
def test_colours_stay_apart_for_everybody(marks: dict[str, Mark], kind: str) -> None:
    seen = {name: lab(SEEN[kind] @ linear(mark.colour)) for name, mark in marks.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= APART, (one, other)


@pytest.mark.parametrize("marks", [TIER, PART, COST], ids=["tier", "part", "cost"])
def test_every_colour_has_a_shape_a_letter_and_a_hatch_of_its_own(marks: dict[str, Mark]) -> None:
    for kind in ("colour", "shape", "glyph", "marker", "hatch"):
        assert len({getattr(mark, kind) for mark in marks.values()}) == len(marks)


def test_every_tier_has_its_mark() -> None:
    assert tuple(TIER) == TIERS


@pytest.mark.parametrize("paper", PAPERS, ids=list(PAPER))
def test_marks_stand_out_and_text_is_readable_on_every_paper(paper: object) -> None:
    colours = vars(paper)
    signs = [sign.light if paper is PAPER["light"] else sign.dark for sign in SIGN.values()]
    for ground in (colours["paper"], colours["shade"]):
        for text in (colours["ink"], colours["soft"], colours["link"], *signs):
            assert contrast(linear(text), linear(ground)) >= 4.5, (text, ground)
    for mark in MARKS:
        assert contrast(linear(mark.colour), linear(colours["paper"])) >= 3, mark


@pytest.mark.parametrize("paper", PAPERS, ids=list(PAPER))
def test_text_is_readable_on_the_tint_of_every_mark(paper: object) -> None:
    colours = vars(paper)
    ground, mark_parts = np.array(_parts(colours["paper"])), [np.array(_parts(mark.colour)) for mark in MARKS]
    for parts in mark_parts:
        mixed = "#" + "".join(f"{round(value):02x}" for value in ground * (1 - TINT) + parts * TINT)
        assert contrast(linear(colours["ink"]), linear(mixed)) >= 4.5


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def test_verdicts_differ_by_their_word() -> None:
    assert len({sign.word for sign in SIGN.values()}) == len(SIGN)
    assert all(sign.glyph for sign in SIGN.values())


def test_a_page_has_every_colour_on_light_dark_and_printed_paper() -> None:
    light, dark, printed = css().splitlines()
    names = re.findall(r"--([\w-]+):", light)
    assert {"paper", "ink", "soft", "rule", "shade", "link", *SIGN, *TIER} == set(names)
    assert "prefers-color-scheme: dark" in dark
    assert "print" in printed
    by_paper = {"paper", "ink", "soft", "rule", "shade", "link", *SIGN}
    assert by_paper == set(re.findall(r"--([\w-]+):", dark)) == set(re.findall(r"--([\w-]+):", printed))
    assert "url(" not in css()


def test_streamlit_knows_every_option_of_the_theme() -> None:
    from streamlit import config

    for option in streamlit_theme():
        config.get_option(option)
    assert streamlit_theme()["theme.dark.backgroundColor"] == PAPER["dark"].paper


def test_matplotlib_knows_every_parameter_of_the_print() -> None:
    from matplotlib import rc_context, rcParams

    with rc_context(print_style()):
        assert rcParams["pdf.fonttype"] == 42
