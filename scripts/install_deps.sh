#!/usr/bin/env bash
# Installs the Debian packages that a job needs, and nothing when they are all there.
#
#   scripts/install_deps.sh build        # to build the program
#   scripts/install_deps.sh build test   # and its tests
#   scripts/install_deps.sh build test ci
#   scripts/install_deps.sh train        # LibTorch, for maxsimd-train: into the user's cache, 640 MB
#   scripts/install_deps.sh python       # what builds the Python package: there, too, 150 MB
set -euo pipefail
cd "$(dirname "$0")/.."

# What each job needs on Debian 12.
declare -A packages=(
  [build]="g++ cmake ninja-build nlohmann-json3-dev libcli11-dev libpcre2-dev zlib1g-dev libsqlite3-dev libxxhash-dev libyaml-cpp-dev libcurl4-openssl-dev"
  [test]="libgtest-dev python3"
  [ci]="clang clang-format libclang-rt-dev ccache"
  [python]="python3-dev python3-venv"
  [nightly]="clang-tidy"
  [train]="python3-pip libgloo-dev"
  [aarch64]="g++-aarch64-linux-gnu qemu-user googletest"
)

# LibTorch is what PyPI's wheel of PyTorch holds, without the parts for GPUs and for Python.
install_torch() {
  local version=2.13.0 folder
  folder=${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/torch-$version
  [ -e "$folder/torch/lib/libtorch_cpu.so" ] && return
  echo "installing: LibTorch $version into $folder"
  rm -rf "$folder.part"
  python3 -m pip install --quiet --no-deps --disable-pip-version-check --target "$folder.part" \
    "torch==$version" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
  rm -f "$folder.part"/torch/lib/libtorch_{cuda,cuda_linalg,nvshmem,python}.so
  mv "$folder.part" "$folder"
}

# A virtual environment with what the Python package needs to be built, tested and packed.
install_python() {
  local folder
  folder=${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/python
  local wanted=(nanobind==3.1.0 scikit-build-core==1.1.2 numpy auditwheel mypy)
  if [ "$(cat "$folder/installed" 2>/dev/null)" = "${wanted[*]}" ]; then return; fi
  echo "installing: ${wanted[*]} into $folder"
  python3 -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "${wanted[@]}"
  echo "${wanted[*]}" >"$folder/installed"
}

missing=()
for job in "$@"; do
  for package in ${packages[$job]:?"no such job: $job (build, test, ci, nightly, train, python, aarch64)"}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
done
install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "not root and no sudo: ask an administrator for: apt-get install $*" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "installing: $*"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ ${#missing[@]} -eq 0 ]; then
  echo "all packages are installed"
else
  install_packages "${missing[@]}"
fi
case " $* " in *" train "*) install_torch ;; esac
case " $* " in *" python "*) install_python ;; esac
