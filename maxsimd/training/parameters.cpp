#include "maxsimd/training/parameters.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace maxsimd::training {

at::Tensor Parameters::add(std::string name, at::Tensor values, bool decays) {
  if (!places_.emplace(name, parameters_.size()).second) {
    throw std::invalid_argument("training: two parameters are called '" + name + "'");
  }
  at::Tensor tensor = values.to(device_).requires_grad_(true);
  parameters_.push_back({std::move(name), tensor, decays});
  return tensor;
}

const at::Tensor& Parameters::get(std::string_view name) const {
  const auto place = places_.find(name);
  if (place == places_.end()) {
    throw std::invalid_argument("training: no parameter '" + std::string(name) + "'");
  }
  return parameters_[place->second].tensor;
}

std::vector<at::Tensor> Parameters::gradients() const {
  std::vector<at::Tensor> found;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor& gradient = parameter.tensor.grad();
    if (gradient.defined()) found.push_back(gradient);
  }
  return found;
}

at::Tensor Parameters::gradient_norm() const {
  const c10::NoGradGuard no_grad;
  const std::vector<at::Tensor> found = gradients();
  if (found.empty()) return at::zeros({}, at::TensorOptions(device_));
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(found)));
}

void Parameters::clear_gradients() {
  for (Parameter& parameter : parameters_) parameter.tensor.mutable_grad().reset();
}

at::Tensor tensor_of(const std::vector<float>& values, std::vector<int64_t> shape) {
  at::Tensor out = at::empty(shape, at::kFloat);
  if (static_cast<size_t>(out.numel()) != values.size()) {
    throw std::invalid_argument("training: a tensor of " + std::to_string(out.numel()) +
                                " values was given " + std::to_string(values.size()));
  }
  std::memcpy(out.mutable_data_ptr<float>(), values.data(), values.size() * sizeof(float));
  return out;
}

std::vector<size_t> shape_of(const at::Tensor& tensor) {
  std::vector<size_t> shape;
  for (const int64_t extent : tensor.sizes()) shape.push_back(static_cast<size_t>(extent));
  return shape;
}

// "norm" alone, or at the end of "attn_norm" and "sa_layer_norm", as a component of the name.
bool is_decayed(std::string_view name) {
  const std::string dotted = std::string(".").append(name);
  for (const char* norm : {"LayerNorm", ".norm.", "_norm."}) {
    if (dotted.find(norm) != std::string::npos) return false;
  }
  return !name.ends_with("bias");
}

}  // namespace maxsimd::training
