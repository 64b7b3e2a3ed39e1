// What LibTorch has for GPUs alone, made up for tests: on a CPU the attention kernels by their
// definition, in double precision; on the device "meta", whose tensors have shapes and no values,
// kernels that check where their tensors lie, and a step of AdamW that does. With them a step as on
// a GPU can run here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace maxsimd::training {

/// How often each kernel was called since the program began, so that a test can say that it was.
struct KernelCalls {
  int64_t flash = 0, memory_efficient = 0, adamw = 0;
};

const KernelCalls& kernel_calls();

/// While it lives, every operator of LibTorch is looked at that takes tensors of "meta": others of
/// the CPU among them (but single numbers, which GPUs take, too) would be an error on a GPU, where
/// some of LibTorch's own on "meta" let them pass. One at a time.
class DeviceWatch {
 public:
  DeviceWatch();
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;
  ~DeviceWatch();

  /// Names of operators that took both; copies from one device to the other may.
  static const std::vector<std::string>& mixtures();
  /// Operators that were looked at.
  static int64_t num_operators();

 private:
  uint64_t handle_;
};

}  // namespace maxsimd::training
