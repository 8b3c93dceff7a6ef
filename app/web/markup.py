"""The parts of an answer as HTML; every text of a scenario is escaped, only our own pictures are not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from app.charts.look import PAPER, SIGN, Scheme
from app.report.parts import Picture, Section, Table
from app.report.rendering import linked
from app.tables.verdict import Verdict
from app.web.measures import Measure

_SIGNED = {"met": "met", "MISSED": "missed", "undecided": "undecided", "not simulated": "undecided"}  # verdicts


def banner(found: Verdict) -> str:
    """The verdict with its word and mark, what is loud, and the reasons."""
    loud = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in found.loud)
    why = f"Why ({found.of})" if found.of else "Why"
    parts = {
        "Plan": found.placed,
        "Cost": (found.cost,),
        why: (found.why,),
        ("Else" if found.placed else "Change"): found.otherwise,
        "Flips": (found.flips,),
    }
    told = "".join(
        f"<dt>{escape(label)}</dt><dd>{'<br>'.join(map(escape, texts))}</dd>"
        for label, texts in parts.items()
        if any(texts)
    )
    head = f'<p class="head" role="status">{_sign(found.tone, found.word)} {escape(found.told)}</p>'
    return f'<div class="tw"><div class="banner {found.tone}">{head}{loud}<dl>{told}</dl></div></div>'


def cards(found: Sequence[Measure], other: str) -> str:
    """The figures side by side, each with its change against something else."""
    return f'<div class="tw"><div class="cards">{"".join(_card(one, other) for one in found)}</div></div>'


def _card(one: Measure, other: str) -> str:
    """The change is coloured, and says in words too whether it is for the better."""
    against = f" against {other}" if one.change.startswith(("+", "-")) else ""
    change = f'<p class="soft">{escape(one.change + against)}</p>'
    if one.better is not None:
        tone, word = ("met", "better") if one.better else ("missed", "worse")
        arrow = "▼" if one.change.startswith("-") else "▲"
        text = f'<span aria-hidden="true">{arrow}</span> {escape(one.change)}'
        change = f'<p><span class="sign {tone}">{text}</span> <span class="soft">{word} than {escape(other)}</span></p>'
    value = f'<p class="value">{escape(one.value)}</p>'
    inside = f"<p>{escape(one.label)}</p>{value}{change}{_soft(one.about)}"
    return f'<div class="card" role="group" aria-label="{escape(one.label)}">{inside}</div>'


def paragraph(text: str) -> str:
    return f'<div class="tw"><p>{escape(text)}</p></div>'


def soft(text: str) -> str:
    """A remark."""
    return f'<div class="tw">{_soft(text)}</div>'


def _soft(text: str) -> str:
    return f'<p class="soft">{escape(text)}</p>'


def line(tone: str, word: str, text: str) -> str:
    """How things stand: a mark, a word, a sentence."""
    return f'<div class="tw"><p class="line {tone}" role="status">{_sign(tone, word)} {escape(text)}</p></div>'


def faults(lines: Iterable[str]) -> str:
    """What is wrong with an input, a line each."""
    told = "".join(f"<p>{escape(text)}</p>" for text in lines)
    return (
        f'<div class="tw"><div class="line missed" role="alert"><p>{_sign("missed", "Refused")}</p>{told}</div></div>'
    )


def section(one: Section, scheme: Scheme) -> str:
    """A section of the report without its heading."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in one.text)
    pictures = "".join(_picture(picture, PAPER[scheme].ink) for picture in one.pictures)
    tables = "".join(_table(table, captioned=len(one.filled) > 1) for table in one.filled)
    return f'<div class="tw">{text}{pictures}{tables}</div>'


def _picture(one: Picture, ink: str) -> str:
    """As an image with words: Streamlit takes SVG out of HTML. There it has to be told the colour of its text."""
    data = b64encode(one.svg.replace("<svg ", f'<svg color="{ink}" ', 1).encode()).decode()
    caption = f"<figcaption>{escape(one.caption)}</figcaption>" if one.caption else ""
    return f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(one.words)}">{caption}</figure>'


def _table(one: Table, captioned: bool) -> str:
    """A caption that would repeat the heading is only for who cannot see it."""
    titles = "".join(f'<th scope="col" class="{column.kind}">{escape(column.title)}</th>' for column in one.columns)
    head = f"<thead><tr>{titles}</tr></thead>" if one.titled else ""
    rows = []
    for number, (first, *others) in enumerate(one.rows, 1):
        of_sums = ' class="sum"' if one.sum and number == len(one.rows) else ""
        cells = (_cell(text, column.kind) for text, column in zip(others, one.columns[1:], strict=True))
        rows.append(f'<tr{of_sums}><th scope="row">{escape(first)}</th>{"".join(cells)}</tr>')
    note = _soft(one.note) if one.note else ""
    caption, unseen = escape(one.caption), "" if captioned else ' class="unseen"'
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{caption}"><table>'
        f"<caption{unseen}>{caption}</caption>{head}<tbody>{''.join(rows)}</tbody></table></div>{note}"
    )


def _cell(text: str, kind: str) -> str:
    tone = _SIGNED.get(text) if kind == "sign" else None
    return f'<td class="{tone}">{_sign(tone, text)}</td>' if tone else f'<td class="{kind}">{_linked(text)}</td>'


def _linked(text: str) -> str:
    """Escaped, with its addresses as links that leave this page open."""
    return str(linked(text)).replace("<a ", '<a target="_blank" ')


def _sign(tone: str, word: str) -> str:
    return f'<span class="sign"><span aria-hidden="true">{SIGN[tone].glyph}</span> {escape(word)}</span>'
