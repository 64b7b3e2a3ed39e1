#include "maxsimd/checkpoint/dense.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/split_mix.h"
#include "maxsimd/checkpoint/config_reader.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/weights.h"

namespace maxsimd {
namespace {

struct ActivationRow {
  DenseActivation activation;
  std::string_view path;
};

constexpr std::array<ActivationRow, 6> kActivations = {{
    {DenseActivation::identity, "torch.nn.modules.linear.Identity"},
    {DenseActivation::tanh, "torch.nn.modules.activation.Tanh"},
    {DenseActivation::relu, "torch.nn.modules.activation.ReLU"},
    {DenseActivation::gelu, "torch.nn.modules.activation.GELU"},
    {DenseActivation::sigmoid, "torch.nn.modules.activation.Sigmoid"},
    {DenseActivation::silu, "torch.nn.modules.activation.SiLU"},
}};

std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

// "torch.nn.Tanh" and "torch.nn.modules.activation.Tanh" are the same class.
DenseActivation read_activation(const ConfigReader& config, const ModelModule& module) {
  // The default of the class: PyLate's Dense has Identity, sentence-transformers' Tanh.
  const bool is_pylate = module.type.starts_with("pylate.");
  const std::string path = config.text("activation_function")
                               .value_or(is_pylate ? "torch.nn.Identity" : "torch.nn.Tanh");
  for (const ActivationRow& row : kActivations) {
    if (path.starts_with("torch.nn.") && last_component(path) == last_component(row.path)) {
      return row.activation;
    }
  }
  throw FormatError(config.where() + ": unknown activation_function '" + path +
                    "'; known are Identity, Tanh, ReLU, GELU, Sigmoid and SiLU of torch.nn");
}

size_t required_width(const ConfigReader& config, const std::string& key) {
  const std::optional<size_t> width = config.count(key);
  if (!width.has_value()) config.fail(key, "the width of the Dense module");
  return *width;
}

std::vector<float> load_tensor(const SafetensorsFile& file, const std::string& name,
                               std::initializer_list<size_t> shape) {
  const TensorView* tensor = file.find(name);
  const std::span<const size_t> expected(shape.begin(), shape.size());
  if (tensor == nullptr) {
    throw FormatError(file.path().string() + ": tensor '" + name + "' of shape " +
                      shape_text(expected) + " is missing; the Dense config calls for it");
  }
  return decode_weight(*tensor, expected);
}

// PyLate refuses them: a bias that is not added gives other vectors.
void check_all_used(const SafetensorsFile& file, const DenseLayer& layer) {
  for (const TensorView& tensor : file.tensors()) {
    const bool used = tensor.name == "linear.weight" ||
                      (tensor.name == "linear.bias" && !layer.bias.empty()) ||
                      (tensor.name == "residual.weight" && !layer.residual_weight.empty());
    if (used) continue;
    throw FormatError(tensor_place(tensor) +
                      " is not one that the Dense config calls for; expected linear.weight, " +
                      "linear.bias with \"bias\", residual.weight with \"use_residual\" and "
                      "widths that differ");
  }
}

uint64_t next_random(uint64_t& state) {
  const uint64_t random = split_mix(state);
  state += kSplitMixStep;
  return random;
}

std::vector<float> uniform_values(size_t count, float bound, uint64_t& state) {
  std::vector<float> values(count);
  for (float& value : values) {
    const auto unit = static_cast<float>(next_random(state) >> 40) * 0x1p-24F;  // [0, 1)
    value = (2.0F * unit - 1.0F) * bound;
  }
  return values;
}

}  // namespace

std::string_view activation_path(DenseActivation activation) {
  return std::ranges::find(kActivations, activation, &ActivationRow::activation)->path;
}

DenseLayer read_dense(const std::filesystem::path& folder, const ModelModule& module) {
  const std::filesystem::path place = folder / module.path;
  const ConfigReader config = ConfigReader::read(place / "config.json");
  DenseLayer layer;
  layer.path = module.path;
  layer.in_features = required_width(config, "in_features");
  layer.out_features = required_width(config, "out_features");
  layer.activation = read_activation(config, module);
  layer.use_residual = config.flag("use_residual").value_or(false);
  if (!std::filesystem::exists(place / "model.safetensors")) refuse_missing_weights(place);
  const SafetensorsFile file = SafetensorsFile::open(place / "model.safetensors");
  const size_t in = layer.in_features;
  const size_t out = layer.out_features;
  layer.weight = load_tensor(file, "linear.weight", {out, in});
  if (config.flag("bias").value_or(true)) layer.bias = load_tensor(file, "linear.bias", {out});
  if (layer.use_residual && in != out) {
    layer.residual_weight = load_tensor(file, "residual.weight", {out, in});
  }
  check_all_used(file, layer);
  return layer;
}

DenseLayer make_dense(size_t in_features, size_t out_features, bool bias, uint64_t seed) {
  const float bound = 1.0F / std::sqrt(static_cast<float>(in_features));
  DenseLayer layer;
  layer.path = "new";
  layer.in_features = in_features;
  layer.out_features = out_features;
  layer.weight = uniform_values(out_features * in_features, bound, seed);
  if (bias) layer.bias = uniform_values(out_features, bound, seed);
  return layer;
}

void check_dense_chain(std::span<const DenseLayer> chain, size_t hidden_size,
                       const std::string& where) {
  size_t width = hidden_size;
  for (const DenseLayer& layer : chain) {
    if (width != 0 && layer.in_features != width) {
      throw FormatError(where + ": Dense module '" + layer.path + "' takes " +
                        std::to_string(layer.in_features) + " values, what comes before it gives " +
                        std::to_string(width));
    }
    width = layer.out_features;
  }
}

}  // namespace maxsimd
