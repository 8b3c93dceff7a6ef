"""The text of a file that somebody handed in, or one line that says why it is none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn

from hardware_profiles.faults import BadInput, Fault

LARGEST_MB = 256


def text_of(path: Path) -> str:
    """The whole text of a file, line ends as they are.

    Raises
    ------
    BadInput
        Where there is no such file, or it is empty, larger than 256 MB, no UTF-8 (UTF-16 with its mark is read too)
        or holds NUL bytes.
    """
    try:
        if path.is_dir():
            raise BadInput(Fault("", "a folder", "a file", str(path)))
        if path.stat().st_size > LARGEST_MB * 10**6:
            raise BadInput(Fault("", "a very large file", f"at most {LARGEST_MB} MB", str(path)))
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(Fault("", "no such file", "a file", str(path))) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        about = getattr(error, "strerror", None) or error
        raise BadInput(Fault("", f"a file that cannot be read ({about})", "a file", str(path))) from None
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # what PowerShell's `>` writes
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(Fault("", "no text (not UTF-8)", "text", str(path))) from None
    if "\0" in text:
        raise BadInput(Fault("", "no text (it holds NUL bytes)", "text", str(path)))
    if not text.strip():
        raise BadInput(Fault("", "an empty file", "text", str(path)))
    return text


def json_of(text: str, file: str = "") -> Any:
    """A JSON text as plain values, with finite numbers only.

    Raises
    ------
    BadInput
        Where it is no JSON, or nested too deep, or holds NaN or Infinity: with the line.
    """

    def refused(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    try:
        return json.loads(text, parse_constant=refused)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].rstrip()
        ends_early = error.msg.startswith("Unterminated string") or re.fullmatch(r"[\w.+-]*", rest)
        cut = "; is the file cut off?" if ends_early else ""
        raise BadInput(Fault("", f"no valid JSON ({error.msg}{cut})", "JSON", file, error.lineno)) from None
    except RecursionError:
        raise BadInput(Fault("", "lists nested too deep", "JSON", file)) from None
    except ValueError as error:  # NaN, or an integer of thousands of digits
        raise BadInput(Fault("", f"no valid JSON ({str(error).partition(';')[0]})", "JSON", file)) from None
