"""Printing: plain text when nobody watches, a little colour and progress on a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

_LOUD = {"met": typer.colors.GREEN, "missed": typer.colors.RED, "undecided": typer.colors.YELLOW}
_VERDICT = re.compile(rf"\b({'|'.join(_LOUD)})$", re.IGNORECASE)


def show(lines: Sequence[str]) -> None:
    """Prints lines; on a terminal a verdict at the end of a line is coloured too (never only coloured)."""
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in map(visible, lines):
        _print(_VERDICT.sub(_coloured, line) if colour else line)


def _print(text: str) -> None:
    """Where the reader has left (``| head``), the rest goes nowhere and the exit code stays what it is."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Says what is wrong on standard error."""
    for line in text.splitlines():
        typer.echo(visible(line), err=True)


def visible(line: str) -> str:
    """Without control characters: a scenario's text must not steer the terminal."""
    return "".join(letter for letter in line if unicodedata.category(letter) != "Cc")


def _coloured(verdict: re.Match[str]) -> str:
    return typer.style(verdict[0], fg=_LOUD[verdict[0].lower()], bold=True)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done, on standard error and only where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading the scenario") as status:
        yield lambda words: status.update(words)


def program() -> str:
    """The way the user called us, to be pasted: ``.venv/bin/tierwise`` or ``tierwise``."""
    called = Path(sys.argv[0])
    if called.name != "tierwise" or not called.exists():
        return "tierwise"
    folders = [Path(folder).resolve() for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    here = called.absolute()
    if here.parent.resolve() in folders:
        return "tierwise"
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else str(here)


def show_json(document: object) -> None:
    """One JSON document on standard output; raises ValueError where a number is not finite."""
    _print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
