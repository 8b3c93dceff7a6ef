"""Cases of the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., tuple[int, str, str]]

TOY = "two-site-toy"
TOO_FAST = "workloads.scan.requires.latency.read.p99=1 ms"
SAMPLES = Path(__file__).parent / "data" / "scenarios"


def in_a_process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    code = "import sys; from app.command_line import main; sys.argv[0] = 'tierwise'; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], text=True, capture_output=True, **options)
