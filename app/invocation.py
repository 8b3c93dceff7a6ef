"""The command that asks for an answer again, with every change the user made."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Invocation:
    """How the user named the scenario and what was changed in it."""

    program: str
    scenario: str
    settings: tuple[str, ...] = ()  # PATH=VALUE
    what_ifs: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()  # TASK=POOL
    forbidden: tuple[str, ...] = ()
    seed: int = 1

    def words(self, verb: str) -> list[str]:
        """The parts of the command, options with their values, quoted for a shell."""
        options = [("--set", setting) for setting in self.settings] + [("--with", name) for name in self.what_ifs]
        options += [("--fix", one) for one in self.fixed] + [("--forbid", one) for one in self.forbidden]
        options += [("--seed", str(self.seed))] if self.seed != 1 else []
        return [f"{self.program} {verb} {shlex.quote(self.scenario)}", *(f"{o} {quoted(v)}" for o, v in options)]

    def line(self, verb: str, extra: Sequence[str] = ()) -> str:
        """The command on one line; ``extra`` comes behind it, already quoted."""
        return " ".join([*self.words(verb), *extra])


def quoted(text: str) -> str:
    """Quotes only the value of ``PATH=VALUE``: easier to read than quotes around the whole."""
    path, equals, value = text.partition("=")
    if equals and shlex.quote(path) == path:
        return f"{path}={shlex.quote(value)}"
    return shlex.quote(text)
