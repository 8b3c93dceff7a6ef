"""Loading a scenario: a name of the library, a file or a text, with its changes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hardware_profiles.faults import BadInput, Fault, closest
from scenarios.changes import changed, with_likes
from scenarios.resolving.scenario import resolve
from scenarios.scenario import Scenario
from scenarios.source import Source
from scenarios.yaml_text import MOST_BYTES, decoded, read, too_large
from scenarios.yaml_text import Path as TreePath


def load(name_or_path: str | Path, *, set: Mapping[str, Any] | None = None, what_if: Sequence[str] = ()) -> Scenario:
    """Load a scenario of the library or a file.

    Parameters
    ----------
    name_or_path
        ``factory-vision``, or the path of a YAML file.
    set
        Path → value, applied last: ``{"links.uplink.rtt": "80 ms"}``.
    what_if
        Names of the scenario's own changes, applied in this order.

    Raises
    ------
    BadInput
        With every fault of the text and of the changes.
    """
    data, file = _found(str(name_or_path))
    return _loaded(data, file, folder_of(name_or_path), set or {}, what_if)


def load_text(
    text: str | bytes,
    *,
    file: str = "scenario",
    set: Mapping[str, Any] | None = None,
    what_if: Sequence[str] = (),
    folder: Path | None = None,
) -> Scenario:
    """Load a scenario from its text, or from the bytes of a file named ``file``; otherwise as `load`.

    ``folder`` is where the paths of profile files in it start; without one such a path is a fault.
    """
    return _loaded(text.encode() if isinstance(text, str) else text, file, folder, set or {}, what_if)


def text_of(name_or_path: str | Path) -> str:
    """A scenario of the library or a file as it is written. Raises BadInput where there is none."""
    return decoded(*_found(str(name_or_path)))


def folder_of(name_or_path: str | Path) -> Path:
    """Where the paths in a scenario start: at its file, for one of the library at the current folder."""
    return Path() if str(name_or_path) in _shipped() else Path(name_or_path).parent


@lru_cache
def library() -> Mapping[str, str]:
    """The scenarios that come with Tierwise, by name, with what each is about."""
    return {name: str(read(data, name).tree.get("about", "")).strip() for name, data in _shipped().items()}


@lru_cache
def _shipped() -> dict[str, bytes]:
    folder = files("scenarios") / "library"
    texts = sorted((item for item in folder.iterdir() if item.name.endswith(".yaml")), key=lambda item: item.name)
    return {item.name.removesuffix(".yaml"): item.read_bytes() for item in texts}


def _found(name: str) -> tuple[bytes, str]:
    if name in _shipped():
        return _shipped()[name], f"{name}.yaml"
    path = Path(name)
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise too_large(max(len(data), os.fstat(opened.fileno()).st_size), name)
            return data, name
    except FileNotFoundError:
        near = closest(name, _shipped())
        expected = f"a file or a name of the library: {', '.join(_shipped())}"
        raise BadInput(Fault("", f"no scenario `{name}`", expected, nearest=near)) from None
    except (OSError, ValueError) as error:
        raise BadInput(Fault("", f"`{name}` cannot be read ({type(error).__name__})", "a YAML file")) from None


def _loaded(
    data: bytes, file: str, folder: Path | None, settings: Mapping[str, Any], what_if: Sequence[str]
) -> Scenario:
    text = read(data, file)
    tree, lines, applied = dict(text.tree), text.lines, []
    for name in what_if:
        tree, lines = _apply(tree, lines, _what_if(tree, name, file), file)
        applied.append(f"with {name}")
    if settings:
        tree, lines = _apply(tree, lines, settings, file)
        applied += [f"{path}={value}" for path, value in settings.items()]
    here = None if folder is None else folder.absolute()
    return _resolved(Source(tree, lines, file, here), tuple(applied))


def changed_scenario(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """See `Scenario.with_`."""
    tree, lines = _apply(dict(scenario.document), scenario.lines, changes, scenario.file)
    return _resolved(_again(scenario, tree, lines), (*scenario.changes, *(f"{p}={v}" for p, v in changes.items())))


def what_if_scenario(scenario: Scenario, name: str) -> Scenario:
    """See `Scenario.with_what_if`."""
    changes = _what_if(scenario.document, name, scenario.file)
    tree, lines = _apply(dict(scenario.document), scenario.lines, changes, scenario.file)
    return _resolved(_again(scenario, tree, lines), (*scenario.changes, f"with {name}"))


def _again(scenario: Scenario, tree: Mapping[str, Any], lines: Mapping[TreePath, int]) -> Source:
    """A changed text with the profile files and traces as the scenario has them, whatever became of them since."""
    files = {file.path: file for file in scenario.files}
    recordings = {(one.file, one.column): one for one in scenario.recordings}
    return Source(tree, lines, scenario.file, scenario.folder, files, recordings)


def _what_if(tree: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    known = tree.get("what_if") or {}
    if not isinstance(known, Mapping) or not isinstance(known.get(name), Mapping):
        names = [str(key) for key in known] if isinstance(known, Mapping) else []
        expected = f"one of {', '.join(names)}" if names else "a scenario with what_if"
        raise BadInput(Fault("what_if", f"`{name}`", expected, file, nearest=closest(name, names)))
    found: Mapping[str, Any] = known[name]
    return found


def _apply(
    tree: Mapping[str, Any], lines: Mapping[TreePath, int], changes: Mapping[str, Any], file: str
) -> tuple[dict[str, Any], Mapping[TreePath, int]]:
    """The changed tree, and the lines of what the file still says itself."""
    new = changed(tree, changes, file)
    return new, {path: line for path, line in lines.items() if not _touched(path, changes)}


def _touched(path: TreePath, changes: Mapping[str, Any]) -> bool:
    text = ".".join(map(str, path))
    return any(text == change or text.startswith(f"{change}.") for change in changes)


def _resolved(source: Source, applied: tuple[str, ...]) -> Scenario:
    # what is resolved holds everything that `like` takes over; what is kept is the shorter text of the user
    whole = replace(source, tree=with_likes(source.tree, source.file, source.line))
    return replace(resolve(whole, applied), document=source.tree)
