// The part of a BERT config.json that decides the arithmetic.
#pragma once

#include <cstddef>
#include <string>

namespace maxsimd {

/// Field names are config.json's keys.
struct BertConfig {
  size_t hidden_size = 0;
  size_t num_hidden_layers = 0;
  size_t num_attention_heads = 0;
  size_t intermediate_size = 0;
  size_t vocab_size = 0;
  size_t max_position_embeddings = 0;
  size_t type_vocab_size = 2;
  float layer_norm_eps = 1e-12F;

  size_t head_dim() const { return hidden_size / num_attention_heads; }
};

/// Reads config.json's text; `where` names it in errors. Throws FormatError: a missing or senseless
/// value, or a setting this encoder does not have (hidden_act other than gelu, relative positions).
BertConfig parse_bert_config(const std::string& text, const std::string& where);

}  // namespace maxsimd
