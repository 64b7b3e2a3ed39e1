// The state of LibTorch's default CPU generator, from which dropout is drawn. Any thread.
#pragma once

#include <ATen/core/Tensor.h>

namespace maxsimd::training {

/// A copy, [bytes] uint8.
at::Tensor random_state();

/// Puts the generator where it was when random_state() gave this.
void set_random_state(const at::Tensor& state);

}  // namespace maxsimd::training
