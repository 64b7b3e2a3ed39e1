// What LibTorch has for GPUs alone, made up for tests: on a CPU the attention kernels by their
// definition, in double precision; on the device "meta", whose tensors have shapes and no values,
// kernels that check where their tensors lie, and a step of AdamW that does. With them every line
// that a GPU runs can run here; a tensor left on the CPU among others of "meta" is an error.
#pragma once

#include <cstdint>

namespace maxsimd::training {

/// How often each kernel was called since the program began, so that a test can say that it was.
struct KernelCalls {
  int64_t flash = 0, memory_efficient = 0, adamw = 0;
};

const KernelCalls& kernel_calls();

}  // namespace maxsimd::training
