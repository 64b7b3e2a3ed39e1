#include "maxsimd/training/device.h"

#include <ATen/ATen.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <stdexcept>

namespace maxsimd::training {

Gpus find_gpus() {
  Gpus gpus{.is_built = at::globalContext().hasCUDART()};
  if (gpus.is_built) gpus.count = at::detail::getCUDAHooks().getNumGPUs();
  return gpus;
}

at::Device choose_device(DeviceKind kind, const Gpus& gpus, int64_t local_rank) {
  if (kind == DeviceKind::kCpu) return at::kCPU;
  if (kind == DeviceKind::kAuto && gpus.count == 0) return at::kCPU;
  if (!gpus.is_built) {
    throw std::invalid_argument(
        "device: cuda: this maxsimd-train was built without CUDA. Run scripts/install_deps.sh "
        "train-cuda, then configure and build again (docs/training.md); or use device: cpu");
  }
  if (gpus.count == 0) {
    throw std::invalid_argument(
        "device: cuda: no NVIDIA GPU answers on this machine. Is the driver there (nvidia-smi), "
        "and "
        "does CUDA_VISIBLE_DEVICES leave a GPU? Or use device: cpu");
  }
  if (local_rank >= gpus.count) {
    throw std::invalid_argument("device: cuda: process " + std::to_string(local_rank) +
                                " of this machine needs a GPU of "
                                "its own, and there " +
                                (gpus.count == 1 ? "is 1" : "are " + std::to_string(gpus.count)) +
                                "; start as many processes as there are GPUs");
  }
  return {at::kCUDA, static_cast<c10::DeviceIndex>(local_rank)};
}

GpuBackend choose_backend(const std::string& ddp_backend, at::Device device, bool has_nccl) {
  if (ddp_backend.empty()) {
    return device.is_cuda() && has_nccl ? GpuBackend::kNccl : GpuBackend::kGloo;
  }
  if (ddp_backend != "nccl") return GpuBackend::kGloo;
  if (!device.is_cuda()) {
    throw std::invalid_argument(
        "ddp_backend: nccl is for GPUs, and this run is on the CPU; use gloo");
  }
  if (!has_nccl) {
    throw std::invalid_argument(
        "ddp_backend: nccl: this maxsimd-train was built without NCCL (its headers were missing); "
        "use gloo, or see docs/training.md");
  }
  return GpuBackend::kNccl;
}

void use_device(at::Device device, const DeviceSettings& settings) {
  if (!device.is_cuda()) return;
  at::globalContext().lazyInitDevice(at::kCUDA);
  c10::impl::VirtualGuardImpl(at::kCUDA).setDevice(device);
  at::globalContext().setAllowTF32CuBLAS(settings.tf32);
  at::globalContext().setDeterministicAlgorithms(settings.full_determinism, /*warn_only=*/false);
}

std::string device_text(at::Device device) {
  return device.is_cuda() ? "a CUDA GPU" : "";
}

at::Tensor to_device(const at::Tensor& values, at::Device device) {
  if (!device.is_cuda() || !values.is_cpu()) return values.to(device);
  return values.pin_memory().to(device, /*non_blocking=*/true);
}

at::Tensor indices_on(const std::vector<int64_t>& values, at::Device device) {
  at::Tensor host = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::ranges::copy(values, host.mutable_data_ptr<int64_t>());
  return to_device(host, device);
}

at::Tensor small_indices_on(const std::vector<int32_t>& values, at::Device device) {
  at::Tensor host = at::empty({static_cast<int64_t>(values.size())}, at::kInt);
  std::ranges::copy(values, host.mutable_data_ptr<int32_t>());
  return to_device(host, device);
}

}  // namespace maxsimd::training
