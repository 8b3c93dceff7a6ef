"""The table of every request: a row for each task of it that was done, and some for what was not.

One where something of it was dropped first has the cause under ``dropped`` (``sim.drops``), one of a task that was left
out since a link was down says so there; these end at that instant. It is empty everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.draws import Ints
from sim.drops import CAUSES
from sim.requests import sorted_rows
from sim.tally import Keep

if TYPE_CHECKING:
    import pandas as pd

    from sim.network import Network

_INSTANTS = ("entered_ns", "started_ns", "completed_ns", "delivered_ns", "waited_ns", "served_ns")
_NAMES = ("workload", "group", "task", "dropped")
COLUMNS = ("replication", "workload", "group", "site", "source", "sequence", "task", "born_ns", *_INSTANTS, "dropped")
_CAUSES = np.array([*CAUSES, "", "left out", ""], object)  # UNNEEDED, SKIPPED and DELIVERED are the last

_AT_ONCE = 1 << 18  # rows that are written together


def table(network: Network, kept: Sequence[tuple[Ints, Ints]]) -> pd.DataFrame:
    """Of the rows of every replication (``Played.rows``)."""
    import pandas as pd

    frames = [pd.DataFrame(_columns(network, number, visits)) for number, (_, visits) in enumerate(kept)]
    return pd.concat(frames, ignore_index=True)


def file_of(folder: Path, replication: int) -> Path:
    """Where the rows of a replication are written."""
    return folder / f"replication-{replication:06}.parquet"


def files(folder: Path) -> list[Path]:
    """Those written there."""
    return sorted(folder.glob("replication-*.parquet"))


@contextmanager
def writing(file: Path, network: Network, replication: int) -> Iterator[Keep]:
    """Writes the visits that are given to it into a Parquet file, sorted part by part; it is whole at the end."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.schema([(name, pa.string() if name in _NAMES else pa.int64()) for name in COLUMNS])
    waiting: list[Ints] = []
    with ParquetWriter(file, schema) as writer:

        def write() -> None:
            visits = sorted_rows(np.concatenate(waiting))
            waiting.clear()
            for first in range(0, len(visits), _AT_ONCE):
                part = _columns(network, replication, visits[first : first + _AT_ONCE])
                writer.write_table(pa.table(part, schema))

        def keep(_: Ints, visits: Ints) -> None:
            waiting.append(visits)
            if sum(map(len, waiting)) >= _AT_ONCE:
                write()

        yield keep
        if waiting:
            write()


def _columns(network: Network, replication: int, visits: Ints) -> dict[str, Any]:
    """Of visits with the columns of ``Played.rows``."""
    used, at = np.unique(visits[:, 0], return_inverse=True)
    sources = [network.sources[number] for number in used.tolist()]
    flows = {id(source.flow): source.flow for source in sources}
    first_name = dict(zip(flows, np.cumsum([0, *(len(flow.names) for flow in flows.values())]).tolist(), strict=False))
    tasks = np.array([name for flow in flows.values() for name in flow.names], object)
    task = np.array([first_name[id(source.flow)] for source in sources], np.int64)[at] + visits[:, 2]

    def of_source(values: list[Any], kind: type) -> Any:
        return np.array(values, kind)[at]

    return {
        "replication": np.full(len(visits), replication),
        "workload": of_source([source.flow.workload.name for source in sources], object),
        "group": of_source([source.flow.key for source in sources], object),
        "site": of_source([source.site + 1 for source in sources], np.int64),
        "source": of_source([source.number + 1 for source in sources], np.int64),
        "sequence": visits[:, 1],
        "task": tasks[task],
        "born_ns": visits[:, 9],
        **dict(zip(_INSTANTS, visits[:, 3:9].T, strict=True)),
        "dropped": _CAUSES[visits[:, 11]],
    }
