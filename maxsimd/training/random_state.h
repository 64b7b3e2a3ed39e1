// The state of LibTorch's default CPU generator, from which dropout is drawn. Any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace maxsimd::training {

/// A copy, [bytes] uint8.
at::Tensor random_state();

/// Puts the generator where it was when random_state() gave this.
void set_random_state(const at::Tensor& state);

/// The next 64 bits of the generator: at::manual_seed() repeats them.
uint64_t draw_seed();

/// Puts the generator back at the end to where it was.
class KeepRandomState {
 public:
  KeepRandomState() : state_(random_state()) {}
  KeepRandomState(const KeepRandomState&) = delete;
  KeepRandomState& operator=(const KeepRandomState&) = delete;
  ~KeepRandomState() { set_random_state(state_); }

 private:
  at::Tensor state_;
};

}  // namespace maxsimd::training
