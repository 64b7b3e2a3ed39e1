#!/usr/bin/env bash
# Installs the Debian packages that a job needs, and nothing when they are all there.
#
#   scripts/install_deps.sh build        # to build the program
#   scripts/install_deps.sh build test   # and its tests
#   scripts/install_deps.sh build test ci
#   scripts/install_deps.sh train        # LibTorch, for maxsimd-train: into the user's cache, 640 MB
#   scripts/install_deps.sh python       # what builds the Python package: there, too, 150 MB
#   scripts/install_deps.sh python-peers # PyTorch, pandas, Arrow and datasets, for tests beside them: there, too, 6 GB
#   scripts/install_deps.sh train-cuda   # the same for NVIDIA GPUs, with CUDA and NCCL: 3.7 GB
set -euo pipefail
cd "$(dirname "$0")/.."

# What each job needs on Debian 12.
declare -A packages=(
  [build]="g++ cmake ninja-build nlohmann-json3-dev libcli11-dev libpcre2-dev zlib1g-dev libsqlite3-dev libxxhash-dev libyaml-cpp-dev libcurl4-openssl-dev"
  [test]="libgtest-dev python3"
  [ci]="clang clang-format libclang-rt-dev ccache"
  [python]="python3-dev python3-venv"
  [python-peers]="python3-venv"
  [nightly]="clang-tidy"
  [train]="python3-pip libgloo-dev"
  [train-cuda]="python3-pip libgloo-dev"
  [aarch64]="g++-aarch64-linux-gnu qemu-user googletest"
)

# LibTorch is what PyPI's wheel of PyTorch holds, without the parts for Python, and for CPUs without
# those for GPUs. What those need of NVIDIA's, and the headers of CUDA and NCCL, are wheels of their
# own, which LibTorch finds beside itself; the versions are those that the wheel asks for.
torch_version=2.13.0
torch_for_cpus=(nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
torch_for_gpus=("${torch_for_cpus[@]}" nvidia-cublas==13.1.1.3 nvidia-cuda-nvrtc==13.0.88
  nvidia-cufft==12.0.0.61 nvidia-cufile==1.15.1.6 nvidia-curand==10.4.0.35 nvidia-cusolver==12.0.4.66
  nvidia-cusparse==12.6.3.3 nvidia-nvjitlink==13.0.88 nvidia-cudnn-cu13==9.20.0.48
  nvidia-cusparselt-cu13==0.8.1 nvidia-nccl-cu13==2.29.7 nvidia-nvshmem-cu13==3.4.5)

# install_torch FOLDER REMOVED PACKAGE...: REMOVED are the libraries of the wheel to leave out.
install_torch() {
  local folder=${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/$1 removed=$2
  [ -e "$folder/torch/lib/libtorch_cpu.so" ] && return
  echo "installing: LibTorch $torch_version into $folder"
  rm -rf "$folder.part"
  python3 -m pip install --quiet --no-deps --no-compile --disable-pip-version-check \
    --target "$folder.part" "torch==$torch_version" "${@:3}"
  for library in $removed; do rm -f "$folder.part/torch/lib/libtorch_$library.so"; done
  mv "$folder.part" "$folder"
}

# install_environment FOLDER PACKAGE...: a virtual environment with them.
install_environment() {
  local folder=${XDG_CACHE_HOME:-${HOME:-}/.cache}/maxsimd/$1 wanted=("${@:2}")
  if [ "$(cat "$folder/installed" 2>/dev/null)" = "${wanted[*]}" ]; then return; fi
  echo "installing: ${wanted[*]} into $folder"
  python3 -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "${wanted[@]}"
  echo "${wanted[*]}" >"$folder/installed"
}

# What the Python package needs to be built, tested and packed.
install_python() {
  install_environment python nanobind==3.1.0 scikit-build-core==1.1.2 numpy auditwheel mypy
}

missing=()
for job in "$@"; do
  for package in ${packages[$job]:?"no such job: $job (build, test, ci, nightly, train, train-cuda, python, python-peers, aarch64)"}; do
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
case " $* " in *" python "*) install_python ;; esac
case " $* " in *" python-peers "*)
  install_environment python-peers numpy "torch==$torch_version" pandas pyarrow datasets ;;
esac
case " $* " in *" train "*)
  install_torch "torch-$torch_version" "cuda cuda_linalg nvshmem python" "${torch_for_cpus[@]}" ;;
esac
case " $* " in *" train-cuda "*)
  install_torch "torch-$torch_version-cuda" python "${torch_for_gpus[@]}" ;;
esac
