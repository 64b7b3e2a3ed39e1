#!/usr/bin/env bash
# Runs the Python package's tests that need PyTorch, pandas, Arrow and datasets, of the build tree, with the
# interpreter that scripts/install_deps.sh python-peers makes (or PYTHON_PEERS). One that is skipped is a failure.
set -euo pipefail
cd "$(dirname "$0")/../python/tests"
python=${PYTHON_PEERS:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/python-peers/bin/python}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
PYTHONPATH=../../build/release/python PYTHONDONTWRITEBYTECODE=1 "$python" -m unittest --verbose test_torch \
  test_columns 2>&1 | tee "$log"
if grep -n "skipped" "$log" >&2; then
  echo "$python: packages are missing: scripts/install_deps.sh python-peers" >&2
  exit 1
fi
