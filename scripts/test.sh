#!/usr/bin/env bash
# Builds the release and runs every test: unit, end to end, the Python package, the README's
# snippets, and the table of rooms. Tests that need ../shared are skipped, aloud, where it is absent. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

step "packages" scripts/install_deps.sh build test python
step "configure" cmake --preset release -DMAXSIMD_BUILD_TESTS=ON -DMAXSIMD_BUILD_PYTHON=ON
step "build" cmake --build --preset release
step "layers" python3 scripts/check_layers.py
step "tests" ctest --preset release --parallel "$(nproc)" "$@"
