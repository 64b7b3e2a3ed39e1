// The part of a config.json that decides the arithmetic, of BERT and of the architectures that are
// BERT under other names:
//   bert        Devlin et al. 2019
//   roberta     RoBERTa (Liu et al. 2019), XLM-RoBERTa (Conneau et al. 2020), CamemBERT: positions
//               are counted from the padding id on
//   distilbert  DistilBERT (Sanh et al. 2019): no token types; other keys and tensor names
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace maxsimd {

enum class BertFamily { bert, roberta, distilbert };

/// The family of a config.json's model_type; nothing for one that is no BERT.
std::optional<BertFamily> bert_family(std::string_view model_type);

/// Field names are the keys of BERT's config.json.
struct BertConfig {
  std::string model_type = "bert";
  BertFamily family = BertFamily::bert;
  size_t hidden_size = 0;
  size_t num_hidden_layers = 0;
  size_t num_attention_heads = 0;
  size_t intermediate_size = 0;
  size_t vocab_size = 0;
  size_t max_position_embeddings = 0;  // rows of the position table
  size_t type_vocab_size = 2;          // 0: the architecture has no token types
  float layer_norm_eps = 1e-12F;
  std::optional<size_t> pad_token_id;  // below vocab_size; a roberta has one

  size_t head_dim() const { return hidden_size / num_attention_heads; }
  /// The longest sequence: a roberta never uses the first rows of its position table.
  size_t max_length() const {
    return family == BertFamily::roberta ? max_position_embeddings - *pad_token_id - 1
                                         : max_position_embeddings;
  }
};

/// Reads config.json's text; `where` names it in errors. A DistilBERT's sizes may have BERT's
/// names, too. Without model_type it is a BERT. Throws FormatError: a missing or senseless value,
/// or a setting these encoders do not have (an activation other than gelu, relative positions,
/// attention to the left only).
BertConfig parse_bert_config(const std::string& text, const std::string& where);

/// The row of the position table for each token of one sequence, asked in order. In a roberta
/// tokens are counted from pad_token_id + 1 on; one that is the padding token itself is not
/// counted and has row pad_token_id, as transformers' create_position_ids_from_input_ids does.
class PositionCounter {
 public:
  explicit PositionCounter(const BertConfig& config)
      : padding_(config.family == BertFamily::roberta ? static_cast<int64_t>(*config.pad_token_id)
                                                      : -1),
        next_(static_cast<size_t>(padding_ + 1)) {}

  size_t next(int64_t id) { return id == padding_ ? static_cast<size_t>(id) : next_++; }

 private:
  int64_t padding_;  // an id that is not counted; -1: none
  size_t next_;
};

}  // namespace maxsimd
