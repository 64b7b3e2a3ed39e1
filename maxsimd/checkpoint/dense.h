// The projection of a ColBERT model: Dense modules in a chain, hidden size -> embedding dimension.
// Follows pylate/models/Dense.py of PyLate 1.6. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/checkpoint/modules.h"

namespace maxsimd {

enum class DenseActivation { identity, tanh, relu, gelu, sigmoid, silu };

/// One Dense module: y = activation(W x + b) [+ residual]. H = in_features, D = out_features.
struct DenseLayer {
  std::string path;  // "1_Dense", or where else it came from
  size_t in_features = 0;
  size_t out_features = 0;
  std::vector<float> weight;  // [D, H]
  std::vector<float> bias;    // [D] or empty
  DenseActivation activation = DenseActivation::identity;
  bool use_residual = false;           // y += x, or residual_weight x when H != D
  std::vector<float> residual_weight;  // [D, H] or empty
};

/// The class PyLate's Dense config names ("torch.nn.modules.activation.Tanh").
std::string_view activation_path(DenseActivation activation);

/// Reads FOLDER/PATH: config.json and model.safetensors. Throws FormatError (an unknown activation,
/// a missing width, a tensor of another shape) and IoError.
DenseLayer read_dense(const std::filesystem::path& folder, const ModelModule& module);

/// A new Dense without activation, weights (and bias) from U(-1/sqrt(H), 1/sqrt(H)) as torch's
/// Linear; the same numbers for the same seed and sizes on every machine.
DenseLayer make_dense(size_t in_features, size_t out_features, bool bias, uint64_t seed);

/// Throws FormatError when a layer does not take what the one before gives (`hidden_size` first;
/// 0 = unknown). `where` starts the message.
void check_dense_chain(std::span<const DenseLayer> chain, size_t hidden_size,
                       const std::string& where);

}  // namespace maxsimd
