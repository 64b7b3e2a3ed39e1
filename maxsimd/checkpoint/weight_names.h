// How checkpoints name the same encoder tensor: with a prefix ("bert.", "model.") left by the head
// they were saved with, and LayerNorm.gamma/beta in files converted from TensorFlow.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "maxsimd/checkpoint/safetensors.h"

namespace maxsimd {

/// The prefix of the encoder's tensors, found by where the token embedding table lies. "" when
/// there is none or no such table. Throws FormatError when two prefixes would do.
std::string find_weight_prefix(std::span<const TensorView> tensors);

/// Whether a canonical name is that of the token embedding table.
bool is_token_table(std::string_view name);

/// "LayerNorm.weight" -> "LayerNorm.gamma", "LayerNorm.bias" -> "LayerNorm.beta" at the end of the
/// name; nothing for other names.
std::optional<std::string> old_layer_norm_name(std::string_view name);

/// The canonical name of an encoder tensor; nothing for a tensor that is no part of the encoder
/// (another head, a buffer).
std::optional<std::string> canonical_weight_name(std::string_view name, std::string_view prefix);

}  // namespace maxsimd
