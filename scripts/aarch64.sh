#!/usr/bin/env bash
# Cross-builds the rooms up to the encoder, and codebook, for 64-bit ARM and runs their unit tests under
# qemu-user: on a CPU with nothing beyond the baseline, and on one with all that qemu knows. Needs Debian 12,
# x86-64.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

sysroot=build/aarch64-sysroot
# Libraries for arm64, beside those of g++-aarch64-linux-gnu.
libraries=(libpcre2-8-0 libpcre2-dev libxxhash-dev nlohmann-json3-dev)

# Fetches them with apt's lists and files in a folder of our own: the machine's packages stay as they are.
make_sysroot() {
  local apt
  apt=$(realpath -m build/aarch64-apt)
  mkdir -p "$apt"/lists/partial "$apt"/archives/partial "$sysroot"
  : >"$apt/status"
  local options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=
    -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::Status="$apt/status"
    -o Dir::Cache="$apt" -o Dir::Cache::Archives="$apt/archives")
  apt-get "${options[@]}" update
  (cd "$apt/archives" && rm -f ./*.deb && apt-get "${options[@]}" download "${libraries[@]}")
  for package in "$apt"/archives/*.deb; do dpkg-deb --extract "$package" "$sysroot"; done
  touch "$sysroot/complete"
}

# tests CPU: the unit tests on one of qemu's processors. ctest counts what is skipped as passed.
tests() {
  local log=build/aarch64/tests-$1.log
  QEMU_CPU=$1 ctest --preset aarch64 --parallel "${MAXSIMD_JOBS:-$(nproc)}" --quiet \
    --output-log "$log" || { tail -n 60 "$log"; return 1; }
  echo "$1: $(grep -E 'tests passed, [0-9]+ tests? failed' "$log"), of them skipped: $(grep -c '\*\*\*Skipped' "$log" || true)"
}

step "packages" scripts/install_deps.sh build test aarch64
[ -e "$sysroot/complete" ] || step "libraries for arm64" make_sysroot
step "configure" cmake --preset aarch64
step "build" cmake --build --preset aarch64 --parallel "${MAXSIMD_JOBS:-$(nproc)}"
for cpu in cortex-a53 max; do step "tests on $cpu" tests "$cpu"; done
