"""Changes to the text of a scenario: ``--set``, named what-ifs, and workloads that start from another one."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hardware_profiles.faults import BadInput, Fault, closest
from scenarios.language.walk import keys_at
from scenarios.units import NotAQuantity, number_times
from scenarios.yaml_text import value_of

Tree = dict[str, Any]
_FRACTIONAL = re.compile(r"p\d+\.\d+")  # the key p99.9, also where p99 is one
_NOWHERE = object()
_TIMES = re.compile(r"^\s*([+-]?[\d_.]+(?:[eE][+-]?\d+)?)\s*times\s*$")


def changed(tree: Mapping[str, Any], changes: Mapping[str, Any], file: str = "") -> Tree:
    """A copy of the tree with the value at each path replaced.

    A text is read as YAML; ``1.6 times`` multiplies what stands there, ``absent`` removes it. Keys may hold dots and
    spaces (``prices.openai gpt-4o``); an index picks from a list.

    Raises
    ------
    BadInput
        For each path that leads nowhere, with the nearest one that the scenario has.
    """
    found = copy.deepcopy(dict(tree))
    faults: list[Fault] = []
    for path, value in changes.items():
        try:
            _change(found, path, value, file)
        except BadInput as problem:
            faults += problem.faults
    if faults:
        raise BadInput(faults)
    return found


def _change(tree: Tree, path: str, value: Any, file: str) -> None:
    try:
        new = value_of(value) if isinstance(value, str) else copy.deepcopy(value)  # later changes may go into it
    except BadInput as problem:
        raise BadInput(Fault(path, f"`{value}` ({problem.faults[0].found})", "a value in YAML", file)) from None
    holder, key = _holder(tree, path, file)
    exists = key in holder if isinstance(holder, dict) else True
    factor = _TIMES.match(new) if isinstance(new, str) else None
    if not exists and (factor or new == "absent"):
        raise _nowhere(tree, path, file)
    if factor:
        try:
            holder[key] = _multiplied(holder[key], float(factor[1].replace("_", "")))
        except (NotAQuantity, ValueError):
            raise BadInput(Fault(path, f"`{new}`", "a number to multiply", file)) from None
    elif new == "absent":
        del holder[key]
    else:
        holder[key] = new


def _holder(tree: Tree, path: str, file: str) -> tuple[Any, Any]:
    """The map or list that holds the last part of a path, and that part.

    Maps that the language knows but the scenario leaves out are added on the way; names that it gives are not.
    """
    here: Any = tree
    loc: tuple[str | int, ...] = ()
    parts = path.split(".")
    while True:
        key, taken = _step(here, parts, loc)
        if key is None:
            raise _nowhere(tree, path, file)
        if taken == len(parts):
            return here, key
        if isinstance(here, dict) and key not in here:
            here[key] = {}
        here, parts, loc = here[key], parts[taken:], (*loc, key)


def _step(here: Any, parts: Sequence[str], loc: tuple[str | int, ...]) -> tuple[Any, int]:
    """The key or index that the next parts of a path name, and how many of them; ``None`` where they name nothing."""
    if isinstance(here, list):
        return (int(parts[0]), 1) if parts[0].isdigit() and int(parts[0]) < len(here) else (None, 0)
    if not isinstance(here, dict):
        return None, 0
    prefixes = [(".".join(parts[:n]), n) for n in range(len(parts), 0, -1)]
    if _FRACTIONAL.fullmatch(".".join(parts)):
        return prefixes[0]
    for key, taken in prefixes:
        if key in here:
            return key, taken
    if loc == ("prices",) and parts[0] not in keys_at(loc):  # a price by the name of what it prices
        own = 1 if len(parts) > 1 and parts[-1] in keys_at(("prices", "named", "")) else 0
        return prefixes[own]
    if len(parts) == 1 or (len(parts) == 2 and parts[0] == "hardware"):
        return prefixes[0]
    return (parts[0], 1) if parts[0] in keys_at(loc) else (None, 0)


def leads_somewhere(tree: Mapping[str, Any], path: str) -> bool:
    """Whether the tree holds a value at a path."""
    return value_at(tree, path, _NOWHERE) is not _NOWHERE


def value_at(tree: Mapping[str, Any], path: str, otherwise: Any = None) -> Any:
    """The value that the tree holds at a path; ``otherwise`` where it holds none."""
    here: Any = tree
    parts = path.split(".")
    while parts:
        key, taken = _step(here, parts, ())
        if key is None or (isinstance(here, dict) and key not in here):
            return otherwise
        here, parts = here[key], parts[taken:]
    return here


def _nowhere(tree: Tree, path: str, file: str) -> BadInput:
    near = closest(path, [".".join(known) for known in paths(tree)])
    return BadInput(Fault(path, "a path that leads nowhere", "a path of the scenario", file, nearest=near))


def paths(value: Any, start: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path of a tree."""
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, Mapping):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, inner in items:
        yield (*start, str(key))
        yield from paths(inner, (*start, str(key)))


def _multiplied(value: Any, factor: float) -> Any:
    if isinstance(value, Mapping):
        return {key: _multiplied(inner, factor) for key, inner in value.items()}
    if isinstance(value, list):
        return [_multiplied(inner, factor) for inner in value]
    if isinstance(value, str):
        return number_times(value, factor)
    if isinstance(value, bool) or value is None:
        raise ValueError(value)
    product = value * factor
    return int(product) if isinstance(value, int) and product == int(product) else product


def with_likes(tree: Mapping[str, Any], file: str, line: Any) -> Tree:
    """A copy in which every workload that is ``like`` another holds all that it takes over from it.

    ``absent`` removes what is not taken over. ``line`` gives the line of a path.
    """
    workloads = tree.get("workloads")
    if not isinstance(workloads, Mapping):
        return dict(tree)
    faults: list[Fault] = []

    def whole(name: str, above: tuple[str, ...]) -> Any:
        own = workloads[name]
        if not isinstance(own, Mapping) or "like" not in own:
            return own
        other, path = own["like"], ("workloads", name, "like")
        if not isinstance(other, str) or other not in workloads or other in (*above, name):
            text = f"a circle over `{other}`" if other in (*above, name) else f"`{other}`"
            near = closest(str(other), [str(key) for key in workloads if key != name])
            faults.append(Fault(".".join(path), text, "the name of another workload", file, line(path), near))
            return own
        return _without_absent(_merged(whole(other, (*above, name)), own), own)

    merged = {name: whole(name, ()) for name in workloads}
    if faults:
        raise BadInput(faults)
    return {**tree, "workloads": merged}


def _without_absent(merged: Tree, own: Mapping[str, Any]) -> Tree:
    """What the other workload says about tasks that are absent here goes with them."""
    tasks = own.get("tasks")
    gone = {key for key, task in tasks.items() if task == "absent"} if isinstance(tasks, Mapping) else set()

    def kept(value: Any, path: Sequence[str]) -> Any:
        if not path:
            if isinstance(value, list):
                return [word for word in value if not (isinstance(word, str) and word in gone)]
            return (
                {key: inner for key, inner in value.items() if key not in gone} if isinstance(value, Mapping) else value
            )
        if not isinstance(value, Mapping) or path[0] not in value:
            return value
        return {**value, path[0]: kept(value[path[0]], path[1:])}

    for path in (("accuracy",), ("requires", "latency"), ("requires", "offline", "keep")):
        merged = kept(merged, path)
    return merged


def _merged(under: Any, over: Any) -> Any:
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return copy.deepcopy(over)
    keys = [*under, *(key for key in over if key not in under)]
    return {
        key: copy.deepcopy(under[key]) if key not in over else _merged(under.get(key), over[key])
        for key in keys
        if over.get(key) != "absent"
    }
