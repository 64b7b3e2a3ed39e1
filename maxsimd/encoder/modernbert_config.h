// The part of a ModernBERT config.json (ModernBERT, Ettin) that decides the arithmetic, of both
// forms: transformers 4 (global_rope_theta, local_rope_theta, global_attn_every_n_layers) and
// transformers 5 (rope_parameters and layer_types).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd {

/// Field names are config.json's keys where it has them; defaults are those of transformers'
/// ModernBertConfig for keys that may be missing.
struct ModernBertConfig {
  size_t hidden_size = 0;
  size_t num_hidden_layers = 0;
  size_t num_attention_heads = 0;
  size_t intermediate_size = 0;
  size_t vocab_size = 0;
  size_t max_position_embeddings = 8192;
  std::optional<size_t> pad_token_id;  // below vocab_size
  float norm_eps = 1e-5F;
  bool norm_bias = false;
  bool attention_bias = false;
  bool mlp_bias = false;
  std::vector<bool> is_global;  // [num_hidden_layers]: full attention; else a sliding window
  size_t window = 64;  // local_attention / 2 or sliding_window: a row attends to |i - j| <= window
  float global_rope_theta = 160000.0F;
  float local_rope_theta = 10000.0F;

  size_t head_dim() const { return hidden_size / num_attention_heads; }
};

/// Reads config.json's text; `where` names it in errors. position_embedding_type may be "absolute"
/// or "sans_pos" (Ettin, mmBERT): neither changes anything, positions are rotary in both. Throws
/// FormatError: a missing or senseless value, or a setting this encoder does not have (another
/// hidden_activation, a scaled rope_type, an unknown layer type, attention to the left only).
ModernBertConfig parse_modernbert_config(const std::string& text, const std::string& where);

/// With positions for texts as long as the settings ask for, up to 131,072: rotary positions have
/// no table that ends at max_position_embeddings.
ModernBertConfig cover_lengths(ModernBertConfig config, const ColbertSettings& settings);

/// That of a model folder, with positions for its lengths. Throws FormatError.
ModernBertConfig read_modernbert_config(const Checkpoint& checkpoint);

}  // namespace maxsimd
