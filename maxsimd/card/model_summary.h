// What a card says about the model itself, taken from its folder, and PyLate's printed form of the
// module list. Plain data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"

namespace maxsimd {

struct DenseSummary {
  size_t in_features = 0;
  size_t out_features = 0;
  bool bias = false;
  DenseActivation activation = DenseActivation::identity;
  bool use_residual = false;
};

struct ModelSummary {
  size_t document_length = 0;  // tokens, prefix and special tokens included
  size_t query_length = 0;
  bool has_document_prefix = true;
  bool has_query_prefix = true;
  bool do_lower_case = false;
  std::string architecture;  // the transformers class: "BertModel"
  std::vector<DenseSummary> dense;

  size_t dim() const { return dense.empty() ? 0 : dense.back().out_features; }

  /// What PyLate sets the tokenizer to: one less than the length where a prefix id is put in.
  size_t max_seq_length(TextKind kind) const;
};

/// Throws FormatError when config.json names no architecture.
ModelSummary summarize_model(const Checkpoint& checkpoint);

/// load_checkpoint() and summarize_model(). Throws as they do.
ModelSummary read_model_summary(const std::filesystem::path& folder);

/// str(model) of PyLate 1.6 with sentence-transformers 5.3, without a newline at the end. PyLate's
/// max_seq_length is that of the texts it tokenized last; `kind` says which those were.
std::string architecture_text(const ModelSummary& model, TextKind kind);

}  // namespace maxsimd
