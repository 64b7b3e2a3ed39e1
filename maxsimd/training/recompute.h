// Gradient checkpointing: a layer's activations are worked out anew in the backward pass instead of
// being kept (Chen, Xu, Zhang and Guestrin 2016). One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace maxsimd::training {

/// f(x), of which only x is kept for the backward pass; f runs a second time there, with dropout
/// drawn from LibTorch's default generator as the first time. Gradients go to x, which must require
/// one, and to the leaves that f uses; they are those of f(x). Must not be differentiated twice.
at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> f);

}  // namespace maxsimd::training
