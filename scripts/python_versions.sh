#!/usr/bin/env bash
# Builds the Python package for each supported CPython that is on this machine (python3.10 to python3.13 on
# the PATH, or pyenv's) and runs its tests. Says which are not there. Arguments: names of tests (default: all);
# PYTHON_VERSIONS: some of them; CMAKE_ARGS: more for cmake.
set -euo pipefail
cd "$(dirname "$0")/.."

interpreter() {
  local candidate
  for candidate in "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/"$1".*/bin/python "python$1"; do
    # pyenv has a command python3.10 that may do nothing but complain.
    if "$candidate" -c "" 2> /dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

read -ra cmake_arguments <<< "${CMAKE_ARGS:-}"
tested=0
failed=
for version in ${PYTHON_VERSIONS:-3.10 3.11 3.12 3.13}; do
  if ! base=$(interpreter "$version"); then
    echo "NOT TESTED: no CPython $version on this machine" >&2
    continue
  fi
  build=$PWD/build/python-$version
  if [ ! -x "$build/venv/bin/python" ]; then
    "$base" -m venv "$build/venv"
    "$build/venv/bin/python" -m pip install --quiet --disable-pip-version-check nanobind==3.1.0 numpy typing_extensions
  fi
  cmake --preset release -B "$build" -DMAXSIMD_BUILD_PYTHON=ON -DMAXSIMD_BUILD_TESTS=OFF \
    -DMAXSIMD_BUILD_TRAIN=OFF -DPython_EXECUTABLE="$build/venv/bin/python" "${cmake_arguments[@]}" \
    > "$build/configure.log"
  cmake --build "$build" --target _maxsimd maxsimd_cli
  (cd python/tests && PYTHONPATH=$build/python PYTHONDONTWRITEBYTECODE=1 \
    "$build/venv/bin/python" -m unittest "${@:-discover}") || failed+=" $version"
  tested=$((tested + 1))
done
[ -z "$failed" ] || { echo "tests failed with CPython$failed" >&2; exit 1; }
[ $tested -gt 0 ] || { echo "no supported CPython was found" >&2; exit 1; }
