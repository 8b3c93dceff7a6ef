#!/usr/bin/env bash
# Sets up .venv/ from requirements.lock, one line per step with the time it took; safe to repeat.
# `setup.sh lock` writes requirements.lock anew instead, from what pyproject.toml allows.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

stop() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Runs a command quietly: its output is shown only where it fails.
step() {
  local what=$1 start=$SECONDS
  shift
  printf '%s … ' "$what"
  if ! "$@" >"$work/log" 2>&1; then
    printf 'failed\n'
    tail -n 20 "$work/log" >&2
    stop "set-up stopped at: $what"
  fi
  printf '%d s\n' $((SECONDS - start))
}

find_python() {
  local name
  for name in python3 python3.11 python3.12 python3.13 python3.14 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$name"
      return
    fi
  done
  stop "Tierwise needs Python 3.11 or newer; none was found." "On Debian or Ubuntu: apt install python3 python3-venv"
}

# Debian ships Python without the part that makes virtual environments.
need_venv() {
  local package
  "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
  package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    stop "$python cannot make virtual environments; on Debian or Ubuntu: sudo apt install $package"
  fi
  step "[0/3] $package, once" bash -c "apt-get update && apt-get install -y $package"
}

environment() {
  .venv/bin/python -c '' 2>/dev/null && .venv/bin/python -m pip --version && return
  rm -rf .venv
  "$python" -m venv .venv
}

libraries() {
  .venv/bin/python -m pip install --disable-pip-version-check -r requirements.lock
  .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
}

compiled() {
  .venv/bin/tierwise run factory-vision --out "$work/out"
}

lock() {
  "$python" -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --disable-pip-version-check -e '.[dev]' 'setuptools>=77'
  {
    echo '# Every library of Tierwise and its tests, pinned; written by make lock.'
    "$work/venv/bin/python" -m pip freeze --all --exclude-editable --exclude pip
  } >"$work/lock"
  mv "$work/lock" requirements.lock
}

python=$(find_python)
need_venv
if [[ ${1:-} == lock ]]; then
  step "requirements.lock, a minute or two" lock
else
  step "[1/3] Python environment, once, a few seconds" environment
  step "[2/3] Libraries, once, about a minute" libraries
  step "[3/3] Compiling, once, about half a minute" compiled
  touch .venv/ready
fi
