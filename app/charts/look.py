"""The visual language of report, page, notebooks and print: colours, marks, type, and how a chart becomes a picture.

Marks and areas have one colour that stands out from light paper and from dark (3:1), and never without a shape, a word
or a line of its own. Text is in the colours of its paper (4.5:1). What text is written on is a tint with a solid
outline, so that the text stays readable.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree as ET

from planner.formats import THIN

if TYPE_CHECKING:
    import altair as alt
    from matplotlib.typing import RcKeyType

Scheme = Literal["page", "light", "dark"]  # page: in the colour of the text around it, for SVG within HTML

FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"  # all of one width
SIZE = 12  # of text in charts [px]
TINT = 0.2  # opacity of an area within its outline

_RUST, _GOLD, _GREEN, _MAUVE, _BLUE, _VIOLET = "#b0451e", "#ac8d03", "#09a274", "#887f94", "#1b6caa", "#6d53d0"


@dataclass(frozen=True)
class Mark:
    """A colour that never comes alone: a shape (Vega's name), the same as a letter, for matplotlib, and a hatch."""

    colour: str
    shape: str
    glyph: str
    marker: str
    hatch: str


TIER: Mapping[str, Mark] = {
    "device": Mark(_RUST, "circle", "●", "o", "..."),
    "gateway": Mark(_GOLD, "square", "■", "s", "///"),
    "on_prem": Mark(_GREEN, "triangle-up", "▲", "^", "---"),
    "network_edge": Mark(_MAUVE, "diamond", "◆", "D", "xxx"),
    "regional_cloud": Mark(_BLUE, "triangle-down", "▼", "v", "\\\\\\"),
    "cloud": Mark(_VIOLET, "cross", "✚", "P", "+++"),
}
PART: Mapping[str, Mark] = {
    "waiting": Mark(_RUST, "circle", "●", "o", "..."),
    "service": Mark(_BLUE, "square", "■", "s", "///"),
    "network": Mark(_GREEN, "diamond", "◆", "D", "---"),
}
COST: Mapping[str, Mark] = {
    "equipment": Mark(_BLUE, "square", "■", "s", "///"),
    "electricity": Mark(_GOLD, "triangle-up", "▲", "^", "..."),
    "cloud": Mark(_VIOLET, "cross", "✚", "P", "+++"),
    "network": Mark(_GREEN, "diamond", "◆", "D", "---"),
    "other": Mark(_MAUVE, "circle", "●", "o", "xxx"),
}
WITHIN, LATE = PART["service"], PART["waiting"]  # requests within their limit, and beyond it


@dataclass(frozen=True)
class Sign:
    """A verdict: its word, a mark, and the colours of both on light and on dark paper."""

    word: str
    glyph: str
    light: str
    dark: str


SIGN: Mapping[str, Sign] = {
    "met": Sign("met", "✓", "#0b6b4a", "#5fd3a5"),
    "missed": Sign("missed", "✗", "#a8321a", "#ff9c85"),
    "undecided": Sign("undecided", "≈", "#7a5c00", "#e6bd4a"),
    "infeasible": Sign("infeasible", "✗", "#a8321a", "#ff9c85"),
    "unknown": Sign("unknown", "?", "#55606b", "#a9b4bf"),
}


@dataclass(frozen=True)
class Paper:
    """What is written on, and what with."""

    paper: str
    shade: str  # of panels and code
    rule: str  # thin lines
    ink: str
    soft: str  # captions and headings of tables
    link: str


PAPER: Mapping[Scheme, Paper] = {
    "light": Paper("#ffffff", "#f3f6f8", "#d0d8df", "#1c2733", "#55606b", "#155a91"),
    "dark": Paper("#12181e", "#1b242c", "#3a4855", "#e3e9ef", "#a9b4bf", "#7cc0f4"),
}
_PRINT = Paper("#ffffff", "#ffffff", "#999999", "#000000", "#333333", "#000000")


def ink(scheme: Scheme) -> str:
    """The colour of text and lines of a chart."""
    return "currentColor" if scheme == "page" else PAPER[scheme].ink


def css() -> str:
    """Custom properties for a page: light, dark where the reader's system is dark, and print.

    ``--paper --shade --rule --ink --soft --link``, one for each verdict (``--met`` …) and one for each tier
    (``--device``, ``--on_prem`` …).
    """
    tiers = {name: mark.colour for name, mark in TIER.items()}
    light = vars(PAPER["light"]) | {name: sign.light for name, sign in SIGN.items()} | tiers
    dark = vars(PAPER["dark"]) | {name: sign.dark for name, sign in SIGN.items()}
    print_ = vars(_PRINT) | dict.fromkeys(SIGN, _PRINT.ink)
    return "\n".join(
        (
            f":root {{ {_properties(light)} }}",
            f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_properties(dark)} }} }}",
            f"@media print {{ :root {{ {_properties(print_)} }} }}",
        )
    )


def _properties(values: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())


def streamlit_theme() -> dict[str, str]:
    """Options ``theme.*`` of Streamlit, for light and for dark."""
    options = {"theme.font": FONT, "theme.headingFont": FONT}
    for scheme in ("light", "dark"):
        paper = PAPER[scheme]
        options |= {
            f"theme.{scheme}.primaryColor": paper.link,
            f"theme.{scheme}.backgroundColor": paper.paper,
            f"theme.{scheme}.secondaryBackgroundColor": paper.shade,
            f"theme.{scheme}.textColor": paper.ink,
            f"theme.{scheme}.linkColor": paper.link,
            f"theme.{scheme}.borderColor": paper.rule,
        }
    return options


def print_style() -> dict[RcKeyType, Any]:
    """rcParams of matplotlib for papers and slides: black on white, type that stays text, hatches that print."""
    return {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same bytes everywhere
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.6,
        "hatch.linewidth": 0.5,
        "legend.frameon": False,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "pdf.fonttype": 42,
        "text.parse_math": False,  # a name with $ is no formula
    }


def themed(chart: alt.LayerChart, scheme: Scheme) -> alt.LayerChart:
    """The chart in our type, ink and numbers, on no paper of its own."""
    colour = ink(scheme)
    text = {"labelColor": colour, "titleColor": colour, "labelFontSize": SIZE, "titleFontSize": SIZE}
    themed_chart: alt.LayerChart = chart.configure(
        background="transparent",
        font=FONT,
        padding=4,
        locale={"number": {"decimal": ".", "thousands": THIN, "grouping": [3], "currency": ["", ""]}},
        axis={
            **text,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "labelPadding": 5,
            "labelFlush": False,
            "domainColor": colour,
            "tickColor": colour,
            "gridColor": colour,
            "gridOpacity": 0.14,
        },
        text={"color": colour, "fontSize": SIZE},
        rule={"color": colour},
        view={"stroke": None},
    )
    return themed_chart


_INNER = ("role", "aria-roledescription", "aria-label", "aria-hidden", "pointer-events", "class")
_SVG = "http://www.w3.org/2000/svg"


def svg(chart: alt.LayerChart) -> str:
    """Only the ``svg`` element: named by the chart's description, pointing nowhere, the same bytes for the same chart.

    Two of them may stand in one page: what has to be referred to within a picture is named after its content.
    """
    import io

    out = io.StringIO()
    chart.save(out, format="svg")
    ET.register_namespace("", _SVG)
    root = ET.fromstring(out.getvalue())
    for parent in root.iter():
        for name in _INNER:  # to a reader the picture is one thing, with one name
            parent.attrib.pop(name, None)
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}path" and _draws_nothing(child):
                parent.remove(child)
    root.set("role", "img")
    if isinstance(chart.description, str):
        root.set("aria-label", chart.description)
    return _own_names(ET.tostring(root, encoding="unicode"))


def _draws_nothing(path: ET.Element) -> bool:
    return "fill" not in path.attrib and "stroke" not in path.attrib


def _own_names(text: str) -> str:
    """Vega counts its ``clip`` paths over the life of a process: count them over the picture, and sign them."""
    names = dict.fromkeys(re.findall(r'id="(\w+)"', text))
    for number, name in enumerate(names):
        text = re.sub(rf'(id="|url\(#){name}(?=["\)])', rf"\1@{number}@", text)
    signature = hashlib.sha256(text.encode()).hexdigest()[:8]
    return re.sub(r'(id="|url\(#)@(\d+)@', rf"\1s{signature}-\2", text)


def standing_alone(picture: str) -> str:
    """An ``svg`` element as a file of its own: with its own paper and ink, light and dark."""
    light, dark = PAPER["light"], PAPER["dark"]
    style = (
        f"<style>svg {{ color: {light.ink}; background: {light.paper}; }} "
        f"@media (prefers-color-scheme: dark) {{ svg {{ color: {dark.ink}; background: {dark.paper}; }} }}</style>"
    )
    start = picture.index(">") + 1
    return f"{picture[:start]}{style}{picture[start:]}\n"
