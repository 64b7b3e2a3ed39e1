#!/usr/bin/env bash
# What takes too long for every change: the gate, a build with clang where warnings are errors, clang-tidy,
# and ten minutes a fuzz target.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

step "gate" env FUZZ_SECONDS="${FUZZ_SECONDS:-600}" .ci/run
step "packages" scripts/install_deps.sh build test ci nightly
step "clang" cmake --preset dev -B build/clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release
step "clang build" cmake --build build/clang
step "clang-tidy" run-clang-tidy -quiet -p build/clang "$PWD/(maxsimd|cli)/.*"
