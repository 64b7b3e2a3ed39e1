#!/usr/bin/env bash
# Builds the wheel of this checkout into dist/ and tests it in a fresh virtual environment.
#
#   scripts/wheel.sh build              # dist/maxsimd-VERSION-...whl
#   scripts/wheel.sh test               # of what lies in dist/
#
# Everything is compiled as the release preset does it, so with ccache and the same options
# (arguments go to pip: -C cmake.define.MAXSIMD_WERROR=ON) after a release build it takes seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${MAXSIMD_PYTHON:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/python/bin/python}
what=${1:?"scripts/wheel.sh build|test"}
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
  *) echo "scripts/wheel.sh build|test" >&2; exit 2 ;;
esac
