"""The library and the catalogue of measurements as lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.printed.lines import COLUMNS, cut, hanging, labelled, paragraph
from hardware_profiles.matching import meant, named, unknown
from hardware_profiles.neighbours import described, nearest
from planner.formats import NOTHING, number, plural

if TYPE_CHECKING:
    from hardware_profiles.catalogue.devices import Device
    from hardware_profiles.catalogue.facts import Fact
    from hardware_profiles.catalogue.models import Model
    from hardware_profiles.listing import Listed
    from hardware_profiles.overview import Overview

_MOST = 60  # lines that somebody reads
_WIDEST = 24  # what a text may be cut to
_SHOWN_NEAREST = 3  # pairs nobody measured, each with what was
# A file in a repository as the catalogue names it; what stands behind it in brackets is no part of its path.
_IN_REPOSITORY = re.compile(r"github:([\w.-]+/[\w.-]+?)(?:@([0-9a-f]+))?:(.+?)(?=;| and | \([^()]*\)$|$)")


def library_lines(library: Mapping[str, str]) -> list[str]:
    """One line for each scenario, its name and what it is about."""
    width = max((len(name) for name in library), default=0) + 3
    return [cut(f"{name:<{width}}{' '.join(about.split())}", COLUMNS) for name, about in library.items()]


def overview_lines(known: Overview) -> list[str]:
    """How much was measured, on what and from where, and what to type to see it."""
    devices = sum(known.devices.values())
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in known.devices.items())
    text = [
        f"{plural(known.measurements, 'measurement')} of {plural(known.models, 'model')} on "
        f"{plural(devices, 'device')}, each with source and date",
        *paragraph("devices", kinds, 3),
        "from",
    ]
    for family in known.families:
        text += paragraph(f"{number(family.measurements):>7} ", f"{family.about} [{family.licence}]", 3)
    examples = ("yolo11n jetson", "resnet50 int8 tensorrt", '--models "object detection"', "--devices raspberry")
    return [*text, *(labelled("" if i else "show", f"tierwise hardware {words}") for i, words in enumerate(examples))]


def profile_lines(
    found: Sequence[Listed],
    holes: Sequence[Mapping[str, str]],
    pattern: str = "",
    everything: bool = False,
    loosely: str = "",
) -> list[str]:
    """Measurements, one a line, by model and hardware, with numbered sources below; else the nearest names.

    Unless ``everything`` is wanted, at most sixty of them and none that a newer one replaces. ``loosely`` are words
    that are no name, of which what was found holds each.
    """
    if not found and not holes:
        return _nothing(pattern)
    counting = [one for one in found if everything or one.replaced_by is None]
    shown = counting if everything else counting[:_MOST]
    numbers = {source: i for i, source in enumerate(dict.fromkeys(one.measured.source for one in shown), 1)}
    text = [f"nothing is called {_quoted(loosely)}; what holds these words:", ""] if loosely else []
    heading = ""
    for one in shown:
        pair = f"{one.measured.model} on {one.measured.hardware}"
        if pair != heading:
            text.append(pair)
            heading = pair
        text += _profile_line(one, numbers[one.measured.source])
    if shown:
        old = "; old: a newer measurement counts" if any(one.replaced_by for one in shown) else ""
        text += ["", f"mean and p99 [ms]; ~ the spread is assumed{old}", "Sources"]
        text += [f"  [{i}] {_linked(source)}" for source, i in numbers.items()]
    text += _left_out(len(counting) - len(shown), len(found) - len(counting))
    if holes:
        text += [*([""] if shown else []), f"Nobody measured {plural(len(holes), 'pair')} of model and hardware"]
        for hole in holes:
            text += hanging(f"  {hole['model']} on {hole['hardware']} {hole['note']}".rstrip())
        text += _instead_of(holes, bool(shown))
    return text


def _instead_of(holes: Sequence[Mapping[str, str]], found: bool) -> list[str]:
    """What comes nearest to pairs that nobody measured, and how to go on without."""
    text: list[str] = []
    for hole in [] if found or len(holes) > _SHOWN_NEAREST else holes:
        for i, profile in enumerate(nearest(hole["model"], hole["hardware"])):
            text += paragraph("" if i else "nearest", described(profile), 3)
    model, hardware = (holes[0]["model"], holes[0]["hardware"]) if len(holes) == 1 else ("MODEL", "HARDWARE")
    figure = f"{{model: {model}, hardware: {hardware}, p50: … ms, p99: … ms, kind: assumed, why: …}}"
    return [
        *text,
        labelled("or ask", f"tierwise hardware {model} {hardware} --estimate"),
        *paragraph("assume", f"figures: [{figure}]", 3),
    ]


def batch_lines(
    found: Sequence[Listed],
    batch: int,
    batches: Mapping[tuple[str, str], Sequence[int]],
    pattern: str,
    everything: bool,
) -> list[str]:
    """The same of times at one batch, measured or between two that were; else in which batches each pair was."""
    if found:
        return profile_lines(found, [], pattern, everything)
    if not batches:
        return _nothing(pattern)
    text = [f"Nobody measured that in batches of {batch}, nor in smaller and in larger ones"]
    for (model, hardware), known in list(batches.items())[:_MOST]:
        said = f"measured in batches of {' and '.join(map(str, known))}" if known else "not timed"
        text += hanging(f"  {model} on {hardware}: {said}")
    return [*text, *_left_out(max(0, len(batches) - _MOST), 0)]


def model_lines(found: Sequence[tuple[Model, int]], pattern: str = "", everything: bool = False) -> list[str]:
    """Models, one a line: task, parameters, multiply-accumulate operations, input, number of measurements."""
    rows = [
        [one.name, one.task, _short(one.parameters), _short(one.macs), one.input_shape or NOTHING, number(count)]
        for one, count in found
    ]
    return _table(["model", "task", "weights", "MACs", "input", "rows"], rows, pattern, everything, texts=(0, 1, 4))


def device_lines(found: Sequence[tuple[Device, int]], pattern: str = "", everything: bool = False) -> list[str]:
    """Devices, one a line: kind, memory [GB], price [USD], draw [W] idle, busy and at most, number of measurements."""
    rows = [
        [
            one.name,
            one.kind.replace("_", " "),
            *(_plain(fact) for fact in (one.memory_gb, one.price_usd, one.idle_w, one.busy_w, one.peak_w)),
            number(count),
        ]
        for one, count in found
    ]
    head = ["device", "kind", "GB", "USD", "idle", "busy", "peak", "rows"]
    return _table(head, rows, pattern, everything, texts=(0, 1))


def _table(head: list[str], rows: list[list[str]], pattern: str, everything: bool, texts: tuple[int, ...]) -> list[str]:
    if not rows:
        return _nothing(pattern)
    shown = [head, *(rows if everything else rows[:_MOST])]
    widths = [max(len(row[i]) for row in shown) for i in range(len(head))]
    # Texts give way where a line would be too long.
    widths = [min(width, _WIDEST) if i in texts[1:] else width for i, width in enumerate(widths)]
    widths[0] = min(widths[0], max(_WIDEST, COLUMNS - sum(widths[1:]) - 2 * (len(head) - 1)))
    lines = [
        "  ".join(
            f"{cut(cell, width):<{width}}" if i in texts else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in shown
    ]
    return [*lines, *_left_out(len(rows) + 1 - len(shown), 0)]


def _left_out(more: int, replaced: int) -> list[str]:
    text = [f"{number(more)} more; say it with more words, or --all"] if more else []
    if replaced:
        text += [f"{plural(replaced, 'older measurement')} that a newer one replaces: --all"]
    return ["", *text] if text else []


def _nothing(pattern: str) -> list[str]:
    words, known, near = unknown(pattern), named(pattern), ", ".join(meant(pattern))
    if words:
        text = f"nothing is known of {' and of '.join(map(_quoted, words))}"
    else:
        text = f"nothing is known that holds all of {_quoted(pattern)}"
    return [
        *hanging(text + (f"; did you mean {near}?" if near else "")),
        *(f"of {name} something is: tierwise hardware {name}" for name in known),
        "tierwise hardware --models and --devices list the names",
    ]


def _quoted(text: str) -> str:
    return f'"{text}"'


def _linked(source: str) -> str:
    """A source with files of public repositories as addresses to open."""
    return _IN_REPOSITORY.sub(
        lambda found: f"https://github.com/{found[1]}/blob/{found[2] or 'HEAD'}/{quote(found[3])}", source
    )


def _profile_line(one: Listed, source: int) -> list[str]:
    measured, line = one.measured, one.line()
    how = " ".join(_how(one))
    mean, p99 = measured.mean_ms, line["p99_ms"]
    if isinstance(p99, float):
        figures = f"{number(mean, 2):>9}{'~' if line['spread'] else ' '}{number(p99, 2):>9}"
    elif measured.tokens_per_s is not None:
        figures = f"{number(measured.tokens_per_s, 1)} tokens/s".rjust(19)
    elif measured.per_s is not None:
        figures = f"{number(measured.per_s, 1)} inputs/s".rjust(19)
    else:
        figures = f"{number(mean, 2):>9}".ljust(19)
    dated = " ".join(word for word in (measured.kind, measured.date, f"[{source}]") if word)
    behind = f"{figures}  {dated}{' old' if one.replaced_by else ''}"
    text = [f"  {how:<31}{behind}"] if len(how) <= 30 else [f"  {how}", f"  {'':<31}{behind}"]
    return text if measured.kind != "interpolated" else [*text, f"    {measured.conditions}"]


def _how(one: Listed) -> Iterable[str]:
    """What sets a measurement apart from others of its pair."""
    measured = one.measured
    yield from (word for word in (measured.precision, measured.runtime, measured.unit) if word)
    if measured.batch != 1:
        yield f"batch {measured.batch}"
    if size := one.unusual_size:
        yield f"{size} px"
    if measured.threads is not None:
        yield plural(measured.threads, "thread")
    if measured.power_mode:
        yield measured.power_mode
    if measured.load != "single_stream":
        yield measured.load.replace("_", " ")
    if one.stands_for:
        yield f"for {one.stands_for}"


def _plain(fact: Fact | None) -> str:
    return NOTHING if fact is None else number(fact.value, 0 if fact.value >= 100 or fact.value.is_integer() else 1)


def _short(fact: Fact | None) -> str:
    """A large count with three digits: ``25.5 M``."""
    if fact is None:
        return NOTHING
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if fact.value >= size:
            return f"{fact.value / size:.3g} {letter}"
    return f"{fact.value:.3g}"
