"""The bench as one file, to be copied to a board and started with ``python3 bench.pyz``."""

from __future__ import annotations

import zipapp
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from hardware_profiles.faults import BadInput, Fault
from hardware_profiles.writing import place

# What the bench imports of ours beside itself; each needs the standard library only.
BESIDE = ("faults", "measurement", "profile_file", "reading", "writing")
_HOUSE = Path(__file__).parent.parent


def version() -> str:
    """The version of Tierwise that this bench is of; a packed one carries it along."""
    try:
        return installed("tierwise")
    except PackageNotFoundError:
        return "of unknown version"


def packed(file: Path) -> Path:
    """Write the bench as a zip archive that Python runs; returns its path.

    Raises
    ------
    BadInput
        Where it cannot be written, or this is such an archive itself.
    """
    if not _HOUSE.is_dir():
        raise BadInput(Fault("--pack", "the packed bench itself", "a copy of it: it is one file"))
    return place(file, _pack)


def _pack(file: Path) -> None:
    with TemporaryDirectory() as folder:
        top = Path(folder, _HOUSE.name)
        (top / "bench").mkdir(parents=True)
        (top / "__init__.py").write_text('"""The part of Tierwise that runs on a board."""\n', "utf-8")
        for module in (*(_HOUSE / f"{name}.py" for name in BESIDE), *(_HOUSE / "bench").glob("*.py")):
            copy(module, top / module.relative_to(_HOUSE))
        about = Path(folder, f"tierwise-{version()}.dist-info", "METADATA")
        about.parent.mkdir()
        about.write_text(f"Metadata-Version: 2.1\nName: tierwise\nVersion: {version()}\n", "utf-8")
        main = f"{_HOUSE.name}.bench.command_line:run"
        zipapp.create_archive(folder, file, interpreter="/usr/bin/env python3", main=main, compressed=True)
