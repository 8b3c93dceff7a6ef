"""``python -m hardware_profiles.bench``, and what a packed bench starts."""

from __future__ import annotations

from hardware_profiles.bench.command_line import run

if __name__ == "__main__":
    run()
