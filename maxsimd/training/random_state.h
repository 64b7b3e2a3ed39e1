// The states of LibTorch's default generators, from which dropout and noise are drawn: on a CPU
// one, on a GPU its own besides. Any thread.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

namespace maxsimd::training {

/// Copies, [bytes] uint8 on the CPU.
struct RandomState {
  at::Tensor cpu;
  at::Tensor cuda;  // undefined: the device is no GPU
};

RandomState random_state(at::Device device = at::kCPU);

/// Puts the generators where they were when random_state() gave this; that of a GPU stays where it
/// is when the state has none.
void set_random_state(const RandomState& state, at::Device device = at::kCPU);

/// The next 64 bits of the CPU's generator: at::manual_seed() repeats them.
uint64_t draw_seed();

/// Puts the generators back at the end to where they were.
class KeepRandomState {
 public:
  explicit KeepRandomState(at::Device device) : device_(device), state_(random_state(device)) {}
  KeepRandomState(const KeepRandomState&) = delete;
  KeepRandomState& operator=(const KeepRandomState&) = delete;
  ~KeepRandomState() { set_random_state(state_, device_); }

 private:
  at::Device device_;
  RandomState state_;
};

}  // namespace maxsimd::training
