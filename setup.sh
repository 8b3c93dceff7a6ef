#!/usr/bin/env bash
# Sets up .venv/ from requirements.lock, one line per step with the time it took; safe to repeat.
# `setup.sh dev` adds what tests and linters need; `setup.sh lock` writes both locks anew from what pyproject.toml allows.
# `setup.sh browser` installs Chromium for the test of the page where it can; without one that test says so and fails.
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

# Without byte code: most of it would never be used, and what is used makes its own at the first call.
libraries() {
  .venv/bin/python -m pip install --disable-pip-version-check --no-compile -r requirements.lock
  .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
}

# On two cores, as far as examples need it; the rest compiles where it is used first, or before the page opens.
compiled() {
  .venv/bin/python -m sim.ready waiting &
  .venv/bin/python -m sim.ready stages && wait $!
}

dev() {
  .venv/bin/python -m pip install --disable-pip-version-check --no-compile -r requirements-dev.lock
}

browser() {
  if [[ -n ${TIERWISE_CHROMIUM:-} ]] || command -v chromium >/dev/null; then return; fi
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "No Chromium: the test of the page will fail. On Debian or Ubuntu: sudo apt install chromium"
    return
  fi
  (step "[1/1] Chromium for the test of the page, once, about a minute" \
    bash -c "apt-get update && apt-get install -y chromium") || echo "The other tests run without it."
}

# Once with what tests and linters need and once without: what the first has more goes into a file of its own.
lock() {
  local kind
  for kind in '[dev]' ''; do
    "$python" -m venv "$work/venv$kind"
    "$work/venv$kind/bin/python" -m pip install --disable-pip-version-check -c "$work/all" -e ".$kind" 'setuptools>=77'
    "$work/venv$kind/bin/python" -m pip freeze --all --exclude-editable --exclude pip >"$work/frozen$kind"
    cp "$work/frozen$kind" "$work/all"
  done
  {
    echo '# Every library that tierwise needs, pinned; written by make lock.'
    cat "$work/frozen"
  } >"$work/lock"
  {
    echo '# What tests and linters need beside requirements.lock, pinned; written by make lock.'
    grep -vxFf "$work/frozen" "$work/frozen[dev]"
  } >"$work/dev"
  mv "$work/lock" requirements.lock
  mv "$work/dev" requirements-dev.lock
}

case ${1:-} in
  browser) browser ;;
  lock)
    python=$(find_python)
    need_venv
    : >"$work/all"
    step "Both locks, some minutes" lock
    ;;
  dev)
    step "[1/1] What the tests need, once, about half a minute" dev
    touch .venv/ready-dev
    ;;
  '')
    python=$(find_python)
    need_venv
    step "[1/3] Python environment, once, a few seconds" environment
    step "[2/3] Libraries, once, about a minute" libraries
    step "[3/3] Compiling, once, about half a minute" compiled
    touch .venv/ready
    ;;
  *) stop "setup.sh knows dev, browser and lock, not $1" ;;
esac
