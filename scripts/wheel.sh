#!/usr/bin/env bash
# Builds the wheel of this checkout into dist/ and tests it in a fresh virtual environment.
#
#   scripts/wheel.sh build              # dist/maxsimd-VERSION-...whl
#   scripts/wheel.sh test               # of what lies in dist/
#   scripts/wheel.sh e2e                # the end-to-end tests with the wheel's program
#
# Everything is compiled as the release preset does it, so with ccache and the same options
# (arguments go to pip: -C cmake.define.MAXSIMD_WERROR=ON) after a release build it takes seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${MAXSIMD_PYTHON:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/python/bin/python}
what=${1:?"scripts/wheel.sh build|test|e2e"}
shift

case $what in
  build)
    # The name of the compiler is part of what ccache goes by: that of the presets.
    export CXX=${CXX:-c++}
    rm -f dist/*.whl
    "$python" -m pip wheel . --quiet --disable-pip-version-check --no-deps --no-build-isolation \
      --wheel-dir dist "$@"
    ls -l dist/*.whl
    ;;
  test) "$python" -m unittest discover --start-directory python/tests/wheel --verbose "$@" ;;
  e2e)
    environment=$(mktemp -d)
    trap 'rm -rf "$environment"' EXIT
    "$python" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check dist/*.whl
    # Training needs LibTorch's program, which the wheel does not carry.
    tests=("$@")
    if [ $# -eq 0 ]; then
      for file in tests/e2e/test_*.py; do
        case $file in *test_train*) ;; *) tests+=("$(basename "$file" .py)") ;; esac
      done
    fi
    cd tests/e2e
    # The program that the command becomes: CPython itself refuses some of what the tests do (a folder as
    # standard input) before it gets so far.
    program=$("$environment/bin/python" -c "from maxsimd import _shipped; print(_shipped.program())")
    MAXSIMD_PROGRAM=$program MAXSIMD_SOURCE=$OLDPWD PYTHONDONTWRITEBYTECODE=1 \
      "$python" -m unittest "${tests[@]}"
    ;;
  *) echo "scripts/wheel.sh build|test|e2e" >&2; exit 2 ;;
esac
