#!/usr/bin/env bash
# Installs the Debian packages that a job needs, and nothing when they are all there.
#
#   scripts/install_deps.sh build        # to build the program
#   scripts/install_deps.sh build test   # and its tests
#   scripts/install_deps.sh build test ci
set -euo pipefail
cd "$(dirname "$0")/.."

# What each job needs on Debian 12.
declare -A packages=(
  [build]="g++ cmake ninja-build nlohmann-json3-dev libcli11-dev libpcre2-dev zlib1g-dev libsqlite3-dev libxxhash-dev libyaml-cpp-dev"
  [test]="libgtest-dev python3"
  [ci]="clang clang-format libclang-rt-dev"
  [nightly]="clang-tidy"
  [aarch64]="g++-aarch64-linux-gnu qemu-user googletest"
)

missing=()
for job in "$@"; do
  for package in ${packages[$job]:?"no such job: $job (build, test, ci, nightly, aarch64)"}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "all packages are installed"
  exit 0
fi
echo "installing: ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "not root and no sudo: ask an administrator for: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
