"""What is wrong with an input, said so that it can be mended without reading our code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Fault:
    """One fault: where, what was found, what was expected, and the nearest valid name.

    Parameters
    ----------
    path
        Where inside the input: ``links.uplink.rtt``. Empty for the file as a whole.
    found, expected
        What stands there and what should. ``expected`` may be empty where a part is only refused.
    file, line
        As the user named the file; ``line`` counts from 1.
    nearest
        A valid name that was probably meant.
    """

    path: str
    found: str
    expected: str
    file: str = ""
    line: int | None = None
    nearest: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file and self.line is not None else self.file
        where = ": ".join(part for part in (place, self.path) if part)
        what = f"found {self.found}" + (f", expected {self.expected}" if self.expected else "")
        hint = f" (did you mean {self.nearest}?)" if self.nearest else ""
        return f"{where}: {what}{hint}" if where else what + hint


class BadInput(Exception):  # noqa: N818 - it names what the user handed in
    """One or more faults in what the user handed in, all of them at once."""

    def __init__(self, faults: Iterable[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class NotSupported(BadInput):
    """A valid part that this version does not plan or simulate, refused by name."""


def closest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant; empty where none is close."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return found[0] if found else ""
