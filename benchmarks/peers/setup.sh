#!/usr/bin/env bash
# Sets up .venv-peers/ with the simulators that Tierwise is measured beside; safe to repeat.
# YAFS and faas-sim are not in the package registry.
set -euo pipefail
cd "$(dirname "$0")/../.."

.venv-peers/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m venv --clear .venv-peers
.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
touch .venv-peers/ready
