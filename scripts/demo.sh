#!/usr/bin/env bash
# From a fresh clone to answered questions: installs what the build needs, builds the program, and
# runs `maxsimd demo`. Run again, it only rebuilds what changed. Arguments go to the demo.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

step "packages" scripts/install_deps.sh build
step "configure" cmake --preset release -DMAXSIMD_BUILD_TESTS=OFF
step "build" cmake --build --preset release
step "demo" build/release/bin/maxsimd demo "$@"
