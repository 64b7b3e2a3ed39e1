// What a run computes on: the CPU, or one NVIDIA GPU a process. All of it goes through LibTorch's
// own interfaces, so that the code is the same with and without CUDA in the build; what needs
// CUDA's headers is in nccl_backend.h. Any thread.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <vector>

#include "maxsimd/hyperparameters/training_arguments.h"
#include "maxsimd/training/process_group.h"

namespace maxsimd::training {

/// What LibTorch says of the GPUs of this machine.
struct Gpus {
  bool is_built = false;  // the LibTorch of this program has CUDA
  int64_t count = 0;      // GPUs that answer (of those that CUDA_VISIBLE_DEVICES leaves)
};

Gpus find_gpus();

/// The device of the process with this place among those of its machine. auto: a GPU where there is
/// one, else the CPU. As in Hugging Face's trainer process i takes GPU i. Throws
/// std::invalid_argument: a GPU is asked for and there is none, or fewer than processes.
at::Device choose_device(DeviceKind kind, const Gpus& gpus, int64_t local_rank);

/// How processes exchange tensors of this device, by ddp_backend ("" : NCCL for GPUs). Throws
/// std::invalid_argument: nccl, and no GPU, or no NCCL in the build.
GpuBackend choose_backend(const std::string& ddp_backend, at::Device device, bool has_nccl);

struct DeviceSettings {
  bool tf32 = false;              // TensorFloat-32 in products of float32 matrices
  bool full_determinism = false;  // only kernels that always give the same bits
};

/// Makes it the device of this thread, and sets what concerns GPUs alone. Nothing for a CPU.
void use_device(at::Device device, const DeviceSettings& settings);

/// "", or what a record says of a GPU: "a CUDA GPU".
std::string device_text(at::Device device);

/// Values of host memory on the device: themselves on a CPU; on a GPU through pinned memory,
/// without waiting for the copy.
at::Tensor to_device(const at::Tensor& values, at::Device device);

/// Numbers [n] on the device: int64, or int32 as attention kernels take them.
at::Tensor indices_on(const std::vector<int64_t>& values, at::Device device);
at::Tensor small_indices_on(const std::vector<int32_t>& values, at::Device device);

}  // namespace maxsimd::training
