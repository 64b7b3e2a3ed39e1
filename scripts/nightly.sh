#!/usr/bin/env bash
# What takes too long for every change: the gate with ten minutes a fuzz target, the training room under the
# address and undefined-behaviour sanitizers, a build with clang where warnings are errors, clang-tidy, the
# rooms that build for aarch64 under qemu, the tests that write files of several GiB, the store's long tests,
# the Python package sanitized, beside PyTorch and pandas, with other interpreters and for a minute on eight threads, the benches (figures in
# build/nightly/). The retrieval quality of whole collections is in the gate, where
# ../shared is there.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

figures=build/nightly
mkdir -p "$figures"

# chosen PROGRAM FILTER: the tests of these names; none is a failure, not a success.
chosen() {
  if ! "$1" --gtest_list_tests --gtest_filter="$2" | grep '^  ' > /dev/null; then
    echo "$1: no test is named $2" >&2
    return 1
  fi
  "$1" --gtest_filter="$2"
}

# The tests of the training room run in a minute; building it takes several, and PyLate's traces of 20 steps
# would take twenty. LibTorch itself is not built for the sanitizers.
sanitized_training() {
  cmake --preset asan-ubsan -DMAXSIMD_BUILD_CLI=OFF -DMAXSIMD_BUILD_TRAIN=ON &&
    cmake --build --preset asan-ubsan --target training_tests &&
    OMP_WAIT_POLICY=passive setarch "$(uname -m)" -R build/asan-ubsan/bin/training_tests \
      --gtest_filter='-*TrainTrace*'
}

step "gate" env FUZZ_SECONDS="${FUZZ_SECONDS:-600}" CI_MINUTES=1000 .ci/run
step "packages" scripts/install_deps.sh build test ci train python python-peers nightly
step "training, sanitized" sanitized_training
step "Python, sanitized" scripts/python_sanitized.sh
step "Python, beside PyTorch, pandas, Arrow and datasets" scripts/python_peers.sh
step "Python, every version there is" env CMAKE_ARGS=-DMAXSIMD_WERROR=ON scripts/python_versions.sh
step "Python, eight threads for a minute" env MAXSIMD_THREADS_SECONDS=60 ctest --preset release -R python/threads
step "the wheel's command, end to end" scripts/wheel.sh e2e
MAXSIMD_LARGE_FILES=1 step "large files" chosen build/release/bin/data_tests '*Npz*'
MAXSIMD_STORE_KILLS=200 step "200 killed writers" chosen build/release/bin/store_tests '*KilledWriter*WhileReadersSearch*'
MAXSIMD_STORE_FLIPS=2000 step "8,000 flipped bits of each kind" chosen build/release/bin/store_damage_tests \
  '*DamagedIndex*FlippedBits*'
for seed in 1 2 3 4 5; do
  step "store against a model, seed $seed" env MAXSIMD_STORE_OPERATIONS=1000 MAXSIMD_STORE_SEED=$seed \
    build/release/bin/store_model_tests
done
step "clang" cmake --preset dev -B build/clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release
step "clang build" cmake --build build/clang
step "clang-tidy" run-clang-tidy -quiet -p build/clang "$PWD/(maxsimd|cli)/.*"
MAXSIMD_PRECISIONS=1 step "quality of precisions" chosen build/release/bin/quality_tests '*Precision*'
if [ -d ../shared/data/scale-passages ]; then
  for documents in 20000 50000 111531; do
    step "bench_store $documents" build/release/bin/bench_store ../shared/data/scale-passages/*.jsonl.gz \
      --folder build/nightly/store --documents $documents | tee "$figures/bench_store_$documents.txt"
  done
fi
step "bench_index" build/release/bin/bench_index --folder build/nightly/index | tee "$figures/bench_index.txt"
step "aarch64" scripts/aarch64.sh
for bench in bench_kernels bench_maxsim bench_scan; do
  step "$bench" "build/release/bin/$bench" | tee "$figures/$bench.txt"
done
step "what Python adds to a call" env PYTHONPATH=build/release/python \
  "${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/python/bin/python" bench/compare_calls.py --check |
  tee "$figures/compare_calls.txt"
