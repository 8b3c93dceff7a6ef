"""What is compiled ahead is what runs need: none compiles the same once more for other types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim_cases import poisson
from test_sim_background import shops

import sim
from sim import waiting
from sim.compiled import heap, stages
from sim.compiled.arrays import staged
from sim.control import Handles
from sim.network import Network


def down(stations: Handles) -> Iterator[int]:
    yield 50_000_000
    for one in stations["box"]:
        one.set_up(False)
    yield 90_000_000
    for one in stations["box"]:
        one.set_up(True)


def called(function: Any) -> int:
    """For how many kinds of arguments Python's calls were compiled; kernels call with memory that is ``Raw``."""
    return sum(not str(signature[0]).startswith("Raw") for signature in function.signatures)


def test_runs_use_what_was_made_ready() -> None:
    sim.make_ready()
    ordered, circle = shops(3, poisson(20.0)), shops(3, poisson(20.0), read_at="box")
    assert staged(Network(*ordered))
    assert not staged(Network(*circle))
    for case in (ordered, circle):
        sim.simulate(*case, replications=1, span_s=0.2, controls=[down])
    of_stages = (stages.begin, stages.advance, stages.settle, stages.close)
    functions = (*of_stages, heap.begin, heap.advance, heap.settle, heap.abandon, waiting._rounds)
    assert [called(one) for one in functions] == [1] * len(functions)
