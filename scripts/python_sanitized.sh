#!/usr/bin/env bash
# The Python package's tests with the library and the bindings under the address and undefined-behaviour
# sanitizers. The interpreter itself is not instrumented, so the sanitizers' libraries are loaded first, and
# leaks, which CPython has on purpose, are not looked for; nanobind tells of those of the bindings when a
# process ends, which fails here. Arguments: names of tests (default: all that need no program beside the
# package).
set -euo pipefail
cd "$(dirname "$0")/.."
python=${MAXSIMD_PYTHON:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/python/bin/python}
build=$PWD/build/asan-python  # of its own: scripts/nightly.sh has the training room in build/asan-ubsan

cmake --preset asan-ubsan -B "$build" -DMAXSIMD_BUILD_PYTHON=ON -DMAXSIMD_BUILD_TESTS=OFF \
  -DMAXSIMD_BUILD_CLI=OFF -DPython_EXECUTABLE="$python"
cmake --build "$build" --target _maxsimd

# libstdc++ behind libasan, which must find its __cxa_throw when it starts.
libraries=
for name in libasan.so libubsan.so libstdc++.so; do libraries+=$(${CXX:-c++} -print-file-name=$name):; done
tests=("$@")
if [ $# -eq 0 ]; then
  tests=(test_arguments test_arrays test_evaluation test_given_arrays test_hub test_index_arguments
    test_indexes test_losses test_model_formats test_models
    test_package.Importing.test_nothing_leaks_and_torch_is_not_imported
    test_package.Importing.test_what_leaks_is_seen test_parity test_threads test_wrong_kinds test_xtr)
fi
log=$build/tests.log
: > "$log"
cd python/tests
for test in "${tests[@]}"; do
  LD_PRELOAD=${libraries%:} ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 PYTHONMALLOC=malloc PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=$build/python "$python" -m unittest --verbose "$test" 2>&1 | tee --append "$log"
done
if grep --ignore-case "nanobind.*leak" "$log"; then exit 1; fi
echo "passed under the sanitizers; nanobind reported no leak"
