// The trainable tensors of a model, float32, under the names they have in the checkpoint:
// "embeddings.word_embeddings.weight", ..., and "1_Dense.linear.weight" for the projections.
// One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd::training {

struct Parameter {
  std::string name;
  at::Tensor tensor;   // float32, a leaf that requires a gradient
  bool decays = true;  // weight decay applies: not a bias, not a layer norm
};

class Parameters {
 public:
  /// They lie on this device.
  explicit Parameters(at::Device device = at::kCPU) : device_(device) {}

  /// Adds a parameter with these values; names must be new. Returns the tensor.
  at::Tensor add(std::string name, at::Tensor values, bool decays);

  const at::Tensor& get(std::string_view name) const;  // throws std::invalid_argument
  const std::vector<Parameter>& all() const { return parameters_; }
  at::Device device() const { return device_; }

  /// Sum of squares of all gradients, square root taken; parameters without one count as 0. [] on
  /// the device.
  at::Tensor gradient_norm() const;
  /// The gradients there are.
  std::vector<at::Tensor> gradients() const;
  void clear_gradients();

 private:
  at::Device device_;
  std::vector<Parameter> parameters_;
  std::map<std::string, size_t, std::less<>> places_;
};

/// A copy of float values as a tensor of this shape.
at::Tensor tensor_of(const std::vector<float>& values, std::vector<int64_t> shape);

/// A tensor's shape as the files of a checkpoint have it.
std::vector<size_t> shape_of(const at::Tensor& tensor);

/// Whether Hugging Face's trainer decays a parameter of this name (transformers 4.48:
/// Trainer.get_decay_parameter_names): everything but biases and layer norms.
bool is_decayed(std::string_view name);

}  // namespace maxsimd::training
